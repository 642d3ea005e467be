/** What a line of the feed says. */
import { describe, expect, test } from 'vitest';
import { detailsOf, factsOf, leadOf, membersMoved, movedOf, type Lead } from './feed-line';
import type { Event, IndicatorChange } from './generated/wire';
import { event, phone } from './testing-feed';

const facts = (...what: Event[]): ReturnType<typeof factsOf> => factsOf({ events: what.map((each, at) => event(at + 1, at, 'a', 'x', each)) });
const field = (path: string, before: unknown, after: unknown): Event => ({ kind: 'field_changed', path, before, after }) as Event;

// Goal: each kind of event opens its own sentence, and what happened to the whole place leads. Method: cases.
test.each<[Lead, Event[]]>([
  ['created', [{ kind: 'created' }, phone(null, '02')]],
  ['created', [phone(null, '02'), { kind: 'created' }, { kind: 'confirmed', how: 'self' }]],
  ['changed', [phone('02', '03')]],
  ['changed', [phone(null, '03'), field('website', 'a', 'b')]],
  ['changed', [phone('02', null)]],
  ['completed', [phone(null, '03'), { kind: 'part_added', path: 'services/1', what: 'assist' }]],
  ['completed', [{ kind: 'part_added', path: 'helpers/1', what: 'Paul' }]],
  ['conflict', [phone('02', '03'), { kind: 'conflict', path: 'phone', values: ['02', '03'] }]],
  ['resolved', [{ kind: 'resolved', path: 'phone', value: '02' }]],
  ['confirmed', [{ kind: 'confirmed', how: 'call' }]],
  ['validated', [{ kind: 'validated' }, { kind: 'confirmed', how: 'call' }]],
  ['to_review', [{ kind: 'to_review' }]],
  ['archived', [{ kind: 'archived', why: 'fermé' }]],
  ['unarchived', [{ kind: 'unarchived' }]],
  ['removed', [{ kind: 'removed' }]],
  ['joined', [{ kind: 'joined' }]],
  ['quarantined', [phone('02', '03'), { kind: 'quarantined', reason: 'needs-referent', changes: 2 }]],
  ['quarantine_accepted', [{ kind: 'quarantine_accepted', whose: 'Amina' }, { kind: 'validated' }]],
  ['quarantine_rejected', [{ kind: 'quarantine_rejected', whose: 'Amina' }]],
  ['quarantine_withdrawn', [{ kind: 'quarantine_withdrawn' }]],
  ['figures', [{ kind: 'indicators', changes: [] }]],
  ['unknown', [{ kind: 'from_the_future' } as unknown as Event]],
])('%s leads', (lead, what) => expect(leadOf(facts(...what))).toBe(lead));

describe('facts', () => {
  // Goal: a field saved again and again while it is typed is one fact. Method: three saves, and one put back.
  test('a field that was typed is told once, from before to now', () => {
    expect(facts(phone(null, '0'), phone('0', '02'), phone('02', '0299'))).toEqual([{ kind: 'field', path: 'phone', before: null, after: '0299' }]);
    expect(facts(phone('02', '0'), phone('0', '02'))).toEqual([{ kind: 'field', path: 'phone', before: '02', after: '02' }]);
  });
  test('a position is one fact, a commune too', () => {
    const found = facts(field('latitude', null, 48), field('longitude', null, -2), field('commune', null, '35184'), field('commune_name', null, 'M'));
    expect(found.map((fact) => ('path' in fact ? fact.path : fact.kind))).toEqual(['position', 'commune']);
  });
  test('answers that differ stand for the change that made them differ', () => {
    expect(facts(phone('02', '03'), { kind: 'conflict', path: 'phone', values: ['02', '03'] }).map(({ kind }) => kind)).toEqual(['conflict']);
  });
  test('the sentence’s own fact is not told again; a reason, a way and answers are', () => {
    const told = (...what: Event[]): string[] => detailsOf(facts(...what), leadOf(facts(...what))).map(({ kind }) => kind);
    expect(told({ kind: 'created' }, phone(null, '02'))).toEqual(['field']);
    expect(told({ kind: 'archived', why: 'fermé' })).toEqual(['archived']);
    expect(told({ kind: 'confirmed', how: 'call' })).toEqual(['confirmed']);
    expect(told({ kind: 'validated' })).toEqual([]);
    expect(told({ kind: 'conflict', path: 'phone', values: ['1', '2'] })).toEqual(['conflict']);
  });
});

test('members that came and went', () => {
  expect(membersMoved(['a', 'b'], ['b', 'c'])).toEqual({ came: ['c'], went: ['a'] });
  expect(membersMoved(null, ['a'])).toEqual({ came: ['a'], went: [] });
  expect(membersMoved('a', 'b')).toBeNull();
  expect(membersMoved(null, null)).toBeNull();
});

// Goal: of many figures the ones that say most are told, the others counted. Method: a mix, out of order.
test('figures in short', () => {
  const change = (indicator: string, before: number | null, after: number | null, commune: string | null = null): IndicatorChange => ({ commune, indicator, before, after });
  const { told, more } = movedOf([
    change('gap.assist.people', 10, 5),
    change('offer.assist.weeklyEadminHours', 4, 7.5),
    change('offer.train.weeklyEadminHours', 4, null),
    change('structures', 39, 40, '35184'),
    change('offer.assist.services', 1, 2),
    change('structures', 39, 40),
    change('coverage.any.within15.concerned', 100, 220),
  ]);
  expect(told.map(({ word, family, after }) => [word, family, after])).toEqual([['structures', null, 40], ['near', null, 220], ['hours', 'assist', 7.5]]);
  expect(more).toBe(4);
  expect(movedOf([])).toEqual({ told: [], more: 0 });
});
