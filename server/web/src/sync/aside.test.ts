// What the server set aside: when it is asked about. A fake line, a fake clock.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Aside } from './aside';
import type { Link } from './link';
import type { Session } from './messages';

let answers: { id: string; state: string }[];
let asked: number[];

beforeEach(() => {
  vi.useFakeTimers();
  [answers, asked] = [[{ id: 'one', state: 'waiting' }], []];
});
afterEach(() => vi.useRealTimers());

function aside(): Aside {
  const link = {
    line: 'live',
    ask: async () => {
      asked.push(performance.now());
      return new Response(JSON.stringify(answers));
    },
  } as unknown as Link;
  return new Aside({ territory: 't', contributor: 'c', document: 'd' } as Session, link, () => undefined);
}

// Goal: a decision is known as soon as the server has news, and a busy territory does not make a device ask all the time.
// Method: news when nothing waits, one piece of news, then many.
test('news is asked about at once while something waits, and now and then in a busy territory', async () => {
  const held = aside();
  held.news();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
  await held.ask();
  expect(held.waits('one')).toBe(true);
  await vi.advanceTimersByTimeAsync(5_000);
  const before = performance.now();
  answers = [{ id: 'one', state: 'accepted' }];
  held.news();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.length).toBe(2);
  expect((asked[1] ?? Infinity) - before).toBeLessThan(500);
  expect(held.waits('one')).toBe(false);

  answers = [{ id: 'two', state: 'waiting' }];
  await held.ask();
  const busy = asked.length;
  for (let tenth = 0; tenth < 100; tenth += 1) {
    held.news();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked.length - busy).toBeLessThanOrEqual(5);
});
