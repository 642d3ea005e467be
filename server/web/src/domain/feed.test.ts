/** The feed: what is one line, and which parts of a record its paths name. */
import { expect, test } from 'vitest';
import { group, pathField, pathsOf } from './feed';
import { event, phone } from './testing-feed';

const day = [
  event(1, 0, 'a', null, { kind: 'joined' }),
  event(2, 10, 'a', 'x', { kind: 'created' }),
  event(3, 20, 'b', 'x', phone(null, '02')),
  event(4, 30, 'a', 'x', phone('02', '03')),
  event(5, 31, null, null, { kind: 'indicators', changes: [] }),
  event(6, 200, 'a', 'x', { kind: 'confirmed', how: 'call' }),
];

// Goal: one person's work on one place within a minute is one line, newest first. Method: a day out of order, twice.
test('events gather in lines', () => {
  expect(group([...day, ...day].reverse()).map(({ id, events }) => [id, events.map((each) => each.id)])).toEqual([
    [6, [6]], [5, [5]], [2, [2, 4]], [3, [3]], [1, [1]],
  ]);
});

// Goal: a line keeps its number while others join it, and takes the last name of its place. Method: one more event.
test('a line that grows stays the same line', () => {
  const renamed = event(7, 80, 'a', 'x', { kind: 'field_changed', path: 'name', before: 'lieu x', after: 'Le Lieu' });
  const line = group([...day.slice(0, 4), { ...renamed, subject: { structure: 'x', name: 'Le Lieu' } }])[0];
  expect([line?.id, line?.subject?.name, line?.events.length]).toEqual([2, 'Le Lieu', 3]);
});

// Goal: an instant that nobody can read breaks no line and joins none. Method: a damaged one.
test('an unreadable instant stands alone', () => {
  const odd = { ...event(3, 0, 'a', 'x', phone(null, '02')), at: 'hier' };
  expect(group([event(2, 0, 'a', 'x', { kind: 'created' }), odd]).map(({ id, at }) => [id, at === null])).toEqual([[3, true], [2, false]]);
});

test('paths', () => {
  expect(pathField('services/1/price')).toEqual({ place: 'services/1', key: 'price' });
  expect(pathField('phone')).toEqual({ place: '', key: 'phone' });
  expect(day.flatMap(pathsOf)).toEqual(['phone', 'phone']);
});
