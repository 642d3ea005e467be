/** Changes set aside: their order, their reasons, what each would do. */
import { expect, test } from 'vitest';
import type { Held, HeldEdit } from './generated/wire';
import { aboutOf, inOrder, isReason, severalOf, waitingOf } from './quarantine';

const held = (id: string, state: Held['state'], at: string): Held => ({
  id, state, at, reason: 'needs-referent', edits: [], contributor: 'c', name: 'Amina', device: 'd', role: 'contributor', needs: [],
});

// Goal: what waits for somebody is read first; what the server carried over is nobody's business. Method: each state.
test('in order', () => {
  const all = [held('a', 'accepted', '3'), held('b', 'waiting', '1'), held('c', 'carried', '4'), held('d', 'waiting', '2')];
  expect(inOrder(all).map(({ id }) => id)).toEqual(['d', 'b', 'a']);
  expect(waitingOf(all)).toHaveLength(2);
});

test('a reason that this app does not know is none', () => {
  expect([isReason('builds-on-refused'), isReason('of-tomorrow')]).toEqual([true, false]);
});

// Goal: a change is told structure by structure, each field once. Method: a field written twice, a container, two records.
test('what a change would do', () => {
  const edit = (structure: string, path: string, value: HeldEdit['value'], act: HeldEdit['act'] = 'write'): HeldEdit => ({ structure, name: `n${structure}`, path, value, act });
  const about = aboutOf({ edits: [edit('s', 'phone', '1'), edit('s', 'services', null, 'create'), edit('s', 'phone', '2'), edit('z', 'validation', null, 'create'), edit('z', 'validation/by', 'Rose'), edit('z', 'validation/at', '2026')] });
  expect(about.map(({ name, edits }) => [name, edits.map(({ path, value }) => [path, value])])).toEqual([
    ['ns', [['phone', '2']]],
    ['nz', [['validation', 'Rose']]],
  ]);
});

// Goal: whoever has one change waiting is not offered a decision about all. Method: three people.
test('people of whom several changes wait', () => {
  const of = (contributor: string): Held => ({ contributor, name: contributor.toUpperCase() }) as Held;
  expect(severalOf([of('a'), of('b'), of('c'), of('c'), of('b'), of('c')])).toEqual([
    { contributor: 'c', name: 'C', n: 3 },
    { contributor: 'b', name: 'B', n: 2 },
  ]);
  expect(severalOf([])).toEqual([]);
});
