/** Opening hours: the weekly model and its text, and what compiled intervals say. */
import { describe, expect, test } from 'vitest';
import { emptyWeek, isOpenAt, nextChange, parseHours, problemsOf, today, writeHours, type Interval, type Span, type Weekly } from './hours';

const week = (days: Record<number, Span[]>, more: Partial<Weekly> = {}): Weekly => ({
  ...emptyWeek(),
  days: emptyWeek().days.map((_, day) => days[day] ?? []),
  ...more,
});
const MORNING: Span = [540, 720];
const AFTERNOON: Span = [840, 1050];

// Goal: texts that people really have come in and go out as they are. Method: read, compare, write, compare.
test.each<[string, Weekly]>([
  ['Mo-Fr 09:00-12:00', week({ 0: [MORNING], 1: [MORNING], 2: [MORNING], 3: [MORNING], 4: [MORNING] })],
  ['Mo,We 09:00-12:00,14:00-17:30; Sa 09:00-12:00', week({ 0: [MORNING, AFTERNOON], 2: [MORNING, AFTERNOON], 5: [MORNING] })],
  ['week 1-53/2 We 14:00-17:30', week({ 2: [AFTERNOON] }, { rhythm: 'odd' })],
  ['week 2-53/2 We 14:00-17:30; PH off', week({ 2: [AFTERNOON] }, { rhythm: 'even', closedOnHolidays: true })],
  ['"sur rendez-vous"', week({}, { onAppointment: true })],
  ['Tu 09:00-12:00 "sur rendez-vous"', week({ 1: [MORNING] }, { onAppointment: true })],
  ['', week({})],
])('%s is read and written again', (text, model) => {
  expect(parseHours(text)).toEqual(model);
  expect(writeHours(model)).toBe(text);
});

// Goal: others' spellings of the same are read; what the model cannot hold stays a text. Method: cases.
test.each([
  ['Mo-Fr 9:00-12:00', 'Mo-Fr 09:00-12:00'],
  ['Mo - Fr 09:00 - 12:00', 'Mo-Fr 09:00-12:00'],
  ['Mo-Su 10:00-12:00; Su off', null],
  ['24/7', null],
  ['Mo 22:00-02:00', null],
  ['sunrise-sunset', null],
  ['Mo 09:00-12:00; week 1-53/2 Tu 09:00-12:00', null],
  ['Mo 09:00-25:00', null],
  ['on ne sait pas', null],
])('%s is read as %s', (text, expected) => {
  const model = parseHours(text);
  expect(model === null ? null : writeHours(model)).toBe(expected);
});

// Goal: reading undoes writing, for every model without a problem. Method: 500 models drawn from a fixed seed.
test('what is written is read back, whatever the week', () => {
  let state = 7;
  const draw = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  let seen = 0;
  for (let round = 0; round < 500; round++) {
    const model: Weekly = {
      days: emptyWeek().days.map(() =>
        Array.from({ length: draw(3) }, (_, i): Span => [480 + i * 300 + draw(60), 700 + i * 300 + draw(60)]),
      ),
      rhythm: (['every', 'odd', 'even'] as const)[draw(3)] ?? 'every',
      closedOnHolidays: draw(2) === 0,
      onAppointment: draw(3) === 0,
    };
    if (problemsOf(model).length > 0 || model.days.every((spans) => spans.length === 0)) continue;
    seen++;
    expect(parseHours(writeHours(model))).toEqual(model);
  }
  expect(seen).toBeGreaterThan(300);
});

describe('problems', () => {
  // Goal: each mistake is told with its day. Method: one mistake a case.
  test.each<[Span[], string | null]>([
    [[[720, 540]], 'reversed'],
    [[[540, 540]], 'reversed'],
    [[[540, 1500]], 'out_of_day'],
    [[[540, 800], [700, 900]], 'overlap'],
    [[[540, 720], [720, 900]], null],
  ])('%j: %s', (spans, code) => {
    expect(problemsOf(week({ 3: spans }))).toEqual(code === null ? [] : [{ day: 3, code }]);
  });
});

// Goal: compiled intervals answer for a moment and for a day, through the change of clocks. Method: 25 October 2026,
// which has 25 hours in Paris.
test('intervals say what is open, until when, and today', () => {
  const at = (hours: number): number => Date.UTC(2026, 9, 25) + hours * 3_600_000;
  const open: Interval[] = [[at(7), at(10)], [at(13), at(16)], [at(31), at(34)]];
  expect([6.9, 7, 9.99, 10, 14].map((hours) => isOpenAt(open, at(hours)))).toEqual([false, true, true, false, true]);
  expect(nextChange(open, at(8))).toBe(at(10));
  expect(nextChange(open, at(40))).toBeNull();
  expect(today(open, at(5), 'Europe/Paris')).toEqual([open[0], open[1]]);
  // 23:00 in Paris is 22:00 UTC after the change: still the same day.
  expect(today([[at(21), at(25)]], at(12), 'Europe/Paris')).toEqual([[at(21), at(23)]]);
});
