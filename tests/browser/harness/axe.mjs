// What axe finds on a page (WCAG 2.2 AA), and what a width of 320 px or a zoom of 200 % breaks.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Every rule of WCAG up to 2.2, levels A and AA, and axe's best practices on headings, landmarks and regions. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let source;

/**
 * What axe finds, each with the elements it concerns.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function complaints(page) {
  source ??= await readFile(AXE, 'utf8');
  await painted(page);
  // Evaluated and not added as an element: the page's Content-Security-Policy stays what it is.
  await page.evaluate(source);
  const { violations } = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }),
    TAGS,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary.split('\n').slice(1).join(';')}`),
  );
}

/** Waits until what was changed is laid out and painted. @param {import('playwright-core').Page} page */
export async function painted(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/**
 * How far the page can be scrolled sideways, and what sticks out; nothing when it fits.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function sticksOut(page) {
  await painted(page);
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > width + 1);
    const named = wide.slice(-3).map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${(one.textContent ?? '').trim().slice(0, 40)}`);
    return [`${document.documentElement.scrollWidth} px wide in ${width} px`, ...named];
  });
}
