/** The figures communes are compared by: each from its place, rounded as it is told, in an order that hides nothing. */
import { expect, test } from 'vitest';
import { boundOf, figureOf, INDICATORS, ordered, shown, shownOf, unitOfIndicator, type Indicator } from './indicators';
import { commune, noOffer, perFamily, territory } from './testing-portrait';

const here = commune({
  name: 'Muel', structures: 2,
  need: {
    fragility: { people: 260, denominator: 700, share: 0.374 }, exposure: 101, vulnerability: { low: 262, estimate: 333.3, high: 363 },
    events: { births: null, deaths: null, recentMoves: null },
  },
  offer: perFamily((family) => ({ ...noOffer, weeklyEadminHours: family === 'assist' ? 3.5 : null })),
  gap: perFamily((family) => ({ people: family === 'train' ? 162.9 : null, access: null })),
});

test('each indicator has its own figure', () => {
  const wanted: Indicator[] = ['vulnerability', 'fragility', 'exposure', 'structures', 'hours.assist', 'hours.equip', 'gap.train', 'gap.assist'];
  expect(wanted.map((one) => figureOf(here, one))).toEqual([333.3, 0.374, 101, 2, 3.5, null, 162.9, null]);
});

test('every indicator that can be chosen has a unit, and says nothing of a commune without figures but its places', () => {
  const all = [...INDICATORS.need, ...INDICATORS.offer, ...INDICATORS.gap];
  expect(all).toHaveLength(14);
  expect(all.map(unitOfIndicator)).not.toContain(undefined);
  const nobody = commune({ offer: perFamily(() => ({ ...noOffer, services: 1, weeklyEadminHours: null })) });
  expect(all.filter((one) => figureOf(nobody, one) !== null)).toEqual(['structures']);
});

test('figures are told rounded; what is missing stays missing', () => {
  expect([shown(333.3, 'people'), shown(0.3744, 'share'), shown(113.54, 'hours'), shown(9, 'places')]).toEqual([330, 0.37, 113.5, 9]);
  expect(shownOf({ a: here, b: commune() }, 'vulnerability')).toEqual({ a: 330, b: null });
});

test('hours are the least, a gap is the most, where a service does not say its capacity', () => {
  const silent = perFamily(() => ({ ...noOffer, services: 2, weeklyEadminHours: 2, unknownCapacity: 1 }));
  const whole = territory({ offer: silent });
  expect(boundOf(here, 'gap.train', whole)).toBe('most');
  expect(boundOf(here, 'gap.assist', whole)).toBe('exact');
  expect(boundOf(here, 'hours.assist', whole)).toBe('exact');
  expect(boundOf(commune({ offer: silent }), 'hours.assist', whole)).toBe('least');
  expect(boundOf(here, 'exposure', whole)).toBe('exact');
});

test('rows are ordered by name or by figure, what is missing last either way', () => {
  const rows = [{ name: 'Muel', n: 3 }, { name: 'Gaël', n: null }, { name: 'Évran', n: 9 }, { name: 'Crouais', n: 3 }];
  const names = (found: { name: string }[]): string => found.map(({ name }) => name).join(' ');
  expect(names(ordered(rows, null, 'ascending'))).toBe('Crouais Évran Gaël Muel');
  expect(names(ordered(rows, null, 'descending'))).toBe('Muel Gaël Évran Crouais');
  expect(names(ordered(rows, ({ n }) => n, 'ascending'))).toBe('Crouais Muel Évran Gaël');
  expect(names(ordered(rows, ({ n }) => n, 'descending'))).toBe('Évran Crouais Muel Gaël');
});
