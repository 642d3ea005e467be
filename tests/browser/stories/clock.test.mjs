// A device whose clock is wrong by years still works, and is no trouble to others.

import assert from 'node:assert/strict';
import { wrongClock } from '../harness/front.mjs';
import { story } from '../harness/story.mjs';

const YEAR_MS = 31_557_600_000;
const PLACE = 'Espace France services';

// Goal: clocks that are wrong by years, both ways, neither lose nor win edits. Method: every script served, those of
// workers included, reads another time; two such people and one with a right clock write one record, also offline.
story('clocks that are wrong by years lose nothing', async ({ server, comes, front }) => {
  const [early, late] = await Promise.all([front(wrongClock(-26 * YEAR_MS)), front(wrongClock(14 * YEAR_MS))]);
  const [amina, bruno] = await Promise.all([
    comes('Amina', 'contributor', { through: early }),
    comes('Bruno', 'contributor', { through: late }),
  ]);
  const rose = await comes('Rose', 'referent');
  assert.ok((await amina.page.evaluate(() => new Date().getFullYear())) < new Date().getFullYear() - 20);
  await bruno.adds(PLACE);
  await bruno.sets(PLACE, 'Téléphone', '02 99 00 20 40');
  await bruno.seesSafe();

  // Whoever writes later wins, whatever the clocks say: it is what they saw that counts.
  await amina.looksAt(PLACE);
  await amina.sees('02 99 00 20 40');
  await amina.sets(PLACE, 'Téléphone', '02 99 00 20 00');
  await amina.seesSafe();
  await rose.looksAt(PLACE);
  await rose.sees('02 99 00 20 00');

  amina.goesOffline();
  await amina.sets(PLACE, 'Adresse', '4 rue de l’Horloge');
  await amina.reloads();
  await amina.sees('4 rue de l’Horloge');
  amina.comesOnline();
  await amina.seesSafe();
  const kept = (await server.structures()).get(PLACE);
  assert.deepEqual([kept.phone, kept.address, kept.conflicts], ['02 99 00 20 00', '4 rue de l’Horloge', []]);
  // The référente reads what they wrote without being told nonsense.
  await rose.sees('4 rue de l’Horloge');
  assert.doesNotMatch(await rose.reads(PLACE), /il y a 2\d ans|dans 1\d ans/);
});
