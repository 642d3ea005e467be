/** A link for one more device of whoever is signed in; in memory alone. */
import { api } from '../sync/api';
import { problemOf, type Problem } from './problem';

class Linking {
  fresh = $state.raw<{ link: string; until: number } | null>(null);
  busy = $state(false);
  problem = $state<Problem | null>(null);

  /** Makes a link; one that was made before ends. */
  async make(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const made = await api.linkDevice();
      this.fresh = made.invitation === undefined ? null : { link: made.invitation, until: Date.parse(made.expiresAt) };
      this.problem = this.fresh === null ? 'other' : null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }
}

export const linking = new Linking();
