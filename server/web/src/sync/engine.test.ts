// The engine on a fake disk and a fake line, with a server that speaks automerge's sync: what is kept, what is told.
import 'fake-indexeddb/auto';
import * as A from '@automerge/automerge/slim';
import { generateAutomergeUrl } from '@automerge/automerge-repo/slim';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { EditError, type Edit } from '../domain/edit';
import { Engine, secondsOf } from './engine';
import type { Session, Status, Told } from './messages';
import { FakeSocket, loadAutomerge, type Frame } from './testing';

const ONE = '0190aaaa-1a53-79ab-bfe7-edf81d20e9f1';
const TWO = '0190bbbb-1a53-79ab-bfe7-edf81d20e9f1';
let territories = 0;
let session: Session;
let server: A.Doc<unknown>;
let engines: Engine[];

beforeAll(loadAutomerge);
beforeEach(() => {
  // The fake disk needs the real `setImmediate`; `waitFor` moves the clock on.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.stubGlobal('location', { origin: 'http://portrea.example' });
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no network')));
  vi.stubGlobal('indexedDB', new IDBFactory());
  FakeSocket.all = [];
  engines = [];
  territories += 1;
  // Another one each time: what is kept outside of the fake disk is kept by territory.
  const [territory, document] = [`t${territories}`, generateAutomergeUrl()];
  session = { contributor: 'c', displayName: 'Amina', role: 'contributor', territory, document, device: 'd' };
  server = A.from({ schema: 1, structures: { [ONE]: { name: new A.ImmutableString('Un'), services: {}, helpers: {} } } });
});
afterEach(async () => {
  for (const engine of engines) await engine.leave(false);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

interface Page {
  engine: Engine;
  told: Told[];
  names: Map<string, string | undefined>;
  status: () => Status | undefined;
}

function page(): Page {
  const told: Told[] = [];
  const names = new Map<string, string | undefined>();
  const engine = new Engine((said) => {
    told.push(said);
    if (said.tell !== 'records') return;
    if (said.whole) names.clear();
    for (const { id, fields } of said.changed) names.set(id, fields.name);
    for (const id of said.removed) names.delete(id);
  });
  engines.push(engine);
  const status = (): Status | undefined =>
    told.flatMap((said) => (said.tell === 'status' ? [said.status] : [])).at(-1);
  return { engine, told, names, status };
}

/** Plays the server on the last socket. `takes`: whether it keeps what it is sent. */
function serve(takes = true): FakeSocket {
  const socket = FakeSocket.last;
  let state = A.initSyncState();
  socket.heard = (frame: Frame) => {
    if (frame.type !== 'sync' && frame.type !== 'request') return;
    const data = frame['data'] as Uint8Array;
    if (!takes && A.decodeSyncMessage(data).changes.length > 0) return socket.refuse('change-too-large', 1009);
    [server, state] = A.receiveSyncMessage(server, state, data);
    const [next, message] = A.generateSyncMessage(server, state);
    state = next;
    if (message === null) return;
    const documentId = frame['documentId'];
    queueMicrotask(() => socket.say({ type: 'sync', senderId: 'server', targetId: 'me', documentId, data: message }));
  };
  socket.greet();
  return socket;
}

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 20 });
const name = (value: string, structure = ONE): Edit =>
  ({ kind: 'set', address: { structure, place: '', key: 'name' }, value });
const dialled = (attempts = 1): Promise<void> => soon(() => expect(FakeSocket.all.length).toBeGreaterThanOrEqual(attempts));

async function opened(): Promise<Page> {
  const here = page();
  await here.engine.open(session);
  await dialled();
  serve();
  await soon(() => expect(here.status()?.state).toBe('safe'));
  await soon(() => expect(here.names.get(ONE)).toBe('Un'));
  return here;
}

test('offline with nothing stored, the document comes when the network does', async () => {
  const here = page();
  await here.engine.open(session);
  await dialled();
  FakeSocket.last.end();
  await soon(() => expect(here.status()).toMatchObject({ state: 'offline', hasDocument: false }));
  await expect(here.engine.edit([name('x')])).rejects.toEqual(new EditError('no_document', ''));
  await dialled(2);
  serve();
  await soon(() => expect(here.names.get(ONE)).toBe('Un'));
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', hasDocument: true, waiting: 0 }));
});

