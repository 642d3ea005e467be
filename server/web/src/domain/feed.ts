/**
 * The feed as the Bureau shows it: what one person did to one structure within a minute is one line. Events are the
 * server's and keep their numbers; nothing is left out, lines only gather them.
 */
import type { FeedEvent } from './generated/wire';
import { instantOf } from './instant';

/** Which record of a structure a path belongs to, and which field; as `Address` has them. */
export interface PathField {
  /** `''` for the structure itself, else `services/<id>`, `helpers/<id>`, `confirmed`, `archived`, `validation`. */
  place: string;
  key: string;
}

export function pathField(path: string): PathField {
  const cut = path.lastIndexOf('/');
  return { place: cut < 0 ? '' : path.slice(0, cut), key: path.slice(cut + 1) };
}

/** The paths that an event tells of, inside its structure. */
export function pathsOf(event: FeedEvent): string[] {
  return 'path' in event ? [event.path] : [];
}

/** Events of one author on one structure, close together. */
export interface FeedLine {
  /** The number of its first event: it stays when others join the line. */
  id: number;
  /** When its last event was merged; `null` when that cannot be read. */
  at: number | null;
  author: FeedEvent['author'] | null;
  /** As it was called last. */
  subject: FeedEvent['subject'] | null;
  /** The events, in their order. */
  events: FeedEvent[];
}

const LINE_MS = 60_000;

/**
 * The lines of some events, newest first, in whatever order the events come and however often. An event joins its
 * author's line on its structure if it comes within a minute of that line's last one.
 */
export function group(events: readonly FeedEvent[]): FeedLine[] {
  const once = new Map(events.map((event) => [event.id, event]));
  const lines: FeedLine[] = [];
  const open = new Map<string, FeedLine>();
  for (const event of [...once.values()].sort((a, b) => a.id - b.id)) {
    const at = instantOf(event.at);
    const key = keyOf(event);
    const line = key === null ? undefined : open.get(key);
    if (line !== undefined && isClose(line.at, at)) {
      line.events.push(event);
      line.at = at;
      line.subject = event.subject ?? line.subject;
      continue;
    }
    const fresh: FeedLine = { id: event.id, at, author: event.author ?? null, subject: event.subject ?? null, events: [event] };
    lines.push(fresh);
    if (key !== null) open.set(key, fresh);
  }
  return lines.sort((a, b) => lastOf(b) - lastOf(a));
}

/** Only what a person did to a structure is gathered; the server's own figures and sign-ins stand alone. */
function keyOf({ author, subject }: FeedEvent): string | null {
  return author === undefined || subject === undefined ? null : `${author.contributor} ${subject.structure}`;
}

function isClose(before: number | null, after: number | null): boolean {
  return before !== null && after !== null && Math.abs(after - before) <= LINE_MS;
}

function lastOf(line: FeedLine): number {
  return line.events.at(-1)?.id ?? line.id;
}
