// The référent·e sees each edit as it happens.

import assert from 'node:assert/strict';
import { story } from '../harness/story.mjs';
import { within } from '../harness/until.mjs';

const PLACE = 'Médiathèque de Muel';
/** What the issue asks for: a line within the second of the edit's acknowledgement. */
const AT_ONCE_MS = 1_000;

// Goal: the direct feed shows each edit within the second. Method: watch both pages from inside: when the writer is
// told that it is saved, and when the référente's feed shows it; both read the same clock.
story('the feed shows each edit within the second', async ({ comes, says }) => {
  const [rose, amina] = await Promise.all([comes('Rose', 'referent'), comes('Amina')]);
  await amina.adds(PLACE);
  await amina.seesSafe();
  await rose.goesTo('Bureau');
  await rose.sees(PLACE);
  const took = [];
  for (const value of ['02 99 07 00 01', '02 99 07 00 02', '02 99 07 00 03']) {
    const shown = within(`the feed shows ${value}`, whenShown(rose.page, value));
    await amina.sets(PLACE, 'Téléphone', value);
    await amina.seesSafe();
    const safe = Date.now();
    took.push((await shown) - safe);
  }
  says(`the feed's line came ${took.map(Math.round).join(', ')} ms after the writer was told that it is saved`);
  assert.ok(took.every((ms) => ms <= AT_ONCE_MS), `${took} ms`);
});

// Goal: the feed misses nothing while the référente is away, and tells nothing twice. Method: cut her line, edit, mend.
story('the feed catches up after an absence, without gap or double', async ({ comes }) => {
  const [rose, amina] = await Promise.all([comes('Rose', 'referent'), comes('Amina')]);
  await amina.adds(PLACE);
  await rose.goesTo('Bureau');
  await rose.sees(PLACE);
  rose.goesOffline();
  await rose.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Téléphone', '02 99 07 00 09');
  await amina.sets(PLACE, 'Adresse', '9 rue du Puits');
  await amina.seesSafe();
  rose.comesOnline();
  await rose.sees('02 99 07 00 09');
  await rose.sees('9 rue du Puits');
  const text = await rose.page.getByRole('main').innerText();
  assert.equal(text.split('02 99 07 00 09').length - 1, 1, text);
});

/** When a text first stands on a page, by the machine's clock. */
function whenShown(page, text) {
  return page.evaluate(
    (wanted) =>
      new Promise((done) => {
        const look = () => document.body.innerText.includes(wanted) && (done(Date.now()), true);
        if (look()) return;
        const watcher = new MutationObserver(() => look() && watcher.disconnect());
        watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
    text,
  );
}
