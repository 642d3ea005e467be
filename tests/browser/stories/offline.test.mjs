// Without network: what is written stays on the device, says so, can be carried away, and arrives later.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../harness/programs.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Mairie de Quédillac';
/** The library that the app itself uses. */
const automerge = () => createRequire(join(ROOT, 'server/web/package.json'))('@automerge/automerge');

// Goal: a closed browser loses nothing. Method: write without network, close, open again without network, connect.
story('what is written without network survives the browser and arrives', async ({ server, comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  await amina.goesOffline();
  await amina.sets(PLACE, 'Téléphone', '02 99 06 20 00');
  await amina.seesChip(/^Hors ligne · 1 modification gardée sur cet appareil$/);

  await amina.comesBack();
  await amina.seesChip(/^Hors ligne · 1 modification gardée sur cet appareil$/);
  await amina.looksAt(PLACE);
  await amina.sees('02 99 06 20 00');
  await amina.sets(PLACE, 'Site web', 'https://quedillac.example.org/');
  await amina.adds('Café associatif', { commune: 'Quédillac', family: 'Se former' });
  await amina.comesBack();
  await amina.seesChip(/^Hors ligne · \d+ modifications gardées sur cet appareil$/);

  amina.comesOnline();
  await amina.seesSafe();
  const structures = await server.structures();
  assert.equal(structures.get(PLACE).phone, '02 99 06 20 00');
  assert.equal(structures.get(PLACE).website, 'https://quedillac.example.org/');
  assert.equal(structures.get('Café associatif').services[0].family, 'train');
});

// Goal: what waits can be carried away by hand. Method: the file that the device page gives, read by the library.
story('what waits can be exported to a file', async ({ comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  amina.goesOffline();
  await amina.sets(PLACE, 'Téléphone', '02 99 06 20 01');
  await amina.goesToDevice();
  await amina.sees(PLACE);
  const saved = amina.page.waitForEvent('download');
  await amina.button('Exporter dans un fichier').click();
  const download = await saved;
  assert.match(download.suggestedFilename(), /^portrea-modifications-\d{4}-\d{2}-\d{2}\.automerge$/);
  const bytes = new Uint8Array(await readFile(await download.path()));
  const { init, loadIncremental, load } = automerge();
  let held;
  try {
    held = load(bytes);
  } catch {
    held = loadIncremental(init(), bytes);
  }
  assert.match(JSON.stringify(held) + Buffer.from(bytes).toString('latin1'), /02 99 06 20 01/);
  amina.comesOnline();
  await amina.seesSafe();
});

// Goal: a network that takes everything and answers nothing keeps nobody waiting. Method: hold the line, write, let go.
story('a network that answers nothing holds nobody up', async ({ server, comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  amina.browser.line.hold();
  await amina.sets(PLACE, 'Téléphone', '02 99 06 20 02');
  await amina.reloads();
  await amina.looksAt(PLACE);
  await amina.sees('02 99 06 20 02');
  assert.doesNotMatch(await amina.chipSays(), /^Tout est enregistré/);
  amina.browser.line.release();
  await amina.seesSafe();
  assert.equal((await server.structures()).get(PLACE).phone, '02 99 06 20 02');
});

// Goal: "saved" means on the server's disk. Method: kill the server as soon as the chip says so, and look afterwards.
story('what is called saved survives the death of the server', async ({ server, comes }) => {
  const amina = await comes('Amina');
  for (let round = 1; round <= 3; round += 1) {
    const name = `Permanence n° ${round}`;
    await amina.adds(name);
    await amina.seesSafe();
    await server.kill();
    await server.restart();
    assert.ok((await server.structures()).has(name), `${name} is on the disk`);
  }
  await until('the browser is back', async () => (await amina.chipSays()) === 'Tout est enregistré');
});
