import { readFileSync } from 'node:fs';
import * as automerge from '@automerge/automerge/slim';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Structure } from '../record';
import { isUnited, readAll, readStructure, touched } from './read';
import { furnished, ids, large, raw, replica, start, territory, uuid, wrote, type Document } from './testing';
import type { Backend } from './value';

beforeAll(start);

const codes = (structure: Structure): string[] => structure.findings.map(({ path, code }) => `${path} ${code}`);

function both(doc: Document): Structure {
  const [all] = readAll(doc);
  const one = readStructure(doc, uuid(1));
  // The whole directory is read by another way than a single structure; they must agree.
  expect(all).toEqual(one);
  if (all === undefined) throw new Error('no structure');
  return all;
}

describe('one shape after another', () => {
  // Goal: what each shape is read as, and what is found in it; each is written under one key of a plain structure.
  const cases: [string, (backend: Backend, s: string) => void, string, unknown, string[]][] = [
    ['a number as text', (b, s) => b.put(s, 'latitude', ' 48,2 ', 'str'), 'latitude', 48.2, ['latitude wrong_type']],
    ['an exponent', (b, s) => b.put(s, 'latitude', '4.8e1', 'str'), 'latitude', 48, ['latitude wrong_type']],
    ['no number', (b, s) => b.put(s, 'latitude', '48°', 'str'), 'latitude', undefined, ['latitude unreadable']],
    ['not a number', (b, s) => b.put(s, 'latitude', NaN, 'f64'), 'latitude', undefined, ['latitude unreadable']],
    ['an integer for a number', (b, s) => b.put(s, 'latitude', 48, 'int'), 'latitude', 48, []],
    ['oui', (b, s) => b.put(s, 'itinerant', 'Oui ', 'str'), 'itinerant', true, ['itinerant wrong_type']],
    ['peut-être', (b, s) => b.put(s, 'itinerant', 'peut-être', 'str'), 'itinerant', undefined, ['itinerant unreadable']],
    ['one for a flag', (b, s) => b.put(s, 'itinerant', 1, 'int'), 'itinerant', undefined, ['itinerant unreadable']],
    ['a text object', (b, s) => void b.putObject(s, 'phone', '02'), 'phone', '02', []],
    ['an empty text', (b, s) => b.put(s, 'phone', '', 'str'), 'phone', undefined, []],
    ['null', (b, s) => b.put(s, 'phone', null, 'null'), 'phone', undefined, []],
    ['a number for a text', (b, s) => b.put(s, 'postcode', 35360, 'int'), 'postcode', '35360', ['postcode wrong_type']],
    ['a long number', (b, s) => b.put(s, 'siret', 21350184500019, 'f64'), 'siret', '21350184500019', ['siret wrong_type']],
    ['a huge float', (b, s) => b.put(s, 'siret', 1.5e22, 'f64'), 'siret', '15000000000000000000000', ['siret wrong_type']],
    ['a huge integer', (b, s) => b.put(s, 'siret', 2 ** 60, 'int'), 'siret', '1152921504606846976', ['siret wrong_type']],
    ['a small float', (b, s) => b.put(s, 'siret', 1.5e-7, 'f64'), 'siret', '0.00000015', ['siret wrong_type']],
    ['a flag for a text', (b, s) => b.put(s, 'notes', true, 'boolean'), 'notes', 'true', ['notes wrong_type']],
    ['a map for a text', (b, s) => void b.putObject(s, 'phone', {}), 'phone', undefined, ['phone unreadable']],
    ['bytes', (b, s) => b.put(s, 'phone', new Uint8Array([1]), 'bytes'), 'phone', undefined, ['phone unreadable']],
    ['a counter', (b, s) => b.put(s, 'phone', 2, 'counter'), 'phone', undefined, ['phone unreadable']],
    ['a moment', (b, s) => b.put(s, 'created_at', new Date(1e12), 'timestamp'), 'created_at', '2001-09-09T01:46:40Z', []],
    ['a bare date', (b, s) => b.put(s, 'created_at', '2026-05-12', 'str'), 'created_at', '2026-05-12', []],
    ['no date', (b, s) => b.put(s, 'created_at', 'hier', 'str'), 'created_at', 'hier', ['created_at wrong_type']],
    ['a list', (b, s) => void b.putObjectFromHydrate(s, 'emails', ['b', 'a', '']), 'emails', ['a', 'b'], ['emails wrong_type']],
    ['one text', (b, s) => b.put(s, 'emails', 'a@b.c', 'str'), 'emails', ['a@b.c'], ['emails wrong_type']],
    ['a number for a set', (b, s) => b.put(s, 'emails', 3, 'int'), 'emails', undefined, ['emails unreadable']],
    ['false members', (b, s) => void b.putObjectFromHydrate(s, 'emails', { a: false, b: null, c: 0, '': true }), 'emails', ['c'], []],
    ['another field', (b, s) => b.put(s, 'colour', 'blue', 'str'), 'colour', undefined, ['colour unknown_field']],
    ['an inherited name', (b, s) => b.put(s, 'constructor', 'x', 'str'), 'name', 'Médiathèque', ['constructor unknown_field']],
    ['no name', (b, s) => b.put(s, 'name', ' ', 'str'), 'name', ' ', ['name no_name']],
    ['no parts', (b, s) => b.put(s, 'helpers', 'Amina', 'str'), 'phone', undefined, ['helpers unreadable']],
    ['an odd mark', (b, s) => void b.putObjectFromHydrate(s, 'archived', { when: 1 }), 'phone', undefined, ['archived/when unknown_field']],
  ];
  test.each(cases)('%s', (_, write, key, value, findings) => {
    const structure = both(raw(furnished(), write));
    expect((structure.fields as Record<string, unknown>)[key]).toEqual(value);
    expect(codes(structure)).toEqual(findings);
  });
});

