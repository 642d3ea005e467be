/** What was done about people, invitations and named points: the acts that the server keeps, as it tells them. */
import type { Role } from './generated/schema';
import { instantOf } from './instant';

/** A person, by the name they had then. */
export interface Somebody {
  contributor: string;
  name: string;
}

/** What was erased for good; what it said is told nowhere. */
export type Erasable = 'value' | 'structure' | 'helper' | 'contributor' | 'history';

/** One act. Whoever did it is `null` for the server's operator. */
export type Act = { at: string; by: Somebody | null; whom: Somebody | null } & (
  | { did: 'changed-role'; role: Role }
  | { did: 'revoked-device'; device: string }
  | { did: 'revoked-contributor' }
  | { did: 'created-invitation'; invitation: string; role: Role }
  | { did: 'revoked-invitation'; invitation: string }
  | { did: 'linked-device'; invitation: string }
  | { did: 'entered-by-provider'; device: string }
  | { did: 'forgot-point'; point: string }
  | { did: 'mailed-invitations'; many: number }
  | { did: 'erased'; what: Erasable }
);

/** The kinds of act that this app has words for. */
export const DIDS = ['changed-role', 'revoked-device', 'revoked-contributor', 'created-invitation', 'revoked-invitation', 'linked-device', 'entered-by-provider', 'forgot-point', 'mailed-invitations', 'erased'] as const;

/** Whether this app has words for an act; a newer server may keep others. */
export function isTold(act: Pick<Act, 'did'>): boolean {
  return (DIDS as readonly string[]).includes(act.did);
}

/** The acts as they are read: the newest first; those of one instant as the server has them. */
export function newestFirst(acts: readonly Act[]): Act[] {
  const at = (act: Act): number => instantOf(act.at) ?? 0;
  return [...acts].sort((a, b) => at(b) - at(a));
}
