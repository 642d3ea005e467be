/** Paths in words: each field under its schema's label, each part once. */
import { expect, test } from 'vitest';
import { nameOfPath, namesOfPaths } from './label';

test('a path has the label of its field', () => {
  expect(nameOfPath('phone')).toMatchObject({ part: 'structure', field: { fr: 'Téléphone' } });
  expect(nameOfPath('services/018f/price')).toMatchObject({ part: 'service', field: { fr: 'Tarif' } });
  expect(nameOfPath('helpers/018f')).toEqual({ part: 'helper', field: null });
  expect(nameOfPath('confirmed/at')).toEqual({ part: 'confirmed', field: null });
  expect(nameOfPath('something_new')).toEqual({ part: 'structure', field: null });
});

test('what is touched twice is named once', () => {
  const names = namesOfPaths(['confirmed/at', 'confirmed/by', 'confirmed/how', 'services/a/price', 'services/b/price']);
  expect(names.map((name) => name.part)).toEqual(['confirmed', 'service']);
});
