// A browser that keeps nothing (private mode, a full disk, a policy of the house) says so, and works while it is open.

import assert from 'node:assert/strict';
import { nothingKept } from '../harness/front.mjs';
import { story } from '../harness/story.mjs';

const PLACE = 'Relais de Boisgervilly';
/** Chromium's own setting « Bloquer tous les cookies »: no cookie, no storage, no shared and no service worker. */
const BLOCKED = { profile: { default_content_setting_values: { cookies: 2 } } };

// Goal: with site data blocked in Chromium's settings, the app says so and works while it is open. Method: the real
// setting, which holds in workers too; write with and without network.
story('a browser that blocks all storage says so and still works', async ({ server, comes }) => {
  const amina = await comes('Amina', 'contributor', { preferences: BLOCKED });
  // How the app finds out that the browser keeps no cookie: it asks once who it is.
  amina.browser.expects(/status of 401 .*\/api\/v1\/me\)/);
  await works(amina, server);
});

// Goal: the same where IndexedDB alone is refused, as in some private modes. Method: every script served, those of
// workers included, finds an IndexedDB that throws, and no SharedWorker.
story('a browser that refuses IndexedDB says so and still works', async ({ server, comes, front }) => {
  const amina = await comes('Amina', 'contributor', { through: await front(nothingKept()) });
  await works(amina, server);
});

async function works(amina, server) {
  await amina.sees('Ce navigateur ne garde rien');
  await amina.adds(PLACE);
  await amina.sets(PLACE, 'Téléphone', '02 99 06 30 00');
  await amina.seesSafe();
  assert.equal((await server.structures()).get(PLACE).phone, '02 99 06 30 00');
  amina.goesOffline();
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Adresse', '2 place de l’Église');
  await amina.seesChip(/^Hors ligne · 1 modification .*onglet/);
  amina.comesOnline();
  await amina.seesSafe();
  assert.equal((await server.structures()).get(PLACE).address, '2 place de l’Église');
}
