/**
 * Where the document lies on the device: IndexedDB, as automerge-repo's storage. Not its stock adapter, for that one
 * waits for ever when a full disk aborts a transaction, and holds its database open against whoever wants to erase it.
 */
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';

const STORE = 'documents';
const OPENING_MS_MAX = 4_000;

/** A value that did not reach the device's disk. */
export class NotKept extends Error {
  override name = 'NotKept';
}

interface Row {
  key: StorageKey;
  binary: Uint8Array;
}

export class Shelf implements StorageAdapterInterface {
  /** Whether writes wait for the disk and not for the system's memory alone; for what a person just did. */
  firm = false;

  private constructor(
    private readonly database: IDBDatabase,
    /** Told after each write of the document whether it was kept. */
    private readonly told: (kept: boolean) => void,
  ) {
    // Another tab erases what is kept here: not to be held up by this connection.
    database.onversionchange = () => database.close();
  }

  /** Opens the one of this name, writes and reads; `null` where the browser keeps nothing (private mode, full disk). */
  static async open(told: (kept: boolean) => void, name = ''): Promise<Shelf | null> {
    try {
      const shelf = new Shelf(await within(OPENING_MS_MAX, opened(name)), told);
      const key = ['probe', crypto.randomUUID()];
      await within(OPENING_MS_MAX, shelf.save(key, new Uint8Array([1])));
      const found = await within(OPENING_MS_MAX, shelf.load(key));
      await within(OPENING_MS_MAX, shelf.remove(key));
      return found?.[0] === 1 ? shelf : null;
    } catch {
      return null;
    }
  }

  /** Deletes everything. Other connections are asked to close; if they do not, the database is empty all the same. */
  static async erase(name = ''): Promise<void> {
    const database = await opened(name);
    await written(database, (store) => store.clear());
    database.close();
    const request = indexedDB.deleteDatabase(databaseOf(name));
    await new Promise<void>((done) => (request.onsuccess = request.onerror = request.onblocked = () => done()));
  }

  close(): void {
    this.database.close();
  }

  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    const row = await this.#read<Row | undefined>((store) => store.get(key) as IDBRequest<Row | undefined>);
    return row?.binary;
  }

  async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    const rows = await this.#read<Row[]>((store) => store.getAll(range(prefix)) as IDBRequest<Row[]>);
    return rows.map(({ key, binary }) => ({ key, data: binary }));
  }

  async save(key: StorageKey, binary: Uint8Array): Promise<void> {
    // The sync state is written after every message and can be worked out again.
    const dear = key[1] === 'snapshot' || key[1] === 'incremental';
    try {
      const row: Row = { key, binary };
      await written(this.database, (store) => store.put(row, key), dear && this.firm);
      if (dear) this.told(true);
    } catch (error) {
      if (dear) this.told(false);
      // Thrown on for the document: the repo then writes it again, with what follows.
      if (dear || key[0] === 'probe') throw error;
    }
  }

  remove(key: StorageKey): Promise<void> {
    return written(this.database, (store) => store.delete(key));
  }

  removeRange(prefix: StorageKey): Promise<void> {
    return written(this.database, (store) => store.delete(range(prefix)));
  }

  #read<T>(ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((done, failed) => {
      const request = ask(this.database.transaction(STORE).objectStore(STORE));
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error ?? new NotKept('reading failed'));
    });
  }
}

/** Gives up after a while: a browser may leave such a request unanswered for ever. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new NotKept('the storage does not answer')), ms);
    work.then(done, failed).finally(() => clearTimeout(timer));
  });
}

/** Each person who uses this device has a database of their own. */
function databaseOf(name: string): string {
  return name === '' ? 'portrea' : `portrea-${name}`;
}

function opened(name: string): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(databaseOf(name), 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new NotKept('opening failed'));
  });
}

async function written(database: IDBDatabase, act: (store: IDBObjectStore) => IDBRequest, firm = false): Promise<void> {
  const transaction = database.transaction(STORE, 'readwrite', { durability: firm ? 'strict' : 'default' });
  act(transaction.objectStore(STORE));
  await new Promise<void>((done, failed) => {
    const refused = () => failed(transaction.error ?? new NotKept('the write was aborted'));
    transaction.oncomplete = () => done();
    transaction.onerror = refused;
    // A full disk shows here and nowhere else.
    transaction.onabort = refused;
  });
}

function range(prefix: StorageKey): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, '\uffff']);
}
