/** Portraits for tests: nothing known unless said. */
import type { CommunePortrait, FamilyOffer, Known, Need, PerFamily, TerritoryPortrait } from './generated/portrait';
import { FAMILIES, type Family } from './generated/schema';

export function perFamily<T>(of: (family: Family) => T): PerFamily<T> {
  return Object.fromEntries(FAMILIES.map((family) => [family, of(family)])) as PerFamily<T>;
}

export const noOffer: FamilyOffer = {
  structures: 0, services: 0, staff: 0, weeklyEadminHours: 0, weeklyHours: 0, weeklyOpeningHours: 0, unknownCapacity: 0,
};
const need: Need = {
  fragility: { people: null, denominator: null, share: null },
  exposure: null,
  vulnerability: { low: null, estimate: null, high: null },
  events: { births: null, deaths: null, recentMoves: null },
};

const unknown: Known = { countedCommunes: 0, counted: 0, estimatedCommunes: 0, estimated: 0, missingCommunes: 0 };

export function commune(some: Partial<CommunePortrait> = {}): CommunePortrait {
  return {
    name: '', population: null, concerned: null, need, structures: 0, helpers: 0, offer: perFamily(() => noOffer),
    grades: { fragility: 'missing', exposure: 'missing', vulnerability: 'missing', dimensions: {} },
    coverage: { any: {}, ...perFamily(() => ({})) },
    accessibility: perFamily(() => ({ hoursPerThousand: null, reachedHours: null })),
    gap: perFamily(() => ({ people: null, access: null })), ...some,
  };
}

export function territory(some: Partial<TerritoryPortrait> = {}): TerritoryPortrait {
  return {
    population: null, concerned: null, need, structures: 0, unplacedStructures: 0, helpers: 0,
    missing: { position: 0, population: 0, fragility: 0, exposure: 0, vulnerability: 0, concerned: 0 },
    grades: { population: unknown, fragility: unknown, exposure: unknown, vulnerability: unknown },
    offer: perFamily(() => noOffer), coverage: { any: {}, ...perFamily(() => ({})) },
    accessibility: perFamily(() => ({ hoursPerThousand: null, reachedHours: null })),
    gap: perFamily(() => ({ people: null, share: null })), ...some,
  };
}
