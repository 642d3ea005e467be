/** Estimates promise no more than is known. */
import { describe, expect, test } from 'vitest';
import { rounded, roundedShare, told, unitOf } from './rounding';

describe('a number of people', () => {
  test.each([[9812, 9800], [12_380, 12_000], [995, 1000], [347, 350], [34.7, 35], [10, 10], [9.4, 9], [1000, 1000], [0, 0]])(
    '%d is about %d', (people, about) => expect(rounded(people)).toBe(about),
  );
  test('is never nobody where there is somebody', () => {
    expect([rounded(0.2), rounded(3, 10), rounded(0.4, 10)]).toEqual([1, 3, 1]);
  });
  test('keeps the order of figures', () => {
    const values = Array.from({ length: 400 }, (_, at) => at * 37.3);
    const told = values.map((value) => rounded(value));
    expect([...told].sort((a, b) => a - b)).toEqual(told);
  });
  test('has its unit at the second digit', () => {
    expect([unitOf(0), unitOf(7), unitOf(99), unitOf(100), unitOf(26_393)]).toEqual([1, 1, 1, 10, 1000]);
  });
});

describe('an interval', () => {
  test('is rounded as finely as its estimate', () => {
    expect(told({ low: 7893, estimate: 9812, high: 12_380 })).toEqual({ kind: 'interval', low: 7900, estimate: 9800, high: 12_400 });
  });
  test('without an estimate has its bounds; with one bound, at least that', () => {
    expect(told({ low: 7237, estimate: null, high: 10_810 })).toEqual({ kind: 'bounds', low: 7200, high: 10_800 });
    expect(told({ low: 7237, estimate: null, high: null })).toEqual({ kind: 'least', low: 7200 });
  });
  test('is missing, not 0, where nothing is known; and 0 is not missing', () => {
    expect(told({ low: null, estimate: null, high: null })).toEqual({ kind: 'missing' });
    expect(told({ low: 0, estimate: 0, high: 0 })).toEqual({ kind: 'about', estimate: 0 });
  });
  test('whose bounds meet is one number', () => {
    expect(told({ low: 1001, estimate: 1002, high: 1003 })).toEqual({ kind: 'about', estimate: 1000 });
    expect(told({ low: null, estimate: 1002, high: null })).toEqual({ kind: 'about', estimate: 1000 });
  });
});

test('nearly all is not all, hardly any is not none', () => {
  expect([0, 0.001, 0.372, 0.9937, 0.998, 1].map(roundedShare)).toEqual([
    { percent: 0, bound: 'about' }, { percent: 1, bound: 'below' }, { percent: 37, bound: 'about' },
    { percent: 99, bound: 'about' }, { percent: 99, bound: 'above' }, { percent: 100, bound: 'about' },
  ]);
});