test('an edit is kept, sent, and safe once the server has it on disk; the same again is none', async () => {
  const here = await opened();
  expect(await here.engine.edit([name('Deux')])).toBe(true);
  expect(here.status()).toMatchObject({ state: 'sending', waiting: 1 });
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0 }));
  expect(here.names.get(ONE)).toBe('Deux');
  // By an actor that comes last.
  const authors = Object.values(await here.engine.authorship(ONE)).flat().map(({ actor }) => actor);
  expect(authors).toContainEqual(expect.stringMatching(/^ffff0[0-9a-f]{27}$/));
  expect(here.told.filter((said) => said.tell === 'records' && said.whole)).toHaveLength(1);
  expect(await here.engine.edit([name('Deux')])).toBe(false);
});

test('a wrong edit of a group changes nothing and says why', async () => {
  const here = await opened();
  await expect(here.engine.edit([name('Deux'), name('x', TWO)])).rejects.toMatchObject({ code: 'no_record' });
  expect(await here.engine.waiting()).toEqual([]);
  expect(here.names.get(ONE)).toBe('Un');
});

test('readers write nothing', async () => {
  session = { ...session, role: 'reader' };
  const here = await opened();
  await expect(here.engine.edit([name('x')])).rejects.toEqual(new EditError('read_only', ''));
});

test('somebody who was made a reader is told what of theirs is not taken', async () => {
  const here = await opened();
  FakeSocket.last.end();
  await soon(() => expect(here.status()?.state).toBe('offline'));
  await here.engine.edit([name('Deux')]);
  await here.engine.open({ ...session, role: 'reader' });
  await dialled(2);
  FakeSocket.last.greet();
  await soon(() => expect(here.status()).toMatchObject({ state: 'refused', refused: 'not-allowed', waiting: 1 }));
});

test('two people on one device: neither sees nor sends what the other has not sent, and each finds it again', async () => {
  const here = await opened();
  FakeSocket.last.end();
  await soon(() => expect(here.status()?.state).toBe('offline'));
  await here.engine.edit([name('Deux')]);
  await soon(() => expect(here.names.get(ONE)).toBe('Deux'));
  const other: Session = { ...session, contributor: 'd', displayName: 'Bruno', shelf: 'd' };
  const attempts = FakeSocket.all.length;
  await here.engine.open(other);
  await dialled(attempts + 1);
  serve();
  await soon(() => expect(here.names.get(ONE)).toBe('Un'));
  await soon(() => expect(here.status()?.state).toBe('safe'));
  await here.engine.edit([{ kind: 'add_structure', id: TWO, name: 'Trois' }]);
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0 }));
  expect((A.toJS(server) as { structures: Record<string, { name: unknown }> }).structures[ONE]?.name).toMatchObject({ val: 'Un' });
  const between = FakeSocket.all.length;
  await here.engine.open({ ...session, contributor: 'e' });
  await dialled(between + 1);
  serve();
  await soon(() => expect(here.names.get(ONE)).toBe('Deux'));
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0 }));
  await here.engine.open(other);
  await here.engine.leave(true);
  const left = (await indexedDB.databases()).map(({ name: database }) => database);
  expect([left.includes('portrea'), left.includes('portrea-d')]).toEqual([true, false]);
});

test('a change that the server sets aside is not sent again and again; it waits for somebody, and says so', async () => {
  const here = await opened();
  const socket = FakeSocket.last;
  // The server keeps it apart: no head of it is ever named.
  socket.heard = () => undefined;
  let state = 'waiting';
  let change = '';
  vi.stubGlobal('fetch', async (url: URL) =>
    url.pathname.endsWith('/quarantine') ? Response.json([{ id: change, state }]) : Response.error());
  await here.engine.edit([name('Deux')]);
  change = (await here.engine.waiting())[0]?.hash ?? '';
  await soon(() => expect(here.status()).toMatchObject({ state: 'refused', refused: 'held', waiting: 0, held: 1 }));
  expect(await here.engine.waiting()).toEqual([]);
  state = 'rejected';
  await here.engine.retry();
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0, held: 0 }));
  expect(FakeSocket.all).toHaveLength(1);
});

