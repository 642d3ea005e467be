/** What the server set aside: one's own, or everybody's for a référent·e; and what is decided about it. */
import type { Held } from '../domain/generated/wire';
import { inOrder, severalOf, waitingOf } from '../domain/quarantine';
import { api } from '../sync/api';
import { Asked } from './asked.svelte';
import { device } from './device.svelte';
import type { Problem } from './problem';

class Quarantine extends Asked<Held[]> {
  /** `null` while nothing is known. */
  all = $derived(this.known === null ? null : inOrder(this.known.value));
  waiting = $derived(waitingOf(this.all ?? []));
  /** Those of whom several changes wait. */
  several = $derived(severalOf(this.waiting));
  /** One's own, for a référent·e too. */
  own = $derived(this.all === null ? null : this.all.filter(({ contributor }) => contributor === device.session?.contributor));

  constructor() {
    super('quarantine', (id) => api.quarantine(id));
  }

  /** Decides about a change. Answers why that was not done. */
  decide(change: Held, decision: 'accept' | 'reject' | 'withdraw', through = false): Promise<Problem | null> {
    return this.order(() => api.decide(this.id, change.id, decision, through));
  }

  /** Decides about everything of one person that waits. Answers why that was not done. */
  decideAll(contributor: string, decision: 'accept' | 'reject'): Promise<Problem | null> {
    return this.order(() => api.decideAll(this.id, contributor, decision));
  }
}

export const quarantine = new Quarantine();
