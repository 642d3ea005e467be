/** Finding a commune: by its letters, by its name in full. */
import { expect, test } from 'vitest';
import { communeNamed, communesFor } from './communes';

const communes = [
  { code: '35297', name: 'Saint-Méen-le-Grand' }, { code: '35184', name: 'Montauban-de-Bretagne' },
  { code: '35171', name: 'Médréac' }, { code: '35201', name: 'Muel' }, { code: '35117', name: 'Gaël' },
];
const names = (letters: string): string[] => communesFor(letters, communes).map(({ name }) => name);

test.each([
  ['', ['Gaël', 'Médréac', 'Montauban-de-Bretagne', 'Muel', 'Saint-Méen-le-Grand']],
  ['me', ['Médréac', 'Saint-Méen-le-Grand']],
  ['st meen', ['Saint-Méen-le-Grand']],
  ['St-Mé', ['Saint-Méen-le-Grand']],
  ['GAEL', ['Gaël']],
  ['3511', ['Gaël']],
  ['zz', []],
])('the letters “%s”', (letters, expected) => expect(names(letters)).toEqual(expected));

test('a name in full is a choice, a part is not', () => {
  expect(communeNamed('gael', communes)?.code).toBe('35117');
  expect(communeNamed('ga', communes)).toBeNull();
  expect(communeNamed('', communes)).toBeNull();
});
