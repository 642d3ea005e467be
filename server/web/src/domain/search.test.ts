/** Search, look-alikes, freshness and ids: decisions over plain records. */
import { describe, expect, test } from 'vitest';
import { alike, lookAlikes } from './alike';
import { checked, freshness } from './freshness';
import { isUuid, newId } from './id';
import type { Structure } from './record';
import { filter, find, matches } from './search';
import { NO_FILTERS } from './filters';

const structure = (id: string, fields: Structure['fields'], more: Partial<Structure> = {}): Structure => ({
  id, fields, services: [], helpers: [], confirmed: null, archived: null, validation: null, conflicts: [], findings: [], ...more,
});
const mediatheque = structure('m', { name: 'Médiathèque de Montauban', commune: '35184', commune_name: 'Montauban-de-Bretagne', phone: '02 99 06 00 00' });
const mairie = structure('t', { name: 'Mairie de Montauban', commune: '35184', commune_name: 'Montauban-de-Bretagne' });
const centre = structure('c', { name: 'Centre social L’Îlot', commune: '35297', summary: 'Accueil près de la médiathèque' }, {
  services: [{ id: 's', fields: { family: 'assist', topics: ['Impôts'], opening_hours: 'Mo 09:00-12:00' } }],
  helpers: [{ id: 'h', fields: { name: 'Amina Kessaï' } }],
});
const encre = structure('e', { name: 'Médiathèque L’Encre claire', commune: '35184', commune_name: 'Montauban-de-Bretagne' });
const secours = structure('p', { name: 'Secours partagé du pays de Montauban', commune: '35184', commune_name: 'Montauban-de-Bretagne' });
const all = [centre, mairie, mediatheque];

// Goal: words are found whatever their accents and order, and all of them must be. Method: what is typed, who answers.
test.each([
  ['mediatheque', ['m', 'c']],
  ['MÉDIATHÈQUE montauban', ['m']],
  ['montauban', ['t', 'm']],
  ['mairie', ['t']],
  ['ilot', ['c']],
  ['amina kessai', ['c']],
  ['impots', ['c']],
  ['être aidé', ['c']],
  ['0299060000', ['m']],
  ['+33 2 99 06', ['m']],
  ['médiathèque saint-méen', []],
  ['', ['c', 't', 'm']],
])('« %s » finds %j', (query, ids) => {
  expect(find(all, query).map(({ id }) => id)).toEqual(ids);
  expect(all.filter((each) => matches(each, query)).map(({ id }) => id).sort()).toEqual([...ids].sort());
});

// Goal: every filter narrows, and open means by the server's intervals. Method: one filter a time.
test('filters narrow, each by itself and together', () => {
  const ids = (filters: Partial<typeof NO_FILTERS>): string[] =>
    filter(all, { ...NO_FILTERS, ...filters }, (text) => (text === 'Mo 09:00-12:00' ? [[100, 200]] : null), 150).map(({ id }) => id);
  expect(ids({})).toEqual(['c', 't', 'm']);
  expect(ids({ commune: '35184' })).toEqual(['t', 'm']);
  expect(ids({ families: ['assist'] })).toEqual(['c']);
  expect(ids({ open: true })).toEqual(['c']);
  expect(ids({ families: ['repair'] })).toEqual([]);
  expect(ids({ check: true, text: 'mairie' })).toEqual(['t']);
});

describe('look-alikes', () => {
  // Goal: the same place under another spelling is offered, another kind of place is not. Method: names as people type.
  test.each([
    ['mediatheque montauban-de-bretagne', '35184', ['m']],
    ['Bibliothèque Montauban', '', ['m']],
    ['Médiathèqe de Montauban', '', ['m']],
    ['Mairie de Saint-Méen', '', []],
    ['centre social ilot', '', ['c']],
    ['Ressourcerie', '35184', []],
  ])('« %s » (%s) is offered %j', (name, commune, ids) => {
    expect(alike(name, commune, all).map(({ id }) => id)).toEqual(ids);
  });
  test('a name that says the commune finds the place of that kind there, and not all that bear the commune’s name', () => {
    expect(alike('mediatheque montauban', '', [encre, secours, mairie]).map(({ id }) => id)).toEqual(['e']);
  });
  test('one phone number is one place, whatever the name', () => {
    expect(lookAlikes({ name: 'Bibli', phone: '+33299060000' }, all)[0]).toMatchObject({ structure: mediatheque, why: 'phone' });
  });
});

describe('freshness', () => {
  const now = Date.UTC(2026, 8, 1);
  // Goal: six months fresh, a year to check, then old; the future is told. Method: dates around the bounds.
  test.each([
    ['2026-08-31T10:00:00Z', 'fresh', false],
    ['2026-03-01T00:00:00Z', 'fresh', false],
    ['2026-02-27T00:00:00Z', 'check', false],
    ['2025-08-31T00:00:00Z', 'old', false],
    ['2031-01-01T00:00:00Z', 'fresh', true],
    ['avant-hier', 'never', false],
  ])('confirmed %s: %s', (at, state, future) => {
    expect(checked({ at }, now)).toMatchObject({ state, future });
  });
  test('never confirmed is never', () => {
    expect(freshness(null, now)).toBe('never');
  });
});

// Goal: ids are uuids of version 7 in the order of their making, whatever the clock says. Method: clocks, bytes.
test('ids', () => {
  const random = Uint8Array.from({ length: 10 }, (_, i) => 255 - i);
  const made = [-5, 0, 1_700_000_000_000, 1_700_000_000_001, 2 ** 60, Number.NaN].map((now) => newId(now, random));
  expect(made.every(isUuid)).toBe(true);
  expect(made.every((id) => id[14] === '7' && '89ab'.includes(id[19] ?? ''))).toBe(true);
  expect([...made.slice(0, 5)].sort()).toEqual(made.slice(0, 5));
  expect(made[2]?.replace('-', '').slice(0, 12)).toBe((1_700_000_000_000).toString(16).padStart(12, '0'));
});
