import * as automerge from '@automerge/automerge/slim';
import { beforeAll, expect, test } from 'vitest';
import { EditError, addressOf, type Edit } from '../edit';
import type { Structure, Value } from '../record';
import { readAll, readStructure } from './read';
import { furnished, ids, raw, replica, start, territory, uuid, writes, wrote, type Document } from './testing';
import type { Backend } from './value';

beforeAll(start);

const set = (path: string, value: Value | null): Edit => ({ kind: 'set', address: addressOf(uuid(1), path), value });
const include = (path: string, member: string): Edit => ({ kind: 'include', address: addressOf(uuid(1), path), member });
const exclude = (path: string, member: string): Edit => ({ kind: 'exclude', address: addressOf(uuid(1), path), member });
const service = (key: string): string => `services/${uuid(2)}/${key}`;

function first(doc: Document): Structure {
  const structure = readStructure(doc, uuid(1));
  if (structure === null) throw new Error('no structure');
  return structure;
}

test('wrong edits are refused by code, and nothing of their group is written', () => {
  // Goal: the codes of write.rs, in its order; each wrong edit follows a right one in a group.
  const [long, stranger] = ['x'.repeat(4097), uuid(99)];
  const at = (path: string): Edit & { kind: 'set' } => ({ kind: 'set', address: addressOf(stranger, path), value: 'x' });
  const wrong: [Edit, string][] = [
    [at('phone'), `no_record: ${stranger}`],
    [set(`services/${uuid(98)}/price`, 'free'), `no_record: ${uuid(98)}`],
    [set(`helpers/${uuid(98)}/role`, null), `no_record: ${uuid(98)}`],
    [{ kind: 'add_structure', id: uuid(1), name: 'Mairie' }, `exists: ${uuid(1)}`],
    [{ kind: 'add_structure', id: 'desk-3', name: 'Mairie' }, 'not_a_uuid: desk-3'],
    [{ kind: 'add_structure', id: uuid(50), name: ' ' }, 'no_name: name'],
    [{ kind: 'add_structure', id: uuid(50), name: long }, 'too_long: name'],
    [{ kind: 'add_service', structure: stranger, id: uuid(50), family: 'train' }, `no_record: ${stranger}`],
    [{ kind: 'add_service', structure: uuid(1), id: uuid(2), family: 'train' }, `exists: ${uuid(2)}`],
    [{ kind: 'add_service', structure: uuid(1), id: 'desk', family: 'train' }, 'not_a_uuid: desk'],
    [{ kind: 'add_service', structure: uuid(1), id: uuid(50), family: 'feed' }, 'unknown_word: family'],
    [{ kind: 'add_service', structure: uuid(1), id: uuid(50), family: '' }, 'unknown_word: family'],
    [{ kind: 'add_helper', structure: uuid(1), id: uuid(3), name: 'Bruno' }, `exists: ${uuid(3)}`],
    [{ kind: 'add_helper', structure: uuid(1), id: uuid(50), name: '' }, 'no_name: name'],
    [set('name', null), 'no_name: name'],
    [set('name', ' '), 'no_name: name'],
    [set('colour', 'blue'), 'unknown_field: colour'],
    [set('constructor', 'blue'), 'unknown_field: constructor'],
    [set('nowhere/phone', '02'), 'unknown_field: phone'],
    [set('phone', 2), 'wrong_kind: phone'],
    [set('phone', long), 'too_long: phone'],
    [set('phone', 'é'.repeat(2049)), 'too_long: phone'],
    [set('notes', 'x'.repeat(65_537)), 'too_long: notes'],
    [set('notes', true), 'wrong_kind: notes'],
    [set('latitude', 90.5), 'wrong_kind: latitude'],
    [set('latitude', NaN), 'wrong_kind: latitude'],
    [set('longitude', '2'), 'wrong_kind: longitude'],
    [set('itinerant', 'yes'), 'wrong_kind: itinerant'],
    [set('created_at', 'yesterday'), 'wrong_kind: created_at'],
    [set('emails', 'a@b.c'), 'wrong_kind: emails'],
    [set('emails', ['a@b.c', ' ']), 'wrong_kind: emails'],
    [set(service('eadmin_staff'), -1), 'wrong_kind: eadmin_staff'],
    [set(service('eadmin_staff'), 1.5), 'wrong_kind: eadmin_staff'],
    [set(service('weekly_hours'), -0.5), 'wrong_kind: weekly_hours'],
    [set(service('weekly_hours'), Infinity), 'wrong_kind: weekly_hours'],
    [set(service('price'), 'gratuit'), 'unknown_word: price'],
    [set('confirmed/how', 'fax'), 'unknown_word: how'],
    [include('phone', '02'), 'wrong_kind: phone'],
    [include('emails', ''), 'wrong_kind: emails'],
    [include('archived/why', 'x'), 'wrong_kind: why'],
    [include('emails', long), 'too_long: emails'],
    [include(service('access'), 'fax'), 'unknown_word: access'],
    [exclude('phone', '02'), 'wrong_kind: phone'],
    [{ kind: 'exclude', address: addressOf(stranger, 'emails'), member: 'x' }, `no_record: ${stranger}`],
    [{ kind: 'confirm', structure: uuid(1), by: 'Amina', how: 'fax' }, 'unknown_word: how'],
    [{ kind: 'confirm', structure: uuid(1), by: 'Amina', how: '' }, 'unknown_word: how'],
    [{ kind: 'confirm', structure: stranger, by: 'Amina', how: 'call' }, `no_record: ${stranger}`],
    [{ kind: 'archive', structure: uuid(1), by: 'Amina', why: long }, 'too_long: why'],
    [{ kind: 'validate', structure: stranger, by: 'Amina' }, `no_record: ${stranger}`],
    [{ kind: 'unarchive', structure: stranger }, `no_record: ${stranger}`],
  ];
  const doc = furnished();
  const heads = automerge.getHeads(doc);
  for (const [edit, expected] of wrong) {
    let found: unknown = null;
    try {
      wrote(doc, [include('emails', 'first@b.c'), edit]);
    } catch (error) {
      found = error;
    }
    expect(found, expected).toBeInstanceOf(EditError);
    expect((found as EditError).message).toBe(expected);
    expect(automerge.getHeads(doc)).toEqual(heads);
    expect(first(doc).fields.emails).toBeUndefined();
  }
  const bare = automerge.init<Record<string, unknown>>({ actor: 'aa' });
  expect(() => wrote(bare, [{ kind: 'add_structure', id: uuid(1), name: 'Mairie' }])).toThrow('no_document');
});

