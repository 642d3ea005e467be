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

let link: { line: string; tellsQuarantine: boolean; ask: () => Promise<Response> };

function aside(tellsQuarantine = false): Aside {
  link = {
    line: 'live',
    tellsQuarantine,
    ask: async () => {
      asked.push(performance.now());
      return new Response(JSON.stringify(answers));
    },
  };
  return new Aside({ territory: 't', contributor: 'c', document: 'd' } as Session, link as unknown as Link, () => undefined);
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

// Goal: where the server tells, nobody asks now and then, and what it tells is asked about at once; after the line was
// down it is asked anew. Method: minutes of waiting with news of others, a decision, a break, a server that does not tell.
test('a server that tells is not asked now and then', async () => {
  const held = aside(true);
  const look = (): void => held.watch(0, held.waits('one') ? 1 : 0);
  await held.ask();
  look();
  for (let second = 0; second < 300; second += 1) {
    held.news();
    look();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(asked.length).toBe(1);
  answers = [{ id: 'one', state: 'rejected' }];
  const decided = performance.now();
  held.told();
  // What an accepted change did comes at the same time.
  look();
  await vi.advanceTimersByTimeAsync(1_000);
  expect((asked[1] ?? Infinity) - decided).toBeLessThan(500);
  expect([held.has('one'), held.waits('one')]).toEqual([true, false]);

  answers = [{ id: 'one', state: 'waiting' }];
  await vi.advanceTimersByTimeAsync(10_000);
  await held.ask();
  link.line = 'down';
  look();
  link.line = 'live';
  answers = [];
  held.news();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(held.waits('one')).toBe(false);

  const old = aside();
  answers = [{ id: 'one', state: 'waiting' }];
  await old.ask();
  const before = asked.length;
  old.watch(0, 1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked.length).toBe(before + 1);
});
