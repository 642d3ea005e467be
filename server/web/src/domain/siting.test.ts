/** Siting: the question in an address, two plans side by side, figures before and after. */
import { expect, test } from 'vitest';
import type { Plan } from './generated/study';
import { besides, beforeAndAfter, choices, meanMinutes, queryOf } from './siting';
import { noOffer, perFamily, territory } from './testing-portrait';

const plan = (gained: number, ...communes: string[]): Plan => ({
  gained, after: 0, sites: communes.map((commune) => ({ commune, name: `à ${commune}`, position: { lat: 0, lon: 0 }, gained: 1 })),
});

test('the question in an address', () => {
  expect(queryOf({ family: 'assist', count: 2, hours: 3.5, minutes: 15, method: 'covering', demand: 'gap' })).toBe(
    'family=assist&count=2&hours=3.5&minutes=15&method=covering&demand=gap',
  );
});

// Goal: both plans can be marked on one map. Method: one commune in both, one in each.
test('the communes of both plans', () => {
  expect(choices({ best: plan(5, 'a', 'b'), greedy: plan(4, 'b', 'c') })).toEqual({
    a: { name: 'à a', best: 1, greedy: null },
    b: { name: 'à b', best: 2, greedy: 1 },
    c: { name: 'à c', best: null, greedy: 2 },
  });
});

test.each([
  [plan(5, 'a', 'b'), plan(5, 'b', 'a'), 'same', 0],
  [plan(5, 'a'), plan(4.8, 'b'), 'equal', 0],
  [plan(5, 'a'), plan(3, 'b'), 'less', 2],
] as const)('%o beside %o: %s', (best, greedy, kind, less) => {
  expect(besides({ best, greedy })).toEqual({ kind, less });
});

// Goal: a figure that is missing stays missing. Method: one commune's worth known before, nothing after.
test('before and after', () => {
  const before = territory({ gap: perFamily(() => ({ people: 90, share: 0.5 })), offer: perFamily(() => ({ ...noOffer, weeklyEadminHours: 4 })) });
  const rows = beforeAndAfter({ before, after: territory() }, 'assist', [15]);
  expect(rows.map(({ word, before: from, after: to }) => [word, from, to])).toEqual([
    ['within', null, null], ['gap', 90, null], ['hours', 4, 0], ['access', null, null],
  ]);
  expect([meanMinutes(90, 10), meanMinutes(null, 10), meanMinutes(90, 0)]).toEqual([9, null, null]);
});
