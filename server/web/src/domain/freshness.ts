/**
 * How long ago a record was last checked, which is not when it was last edited. Tolerant of clocks: a confirmation from
 * the future is the author's clock or ours being wrong, and is told as such; nothing is hidden for its age.
 */
import type { ConfirmedFields } from './generated/schema';
import { instantOf } from './instant';

/** `check`: to be checked again. */
export type Freshness = 'fresh' | 'check' | 'old' | 'never';

/** When it was confirmed and what that means. */
export interface Checked {
  state: Freshness;
  /** Milliseconds since 1970 by the author's clock; `null` when it never was, or when nobody can read it. */
  at: number | null;
  /** It stands in the future, by more than clocks differ. */
  future: boolean;
}

export const FRESH_MONTHS = 6;
export const OLD_MONTHS = 12;
/** Clocks of honest devices differ by less. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** What a confirmation says at a moment. Months are the calendar's: six months after 31 August is the end of February. */
export function checked(confirmed: ConfirmedFields | null, now: number): Checked {
  const at = confirmed?.at === undefined ? null : instantOf(confirmed.at);
  if (at === null) return { state: 'never', at: null, future: false };
  const state = now > monthsAfter(at, OLD_MONTHS) ? 'old' : now > monthsAfter(at, FRESH_MONTHS) ? 'check' : 'fresh';
  return { state, at, future: at > now + CLOCKS_DIFFER_MS };
}

/** The state alone. */
export function freshness(confirmed: ConfirmedFields | null, now: number): Freshness {
  return checked(confirmed, now).state;
}

function monthsAfter(ms: number, months: number): number {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  // A day that the month does not have runs into the next one.
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}
