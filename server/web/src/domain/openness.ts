/** Whether a place is open, by intervals that somebody compiled: in milliseconds, apart from each other, in order. */

export type Intervals = readonly (readonly [number, number])[];

/** `until`: when it closes, while open; `next`: when it opens next, as far as the intervals go. */
export type Openness = { open: true; until: number } | { open: false; next: number | null };

export function opennessAt(intervals: Intervals, now: number): Openness {
  // Halving finds the first that ends after now: months of hours for thousands of places are asked at each keystroke.
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((intervals[middle]?.[1] ?? Infinity) > now) high = middle;
    else low = middle + 1;
  }
  const found = intervals[low];
  if (found === undefined) return { open: false, next: null };
  const [from, until] = found;
  return from <= now ? { open: true, until } : { open: false, next: from };
}
