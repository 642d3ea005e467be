/** Why a commune stands where it stands: the term that weighs most, and what is said of it. */
import type { Priority, Rank, Term } from './generated/study';

/** The family that puts a commune where it stands; `null` where it has no term at all. */
export function heaviest({ terms }: Pick<Rank, 'terms'>): Term | null {
  return terms.reduce<Term | null>((most, term) => (most === null || term.score > most.score ? term : most), null);
}

/** What is said of the way to the nearest place. */
export type Nearness = 'here' | 'near' | 'none';

export function nearness({ minutesToNearest }: Pick<Term, 'minutesToNearest'>): Nearness {
  if (minutesToNearest === null) return 'none';
  // A place at the commune's own point, or a walk from it.
  return minutesToNearest < 1 ? 'here' : 'near';
}

/** Whether every weight is the same: the score is a number of people then. */
export function isEven({ weights }: Pick<Priority, 'weights'>): boolean {
  return Object.values(weights).every((weight) => weight === 1);
}
