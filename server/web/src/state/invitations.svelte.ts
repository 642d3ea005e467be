/** Invitations as the Bureau shows them: the last answer, and what is done about it. */
import { openLinks, type Choice } from '../domain/inviting';
import { api, earlier, type Invitation, type Known } from '../sync/api';
import { clock } from './clock.svelte';
import { problemOf, type Problem } from './problem';

/** A link, as it is shown once. */
export interface FreshLink extends Choice {
  id: string;
  link: string;
  expiresAt: string;
}

class Invitations {
  #links = $state.raw<Known<Invitation[]> | null>(null);
  /** The link that was just made; in memory alone, until the person is done with it. */
  fresh = $state.raw<FreshLink | null>(null);
  problem = $state<Problem | null>(null);
  asking = $state(false);

  open = $derived(this.#links === null ? null : openLinks(this.#links.value, clock.now));
  /** What is shown is an earlier answer: the server did not give a new one. */
  stale = $derived(this.#links?.stale === true);
  /** When what is shown was told by the server; `null` while nothing is known. */
  knownAt = $derived(this.#links?.at ?? null);
  #id = '';

  /** Takes what is kept at once, then what the server says. */
  async load(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id;
      this.#links = this.fresh = null;
      const links = await earlier<Invitation[]>('invitations', id);
      if (id !== this.#id) return;
      this.#links ??= links;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.#id;
    if (id === '') return;
    this.asking = true;
    try {
      const links = await api.invitations(id);
      if (id !== this.#id) return;
      this.#links = links;
      this.problem = null;
    } catch (error) {
      if (id !== this.#id) return;
      this.problem = problemOf(error);
    }
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
      const problem = problemOf(error);
      // Somebody else took it back meanwhile: it is gone, which was the wish.
      if (problem !== 'gone') return problem;
    }
    if (this.fresh?.id === invitation) this.fresh = null;
    await this.refresh();
    return null;
  }
}

export const invitations = new Invitations();
