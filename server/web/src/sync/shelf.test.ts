// The shelf on a fake disk: what is kept, what a full disk and a refusing browser look like, how it is emptied.
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { NotKept, Shelf, within } from './shelf';

let kept: boolean[];
beforeEach(() => {
  kept = [];
  vi.stubGlobal('indexedDB', new IDBFactory());
});
const open = (): Promise<Shelf | null> => Shelf.open((was) => kept.push(was));
async function shelf(): Promise<Shelf> {
  const found = await open();
  if (found === null) throw new Error('refused');
  return found;
}

test('keeps by key and gives ranges, of one document alone', async () => {
  const first = await shelf();
  await first.save(['a', 'snapshot', '1'], new Uint8Array([1]));
  await first.save(['a', 'incremental', '2'], new Uint8Array([2]));
  await first.save(['b', 'snapshot', '3'], new Uint8Array([3]));
  const second = await shelf();
  expect(await second.load(['a', 'snapshot', '1'])).toEqual(new Uint8Array([1]));
  expect(await second.loadRange(['a', 'snapshot'])).toEqual([{ key: ['a', 'snapshot', '1'], data: new Uint8Array([1]) }]);
  await second.removeRange(['a', 'snapshot']);
  expect(await first.loadRange(['a'])).toEqual([{ key: ['a', 'incremental', '2'], data: new Uint8Array([2]) }]);
  expect(kept).toEqual([true, true, true]);
});

test('is none where the browser refuses', async () => {
  vi.stubGlobal('indexedDB', { open: () => { throw new DOMException('refused', 'SecurityError'); } });
  expect(await open()).toBeNull();
});

test('a transaction that a full disk aborts fails, and is told', async () => {
  const full = await shelf();
  const put = Reflect.get(IDBObjectStore.prototype, 'put') as IDBObjectStore['put'];
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = put.apply(this, args);
    this.transaction.abort();
    return request;
  });
  await expect(full.save(['a', 'incremental', '1'], new Uint8Array([1]))).rejects.toThrow();
  // The sync state can be worked out again.
  await full.save(['a', 'sync-state', 'server'], new Uint8Array([1]));
  spy.mockRestore();
  await full.save(['a', 'incremental', '1'], new Uint8Array([1]));
  expect(kept).toEqual([false, true]);
});

test('is erased although another tab has it open', async () => {
  const other = await shelf();
  await other.save(['a', 'snapshot', '1'], new Uint8Array([1]));
  await Shelf.erase();
  expect(await indexedDB.databases()).toEqual([]);
});

test('a browser that does not answer is given up', async () => {
  vi.useFakeTimers();
  const waited = within(1000, new Promise(() => undefined));
  const failed = expect(waited).rejects.toBeInstanceOf(NotKept);
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
  vi.useRealTimers();
});
