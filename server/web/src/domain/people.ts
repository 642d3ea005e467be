/** The people of a territory and their devices, as the référent·e reads them. */
import { folded } from './fold';
import type { Role } from './generated/schema';

/** A device that is signed in, as the server lists it. */
export interface SignIn {
  contributor: string;
  displayName: string;
  role: Role;
  /** Nothing for somebody who is signed in nowhere, and whom a provider lets in at any time. */
  device: string | null;
  signedInAt: string;
  expiresAt?: string | null;
  provider?: string | null;
}

export interface PersonDevice {
  id: string;
  /** When it was signed in, in RFC 3339. */
  since: string;
  /** When its access ends by itself; `null` where the server does not say. */
  until: string | null;
}

/** Somebody who is signed in, on one device or several, or whom a provider lets in at any time. */
export interface Person {
  id: string;
  name: string;
  role: Role;
  /** When they first came, in RFC 3339; where no device is signed in, when they came last. */
  since: string;
  /** The oldest first; none where a provider alone lets them in. */
  devices: PersonDevice[];
  /** By what provider they come in without an invitation; '' where its name is not known, `null` for whoever needs one. */
  provider: string | null;
}

/** The people behind the sign-ins, by name. */
export function people(signIns: readonly SignIn[]): Person[] {
  const found = new Map<string, Person>();
  const oldestFirst = [...signIns].sort((a, b) => a.signedInAt.localeCompare(b.signedInAt) || (a.device ?? '').localeCompare(b.device ?? ''));
  for (const { contributor, displayName, role, device, signedInAt, expiresAt, provider = null } of oldestFirst) {
    const on: PersonDevice[] = device === null ? [] : [{ id: device, since: signedInAt, until: expiresAt ?? null }];
    const known = found.get(contributor);
    if (known === undefined) found.set(contributor, { id: contributor, name: displayName, role, since: signedInAt, devices: on, provider });
    else known.devices.push(...on);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, 'fr', { sensitivity: 'base' }) || a.since.localeCompare(b.since));
}

/** Those whose name or role holds the words; accents and capitals do not matter. */
export function named(all: readonly Person[], words: string, roleWord: (role: Role) => string): Person[] {
  const wanted = folded(words).split(' ').filter((word) => word !== '');
  return all.filter(({ name, role }) => {
    const text = folded(`${name} ${roleWord(role)}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** Whether no référent·e would be signed in to the territory, were this person not one any more. The server refuses that. */
export function isLastReferent(all: readonly Person[], person: Person): boolean {
  const isIn = ({ role, devices }: Person): boolean => role === 'referent' && devices.length > 0;
  return isIn(person) && !all.some((other) => other.id !== person.id && isIn(other));
}
