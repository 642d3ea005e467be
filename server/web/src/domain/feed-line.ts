/**
 * What a line of the feed says: the facts in it, each told once, and which of them leads the sentence. A field that was
 * saved several times while somebody typed is one fact, from what stood before to what stands now.
 */
import { pathField, type FeedLine } from './feed';
import type { FeedEvent, IndicatorChange, JsonValue, Reason } from './generated/wire';

export type Fact =
  | { kind: 'created' | 'removed' | 'unarchived' | 'validated' | 'to_review' | 'joined' }
  | { kind: 'field'; path: string; before: JsonValue; after: JsonValue }
  /** A position: two numbers that nobody reads. */
  | { kind: 'position' }
  | { kind: 'conflict'; path: string; values: JsonValue[] }
  | { kind: 'resolved'; path: string; value: JsonValue }
  | { kind: 'service' | 'helper'; path: string; what: string }
  | { kind: 'confirmed'; how: string }
  | { kind: 'archived'; why: string }
  | { kind: 'quarantined'; reason: Reason; n: number }
  | { kind: 'quarantine_accepted' | 'quarantine_rejected'; whose: string }
  | { kind: 'quarantine_withdrawn' }
  | { kind: 'figures'; changes: IndicatorChange[] }
  /** A newer server tells of something that this app has no words for. */
  | { kind: 'unknown' };

/** The sentences that a line can open with; keys under `desk.did.` in the catalogues. */
export type Lead =
  | 'created' | 'removed' | 'archived' | 'unarchived' | 'validated' | 'to_review' | 'confirmed' | 'conflict' | 'resolved'
  | 'quarantined' | 'quarantine_accepted' | 'quarantine_rejected' | 'quarantine_withdrawn'
  | 'changed' | 'completed' | 'joined' | 'figures' | 'unknown';

/** What happened to the place as a whole leads; what was filled in is told under it. */
const ORDER: readonly Lead[] = [
  'quarantine_accepted', 'quarantine_rejected', 'quarantine_withdrawn', 'quarantined',
  'created', 'removed', 'archived', 'unarchived', 'conflict', 'resolved', 'to_review', 'validated', 'confirmed', 'joined',
  'figures',
];

/** The facts of a line, in the order in which they first came. */
export function factsOf({ events }: Pick<FeedLine, 'events'>): Fact[] {
  const facts = new Map<string, Fact>();
  for (const event of events) {
    const { key, fact } = factOf(event);
    const before = facts.get(key);
    facts.set(key, before?.kind === 'field' && fact.kind === 'field' ? { ...fact, before: before.before } : fact);
  }
  // A commune is written by its code and its name; the code is what is shown by its name.
  for (const [key, fact] of facts) {
    if (fact.kind === 'field' && fact.path === 'commune_name' && facts.has('field commune')) facts.delete(key);
    // Answers that differ, and the one that was chosen, say what the field's own change would.
    if (fact.kind === 'conflict' || fact.kind === 'resolved') facts.delete(`field ${fact.path}`);
  }
  return [...facts.values()];
}

function factOf(event: FeedEvent): { key: string; fact: Fact } {
  switch (event.kind) {
    case 'field_changed': {
      const { place, key } = pathField(event.path);
      if (key === 'latitude' || key === 'longitude') {
        return { key: `position ${place}`, fact: { kind: 'position' } };
      }
      return { key: `field ${event.path}`, fact: { kind: 'field', path: event.path, before: event.before, after: event.after } };
    }
    case 'conflict':
      return { key: `conflict ${event.path}`, fact: { kind: 'conflict', path: event.path, values: event.values } };
    case 'resolved':
      return { key: `resolved ${event.path}`, fact: { kind: 'resolved', path: event.path, value: event.value } };
    case 'part_added':
      return {
        key: `part ${event.path}`,
        fact: { kind: event.path.startsWith('helpers/') ? 'helper' : 'service', path: event.path, what: event.what },
      };
    case 'confirmed':
      return { key: 'confirmed', fact: { kind: 'confirmed', how: event.how } };
    case 'archived':
      return { key: 'archived', fact: { kind: 'archived', why: event.why } };
    case 'indicators':
      return { key: 'figures', fact: { kind: 'figures', changes: event.changes } };
    case 'quarantined':
      return { key: `quarantined ${event.reason}`, fact: { kind: 'quarantined', reason: event.reason, n: event.changes } };
    case 'quarantine_accepted':
    case 'quarantine_rejected':
      return { key: event.kind, fact: { kind: event.kind, whose: event.whose } };
    case 'quarantine_withdrawn':
      return { key: event.kind, fact: { kind: event.kind } };
    case 'created':
    case 'removed':
    case 'unarchived':
    case 'validated':
    case 'to_review':
    case 'joined':
      return { key: event.kind, fact: { kind: event.kind } };
    default:
      return { key: 'unknown', fact: { kind: 'unknown' } };
  }
}

