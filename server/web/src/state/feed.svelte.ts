/**
 * The feed of the Bureau: the last events, then those that come, as one bounded list. It lives while its page is open;
 * what it held is kept on the device, so that without network the last known is shown.
 */
import {
  ALL, back, begin, countable, dayOf, dayStart, isContribution, linesOf, newest, peopleOf, reachesBack, shown, together,
  type FeedFilters, type Visit,
} from '../domain/feed-view';
import type { FeedEvent } from '../domain/generated/wire';
import { api, follow, Unreachable } from '../sync/api';
import { keep, recall } from '../sync/kept';
import { clock } from './clock.svelte';
import { device } from './device.svelte';

/** How many events are asked for when the page opens. */
const OPENING = 200;
const LINES_MAX = 500;
const EVENTS_MAX = 3_000;
/** A long day is asked for in pages, and no more of them than this: then the count says « au moins ». */
const DAY_PAGE = 1_000;
const DAY_PAGES_MAX = 5;
/** What comes close together is shown together: a room that writes does not make the page flicker. */
const GATHER_MS = 300;
/** How soon what is shown is kept on the device. */
const KEEP_AFTER_MS = 2_000;
/** Somebody who listens to the page is told how many came, not each one. */
const SAY_AFTER_MS = 6_000;
const SAID_FOR_MS = 4_000;

class Feed {
  /** `opening`: nothing is known yet. `cut`: the line is taken up by itself. `failed`: the server answered that it will not. */
  line = $state<'opening' | 'live' | 'cut' | 'failed'>('opening');
  filters = $state.raw<FeedFilters>(ALL);
  paused = $state(false);
  visit = $state.raw<Visit>(begin(null));
  /** When the server last told what is shown, by this device's clock, while the line is cut. */
  knownAt = $state<number | null>(null);
  /** How many new contributions are told aloud; 0 while there is nothing to say. */
  said = $state(0);
  #events = $state.raw<FeedEvent[]>([]);
  #held = $state.raw<FeedEvent[]>([]);
  #today = $state.raw<FeedEvent[]>([]);
  #wholeDay = $state(true);

