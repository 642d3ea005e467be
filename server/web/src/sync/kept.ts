/** What pages keep on the device beside the document: the last answers of the server, the language, the last visit. */
import { createStore, delMany, get, keys, set, update, type UseStore } from 'idb-keyval';

let store: UseStore | null = null;
/** Stands in where the browser keeps nothing: gone with the tab. */
const memory = new Map<string, unknown>();

function shelf(): UseStore {
  store ??= createStore('portrea-kept', 'kept');
  return store;
}

/** What was kept under a key. */
export async function recall<T>(key: string): Promise<T | undefined> {
  try {
    return (await get<T>(key, shelf())) ?? (memory.get(key) as T | undefined);
  } catch {
    return memory.get(key) as T | undefined;
  }
}

/** Keeps a value; where the browser refuses, until the tab closes. */
export async function keep(key: string, value: unknown): Promise<void> {
  memory.set(key, value);
  try {
    await set(key, value, shelf());
  } catch {
    // Said once for the whole app, by the state chip.
  }
}

/** Changes a value in one step, whoever else changes it at the same time. */
export async function amend<T>(key: string, change: (value: T | undefined) => T): Promise<void> {
  memory.set(key, change(memory.get(key) as T | undefined));
  try {
    await update<T>(key, change, shelf());
  } catch {
    // As above.
  }
}

/** Forgets what is kept, but for the keys that stay. */
export async function forget(stays: (key: string) => boolean = () => false): Promise<void> {
  for (const key of memory.keys()) if (!stays(key)) memory.delete(key);
  try {
    const all = await keys<string>(shelf());
    await delMany(all.filter((key) => !stays(key)), shelf());
  } catch {
    // Nothing was kept.
  }
}
