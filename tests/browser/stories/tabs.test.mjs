// Several tabs are one device: one document, one connection, one author.

import assert from 'node:assert/strict';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Centre social de Gaël';

// Goal: two tabs see and write the same, with and without network, and are one device to the server. Method: write in
// both, close the first, and ask the server for its connections and for who wrote.
story('two tabs are one device', async ({ server, comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  const second = await amina.opensAnotherTab(new URL(amina.page.url()).pathname);
  const tabs = [second, amina.page];
  await amina.sees(PLACE);
  assert.equal(await connections(server), 1, 'one connection for both tabs');

  amina.page = tabs[0];
  await amina.sets(PLACE, 'Téléphone', '02 99 11 22 33');
  amina.page = tabs[1];
  await amina.sees('02 99 11 22 33');

  amina.goesOffline();
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Adresse', '1 rue du Lavoir');
  amina.page = tabs[0];
  await amina.sees('1 rue du Lavoir');
  await amina.sets(PLACE, 'En bref', 'Près du lavoir');
  await amina.seesChip(/^Hors ligne · 2 modifications gardées sur cet appareil$/);

  // The tab that came first goes; what it wrote stays and is sent by the other.
  await tabs[0].close();
  amina.page = tabs[1];
  await amina.sees('Près du lavoir');
  amina.comesOnline();
  await amina.seesSafe();
  const kept = (await server.structures()).get(PLACE);
  assert.deepEqual([kept.phone, kept.address, kept.summary], ['02 99 11 22 33', '1 rue du Lavoir', 'Près du lavoir']);
  assert.deepEqual(kept.conflicts, [], 'one author never disagrees with themselves');
  assert.equal(await authors(server, 'Amina'), 1, 'both tabs wrote as one device');
});

// Goal: tabs that write the same field in turn never make two answers. Method: ten writes, alternating, without network.
story('two tabs that write one field in turn give one answer', async ({ server, comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  const first = await amina.opensAnotherTab(new URL(amina.page.url()).pathname);
  const tabs = [first, amina.page];
  amina.goesOffline();
  for (let turn = 0; turn < 6; turn += 1) {
    amina.page = tabs[turn % 2];
    await amina.sets(PLACE, 'Téléphone', `02 99 00 00 0${turn}`);
  }
  amina.comesOnline();
  await amina.seesSafe();
  const kept = (await server.structures()).get(PLACE);
  assert.equal(kept.phone, '02 99 00 00 05');
  assert.deepEqual(kept.conflicts, []);
});

/** The websocket connections that the server counts. */
async function connections(server) {
  return until('the server counts its connections', async () => {
    const text = await (await fetch(`http://${server.address}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith('portrea_connections'));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  });
}

/** As how many automerge actors somebody wrote. */
async function authors(server, name) {
  const { authors: all } = await server.read('/authors');
  return Object.values(all).filter((author) => author.name === name).length;
}
