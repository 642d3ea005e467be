// The line to the server: how long it waits, what it makes of each way a connection can end. A fake socket, a fake clock.
import type { Message, PeerId } from '@automerge/automerge-repo/slim';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Link } from './link';
import { FakeSocket } from './testing';

let asked: { path: string; method: string; authorization: string | null }[];
let answer: (path: string) => Response | null;
let reports: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  FakeSocket.all = [];
  asked = [];
  reports = [];
  answer = () => null;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('fetch', async (url: URL, { method, headers }: { method: string; headers: Record<string, string> }) => {
    asked.push({ path: url.pathname, method, authorization: headers['authorization'] ?? null });
    const answered = answer(url.pathname);
    if (answered === null) throw new TypeError('no network');
    return answered;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function dialled(token: string | null = null): Promise<Link> {
  const link: Link = new Link(token, () => reports.push(link.refused ?? link.line), 'https://portrea.example');
  link.connect('me' as PeerId, {});
  await vi.advanceTimersByTimeAsync(0);
  return link;
}

/** Lets time pass and counts the attempts in it. */
async function attemptsIn(ms: number): Promise<number> {
  const before = FakeSocket.all.length;
  await vi.advanceTimersByTimeAsync(ms);
  return FakeSocket.all.length - before;
}

test('joins when the socket opens, and is live when the server greets', async () => {
  const link = await dialled();
  const candidates: unknown[] = [];
  link.on('peer-candidate', (candidate) => candidates.push(candidate));
  expect(FakeSocket.last.url).toBe('wss://portrea.example/sync');
  expect(link.line).toBe('dialling');
  FakeSocket.last.greet();
  expect(FakeSocket.last.sent).toEqual([
    { type: 'join', senderId: 'me', peerMetadata: { sparing: true, quarantine: true }, supportedProtocolVersions: ['1'] },
  ]);
  expect(candidates).toEqual([{ peerId: 'server', peerMetadata: { storageId: 'disk' } }]);
  expect([link.line, link.serverStorage]).toEqual(['live', 'disk']);
});

test('waits one second, then two, up to thirty; one socket at a time; a greeting starts over', async () => {
  const link = await dialled();
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.line).toBe('down');
    expect(await attemptsIn(seconds * 1000 - 1)).toBe(0);
    expect(await attemptsIn(1)).toBe(1);
  }
  FakeSocket.last.greet();
  FakeSocket.last.end(1012, 'stopping');
  expect(await attemptsIn(1000)).toBe(1);
  expect(reports).toEqual(['down', 'live', 'down']);
});

test('an attempt that is never greeted is given up', async () => {
  const link = await dialled();
  const first = FakeSocket.last;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([first.closed, link.line]).toEqual([true, 'down']);
  // What the first still brings is not listened to.
  expect(await attemptsIn(1000)).toBe(1);
  first.greet();
  expect(link.line).toBe('down');
});

test('tries at once when it is asked to', async () => {
  const link = await dialled();
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(0);
  link.retry();
  expect(await attemptsIn(0)).toBe(1);
  FakeSocket.last.greet();
  link.retry();
  expect(await attemptsIn(60_000)).toBe(0);
});

test('is signed out by the server for good', async () => {
  const link = await dialled();
  FakeSocket.last.greet();
  FakeSocket.last.refuse('signed-out', 4001);
  await vi.advanceTimersByTimeAsync(0);
  expect(link.line).toBe('signed_out');
  link.retry();
  expect(await attemptsIn(600_000)).toBe(0);
  link.signedIn(null);
  expect(await attemptsIn(0)).toBe(1);
});

test('tells a refused upgrade from a dead network by asking who is signed in', async () => {
  const link = await dialled();
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([link.line, asked.length]).toEqual(['down', 1]);
  answer = () => new Response('{}', { status: 401 });
  await vi.advanceTimersByTimeAsync(1000);
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(link.line).toBe('signed_out');
  expect(asked.at(-1)).toEqual({ path: '/api/v1/me', method: 'GET', authorization: null });
});

test.each([
  ['malformed-change', 1007], ['change-too-large', 1009], ['sequence-reused', 1007],
  ['malformed-sync', 1007], ['too-many-pending', 1007], ['frame-too-large', 1009],
])('is refused with %s: tries rarely, until something is taken', async (code, closeCode) => {
  const link = await dialled();
  FakeSocket.last.greet();
  FakeSocket.last.refuse(code, closeCode);
  await vi.advanceTimersByTimeAsync(0);
  expect([link.line, link.refused]).toEqual(['down', code]);
  expect(await attemptsIn(29_999)).toBe(0);
  expect(await attemptsIn(10_000)).toBe(1);
  FakeSocket.last.greet();
  expect([link.line, link.refused]).toEqual(['live', code]);
  link.accepted();
  expect(link.refused).toBeNull();
});

