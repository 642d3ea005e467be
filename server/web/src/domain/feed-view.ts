/**
 * Which lines of the feed are shown: filters, how many are kept, what was seen before, and the day's count. All of it
 * from the events; the time is handed in.
 */
import { group, type FeedLine } from './feed';
import type { FeedEvent } from './generated/wire';
import { instantOf } from './instant';

/** What a person may want to see alone: words under `desk.kind.` in the catalogues. */
export const KINDS = ['added', 'changed', 'doubt', 'checked', 'archived', 'people', 'figures'] as const;
export type KindOfEvent = (typeof KINDS)[number];

const KIND_OF: Record<FeedEvent['kind'], KindOfEvent> = {
  created: 'added', part_added: 'added', field_changed: 'changed', conflict: 'doubt', resolved: 'doubt', to_review: 'doubt',
  confirmed: 'checked', validated: 'checked', archived: 'archived', unarchived: 'archived', removed: 'archived',
  joined: 'people', indicators: 'figures',
  quarantined: 'doubt', quarantine_accepted: 'doubt', quarantine_rejected: 'doubt', quarantine_withdrawn: 'doubt',
};

/** `''` where everything is meant. */
export interface FeedFilters {
  kind: KindOfEvent | '';
  commune: string;
  person: string;
}
export const ALL: FeedFilters = { kind: '', commune: '', person: '' };

export function isNarrowed(filters: FeedFilters): boolean {
  return filters.kind !== '' || filters.commune !== '' || filters.person !== '';
}

export function passes(event: FeedEvent, { kind, commune, person }: FeedFilters): boolean {
  return (
    (kind === '' || KIND_OF[event.kind] === kind) &&
    (commune === '' || event.subject?.commune === commune) &&
    (person === '' || event.author?.contributor === person)
  );
}

/** The lines of what passes, newest first. */
export function linesOf(events: readonly FeedEvent[], filters: FeedFilters): FeedLine[] {
  return group(isNarrowed(filters) ? events.filter((event) => passes(event, filters)) : events);
}

/** Whether a line is something that a person did to the directory. */
export function isContribution({ author, subject }: Pick<FeedLine, 'author' | 'subject'>): boolean {
  return author !== null && author !== undefined && subject !== null && subject !== undefined;
}

/** The people of some events, by the last name each had, in alphabetical order. */
export function peopleOf(events: readonly FeedEvent[]): { id: string; name: string }[] {
  const names = new Map<string, string>();
  for (const { author } of [...events].sort((a, b) => a.id - b.id)) if (author !== undefined) names.set(author.contributor, author.name);
  return [...names].map(([id, name]) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name, 'fr'));
}

/** Some events and others that came, each once, in their order. */
export function together(before: readonly FeedEvent[], came: readonly FeedEvent[]): FeedEvent[] {
  const once = new Map([...before, ...came].map((event) => [event.id, event]));
  return [...once.values()].sort((a, b) => a.id - b.id);
}

/** What is kept of a feed that runs all day: the events of its last lines, and no more events than a bound. */
export function newest(events: readonly FeedEvent[], linesMax: number, eventsMax: number): FeedEvent[] {
  const recent = events.length > eventsMax ? together([], events).slice(-eventsMax) : [...events];
  const lines = group(recent);
  if (lines.length <= linesMax) return recent;
  return together([], lines.slice(0, linesMax).flatMap((line) => line.events));
}

/** What was contributed on a day. */
export interface Day {
  contributions: number;
  people: number;
}

/** The contributions since an instant: what one person did to one place within a minute is one. */
export function dayOf(events: readonly FeedEvent[], since: number): Day {
  const lines = group(events.filter((event) => (instantOf(event.at) ?? -Infinity) >= since)).filter(isContribution);
  return { contributions: lines.length, people: new Set(lines.map(({ author }) => author?.contributor)).size };
}

/** When the day of an instant began, where this device is. */
export function dayStart(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** What the count of a day needs of an event: a day of events is kept, its values are not. */
export function countable(event: FeedEvent): boolean {
  return event.author !== undefined && event.subject !== undefined;
}

/** Whether the events begin before an instant, so that everything since is among them. */
export function reachesBack(events: readonly FeedEvent[], since: number): boolean {
  const first = events.reduce<FeedEvent | null>((least, event) => (least === null || event.id < least.id ? event : least), null);
  return first === null || first.id <= 1 || (instantOf(first.at) ?? 0) < since;
}

/** A visit to the feed: what was seen before it, and what has been seen in it. Events by their numbers. */
export interface Visit {
  /** The last event seen on an earlier visit; `null` on the first one, where there is nothing to set apart. */
  since: number | null;
  seen: number;
}

export function begin(kept: number | null): Visit {
  return { since: kept, seen: kept ?? 0 };
}

/** Events were shown on a page that somebody looks at. */
export function shown(visit: Visit, last: number): Visit {
  return last > visit.seen ? { ...visit, seen: last } : visit;
}

/** After so long away from the page, coming back is another visit. */
export const AWAY_MS = 5 * 60_000;

export function back(visit: Visit, awayMs: number): Visit {
  return awayMs < AWAY_MS || visit.seen === 0 ? visit : { ...visit, since: visit.seen };
}

/** The lines in two: what is new since the last visit, and what is not. A line with something new in it is new. */
export function parted(lines: readonly FeedLine[], since: number | null): { fresh: FeedLine[]; known: FeedLine[] } {
  if (since === null) return { fresh: [], known: [...lines] };
  const isFresh = (line: FeedLine): boolean => (line.events.at(-1)?.id ?? line.id) > since;
  return { fresh: lines.filter(isFresh), known: lines.filter((line) => !isFresh(line)) };
}
