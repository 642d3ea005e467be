/** Weekdays and weeks of the year, at the edges of years. */
import { expect, test } from 'vitest';
import { isOn, weekdayOf, weekOf } from './week';

test.each([
  [2026, 10, 25, 2, 48],
  [2026, 0, 1, 3, 1],
  [2027, 0, 1, 4, 53],
  [2024, 11, 30, 0, 1],
  [2023, 0, 1, 6, 52],
])('%i-%i-%i', (year, month, day, weekday, week) => {
  const date = new Date(year, month, day, 23, 30);
  expect([weekdayOf(date), weekOf(date)]).toEqual([weekday, week]);
});

test('every other week', () => {
  const even = new Date(2026, 10, 25);
  expect([isOn('every', even), isOn('even', even), isOn('odd', even)]).toEqual([true, true, false]);
});
