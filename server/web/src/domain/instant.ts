/**
 * Instants as the document writes them: RFC 3339 in UTC, to the second. Mirrors `protocol/src/time.rs`. Nothing here
 * reads a clock, and nothing is ordered by what it gives: it is some author's clock, right or wrong.
 */

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})[\x20-\x7e](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** The years 0 to 9999, which is what four digits can say. */
const FIRST = -62_167_219_200_000;
const LAST = 253_402_300_799_000;

/** Milliseconds since 1970 of an instant, or of a bare date's midnight in UTC; `null` when it is neither. */
export function instantOf(text: string): number | null {
  const trimmed = trim(text);
  const parts = SHAPE.exec(trimmed.length === 10 ? `${trimmed}T00:00:00Z` : trimmed);
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 60) return null;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, and days past the month's end for the next month.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offset = offsetMinutes(parts[8], parts[9], parts[10]);
  if (offset === null) return null;
  const millis = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  if (second === 60) {
    // A leap second stands at the end of a month, in UTC, and reads as the last moment before it.
    const before = date.getTime() + ((hour * 60 + minute - offset) * 60 + 59) * 1000;
    const next = new Date(before + 1000);
    return next.getUTCDate() === 1 && next.getTime() % 86_400_000 === 0 ? before + 999 : null;
  }
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
}

/** The instant as it is written. One that four digits cannot say is clamped: a wrong clock is shown, never a failure. */
export function writeInstant(ms: number): string {
  const whole = Number.isNaN(ms) ? 0 : Math.floor(ms / 1000) * 1000;
  return `${new Date(Math.min(Math.max(whole, FIRST), LAST)).toISOString().slice(0, 19)}Z`;
}

function offsetMinutes(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number | null {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}

/** Without the white space around it, by Unicode's definition; JavaScript's own is another by two characters. */
export function trim(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}
