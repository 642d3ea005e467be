/**
 * What a page and the worker tell each other. The worker owns the document, the storage and the websocket; pages hold
 * view values and send commands. All of it is plain data, so that it crosses a port.
 */
import type { Left } from '../domain/document/carry';
import type { Edit, EditErrorCode } from '../domain/edit';
import type { Role } from '../domain/generated/schema';
import type { Authorship, Structure } from '../domain/record';

/** A signed-in device, as the server answered. Kept on the device, so that the app opens without network. */
export interface Session {
  contributor: string;
  displayName: string;
  role: Role;
  territory: string;
  /** `automerge:…` */
  document: string;
  device: string;
  /** Where this device keeps the person's document: `''` or nothing for the first one's (domain/shelves.ts). */
  shelf?: string;
  /** Held in memory alone, and only where the browser keeps no cookie. */
  token?: string;
}

/** What is safe and what is not. From the heads that the server has on disk, not from the socket. */
export interface Status {
  /**
   * `opening`: the document is not read yet. `safe`: everything is on the server's disk. `sending`: on its way.
   * `offline`: the server cannot be reached. `refused`: it does not take what this device sends.
   * `signed_out`: this device is no longer connected; what it holds stays on it.
   */
  state: 'opening' | 'safe' | 'sending' | 'offline' | 'refused' | 'signed_out';
  /** Changes made here that the server is not known to have on disk. */
  waiting: number;
  /** Of the changes made here, how many the server set aside until a référent·e decides. They are not among `waiting`. */
  held: number;
  /** Whether the territory's document is on this device. */
  hasDocument: boolean;
  /** When the server was last known to have everything, by this device's clock; `null` when it never was. */
  safeAt: number | null;
  /** The code of the server's refusal, while `refused`; `not-allowed` where the person's role writes nothing, `held` where
   * all that is not in the directory is set aside. */
  refused: string | null;
  /** Whether edits outlive this tab. `refused`: the browser keeps nothing (private mode, full disk). */
  storage: 'kept' | 'refused';
}

/** A change of this device that waits, in the order it was made. */
export interface Waiting {
  /** The change's hash. */
  hash: string;
  /** When, by this device's clock. */
  at: number | null;
  /** The structures it touches, with the names they have now, and the paths inside them. */
  touched: { structure: string; name: string; paths: string[] }[];
}

/** What a page asks of the worker; each is answered once. */
export interface Commands {
  /** The device signed in, or opens with the session that it kept. */
  open(session: Session): Promise<void>;
  /** Writes edits as one change; it is on this device's storage when the answer comes. `false`: nothing differed. */
  edit(edits: Edit[]): Promise<boolean>;
  /** Who wrote what stands in a structure. */
  authorship(structure: string): Promise<Authorship>;
  /** The changes that wait. */
  waiting(): Promise<Waiting[]>;
  /** What could not come along when the territory moved to another document. */
  leftBehind(): Promise<Left[]>;
  /** Forgets so many of these, the oldest: the person has read them. */
  forgetLeft(many: number): Promise<void>;
  /** The waiting changes as an automerge file, to be carried by hand. */
  exportWaiting(): Promise<Uint8Array>;
  /** Tries to reach the server now. */
  retry(): Promise<void>;
  /** Forgets the session and, when `erase`, everything that is kept here. */
  leave(erase: boolean): Promise<void>;
}

/** What the worker tells every page without being asked. */
export type Told =
  | { tell: 'hello'; session: Session | null; status: Status; version: string }
  | { tell: 'session'; session: Session | null }
  | { tell: 'status'; status: Status }
  /** Something was erased, and the territory goes on in another document: how many edits came along, and what could not. */
  | { tell: 'moved'; carried: number; left: Left[] }
  /** The server says that the person's role is another one now; which, it answers to `GET /me`. */
  | { tell: 'role_changed' }
  /** `whole`: these are all the records; otherwise those that changed, and the ids of those that went. */
  | { tell: 'records'; whole: boolean; changed: Structure[]; removed: string[] };

/** A page's call on the wire. */
export interface Call {
  call: keyof Commands;
  id: number;
  args: unknown[];
}

/** The worker's answer. */
export type Reply =
  | { reply: number; value: unknown }
  | { reply: number; error: { message: string; code?: EditErrorCode; about?: string } };

/** The page goes; the worker need not tell it any more. */
export interface Bye {
  bye: true;
}
