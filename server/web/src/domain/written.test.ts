/** Who wrote what stands: the latest, each answer's author, and clocks that cannot be believed. */
import { expect, test } from 'vitest';
import type { Answer } from './record';
import { answersTo, clockIsOdd, latest, latestUnder } from './written';

const answer = (value: Answer['value'], actor: string, at: number | null): Answer => ({ value, actor, at, waiting: false });

test('a clock is odd when it is more than a day ahead', () => {
  const now = 1_800_000_000_000;
  expect(clockIsOdd(now + 86_400_000, now)).toBe(false);
  expect(clockIsOdd(now + 86_400_001, now)).toBe(true);
});

test('the latest of several paths, and of all that a service holds', () => {
  const authorship = {
    latitude: [answer(48, 'a', 1)], longitude: [answer(-2, 'b', 3)],
    'services/x/price': [answer('free', 'c', 5)], 'services/y/price': [answer('paid', 'd', 9)],
  };
  expect(latest(authorship, ['latitude', 'longitude'])?.actor).toBe('b');
  expect(latest(authorship, ['phone'])).toBeNull();
  expect(latestUnder(authorship, 'services/x/')?.actor).toBe('c');
});

test('each answer of a conflict has its author, before and after they are known', () => {
  const values = ['02', '03'];
  expect(answersTo(values, []).map(({ written }) => written)).toEqual([null, null]);
  expect(answersTo(values, [answer('03', 'b', 1), answer('02', 'a', 1)]).map(({ written }) => written?.actor)).toEqual(['a', 'b']);
});
