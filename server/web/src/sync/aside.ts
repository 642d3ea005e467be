/**
 * Which changes of this device the server set aside. The server says over the line that something is another than before;
 * what, is asked beside it. A server of an earlier version says nothing: there a change that stays unacknowledged is asked
 * about, and one that waits for a référent·e now and then.
 */
import { keyOn } from '../domain/shelves';
import { keep, recall } from './kept';
import type { Link } from './link';
import type { Session } from './messages';

/** An acknowledgement comes sooner, or there is a reason. */
const UNTOLD_MS = 3_000;
/** Questions are no nearer to each other. */
const AGAIN_MS = 15_000;
/** How often is asked whether a référent·e has decided, where the server does not tell. */
const DECIDED_MS = 20_000;
/** What comes together is asked about together, and a busy territory this often at most. */
const NEWS_MS = 250;
const NEWS_AGAIN_MS = 2_000;

export class Aside {
  /** What became of each change, by its hash. */
  #states: Record<string, string> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #askedAt = -Infinity;
  /** The lines there were: what was asked over an earlier one may have changed in between. */
  #lines = 0;
  /** Whether whatever changes from now on is told. */
  #current = false;

  constructor(
    private readonly session: Session,
    private readonly link: Link,
    /** Called when another change is aside, or one is decided about. */
    private readonly changed: () => void,
  ) {}

  /** What was known at the last visit. */
  async recall(): Promise<void> {
    this.#states = { ...(await recall<Record<string, string>>(keyOn('aside', this.session))), ...this.#states };
  }

  /** Whether the server keeps it apart: nothing is to be sent of it. */
  has(hash: string): boolean {
    return this.#states[hash] !== undefined;
  }
  /** Whether it waits for a référent·e. */
  waits(hash: string): boolean {
    return this.#states[hash] === 'waiting';
  }

  /** How many changes are unacknowledged, and how many wait for somebody, while the line stands. */
  watch(unacknowledged: number, held: number): void {
    if (this.link.line !== 'live') {
      this.#lines += 1;
      this.#current = false;
      this.stop();
      return;
    }
    const wait = unacknowledged > 0 ? UNTOLD_MS : held > 0 && !this.#current ? DECIDED_MS : null;
    if (wait === null) {
      // What was told is asked about all the same.
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    const soonest = Math.max(wait, this.#askedAt + AGAIN_MS - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.ask();
    }, soonest);
  }

  /** The server has something new: a decision, perhaps, about what waits. Where it tells of those, that is no reason to ask. */
  news(): void {
    if (!this.#current && Object.values(this.#states).includes('waiting')) this.told();
  }

  /** The server says that something it set aside is another than before. */
  told(): void {
    if (this.#soon !== undefined || this.link.line !== 'live') return;
    const wait = Math.max(NEWS_MS, this.#askedAt + NEWS_AGAIN_MS - performance.now());
    this.#soon = setTimeout(() => void this.ask(), wait);
  }

  /** Asks now. */
  async ask(): Promise<void> {
    this.stop();
    this.#askedAt = performance.now();
    const line = this.#lines;
    const answer = await this.link.ask('GET', `/api/v1/territories/${this.session.territory}/quarantine`);
    const said: unknown = answer?.ok === true ? await answer.json().catch(() => null) : null;
    if (Array.isArray(said)) {
      this.#current = this.link.tellsQuarantine && this.link.line === 'live' && line === this.#lines;
      const states = Object.fromEntries((said as { id: string; state: string }[]).map(({ id, state }) => [id, state]));
      if (JSON.stringify(states) !== JSON.stringify(this.#states)) {
        this.#states = states;
        await keep(keyOn('aside', this.session), states);
      }
    }
    // Also when nothing is new: whether to ask again is decided there.
    this.changed();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#soon);
    this.#timer = this.#soon = undefined;
  }
}