test('what was written offline is there after a restart without network, is counted, and goes out later', async () => {
  const first = await opened();
  FakeSocket.last.end();
  await soon(() => expect(first.status()?.state).toBe('offline'));
  await first.engine.edit([name('Deux')]);
  await first.engine.edit([{ kind: 'add_structure', id: TWO, name: 'Trois' }]);
  // The tab is killed: nothing is closed in good order.
  const attempts = FakeSocket.all.length;
  const second = page();
  await second.engine.open(session);
  await dialled(attempts + 1);
  FakeSocket.last.end();
  await soon(() => expect(second.status()).toMatchObject({ state: 'offline', waiting: 2 }));
  await soon(() => expect([...second.names]).toEqual([[ONE, 'Deux'], [TWO, 'Trois']]));
  expect((await second.engine.waiting()).map(({ touched }) => touched)).toEqual([
    [{ structure: ONE, name: 'Deux', paths: ['name'] }],
    [{ structure: TWO, name: 'Trois', paths: expect.arrayContaining(['name']) as string[] }],
  ]);
  const carried = A.loadIncremental(A.clone(server), await second.engine.exportWaiting());
  expect(A.getHeads(carried)).not.toEqual(A.getHeads(server));
  await second.engine.retry();
  await dialled(attempts + 2);
  serve();
  await soon(() => expect(second.status()).toMatchObject({ state: 'safe', waiting: 0 }));
});

test('the changes of two engines of one browser reach each other without a server, and count in both', async () => {
  const first = await opened();
  FakeSocket.last.end();
  const second = page();
  await second.engine.open(session);
  await soon(() => expect(second.names.get(ONE)).toBe('Un'));
  await first.engine.edit([name('Deux')]);
  await soon(() => expect(second.names.get(ONE)).toBe('Deux'));
  await soon(() => expect([first.status()?.waiting, second.status()?.waiting]).toEqual([1, 1]));
});

test('where nothing can be kept, the app works in memory and says so', async () => {
  vi.stubGlobal('indexedDB', { open: () => { throw new DOMException('refused', 'SecurityError'); } });
  const here = await opened();
  expect(here.status()?.storage).toBe('refused');
  expect(await here.engine.edit([name('Deux')])).toBe(true);
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0 }));
});

test('a disk that runs full: the edit stays, the answer comes, the status says so, until there is room', async () => {
  const here = await opened();
  // Only what a person waits for fails here: the repo's own later writes find room again.
  const transaction = Reflect.get(IDBDatabase.prototype, 'transaction') as IDBDatabase['transaction'];
  const firm = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    if (args[2]?.durability === 'strict') throw new DOMException('full', 'QuotaExceededError');
    return transaction.apply(this, args);
  });
  expect(await here.engine.edit([name('Deux')])).toBe(true);
  expect(firm).toHaveBeenCalled();
  const storages = (): string[] => here.told.flatMap((said) => (said.tell === 'status' ? [said.status.storage] : []));
  expect(storages()).toContain('refused');
  await soon(() => expect(here.names.get(ONE)).toBe('Deux'));
  await soon(() => expect(storages().at(-1)).toBe('kept'));
});

test('a refusal is told with its code, and is over when the server takes the change', async () => {
  const here = page();
  await here.engine.open(session);
  await dialled();
  serve(false);
  await soon(() => expect(here.status()?.state).toBe('safe'));
  await here.engine.edit([name('Deux')]);
  await soon(() => expect(here.status()).toMatchObject({ state: 'refused', refused: 'change-too-large', waiting: 1 }));
  await here.engine.retry();
  await dialled(2);
  serve();
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', refused: null, waiting: 0 }));
});

test('a confused conversation is begun afresh at once, but only once; the records stay', async () => {
  const here = await opened();
  FakeSocket.last.refuse('malformed-sync', 1007);
  await dialled(2);
  serve();
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', refused: null }));
  await soon(() => expect(here.names.get(ONE)).toBe('Un'));
  FakeSocket.last.refuse('malformed-sync', 1007);
  await soon(() => expect(here.status()).toMatchObject({ state: 'refused', refused: 'malformed-sync' }));
  expect(FakeSocket.all).toHaveLength(2);
});

