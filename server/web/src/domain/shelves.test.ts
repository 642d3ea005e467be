/** Several people on one device: who takes up which document, and what erasing one leaves of the others. */
import { expect, test } from 'vitest';
import { isOfAnother, keyOn, shelfFor, takenUp, type Held } from './shelves';

const held = (name: string, shelf = '', territory = 't'): Held => ({ name, shelf, territory, contributor: `of ${name}`, waiting: 1 });

// Goal: nobody writes into another's document, and whoever comes back finds theirs. Method: names, territories, in turn.
test.each([
  ['Amina', 't', [], ''],
  ['amina ', 't', [held('Amina')], ''],
  ['Bruno', 't', [held('Amina')], 'c'],
  ['Bruno', 't', [held('Amina'), held('Bruno', 'b')], 'b'],
  ['Amina', 'u', [held('Amina')], 'c'],
  ['Zoé', 't', [held('Amina'), { ...held('Bruno', 'b'), contributor: 'c' }], 'b'],
] as [string, string, Held[], string][])('%s in %s, beside %o: shelf « %s »', (name, territory, here, shelf) => {
  expect(shelfFor({ displayName: name, territory, contributor: 'c' }, here)).toBe(shelf);
});

test('what is taken up is said before the territory is known', () => {
  expect(takenUp('bruno', [held('Amina'), held('Bruno', 'b')])?.shelf).toBe('b');
  expect(takenUp('Cléo', [held('Amina')])).toBeNull();
});

// Goal: erasing one person's leaves the others'. Method: keys of both, and of nobody.
test('keys by shelf', () => {
  const [first, second] = [keyOn('heads', { territory: 't' }), keyOn('heads', { territory: 't', shelf: 'b' })];
  expect([first, second]).toEqual(['heads:t', 'heads:t@b']);
  expect([isOfAnother(first, ''), isOfAnother(second, ''), isOfAnother(first, 'b'), isOfAnother(second, 'b')]).toEqual([false, true, true, false]);
  expect(isOfAnother('portrait:t', 'b')).toBe(false);
});
