/**
 * The document on this device: opened from the shelf, kept there, brought in line with the server, read into records
 * and written by edits. One engine runs in each worker. It tells what happens; who hears it, it does not know (ports.ts).
 */
import * as A from '@automerge/automerge/slim';
import { decodeHeads, Repo } from '@automerge/automerge-repo/slim';
import type {
  AnyDocumentId, DocHandle, DocHandleChangePayload, DocHandleRemoteHeadsPayload,
} from '@automerge/automerge-repo/slim';
import { BroadcastChannelNetworkAdapter } from '@automerge/automerge-repo-network-broadcastchannel';
import { freshActor } from '../domain/document/actor';
import { touched } from '../domain/document/read';
import { authorship } from '../domain/document/who';
import { perform } from '../domain/document/write';
import { EditError, type Edit } from '../domain/edit';
import { isOfAnother, keyOn } from '../domain/shelves';
import type { Left } from '../domain/document/carry';
import type { Authorship } from '../domain/record';
import { Aside } from './aside';
import { amend, forget, keep, recall } from './kept';
import { Link } from './link';
import { arrival, cross, documentHere, forgetLeft, leftBehind } from './moving';
import type { Session, Status, Told, Waiting } from './messages';
import { Pending, touchedBy, type Kept, type Meta } from './pending';
import { Records } from './records';
import { Shelf } from './shelf';

export { initializeWasm } from '@automerge/automerge/slim';

/** Status is told this often at most, unless its state changes. */
const TELLING_MS = 100;
/** The server's heads are kept this often at most. Older ones count more as waiting, never less. */
const KEEPING_MS = 2_000;
/** An engine takes an actor of its own; of those that ever wrote here, this many are remembered. */
const ACTORS_MAX = 500;
/** Refusals that may concern the conversation and not what is said: a new one is begun, this often at most. */
const CONFUSED = new Set(['malformed-sync', 'too-many-pending', 'sequence-reused']);
const AFRESH_MS = 300_000;

/** What belongs to one opened document. */
interface Opened {
  session: Session;
  repo: Repo;
  handle: DocHandle<unknown>;
  link: Link;
  pending: Pending;
  aside: Aside;
  records: Records;
  safeAt: number | null;
  /** Whether the server named its heads since the line is up. */
  heard: boolean;
  /** How many changes waited when the server refused. */
  waitedAtRefusal: number;
  signed: Promise<void> | null;
  /** What is still to be taken by the server. */
  changes: Meta[];
  /** How many wait there for a référent·e. */
  held: number;
  /** Documents that are spoken of: this one, and the one that the territory goes on in. */
  shared: Set<string>;
}

export class Engine {
  #opened: Opened | null = null;
  #shelf: Shelf | null | undefined;
  /** Whose shelf that is. */
  #whose = '';
  #storage: Status['storage'] = 'kept';
  #told: Status | null = null;
  #toldAt = -Infinity;
  #keptAt = -Infinity;
  #afreshAt = -Infinity;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(private readonly tell: (told: Told) => void) {}