test('asked to open twice at once, it opens once', async () => {
  const here = page();
  await Promise.all([here.engine.open(session), here.engine.open(session)]);
  await dialled();
  serve();
  await soon(() => expect(here.names.get(ONE)).toBe('Un'));
  expect(FakeSocket.all.filter(({ closed }) => !closed)).toHaveLength(1);
});

test('left, the document stays for the next sign-in; erased, nothing does', async () => {
  const here = await opened();
  await here.engine.leave(false);
  expect(here.engine.records()).toBeNull();
  const again = page();
  await again.engine.open(session);
  await soon(() => expect(again.names.get(ONE)).toBe('Un'));
  await again.engine.leave(true);
  expect((await indexedDB.databases()).map(({ name: database }) => database)).not.toContain('portrea');
});

test('a clock that is plainly wrong gives no time', () => {
  expect(secondsOf(new Date('2026-11-25T12:00:00.900Z'))).toBe(1_795_608_000);
  expect(secondsOf(new Date(0))).toBeUndefined();
  expect(secondsOf(new Date('2200-01-01'))).toBeUndefined();
});

/** Plays the server after it moved: the earlier document is no more, `server` goes by another id. */
function serveAt(document: string): FakeSocket {
  const socket = FakeSocket.last;
  let state = A.initSyncState();
  socket.heard = (frame: Frame) => {
    if (frame.type !== 'sync' && frame.type !== 'request') return;
    const documentId = String(frame['documentId']);
    const to = { senderId: 'server', targetId: 'me' };
    if (documentId !== document) {
      queueMicrotask(() => {
        socket.say({ type: 'error', ...to, message: 'document-moved: it has moved', documentId: document });
        socket.say({ type: 'doc-unavailable', ...to, documentId });
      });
      return;
    }
    [server, state] = A.receiveSyncMessage(server, state, frame['data'] as Uint8Array);
    const [next, message] = A.generateSyncMessage(server, state);
    state = next;
    if (message !== null) queueMicrotask(() => socket.say({ type: 'sync', ...to, documentId, data: message }));
  };
  socket.greet();
  return socket;
}

const databases = async (): Promise<string> => {
  const open = indexedDB.open('portrea', 1);
  await new Promise((done) => (open.onsuccess = done));
  const request = open.result.transaction('documents').objectStore('documents').getAllKeys();
  await new Promise((done) => (request.onsuccess = done));
  open.result.close();
  return JSON.stringify(request.result);
};

test('a territory that has moved to another document is followed, with what was not sent; the earlier one is erased here', async () => {
  const here = await opened();
  FakeSocket.last.end();
  await soon(() => expect(here.status()?.state).toBe('offline'));
  await here.engine.edit([name('Deux')]);
  // The server begins anew without the history: here another mark in the root is enough to make it another document.
  server = A.change(server, (doc) => void ((doc as Record<string, unknown>)['epoch'] = { number: 1 }));
  const [before, later] = [session.document.slice('automerge:'.length), generateAutomergeUrl().slice('automerge:'.length)];
  await dialled(2);
  serveAt(later);
  await soon(() => expect(here.told).toContainEqual({ tell: 'moved', carried: 1, left: [] }));
  await soon(() => expect(FakeSocket.all.length).toBe(3));
  serveAt(later);
  await soon(() => expect(here.status()).toMatchObject({ state: 'safe', waiting: 0 }));
  await soon(() => expect(here.names.get(ONE)).toBe('Deux'));
  expect((A.toJS(server) as { structures: Record<string, { name: unknown }> }).structures[ONE]?.name).toMatchObject({ val: 'Deux' });
  const kept = await databases();
  expect([kept.includes(before), kept.includes(later)]).toEqual([false, true]);
  // Whoever opens it with the session of before finds the later one, also without network.
  const again = page();
  await again.engine.open(session);
  await soon(() => expect(again.names.get(ONE)).toBe('Deux'));
});
