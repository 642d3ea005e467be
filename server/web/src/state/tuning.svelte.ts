/** What is tuned in the recipe: the server's last answer, and setting it. */
import { tuningOf, type Draft } from '../domain/tuning';
import { api, type Tuning } from '../sync/api';
import { Asked } from './asked.svelte';
import { portrait } from './portrait.svelte';
import type { Problem } from './problem';

class Settings extends Asked<Tuning> {
  value = $derived(this.known?.value ?? null);

  /** Sets what was typed. Answers why it was not. */
  set(draft: Draft): Promise<Problem | null> {
    return this.#recount(() => api.tune(this.id, tuningOf(draft)));
  }

  /** Takes every tuning back. */
  reset(): Promise<Problem | null> {
    return this.#recount(() => api.untune(this.id));
  }

  /** Every figure moved: the portrait is asked for again. */
  async #recount(act: () => Promise<unknown>): Promise<Problem | null> {
    const problem = await this.order(act);
    if (problem === null) await portrait.refresh();
    return problem;
  }
}

export const tuning = new Settings('tuning', api.tuning);