  /** Opens the territory's document of a session. The same document stays open, with all it holds. */
  open(session: Session): Promise<void> {
    return this.#inTurn(async () => {
      const open = this.#opened;
      const whose = session.shelf ?? '';
      // Another sign-in is another author, and each writes under an actor of its own, which a document opened anew takes.
      const same = open !== null && open.session.document === session.document && open.session.contributor === session.contributor;
      if (open !== null && same && this.#whose === whose) {
        open.session = session;
        open.link.signedIn(session.token ?? null);
        return;
      }
      await this.#close();
      if (this.#whose !== whose) {
        this.#shelf?.close();
        this.#shelf = undefined;
        this.#whose = whose;
      }
      if (this.#shelf === undefined) {
        this.#shelf = await Shelf.open((kept) => this.#kept(kept), whose);
        this.#storage = this.#shelf === null ? 'refused' : 'kept';
      }
      await this.#start(session, this.#shelf);
    });
  }

  /** All records, for a page that has just come. */
  records(): Told | null {
    return this.#opened?.records.whole() ?? null;
  }

  async edit(edits: Edit[]): Promise<boolean> {
    if (this.#opened?.session.role === 'reader') throw new EditError('read_only', '');
    const early = this.#ready();
    await (early.signed ??= this.#sign(early));
    const opened = this.#ready();
    const before = A.getHeads(opened.handle.doc());
    const now = new Date();
    opened.handle.change((doc) => perform(doc as Parameters<typeof perform>[0], edits, now), { time: secondsOf(now) });
    if (before.join() === A.getHeads(opened.handle.doc()).join()) return false;
    this.#look(opened);
    await this.#flush(opened);
    return true;
  }

  async authorship(structure: string): Promise<Authorship> {
    const { handle, changes } = this.#ready();
    return authorship(handle.doc(), structure, new Set(changes.map(({ hash }) => hash)));
  }

  async waiting(): Promise<Waiting[]> {
    const opened = this.#opened;
    if (opened === null || !opened.handle.isReady()) return [];
    const doc = opened.handle.doc();
    const waits = opened.pending.waiting(doc).changes.filter(({ hash }) => !opened.aside.has(hash));
    return waits.map(({ hash, time }) => ({
      hash,
      at: time > 0 ? time * 1000 : null,
      touched: [...touchedBy(doc, hash)].map(([structure, paths]) => ({
        structure,
        name: opened.records.nameOf(structure),
        paths: [...paths],
      })),
    }));
  }

  async leftBehind(): Promise<Left[]> {
    return this.#opened === null ? [] : leftBehind(this.#opened.session);
  }

  async forgetLeft(many: number): Promise<void> {
    if (this.#opened !== null) await forgetLeft(this.#opened.session, many);
  }

  async exportWaiting(): Promise<Uint8Array> {
    const { handle, pending } = this.#ready();
    return pending.file(handle.doc());
  }

  async retry(): Promise<void> {
    this.#opened?.link.retry();
    await this.#opened?.aside.ask();
  }

  /** Closes the document; erased, nothing of it stays on the device. */
  leave(erase: boolean): Promise<void> {
    return this.#inTurn(async () => {
      await this.#close(!erase);
      if (!erase) return;
      this.#shelf?.close();
      this.#shelf = undefined;
      await Shelf.erase(this.#whose).catch(() => undefined);
      await forget((key) => isOfAnother(key, this.#whose));
    });
  }

  /** Opening and closing take a while, and two tabs may ask for both at once: one after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work, work);
    return this.#turn;
  }

  async #start(session: Session, shelf: Shelf | null): Promise<void> {
    const kept = await recall<Kept>(keyOn('heads', session));
    const actors = await recall<string[]>(keyOn('actors', session));
    const document = await documentHere(session);
    const shared = new Set([document]);
    const link = new Link(session.token ?? null, () => this.#lineChanged(opened));
    const aside = new Aside(session, link, () => this.#lookSoon(opened));
    await aside.recall();
    link.roleChanged = () => this.tell({ tell: 'role_changed' });
    link.quarantineChanged = () => aside.told();
    // Other tabs' engines, or an older version's beside this one: one device, whoever of them has the network.
    const neighbours =
      typeof BroadcastChannel === 'undefined'
        ? []
        : [new BroadcastChannelNetworkAdapter({ channelName: keyOn('portrea-documents', session), peerWaitMs: 0 })];
    const share = async (_peer: unknown, about?: string) => about === undefined || shared.has(about);
    const repo = new Repo({
      ...(shelf === null ? {} : { storage: shelf }),
      network: [link, ...neighbours],
      isEphemeral: false,
      shareConfig: { announce: share, access: share },
    });
    const step = repo.findWithProgress<unknown>(document as AnyDocumentId);
    const opened: Opened = {
      session, repo, link, aside,
      handle: step.handle,
      pending: new Pending(kept?.heads ?? [], actors ?? []),
      records: new Records(),
      safeAt: kept?.safeAt ?? null,
      heard: false,
      waitedAtRefusal: 0,
      signed: null,
      changes: [],
      held: 0,
      shared,
    };
    this.#opened = opened;
    link.movedTo = (later) => void this.#follow(opened, later).catch(() => undefined);
    opened.handle.on('change', ({ patches }: DocHandleChangePayload<unknown>) => this.#moved(opened, touched(patches)));
    // Of maps that are not shown automerge gives no patches: the heads alone tell.
    opened.handle.on('heads-changed', () => this.#moved(opened, new Set()));
    opened.handle.on('remote-heads', (heads: DocHandleRemoteHeadsPayload) => {
      if (heads.storageId !== link.serverStorage) return;
      opened.pending.named(decodeHeads(heads.heads));
      opened.heard = true;
      opened.aside.news();
      this.#lookSoon(opened);
    });
    if ('subscribe' in step) {
      step.subscribe(({ state }) => {
        this.#lookSoon(opened);
        // What lies there cannot be read. It stays, for whoever can mend it; the server has the rest.
        if (state === 'failed' && shelf !== null) void this.#withoutShelf(opened);
      });
    }
    this.#look(opened);
  }

  #withoutShelf(opened: Opened): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#opened !== opened) return;
      await this.#close(false);
      this.#storage = 'refused';
      await this.#start(opened.session, null);
    });
  }

  async #close(flush = true): Promise<void> {
    const opened = this.#opened;
    if (opened === null) return;
    clearTimeout(this.#reading);
    clearTimeout(this.#telling);
    this.#reading = this.#telling = undefined;
    if (flush && opened.handle.isReady()) await this.#flush(opened);
    if (flush) await this.#keepHeads(opened);
    this.#opened = null;
    this.#told = null;
    opened.aside.stop();
    opened.handle.removeAllListeners();
    for (const adapter of [...opened.repo.networkSubsystem.adapters]) adapter.disconnect();
  }

  #ready(): Opened {
    if (this.#opened === null || !this.#opened.handle.isReady()) throw new EditError('no_document', '');
    return this.#opened;
  }

  /** Takes an actor and says that it writes in this browser, before it does: without that its changes are not counted. */
  async #sign({ session, handle, pending }: Opened): Promise<void> {
    const actor = freshActor(Date.now(), crypto.getRandomValues(new Uint8Array(8)));
    handle.update((doc) => A.clone(doc, { actor }));
    pending.learn([actor]);
    await amend<string[]>(keyOn('actors', session), (actors = []) => [...actors, actor].slice(-ACTORS_MAX));
  }

  async #flush({ repo, handle }: Opened): Promise<void> {
    const shelf = this.#shelf;
    if (shelf) shelf.firm = true;
    try {
      await repo.flush([handle.documentId]);
    } catch {
      // Said by `#kept`. The change is in the document and on its way to the server.
    } finally {
      if (shelf) shelf.firm = false;
    }
  }

  #kept(kept: boolean): void {
    const storage = kept ? 'kept' : 'refused';
    if (storage === this.#storage || this.#opened === null) return;
    this.#storage = storage;
    this.#look(this.#opened);
  }

  /** Changes that arrive within one macrotask are read and told together. */
  #moved(opened: Opened, ids: Set<string> | 'all'): void {
    opened.records.moved(ids);
    this.#reading ??= setTimeout(() => {
      this.#reading = undefined;
      this.#read(opened);
    }, 0);
    this.#lookSoon(opened);
  }

  #read(opened: Opened): void {
    if (this.#opened !== opened || !opened.handle.isReady()) return;
    const told = opened.records.read(opened.handle.doc());
    if (told !== null) this.tell(told);
  }

  #lineChanged(opened: Opened): void {
    if (this.#opened !== opened) return;
    const { link, changes } = opened;
    if (link.line !== 'live') opened.heard = false;
    if (link.refused !== null) opened.waitedAtRefusal = Math.max(opened.waitedAtRefusal, changes.length);
    this.#look(opened);
    if (link.refused !== null && CONFUSED.has(link.refused) && performance.now() - this.#afreshAt > AFRESH_MS) {
      this.#afreshAt = performance.now();
      void this.#afresh(opened);
    }
  }

  /** Opens the document again, with a new actor and without what was kept of the conversation with the server. */
  #afresh(opened: Opened): Promise<void> {
    return this.#inTurn(async () => {
      const shelf = this.#shelf;
      // In memory alone it would be lost.
      if (this.#opened !== opened || !shelf || this.#storage === 'refused') return;
      await this.#close();
      await shelf.removeRange([opened.handle.documentId, 'sync-state']);
      await this.#start(opened.session, shelf);
    });
  }

  /** The territory goes on in another document: it is fetched, what was not sent comes along, and the earlier one goes. */
  async #follow(opened: Opened, later: string): Promise<void> {
    if (this.#opened !== opened || opened.shared.has(later)) return;
    opened.shared.add(later);
    const shelf = this.#shelf ?? null;
    // What lies there of an attempt that broke off is fetched anew.
    await shelf?.removeRange([later]);
    const arrived = await arrival(opened.repo, later);
    await this.#inTurn(async () => {
      if (this.#opened !== opened) return;
      const { session, repo, handle, pending } = opened;
      const old = handle.isReady() ? handle.doc() : null;
      if (old !== null) pending.settle(old);
      const flush = async (): Promise<void> => {
        if (shelf) shelf.firm = true;
        await repo.flush([arrived.documentId]).finally(() => shelf && (shelf.firm = false));
      };
      const moved = await cross(session, old, arrived, old === null ? [] : pending.unsent(old), flush);
      opened.handle.removeAllListeners();
      await this.#close(false);
      await shelf?.removeRange([handle.documentId]);
      await this.#start(session, shelf);
      this.tell({ tell: 'moved', ...moved });
    });
  }

  #lookSoon(opened: Opened): void {
    const wait = Math.max(0, this.#toldAt + TELLING_MS - performance.now());
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#look(opened);
    }, wait);
  }

  /** Works out what is safe, and tells it when it is news. */
  #look(opened: Opened): void {
    if (this.#opened !== opened) return;
    const { handle, link, pending } = opened;
    let news = false;
    if (handle.isReady()) {
      const doc = handle.doc();
      news = pending.settle(doc);
      const { changes, unknown } = pending.waiting(doc);
      opened.changes = changes.filter(({ hash }) => !opened.aside.has(hash));
      opened.held = changes.filter(({ hash }) => opened.aside.waits(hash)).length;
      if (unknown.length > 0) void this.#ask(opened, unknown);
      if (opened.heard && opened.changes.length === 0) opened.safeAt = Date.now();
    }
    const waiting = opened.changes.length;
    link.expect(waiting > 0 && !isUnheard(opened));
    opened.aside.watch(waiting, opened.held);
    if (link.refused !== null && opened.heard && (waiting === 0 || waiting < opened.waitedAtRefusal)) {
      opened.waitedAtRefusal = 0;
      link.accepted();
    }
    const status: Status = {
      state: stateOf(opened),
      waiting,
      held: opened.held,
      hasDocument: handle.isReady(),
      safeAt: opened.safeAt,
      refused: isUnheard(opened) ? 'not-allowed' : (link.refused ?? (isHeld(opened) ? 'held' : null)),
      storage: this.#storage,
    };
    const told = this.#told;
    if (told !== null && waiting < told.waiting) void this.#keepHeads(opened);
    else if (news && performance.now() - this.#keptAt > KEEPING_MS) void this.#keepHeads(opened);
    if (told !== null && JSON.stringify(told) === JSON.stringify(status)) return;
    const early = this.#toldAt + TELLING_MS > performance.now();
    const urgent = told === null || told.state !== status.state || told.storage !== status.storage;
    if (early && !urgent) return this.#lookSoon(opened);
    this.#told = status;
    this.#toldAt = performance.now();
    this.tell({ tell: 'status', status });
  }

  /** Another engine of this browser may have begun to write. */
  async #ask(opened: Opened, unknown: string[]): Promise<void> {
    const own = await recall<string[]>(keyOn('actors', opened.session));
    opened.pending.learn(own ?? [], unknown);
    if (this.#opened === opened) this.#lookSoon(opened);
  }

  async #keepHeads({ session, pending, safeAt }: Opened): Promise<void> {
    this.#keptAt = performance.now();
    await keep(keyOn('heads', session), { heads: pending.durable, safeAt } satisfies Kept);
  }
}

/** A person who was made a reader: the server answers, and takes nothing of what they wrote before. */
function isUnheard({ session, link, changes }: Opened): boolean {
  return session.role === 'reader' && changes.length > 0 && link.line === 'live';
}

/** Nothing is under way any more, and something waits for a référent·e. */
function isHeld({ held, changes, link }: Opened): boolean {
  return held > 0 && changes.length === 0 && link.line === 'live';
}

function stateOf(opened: Opened): Status['state'] {
  const { handle, link, changes } = opened;
  if (link.line === 'signed_out') return 'signed_out';
  if (handle.inState(['idle', 'loading'])) return 'opening';
  if (link.refused !== null || isUnheard(opened) || isHeld(opened)) return 'refused';
  if (link.line === 'down') return 'offline';
  if (!handle.isReady()) return 'opening';
  return changes.length > 0 ? 'sending' : 'safe';
}

/** A change's time. A clock that is plainly wrong says nothing: better no time than one that misleads. */
export function secondsOf(now: Date): number | undefined {
  const year = now.getUTCFullYear();
  return year >= 2020 && year < 2100 ? Math.floor(now.getTime() / 1000) : undefined;
}