test('a group may build on what it makes', () => {
  // Goal: a record, its parts and their fields in one change, checked as they will stand.
  const [id, part] = [uuid(30), uuid(31)];
  const doc = wrote(territory(), [
    { kind: 'add_structure', id, name: 'Mairie' },
    { kind: 'add_service', structure: id, id: part, family: 'train' },
    { kind: 'set', address: addressOf(id, `services/${part}/weekly_eadmin_hours`), value: 3 },
    { kind: 'set', address: addressOf(id, `services/${part}/eadmin_staff`), value: 2 },
    { kind: 'set', address: addressOf(id, 'latitude'), value: 48 },
    { kind: 'set', address: addressOf(id, 'publics'), value: ['seniors', 'jeunes', 'jeunes'] },
    { kind: 'validate', structure: id, by: 'Rozenn' },
  ]);
  expect(readAll(doc)).toEqual([
    {
      id,
      fields: { name: 'Mairie', created_at: '2026-05-12T08:00:00Z', latitude: 48, publics: ['jeunes', 'seniors'] },
      services: [
        { id: part, fields: { family: 'train', created_at: '2026-05-12T08:00:00Z', weekly_eadmin_hours: 3, eadmin_staff: 2 } },
      ],
      helpers: [],
      confirmed: null,
      archived: null,
      validation: { at: '2026-05-12T08:00:00Z', by: 'Rozenn' },
      conflicts: [],
      findings: [],
    },
  ]);
  // The types in the document, as the contract has them.
  const backend = automerge.getBackend(doc);
  const [object = ''] = ids(backend, ids(backend, '_root', 'structures')[0] ?? '', id);
  const [service = ''] = ids(backend, ids(backend, object, 'services')[0] ?? '', part);
  const type = (at: string, key: string): unknown => backend.getWithType(at, key)?.[0];
  expect([type(object, 'name'), type(object, 'latitude'), type(object, 'publics'), type(object, 'helpers')]).toEqual(['str', 'f64', 'map', 'map']);
  expect([type(service, 'weekly_eadmin_hours'), type(service, 'eadmin_staff')]).toEqual(['f64', 'int']);
});

test('marks are written whole, lifted whole, and an empty word leaves nothing behind', () => {
  // Goal: archive, archive again, lift, and set back; whether each wrote anything.
  const archive = (why: string): Edit => ({ kind: 'archive', structure: uuid(1), by: 'Amina', why });
  let [doc, wrote] = writes(furnished(), [archive('closed')]);
  expect(wrote).toBe(true);
  [doc, wrote] = writes(doc, [archive('closed')]);
  expect(wrote).toBe(false);
  [doc, wrote] = writes(doc, [archive('')]);
  expect(first(doc).archived).toEqual({ at: '2026-05-12T08:00:00Z', by: 'Amina' });
  [doc, wrote] = writes(doc, [{ kind: 'unarchive', structure: uuid(1) }]);
  expect([wrote, first(doc).archived]).toEqual([true, null]);
  [doc, wrote] = writes(doc, [{ kind: 'unarchive', structure: uuid(1) }]);
  expect(wrote).toBe(false);
  [doc, wrote] = writes(doc, [set('validation/why', null)]);
  expect([wrote, first(doc).validation]).toEqual([false, null]);
  // Somebody confirms while somebody else empties the old confirmation: all of the new one stands.
  const confirm = (by: string): Edit => ({ kind: 'confirm', structure: uuid(1), by, how: 'call' });
  [doc] = writes(doc, [confirm('Amina')]);
  const [bruno] = writes(replica(doc, 'b1'), [confirm('Bruno')]);
  const [chloe] = writes(replica(doc, 'b2'), [set('confirmed/how', null), set('confirmed/at', null)]);
  expect(first(automerge.merge(bruno, chloe)).confirmed).toEqual({ at: '2026-05-12T08:00:00Z', by: 'Bruno', how: 'call' });
});

