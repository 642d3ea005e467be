/** What the server set aside: one's own, or everybody's for a référent·e; and what is decided about it. */
import type { Held } from '../domain/generated/wire';
import { inOrder, waitingOf } from '../domain/quarantine';
import { api, earlier, type Known } from '../sync/api';
import { device } from './device.svelte';
import { problemOf, type Problem } from './problem';

class Quarantine {
  #known = $state.raw<Known<Held[]> | null>(null);
  problem = $state<Problem | null>(null);
  asking = $state(false);
  /** `null` while nothing is known. */
  all = $derived(this.#known === null ? null : inOrder(this.#known.value));
  waiting = $derived(waitingOf(this.all ?? []));
  /** One's own, for a référent·e too. */
  own = $derived(this.all === null ? null : this.all.filter(({ contributor }) => contributor === device.session?.contributor));
  stale = $derived(this.#known?.stale === true);
  knownAt = $derived(this.#known?.at ?? null);
  #id = '';

  async load(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id;
      this.#known = null;
      const kept = await earlier<Held[]>('quarantine', id);
      if (id !== this.#id) return;
      this.#known ??= kept;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.#id;
    if (id === '') return;
    this.asking = true;
    try {
      const found = await api.quarantine(id);
      if (id !== this.#id) return;
      this.#known = found;
      this.problem = null;
    } catch (error) {
      if (id !== this.#id) return;
      this.problem = problemOf(error);
    }
    this.asking = false;
  }

  /** Decides about a change. Answers why that was not done. */
  async decide(change: Held, decision: 'accept' | 'reject' | 'withdraw', through = false): Promise<Problem | null> {
    let problem: Problem | null = null;
    try {
      await api.decide(this.#id, change.id, decision, through);
    } catch (error) {
      problem = problemOf(error);
    }
    if (problem !== 'no_network') await this.refresh();
    return problem;
  }
}

export const quarantine = new Quarantine();
