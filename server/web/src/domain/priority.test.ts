/** Priority: which term is told, and what is said of the way. */
import { expect, test } from 'vitest';
import type { Term } from './generated/study';
import { heaviest, isEven, nearness } from './priority';

const term = (family: Term['family'], score: number, minutesToNearest: number | null = 5): Term => ({
  family, score, minutesToNearest, familyWeight: 1, leftOut: score, shareServed: 0, reachedHours: 0, hoursPerThousand: 0,
});

// Goal: the sentence tells the family that weighs most; the first of two that weigh the same.
test('the heaviest term', () => {
  expect(heaviest({ terms: [term('inform', 2), term('assist', 5), term('train', 5)] })?.family).toBe('assist');
  expect(heaviest({ terms: [] })).toBeNull();
});

test.each([[0, 'here'], [0.9, 'here'], [1, 'near'], [null, 'none']] as const)('%s minutes: %s', (minutes, said) => {
  expect(nearness(term('assist', 1, minutes))).toBe(said);
});

test('even weights make the score a number of people', () => {
  const weights = { inform: 1, equip: 1, assist: 1, train: 1, repair: 1, fragility: 1, exposure: 1 };
  expect([isEven({ weights }), isEven({ weights: { ...weights, train: 2 } })]).toEqual([true, false]);
});
