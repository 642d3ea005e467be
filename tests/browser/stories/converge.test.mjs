// Several people, one record, at once: nothing is lost, nobody wins in silence, everybody ends with the same.

import assert from 'node:assert/strict';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Médiathèque de Médréac';

// Goal: edits of one record meet, whoever was offline. Method: three browsers and one command edit it at once, one of
// them without network through a reload, while the server dies and comes back; then all four and the server are asked.
story('three browsers and a command edit one record at once, and all converge', async ({ server, comes, device }) => {
  const [rose, amina] = await Promise.all([comes('Rose', 'referent'), comes('Amina')]);
  const [bruno, chloe] = await Promise.all([comes('Bruno'), device('Chloé')]);
  await rose.adds(PLACE);
  await rose.sets(PLACE, 'Description', 'Ouverte à tout le monde.');
  await rose.seesSafe();
  await Promise.all([amina.looksAt(PLACE), bruno.looksAt(PLACE), chloe.sync()]);

  bruno.goesOffline();
  await bruno.seesChip(/^Hors ligne/);
  await bruno.sets(PLACE, 'Téléphone', '02 99 33 33 33');
  await bruno.sets(PLACE, 'Site web', 'https://mediatheque.example.org/');
  await bruno.sets(PLACE, 'Description', 'Ouverte à tout le monde. On y entre par la cour.');

  await Promise.all([
    amina.sets(PLACE, 'Téléphone', '02 99 11 11 11'),
    rose.sets(PLACE, 'En bref', 'Au premier étage'),
    chloe.sets(PLACE, 'postcode', '35360'),
  ]);
  await Promise.all([amina.seesSafe(), rose.seesSafe()]);

  await server.kill();
  await bruno.reloads();
  await bruno.seesChip(/^Hors ligne · \d+ modifications gardées sur cet appareil$/);
  await bruno.sees('02 99 33 33 33');
  await bruno.sets(PLACE, 'Adresse', '3 rue de l’Église');
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Description', 'Une rampe mène à la porte. Ouverte à tout le monde.');
  await chloe.sets(PLACE, 'kind', 'Médiathèque', '--offline');

  await server.restart();
  bruno.comesOnline();
  await Promise.all([rose.seesSafe(), amina.seesSafe(), bruno.seesSafe(), chloe.sync()]);
  await chloe.sync();

  const wanted = [
    'Au premier étage', 'mediatheque.example.org', '3 rue de l’Église', '35360',
    'Une rampe mène à la porte. Ouverte à tout le monde. On y entre par la cour.',
    '02 99 11 11 11', '02 99 33 33 33', 'Deux réponses pour Téléphone',
  ];
  for (const person of [rose, amina, bruno]) {
    await until(`${person.name} has everything`, async () => {
      const read = await person.reads(PLACE);
      const missing = wanted.filter((text) => !read.includes(text));
      return missing.length === 0 ? true : Promise.reject(new Error(`${missing} missing in: ${read}`));
    });
  }
  const kept = (await server.structures()).get(PLACE);
  const own = await chloe.shows(PLACE);
  for (const key of ['name', 'address', 'postcode', 'summary', 'website', 'kind', 'description', 'phone', 'conflicts']) {
    assert.deepEqual(own[key], kept[key], `the command and the server have the same ${key}`);
  }
  assert.equal(kept.kind, 'Médiathèque');

  // One choice settles it for everybody.
  await rose.button('Garder 02 99 33 33 33').click();
  await rose.seesSafe();
  for (const person of [amina, bruno]) {
    await until(`${person.name} sees the choice`, async () => {
      const read = await person.reads(PLACE);
      return !read.includes('Deux réponses') && read.includes('02 99 33 33 33');
    });
  }
});
