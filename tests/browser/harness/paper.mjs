// What comes out of « Imprimer », read back from the PDF as a reader would: page by page, where each word stands.

import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { plain } from './person.mjs';

/** The margin of a sheet, in points: `@page` in the app's base.css. */
const MARGIN = (10 / 25.4) * 72;

/**
 * @typedef {{ text: string, left: number, right: number, bottom: number, top: number }} Piece a run of text and its box, in points
 * @typedef {{ text: string, pieces: Piece[], width: number }} Sheet
 */

/** Prints what stands on the page; gives its sheets, and the page's own words as paper shows them. */
export async function printed(person) {
  await person.page.emulateMedia({ media: 'print' });
  const words = plain(await person.page.getByRole('main').innerText());
  const rows = await person.page.getByRole('table').filter({ visible: true }).getByRole('row').allInnerTexts();
  const pdf = await person.page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true });
  await person.page.emulateMedia({ media: 'screen' });
  const sheets = await sheetsOf(pdf);
  return { words, rows: rows.map(plain), sheets, text: sheets.map(({ text }) => text).join(' ') };
}

/** @param {Uint8Array} pdf @returns {Promise<Sheet[]>} */
export async function sheetsOf(pdf) {
  const opened = getDocument({ data: new Uint8Array(pdf), verbosity: 0 });
  try {
    const document = await opened.promise;
    const sheets = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const [left, , right] = page.view;
      const pieces = items.filter(({ str }) => str?.trim()).map(({ str, width, height, transform: [, , , , x, y] }) => ({ text: str, left: x, right: x + width, bottom: y, top: y + height * 0.7 }));
      sheets.push({ text: plain(items.map(({ str, hasEOL }) => (hasEOL ? `${str} ` : (str ?? ''))).join('')), pieces, width: right - left });
    }
    return sheets;
  } finally {
    await opened.destroy();
  }
}

/** Words without the blanks between them: a cell's line ends where it ends, on paper elsewhere than on the screen. */
export const bare = (text) => text.replace(/[\s\u00ad]+/gu, '');

/** What stands beyond a sheet's margins, or over something else: told, none is well. @param {Sheet[]} sheets */
export function misplaced(sheets) {
  return sheets.flatMap(({ pieces, width }, at) => {
    const beyond = pieces.filter(({ left, right }) => left < MARGIN - 1 || right > width - MARGIN + 1);
    const over = pieces.flatMap((one, rank) => pieces.slice(rank + 1).filter((other) => covers(one, other)).map((other) => `« ${one.text} » over « ${other.text} »`));
    return [...beyond.map(({ text }) => `« ${text} » beyond the margin`), ...over].map((what) => `sheet ${at + 1}: ${what}`);
  });
}

/** Whether a good part of the smaller lies under the other. */
function covers(one, other) {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.top, other.top) - Math.max(one.bottom, other.bottom);
  const area = ({ left, right, bottom, top }) => (right - left) * (top - bottom);
  return wide > 0 && high > 0 && wide * high > 0.3 * Math.min(area(one), area(other));
}
