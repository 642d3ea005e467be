// A new version of the app never loses edits, and waits until people agree.

import assert from 'node:assert/strict';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';
import { MARK, serveAnotherVersion } from '../harness/version.mjs';

const PLACE = 'Cyberbase de Plumaugat';

// Goal: edits that wait outlive a new version of the app. Method: write where the server takes no edits but serves
// files, serve another version (other names, another engine, another service worker), take it, and let edits through.
story('a new version of the app loses no edit', async ({ server, front, comes }) => {
  const through = await front(({ text }) => text);
  const amina = await comes('Amina', 'contributor', { through });
  await amina.adds(PLACE);
  await amina.seesSafe();
  await controlled(amina);
  const other = await amina.opensAnotherTab(new URL(amina.page.url()).pathname);
  const mine = amina.page;
  await amina.sees(PLACE);

  // From here on the server is deaf to devices.
  amina.browser.line.wasCut = true;
  through.deaf = (path) => /^\/(api|sync)/.test(path);
  amina.browser.line.offline();
  amina.browser.line.online();
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Téléphone', '02 96 86 00 01');
  await amina.seesChip(/^Hors ligne · 1 modification gardée sur cet appareil$/);

  await serveAnotherVersion(through);
  await amina.reloads();
  assert.equal(await isOther(mine), false, 'nobody is moved to a new version unasked');
  await amina.sees('02 96 86 00 01');
  await amina.button('Passer à la nouvelle version').click();
  await until('the page is of the new version', () => isOther(mine));
  await amina.seesChip(/^Hors ligne · 1 modification gardée sur cet appareil$/);
  await amina.looksAt(PLACE);
  await amina.sees('02 96 86 00 01');
  await amina.sets(PLACE, 'Adresse', '5 rue du Stade');

  // The tab that was open beside it, old or new by now, sees it and writes too.
  amina.page = other;
  await amina.looksAt(PLACE);
  await amina.sees('5 rue du Stade');
  await amina.sets(PLACE, 'En bref', 'Écrit dans l’autre onglet');
  amina.page = mine;
  await amina.sees('Écrit dans l’autre onglet');

  through.deaf = () => false;
  await amina.seesSafe();
  const kept = await until('the server has all three', async () => {
    const found = (await server.structures()).get(PLACE);
    return found.phone && found.address && found.summary ? found : null;
  });
  assert.deepEqual(
    [kept.phone, kept.address, kept.summary, kept.conflicts],
    ['02 96 86 00 01', '5 rue du Stade', 'Écrit dans l’autre onglet', []],
  );
});

function isOther(page) {
  return page.evaluate((mark) => document.querySelector(`meta[name="${mark}"]`) !== null, MARK);
}

/** Waits until the service worker has the app. */
async function controlled({ page }) {
  await until('the app is kept on the device', () =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === 'activated'),
  );
}
