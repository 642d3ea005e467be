/** Which communes come first: the server's last answers, one for each help and one for all, kept on the device. */
import type { Family } from '../domain/generated/schema';
import type { AsOf, Priority } from '../domain/generated/study';
import { api, type Known } from '../sync/api';
import { device } from './device.svelte';
import { problemOf, type Problem } from './problem';

class Ranking {
  family = $state<Family | null>(null);
  #known = $state.raw<{ of: string; found: Known<AsOf<Priority>> } | null>(null);
  problem = $state<Problem | null>(null);
  known = $derived(this.#known?.of === `${device.session?.territory ?? ''} ${this.family ?? ''}` ? this.#known.found : null);

  /** Asks the server for the help that is chosen. */
  async read(): Promise<void> {
    const [id, family] = [device.session?.territory ?? '', this.family];
    if (id === '') return;
    try {
      const found = await api.priority(id, family);
      // Another help was chosen meanwhile.
      if (family !== this.family) return;
      this.#known = { of: `${id} ${family ?? ''}`, found };
      this.problem = null;
    } catch (error) {
      if (family === this.family) this.problem = problemOf(error);
    }
  }
}

export const priority = new Ranking();