test('parts of odd shapes are read as well as can be', () => {
  // Goal: integers, words and keys of a service; written raw into a service and beside it.
  const doc = raw(furnished(), (backend, structure) => {
    const [services = ''] = ids(backend, structure, 'services');
    const [service = ''] = ids(backend, services, uuid(2));
    backend.put(service, 'eadmin_staff', 3, 'f64');
    backend.put(service, 'price', 'gratuit', 'str');
    backend.put(service, 'colour', 1, 'int');
    backend.putObjectFromHydrate(service, 'access', { fax: true, phone: true });
    backend.putObject(services, 'desk-3', {});
    backend.put(services, uuid(9), 'x', 'str');
  });
  const structure = both(doc);
  expect(structure.services.map(({ id }) => id)).toEqual([uuid(2), 'desk-3']);
  expect(structure.services[0]?.fields).toMatchObject({ eadmin_staff: 3, price: 'gratuit', access: ['fax', 'phone'] });
  expect(codes(structure)).toEqual([
    `services/${uuid(2)}/access unknown_word`,
    `services/${uuid(2)}/colour unknown_field`,
    `services/${uuid(2)}/price unknown_word`,
    `services/${uuid(9)} unreadable`,
    'services/desk-3 not_a_uuid',
  ]);
});

test('integers keep to the numbers that are integers', () => {
  // Goal: which numbers a count takes; each is written as another client may.
  const cases: [number | string, 'int' | 'uint' | 'f64' | 'str', unknown][] = [
    [3, 'int', 3], [3, 'uint', 3], [3, 'f64', 3], [2 ** 51, 'int', 2 ** 51], [2 ** 51, 'f64', undefined],
    [-1, 'int', undefined], [1.5, 'f64', undefined], ['+7', 'str', 7], ['7.0', 'str', undefined], ['-0', 'str', 0],
  ];
  for (const [value, type, read] of cases) {
    const doc = raw(furnished(), (backend, structure) => {
      const [service = ''] = ids(backend, ids(backend, structure, 'services')[0] ?? '', uuid(2));
      backend.put(service, 'eadmin_staff', value, type);
    });
    expect(both(doc).services[0]?.fields.eadmin_staff, `${value} ${type}`).toBe(read);
  }
});

test('concurrent answers are all told, the winner first; concurrently made maps are united', () => {
  // Goal: conflicts and unions; two replicas write at the same time and merge, in both directions.
  const base = raw(furnished(), (backend, structure) => backend.delete(structure, 'helpers'));
  const write = (n: number, phone: string) => (backend: Backend, structure: string) => {
    backend.put(structure, 'phone', phone, 'str');
    backend.put(structure, 'website', 'https://example.org', 'str');
    backend.putObjectFromHydrate(structure, 'labels', { [`label ${n}`]: true });
    backend.putObjectFromHydrate(structure, 'helpers', { [uuid(n)]: { name: new automerge.ImmutableString(phone) } });
    backend.putObjectFromHydrate(structure, 'confirmed', { by: phone });
  };
  const amina = raw(replica(base, 'b1'), write(20, '02'));
  const bruno = raw(replica(base, 'b2'), write(21, '03'));
  for (const doc of [automerge.merge(replica(amina, 'c1'), bruno), automerge.merge(replica(bruno, 'c2'), amina)]) {
    const structure = both(doc);
    expect(structure.conflicts).toEqual([{ path: 'phone', values: ['03', '02'] }]);
    expect(structure.fields.labels).toEqual(['label 20', 'label 21']);
    expect(structure.helpers.map(({ fields }) => fields.name)).toEqual(['02', '03']);
    expect(structure.confirmed).toEqual({ by: '03' });
    expect(codes(structure)).toEqual([]);
    expect(isUnited(structure)).toBe(true);
  }
  expect(isUnited(both(amina))).toBe(false);
});

