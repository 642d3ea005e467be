/** The server's HTTP interface, as functions. Answers that pages need without network are kept on the device. */
import type { Act } from '../domain/acts';
import type { Decision, FeedEvent, Held } from '../domain/generated/wire';
import type { AsOf, Compared, Effect, Family, Permanence, Point, Priority, Proposal, Scenario } from '../domain/generated/study';
import type { Options, Portrait, Words } from '../domain/generated/portrait';
import type { Role } from '../domain/generated/schema';
import { keep, recall } from './kept';
import type { Session } from './messages';

/** The server answered that it will not. */
export class Refused extends Error {
  override name = 'Refused';
  constructor(
    readonly status: number,
    /** The problem's stable type, `urn:portrea:problem:…`. */
    readonly type: string,
    /** What happened and what to do, in the reader's language. */
    readonly title: string,
  ) {
    super(title);
  }
}

/** The server could not be reached. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** An answer, and since when it is known. */
export interface Known<T> {
  value: T;
  /** When the server gave it, by this device's clock. */
  at: number;
  /** It is an earlier answer: the server could not be reached. */
  stale: boolean;
}

export interface Commune {
  code: string;
  name: string;
  population: number | null;
}

export interface Territory {
  id: string;
  name: string;
  code: string;
  communes: Commune[];
  /** Whether the server sends mail. */
  mail?: boolean;
  counts: { structures: number; archived: number; conflicts: number; findings: number; connected: number; feedLast: number };
}

export interface CommuneShapes {
  type: 'FeatureCollection';
  features: {
    type: 'Feature';
    properties: { code: string; name: string; population: number | null };
    geometry: { type: 'Polygon'; coordinates: number[][][] } | { type: 'MultiPolygon'; coordinates: number[][][][] };
  }[];
}

/** Whose an automerge actor is. */
export type Authors = Record<string, { contributor: string; name: string }>;

/** For each text of opening hours: when it is open, in milliseconds since 1970, or why it cannot be read. */
export interface OpeningHours {
  from: string;
  until: string;
  hours: Record<string, { open: [number, number][] } | { error: string }>;
}

export interface Invitation {
  id: string;
  role: Role;
  usesLeft: number | null;
  expiresAt: string;
  createdAt: string;
  /** The link; given once, when it is made. */
  invitation?: string;
}

/** A letter with a link: sent, or why not, with the link to be given otherwise. */
export interface Posted {
  to: string;
  sent: boolean;
  why?: 'refused' | 'unsure';
  invitation?: string;
  id: string;
  expiresAt: string;
}

/** What is to be erased for good: a part of a record, somebody who helps, a whole record, the name of somebody who wrote. */
export type Erasure =
  | { value: { structure: string; path: string } }
  | { helper: { structure: string; helper: string } }
  | { record: string }
  | { contributor: string };

/** What was found of it, and, unless that alone was asked, erased. */
export interface Erased {
  found: { operations: number; replaced: number; events: number; waiting: number; emptied: number; names: number };
  signedOut: number;
  filesRebuilt: boolean;
}

export interface Contributor {
  contributor: string;
  displayName: string;
  role: Role;
  /** Nothing for somebody who is signed in nowhere, and whom the provider lets in at any time. */
  device: string | null;
  /** Without a device: when they came in last. */
  signedInAt: string;
  expiresAt: string | null;
  /** By what provider they come in without an invitation; '' where the server names none any more. */
  provider: string | null;
}

/** A plan that is kept, with what it would change today; nothing where it cannot be tried any more. */
export type KeptScenario = Scenario & { effect: Effect | null };

/** The history of the indicators: its points, oldest first, and the figures as they stand. */
export type History = AsOf<{ points: Point[]; now: Point }>;

/** What is tuned in the recipe, and the default beside it. */
export interface Tuning {
  own: boolean;
  options: Options;
  defaults: Options;
  weights: { key: string; words: Words; weight: number }[];
}

let bearer: string | null = null;
/** In a browser that keeps no cookie, requests show the token that the sign-in gave. */
export function showToken(token: string | null): void {
  bearer = token;
}

let heardTime: (server: number) => void = () => undefined;
/** Hears the server's clock with each answer. */
export function onServerTime(heard: (server: number) => void): void {
  heardTime = heard;
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send('application/json', method, path, body);
  const time = Date.parse(answer.headers.get('date') ?? '');
  if (!Number.isNaN(time)) heardTime(time);
  if (answer.status === 204) return undefined as T;
  // A proxy in between may answer with a page of its own.
  const said: unknown = await answer.json().catch(() => null);
  if (answer.ok && said !== null) return said as T;
  throw refusal(answer.status, said);
}

