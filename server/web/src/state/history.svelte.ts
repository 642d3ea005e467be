/** What was done to one record, as the server tells it: read page by page, newest first; and going back on a step. */
import type { FeedEvent } from '../domain/generated/wire';
import { entriesOf, type Step } from '../domain/history';
import { api } from '../sync/api';
import { device } from './device.svelte';
import { problemOf, type Problem } from './problem';

const PAGE = 50;

export class History {
  readonly structure: string;
  #events = $state.raw<readonly FeedEvent[]>([]);
  entries = $derived(entriesOf(this.#events));
  /** Whether the server answered at least once. */
  known = $state(false);
  more = $state(false);
  asking = $state(false);
  problem = $state<Problem | null>(null);
  #before: number | null = null;

  constructor(structure: string) {
    this.structure = structure;
  }

  /** What is newest; what was read before stays. */
  latest(): Promise<void> {
    return this.#read(null);
  }
  /** What is older than all that was read. */
  older(): Promise<void> {
    return this.#read(this.#before);
  }

  async #read(before: number | null): Promise<void> {
    const id = device.session?.territory;
    if (id === undefined || this.asking) return;
    this.asking = true;
    try {
      const page = await api.history(id, this.structure, before, PAGE);
      const oldest = page.before ?? page.events.at(-1)?.id ?? null;
      const known = this.#events;
      // A first page that ends below what is known leaves the later pages where they were.
      if (before !== null || known.length === 0) {
        this.more = page.more;
        this.#before = oldest;
      }
      this.#events = [...known.filter(({ id: old }) => !page.events.some((event) => event.id === old)), ...page.events];
      this.known = true;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.asking = false;
  }

  /** Writes again what stood before a step. Answers why it was not done. */
  async goBack({ events }: Step): Promise<Problem | null> {
    const id = device.session?.territory;
    if (id === undefined) return 'other';
    try {
      for (const event of events) await api.goBack(id, this.structure, event);
    } catch (error) {
      return problemOf(error);
    }
    await this.latest();
    return null;
  }
}
