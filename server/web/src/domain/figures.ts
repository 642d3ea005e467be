/**
 * The portrait as pages show it: the headline with its interval, a row a family with need and offer, the classes of a
 * choropleth. A missing figure stays `null` and is never read as 0; nothing is computed that the server did not.
 */
import type { CommunePortrait, FamilyOffer, Interval, Options, Portrait, TerritoryPortrait } from './generated/portrait';
import { FAMILIES, type Family } from './generated/schema';
import { isMost } from './indicators';

/** Within how many minutes a place's hours count at all: to the end of the last band, which is no threshold of coverage. */
export function reachMinutes({ bands, thresholdsMinutes }: Pick<Options, 'bands' | 'thresholdsMinutes'>): number {
  return bands.at(-1)?.minutes ?? thresholdsMinutes[1];
}

/** The people concerned, from the least to the most there may be. */
export interface Headline {
  low: number | null;
  estimate: number | null;
  high: number | null;
  population: number | null;
  /** Each over the population, from 0 to 1. */
  shares: Interval;
}

export function headline({ need, population }: Pick<TerritoryPortrait, 'need' | 'population'>): Headline {
  const { low, estimate, high } = need.vulnerability;
  const over = (people: number | null): number | null =>
    people === null || population === null || population <= 0 ? null : people / population;
  return { low, estimate, high, population, shares: { low: over(low), estimate: over(estimate), high: over(high) } };
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
  /** How many of its services nobody gave the capacity of. */
  unknown: number;
  /** The gap is the most that it can be. */
  atMost: boolean;
}

/** One row a family, in the method's order, of the territory or of one of its communes. */
export function familyRows(subject: TerritoryPortrait | CommunePortrait, territory: Pick<TerritoryPortrait, 'offer'>): FamilyRow[] {
  return FAMILIES.map((family) => {
    const [offer, gap, need] = [subject.offer[family], subject.gap[family], subject.concerned];
    // A territory's share is the server's or none: its gap and its need may speak of different communes.
    const gapShare = 'share' in gap ? gap.share : shareOf(gap.people, need);
    return { family, need, gap: gap.people, gapShare, offer, unknown: offer.unknownCapacity, atMost: isMost(gap.people, territory.offer[family]) };
  });
}

/** The server rounds a gap to a thousandth of a person: all but that is all. */
const CRUMB = 0.001;

function shareOf(people: number | null, all: number | null): number | null {
  if (people === null || all === null || all <= 0) return null;
  return all - people < CRUMB ? 1 : people / all;
}

/** How far the collection has come: what the offer is worth depends on it. */
export interface Collected {
  /** The names of the communes where no structure is known, by name. */
  without: string[];
  communes: number;
  services: number;
  /** Of these, those of which nobody gave the capacity. */
  unknown: number;
}

export function collected({ communes, territory }: Pick<Portrait, 'communes' | 'territory'>): Collected {
  const all = Object.values(communes);
  const offers = FAMILIES.map((family) => territory.offer[family]);
  return {
    without: names(all.filter(({ structures }) => structures === 0)),
    communes: all.length,
    services: offers.reduce((sum, { services }) => sum + services, 0),
    unknown: offers.reduce((sum, { unknownCapacity }) => sum + unknownCapacity, 0),
  };
}

/** The names of the communes that lack a figure. */
export function lacking(portrait: Pick<Portrait, 'communes'>, figure: (commune: CommunePortrait) => number | null): string[] {
  return names(Object.values(portrait.communes).filter((commune) => figure(commune) === null));
}

const byName = new Intl.Collator('fr');
const names = (communes: CommunePortrait[]): string[] => communes.map(({ name }) => name).sort(byName.compare);

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
  const groups = grouped(known.sort((a, b) => a - b));
  const classes: MapClass[] = [];
  let closed = 0;
  for (const [i, { value, count }] of groups.entries()) {
    const current = classes.at(-1);
    const [left, groupsLeft] = [most - classes.length, groups.length - i];
    // What is left is shared anew each time: a value that most communes have does not leave the others one class.
    const part = (known.length - closed) / (left + 1);
    const full = current !== undefined && left > 0 && isFull(current.count, count, part);
    if (current === undefined || full || (left >= groupsLeft && left > 0)) {
      closed += current?.count ?? 0;
      classes.push({ from: value, to: value, count });
    } else {
      current.to = value;
      current.count += count;
    }
  }
  const classOf = Object.fromEntries(
    Object.entries(values).map(([code, value]) => {
      const at = value === null ? -1 : classes.findIndex(({ from, to }) => from <= value && value <= to);
      return [code, at < 0 ? null : at];
    }),
  );
  return { classes, classOf, missing: Object.keys(values).length - known.length };
}

/** Whether the next group is better put into a new class: the count is then nearer to an even part. */
function isFull(count: number, next: number, part: number): boolean {
  return Math.abs(count - part) <= Math.abs(count + next - part);
}

/** The colour of a class, from 1 (little) to 5 (much): fewer classes still go from the lightest to the darkest. */
export function shadeOf(at: number, classes: number): number {
  return classes <= 1 ? 3 : 1 + Math.round((at * (CLASSES_MAX - 1)) / (classes - 1));
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
