/**
 * Opening hours as people think of them, a week of spans, and the `opening_hours` text that the document keeps. The model
 * holds what the form can show; any other text stays a text. When a place is open is not worked out here: the server
 * compiles every text into intervals, and this file asks them.
 */

/** Minutes since midnight; the end comes after the start and is at most 24 × 60. */
export type Span = [start: number, end: number];

/** Every week, or every other: weeks 1, 3, 5… or 2, 4, 6… of the year. */
export type Rhythm = 'every' | 'odd' | 'even';

export interface Weekly {
  /** Monday to Sunday; two spans a day are a lunch break. */
  days: Span[][];
  rhythm: Rhythm;
  closedOnHolidays: boolean;
  /** Only on appointment, beside hours or instead of them. */
  onAppointment: boolean;
}

/** What is wrong with a model, and on which day (0 is Monday). */
export interface HoursProblem {
  day: number;
  code: 'reversed' | 'out_of_day' | 'overlap';
}

/** From, until; in milliseconds since 1970, in order, `until` not included. */
export type Interval = readonly [start: number, end: number];

const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const;
const WEEKS: Record<Rhythm, string> = { every: '', odd: 'week 1-53/2 ', even: 'week 2-53/2 ' };
const APPOINTMENT = '"sur rendez-vous"';
const DAY_MINUTES = 24 * 60;

const MORNING: Span = [9 * 60, 12 * 60];
const AFTERNOON: Span = [14 * 60, 17 * 60];
/** What a day's form offers before anything is typed. */
export const PRESETS: Record<'morning' | 'afternoon' | 'day', readonly Span[]> = {
  morning: [MORNING],
  afternoon: [AFTERNOON],
  day: [MORNING, AFTERNOON],
};

/** A week without hours. */
export function emptyWeek(): Weekly {
  return { days: DAYS.map(() => []), rhythm: 'every', closedOnHolidays: false, onAppointment: false };
}

/** What is wrong with a model; nothing when it can be written. Spans that touch overlap nothing. */
export function problemsOf({ days }: Weekly): HoursProblem[] {
  return days.flatMap((spans, day): HoursProblem[] => {
    if (spans.some((span) => span.some((minute) => !Number.isInteger(minute) || minute < 0 || minute > DAY_MINUTES))) {
      return [{ day, code: 'out_of_day' }];
    }
    if (spans.some(([start, end]) => end <= start)) return [{ day, code: 'reversed' }];
    const sorted = inOrder(spans);
    return sorted.some(([start], i) => start < (sorted[i - 1]?.[1] ?? 0)) ? [{ day, code: 'overlap' }] : [];
  });
}

/** The text of a model without problems: equal days grouped, in order, spans that touch joined. Empty when it says nothing. */
export function writeHours({ days, rhythm, closedOnHolidays, onAppointment }: Weekly): string {
  const comment = onAppointment ? ` ${APPOINTMENT}` : '';
  const texts = DAYS.map((_, day) => joined(days[day] ?? []).map(spanText).join(','));
  const rules: string[] = [];
  for (const [day, text] of texts.entries()) {
    if (text === '' || texts.indexOf(text) < day) continue;
    rules.push(`${WEEKS[rhythm]}${dayText(texts.flatMap((other, i) => (other === text ? [i] : [])))} ${text}${comment}`);
  }
  if (rules.length === 0) return onAppointment ? APPOINTMENT : '';
  return (closedOnHolidays ? [...rules, 'PH off'] : rules).join('; ');
}

/** The model of a text; `null` when the model cannot hold all that the text says. */
export function parseHours(text: string): Weekly | null {
  const week = emptyWeek();
  const parts = text.split(';').map((part) => part.trim());
  if (parts.length === 1 && parts[0] === '') return week;
  if (parts.length === 1 && parts[0] === APPOINTMENT) return { ...week, onAppointment: true };
  const rules: Rule[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^PH (off|closed)$/.test(part) && i === parts.length - 1 && i > 0) {
      week.closedOnHolidays = true;
      continue;
    }
    const rule = ruleOf(part);
    if (rule === null) return null;
    rules.push(rule);
  }
  const [first] = rules;
  if (first === undefined) return null;
  // One rhythm and one comment for the week: other mixtures are somebody's own text.
  if (rules.some(({ rhythm, onAppointment }) => rhythm !== first.rhythm || onAppointment !== first.onAppointment)) return null;
  const told = new Set<number>();
  for (const { days, spans } of rules) {
    for (const day of days) {
      // A later rule replaces an earlier one for its days: a reader of both would be surprised.
      if (told.has(day)) return null;
      told.add(day);
      week.days[day] = spans.map(([start, end]): Span => [start, end]);
    }
  }
  const model = { ...week, rhythm: first.rhythm, onAppointment: first.onAppointment };
  return problemsOf(model).length === 0 ? { ...model, days: model.days.map(joined) } : null;
}

