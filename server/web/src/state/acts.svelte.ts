/** What was done about a territory's people, as the Bureau shows it. */
import { newestFirst, type Act } from '../domain/acts';
import { api } from '../sync/api';
import { Asked } from './asked.svelte';

class Acts extends Asked<Act[]> {
  /** `null` while nothing is known. */
  all = $derived(this.known === null ? null : newestFirst(this.known.value));

  constructor() {
    super('acts', (id) => api.acts(id));
  }
}

export const acts = new Acts();
