/**
 * A record's history as its page shows it: what somebody did within a minute, with nobody else in between, is one entry,
 * newest first; and which of it can be gone back on, by the numbers of the events that say what stood before.
 */
import { pathField, type FeedLine } from './feed';
import { factsOf, type Fact } from './feed-line';
import type { FeedEvent, JsonValue } from './generated/wire';
import { instantOf } from './instant';

const DAY_MS = 86_400_000;

/** One fact of an entry, and how to go back on it. */
export interface Step {
  fact: Fact;
  /** The events that hold what stood before, one for each path that the fact is made of; none where one cannot go back. */
  events: number[];
  /** What one would go back to; of a position, its latitude. */
  before: JsonValue;
  /** The path whose value that is. */
  path: string;
}

export interface Entry {
  id: number;
  /** When the server merged it; `null` when that cannot be read. */
  at: number | null;
  author: FeedEvent['author'] | null;
  steps: Step[];
  /** What the author's clock said, where that is more than a day from when the server got it; else `null`. */
  clock: number | null;
}

/** The entries of some events, in whatever order they come and however often. */
export function entriesOf(events: readonly FeedEvent[]): Entry[] {
  return linesOf(events).map((line) => ({
    id: line.id,
    at: line.at,
    author: line.author,
    steps: stepsOf(line),
    clock: clockOf(line),
  }));
}

const LINE_MS = 60_000;

/** What stood before a step is what it says only where nobody else wrote in between: the feed gathers more (feed.ts). */
function linesOf(events: readonly FeedEvent[]): FeedLine[] {
  const once = new Map(events.map((event) => [event.id, event]));
  const lines: FeedLine[] = [];
  for (const event of [...once.values()].sort((a, b) => a.id - b.id)) {
    const at = instantOf(event.at);
    const last = lines.at(-1);
    const close = last !== undefined && last.at !== null && at !== null && Math.abs(at - last.at) <= LINE_MS;
    if (close && last.author !== null && last.author?.contributor === event.author?.contributor && !isReturn(event)) {
      last.events.push(event);
      last.at = at;
      continue;
    }
    lines.push({ id: event.id, at, author: event.author ?? null, subject: event.subject ?? null, events: [event] });
  }
  return lines.reverse();
}

/** Going back is told by itself: beside what it goes back on it would be nothing. */
function isReturn({ author }: FeedEvent): boolean {
  return author?.reverts !== undefined;
}

function stepsOf(line: FeedLine): Step[] {
  return factsOf(line).map((fact) => {
    const firsts = pathsBehind(fact, line).flatMap((path) => {
      const first = line.events.find((event) => event.kind === 'field_changed' && event.path === path);
      return first?.kind === 'field_changed' ? [first] : [];
    });
    const [first] = firsts;
    return { fact, events: firsts.map(({ id }) => id), before: first?.before ?? null, path: first?.path ?? '' };
  });
}

/** The paths that were written where a fact tells of them; none where going back is no matter of one value. */
function pathsBehind(fact: Fact, { events }: FeedLine): string[] {
  if (fact.kind === 'position') {
    const ends = ['latitude', 'longitude'];
    const moved = events.flatMap((event) => (event.kind === 'field_changed' && ends.includes(pathField(event.path).key) ? [event.path] : []));
    return [...new Set(moved)].sort();
  }
  if (fact.kind !== 'field') return [];
  const { place } = pathField(fact.path);
  if (place !== '' && !place.startsWith('services/') && !place.startsWith('helpers/')) return [];
  return fact.path === 'commune' ? ['commune', 'commune_name'] : [fact.path];
}

function clockOf({ at, author }: FeedLine): number | null {
  const clock = author?.clock === undefined ? null : instantOf(author.clock);
  return clock === null || at === null || Math.abs(clock - at) <= DAY_MS ? null : clock;
}
