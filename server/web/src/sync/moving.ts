/**
 * Moving to another document: the server says where the territory goes on, and what this device had not sent comes along.
 * The earlier document stays on the device until the later one is kept with that in it.
 */
import * as A from '@automerge/automerge/slim';
import type { AnyDocumentId, DocHandle, Repo } from '@automerge/automerge-repo/slim';
import { carryOver, type Left } from '../domain/document/carry';
import { keyOn } from '../domain/shelves';
import { amend, keep, recall } from './kept';
import type { Session } from './messages';
import type { Kept } from './pending';

/** Which document a device has of a territory; the session names the one that it signed in to. */
export async function documentHere(session: Session): Promise<string> {
  const kept = await recall<string>(keyOn('document', session));
  if (kept === undefined) await keep(keyOn('document', session), session.document);
  return (kept ?? session.document).replace(/^automerge:/, '');
}

/** What could not come along so far; a person reads it. */
export async function leftBehind(session: Session): Promise<Left[]> {
  return (await recall<Left[]>(keyOn('left', session))) ?? [];
}

/** Forgets the oldest of them; what came after a person looked stays. */
export async function forgetLeft(session: Session, many: number): Promise<void> {
  await amend<Left[]>(keyOn('left', session), (left = []) => left.slice(many));
}

/** Waits until the later document is here. */
export async function arrival(repo: Repo, document: string): Promise<DocHandle<unknown>> {
  const step = repo.findWithProgress<unknown>(document as AnyDocumentId);
  await step.handle.whenReady(['ready']);
  return step.handle;
}

/** What comes of it. */
export interface Moved {
  carried: number;
  left: Left[];
}

/**
 * Carries `unsent` over into the document that has arrived, keeps it, and notes that it is this device's from now on.
 * `flush` keeps the document; when it fails the device stays where it is.
 */
export async function cross(
  session: Session,
  old: A.Doc<unknown> | null,
  arrived: DocHandle<unknown>,
  unsent: Uint8Array[],
  flush: () => Promise<void>,
): Promise<Moved> {
  const durable = A.getHeads(arrived.doc());
  const over = old === null ? { changes: [], left: [], carried: 0 } : carryOver(old, arrived.doc(), unsent);
  if (over.changes.length > 0) arrived.update((doc) => A.applyChanges(doc, over.changes)[0]);
  await flush();
  if (over.left.length > 0) await amend<Left[]>(keyOn('left', session), (left = []) => [...left, ...over.left]);
  await keep(keyOn('heads', session), { heads: durable, safeAt: null } satisfies Kept);
  await keep(keyOn('document', session), arrived.documentId);
  return { carried: over.carried, left: over.left };
}
