/**
 * The line to the server: one websocket at a time, opened again after growing waits, and what is known of it. It carries
 * frames and reads refusals (docs/protocol.md); what the frames hold is the repo's business.
 *
 * The stock websocket adapter is not used: its timers are its own, it tells neither a refusal nor a close code, and it
 * throws when a message meets a socket that has just closed.
 */
import { cbor, NetworkAdapter, type Message, type PeerId, type PeerMetadata } from '@automerge/automerge-repo/slim';
import { Sparing } from '../domain/sparing';

/** `dialling`: the first attempt is under way. `down`: the server cannot be reached, the next attempt is planned. */
export type Line = 'dialling' | 'live' | 'down' | 'signed_out';

/** The longest wait between two attempts; the shortest when the server does not take what is sent. */
const WAIT_MS_MAX = 30_000;
/** How long an attempt may take until the server has greeted. */
const GREETING_MS_MAX = 10_000;
/** How long changes may stay unanswered. A phone that changed networks is not told that its socket is dead. */
const ANSWER_MS_MAX = 20_000;

/** The server does not take what this device sends: another attempt will hardly help at once, so they are rare. */
const REFUSALS = new Set([
  'malformed', 'frame-too-large', 'not-joined', 'version', 'wrong-sender', 'malformed-sync', 'malformed-change',
  'change-too-large', 'sequence-reused', 'too-many-pending', 'quarantine-full', 'store-failed',
]);

/** What client and server agree on beyond the stock protocol. */
interface Agreed {
  sparing?: boolean;
  quarantine?: boolean;
}

