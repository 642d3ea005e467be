/** Filters and their address: there and back, and what narrows. */
import { expect, test } from 'vitest';
import { fromQuery, narrowing, NO_FILTERS, toQuery, withFamilyChosen, without, type Filters } from './filters';

const full: Filters = { text: 'média thèque', families: ['assist', 'train'], commune: '35184', open: true, check: true };

test.each([NO_FILTERS, full, { ...NO_FILTERS, commune: '2A004' }, { ...NO_FILTERS, text: 'a&b=c' }])(
  'filters come back from their address: %o',
  (filters) => {
    expect(fromQuery(toQuery(filters))).toEqual(filters);
    expect(fromQuery(`?${toQuery(filters)}`)).toEqual(filters);
  },
);

test('nothing narrows: nothing in the address', () => {
  expect(toQuery(NO_FILTERS)).toBe('');
  expect(toQuery({ ...NO_FILTERS, text: '  ' })).toBe('');
});

test('an unknown family and other words in an address are left out', () => {
  expect(fromQuery('aide=assist,fly&x=1&ouvert=yes')).toEqual({ ...NO_FILTERS, families: ['assist'] });
});

test('each part that narrows can be lifted by itself', () => {
  expect(narrowing(full)).toEqual(['text', 'families', 'commune', 'open', 'check']);
  const lifted = narrowing(full).reduce(without, full);
  expect(lifted).toEqual(NO_FILTERS);
  expect(narrowing(lifted)).toEqual([]);
});

test('families stand in their own order, each once', () => {
  const chosen = withFamilyChosen(withFamilyChosen(NO_FILTERS, 'train', true), 'inform', true);
  expect(chosen.families).toEqual(['inform', 'train']);
  expect(withFamilyChosen(chosen, 'train', true).families).toEqual(['inform', 'train']);
  expect(withFamilyChosen(chosen, 'inform', false).families).toEqual(['train']);
});
