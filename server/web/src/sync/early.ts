/**
 * The records as pages saw them last, kept beside the document: what a page is shown while automerge and the document
 * are still being read. They may be some seconds old, and are replaced as soon as the document is there.
 */
import type { Structure } from '../domain/record';
import { keep, recall } from './kept';
import type { Told } from './messages';

/** Records are kept once they rest: writing a thousand takes a worker some milliseconds. Soon the first time. */
const REST_MS = 3_000;
const FIRST_REST_MS = 300;

export class Early {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The document was read: what was kept is out of date. */
  #read = false;

  /** What was kept under a key, unless the document itself was read meanwhile. */
  async recall(key: string): Promise<Told | null> {
    const kept = this.#read ? undefined : await recall<Structure[]>(key);
    return kept === undefined || this.#read ? null : { tell: 'records', whole: true, changed: kept, removed: [] };
  }

  /** Records were told; `whole` gives all of them when they rest. */
  moved(key: string, whole: () => Told | null): void {
    const rest = this.#read ? REST_MS : FIRST_REST_MS;
    this.#read = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const told = whole();
      if (told?.tell === 'records') void keep(key, told.changed);
    }, rest);
  }

  /** Another document, or none. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#read = false;
  }
}
