// Edits of an earlier document in the new one. The new documents are made here as the server makes them: the old one's
// changes, written anew without what was erased.
import * as A from '@automerge/automerge/slim';
import { beforeAll, expect, test } from 'vitest';
import { carryOver } from './carry';
import { furnished, replica, start, uuid, wrote, type Document } from './testing';
import type { Edit } from '../edit';

beforeAll(start);

const set = (key: string, value: string, place = ''): Edit => ({ kind: 'set', address: { structure: uuid(1), place, key }, value });

type Op = { action: string; obj: string; key?: string; elemId?: string; pred: string[] };

/** What the server does: leaves out what stands at some keys of structure 1, and seals. */
function without(old: Document, gone: string[], taken: Record<string, number> = {}): Document {
  const [dropped, objects] = [new Set<string>(), new Set<string>()];
  const moved = new Map<string, string>();
  const seqs = new Map<string, number>();
  let next = A.init<Record<string, unknown>>({ actor: 'ff' });
  for (const bytes of A.getAllChanges(old)) {
    const change = A.decodeChange(bytes);
    const runs: { start: number; ops: Op[] }[] = [];
    for (const [i, op] of (change.ops as unknown as Op[]).entries()) {
      const id = `${change.startOp + i}@${change.actor}`;
      if (objects.has(op.obj) || (op.key !== undefined && gone.includes(op.key))) {
        dropped.add(id);
        objects.add(id);
        continue;
      }
      const left = { ...op, pred: op.pred.filter((pred) => !dropped.has(pred)) };
      const last = runs.at(-1);
      if (last !== undefined && last.start + last.ops.length === change.startOp + i) last.ops.push(left);
      else runs.push({ start: change.startOp + i, ops: [left] });
    }
    let deps = change.deps.flatMap((dep) => moved.get(dep) ?? []);
    for (const { start: startOp, ops } of runs) {
      const seq = (seqs.get(change.actor) ?? 0) + 1;
      seqs.set(change.actor, seq);
      const made = A.encodeChange({ ...change, seq, startOp, deps, ops } as unknown as Parameters<typeof A.encodeChange>[0]);
      [next] = A.applyChanges(next, [made]);
      deps = [A.decodeChange(made).hash];
    }
    const [standing] = deps;
    if (standing !== undefined) moved.set(change.hash, standing);
  }
  return A.change(next, (draft) => {
    draft['epoch'] = { number: 1, taken };
  });
}

const record = (doc: Document): Record<string, unknown> =>
  (A.toJS(doc) as unknown as { structures: Record<string, Record<string, unknown>> }).structures[uuid(1)] ?? {};
const plain = (value: unknown): unknown => (value instanceof A.ImmutableString ? value.val : value);

/** A device and the server with one document, and what the device wrote since. */
function away(before: Edit[], since: Edit[][]): { server: Document; device: Document; unsent: Uint8Array[] } {
  const server = wrote(furnished(), before);
  let device = replica(server, 'bb');
  for (const edits of since) device = wrote(device, edits);
  return { server, device, unsent: A.getChangesSince(device, A.getHeads(server)) };
}

test('what was written offline arrives; what was written into something erased is given back', () => {
  const { server, device, unsent } = away(
    [set('phone', 'SECRET'), set('notes', 'une SECRET'), set('description', 'le texte')],
    [[set('phone', '02 99')], [set('notes', 'une SECRET de plus')], [set('description', 'tout le texte')], [set('website', 'https://a.example')]],
  );
  const next = without(server, ['phone', 'notes']);
  const { changes, left, carried } = carryOver(device, next, unsent);
  expect(left).toEqual([{ at: expect.any(Number) as number, structure: uuid(1), path: 'notes', said: ' de plus' }]);
  expect(carried).toBe(3);
  const [moved] = A.applyChanges(A.clone(next), changes);
  const found = record(moved);
  expect([plain(found['phone']), found['description'], plain(found['website']), found['notes']]).toEqual([
    '02 99', 'tout le texte', 'https://a.example', undefined,
  ]);
  // The server takes no change that leaves numbers out, nor an actor's that are not numbered one by one.
  let highest = Math.max(...A.getChangesMetaSince(next, []).map(({ maxOp }) => maxOp));
  for (const [i, bytes] of changes.entries()) {
    const change = A.decodeChange(bytes);
    expect(change.seq).toBe(i + 1);
    expect(change.startOp).toBeLessThanOrEqual(highest + 1);
    highest = Math.max(highest, change.startOp + change.ops.length - 1);
  }
  // It survives saving.
  expect(record(A.load<Record<string, unknown>>(A.save(moved)))).toEqual(found);
});

