/** Numbers as people type them: a decimal comma in French (a point too), a decimal point in English. */

/** More decimals than that are not shown, nor kept by a step. */
export const DECIMALS_MAX = 6;

/** « 1 200,5 », with any blank between thousands. */
const FRENCH = /^[+-]?(\d+|\d{1,3}( \d{3})+)?([.,]\d*)?$/;
/** "1,200.5"; a comma stands between thousands alone. */
const ENGLISH = /^[+-]?(\d+|\d{1,3}([ ,]\d{3})+)?(\.\d*)?$/;

/** The number that was typed; `null` where it is none, or one that cannot be told for sure. */
export function numberOf(typed: string, language: 'fr' | 'en'): number | null {
  const text = typed.trim().replace(/\s/gu, ' ').replace('−', '-');
  if (!/\d/.test(text) || !(language === 'fr' ? FRENCH : ENGLISH).test(text)) return null;
  const plain = language === 'fr' ? text.replace(',', '.') : text.replaceAll(',', '');
  return Number(plain.replaceAll(' ', ''));
}

/** A number that is nudged by a step, within its bounds and on the step's decimals. */
export function stepped(value: number | null, by: number, { least, most }: { least: number; most: number }): number {
  const next = value === null ? least : value + by;
  return Math.min(Math.max(Number(next.toFixed(DECIMALS_MAX)), least), most);
}
