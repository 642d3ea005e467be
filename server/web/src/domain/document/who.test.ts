import * as automerge from '@automerge/automerge/slim';
import { beforeAll, expect, test } from 'vitest';
import type { Edit } from '../edit';
import type { Authorship } from '../record';
import { furnished, large, raw, replica, start, uuid, wrote, type Document } from './testing';
import { authorship, learn } from './who';

beforeAll(start);

const moment = (minute: number): Date => new Date(Date.UTC(2026, 4, 12, 9, minute));
const set = (key: string, value: string, place = ''): Edit => ({ kind: 'set', address: { structure: uuid(1), place, key }, value });
const member = (kind: 'include' | 'exclude', member: string): Edit => ({
  kind,
  address: { structure: uuid(1), place: '', key: 'emails' },
  member,
});
const none: ReadonlySet<string> = new Set();

/** `actor@minute` of each answer, by path. */
function told(found: Authorship): Record<string, string[]> {
  const short = (answers: Authorship[string]): string[] =>
    answers.map(({ actor, at, value }) => `${String(value)} ${actor}@${at === null ? '?' : new Date(at).getUTCMinutes()}`);
  return Object.fromEntries(Object.entries(found).map(([path, answers]) => [path, short(answers)]));
}

/** A copy that nothing was learnt about: its history is read from the columns. */
function loaded(doc: Document): Document {
  return automerge.load(automerge.save(doc), { actor: 'ff' });
}

test('each value has its author and time, in every place', () => {
  // Goal: actors and times of fields, parts, marks, sets and prose; learnt change by change, and all at once.
  let doc = furnished('aa');
  authorship(doc, uuid(1), none);
  doc = wrote(replica(doc, 'b1'), [set('phone', '02'), set('description', 'Ouvert.'), member('include', 'a@b.c')], moment(1));
  authorship(doc, uuid(1), none);
  doc = wrote(doc, [set('price', 'free', `services/${uuid(2)}`), set('role', 'Conseillère', `helpers/${uuid(3)}`)], moment(2));
  doc = automerge.merge(replica(doc, 'c1'), doc);
  learn(doc);
  doc = wrote(doc, [set('description', 'Ouvert à tous.'), member('include', 'd@e.f'), set('website', 'x')], moment(3));
  doc = wrote(doc, [{ kind: 'confirm', structure: uuid(1), by: 'Amina', how: 'call' }, member('exclude', 'a@b.c')], moment(4));
  for (const one of [doc, loaded(doc)]) {
    expect(told(authorship(one, uuid(1), none))).toMatchObject({
      name: ['Médiathèque aa@0'],
      phone: ['02 b1@1'],
      description: ['Ouvert à tous. c1@3'],
      website: ['x c1@3'],
      emails: ['d@e.f c1@4'],
      [`services/${uuid(2)}/price`]: ['free b1@2'],
      [`services/${uuid(2)}/family`]: ['assist aa@0'],
      [`helpers/${uuid(3)}/role`]: ['Conseillère b1@2'],
      'confirmed/how': ['call c1@4'],
    });
  }
  expect(authorship(doc, uuid(99), none)).toEqual({});
});

test('two answers have two authors, the one shown first; a change without a time has none', () => {
  // Goal: conflicts; two replicas write one field at the same time, a third client writes without its clock.
  const base = raw(furnished('aa'), (backend, structure) => backend.put(structure, 'rna', 'W35', 'str'));
  const doc = automerge.merge(
    wrote(replica(base, 'b1'), [set('phone', '02'), set('website', 'x')], moment(1)),
    wrote(replica(base, 'b2'), [set('phone', '03'), set('website', 'x')], moment(2)),
  );
  const found = told(authorship(doc, uuid(1), none));
  expect(found['phone']).toEqual(['03 b2@2', '02 b1@1']);
  expect(found['website']).toEqual(['x b2@2']);
  expect(found['rna']).toEqual(['W35 aa@?']);
});

test('what waits is told apart', () => {
  // Goal: `waiting` for values of waiting changes alone; hashes of the last two changes are handed in.
  let doc = wrote(furnished('aa'), [set('phone', '02')], moment(1));
  const heads = automerge.getHeads(doc);
  doc = wrote(doc, [set('website', 'x'), set('notes', 'clé')], moment(2));
  doc = wrote(doc, [set('kind', 'Mairie')], moment(3));
  const hashes = new Set(automerge.getChangesMetaSince(doc, heads).map(({ hash }) => hash));
  const found = authorship(doc, uuid(1), hashes.add('00'.repeat(32)));
  const waiting = Object.keys(found).filter((path) => found[path]?.some((answer) => answer.waiting));
  expect(waiting.sort()).toEqual(['kind', 'notes', 'website']);
});

test('authors are right after a long history, learnt once and followed after', () => {
  // Goal: what is learnt of the history is kept and added to. Method: 2,000 changes over 50 structures, then five more.
  let doc = large(50);
  for (let i = 0; i < 2_000; i++) {
    doc = automerge.change(doc, { time: 1_700_000_000 + i }, (draft) => {
      const { structures } = draft as { structures: Record<string, Record<string, unknown>> };
      (structures[uuid(1 + (i % 50))] ?? {})['phone'] = new automerge.ImmutableString(`02 ${i}`);
    });
  }
  learn(doc);
  for (let i = 0; i < 5; i++) {
    doc = wrote(doc, [set('phone', String(i))], moment(i));
    expect(told(authorship(doc, uuid(1), none))['phone']).toEqual([`${i} ee@${i}`]);
  }
}, 60_000);
