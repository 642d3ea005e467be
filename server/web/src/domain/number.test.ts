/** Typed numbers: what each language writes is read, and what could be read in two ways is not. */
import { describe, expect, test } from 'vitest';
import { numberOf, stepped } from './number';

describe('a typed number', () => {
  test.each<[string, number | null, number | null]>([
    ['0,42', 0.42, null],
    ['0.42', 0.42, 0.42],
    [' 15 ', 15, 15],
    ['1\u202f200,5', 1200.5, null],
    ['1\u00a0200', 1200, 1200],
    ['1,200', 1.2, 1200],
    ['1,200.5', null, 1200.5],
    ['10,000', 10, 10_000],
    ['-1', -1, -1],
    ['−1', -1, -1],
    ['12,', 12, null],
    ['.5', 0.5, 0.5],
    ['', null, null],
    [',', null, null],
    ['-', null, null],
    ['1 2', null, null],
    ['1e3', null, null],
    ['0x10', null, null],
    ['douze', null, null],
    ['1,2,3', null, null],
  ])('%s', (typed, french, english) => {
    expect([numberOf(typed, 'fr'), numberOf(typed, 'en')]).toEqual([french, english]);
  });

  test('is nudged within its bounds', () => {
    const bounds = { least: 0.001, most: 1 };
    expect(stepped(0.42, 0.01, bounds)).toBe(0.43);
    expect(stepped(0.1, 0.2, bounds)).toBe(0.3);
    expect(stepped(0.995, 0.01, bounds)).toBe(1);
    expect(stepped(0, -1, bounds)).toBe(0.001);
    expect(stepped(null, 1, bounds)).toBe(0.001);
  });
});
