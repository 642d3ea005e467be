/**
 * The worker's switchboard: pages on one side, the engine on the other. It answers a page at once with the session that
 * is kept, even while the engine is still being fetched, and lets calls wait until it is there.
 */
import { EditError } from '../domain/edit';
import { keyOn } from '../domain/shelves';
import { Early } from './early';
import type { Engine } from './engine';
import { keep, recall } from './kept';
import { within } from './shelf';
import type { Bye, Call, Commands, Reply, Session, Status, Told } from './messages';

/** What the switchboard needs of a port; a dedicated worker's own scope is one too. */
export interface Port {
  postMessage(message: Told | Reply): void;
  onmessage: ((event: MessageEvent<Call | Bye>) => void) | null;
}

const OPENING: Status = {
  state: 'opening', waiting: 0, held: 0, hasDocument: false, safeAt: null, refused: null, storage: 'kept',
};
/** Past this a page is answered without what was kept. */
const RECALLING_MS_MAX = 3_000;

/** A page's engine went, or came to another territory: the other workers of the browser follow. */
interface News {
  session: Session | null;
  erased: boolean;
}

export class Ports {
  readonly #ports = new Set<Port>();
  readonly #neighbours: BroadcastChannel | null;
  #session: Session | null = null;
  #status: Status = OPENING;
  readonly #recalled: Promise<void>;
  readonly #early = new Early();
  readonly #engine: Promise<Engine>;
  #whole: (() => Told | null) | null = null;

  constructor(
    private readonly version: string,
    /** Fetches and starts the engine. Never fails: without network it tries again. */
    start: (tell: (told: Told) => void) => Promise<Engine>,
  ) {
    this.#neighbours = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('portrea-session');
    if (this.#neighbours !== null) {
      this.#neighbours.onmessage = ({ data }: MessageEvent<News>) => void this.#follow(data);
    }
    this.#recalled = within(RECALLING_MS_MAX, recall<Session>('session')).then(
      (session) => void (this.#session = session ?? null),
      () => undefined,
    );
    this.#engine = this.#recalled.then(() => start((told) => this.#tell(told)));
    void this.#engine.then(async (engine) => {
      this.#whole = () => engine.records();
      if (this.#session !== null) await engine.open(this.#session);
    });
  }

  /** A page came. */
  connect(port: Port): void {
    port.onmessage = ({ data }) => {
      if ('bye' in data) this.#ports.delete(port);
      else void this.#answer(port, data);
    };
    void this.#greet(port);
  }

  async #greet(port: Port): Promise<void> {
    await this.#recalled;
    port.postMessage({ tell: 'hello', session: this.#session, status: this.#status, version: this.version });
    this.#ports.add(port);
    const early = this.#session === null ? null : await this.#early.recall(keyOn('records', this.#session));
    if (early !== null) port.postMessage(early);
    const engine = await this.#engine;
    const records = engine.records();
    // Before the first reading there are none; every page hears of it then.
    if (records !== null && this.#ports.has(port)) port.postMessage(records);
  }

  async #answer(port: Port, { id, call, args }: Call): Promise<void> {
    try {
      // The conversation is between two halves of one program: the arguments are what the call says.
      const value = await this.#perform(call, args as never);
      port.postMessage({ reply: id, value });
    } catch (error) {
      const { message } = error as Error;
      const why = error instanceof EditError ? { code: error.code, about: error.about } : {};
      port.postMessage({ reply: id, error: { message, ...why } });
    }
  }

  async #perform<C extends keyof Commands>(call: C, args: Parameters<Commands[C]>): Promise<unknown> {
    const engine = await this.#engine;
    switch (call) {
      case 'open': {
        const [session] = args as Parameters<Commands['open']>;
        this.#neighbours?.postMessage({ session, erased: false } satisfies News);
        return this.#open(engine, session);
      }
      case 'leave': {
        const [erase] = args as Parameters<Commands['leave']>;
        await this.#leave(engine, erase);
        this.#neighbours?.postMessage({ session: null, erased: erase } satisfies News);
        return undefined;
      }
      case 'edit':
        return engine.edit(...(args as Parameters<Commands['edit']>));
      case 'authorship':
        return engine.authorship(...(args as Parameters<Commands['authorship']>));
      case 'waiting':
        return engine.waiting();
      case 'leftBehind':
        return engine.leftBehind();
      case 'forgetLeft':
        return engine.forgetLeft(...(args as Parameters<Commands['forgetLeft']>));
      case 'exportWaiting':
        return engine.exportWaiting();
      case 'retry':
        return engine.retry();
      default:
        throw new Error(`no such call: ${String(call)}`);
    }
  }

  async #open(engine: Engine, session: Session): Promise<void> {
    const same = session.document === this.#session?.document && session.shelf === this.#session.shelf;
    if (!same) this.#early.forget();
    this.#session = session;
    // A token is held in memory alone.
    const kept = { ...session };
    delete kept.token;
    await keep('session', kept);
    this.#tell({ tell: 'session', session });
    await engine.open(session);
  }

  async #leave(engine: Engine, erase: boolean): Promise<void> {
    this.#session = null;
    this.#early.forget();
    await keep('session', undefined);
    await engine.leave(erase);
    this.#tell({ tell: 'session', session: null });
    this.#tell({ tell: 'status', status: OPENING });
    this.#tell({ tell: 'records', whole: true, changed: [], removed: [] });
  }

  async #follow({ session, erased }: News): Promise<void> {
    const engine = await this.#engine;
    if (session !== null) await this.#open(engine, session);
    else if (this.#session !== null) await this.#leave(engine, erased);
  }

  #tell(told: Told): void {
    if (told.tell === 'status') this.#status = told.status;
    if (told.tell === 'records' && this.#session !== null) {
      this.#early.moved(keyOn('records', this.#session), () => this.#whole?.() ?? null);
    }
    for (const port of this.#ports) port.postMessage(told);
  }
}
