// What waits is worked out from two documents: this device's, and the one whose heads the server named.
import * as A from '@automerge/automerge/slim';
import { beforeAll, expect, test } from 'vitest';
import { Pending, touchedBy } from './pending';
import { loadAutomerge } from './testing';

type Shape = { structures: Record<string, Record<string, unknown>> };
const ME = 'aa'.repeat(16);
const OTHER = 'bb'.repeat(16);

beforeAll(loadAutomerge);

function base(): A.Doc<Shape> {
  return A.from<Shape>({ structures: { one: { services: {} } } } as unknown as Shape, '00'.repeat(16));
}
const set = (doc: A.Doc<Shape>, key: string, value: string): A.Doc<Shape> =>
  A.change(doc, ({ structures: { one } }) => void (one && (one[key] = value)));
const heads = (doc: A.Doc<Shape>): string[] => A.getHeads(doc);

test('own changes wait until the server names heads that follow them', () => {
  const server = A.clone(base(), OTHER);
  let mine = A.clone(server, ME);
  const pending = new Pending(heads(server), [ME]);
  expect(pending.waiting(mine).changes).toEqual([]);
  mine = set(set(mine, 'phone', '1'), 'phone', '2');
  expect(pending.waiting(mine).changes.map(({ seq }) => seq)).toEqual([1, 2]);

  // The server took the first of them, and something of somebody else.
  const first = A.getChanges(server, mine)[0];
  const taken = set(A.applyChanges(server, first ? [first] : [])[0], 'name', 'x');
  pending.named(heads(taken));
  // Ahead of what this document has: nothing is taken as durable that is not there.
  expect(pending.settle(mine)).toBe(false);
  mine = A.merge(mine, A.clone(taken));
  expect(pending.settle(mine)).toBe(true);
  expect(pending.waiting(mine).changes.map(({ seq }) => seq)).toEqual([2]);
  pending.named(heads(mine));
  pending.settle(mine);
  expect(pending.waiting(mine)).toEqual({ changes: [], unknown: [] });
});

test('what the document has of the named heads is durable, beside what was before', () => {
  const start = base();
  const mine = set(A.clone(start, ME), 'phone', '1');
  const elsewhere = set(A.clone(start, OTHER), 'name', 'x');
  const pending = new Pending(heads(start), [ME]);
  pending.named([...heads(mine), ...heads(elsewhere)]);
  pending.settle(mine);
  expect(pending.waiting(mine).changes).toEqual([]);
});

test('changes of others that came another way are not counted; an unknown actor is asked about', () => {
  const start = base();
  const pending = new Pending(heads(start), [ME]);
  const mine = A.merge(A.clone(start, ME), set(A.clone(start, OTHER), 'name', 'x'));
  expect(pending.waiting(mine)).toEqual({ changes: [], unknown: [OTHER] });
  pending.learn([], [OTHER]);
  expect(pending.waiting(mine)).toEqual({ changes: [], unknown: [] });
  // Another tab's engine is this device too.
  const tab = new Pending(heads(start), [ME]);
  tab.learn([OTHER], [OTHER]);
  expect(tab.waiting(mine).changes).toHaveLength(1);
});

test('a server that lost its last writes makes them wait again', () => {
  const start = base();
  const mine = set(A.clone(start, ME), 'phone', '1');
  const pending = new Pending(heads(mine), [ME]);
  pending.named(heads(start));
  pending.settle(mine);
  expect(pending.waiting(mine).changes).toHaveLength(1);
});

test('heads that the document does not have are no reason to fail', () => {
  const mine = set(A.clone(base(), ME), 'phone', '1');
  const pending = new Pending(['00'.repeat(32)], [ME]);
  expect(pending.waiting(mine).changes).toHaveLength(1);
});

test('the waiting changes alone are the file, and it can be read', () => {
  const start = base();
  const pending = new Pending(heads(start), [ME]);
  const mine = A.merge(set(set(A.clone(start, ME), 'phone', '1'), 'email', '2'), set(A.clone(start, OTHER), 'name', 'x'));
  const read = A.loadIncremental(A.clone(start), pending.file(mine));
  expect(A.toJS(read).structures).toEqual({ one: { services: {}, phone: '1', email: '2' } });
});

test('a change is told by its structures and the paths inside them', () => {
  let mine = A.clone(base(), ME);
  mine = A.change(mine, ({ structures }) => {
    structures['two'] = { name: new A.ImmutableString('Deux'), services: { s: {} }, emails: {} };
    const two = structures['two'] as Record<string, Record<string, unknown>>;
    (two['services']?.['s'] as Record<string, unknown>)['price'] = new A.ImmutableString('free');
    if (two['emails']) two['emails']['a@b.fr'] = true;
    (structures['one'] as Record<string, unknown>)['description'] = 'letters';
  });
  const [hash = ''] = A.getHeads(mine);
  const touched = Object.fromEntries([...touchedBy(mine, hash)].map(([id, paths]) => [id, [...paths].sort()]));
  expect(touched).toEqual({
    one: ['description'],
    two: ['emails', 'name', 'services/s', 'services/s/price'],
  });
});
