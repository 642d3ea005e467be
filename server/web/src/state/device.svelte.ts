/** This device: who is signed in on it, and what is safe. */
import type { Edit } from '../domain/edit';
import type { Left } from '../domain/document/carry';
import type { Authorship } from '../domain/record';
import type { Role } from '../domain/generated/schema';
import { api, showToken } from '../sync/api';
import { connect, type Client } from '../sync/client';
import type { Session, Status, Told, Waiting } from '../sync/messages';
import { directory } from './directory.svelte';

class Device {
  /** Whether the worker has spoken. */
  ready = $state(false);
  session = $state.raw<Session | null>(null);
  status = $state.raw<Status>({
    state: 'opening', waiting: 0, held: 0, hasDocument: false, safeAt: null, refused: null, storage: 'kept',
  });
  /** The version of the app that the worker runs. */
  version = $state('');
  /** Whether this person may write into the directory. */
  writes = $derived(this.session !== null && this.session.role !== 'reader');
  referent = $derived(this.session?.role === 'referent');
  /** The role that somebody gave this person meanwhile, until they have read it. */
  newRole = $state<Role | null>(null);
  /** What came along to another document of the territory, until they have read it. */
  moved = $state.raw<{ carried: number; left: number } | null>(null);
  #client: Client | null = null;

  /** Starts the worker; once a page. */
  start(): void {
    this.#client ??= connect((told) => this.#take(told));
  }

  async open(session: Session): Promise<void> {
    await this.#commands.open(session);
    if (this.session !== session) this.#sees(session);
  }
  /** Asks the server as whom it knows this device: the role may be another one by now. */
  async recognise(): Promise<void> {
    const session = this.session;
    if (session === null) return;
    const me = await api.me().catch(() => null);
    if (me === null || this.session !== session || me.contributor !== session.contributor || me.role === session.role) return;
    await this.open({ ...session, role: me.role });
  }
  edit(...edits: Edit[]): Promise<boolean> {
    return this.#commands.edit(edits);
  }
  authorship(structure: string): Promise<Authorship> {
    return this.#commands.authorship(structure);
  }
  waiting(): Promise<Waiting[]> {
    return this.#commands.waiting();
  }
  leftBehind(): Promise<Left[]> {
    return this.#commands.leftBehind();
  }
  forgetLeft(many: number): Promise<void> {
    return this.#commands.forgetLeft(many);
  }
  exportWaiting(): Promise<Uint8Array> {
    return this.#commands.exportWaiting();
  }
  retry(): Promise<void> {
    return this.#commands.retry();
  }
  async leave(erase: boolean): Promise<void> {
    await this.#commands.leave(erase);
    this.session = null;
  }

  get #commands(): Client {
    if (this.#client === null) throw new Error('the device was not started');
    return this.#client;
  }

  #take(told: Told): void {
    if (told.tell === 'records') {
      directory.take(told);
      return;
    }
    if (told.tell === 'moved') {
      this.moved = { carried: told.carried, left: told.left.length };
      return;
    }
    if (told.tell === 'role_changed') {
      void this.recognise();
      return;
    }
    if (told.tell === 'hello' || told.tell === 'session') {
      this.#sees(told.session);
      // Another tab may hold what this one needs to ask the server anything.
      showToken(told.session?.token ?? null);
    }
    if (told.tell === 'hello' || told.tell === 'status') this.status = told.status;
    if (told.tell === 'hello') this.version = told.version;
    this.ready = true;
  }

  #sees(session: Session | null): void {
    const before = this.session;
    if (before !== null && session !== null) {
      if (before.document !== session.document || before.shelf !== session.shelf) directory.forget();
      if (before.contributor === session.contributor && before.role !== session.role) this.newRole = session.role;
    }
    this.session = session;
  }
}

export const device = new Device();
