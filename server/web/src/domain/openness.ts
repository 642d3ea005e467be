/** Whether a place is open, until when or from when: its own hours and those of its services together. */
import { isOpenAt, nextChange, type Interval } from './hours';

/** `until`: when it closes, while open; `next`: when it opens next, as far as the intervals go. */
export type Openness = { open: true; until: number | null } | { open: false; next: number | null };

/** By the intervals of each text of hours; open when one of them is. */
export function opennessAt(hours: readonly (readonly Interval[])[], now: number): Openness {
  const open = hours.filter((intervals) => isOpenAt(intervals, now));
  const changes = (open.length > 0 ? open : hours).flatMap((intervals) => nextChange(intervals, now) ?? []);
  return open.length > 0
    ? { open: true, until: changes.length === 0 ? null : Math.max(...changes) }
    : { open: false, next: changes.length === 0 ? null : Math.min(...changes) };
}
