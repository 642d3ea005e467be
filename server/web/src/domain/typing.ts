/**
 * A field while it is being typed: when it is due to be saved, what is written, and whether somebody else wrote
 * meanwhile. Pure: time is handed in, `state/typing.svelte.ts` holds the timer.
 *
 * What is typed is never replaced. For prose, a save carries over only what changed here since the last save, so that
 * somebody else's words elsewhere in the same text are kept.
 */

/** After this long without a keystroke, the field is saved. */
export const PAUSE_MS = 600;
/** Somebody who never pauses is saved anyway. */
export const LONGEST_MS = 5_000;
const KNOWN_MAX = 20;

export interface Typing {
  /** What stands in the input. */
  text: string;
  /** What stood in the input when it was last saved, or opened. */
  saved: string;
  /** What stood when the editing began. */
  origin: string;
  /** What the record was known to hold since then: anything else came from somebody else. */
  known: readonly string[];
  /** When the first and the last keystroke since the last save were made. */
  first: number | null;
  last: number | null;
}

export function begin(text: string): Typing {
  return { text, saved: text, origin: text, known: [text], first: null, last: null };
}

export function typed(typing: Typing, text: string, now: number): Typing {
  return { ...typing, text, first: typing.first ?? now, last: now };
}

/** When it is due to be saved; `null` when there is nothing to save. */
export function dueAt(typing: Typing): number | null {
  if (typing.first === null || typing.last === null || typing.text === typing.saved) return null;
  return Math.min(typing.last + PAUSE_MS, typing.first + LONGEST_MS);
}

/** The text to write, given what the record holds now, and the typing after it. */
export function take(typing: Typing, prose: boolean, current: string): { write: string; next: Typing } {
  const write = prose ? carry(typing.saved, typing.text, current) : typing.text;
  const known = [...typing.known, write].slice(-KNOWN_MAX);
  return { write, next: { ...typing, saved: typing.text, known, first: null, last: null } };
}

/** The text could not be written: it is to be saved again. */
export function untake(typing: Typing, before: Typing): Typing {
  return { ...typing, saved: before.saved };
}

/** The typing after giving up: back to what stood when the editing began. */
export function restored(typing: Typing, now: number): Typing {
  return typed(typing, typing.origin, now);
}

/** Whether the record holds what nobody here wrote. */
export function elsewhere(typing: Typing, current: string): boolean {
  return !typing.known.includes(current) && current !== typing.text;
}

/** Carries the change between two texts over to a third; where both changed the same place, this one stands. */
export function carry(from: string, to: string, onto: string): string {
  if (from === onto || to === onto) return to;
  const mine = changed(from, to);
  const theirs = changed(from, onto);
  const put = to.slice(mine.start, to.length - mine.tail);
  // Mine stands wholly after theirs, or wholly before it; at one point, mine comes after.
  if (mine.start >= from.length - theirs.tail) {
    const shift = onto.length - from.length;
    return onto.slice(0, mine.start + shift) + put + onto.slice(from.length - mine.tail + shift);
  }
  if (from.length - mine.tail <= theirs.start) return onto.slice(0, mine.start) + put + onto.slice(from.length - mine.tail);
  return to;
}

/** The part that differs: what is before it is the same, and so many characters after it. */
function changed(from: string, to: string): { start: number; tail: number } {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail += 1;
  return { start, tail };
}
