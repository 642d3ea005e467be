/** The history of the indicators: the server's last answer, kept on the device, and points that a référent·e names. */
import { api, type History } from '../sync/api';
import { Asked } from './asked.svelte';
import type { Problem } from './problem';

class Progress extends Asked<History> {
  value = $derived(this.known?.value ?? null);

  /** Keeps the figures as they stand under a name. Answers why they were not kept. */
  keep(name: string): Promise<Problem | null> {
    return this.order(() => api.keepPoint(this.id, name));
  }

  /** Deletes a named point. Answers why it was not. */
  forget(point: string): Promise<Problem | null> {
    return this.order(() => api.forgetPoint(this.id, point));
  }
}

export const progress = new Progress('progress', api.progress);
