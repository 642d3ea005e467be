/**
 * A device that several people use keeps a document for each: what one wrote and did not send yet never leaves under
 * another's name. Whose a document is, is told by name and territory, for a new link makes somebody a new contributor.
 */
import { folded } from './fold';

/** What somebody has on this device while somebody else, or nobody, is signed in. */
export interface Held {
  /** The shelf that their document lies on; `''` is the first one's. */
  shelf: string;
  name: string;
  contributor: string;
  territory: string;
  /** How many changes the server did not have when they went. */
  waiting: number;
}

/** Whether two names are one person's: accents, capitals and blanks do not matter. */
export function isSamePerson(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** Whose document somebody takes up again who comes in by this name; `null` when it is nobody's here. */
export function takenUp(name: string, here: readonly Held[]): Held | null {
  return here.find((held) => isSamePerson(held.name, name)) ?? null;
}

/** Who comes in, as the server knows them. */
interface Comer {
  displayName: string;
  territory: string;
  contributor: string;
}

/** The shelf for somebody who comes in: their own of an earlier time, else a new one beside those of others. */
export function shelfFor({ displayName, territory, contributor }: Comer, here: readonly Held[]): string {
  const there = here.filter((held) => held.territory === territory);
  // A link for one more device leaves somebody the contributor they were.
  const mine = there.find((held) => held.contributor === contributor) ?? takenUp(displayName, there);
  return mine?.shelf ?? (here.length === 0 ? '' : contributor);
}

/** Under which name something of one person is kept: by territory, and by shelf beside the first. */
export function keyOn(what: string, { territory, shelf = '' }: { territory: string; shelf?: string }): string {
  return shelf === '' ? `${what}:${territory}` : `${what}:${territory}@${shelf}`;
}

/** What is kept for each shelf apart, by the beginning of its key. */
const OF_A_SHELF = /^(?:heads|actors|records|aside|document|left):/;

/** Whether a key belongs to another shelf than this one, so that erasing this one leaves it. */
export function isOfAnother(key: string, shelf: string): boolean {
  if (!OF_A_SHELF.test(key)) return false;
  const cut = key.indexOf('@');
  return (cut < 0 ? '' : key.slice(cut + 1)) !== shelf;
}
