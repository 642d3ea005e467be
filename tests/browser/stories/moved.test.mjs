// A territory that goes on in another document, because something was erased: browsers follow with what they had not sent.

import assert from 'node:assert/strict';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Mairie de Quédillac';
const SECRET = '02 99 06 66 66';

/** What a browser keeps of documents: their ids, and whether a text stands in one. */
const kept = (page, text) =>
  page.evaluate(async (wanted) => {
    const request = indexedDB.open('portrea', 1);
    await new Promise((done) => (request.onsuccess = done));
    const all = request.result.transaction('documents').objectStore('documents').getAll();
    await new Promise((done) => (all.onsuccess = done));
    request.result.close();
    const found = all.result.some(({ binary }) => new TextDecoder('latin1').decode(binary).includes(wanted));
    return { ids: [...new Set(all.result.map(({ key }) => key[0]))].filter((id) => id.length > 20 && !id.includes('-')), found };
  }, text);

// Goal: nothing that was not sent is lost, and nothing that was erased stays in the browser. Method: one person is offline
// with two edits while a référent·e erases a phone number; another looks on.
story('browsers follow to the new document with what they had not sent', async ({ server, comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.sets(PLACE, 'Téléphone', SECRET);
  await amina.seesSafe();
  const bruno = await comes('Bruno');
  const rose = await comes('Rose', 'referent');
  await rose.looksAt(PLACE);
  await rose.sees(SECRET);
  const before = await kept(amina.page, SECRET);
  assert.equal(before.ids.length, 1);
  await amina.goesOffline();
  await amina.sets(PLACE, 'Site web', 'https://quedillac.example.org/');

  const [structure] = [...(await server.structures()).values()].filter(({ name }) => name === PLACE);
  const status = await rose.page.evaluate(
    async ([territory, id]) => {
      const body = JSON.stringify({ value: { structure: id, path: 'phone' } });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`/api/v1/territories/${territory}/purge`, { method: 'POST', headers, body })).status;
    },
    [server.territory, structure.id],
  );
  assert.equal(status, 200);
  await bruno.sees('Quelque chose a été effacé de l’annuaire');
  await bruno.seesSafe();

  amina.comesOnline();
  await amina.sees('Quelque chose a été effacé de l’annuaire');
  await amina.sees('1 modification pas encore envoyée a suivi.');
  await amina.seesSafe();
  const after = await until('the website is on the server', async () => {
    const found = (await server.structures()).get(PLACE);
    return found.website === 'https://quedillac.example.org/' ? found : null;
  });
  assert.equal(after.phone ?? null, null);
  await amina.button('J’ai compris').click();

  // It stays there: also after the browser was closed, and for what is written next.
  await amina.comesBack();
  await amina.looksAt(PLACE);
  await amina.sets(PLACE, 'Téléphone', '02 99 06 20 00');
  await amina.seesSafe();
  await bruno.looksAt(PLACE);
  await bruno.sees('02 99 06 20 00');
  const now = await kept(amina.page, SECRET);
  assert.deepEqual([now.ids.length, now.found, now.ids[0] === before.ids[0]], [1, false, false]);
});
