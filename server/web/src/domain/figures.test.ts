/** The portrait's decisions: what is missing stays missing, classes part communes evenly, a gap says when it is the most. */
import { describe, expect, test } from 'vitest';
import { collected, familyRows, headline, lacking, mapClasses, reachMinutes, shadeOf } from './figures';
import type { CommunePortrait, FamilyOffer, Portrait, TerritoryPortrait } from './generated/portrait';
import { FAMILIES, type Family } from './generated/schema';
import { commune, noOffer, perFamily, territory } from './testing-portrait';

test('a place reaches to the end of the last band, whatever the thresholds', () => {
  expect(reachMinutes({ thresholdsMinutes: [10, 20], bands: [{ minutes: 15, weight: 1 }, { minutes: 45, weight: 0.2 }] })).toBe(45);
});

describe('the headline', () => {
  test('has each bound over the population', () => {
    const need = { ...territory().need, vulnerability: { low: 200, estimate: 300, high: 400 } };
    expect(headline({ need, population: 1000 })).toEqual({
      low: 200, estimate: 300, high: 400, population: 1000, shares: { low: 0.2, estimate: 0.3, high: 0.4 },
    });
  });
  test('has no share of what is missing, nor of nobody', () => {
    const need = { ...territory().need, vulnerability: { low: 200, estimate: null, high: null } };
    expect(headline({ need, population: 1000 }).shares).toEqual({ low: 0.2, estimate: null, high: null });
    expect(headline({ need, population: 0 }).shares.low).toBeNull();
    expect(headline({ need, population: null }).shares.low).toBeNull();
  });
});

describe('need against offer', () => {
  const offer = (some: Partial<Record<Family, Partial<FamilyOffer>>>): TerritoryPortrait['offer'] =>
    perFamily((family) => ({ ...noOffer, ...some[family] }));
  const of = <T extends { family: Family }>(rows: T[], family: Family): T | undefined => rows.find((row) => row.family === family);

  test('has a row a family, in the order of the method', () => {
    expect(familyRows(territory(), territory()).map(({ family }) => family)).toEqual([...FAMILIES]);
  });
  test('takes the share of a territory as the server gives it, and never makes one up', () => {
    const gap = perFamily(() => ({ people: 50 as number | null, share: null as number | null }));
    gap.assist.share = 0.4;
    const rows = familyRows(territory({ concerned: 100, gap }), territory());
    expect([of(rows, 'assist')?.gapShare, of(rows, 'train')?.gapShare]).toEqual([0.4, null]);
  });
  test('takes the share of a commune from its own people; none when they are missing', () => {
    const gap = perFamily(() => ({ people: 25, access: 0.75 }));
    expect(of(familyRows(commune({ concerned: 100, gap }), territory()), 'equip')?.gapShare).toBe(0.25);
    const all = perFamily(() => ({ people: 25.268, access: 0 }));
    expect(of(familyRows(commune({ concerned: 25.268_255, gap: all }), territory()), 'equip')?.gapShare).toBe(1);
    expect(of(familyRows(commune({ concerned: null, gap }), territory()), 'equip')?.gapShare).toBeNull();
    expect(of(familyRows(commune({ concerned: 0, gap }), territory()), 'equip')?.gapShare).toBeNull();
  });
  test('says that a gap is the most, even in a commune whose own services are known', () => {
    const whole = territory({ offer: offer({ repair: { services: 3, unknownCapacity: 1 } }) });
    const rows = familyRows(commune({ concerned: 10, gap: perFamily(() => ({ people: 5, access: 0 })) }), whole);
    expect([of(rows, 'repair')?.atMost, of(rows, 'repair')?.unknown, of(rows, 'train')?.atMost]).toEqual([true, 0, false]);
    const missing = familyRows(commune({ gap: perFamily(() => ({ people: null, access: null })) }), whole);
    expect(of(missing, 'repair')?.atMost).toBe(false);
  });
});

describe('the collection', () => {
  test('names the communes without a place, and counts the services that say nothing', () => {
    const communes = { a: commune({ name: 'Muel' }), b: commune({ name: 'Gaël', structures: 2 }), c: commune({ name: 'Crouais' }) };
    const whole = territory({ offer: perFamily((family) => (family === 'assist' ? { ...noOffer, services: 4, unknownCapacity: 3 } : noOffer)) });
    expect(collected({ communes, territory: whole })).toEqual({ without: ['Crouais', 'Muel'], communes: 3, services: 4, unknown: 3 });
  });
  test('names who lacks a figure; 0 is a figure', () => {
    const communes: Portrait['communes'] = { a: commune({ name: 'Muel', population: 0 }), b: commune({ name: 'Gaël', population: null }) };
    expect(lacking({ communes }, ({ population }: CommunePortrait) => population)).toEqual(['Gaël']);
  });
});

describe('the classes of a map', () => {
  const of = (...values: (number | null)[]): Record<string, number | null> => Object.fromEntries(values.map((value, at) => [`c${at}`, value]));
  const counts = (values: Record<string, number | null>): number[] => mapClasses(values).classes.map(({ count }) => count);

  test('have about equal counts', () => {
    expect(counts(of(...Array.from({ length: 17 }, (_, at) => at * at)))).toEqual([3, 3, 4, 3, 4]);
    expect(counts(of(...Array.from({ length: 10 }, (_, at) => at)))).toEqual([2, 2, 2, 2, 2]);
  });
  test('never part equal values, and share what is left anew', () => {
    const values = of(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(counts(values)).toEqual([7, 2, 3, 2, 3]);
    expect(mapClasses(values).classes[0]).toEqual({ from: 0, to: 0, count: 7 });
  });
  test('are as many as the values when those are few', () => {
    expect(mapClasses(of(5, 5, 1)).classes).toEqual([{ from: 1, to: 1, count: 1 }, { from: 5, to: 5, count: 2 }]);
    expect(mapClasses(of(7)).classes).toEqual([{ from: 7, to: 7, count: 1 }]);
  });
  test('leave out what is missing, which is not 0', () => {
    const { classes, classOf, missing } = mapClasses(of(null, 0, Number.NaN, 3));
    expect([classes.length, missing]).toEqual([2, 2]);
    expect(classOf).toEqual({ c0: null, c1: 0, c2: null, c3: 1 });
    expect(mapClasses(of(null)).classes).toEqual([]);
  });
  test('bounds are values that occur, and each commune stands within its own', () => {
    const values = of(3, 8, 1, 9, 4, 4, 12, 40, 2, 17, null);
    const { classes, classOf } = mapClasses(values);
    for (const [code, value] of Object.entries(values)) {
      const found = classes[classOf[code] ?? -1];
      if (value === null) expect(classOf[code]).toBeNull();
      else expect(found !== undefined && found.from <= value && value <= found.to).toBe(true);
    }
    expect(classes.reduce((sum, { count }) => sum + count, 0)).toBe(10);
  });
  test('go from the lightest to the darkest, however many', () => {
    const shades = (n: number): number[] => Array.from({ length: n }, (_, at) => shadeOf(at, n));
    expect([shades(5), shades(3), shades(2), shades(1)]).toEqual([[1, 2, 3, 4, 5], [1, 3, 5], [1, 5], [3]]);
  });
});