test('what stands in another shape is left alone, and replaced by another value', () => {
  // Goal: no needless write; values are written raw as other clients do, then set again.
  const doc = raw(furnished(), (backend, structure) => {
    backend.putObject(structure, 'phone', '02');
    backend.put(structure, 'latitude', 48, 'int');
    backend.put(structure, 'created_at', new Date('2026-05-12T08:00:00Z'), 'timestamp');
    backend.put(structure, 'itinerant', 'oui', 'str');
    backend.put(structure, 'notes', 'près de la gare', 'str');
  });
  const same: [string, Value][] = [['phone', '02'], ['latitude', 48], ['created_at', '2026-05-12T08:00:00Z'], ['notes', 'près de la gare']];
  for (const [path, value] of same) expect(writes(replica(doc, 'b1'), [set(path, value)])[1], path).toBe(false);
  const [mended, wrote] = writes(doc, [set('itinerant', true), set('phone', '03')]);
  expect([wrote, first(mended).findings, first(mended).fields.phone]).toEqual([true, [], '03']);
});

test('sets in another shape become maps and lose no member', () => {
  // Goal: include, exclude, empty; over a list, a map with false members, and a map with odd ones.
  const shapes: ((backend: Backend, structure: string) => void)[] = [
    (b, s) => b.putObjectFromHydrate(s, 'emails', ['a@b.c', 'd@e.f']),
    (b, s) => b.putObjectFromHydrate(s, 'emails', { 'a@b.c': true, 'd@e.f': true, 'g@h.i': false }),
    (b, s) => b.putObjectFromHydrate(s, 'emails', { 'a@b.c': 1, 'd@e.f': 'yes', 'g@h.i': null }),
  ];
  for (const shape of shapes) {
    let doc = raw(furnished(), shape);
    const shown = (): string => (first(doc).fields.emails ?? []).join(' ');
    const step = (edit: Edit): boolean => {
      const [after, wrote] = writes(doc, [edit]);
      doc = after;
      return wrote;
    };
    expect(shown()).toBe('a@b.c d@e.f');
    expect([step(include('emails', 'g@h.i')), step(include('emails', 'g@h.i')), shown()]).toEqual([true, false, 'a@b.c d@e.f g@h.i']);
    expect([step(exclude('emails', 'a@b.c')), step(exclude('emails', 'a@b.c')), shown()]).toEqual([true, false, 'd@e.f g@h.i']);
    expect([step(set('emails', null)), shown(), first(doc).findings]).toEqual([true, '', []]);
  }
});

test('edits of one record merge, prose by character, even when one of them empties it', () => {
  // Goal: nobody's edit is lost; three replicas write at the same time and merge.
  const doc = wrote(furnished(), [set('description', 'Ouvert.')]);
  const amina = wrote(replica(doc, 'b1'), [set('description', 'Ouvert à tous.'), set('phone', '02'), include('publics', 'jeunes')]);
  const bruno = wrote(replica(doc, 'b2'), [set('description', 'Toujours ouvert.'), set('website', 'x'), include('publics', 'seniors')]);
  const chloe = wrote(replica(doc, 'b3'), [set('description', null)]);
  const { fields, conflicts } = first(automerge.merge(replica(bruno, 'c1'), amina));
  expect(fields).toMatchObject({ description: 'Toujours ouvert à tous.', phone: '02', website: 'x', publics: ['jeunes', 'seniors'] });
  expect(conflicts).toEqual([]);
  expect(first(automerge.merge(chloe, amina)).fields.description).toBe(' à tous');
});

test('writing the value that is shown settles a conflict, of scalars and of texts', () => {
  // Goal: one answer left, the one chosen; two replicas answer at the same time.
  const answer = (n: number): Edit[] => [set('phone', `0${n}`), set('notes', `Clé chez ${n}`), set('latitude', n)];
  const base = furnished();
  let doc = automerge.merge(wrote(replica(base, 'b1'), answer(1)), wrote(replica(base, 'b2'), answer(2)));
  expect(first(doc).conflicts.map(({ path }) => path)).toEqual(['latitude', 'notes', 'phone']);
  const shown = first(doc).fields;
  doc = wrote(doc, [set('phone', shown.phone ?? ''), set('notes', shown.notes ?? ''), set('latitude', shown.latitude ?? 0)]);
  expect(first(doc).conflicts).toEqual([]);
  expect(first(doc).fields).toEqual(shown);
  expect(writes(doc, [set('phone', shown.phone ?? '')])[1]).toBe(false);
});
