/** Goal: a word that somebody else's client wrote is no family, whatever every object has by that name. */
import { expect, test } from 'vitest';
import { isFamily } from './family';
import { FAMILIES } from './generated/schema';

test('the five families and nothing else', () => {
  expect(FAMILIES.every(isFamily)).toBe(true);
  expect(['toString', 'constructor', '__proto__', '', undefined].some(isFamily)).toBe(false);
});
