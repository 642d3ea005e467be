/** Who is signed in to the territory, as the Bureau shows it: the last answer, and what is done about it. */
import type { Role } from '../domain/generated/schema';
import { people as peopleOf, type Person } from '../domain/people';
import { api, earlier, type Contributor, type Known } from '../sync/api';
import { problemOf, type Problem } from './problem';

class People {
  #signIns = $state.raw<Known<Contributor[]> | null>(null);
  problem = $state<Problem | null>(null);
  asking = $state(false);

  /** `null` while nothing is known. */
  all = $derived(this.#signIns === null ? null : peopleOf(this.#signIns.value));
  /** What is shown is an earlier answer: the server did not give a new one. */
  stale = $derived(this.#signIns?.stale === true);
  knownAt = $derived(this.#signIns?.at ?? null);
  #id = '';

  /** Takes what is kept at once, then what the server says. */
  async load(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id;
      this.#signIns = null;
      const signIns = await earlier<Contributor[]>('contributors', id);
      if (id !== this.#id) return;
      this.#signIns ??= signIns;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.#id;
    if (id === '') return;
    this.asking = true;
    try {
      const signIns = await api.contributors(id);
      if (id !== this.#id) return;
      this.#signIns = signIns;
      this.problem = null;
    } catch (error) {
      if (id !== this.#id) return;
      this.problem = problemOf(error);
    }
    this.asking = false;
  }

  /** Gives somebody another role, on all their devices. Answers why it was not done. */
  give(person: Person, role: Role): Promise<Problem | null> {
    return this.#order(() => api.giveRole(this.#id, person.id, role));
  }

  /** Signs somebody out everywhere. Answers why it was not done. */
  signOut(person: Person): Promise<Problem | null> {
    return this.#order(() => api.signOutPerson(this.#id, person.id));
  }

  /** Signs one device out. Answers why it was not done. */
  signOutDevice(person: Person, device: string): Promise<Problem | null> {
    return this.#order(() => api.signOutDevice(this.#id, person.id, device));
  }

  async #order(ask: () => Promise<unknown>): Promise<Problem | null> {
    let problem: Problem | null = null;
    try {
      await ask();
    } catch (error) {
      problem = problemOf(error);
    }
    // Also after a refusal: what was shown may be out of date.
    if (problem !== 'no_network') await this.refresh();
    return problem;
  }
}

export const people = new People();