  lines = $derived(linesOf(this.#events, this.filters).slice(0, LINES_MAX));
  /** Whether there is anything at all, whatever the filters say. */
  any = $derived(this.#events.length > 0);
  people = $derived(peopleOf(this.#events));
  /** The contributions that wait while the list stands still. */
  waiting = $derived(linesOf(this.#held, this.filters).filter(isContribution).length);
  day = $derived(dayOf(this.#today, dayStart(clock.now)));
  /** The day began before what could be asked for. */
  dayAtLeast = $derived(!this.#wholeDay);

  #id = '';
  #opened = 0;
  #close: (() => void) | null = null;
  #came: FeedEvent[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #saying: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  #unsaid = 0;
  #hiddenAt: number | null = null;

  /** The page opened. What it answers closes it. */
  open(id: string): () => void {
    const turn = ++this.#opened;
    if (this.#id !== id) this.#forget(id);
    this.line = 'opening';
    const look = (): void => this.#looked();
    document.addEventListener('visibilitychange', look);
    addEventListener('pagehide', look);
    void this.#begin(turn);
    return () => {
      this.#opened += 1;
      this.#close?.();
      this.#close = null;
      this.#show();
      this.resume();
      void this.#keep();
      clearTimeout(this.#saying);
      this.#saying = undefined;
      this.said = this.#unsaid = 0;
      document.removeEventListener('visibilitychange', look);
      removeEventListener('pagehide', look);
    };
  }

  /** Asks again at once, where the person does not want to wait for the line. */
  again(): void {
    const turn = ++this.#opened;
    this.#close?.();
    this.#close = null;
    void this.#load(turn);
  }

  set(some: Partial<FeedFilters>): void {
    this.filters = { ...this.filters, ...some };
  }
  pause(): void {
    this.#show();
    this.paused = true;
  }
  /** Shows what waited. The list goes on standing still while it is paused. */
  showHeld(): void {
    this.#take(this.#held);
    this.#held = [];
  }
  resume(): void {
    this.paused = false;
    this.showHeld();
  }

  async #begin(turn: number): Promise<void> {
    const id = this.#id;
    const seen = (await recall<number>(`desk-seen:${id}`)) ?? null;
    const kept = this.#events.length > 0 ? undefined : await recall<{ events: FeedEvent[]; at: number }>(`desk-feed:${id}`);
    if (turn !== this.#opened) return;
    this.visit = begin(seen);
    if (kept !== undefined) {
      this.#events = kept.events;
      this.knownAt = kept.at;
      this.#count(kept.events);
      this.#wholeDay = false;
    }
    await this.#load(turn);
  }

  async #load(turn: number): Promise<void> {
    const id = this.#id;
    try {
      const found = await api.territory(id);
      if (found.stale) throw new Unreachable('the territory is known from before');
      const { feedLast } = found.value.counts;
      const { events } = await api.feed(id, Math.max(0, feedLast - OPENING), OPENING);
      if (turn !== this.#opened) return;
      // An earlier visit's events stand before a gap that nobody sees: what stands must be whole.
      const whole = events[0] === undefined || (this.#events.at(-1)?.id ?? 0) + 1 >= events[0].id;
      this.#events = whole ? newest(together(this.#events, events), LINES_MAX, EVENTS_MAX) : events;
      this.#count(events);
      this.#seen();
      this.knownAt = Date.now();
      // A server may say nothing on a quiet line for a while; what it just answered stands until the line breaks.
      this.line = 'live';
      const last = this.#events.at(-1)?.id ?? 0;
      this.#close = follow(id, last, (event) => this.#heard(event), (live) => {
        if (live) this.knownAt = Date.now();
        this.line = live ? 'live' : 'cut';
      });
      await this.#countBack(turn, events);
    } catch (error) {
      if (turn !== this.#opened) return;
      this.line = error instanceof Unreachable ? 'cut' : 'failed';
      const retry = setTimeout(() => void this.#load(turn), 15_000);
      this.#close = () => clearTimeout(retry);
    }
  }

  /** The day's count begins at midnight, which may be further back than the list. */
  async #countBack(turn: number, events: readonly FeedEvent[]): Promise<void> {
    let first = events[0]?.id ?? 1;
    let oldest: readonly FeedEvent[] = events;
    try {
      for (let page = 0; page < DAY_PAGES_MAX && !reachesBack(oldest, dayStart(Date.now())); page += 1) {
        const after = Math.max(0, first - 1 - DAY_PAGE);
        oldest = (await api.feed(this.#id, after, first - 1 - after)).events;
        if (turn !== this.#opened) return;
        this.#count(oldest);
        first = oldest[0]?.id ?? 1;
      }
      this.#wholeDay = reachesBack(oldest, dayStart(Date.now()));
    } catch {
      this.#wholeDay = false;
    }
  }

  #heard(event: FeedEvent): void {
    this.#came.push(event);
    this.line = 'live';
    this.knownAt = Date.now();
    this.#gathering ??= setTimeout(() => this.#show(), GATHER_MS);
  }

  /** Puts what came into the list, or aside while it stands still. */
  #show(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const came = this.#came;
    if (came.length === 0) return;
    this.#came = [];
    this.#count(came);
    this.#say(linesOf(came, this.filters).filter(isContribution).length);
    if (this.paused) this.#held = newest(together(this.#held, came), LINES_MAX, EVENTS_MAX);
    else this.#take(came);
  }
  #take(came: readonly FeedEvent[]): void {
    if (came.length === 0) return;
    this.#events = newest(together(this.#events, came), LINES_MAX, EVENTS_MAX);
    this.#seen();
  }
  #count(events: readonly FeedEvent[]): void {
    const since = dayStart(Date.now());
    const kept = this.#today.filter((event) => Date.parse(event.at) >= since);
    this.#today = together(kept, events.filter((event) => countable(event) && Date.parse(event.at) >= since));
  }

  #say(n: number): void {
    if (n === 0) return;
    this.#unsaid += n;
    this.#saying ??= setTimeout(() => {
      this.said = this.#unsaid;
      this.#unsaid = 0;
      this.#saying = setTimeout(() => {
        this.said = 0;
        this.#saying = undefined;
        // What came while it was told.
        const more = this.#unsaid;
        this.#unsaid = 0;
        this.#say(more);
      }, SAID_FOR_MS);
    }, SAY_AFTER_MS);
  }

  #seen(): void {
    if (document.visibilityState === 'visible') this.visit = shown(this.visit, this.#events.at(-1)?.id ?? 0);
    // A tab that is closed may have no time left to keep anything.
    this.#keeping ??= setTimeout(() => void this.#keep(), KEEP_AFTER_MS);
  }
  /** The page went out of sight, or came back into it. */
  #looked(): void {
    if (document.visibilityState === 'hidden') {
      this.#hiddenAt ??= Date.now();
      void this.#keep();
      return;
    }
    if (this.#hiddenAt !== null) this.visit = back(this.visit, Date.now() - this.#hiddenAt);
    this.#hiddenAt = null;
    this.#seen();
  }
  async #keep(): Promise<void> {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    const { seen } = this.visit;
    if (this.#id === '' || device.session?.territory !== this.#id) return;
    if (seen > 0) await keep(`desk-seen:${this.#id}`, seen);
    const events = $state.snapshot(this.#events).slice(-OPENING);
    if (events.length > 0) await keep(`desk-feed:${this.#id}`, { events, at: this.knownAt ?? Date.now() });
  }

  #forget(id: string): void {
    this.#id = id;
    this.#events = this.#held = this.#today = [];
    this.#came = [];
    this.filters = ALL;
    this.paused = false;
    this.knownAt = null;
    this.#wholeDay = true;
  }
}

export const feed = new Feed();