interface Rule {
  days: number[];
  spans: Span[];
  rhythm: Rhythm;
  onAppointment: boolean;
}

const RULE = /^(?:week (0?[12])-53\/2 )?((?:[A-Z][a-z](?:-[A-Z][a-z])?)(?:,[A-Z][a-z](?:-[A-Z][a-z])?)*) ([0-9:,-]+|off|closed)( "sur rendez-vous")?$/;

function ruleOf(text: string): Rule | null {
  const found = RULE.exec(text.replace(/\s+/g, ' ').replace(/ ?([,-]) ?/g, '$1').replace(/"sur rendez-vous"/i, APPOINTMENT));
  if (found === null) return null;
  const [, week, dayList = '', hours = '', comment] = found;
  const rhythm: Rhythm = week === undefined ? 'every' : Number(week) === 1 ? 'odd' : 'even';
  const days = daysOf(dayList);
  const off = hours === 'off' || hours === 'closed';
  const spans = off ? [] : spansOf(hours);
  if (days === null || spans === null) return null;
  return { days, spans, rhythm, onAppointment: comment !== undefined };
}

function daysOf(list: string): number[] | null {
  const days: number[] = [];
  for (const part of list.split(',')) {
    const [from, to] = part.split('-').map((day) => (DAYS as readonly string[]).indexOf(day));
    if (from === undefined || from < 0 || (to !== undefined && to < from)) return null;
    for (let day = from; day <= (to ?? from); day++) days.push(day);
  }
  return days;
}

function spansOf(list: string): Span[] | null {
  const spans: Span[] = [];
  for (const part of list.split(',')) {
    const found = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(part);
    if (found === null) return null;
    const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = found.slice(1).map(Number);
    if (m1 > 59 || m2 > 59) return null;
    spans.push([h1 * 60 + m1, h2 * 60 + m2]);
  }
  return spans;
}

function dayText(days: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === day - 1) last[1] = day;
    else runs.push([day, day]);
  }
  const name = (day: number): string => DAYS[day] ?? '';
  return runs.map(([from, to]) => (from === to ? name(from) : to === from + 1 ? `${name(from)},${name(to)}` : `${name(from)}-${name(to)}`)).join(',');
}

function spanText([start, end]: Span): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${clock(start)}-${clock(end)}`;
}

function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** In order, and those that touch as one: nobody closes for no time. */
function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const [start, end] of inOrder(spans)) {
    const last = whole.at(-1);
    if (last !== undefined && last[1] === start) last[1] = end;
    else whole.push([start, end]);
  }
  return whole;
}

/** Whether a place is open at a moment. */
export function isOpenAt(intervals: readonly Interval[], ms: number): boolean {
  return intervals.some(([start, end]) => start <= ms && ms < end);
}

/** When it opens or closes next; `null` when the intervals tell of no change after the moment. */
export function nextChange(intervals: readonly Interval[], ms: number): number | null {
  let next: number | null = null;
  for (const moment of intervals.flat()) if (moment > ms && (next === null || moment < next)) next = moment;
  return next;
}

/** The intervals that touch the day of a moment, in a time zone (`Europe/Paris`), cut to that day. */
export function today(intervals: readonly Interval[], now: number, zone: string): Interval[] {
  const [start, end] = dayAround(now, zone);
  return intervals
    .filter(([from, until]) => from < end && until > start)
    .map(([from, until]): Interval => [Math.max(from, start), Math.min(until, end)])
    .sort((a, b) => a[0] - b[0]);
}

/** The midnights around a moment; a day has 23 or 25 hours twice a year. */
function dayAround(now: number, zone: string): Interval {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const [year = 0, month = 0, day = 0] = parts.format(now).split('-').map(Number);
  return [midnight(year, month - 1, day, zone), midnight(year, month - 1, day + 1, zone)];
}

function midnight(year: number, month: number, day: number, zone: string): number {
  const guess = Date.UTC(year, month, day);
  // Twice: the offset at the guess may be that of the day before a clock change.
  const once = guess - offsetAt(guess, zone);
  return guess - offsetAt(once, zone);
}

/** How far a zone's clocks stand before UTC at a moment, in milliseconds. */
function offsetAt(ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}