test('does not fight over a peer id', async () => {
  const link = await dialled();
  FakeSocket.last.greet();
  FakeSocket.last.refuse('replaced', 4003);
  await vi.advanceTimersByTimeAsync(0);
  expect([link.line, link.refused]).toEqual(['down', null]);
  expect(await attemptsIn(29_999)).toBe(0);
});

test('a dead socket is noticed by the answer that does not come', async () => {
  const link = await dialled();
  FakeSocket.last.greet();
  link.expect(true);
  await vi.advanceTimersByTimeAsync(19_000);
  FakeSocket.last.say({ type: 'ephemeral', senderId: 'server', targetId: 'me' });
  await vi.advanceTimersByTimeAsync(19_000);
  expect(link.line).toBe('live');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(link.line).toBe('down');
  expect(await attemptsIn(1_000)).toBe(1);
  FakeSocket.last.greet();
  link.expect(false);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(link.line).toBe('live');
});

test('leaves out an answer only where the server can do without', async () => {
  const link = await dialled();
  const heads = Uint8Array.from([0x42, 1, ...Array<number>(32).fill(7), 0, 0, 0]);
  const sync = { type: 'sync', senderId: 'server', targetId: 'me', documentId: 'd', data: heads };
  const answers = (sparing: boolean): number => {
    FakeSocket.last.greet({ sparing });
    FakeSocket.last.say(sync);
    const before = FakeSocket.last.sent.length;
    link.send({ ...sync, senderId: 'me', targetId: 'server' } as unknown as Message);
    return FakeSocket.last.sent.length - before;
  };
  expect(answers(true)).toBe(0);
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(answers(false)).toBe(1);
});

test('the server says that its quarantine changed: told, and no message for the repo', async () => {
  const link = await dialled();
  const [messages, told]: [unknown[], boolean[]] = [[], []];
  link.on('message', (message) => messages.push(message));
  link.quarantineChanged = () => told.push(link.tellsQuarantine);
  const changed = { type: 'quarantine-changed', senderId: 'server', targetId: 'me', documentId: 'd' };
  FakeSocket.last.greet({ quarantine: true });
  FakeSocket.last.say(changed);
  expect([told, messages]).toEqual([[true], []]);
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(1000);
  FakeSocket.last.greet();
  expect(link.tellsQuarantine).toBe(false);
});

test('another role: told, and connected again at once', async () => {
  const link = await dialled();
  let told = 0;
  link.roleChanged = () => (told += 1);
  FakeSocket.last.greet();
  FakeSocket.last.refuse('role-changed', 4004);
  expect([told, link.line, link.refused, await attemptsIn(0)]).toEqual([1, 'dialling', null, 1]);
});

test('a full disk of the server is told to who has something to write, and tried again seldom', async () => {
  const link = await dialled();
  FakeSocket.last.greet();
  FakeSocket.last.refuse('store-failed', 1013);
  expect([link.refused, await attemptsIn(1000)]).toEqual([null, 1]);
  link.expect(true);
  FakeSocket.last.greet();
  FakeSocket.last.refuse('store-failed', 1013);
  expect([link.refused, await attemptsIn(20_000)]).toEqual(['store-failed', 0]);
});

test('a message for a closed socket is dropped, not thrown', async () => {
  const link = await dialled();
  const message = { type: 'sync', targetId: 'server', data: new Uint8Array([1]) } as never;
  expect(() => link.send(message)).not.toThrow();
  FakeSocket.last.greet();
  link.send(message);
  FakeSocket.last.close();
  expect(() => link.send(message)).not.toThrow();
  expect(FakeSocket.last.sent.map(({ type }) => type)).toEqual(['join', 'sync']);
});

test('where the browser keeps no cookie, a ticket opens the socket, as long as it is good', async () => {
  answer = (path) => (path === '/api/v1/sync-tickets' ? new Response('{"ticket":"t 1"}', { status: 201 }) : null);
  const link = await dialled('secret');
  expect(asked).toEqual([{ path: '/api/v1/sync-tickets', method: 'POST', authorization: 'Bearer secret' }]);
  expect(FakeSocket.last.url).toBe('wss://portrea.example/sync?ticket=t+1');
  FakeSocket.last.greet();
  FakeSocket.last.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect([FakeSocket.all.length, asked.length]).toEqual([2, 1]);
  // Not let in with it: another one, or none.
  FakeSocket.last.end();
  answer = () => new Response('{}', { status: 401 });
  await vi.advanceTimersByTimeAsync(2000);
  expect(link.line).toBe('signed_out');
});

test('stops when it is disconnected', async () => {
  const link = await dialled();
  const gone: unknown[] = [];
  link.on('peer-disconnected', (peer) => gone.push(peer));
  FakeSocket.last.greet();
  link.disconnect();
  expect([FakeSocket.last.closed, gone]).toEqual([true, [{ peerId: 'server' }]]);
  expect(await attemptsIn(600_000)).toBe(0);
});
