/** Inviting: what a link allows and for how long, which links still let somebody in, and who is signed in. */
import type { Role } from './generated/schema';

/** For how many devices; `null` for any number. */
export const USES: readonly (number | null)[] = [1, 10, 30, 60, null];
/** For how many days. */
export const DAYS: readonly number[] = [1, 7, 30, 90];

export interface Choice {
  role: Role;
  uses: number | null;
  days: number;
}

/** What is proposed for a role: a room of people on the field's side, one person where the link gives every right. */
export function proposed(role: Role): Choice {
  switch (role) {
    case 'contributor':
      return { role, uses: 60, days: 30 };
    case 'reader':
      return { role, uses: 10, days: 30 };
    case 'referent':
      return { role, uses: 1, days: 7 };
  }
}

interface Link {
  id: string;
  usesLeft: number | null;
  expiresAt: string;
  createdAt: string;
}

/** The links that still let somebody in, the latest first. */
export function openLinks<L extends Link>(links: readonly L[], now: number): L[] {
  return links
    .filter(({ usesLeft, expiresAt }) => usesLeft !== 0 && !(Date.parse(expiresAt) <= now))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

interface SignIn {
  contributor: string;
  displayName: string;
  role: Role;
  signedInAt: string;
}

/** Somebody who is signed in, on one device or several. */
export interface Person {
  id: string;
  name: string;
  role: Role;
  /** When they first came, in RFC 3339. */
  since: string;
  devices: number;
}

/** The people behind the sign-ins, by name. */
export function people(signIns: readonly SignIn[]): Person[] {
  const found = new Map<string, Person>();
  for (const { contributor, displayName, role, signedInAt } of signIns) {
    const known = found.get(contributor);
    if (known === undefined) {
      found.set(contributor, { id: contributor, name: displayName, role, since: signedInAt, devices: 1 });
    } else {
      found.set(contributor, { ...known, devices: known.devices + 1, since: signedInAt < known.since ? signedInAt : known.since });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, 'fr', { sensitivity: 'base' }) || a.since.localeCompare(b.since));
}
