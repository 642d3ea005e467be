// A state of a page, looked at in every width: axe finds nothing, nothing sticks out.

import { complaints, painted, sticksOut } from './axe.mjs';

const DESKTOP = { width: 1280, height: 800 };
/** 1280 × 800 at 200 %: what is left for the page, in its own pixels. */
const ZOOMED = { width: 640, height: 400 };
const NARROW = { width: 320, height: 640 };
/** @type {{ size: { width: number, height: number }, scheme: 'light' | 'dark' }[]} */
const LOOKS = [
  { size: ZOOMED, scheme: 'light' },
  { size: NARROW, scheme: 'dark' },
  { size: DESKTOP, scheme: 'light' },
];
/** Where a list that grows as it is read is high enough. */
const HIGHEST = 8_000;

/**
 * Looks at a state in each width, and with axe in both layouts and both colour schemes; gives what is wrong with it.
 *
 * @param {import('./person.mjs').Person} person
 * @param {string} state what it is called in what is given
 * @returns {Promise<string[]>}
 */
export async function wrong({ page }, state) {
  const found = [];
  const note = (size, scheme, what) => found.push(`${state}, ${size.width} px, ${scheme}: ${what}`);
  for (const { size, scheme } of LOOKS) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    for (const what of await sticksOut(page)) note(size, scheme, what);
    if (size === ZOOMED) continue;
    await showsWhole(page, size);
    for (const what of await complaints(page)) note(size, scheme, what);
    await page.setViewportSize(size);
  }
  return found;
}

/** Makes the window as high as the page: what is half under the bar of places only needs to be scrolled. */
async function showsWhole(page, { width, height }) {
  // Cards that come into sight may be higher than they were thought to be.
  for (let round = 0; round < 3; round += 1) {
    await painted(page);
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.min(HIGHEST, Math.max(height, whole)) });
  }
}
