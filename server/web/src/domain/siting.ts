/** Where permanences would help: the question as it is put, and what its answer says side by side. */
import type { TerritoryPortrait } from './generated/portrait';
import type { Family } from './generated/schema';
import type { Demand, Effect, Method, Plan, Proposal } from './generated/study';

export const COUNT_MAX = 10;
/** Hours a week of a permanence: from an hour to a full week. */
export const HOURS = { least: 1, most: 35, step: 0.5 } as const;
export const METHODS: readonly Method[] = ['covering', 'median'];
export const DEMANDS: readonly Demand[] = ['concerned', 'gap', 'population'];

export interface Asked {
  family: Family;
  count: number;
  hours: number;
  minutes: number;
  method: Method;
  demand: Demand;
}

/** The question in an address, always in the same order: two questions are one where their addresses are. */
export function queryOf({ family, count, hours, minutes, method, demand }: Asked): string {
  const said = { family, count: String(count), hours: String(hours), minutes: String(minutes), method, demand };
  return new URLSearchParams(said).toString();
}

/** A commune that a plan chooses: its place in the best plan and in the one made one by one, from 1. */
export interface Choice {
  name: string;
  best: number | null;
  greedy: number | null;
}

/** The communes of both plans, by code. */
export function choices({ best, greedy }: Pick<Proposal, 'best' | 'greedy'>): Record<string, Choice> {
  const found: Record<string, Choice> = {};
  const mark = ({ sites }: Plan, as: 'best' | 'greedy'): void =>
    sites.forEach(({ commune, name }, at) => {
      const known = found[commune] ?? { name, best: null, greedy: null };
      found[commune] = { ...known, [as]: at + 1 };
    });
  mark(best, 'best');
  mark(greedy, 'greedy');
  return found;
}

/** How the plan that is made one by one compares: the same communes, others that give as much, or less. */
export function besides({ best, greedy }: Pick<Proposal, 'best' | 'greedy'>): { kind: 'same' | 'equal' | 'less'; less: number } {
  const codes = ({ sites }: Plan): string => sites.map(({ commune }) => commune).sort().join();
  if (codes(best) === codes(greedy)) return { kind: 'same', less: 0 };
  const less = best.gained - greedy.gained;
  // Half a person is nobody.
  return less < 0.5 ? { kind: 'equal', less: 0 } : { kind: 'less', less };
}

/** One figure before and after. */
export interface Row {
  /** A word under `siting.row_` in the catalogues. */
  word: 'within' | 'hours' | 'access' | 'gap';
  /** Of `within`: the travel time. */
  minutes: number;
  before: number | null;
  after: number | null;
}

/** The figures of a family that permanences move. */
export function beforeAndAfter({ before, after }: Effect, family: Family, thresholds: readonly number[]): Row[] {
  const row = (word: Row['word'], of: (portrait: TerritoryPortrait) => number | null, minutes = 0): Row => ({
    word, minutes, before: of(before), after: of(after),
  });
  return [
    ...thresholds.map((minutes) => row('within', ({ coverage }) => coverage[family][`within${minutes}`]?.concerned ?? null, minutes)),
    row('gap', ({ gap }) => gap[family].people),
    row('hours', ({ offer }) => offer[family].weeklyEadminHours),
    row('access', ({ accessibility }) => accessibility[family].hoursPerThousand),
  ];
}

/** The mean travel time behind person-minutes; `null` where nobody is counted or some reach nothing. */
export function meanMinutes(personMinutes: number | null, people: number): number | null {
  return personMinutes === null || people <= 0 ? null : personMinutes / people;
}
