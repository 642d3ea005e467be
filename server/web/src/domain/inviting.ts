/** Inviting: what a link allows and for how long, and which links still let somebody in. */
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