function refusal(status: number, said: unknown): Error {
  if (status >= 502 && status <= 504) return new Unreachable(`status ${status}`);
  const problem = (said ?? {}) as { type?: string; title?: string; detail?: string };
  return new Refused(status, problem.type ?? '', [problem.title, problem.detail].filter(Boolean).join(' '));
}

/** A file, with the name that the server gives it. */
async function file(path: string): Promise<{ name: string; content: Blob }> {
  const answer = await send('*/*', 'GET', path);
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => null));
  const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'portrea';
  return { name, content: await answer.blob() };
}

async function send(accept: string, method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept, 'accept-language': document.documentElement.lang };
  if (bearer !== null) headers['authorization'] = `Bearer ${bearer}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** Asks, and keeps the answer; without network, gives the answer that was kept. */
async function known<T>(key: string, path: string): Promise<Known<T>> {
  try {
    const value = await ask<T>('GET', path);
    const at = Date.now();
    await keep(key, { value, at });
    return { value, at, stale: false };
  } catch (error) {
    const kept = error instanceof Unreachable ? await recall<{ value: T; at: number }>(key) : undefined;
    if (kept === undefined) throw error;
    return { ...kept, stale: true };
  }
}

/** An earlier answer, at once; nothing when there is none. */
export async function earlier<T>(
  key: 'territory' | 'portrait' | 'shapes' | 'authors' | 'hours' | 'invitations' | 'contributors' | 'quarantine' | 'acts' | 'progress' | 'compared' | 'tuning',
  id: string,
): Promise<Known<T> | null> {
  const kept = await recall<{ value: T; at: number }>(`${key}:${id}`);
  return kept === undefined ? null : { ...kept, stale: true };
}

/**
 * Signs in. The session's `token` is there only where the browser kept no cookie: elsewhere no script needs to hold it.
 */
export async function signIn(path: string, body?: unknown): Promise<Session> {
  const { token: secret, ...session } = await ask<Session & { token: string }>('POST', path, body);
  try {
    await ask('GET', '/me');
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) return session;
    showToken(secret);
    return { ...session, token: secret };
  }
  return session;
}

/** Where a change that was set aside is had as a file. */
export function heldAddress(id: string, change: string): string {
  return `/api/v1/territories/${id}/quarantine/${change}.automerge`;
}

export const api = {
  accept: (token: string, displayName: string) => signIn('/invitations/accept', { token, displayName }),
  me: () => ask<Session>('GET', '/me'),
  /** A link for one more device of whoever asks. */
  linkDevice: () => ask<Invitation>('POST', '/me/devices'),
  signOut: () => ask<undefined>('DELETE', '/session'),
  territory: (id: string) => known<Territory>(`territory:${id}`, `/territories/${id}`),
  portrait: (id: string) => known<AsOf<Portrait>>(`portrait:${id}`, `/territories/${id}/indicators`),
  shapes: (id: string) => known<CommuneShapes>(`shapes:${id}`, `/territories/${id}/communes.geojson`),
  authors: async (id: string): Promise<Known<Authors>> => {
    const found = await known<{ authors: Authors }>(`authors:${id}`, `/territories/${id}/authors`);
    return { ...found, value: found.value.authors };
  },
  hours: (id: string) => known<OpeningHours>(`hours:${id}`, `/territories/${id}/opening-hours`),
  invitations: (id: string) => known<Invitation[]>(`invitations:${id}`, `/territories/${id}/invitations`),
  invite: (id: string, what: { role: Role; uses?: number; expiresInDays?: number }) =>
    ask<Invitation>('POST', `/territories/${id}/invitations`, what),
  /** Sends a link of its own to each address; where the mail server cannot be reached, none is made. */
  mailLinks: (id: string, what: { role: Role; expiresInDays: number; mailTo: string[] }) =>
    ask<{ letters: Posted[] }>('POST', `/territories/${id}/invitations`, what),
  /** Erases for good; with `dryRun`, says only how much there is. */
  erase: (id: string, what: Erasure, dryRun: boolean) => ask<Erased>('POST', `/territories/${id}/purge`, { ...what, dryRun }),
  revoke: (id: string, invitation: string) => ask<undefined>('DELETE', `/territories/${id}/invitations/${invitation}`),
  contributors: (id: string) => known<Contributor[]>(`contributors:${id}`, `/territories/${id}/contributors`),
  giveRole: (id: string, who: string, role: Role) =>
    ask<unknown>('PATCH', `/territories/${id}/contributors/${encodeURIComponent(who)}`, { role }),
  signOutPerson: (id: string, who: string) => ask<undefined>('DELETE', `/territories/${id}/contributors/${encodeURIComponent(who)}`),
  signOutDevice: (id: string, who: string, device: string) =>
    ask<undefined>('DELETE', `/territories/${id}/contributors/${encodeURIComponent(who)}/devices/${encodeURIComponent(device)}`),
  /** Events of one record below `before`, newest first; `before` in the answer is where older ones begin. */
  history: (id: string, structure: string, before: number | null, limit: number) =>
    ask<{ events: FeedEvent[]; more: boolean; before?: number }>(
      'GET',
      `/territories/${id}/resources/${encodeURIComponent(structure)}/history?limit=${limit}${before === null ? '' : `&before=${before}`}`,
    ),
  /** Writes again what stood before an event that changed a field. */
  goBack: (id: string, structure: string, event: number) =>
    ask<{ change: string | null }>('POST', `/territories/${id}/resources/${encodeURIComponent(structure)}/history/${event}/revert`),
  acts: (id: string) => known<Act[]>(`acts:${id}`, `/territories/${id}/acts`),
  quarantine: (id: string) => known<Held[]>(`quarantine:${id}`, `/territories/${id}/quarantine`),
  /** `through`: what the change builds on is decided with it. */
  decide: (id: string, change: string, decision: Decision, through: boolean) =>
    ask<undefined>('POST', `/territories/${id}/quarantine/${change}`, through ? { decision, through } : { decision }),
  /** Decides about everything of one person that waits; answers how many that were, and how many wait still. */
  decideAll: (id: string, contributor: string, decision: 'accept' | 'reject') =>
    ask<{ decided: number; left: number }>('POST', `/territories/${id}/quarantine`, { decision, contributor }),
  priority: (id: string, family: Family | null) =>
    known<AsOf<Priority>>(`priority:${id}:${family ?? ''}`, `/territories/${id}/priority${family === null ? '' : `?family=${family}`}`),
  /** Where permanences would help most; the query is the question (domain/siting.ts). */
  siting: (id: string, query: string) => ask<AsOf<Proposal>>('GET', `/territories/${id}/siting?${query}`),
  scenarios: (id: string) => known<AsOf<{ scenarios: KeptScenario[] }>>(`scenarios:${id}`, `/territories/${id}/scenarios`),
  keepScenario: (id: string, what: { name: string; permanences: Permanence[] }) => ask<Scenario>('POST', `/territories/${id}/scenarios`, what),
  forgetScenario: (id: string, scenario: string) => ask<undefined>('DELETE', `/territories/${id}/scenarios/${encodeURIComponent(scenario)}`),
  progress: (id: string) => known<History>(`progress:${id}`, `/territories/${id}/indicators/history`),
  /** Keeps the figures as they stand under a name. */
  keepPoint: (id: string, name: string) => ask<Point>('POST', `/territories/${id}/indicators/history`, { name }),
  forgetPoint: (id: string, point: string) => ask<undefined>('DELETE', `/territories/${id}/indicators/history/${encodeURIComponent(point)}`),
  compared: (id: string) => known<{ territories: Compared[] }>(`compared:${id}`, '/compare'),
  tuning: (id: string) => known<Tuning>(`tuning:${id}`, `/territories/${id}/recipe/options`),
  tune: (id: string, what: { options: Options; weights: Record<string, number> }) => ask<Tuning>('PUT', `/territories/${id}/recipe/options`, what),
  untune: (id: string) => ask<Tuning>('DELETE', `/territories/${id}/recipe/options`),
  /** Figures as a file: `communes.csv`, `priority.csv?family=assist`… */
  download: (id: string, what: string) => file(`/territories/${id}/downloads/${what}`),
  feed: (id: string, after: number, limit: number) =>
    ask<{ events: FeedEvent[]; last: number }>('GET', `/territories/${id}/feed?after=${after}&limit=${limit}`),
};

/** How long to wait before asking again where the browser gave up by itself. */
const FOLLOW_AGAIN_MS = 3_000;

/**
 * Follows the feed after an event, without a gap: the browser connects again by itself and says where it stood; where it
 * gives up (an answer that is no stream), we ask again after the last event heard. `live` tells whether the line stands.
 */
export function follow(id: string, after: number | 'now', heard: (event: FeedEvent) => void, live: (stands: boolean) => void): () => void {
  let last: number | 'now' = after;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source?.close();
    source = new EventSource(`/api/v1/territories/${id}/feed?after=${last}`);
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as FeedEvent;
      last = event.id;
      heard(event);
    };
    source.onopen = () => live(true);
    source.onerror = () => {
      live(false);
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, FOLLOW_AGAIN_MS);
    };
  };
  // A network that is back is no reason to wait.
  const back = (): void => {
    if (source?.readyState !== EventSource.OPEN) open();
  };
  addEventListener('online', back);
  open();
  return () => {
    removeEventListener('online', back);
    clearTimeout(timer);
    source?.close();
  };
}
