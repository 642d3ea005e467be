// The switchboard: what a page is told when it comes, what it is answered, what the other workers of the browser hear.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EditError } from '../domain/edit';
import type { Engine } from './engine';
import { forget, keep, recall } from './kept';
import type { Bye, Call, Reply, Session, Status, Told } from './messages';
import { Ports, type Port } from './ports';

const SESSION: Session = {
  contributor: 'c', displayName: 'Amina', role: 'contributor', territory: 't', document: 'automerge:d', device: 'd',
};
const SAFE: Status = { state: 'safe', waiting: 0, held: 0, hasDocument: true, safeAt: 1, refused: null, storage: 'kept' };

class Page implements Port {
  heard: (Told | Reply)[] = [];
  onmessage: ((event: MessageEvent<Call | Bye>) => void) | null = null;
  postMessage(message: Told | Reply): void {
    this.heard.push(message);
  }
  say(data: Call | Bye): void {
    this.onmessage?.({ data } as MessageEvent<Call | Bye>);
  }
}

let neighbours: { onmessage: ((event: MessageEvent) => void) | null; said: unknown[] }[];
let tell: (told: Told) => void;
const engine = {
  open: vi.fn(async () => undefined),
  leave: vi.fn(async () => undefined),
  edit: vi.fn(async () => true),
  records: vi.fn((): Told | null => null),
};

beforeEach(() => {
  neighbours = [];
  vi.clearAllMocks();
  vi.stubGlobal('BroadcastChannel', class {
    onmessage = null;
    said: unknown[] = [];
    constructor() {
      neighbours.push(this);
    }
    postMessage(message: unknown): void {
      this.said.push(message);
    }
  });
  engine.open.mockImplementation(async () => undefined);
  engine.leave.mockImplementation(async () => undefined);
  engine.edit.mockImplementation(async () => true);
  engine.records.mockImplementation(() => null);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await forget();
});

/** `arrive` lets the engine be there. */
function switchboard(): { ports: Ports; arrive: () => void } {
  let arrive = (): void => undefined;
  const there = new Promise<void>((done) => (arrive = done));
  const ports = new Ports('7', async (told) => {
    tell = told;
    await there;
    return engine as unknown as Engine;
  });
  return { ports, arrive: () => arrive() };
}
const settled = (check: () => void): Promise<void> => vi.waitFor(check);

test('a page is greeted with the session that is kept, before the engine is there', async () => {
  await keep('session', SESSION);
  const { ports, arrive } = switchboard();
  const page = new Page();
  ports.connect(page);
  await settled(() => expect(page.heard).toHaveLength(1));
  expect(page.heard[0]).toMatchObject({ tell: 'hello', session: SESSION, version: '7', status: { state: 'opening' } });
  expect(engine.open).not.toHaveBeenCalled();
  arrive();
  await settled(() => expect(engine.open).toHaveBeenCalledWith(SESSION));
});

test('a page that comes later hears the status and all records at once', async () => {
  const { ports, arrive } = switchboard();
  const first = new Page();
  ports.connect(first);
  await settled(() => expect(first.heard).toHaveLength(1));
  arrive();
  tell({ tell: 'status', status: SAFE });
  expect(first.heard.at(-1)).toEqual({ tell: 'status', status: SAFE });
  const records: Told = { tell: 'records', whole: true, changed: [], removed: [] };
  engine.records.mockReturnValue(records);
  const second = new Page();
  ports.connect(second);
  await settled(() => expect(second.heard).toHaveLength(2));
  expect(second.heard).toEqual([{ tell: 'hello', session: null, status: SAFE, version: '7' }, records]);
});

test('calls wait for the engine, and each is answered; an edit error keeps its code', async () => {
  const { ports, arrive } = switchboard();
  const page = new Page();
  ports.connect(page);
  page.say({ call: 'edit', id: 1, args: [[]] });
  await settled(() => expect(page.heard).toHaveLength(1));
  engine.edit.mockResolvedValueOnce(true).mockRejectedValueOnce(new EditError('too_long', 'name'));
  arrive();
  page.say({ call: 'edit', id: 2, args: [[]] });
  await settled(() => expect(page.heard).toHaveLength(3));
  expect(page.heard.slice(1)).toEqual([
    { reply: 1, value: true },
    { reply: 2, error: { message: 'too_long: name', code: 'too_long', about: 'name' } },
  ]);
});

test('a token is held in memory alone', async () => {
  const { ports, arrive } = switchboard();
  arrive();
  const page = new Page();
  ports.connect(page);
  page.say({ call: 'open', id: 1, args: [{ ...SESSION, token: 'secret' }] });
  await settled(() => expect(engine.open).toHaveBeenCalledWith({ ...SESSION, token: 'secret' }));
  expect(await recall('session')).toEqual(SESSION);
});

test('a page that said goodbye hears nothing more', async () => {
  const { ports } = switchboard();
  const page = new Page();
  ports.connect(page);
  await settled(() => expect(page.heard).toHaveLength(1));
  page.say({ bye: true });
  tell({ tell: 'status', status: SAFE });
  expect(page.heard).toHaveLength(1);
});

test('signing in and leaving is heard by the other workers, and followed without an echo', async () => {
  const { ports, arrive } = switchboard();
  arrive();
  const page = new Page();
  ports.connect(page);
  page.say({ call: 'open', id: 1, args: [SESSION] });
  page.say({ call: 'leave', id: 2, args: [true] });
  const [channel] = neighbours;
  await settled(() => expect(channel?.said).toEqual([
    { session: SESSION, erased: false },
    { session: null, erased: true },
  ]));
  channel?.onmessage?.({ data: { session: SESSION, erased: false } } as MessageEvent);
  await settled(() => expect(engine.open).toHaveBeenCalledTimes(2));
  channel?.onmessage?.({ data: { session: null, erased: false } } as MessageEvent);
  await settled(() => expect(engine.leave).toHaveBeenLastCalledWith(false));
  expect(channel?.said).toHaveLength(2);
  await settled(() => expect(page.heard.slice(-1)).toEqual([{ tell: 'records', whole: true, changed: [], removed: [] }]));
});

test('while the document is read, a page sees the records as they were last, and never after', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await keep('session', SESSION);
  const { ports, arrive } = switchboard();
  arrive();
  await settled(() => expect(engine.open).toHaveBeenCalled());
  const records = { tell: 'records', whole: true, changed: [{ id: 'a' }], removed: [] } as unknown as Told;
  engine.records.mockReturnValue(records);
  tell(records);
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  await settled(async () => expect(await recall('records:t')).toEqual([{ id: 'a' }]));
  const late = new Page();
  ports.connect(late);
  await settled(() => expect(late.heard.filter((each) => 'tell' in each && each.tell === 'records')).toHaveLength(1));

  // The next visit: the engine is not there yet.
  engine.records.mockReturnValue(null);
  const next = switchboard();
  const page = new Page();
  next.ports.connect(page);
  await settled(() => expect(page.heard.at(-1)).toEqual(records));
});
