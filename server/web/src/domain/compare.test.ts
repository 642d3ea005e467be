/** Territories side by side: a hole in the collection is told, a missing figure has no bar. */
import { expect, test } from 'vitest';
import type { Compared, FamilyHeadlines } from './generated/study';
import { barOf, rowsOf } from './compare';
import { perFamily, territory } from './testing-portrait';

const of: FamilyHeadlines = {
  structures: 3, services: 3, unknownCapacity: 2, weeklyHours: 6, reachable: [0.5, 0.9], hoursPerThousand: 20, gap: 100, gapShare: 0.3,
};
const here: Compared = {
  name: 'Ici', own: true, sources: [], invented: false, grades: territory().grades, heads: [],
  figures: {
    population: 2000, concerned: 300, vulnerability: { low: null, estimate: null, high: null }, communes: 4, described: 1, structures: 3,
    helpers: 0, thresholdsMinutes: [10, 20], reachable: [0.5, 0.9], families: perFamily(() => of),
  },
  perThousand: {
    concerned: 150, vulnerability: { low: null, estimate: null, high: null }, structures: 1.5, families: perFamily(() => ({ weeklyHours: 3, gap: 50 })),
  },
};

test('a row says how far the collection has come', () => {
  expect(rowsOf([here], 'assist')).toEqual([
    {
      name: 'Ici', own: true, population: 2000, described: 0.25, concerned: 150, hours: 3, near: 0.5, minutes: 10, gap: 50, unknown: 2,
      estimated: 0,
    },
  ]);
});

test('bars are as long as their figures', () => {
  expect([4, 2, 0, null].map((value, _, all) => barOf(value, all))).toEqual([1, 0.5, 0, null]);
  expect(barOf(0, [0, null])).toBe(0);
});
