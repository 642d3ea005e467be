/** The figures that communes are compared by: which there are, what each is in a commune, how it is rounded, in what order. */
import type { CommunePortrait, FamilyOffer, TerritoryPortrait } from './generated/portrait';
import { FAMILIES, type Family } from './generated/schema';
import { rounded } from './rounding';

export type Indicator = 'vulnerability' | 'fragility' | 'exposure' | 'structures' | `hours.${Family}` | `gap.${Family}`;
/** What an indicator is about, whatever the family. */
export type Kind = 'vulnerability' | 'fragility' | 'exposure' | 'structures' | 'hours' | 'gap';
export type Unit = 'people' | 'share' | 'places' | 'hours';

/** All of them, by what they tell. */
export const INDICATORS = {
  need: ['vulnerability', 'fragility', 'exposure'],
  offer: ['structures', ...FAMILIES.map((family) => `hours.${family}` as const)],
  gap: FAMILIES.map((family) => `gap.${family}` as const),
} as const satisfies Record<string, readonly Indicator[]>;

const UNITS: Record<Kind, Unit> = {
  vulnerability: 'people', fragility: 'share', exposure: 'people', structures: 'places', hours: 'hours', gap: 'people',
};

export function kindOf(indicator: Indicator): Kind {
  return indicator.split('.')[0] as Kind;
}
export function familyOf(indicator: Indicator): Family | null {
  return (indicator.split('.')[1] as Family | undefined) ?? null;
}
export function unitOfIndicator(indicator: Indicator): Unit {
  return UNITS[kindOf(indicator)];
}

/** The figure of a commune; `null` is missing, never 0. */
export function figureOf(commune: CommunePortrait, indicator: Indicator): number | null {
  const family = familyOf(indicator) ?? 'inform';
  switch (kindOf(indicator)) {
    case 'vulnerability':
      return commune.need.vulnerability.estimate;
    case 'fragility':
      return commune.need.fragility.share;
    case 'exposure':
      return commune.need.exposure;
    case 'structures':
      return commune.structures;
    case 'hours':
      return commune.offer[family].weeklyEadminHours;
    case 'gap':
      return commune.gap[family].people;
  }
}

/**
 * Whether a figure is the least or the most that it can be, for want of capacities that nobody gave: hours lack those of
 * the commune's own services, a gap those of any service within reach.
 */
export function boundOf(commune: CommunePortrait, indicator: Indicator, territory: Pick<TerritoryPortrait, 'offer'>): 'exact' | 'least' | 'most' {
  const family = familyOf(indicator);
  if (family === null) return 'exact';
  if (kindOf(indicator) === 'hours') return commune.offer[family].unknownCapacity > 0 ? 'least' : 'exact';
  return isMost(commune.gap[family].people, territory.offer[family]) ? 'most' : 'exact';
}

/**
 * Whether a gap is the most that it can be: it is counted without the services whose capacity nobody gave, here or within
 * reach, so one of them anywhere in the territory is enough.
 */
export function isMost(people: number | null, inTerritory: FamilyOffer): boolean {
  return (people ?? 0) > 0 && inTerritory.unknownCapacity > 0;
}

/** A figure as it is told: a map whose classes are made of these has bounds that stand in its table. */
export function shown(value: number, unit: Unit): number {
  switch (unit) {
    case 'people':
      return rounded(value);
    case 'share':
      return Math.round(value * 100) / 100;
    case 'hours':
      return Math.round(value * 10) / 10;
    case 'places':
      return value;
  }
}

/** The figures of all communes by code, as they are told. */
export function shownOf(communes: Record<string, CommunePortrait>, indicator: Indicator): Record<string, number | null> {
  const unit = unitOfIndicator(indicator);
  return Object.fromEntries(
    Object.entries(communes).map(([code, commune]) => {
      const value = figureOf(commune, indicator);
      return [code, value === null ? null : shown(value, unit)];
    }),
  );
}

export type Direction = 'ascending' | 'descending';
const byName = new Intl.Collator('fr', { numeric: true });

/** Rows in the order of a figure, or of names; what is missing comes last either way, and equals stand by name. */
export function ordered<T extends { name: string }>(rows: readonly T[], figure: ((row: T) => number | null) | null, direction: Direction): T[] {
  const turn = direction === 'ascending' ? 1 : -1;
  return [...rows].sort((a, b) => {
    const names = byName.compare(a.name, b.name);
    if (figure === null) return turn * names;
    const [one, other] = [figure(a), figure(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || names;
    return turn * (one - other) || names;
  });
}
