import { expect, test } from 'vitest';

import { freshActor } from './actor';

test.each([
  [-1, 'ffff0000000000000707070707070707'],
  [0, 'ffff0000000000000707070707070707'],
  [1_778_576_400_000.5, 'ffff019e1b6a1e800707070707070707'],
  [Number.MAX_SAFE_INTEGER, 'ffffffffffffffff0707070707070707'],
])('an actor tells when it began: %d', (now, expected) => {
  expect(freshActor(now, new Uint8Array(8).fill(7))).toBe(expected);
});
