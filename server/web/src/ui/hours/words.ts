/** Times, spans and weekdays as they are said. */
import type { Span } from '../../domain/hours';
import { speech, t } from '../words.svelte';

/** A Monday, to name the days after it. */
const MONDAY = Date.UTC(2024, 0, 1, 12);
const DAY_MS = 86_400_000;

export function dayName(day: number): string {
  return new Intl.DateTimeFormat(speech.language, { weekday: 'long', timeZone: 'UTC' }).format(MONDAY + day * DAY_MS);
}
/** As it stands at the head of a line. */
export function dayHead(day: number): string {
  const name = dayName(day);
  return name.charAt(0).toLocaleUpperCase(speech.language) + name.slice(1);
}

/** "14 h 30" */
export function clockWords(minute: number): string {
  const h = String(Math.floor(minute / 60));
  const m = minute % 60;
  return m === 0 ? t('hours.clock.sharp', { h }) : t('hours.clock', { h, m: String(m).padStart(2, '0') });
}

export function spanWords([start, end]: Span): string {
  return t('hours.span', { from: clockWords(start), to: clockWords(end) });
}
export function spansWords(spans: readonly Span[]): string {
  return spans.length === 0 ? t('hours.closed') : spans.map(spanWords).join(', ');
}
