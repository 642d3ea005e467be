/** Open now, and until when; closed, and when it opens. */
import { expect, test } from 'vitest';
import { opennessAt } from './openness';

const day = [[100, 200], [300, 400], [1000, 1100]] as const;

test.each([
  [50, { open: false, next: 100 }],
  [100, { open: true, until: 200 }],
  [199, { open: true, until: 200 }],
  [200, { open: false, next: 300 }],
  [350, { open: true, until: 400 }],
  [500, { open: false, next: 1000 }],
  [1100, { open: false, next: null }],
])('at %i: %o', (now, expected) => {
  expect(opennessAt(day, now)).toEqual(expected);
});

test('without intervals nothing is open', () => {
  expect(opennessAt([], 0)).toEqual({ open: false, next: null });
});
