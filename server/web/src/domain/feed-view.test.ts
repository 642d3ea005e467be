/** Which lines of the feed are shown, what is new, and what a day counts. */
import { describe, expect, test } from 'vitest';
import { ALL, AWAY_MS, back, begin, dayOf, linesOf, newest, parted, peopleOf, reachesBack, shown, together, type FeedFilters } from './feed-view';
import { event, phone, START } from './testing-feed';

const day = [
  event(1, 0, 'a', null, { kind: 'joined' }),
  event(2, 10, 'a', 'x', { kind: 'created' }),
  event(3, 20, 'b', 'xx', phone(null, '02')),
  event(4, 30, 'a', 'x', phone('02', '03')),
  event(5, 31, null, null, { kind: 'indicators', changes: [] }),
  event(6, 200, 'a', 'x', { kind: 'confirmed', how: 'call' }),
];

// Goal: filters keep what is asked for, and only that part of a line. Method: each filter by itself, and two together.
test.each<[Partial<FeedFilters>, number[]]>([
  [{}, [6, 5, 2, 4, 3, 1]],
  [{ kind: 'changed' }, [4, 3]],
  [{ kind: 'added' }, [2]],
  [{ kind: 'figures' }, [5]],
  [{ kind: 'people' }, [1]],
  [{ kind: 'archived' }, []],
  [{ person: 'b' }, [3]],
  [{ commune: '35001' }, [6, 2, 4]],
  [{ commune: '35001', kind: 'changed' }, [4]],
  [{ commune: '99999' }, []],
])('%j', (filters, expected) => {
  expect(linesOf(day, { ...ALL, ...filters }).flatMap(({ events }) => events.map(({ id }) => id))).toEqual(expected);
});

// Goal: the day counts what people did to places, a minute's work as one. Method: before, within and after.
test('the day', () => {
  expect(dayOf(day, START)).toEqual({ contributions: 3, people: 2 });
  expect(dayOf(day, START + 100_000)).toEqual({ contributions: 1, people: 1 });
  expect(dayOf(day, START + 300_000)).toEqual({ contributions: 0, people: 0 });
  expect(reachesBack(day, START + 1)).toBe(true);
  expect(reachesBack(day.slice(2), START)).toBe(false);
  expect(reachesBack([], START)).toBe(true);
});

test('people, by the name they had last', () => {
  const renamed = { ...event(9, 0, 'b', 'x', phone(null, '1')), author: { contributor: 'b', name: 'Éva', device: 'd' } };
  expect(peopleOf([renamed, ...day])).toEqual([{ id: 'a', name: 'A' }, { id: 'b', name: 'Éva' }]);
});

describe('a list that does not grow without end', () => {
  test('events come once, in order', () => {
    expect(together(day.slice(3), day.slice(0, 4)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
  });
  test('the last lines are kept whole', () => {
    expect(newest(day, 3, 100).map(({ id }) => id)).toEqual([2, 4, 5, 6]);
    expect(newest(day, 100, 2).map(({ id }) => id)).toEqual([5, 6]);
    expect(newest(day, 100, 100)).toEqual(day);
  });
});

describe('the last visit', () => {
  const lines = linesOf(day, ALL);
  const ids = (since: number | null): number[][] => {
    const { fresh, known } = parted(lines, since);
    return [fresh.map(({ id }) => id), known.map(({ id }) => id)];
  };
  // Goal: a line with something new in it is new; a first visit parts nothing. Method: the last seen at each place.
  test('parts the lines', () => {
    expect(ids(null)).toEqual([[], [6, 5, 2, 3, 1]]);
    expect(ids(3)).toEqual([[6, 5, 2], [3, 1]]);
    expect(ids(6)).toEqual([[], [6, 5, 2, 3, 1]]);
    expect(ids(0)).toEqual([[6, 5, 2, 3, 1], []]);
  });
  // Goal: what is shown is seen, the mark stays while the visit lasts and moves after a long absence. Method: one visit.
  test('moves on when the page was left for long', () => {
    const visit = shown(shown(begin(3), 6), 5);
    expect(visit).toEqual({ since: 3, seen: 6 });
    expect(back(visit, AWAY_MS - 1)).toEqual(visit);
    expect(back(visit, AWAY_MS)).toEqual({ since: 6, seen: 6 });
    expect(back(begin(null), AWAY_MS)).toEqual({ since: null, seen: 0 });
  });
});
