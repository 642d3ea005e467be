/** What somebody types, as a value or as what is wrong with it. */
import { expect, test } from 'vitest';
import { asTyped, readTyped } from './check';

test.each([
  ['phone', ' 02 61 ', { value: '02 61' }],
  ['phone', '  ', { value: null }],
  ['name', ' ', { problem: 'no_name' }],
  ['latitude', '48,2', { value: 48.2 }],
  ['latitude', '97', { problem: 'wrong_kind' }],
  ['latitude', 'nord', { problem: 'wrong_kind' }],
  ['summary', 'x'.repeat(4_097), { problem: 'too_long' }],
  ['description', ' deux lignes\n', { value: ' deux lignes\n' }],
])('%s: “%s”', (key, text, expected) => expect(readTyped({ place: '', key }, text)).toEqual(expected));

test.each([
  ['eadmin_staff', '2', { value: 2 }],
  ['eadmin_staff', '2,5', { problem: 'wrong_kind' }],
  ['weekly_hours', '1 200,5', { value: 1200.5 }],
  ['weekly_hours', '-1', { problem: 'wrong_kind' }],
  ['format', 'group', { value: 'group' }],
  ['format', 'seul', { problem: 'unknown_word' }],
])('a service’s %s: “%s”', (key, text, expected) => expect(readTyped({ place: 'services/x', key }, text)).toEqual(expected));

test('a value is typed as it is said', () => {
  expect(asTyped(1.5, 'fr')).toBe('1,5');
  expect(asTyped(1.5, 'en')).toBe('1.5');
  expect(asTyped(undefined, 'fr')).toBe('');
  expect(asTyped(true, 'fr')).toBe('true');
});
