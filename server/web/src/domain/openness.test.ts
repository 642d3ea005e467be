/** Open now, and until when; closed, and when it opens. */
import { expect, test } from 'vitest';
import { opennessAt } from './openness';

const day: [number, number][] = [[100, 200], [300, 400], [1000, 1100]];

test.each([
  [50, { open: false, next: 100 }],
  [100, { open: true, until: 200 }],
  [200, { open: false, next: 300 }],
  [350, { open: true, until: 400 }],
  [1100, { open: false, next: null }],
])('at %i: %o', (now, expected) => {
  expect(opennessAt([day], now)).toEqual(expected);
});

test('a place is open while one of its services is, and until the last of them closes', () => {
  const service: [number, number][] = [[150, 250]];
  expect(opennessAt([day, service], 160)).toEqual({ open: true, until: 250 });
  expect(opennessAt([day, service], 220)).toEqual({ open: true, until: 250 });
  expect(opennessAt([day, service], 260)).toEqual({ open: false, next: 300 });
});

test('without intervals nothing is open', () => {
  expect(opennessAt([[]], 0)).toEqual({ open: false, next: null });
});
