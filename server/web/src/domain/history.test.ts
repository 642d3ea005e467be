/** A record's history: what is one entry, what can be gone back on and to what, which clocks are told. */
import { expect, test } from 'vitest';
import type { FeedEvent, JsonValue } from './generated/wire';
import { entriesOf } from './history';

const AT = '2026-03-02T10:00:00Z';
function wrote(id: number, path: string, before: JsonValue, after: JsonValue, at = AT, clock?: string): FeedEvent {
  const author = { contributor: 'a', name: 'Amina', device: 'd', ...(clock === undefined ? {} : { clock }) };
  return { id, at, author, subject: { structure: 's', name: 'Lieu' }, kind: 'field_changed', path, before, after };
}
const stepsOf = (...events: FeedEvent[]) =>
  entriesOf(events).map(({ id, steps }) => [id, steps.map((step) => [step.fact.kind, step.events, step.before])]);

// Goal: going back on a field that was saved several times while it was typed leads to what stood before all of it.
test('a field that was typed is one step, back to what stood before', () => {
  expect(stepsOf(wrote(5, 'phone', '0', '02'), wrote(4, 'phone', 'x', '0'))).toEqual([[4, [['field', [4], 'x']]]]);
});

// Goal: what is written together is gone back on together. Method: a position, and a commune with its name.
test('a position and a commune are one step each', () => {
  expect(stepsOf(wrote(1, 'longitude', 2, 3), wrote(2, 'latitude', 4, 5))).toEqual([[1, [['position', [2, 1], 4]]]]);
  expect(stepsOf(wrote(1, 'commune', 'A', 'B'), wrote(2, 'commune_name', 'a', 'b'))).toEqual([[1, [['field', [1, 2], 'A']]]]);
});

// Goal: what stood before is what the step says. Method: another's edit, and a return, in the same minute.
test('another in between, or a return, makes an entry of its own', () => {
  const other = { ...wrote(2, 'phone', '1', '2'), author: { contributor: 'b', name: 'Bruno', device: 'e' } };
  const back = wrote(4, 'phone', '3', '1');
  const returned: FeedEvent = { ...back, author: { contributor: 'a', name: 'Amina', device: 'd', reverts: 3 } };
  expect(stepsOf(wrote(1, 'phone', null, '1'), other, wrote(3, 'phone', '2', '3'), returned).map(([id]) => id)).toEqual([4, 3, 2, 1]);
});

test('newest first; only a field is gone back on', () => {
  const later = '2026-03-02T11:00:00Z';
  const archived: FeedEvent = { ...wrote(2, '', null, null, later), kind: 'archived', why: 'fermé' };
  const mark = wrote(3, 'archived/why', 'a', 'b', '2026-03-02T12:00:00Z');
  expect(stepsOf(wrote(1, 'services/x/price', null, 'free'), archived, mark)).toEqual([
    [3, [['field', [], null]]],
    [2, [['archived', [], null]]],
    [1, [['field', [1], null]]],
  ]);
});

// Goal: a clock that is a day off, either way, is told; one that is a little off is not. Method: four clocks.
test.each([
  ['2026-03-02T09:00:00Z', null],
  ['2026-03-03T10:00:00Z', null],
  ['2026-03-03T10:00:01Z', Date.UTC(2026, 2, 3, 10, 0, 1)],
  ['2019-01-01T00:00:00Z', Date.UTC(2019, 0, 1)],
])('a clock that says %s', (clock, told) => {
  expect(entriesOf([wrote(1, 'phone', null, '0', AT, clock)])[0]?.clock).toBe(told);
});
