/** Territories side by side: per 1,000 inhabitants, with how far each collection has come. */
import type { Family } from './generated/schema';
import type { Compared } from './generated/study';

/** A territory's row for one help. Figures are `null` where they are missing. */
export interface ComparedRow {
  name: string;
  own: boolean;
  population: number | null;
  /** Share of the communes where a place is known: what the offer is worth depends on it. */
  described: number | null;
  concerned: number | null;
  /** Weekly hours of the help per 1,000 inhabitants. */
  hours: number | null;
  /** Share of the people concerned near such a help, and within how many minutes that is. */
  near: number | null;
  minutes: number;
  gap: number | null;
  /** Services of the help whose hours nobody gave: hours are the least, the gap the most that they can be. */
  unknown: number;
  /** Communes whose need is an estimate. */
  estimated: number;
}

export function rowsOf(territories: readonly Compared[], family: Family): ComparedRow[] {
  return territories.map(({ name, own, figures, perThousand, grades }) => {
    const of = figures.families[family];
    return {
      name, own, population: figures.population,
      described: figures.communes > 0 ? figures.described / figures.communes : null,
      concerned: perThousand.concerned, hours: perThousand.families[family].weeklyHours,
      near: of.reachable[0] ?? null, minutes: figures.thresholdsMinutes[0], gap: perThousand.families[family].gap,
      unknown: of.unknownCapacity, estimated: grades.vulnerability.estimatedCommunes,
    };
  });
}

/** How long the bar of a figure is beside the longest, from 0 to 1; `null` where there is no figure, hence no bar. */
export function barOf(value: number | null, all: readonly (number | null)[]): number | null {
  const most = Math.max(0, ...all.map((one) => one ?? 0));
  return value === null ? null : most === 0 ? 0 : value / most;
}
