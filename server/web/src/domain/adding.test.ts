/** A place that is being added: kept half done, and made by one change. */
import { expect, test } from 'vitest';
import { draftOf, editsOf, EMPTY, isBegun, withFamily } from './adding';

const ids = (): (() => string) => {
  let next = 0;
  return () => `id-${(next += 1)}`;
};

test('only the name is demanded', () => {
  expect(editsOf({ ...EMPTY, name: '  ', commune: '35184' }, ids())).toBeNull();
  expect(editsOf({ ...EMPTY, name: ' Mairie ' }, ids())?.edits).toEqual([{ kind: 'add_structure', id: 'id-1', name: 'Mairie' }]);
});

test('the place, its commune and its services are one change', () => {
  const change = editsOf({ name: 'Mairie', commune: '35184', communeName: 'Montauban', families: ['assist', 'train'] }, ids());
  const at = (key: string): object => ({ structure: 'id-1', place: '', key });
  expect(change).toEqual({
    id: 'id-1',
    edits: [
      { kind: 'add_structure', id: 'id-1', name: 'Mairie' },
      { kind: 'set', address: at('commune'), value: '35184' },
      { kind: 'set', address: at('commune_name'), value: 'Montauban' },
      { kind: 'add_service', structure: 'id-1', id: 'id-2', family: 'assist' },
      { kind: 'add_service', structure: 'id-1', id: 'id-3', family: 'train' },
    ],
  });
});

test('families keep their usual order', () => {
  const both = withFamily(withFamily(EMPTY, 'train', true), 'inform', true);
  expect(both.families).toEqual(['inform', 'train']);
  expect(withFamily(both, 'train', false).families).toEqual(['inform']);
});

test('a draft is read whatever was kept', () => {
  expect(draftOf(undefined)).toBeNull();
  expect(draftOf('x')).toBeNull();
  expect(draftOf(EMPTY)).toBeNull();
  expect(draftOf({ name: 'Mairie', families: ['assist', 'unknown'], commune: 3 })).toEqual({ ...EMPTY, name: 'Mairie', families: ['assist'] });
  expect(isBegun({ ...EMPTY, families: ['assist'] })).toBe(true);
});
