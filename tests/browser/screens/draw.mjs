// Draws every place in every state into docs/screens, on a phone (360 px) and on a desktop (1,280 px), some by night and
// some at 200 %. Real territories are drawn when they are named. `node screens/draw.mjs NAME…` draws the acts whose names begin so. Look at what you drew.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { painted } from '../harness/axe.mjs';
import { ROOT } from '../harness/programs.mjs';
import { acts } from './acts.mjs';
import { hasData, Stage } from './stage.mjs';

const SHOWN = join(ROOT, 'docs/screens');
/** Where real territories are drawn: to be looked at, not to be shown. */
const ASIDE = join(ROOT, 'target/screens');
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };
/** A desktop at 200 %: half as many of the page's own pixels, each twice as large. */
const ZOOMED = { width: 640, height: 400 };
/** A phone's page is drawn as if the phone were high: it is scrolled, and all of it should be looked at. */
const HIGHEST = 2_200;

/** @typedef {{ night?: boolean, zoom?: boolean, top?: boolean, at?: import('playwright-core').Locator }} Extra `at`: what stands at the top */

/** Draws what a person sees, in every size. */
function drawer(drawn, folder) {
  /**
   * @param {import('../harness/person.mjs').Person} person
   * @param {string} name
   * @param {Extra} [extra]
   */
  return async (person, name, { night = false, zoom = false, top = true, at } = {}) => {
    const { page } = person;
    const shoot = async (size, suffix, scheme) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      if (top) await page.evaluate(() => scrollTo(0, 0));
      if (size === PHONE) {
        await painted(page);
        const whole = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ ...size, height: Math.min(HIGHEST, Math.max(size.height, whole)) });
      }
      // The map and the fonts settle before the picture is taken.
      await page.evaluate(() => document.fonts.ready);
      await painted(page);
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      if (at !== undefined) await at.evaluate((element) => element.scrollIntoView());
      const file = `${name}-${suffix}.png`;
      await page.screenshot({ path: join(folder, file), caret: 'hide', animations: 'disabled' });
      drawn.push(file);
    };
    await shoot(PHONE, '360', 'light');
    await shoot(DESKTOP, '1280', 'light');
    if (night) {
      await shoot(PHONE, '360-nuit', 'dark');
      await shoot(DESKTOP, '1280-nuit', 'dark');
    }
    if (zoom) await shoot(ZOOMED, '1280-200', 'light');
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.setViewportSize(DESKTOP);
  };
}

const wanted = process.argv.slice(2);
const chosen = acts.filter(({ name, real }) => (wanted.length === 0 ? !real : wanted.some((start) => name.startsWith(start))));
if (chosen.length === 0) {
  process.stderr.write(`no act begins so; there are: ${acts.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
if (wanted.length === 0) await rm(SHOWN, { recursive: true, force: true });
for (const folder of [SHOWN, ASIDE]) await mkdir(folder, { recursive: true });
const drawn = [];
let failed = 0;
for (const { name, play, set, real = false } of chosen) {
  if (real && !hasData) {
    process.stdout.write(`${name}: not drawn, there is no ../shared/data beside this checkout\n`);
    continue;
  }
  process.stdout.write(`${name} …\n`);
  const stage = await Stage.open(set);
  try {
    await play(stage, drawer(drawn, real ? ASIDE : SHOWN));
  } catch (error) {
    failed += 1;
    process.stderr.write(`${name}: ${error.stack}\n`);
  } finally {
    await stage.close();
  }
}
process.stdout.write(`${drawn.length} pictures in docs/screens and target/screens\n`);
process.exit(failed === 0 ? 0 : 1);