test('what the server had and forgot is not brought again', () => {
  const { server, device, unsent } = away([], [[set('phone', 'SECRET')], [set('summary', 'en bref')]]);
  const [had] = A.applyChanges(A.clone(server), unsent.slice(0, 1));
  const first = A.decodeChange(unsent[0] as Uint8Array);
  const next = without(had, ['phone'], { bb: first.startOp + first.ops.length - 1 });
  const { changes, left } = carryOver(device, next, unsent);
  const [moved] = A.applyChanges(A.clone(next), changes);
  expect([changes.length, left, record(moved)['phone'], plain(record(moved)['summary'])]).toEqual([1, [], undefined, 'en bref']);
});

test('what was concurrent stays concurrent', () => {
  const { server, device, unsent } = away([set('phone', 'SECRET')], [[set('website', 'https://b.example')]]);
  const meanwhile = wrote(server, [set('website', 'https://a.example')]);
  const next = without(meanwhile, ['phone']);
  const { changes } = carryOver(device, next, unsent);
  const [moved] = A.applyChanges(A.clone(next), changes);
  const structures = (moved as unknown as { structures: Record<string, object> }).structures;
  expect(Object.keys(A.getConflicts(structures[uuid(1)] as never, 'website' as never) ?? {})).toHaveLength(2);
  expect(A.decodeChange(changes[0] as Uint8Array).deps).not.toContain(A.getHeads(next)[0]);
});

test('a new record and what is written into it come along', () => {
  const { server, device, unsent } = away(
    [set('phone', 'SECRET')],
    [[{ kind: 'add_helper', structure: uuid(1), id: uuid(9), name: 'Bilal' }], [set('email', 'b@a.example', `helpers/${uuid(9)}`)]],
  );
  const next = without(server, ['phone']);
  const { changes, left } = carryOver(device, next, unsent);
  const [moved] = A.applyChanges(A.clone(next), changes);
  const helpers = record(moved)['helpers'] as Record<string, Record<string, unknown>>;
  expect([left, plain(helpers[uuid(9)]?.['email'])]).toEqual([[], 'b@a.example']);
});

// Goal: what was written into a record that was erased whole is given back, also where its author's first change is gone and the
// new document came as a whole, as the server gives it. Method: two records of one person, the first of them erased.
test('what was written into an erased record is given back', () => {
  let server = replica(furnished(), 'cc');
  for (const [n, name] of [[7, 'Un lieu'], [8, 'Un autre']] as const) {
    server = wrote(server, [{ kind: 'add_structure', id: uuid(n), name } as Edit]);
  }
  const device = wrote(replica(server, 'bb'), [{ kind: 'set', address: { structure: uuid(7), place: '', key: 'phone' }, value: '02 99' }]);
  const unsent = A.getChangesSince(device, A.getHeads(server));
  const next = A.load<Record<string, unknown>>(A.save(without(server, [uuid(7)])));
  const { changes, left } = carryOver(device, next, unsent);
  expect([changes.length, left]).toEqual([0, [{ at: expect.any(Number) as number, structure: uuid(7), path: 'phone', said: '02 99' }]]);
});
