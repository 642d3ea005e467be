/** Events for tests: seconds after an afternoon's beginning, who, and which place. */
import type { Event, FeedEvent, JsonValue } from './generated/wire';

export const START = Date.UTC(2026, 8, 15, 10);

export function event(id: number, seconds: number, who: string | null, where: string | null, what: Event): FeedEvent {
  return {
    id,
    at: new Date(START + seconds * 1000).toISOString(),
    ...(who === null ? {} : { author: { contributor: who, name: who.toUpperCase(), device: 'd' } }),
    ...(where === null ? {} : { subject: { structure: where, name: `lieu ${where}`, commune: `3500${where.length}` } }),
    ...what,
  };
}

export function phone(before: JsonValue, after: JsonValue): Event {
  return { kind: 'field_changed', path: 'phone', before, after };
}
