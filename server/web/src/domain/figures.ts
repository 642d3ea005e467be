/**
 * The portrait as pages show it: the headline with its interval, a row a family with need and offer, the classes of a
 * choropleth. A missing figure stays `null` and is never read as 0; nothing is computed that the server did not.
 */
import type { CommunePortrait, FamilyOffer, Portrait, TerritoryPortrait } from './generated/portrait';
import { FAMILIES, type Family } from './generated/schema';

/** The people concerned, from the least to the most there may be. */
export interface Headline {
  low: number | null;
  estimate: number | null;
  high: number | null;
  population: number | null;
  /** The estimate over the population, from 0 to 1. */
  share: number | null;
  /** How many communes lack the figure. */
  missing: number;
}

export function headline({ territory }: Pick<Portrait, 'territory'>): Headline {
  const { low, estimate, high } = territory.need.vulnerability;
  const { population, missing } = territory;
  const share = estimate === null || population === null || population <= 0 ? null : estimate / population;
  return { low, estimate, high, population, share, missing: missing.vulnerability };
}

/** What is needed and what is offered for one family. */
export interface FamilyRow {
  family: Family;
  /** People concerned. */
  need: number | null;
  /** Of these, beyond what the accessible capacity serves. */
  gap: number | null;
  /** The gap over the need, from 0 to 1; a territory's own share is over the communes that have a gap. */
  gapShare: number | null;
  offer: FamilyOffer;
  /** Services are known, and nobody says how much help they give. */
  capacityUnknown: boolean;
}

/** One row a family, in the method's order. */
export function familyRows(portrait: TerritoryPortrait | CommunePortrait): FamilyRow[] {
  return FAMILIES.map((family) => {
    const [offer, gap, need] = [portrait.offer[family], portrait.gap[family], portrait.concerned];
    const own = 'share' in gap ? gap.share : null;
    const gapShare = own ?? (gap.people === null || need === null || need <= 0 ? null : Math.min(gap.people / need, 1));
    const capacityUnknown = offer.services > 0 && offer.weeklyEadminHours === null;
    return { family, need, gap: gap.people, gapShare, offer, capacityUnknown };
  });
}

/** A class of a choropleth; both bounds are values that occur. */
export interface MapClass {
  from: number;
  to: number;
  count: number;
}

export interface MapClasses {
  /** From the lowest to the highest; none when nothing is known. */
  classes: MapClass[];
  /** The class of each commune, by code; `null`: no figure, drawn hatched. */
  classOf: Record<string, number | null>;
  missing: number;
}

export const CLASSES_MAX = 5;

/**
 * Classes of about equal counts. Equal values are never parted, so that a colour says one thing; with fewer than five
 * values there are as many classes as values.
 */
export function mapClasses(values: Record<string, number | null>, most = CLASSES_MAX): MapClasses {
  const known = Object.values(values).filter((value) => value !== null && Number.isFinite(value)) as number[];
  known.sort((a, b) => a - b);
  const classes: MapClass[] = [];
  const groups = grouped(known);
  let taken = 0;
  for (const [i, { value, count }] of groups.entries()) {
    const current = classes.at(-1);
    const [left, groupsLeft] = [most - classes.length, groups.length - i];
    // A new class begins where the ones before have their part, or where every value left needs its own.
    const full = current !== undefined && left > 0 && isFull(taken, count, classes.length, known.length, most);
    if (current === undefined || full || (left >= groupsLeft && left > 0)) classes.push({ from: value, to: value, count });
    else {
      current.to = value;
      current.count += count;
    }
    taken += count;
  }
  const classOf = Object.fromEntries(
    Object.entries(values).map(([code, value]) => {
      const at = value === null ? -1 : classes.findIndex(({ from, to }) => from <= value && value <= to);
      return [code, at < 0 ? null : at];
    }),
  );
  return { classes, classOf, missing: Object.keys(values).length - known.length };
}

/** Whether the next group is better put into a new class: the bound then lies nearer to the quantile. */
function isFull(taken: number, next: number, closed: number, all: number, most: number): boolean {
  const quantile = (closed * all) / most;
  return Math.abs(taken - quantile) <= Math.abs(taken + next - quantile);
}

function grouped(sorted: readonly number[]): { value: number; count: number }[] {
  const groups: { value: number; count: number }[] = [];
  for (const value of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && last.value === value) last.count++;
    else groups.push({ value, count: 1 });
  }
  return groups;
}

/** A figure of each commune, by code, as the map takes it. */
export function ofCommunes(portrait: Pick<Portrait, 'communes'>, figure: (commune: CommunePortrait) => number | null): Record<string, number | null> {
  return Object.fromEntries(Object.entries(portrait.communes).map(([code, commune]) => [code, figure(commune)]));
}
