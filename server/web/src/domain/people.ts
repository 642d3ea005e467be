/** The people of a territory and their devices, as the référent·e reads them. */
import { folded } from './fold';
import type { Role } from './generated/schema';

/** A device that is signed in, as the server lists it. */
export interface SignIn {
  contributor: string;
  displayName: string;
  role: Role;
  device: string;
  signedInAt: string;
  expiresAt?: string;
}

export interface PersonDevice {
  id: string;
  /** When it was signed in, in RFC 3339. */
  since: string;
  /** When its access ends by itself; `null` where the server does not say. */
  until: string | null;
}

/** Somebody who is signed in, on one device or several. */
export interface Person {
  id: string;
  name: string;
  role: Role;
  /** When they first came, in RFC 3339. */
  since: string;
  /** The oldest first. */
  devices: PersonDevice[];
}

/** The people behind the sign-ins, by name. */
export function people(signIns: readonly SignIn[]): Person[] {
  const found = new Map<string, Person>();
  const oldestFirst = [...signIns].sort((a, b) => a.signedInAt.localeCompare(b.signedInAt) || a.device.localeCompare(b.device));
  for (const { contributor, displayName, role, device, signedInAt, expiresAt } of oldestFirst) {
    const on: PersonDevice = { id: device, since: signedInAt, until: expiresAt ?? null };
    const known = found.get(contributor);
    if (known === undefined) found.set(contributor, { id: contributor, name: displayName, role, since: signedInAt, devices: [on] });
    else known.devices.push(on);
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

/** Whether the territory would be without a référent·e, were this person not one any more. The server refuses that. */
export function isLastReferent(all: readonly Person[], person: Person): boolean {
  return person.role === 'referent' && !all.some(({ id, role }) => role === 'referent' && id !== person.id);
}
