/** Who is signed in to the territory, as the Bureau shows it: the last answer, and what is done about it. */
import type { Role } from '../domain/generated/schema';
import { people as peopleOf, type Person } from '../domain/people';
import { api, type Contributor } from '../sync/api';
import { Asked } from './asked.svelte';
import type { Problem } from './problem';

class People extends Asked<Contributor[]> {
  /** `null` while nothing is known. */
  all = $derived(this.known === null ? null : peopleOf(this.known.value));

  constructor() {
    super('contributors', (id) => api.contributors(id));
  }

  /** Gives somebody another role, on all their devices. Answers why it was not done. */
  give(person: Person, role: Role): Promise<Problem | null> {
    return this.order(() => api.giveRole(this.id, person.id, role));
  }

  /** Signs somebody out everywhere. Answers why it was not done. */
  signOut(person: Person): Promise<Problem | null> {
    return this.order(() => api.signOutPerson(this.id, person.id));
  }

  /** Signs one device out. Answers why it was not done. */
  signOutDevice(person: Person, device: string): Promise<Problem | null> {
    return this.order(() => api.signOutDevice(this.id, person.id, device));
  }
}

export const people = new People();
