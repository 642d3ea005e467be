/**
 * The records of a document as pages were told of them, and which of them must be read again. Knows neither who listens
 * nor when to read.
 */
import type { Doc } from '@automerge/automerge/slim';
import { isUnited, readAll, readStructure } from '../domain/document/read';
import type { Structure } from '../domain/record';
import type { Told } from './messages';

type RecordsTold = Extract<Told, { tell: 'records' }>;

export class Records {
  /** As they were told last; `null` before the first reading. */
  #known: Map<string, Structure> | null = null;
  /** To be read again whenever the document moved, see `isUnited`. */
  #united = new Set<string>();
  #dirty: Set<string> | 'all' = 'all';

  /** The document moved, and these structures with it. */
  moved(ids: ReadonlySet<string> | 'all'): void {
    if (ids === 'all' || this.#dirty === 'all') this.#dirty = 'all';
    else for (const id of [...ids, ...this.#united]) this.#dirty.add(id);
  }

  /** All of them, as they were read last. */
  whole(): RecordsTold | null {
    return this.#known === null ? null : { tell: 'records', whole: true, changed: [...this.#known.values()], removed: [] };
  }

  nameOf(id: string): string {
    return this.#known?.get(id)?.fields.name ?? '';
  }

  /** Reads what moved; what there is to tell of it, if anything. */
  read(doc: Doc<unknown>): RecordsTold | null {
    const [dirty, known] = [this.#dirty, this.#known];
    this.#dirty = new Set();
    if (dirty === 'all' || known === null) {
      const all = readAll(doc);
      this.#known = new Map(all.map((structure) => [structure.id, structure]));
      this.#united = new Set(all.filter(isUnited).map(({ id }) => id));
      return this.whole();
    }
    const changed: Structure[] = [];
    const removed: string[] = [];
    for (const id of dirty) {
      const structure = readStructure(doc, id);
      this.#united.delete(id);
      if (structure === null) {
        if (known.delete(id)) removed.push(id);
        continue;
      }
      if (isUnited(structure)) this.#united.add(id);
      known.set(id, structure);
      changed.push(structure);
    }
    return changed.length + removed.length === 0 ? null : { tell: 'records', whole: false, changed, removed };
  }
}
