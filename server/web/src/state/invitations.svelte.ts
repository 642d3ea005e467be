/** Invitations and the people they let in, as the Bureau shows them: the last answers, and what is done about them. */
import { openLinks, people, type Choice } from '../domain/inviting';
import { api, earlier, Refused, Unreachable, type Contributor, type Invitation, type Known } from '../sync/api';
import { clock } from './clock.svelte';

/** Why something asked of the server did not happen: words under `desk.problem.` in the catalogues. */
export type Problem = 'no_network' | 'not_allowed' | 'other';

/** A link, as it is shown once. */
export interface FreshLink extends Choice {
  id: string;
  link: string;
  expiresAt: string;
}

class Invitations {
  #links = $state.raw<Known<Invitation[]> | null>(null);
  #signIns = $state.raw<Known<Contributor[]> | null>(null);
  /** The link that was just made; in memory alone, until the person is done with it. */
  fresh = $state.raw<FreshLink | null>(null);
  problem = $state<Problem | null>(null);
  asking = $state(false);

  open = $derived(this.#links === null ? null : openLinks(this.#links.value, clock.now));
  people = $derived(this.#signIns === null ? null : people(this.#signIns.value));
  /** What is shown is an earlier answer: the server did not give a new one. */
  stale = $derived(this.#links?.stale === true || this.#signIns?.stale === true);
  /** When what is shown was told by the server; `null` while nothing is known. */
  knownAt = $derived(oldest(this.#links, this.#signIns));
  #id = '';

  /** Takes what is kept at once, then what the server says. */
  async load(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id;
      this.#links = this.#signIns = this.fresh = null;
      const [links, signIns] = await Promise.all([earlier<Invitation[]>('invitations', id), earlier<Contributor[]>('contributors', id)]);
      if (id !== this.#id) return;
      this.#links ??= links;
      this.#signIns ??= signIns;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.#id;
    if (id === '') return;
    this.asking = true;
    const [links, signIns] = await Promise.allSettled([api.invitations(id), api.contributors(id)]);
    if (id !== this.#id) return;
    if (links.status === 'fulfilled') this.#links = links.value;
    if (signIns.status === 'fulfilled') this.#signIns = signIns.value;
    const failed = [links, signIns].find((answer) => answer.status === 'rejected');
    this.problem = failed === undefined ? null : problemOf(failed.reason);
    this.asking = false;
  }

  /** Makes a link. Answers why it was not made. */
  async invite({ role, uses, days }: Choice): Promise<Problem | null> {
    try {
      const made = await api.invite(this.#id, { role, expiresInDays: days, ...(uses === null ? {} : { uses }) });
      if (made.invitation === undefined) return 'other';
      this.fresh = { role, uses, days, id: made.id, link: made.invitation, expiresAt: made.expiresAt };
    } catch (error) {
      return problemOf(error);
    }
    await this.refresh();
    return null;
  }

  /** Takes a link back. Answers why it was not. */
  async revoke(invitation: string): Promise<Problem | null> {
    try {
      await api.revoke(this.#id, invitation);
    } catch (error) {
      // Somebody else took it back meanwhile: it is gone, which was the wish.
      if (!(error instanceof Refused && error.status === 404)) return problemOf(error);
    }
    if (this.fresh?.id === invitation) this.fresh = null;
    await this.refresh();
    return null;
  }
}

function oldest(...answers: (Known<unknown> | null)[]): number | null {
  const moments = answers.flatMap((answer) => (answer === null ? [] : [answer.at]));
  return moments.length === 0 ? null : Math.min(...moments);
}

function problemOf(error: unknown): Problem {
  if (error instanceof Unreachable) return 'no_network';
  return error instanceof Refused && (error.status === 401 || error.status === 403) ? 'not_allowed' : 'other';
}

export const invitations = new Invitations();