/** Which fact the sentence is made of. */
export function leadOf(facts: readonly Fact[]): Lead {
  const lead = ORDER.find((kind) => facts.some((fact) => fact.kind === kind));
  if (lead !== undefined) return lead;
  if (facts.every(({ kind }) => kind === 'unknown')) return 'unknown';
  // Nothing was there before: that is completing, not changing.
  const fills = (fact: Fact): boolean =>
    fact.kind === 'service' || fact.kind === 'helper' || (fact.kind === 'field' && isEmpty(fact.before) && !isEmpty(fact.after));
  return facts.every(fills) ? 'completed' : 'changed';
}

/** Kinds that a sentence tells in full. */
const BARE: readonly Fact['kind'][] = ['quarantine_withdrawn', 'created', 'removed', 'unarchived', 'validated', 'to_review', 'joined', 'unknown'];

/** The facts that the sentence does not tell in full. */
export function detailsOf(facts: readonly Fact[], lead: Lead): Fact[] {
  return facts.filter(({ kind }) => kind !== 'unknown' && !(kind === lead && BARE.includes(kind)));
}

export function isEmpty(value: JsonValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** A set's members that came and those that went; `null` when the values are no sets. */
export function membersMoved(before: JsonValue, after: JsonValue): { came: string[]; went: string[] } | null {
  const [from, to] = [members(before), members(after)];
  if (from === null || to === null || (before === null && after === null)) return null;
  return { came: to.filter((one) => !from.includes(one)), went: from.filter((one) => !to.includes(one)) };
}

function members(value: JsonValue): string[] | null {
  if (value === null) return [];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
}

/** A figure of the territory that moved, in the few words that a line has room for. */
export interface Moved {
  /** A word under `desk.figure.` in the catalogues. */
  word: 'structures' | 'near' | 'hours' | 'staff' | 'gap';
  /** The family it is of; `null` when it is of none. */
  family: string | null;
  before: number | null;
  after: number | null;
}

/** The figures that say most, and how many others moved with them. */
export function movedOf(changes: readonly IndicatorChange[], most = 3): { told: Moved[]; more: number } {
  const known = changes
    .filter(({ commune }) => commune === null)
    .flatMap((change): (Moved & { rank: number })[] => {
      const [first = '', family = '', last = ''] = change.indicator.split('.');
      const of = { before: change.before, after: change.after };
      if (change.indicator === 'structures') return [{ word: 'structures', family: null, ...of, rank: 0 }];
      // People concerned who have some help within a quarter of an hour.
      if (change.indicator === 'coverage.any.within15.concerned') return [{ word: 'near', family: null, ...of, rank: 1 }];
      if (first === 'offer' && last === 'weeklyEadminHours') return [{ word: 'hours', family, ...of, rank: 2 }];
      if (first === 'offer' && last === 'staff') return [{ word: 'staff', family, ...of, rank: 3 }];
      if (first === 'gap' && last === 'people') return [{ word: 'gap', family, ...of, rank: 4 }];
      return [];
    })
    // What became unknown is no figure to tell in short.
    .filter(({ after }) => after !== null)
    .sort((a, b) => a.rank - b.rank);
  const told = known.slice(0, most).map(({ word, family, before, after }): Moved => ({ word, family, before, after }));
  return { told, more: changes.length - told.length };
}