test('of concurrent values, the first that can be read is shown', () => {
  // Goal: an unreadable winner hides nothing; the winner is written as a map, the other as a text.
  const base = furnished();
  const amina = raw(replica(base, 'b1'), (backend, structure) => backend.put(structure, 'phone', '02', 'str'));
  const bruno = raw(replica(base, 'b2'), (backend, structure) => void backend.putObject(structure, 'phone', {}));
  const structure = both(automerge.merge(amina, bruno));
  expect(structure.fields.phone).toBe('02');
  expect(structure.conflicts).toEqual([]);
  expect(codes(structure)).toEqual(['phone unreadable']);
});

test('a document without structures, and structures that are none, are read as nothing', () => {
  // Goal: no error; the roots are taken away or replaced.
  const bare = automerge.init<Record<string, unknown>>({ actor: 'aa' });
  expect(readAll(bare)).toEqual([]);
  expect(readStructure(bare, uuid(1))).toBeNull();
  const odd = automerge.change(territory(), (draft) => {
    const backend = automerge.getBackend(draft);
    backend.put(ids(backend, '_root', 'structures')[0] ?? '', uuid(1), 'Mairie', 'str');
    backend.putObject(ids(backend, '_root', 'structures')[0] ?? '', 'desk', {});
  });
  expect(readAll(odd).map(({ id, findings }) => [id, findings])).toEqual([
    ['desk', [{ path: '', code: 'not_a_uuid' }, { path: 'name', code: 'no_name' }]],
  ]);
});

test('patches tell which structures they touch', () => {
  // Goal: ids of touched structures, or all; patches are automerge's own of real changes.
  const patchesOf = (doc: Document, after: (doc: Document) => Document) => {
    const heads = automerge.getHeads(doc);
    const next = after(doc);
    return automerge.diff(next, heads, automerge.getHeads(next));
  };
  const set = (doc: Document): Document =>
    wrote(doc, [{ kind: 'include', address: { structure: uuid(1), place: '', key: 'emails' }, member: 'a@b.c' }]);
  expect(touched(patchesOf(furnished(), set))).toEqual(new Set([uuid(1)]));
  const settings = (doc: Document): Document =>
    automerge.change(doc, (draft) => automerge.getBackend(draft).put('_root', 'schema', 2, 'int'));
  expect(touched(patchesOf(furnished(), settings))).toEqual(new Set());
  const lost = (doc: Document): Document => automerge.change(doc, (draft) => void delete draft['structures']);
  expect(touched(patchesOf(furnished(), lost))).toBe('all');
});

test('one conflict among many records is found, and no other', () => {
  // Goal: reading all takes no shortcut past a conflict. Method: 300 structures, two answers to one question.
  const doc = large(300);
  const set = (value: string): Parameters<typeof wrote>[1] => [
    { kind: 'set', address: { structure: uuid(7), place: '', key: 'phone' }, value },
  ];
  const merged = automerge.merge(wrote(replica(doc, 'c1'), set('02')), wrote(replica(doc, 'c2'), set('03')));
  const structures = readAll(merged);
  expect(structures.length).toBe(300);
  expect(structures.flatMap(({ conflicts }) => conflicts)).toEqual([{ path: 'phone', values: ['03', '02'] }]);
}, 30_000);

const fixture = new URL('../../../../../tests/fixtures/document/', import.meta.url);
test('the server reads an odd document the same', () => {
  // Goal: one meaning on both sides; a document full of oddities and what Rust reads from it, compared field by field.
  const doc = automerge.load<Record<string, unknown>>(new Uint8Array(readFileSync(new URL('odd.automerge', fixture))));
  const expected = JSON.parse(readFileSync(new URL('odd.json', fixture), 'utf8')) as Record<string, unknown>[];
  const found = readAll(doc);
  expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  for (const [i, structure] of found.entries()) expect(flattened(structure)).toEqual(expected[i]);
  for (const structure of found) expect(readStructure(doc, structure.id)).toEqual(structure);
});

/** A structure in the JSON form of `protocol/src/wire/resource.rs`. */
function flattened({ fields, services, helpers, ...rest }: Structure): Record<string, unknown> {
  const flat = (part: { id: string; fields: object }): object => ({ ...part.fields, id: part.id });
  return { ...fields, ...rest, services: services.map(flat), helpers: helpers.map(flat) };
}