export class Link extends NetworkAdapter {
  line: Line = 'dialling';
  /** The code of the server's last refusal, until it takes something again. */
  refused: string | null = null;
  /** The server's storage id: whose heads are durable. */
  serverStorage: string | null = null;
  /** Called when the server says in which document the territory goes on. The line stays. */
  movedTo: (document: string) => void = () => undefined;
  /** Called when the server says that something it set aside of this person's changes is another than before. */
  quarantineChanged: () => void = () => undefined;
  /** Whether the server says so by itself. */
  tellsQuarantine = false;
  /** Called when the server says that the person's role is another one now. */
  roleChanged: () => void = () => undefined;
  #token: string | null;
  #ticket: string | null = null;
  #socket: WebSocket | null = null;
  #server: PeerId | null = null;
  /** While the server can do without answers that tell it nothing new. */
  #sparing: Sparing | null = null;
  /** What the server said before it closed. */
  #said = '';
  /** Counts attempts; what an earlier one still brings is not listened to. */
  #turn = 0;
  #failures = 0;
  #wanted = false;
  #expecting = false;
  #next: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Where browsers keep no cookie: what the sign-in gave. */
    token: string | null,
    /** Called when `line` or `refused` changed. */
    private readonly changed: () => void,
    private readonly origin: string = globalThis.location.origin,
  ) {
    super();
    this.#token = token;
  }

  /** Never waited for: without network the document is opened all the same. */
  override isReady(): boolean {
    return true;
  }
  override async whenReady(): Promise<void> {}

  override connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
    this.peerId = peerId;
    this.peerMetadata = peerMetadata ?? {};
    this.#wanted = true;
    globalThis.addEventListener?.('online', this.#online);
    globalThis.addEventListener?.('offline', this.#offline);
    void this.#dial();
  }

  override disconnect(): void {
    this.#wanted = false;
    globalThis.removeEventListener?.('online', this.#online);
    globalThis.removeEventListener?.('offline', this.#offline);
    this.#hangUp();
  }

  override send(message: Message): void {
    // What is lost here is sent again: each connection starts with a comparison of heads.
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (message.type === 'sync' && message.data !== undefined && this.#sparing?.leavesOut(message.data) === true) return;
    // The encoder's buffer is larger than the message.
    this.#socket.send(new Uint8Array(cbor.encode(message)));
  }

  /** Tries now, if there is something to try. */
  retry(): void {
    if (!this.#wanted || this.line === 'live' || this.line === 'signed_out') return;
    this.#failures = 0;
    this.#hangUp();
    void this.#dial();
  }

  /** The device signed in again. */
  signedIn(token: string | null): void {
    this.#token = token;
    this.#ticket = null;
    this.#failures = 0;
    this.#hangUp();
    this.#report('dialling', null);
    void this.#dial();
  }

  /** The server took something: it refuses no longer. */
  accepted(): void {
    this.#report(this.line, null);
  }

  /** Whether the server owes an answer. When none comes, the socket is given up. */
  expect(answer: boolean): void {
    if (answer === this.#expecting) return;
    this.#expecting = answer;
    if (this.line === 'live') this.#watch();
  }

  readonly #online = (): void => this.retry();
  readonly #offline = (): void => {
    if (this.#socket !== null) this.#lost();
  };

  async #dial(): Promise<void> {
    clearTimeout(this.#next);
    const turn = ++this.#turn;
    const address = await this.#address();
    if (turn !== this.#turn || !this.#wanted) return;
    if (address === 'signed_out') return this.#report('signed_out', null);
    if (address === null) return this.#lost();
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#said = '';
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.onopen = () => {
      opened = true;
      if (turn === this.#turn) this.send(this.#join());
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (turn === this.#turn && data instanceof ArrayBuffer) this.#hear(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }: CloseEvent) => {
      if (turn === this.#turn) void this.#closed(opened, code, this.#said === '' ? reason : this.#said);
    };
    this.#patience = setTimeout(() => this.#lost(), GREETING_MS_MAX);
  }

  /** Where browsers keep the cookie it opens the socket; a ticket does elsewhere, on every attempt. */
  async #address(): Promise<string | 'signed_out' | null> {
    const address = new URL('/sync', this.origin);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    if (this.#token === null) return address.href;
    if (this.#ticket === null) {
      const answer = await this.ask('POST', '/api/v1/sync-tickets');
      if (answer?.status === 401) return 'signed_out';
      const said: unknown = answer?.ok === true ? await answer.json().catch(() => null) : null;
      this.#ticket = (said as { ticket?: string } | null)?.ticket ?? null;
      if (this.#ticket === null) return null;
    }
    address.searchParams.set('ticket', this.#ticket);
    return address.href;
  }

  #join(): Message {
    const peerMetadata = { ...this.peerMetadata, sparing: true, quarantine: true };
    const join = { type: 'join', senderId: this.peerId, peerMetadata, supportedProtocolVersions: ['1'] };
    return join as unknown as Message;
  }

  #hear(bytes: Uint8Array): void {
    let message: Message & { peerMetadata?: PeerMetadata & Agreed; message?: string; documentId?: string };
    try {
      message = cbor.decode(bytes) as typeof message;
    } catch {
      return;
    }
    switch (message.type as string) {
      case 'peer':
        this.#server = message.senderId;
        this.serverStorage = message.peerMetadata?.storageId ?? null;
        this.#sparing = message.peerMetadata?.sparing === true ? new Sparing() : null;
        this.tellsQuarantine = message.peerMetadata?.quarantine === true;
        this.#failures = 0;
        this.emit('peer-candidate', { peerId: message.senderId, peerMetadata: message.peerMetadata ?? {} });
        this.#report('live', this.refused);
        break;
      case 'error': {
        const code = String(message.message).split(':')[0] ?? '';
        if (code === 'document-moved') this.movedTo(String(message.documentId));
        else this.#said = code;
        break;
      }
      case 'quarantine-changed':
        this.quarantineChanged();
        break;
      default:
        if (message.type === 'sync' && message.data !== undefined) this.#sparing?.heard(message.data);
        this.emit('message', message);
    }
    if (this.line === 'live') this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#patience);
    if (this.#expecting) this.#patience = setTimeout(() => this.#lost(), ANSWER_MS_MAX);
  }

  async #closed(opened: boolean, code: number, said: string): Promise<void> {
    this.#hangUp();
    if (code === 4001 || said === 'signed-out') return this.#report('signed_out', null);
    if (said === 'replaced') return this.#lost(WAIT_MS_MAX);
    if (said === 'role-changed') {
      this.#report('dialling', this.refused);
      this.roleChanged();
      return void this.#dial();
    }
    // A full disk concerns whoever has something to write; who only reads connects again.
    if (said === 'store-failed' && !this.#expecting) return this.#lost();
    if (REFUSALS.has(said)) return this.#lost(WAIT_MS_MAX, said);
    if (!opened) {
      // Browsers do not tell a refused upgrade (401) from a dead network; this question does.
      this.#ticket = null;
      const turn = this.#turn;
      const answer = await this.ask('GET', '/api/v1/me');
      if (turn !== this.#turn || !this.#wanted) return;
      if (answer?.status === 401) return this.#report('signed_out', null);
    }
    this.#lost();
  }

  /** Gives the socket up and plans the next attempt. */
  #lost(wait = 0, refused = this.refused): void {
    this.#hangUp();
    const growing = Math.min(WAIT_MS_MAX, 1000 * 2 ** this.#failures);
    this.#failures += 1;
    // Spread, so that a server that restarts is not met by everybody at once.
    const spread = 0.8 + Math.random() * 0.4;
    this.#next = setTimeout(() => void this.#dial(), Math.max(wait, growing * spread));
    this.#report('down', refused);
  }

  #hangUp(): void {
    this.#turn += 1;
    clearTimeout(this.#next);
    clearTimeout(this.#patience);
    const [socket, server] = [this.#socket, this.#server];
    this.#socket = this.#server = null;
    socket?.close();
    if (server !== null) this.emit('peer-disconnected', { peerId: server });
  }

  #report(line: Line, refused: string | null): void {
    if (line === this.line && refused === this.refused) return;
    this.line = line;
    this.refused = refused;
    this.changed();
  }

  /** Asks the server something beside the line; `null` when it cannot be reached. */
  async ask(method: string, path: string): Promise<Response | null> {
    const headers: Record<string, string> = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    try {
      return await fetch(new URL(path, this.origin), { method, headers, credentials: 'same-origin', cache: 'no-store' });
    } catch {
      return null;
    }
  }
}
