// The conversation between a page and its worker, over a port that the test holds the other end of.
import { expect, test, vi } from 'vitest';
import { EditError } from '../domain/edit';
import type { Call, Reply, Told } from './messages';

vi.mock('./worker.ts?worker&url', () => ({ default: '/worker.js' }));
const { converse, orElse } = await import('./client');

class Wire {
  sent: Call[] = [];
  onmessage: ((event: MessageEvent) => void) | null = null;
  postMessage(message: unknown): void {
    this.sent.push(message as Call);
  }
  say(data: Told | Reply): void {
    this.onmessage?.({ data } as MessageEvent);
  }
}

test('each call is answered by its own reply, in whatever order', async () => {
  const wire = new Wire();
  const client = converse(wire, () => undefined);
  const edit = client.edit([]);
  const waiting = client.waiting();
  expect(wire.sent).toEqual([{ call: 'edit', id: 1, args: [[]] }, { call: 'waiting', id: 2, args: [] }]);
  wire.say({ reply: 2, value: [] });
  wire.say({ reply: 1, value: true });
  expect(await Promise.all([edit, waiting])).toEqual([true, []]);
});

test('an edit error keeps its code across the port; another stays an error', async () => {
  const wire = new Wire();
  const client = converse(wire, () => undefined);
  const refused = client.edit([]);
  wire.say({ reply: 1, error: { message: 'too_long: name', code: 'too_long', about: 'name' } });
  await expect(refused).rejects.toEqual(new EditError('too_long', 'name'));
  const failed = client.retry();
  wire.say({ reply: 2, error: { message: 'broken' } });
  await expect(failed).rejects.toThrow('broken');
});

test('what the worker tells unasked is passed on', () => {
  const wire = new Wire();
  const heard: Told[] = [];
  converse(wire, (told) => heard.push(told));
  wire.say({ tell: 'session', session: null });
  expect(heard).toEqual([{ tell: 'session', session: null }]);
});

test('a shared worker that does not start is replaced, and the second hears everything', async () => {
  const [shared, own] = [new Wire(), new Wire()];
  let fail = (): void => undefined;
  const client = converse(orElse(shared, (failed) => (fail = failed), () => own), () => undefined);
  const edit = client.edit([]);
  fail();
  expect(own.sent).toEqual(shared.sent);
  own.say({ reply: 1, value: true });
  expect(await edit).toBe(true);
});

test('one that has spoken is not replaced', () => {
  const [shared, own] = [new Wire(), new Wire()];
  let fail = (): void => undefined;
  converse(orElse(shared, (failed) => (fail = failed), () => own), () => undefined);
  shared.say({ tell: 'session', session: null });
  fail();
  expect(own.onmessage).toBeNull();
});
