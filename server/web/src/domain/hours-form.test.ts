/** The form of a week: what it makes of a model and back, what it copies, and what is wrong with a day. */
import { expect, test } from 'vitest';
import { emptyWeek, parseHours, writeHours } from './hours';
import { alikeDays, copiedDay, formOf, weekOfForm, withBreak, withDay, withPreset, withSpans } from './hours-form';

const form = (text: string): ReturnType<typeof formOf> => formOf(parseHours(text) ?? emptyWeek());
const written = (of: ReturnType<typeof formOf>): string => {
  const read = weekOfForm(of);
  return 'week' in read ? writeHours(read.week) : read.problems.map(({ day, code }) => `${day} ${code}`).join();
};

test.each(['Mo-Fr 09:00-12:00,14:00-17:00', 'week 1-53/2 Tu 14:00-17:00', 'Sa 20:00-24:00', 'Mo 09:00-12:00; PH off', ''])(
  'what it makes of “%s” is written back',
  (text) => expect(written(form(text))).toBe(text),
);

test('a day opens like the open day before it, and closes', () => {
  const monday = withSpans(form(''), 0, [{ from: '08:30', to: '12:00' }]);
  expect(written(withDay(monday, 2, true))).toBe('Mo,We 08:30-12:00');
  expect(written(withDay(form(''), 2, true))).toBe('We 09:00-12:00,14:00-17:00');
  expect(written(withDay(monday, 0, false))).toBe('');
});

test('a lunch break splits a day, and is taken back', () => {
  expect(written(withBreak(form('Mo 09:00-17:00'), 0, true))).toBe('Mo 09:00-12:00,14:00-17:00');
  expect(written(withBreak(form('Mo 09:00-12:00,14:00-17:00'), 0, false))).toBe('Mo 09:00-17:00');
  expect(written(withBreak(form('Mo 09:00-12:00'), 0, true))).toBe('0 incomplete');
});

test('a day is copied to the working days and to those that are open', () => {
  const { form: all, to } = copiedDay(form('Mo 09:00-12:00; Sa 10:00-11:00'), 0);
  expect(written(all)).toBe('Mo-Sa 09:00-12:00');
  expect(to).toEqual([1, 2, 3, 4, 5]);
});

test('a preset fills the working days', () => {
  expect(written(withPreset(form('Su 10:00-11:00'), 'morning'))).toBe('Mo-Fr 09:00-12:00');
});

test.each([
  [[{ from: '12:00', to: '09:00' }], '1 reversed'],
  [[{ from: '09:00', to: '12:00' }, { from: '11:00', to: '13:00' }], '1 overlap'],
  [[{ from: '09:00', to: '' }], '1 incomplete'],
])('what is wrong is told of its day: %j', (spans, expected) => expect(written(withSpans(form(''), 1, spans))).toBe(expected));

test('equal days are said together', () => {
  const week = parseHours('Mo,We 09:00-12:00; Tu 14:00-16:00');
  expect(week === null ? null : alikeDays(week).map(({ days }) => days)).toEqual([[0, 2], [1]]);
});
