/** What the server set aside: one's own, or everybody's for a référent·e; and what is decided about it. */
import type { Held } from '../domain/generated/wire';
import { inOrder, waitingOf } from '../domain/quarantine';
import { api } from '../sync/api';
import { Asked } from './asked.svelte';
import { device } from './device.svelte';
import type { Problem } from './problem';

class Quarantine extends Asked<Held[]> {
  /** `null` while nothing is known. */
  all = $derived(this.known === null ? null : inOrder(this.known.value));
  waiting = $derived(waitingOf(this.all ?? []));
  /** One's own, for a référent·e too. */
  own = $derived(this.all === null ? null : this.all.filter(({ contributor }) => contributor === device.session?.contributor));

  constructor() {
    super('quarantine', (id) => api.quarantine(id));
  }

  /** Decides about a change. Answers why that was not done. */
  decide(change: Held, decision: 'accept' | 'reject' | 'withdraw', through = false): Promise<Problem | null> {
    return this.order(() => api.decide(this.id, change.id, decision, through));
  }
}

export const quarantine = new Quarantine();
