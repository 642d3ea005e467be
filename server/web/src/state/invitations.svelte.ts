/** Invitations as the Bureau shows them: the last answer, and what is done about it. */
import { openLinks, type Choice } from '../domain/inviting';
import { api, Refused, Unreachable, type Invitation, type Posted } from '../sync/api';
import { Asked } from './asked.svelte';
import { clock } from './clock.svelte';
import { problemOf, type Problem } from './problem';

/** A link, as it is shown once. */
export interface FreshLink extends Choice {
  id: string;
  link: string;
  expiresAt: string;
}

/** Why letters were not sent: words under `mail.` in the catalogues, where they are of letters alone. */
export type Unmailed = Problem | 'failed' | 'fast' | 'unknown';

class Invitations extends Asked<Invitation[]> {
  /** The link that was just made; in memory alone, until the person is done with it. */
  fresh = $state.raw<FreshLink | null>(null);
  /** The letters that were just sent, until the person is done with them. */
  letters = $state.raw<Posted[] | null>(null);
  open = $derived(this.known === null ? null : openLinks(this.known.value, clock.now));

  constructor() {
    super('invitations', (id) => api.invitations(id));
  }

  override async load(id: string): Promise<void> {
    if (this.id !== id) this.fresh = this.letters = null;
    await super.load(id);
  }

  /** Makes a link. Answers why it was not made. */
  async invite({ role, uses, days }: Choice): Promise<Problem | null> {
    try {
      const made = await api.invite(this.id, { role, expiresInDays: days, ...(uses === null ? {} : { uses }) });
      if (made.invitation === undefined) return 'other';
      this.fresh = { role, uses, days, id: made.id, link: made.invitation, expiresAt: made.expiresAt };
    } catch (error) {
      return problemOf(error);
    }
    await this.refresh();
    return null;
  }

  /** Sends a link of its own to each address. Answers why none was sent. */
  async mail({ role, days }: Choice, mailTo: string[]): Promise<Unmailed | null> {
    let problem: Unmailed | null = null;
    try {
      this.letters = (await api.mailLinks(this.id, { role, expiresInDays: days, mailTo })).letters;
    } catch (error) {
      if (error instanceof Unreachable) problem = 'unknown';
      else if (error instanceof Refused && error.status === 424) problem = 'failed';
      else if (error instanceof Refused && error.status === 429) problem = 'fast';
      else problem = problemOf(error);
    }
    await this.refresh();
    return problem;
  }

  /** Takes a link back. Answers why it was not. */
  async revoke(invitation: string): Promise<Problem | null> {
    try {
      await api.revoke(this.id, invitation);
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
