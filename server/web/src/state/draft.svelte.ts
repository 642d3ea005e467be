/** The place that is being added, kept on this device until it is: somebody may be called away in the middle. */
import { draftOf, editsOf, EMPTY, isBegun, type Draft } from '../domain/adding';
import { keep, recall } from '../sync/kept';
import { device } from './device.svelte';
import { freshId } from './fresh-id';
import { saveBeforeLeaving } from './leaving';

const SETTLE_MS = 300;
const key = (): string => `draft:${device.session?.territory ?? ''}`;

class AddedPlace {
  value = $state.raw<Draft>(EMPTY);
  /** It was begun on an earlier visit. */
  resumed = $state(false);
  /** The place that was added last on this visit: its record says so. */
  justAdded = $state('');
  begun = $derived(isBegun(this.value));
  #timer: ReturnType<typeof setTimeout> | undefined;
  #forget: (() => void) | null = null;

  /** Takes up what was left half done. A name that comes with the address begins a new place. */
  async open(name: string | undefined): Promise<void> {
    this.#forget ??= saveBeforeLeaving({ flush: () => this.#keep() });
    const kept = isBegun(this.value) ? this.value : draftOf(await recall(key()));
    const another = name !== undefined && name !== kept?.name;
    this.resumed = kept !== null && !another;
    if (another) this.change({ ...EMPTY, name });
    else if (kept !== null) this.value = kept;
  }

  change(draft: Draft): void {
    this.value = draft;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#keep(), SETTLE_MS);
  }

  /** Begins anew. */
  clear(): void {
    this.resumed = false;
    this.value = EMPTY;
    void this.#keep();
  }

  /** Writes the place as one change. Answers its id; `null` while it has no name. */
  async add(): Promise<string | null> {
    const change = editsOf(this.value, freshId);
    if (change === null) return null;
    await device.edit(...change.edits);
    this.justAdded = change.id;
    this.clear();
    return change.id;
  }

  async #keep(): Promise<boolean> {
    clearTimeout(this.#timer);
    await keep(key(), isBegun(this.value) ? $state.snapshot(this.value) : null);
    return true;
  }
}

export const draft = new AddedPlace();
