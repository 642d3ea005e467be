/**
 * How an estimate is told: two significant digits, for more would promise what nobody knows. The bounds of an interval
 * are rounded as finely as what stands between them. A missing figure stays missing.
 */
import type { Interval } from './generated/portrait';

/** The size of the second digit of a number of people; below ten, one person. */
export function unitOf(people: number): number {
  const exponent = Number(Math.abs(people).toExponential().split('e')[1]);
  return exponent < 1 ? 1 : 10 ** (exponent - 1);
}

/** A number of people, rounded. Somebody is never nobody. */
export function rounded(people: number, unit = unitOf(people)): number {
  const told = Math.round(people / unit) * unit;
  if (told !== 0 || people <= 0) return told;
  return unit === 1 ? 1 : rounded(people);
}

export type Told =
  | { kind: 'interval'; low: number; estimate: number; high: number }
  /** No estimate: some part of it is missing. */
  | { kind: 'bounds'; low: number; high: number }
  | { kind: 'about'; estimate: number }
  | { kind: 'least'; low: number }
  | { kind: 'missing' };

/** What can be said of an interval, in rounded numbers. */
export function told({ low, estimate, high }: Interval): Told {
  const unit = unitOf(estimate ?? low ?? high ?? 0);
  const round = (people: number | null): number | null => (people === null ? null : rounded(people, unit));
  const [from, middle, to] = [round(low), round(estimate), round(high)];
  if (middle !== null) {
    if (from === null || to === null || from === to) return { kind: 'about', estimate: middle };
    return { kind: 'interval', low: from, estimate: middle, high: to };
  }
  if (from === null) return { kind: 'missing' };
  return to === null ? { kind: 'least', low: from } : { kind: 'bounds', low: from, high: to };
}

/** A share in whole percents. Nearly all is not all, and hardly any is not none. */
export function roundedShare(share: number): { percent: number; bound: 'about' | 'above' | 'below' } {
  const percent = Math.round(share * 100);
  if (percent >= 100 && share < 1) return { percent: 99, bound: 'above' };
  if (percent <= 0 && share > 0) return { percent: 1, bound: 'below' };
  return { percent, bound: 'about' };
}
