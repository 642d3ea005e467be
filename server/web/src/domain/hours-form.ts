/** The form in which a week of opening hours is filled: texts as the inputs hold them, until they make a model. */
import { PRESETS, problemsOf, type HoursProblem, type Rhythm, type Span, type Weekly } from './hours';

/** As `<input type="time">` has it: `09:00`, or nothing. */
export interface SpanForm {
  from: string;
  to: string;
}
export interface HoursForm {
  /** Monday to Sunday; a day without spans is closed. */
  days: SpanForm[][];
  rhythm: Rhythm;
  closedOnHolidays: boolean;
  onAppointment: boolean;
}
export interface DayProblem {
  day: number;
  code: HoursProblem['code'] | 'incomplete';
}

const WORKDAYS = [0, 1, 2, 3, 4];
const MIDNIGHT = 24 * 60;

export function formOf(week: Weekly): HoursForm {
  return { ...week, days: week.days.map((spans) => spans.map(spanForm)) };
}

/** The model of a form, or what is wrong with it, day by day. */
export function weekOfForm(form: HoursForm): { week: Weekly } | { problems: DayProblem[] } {
  const incomplete = form.days.flatMap((spans, day): DayProblem[] =>
    spans.some(({ from, to }) => from === '' || to === '') ? [{ day, code: 'incomplete' }] : [],
  );
  if (incomplete.length > 0) return { problems: incomplete };
  const week: Weekly = { ...form, days: form.days.map((spans) => spans.map(spanOf)) };
  const problems = problemsOf(week);
  return problems.length === 0 ? { week } : { problems };
}

/** Opens or closes a day. It opens as the open day before it, for most days are alike. */
export function withDay(form: HoursForm, day: number, open: boolean): HoursForm {
  const like = form.days.slice(0, day).findLast((spans) => spans.length > 0) ?? preset('day');
  return withSpans(form, day, open ? copied(like) : []);
}

export function withSpans(form: HoursForm, day: number, spans: SpanForm[]): HoursForm {
  return { ...form, days: form.days.map((each, at) => (at === day ? spans : each)) };
}

/** Splits a day for lunch, or joins it again. */
export function withBreak(form: HoursForm, day: number, broken: boolean): HoursForm {
  const spans = form.days[day] ?? [];
  const [first] = spans;
  if (first === undefined) return form;
  if (!broken) return withSpans(form, day, [{ from: first.from, to: spans.at(-1)?.to ?? first.to }]);
  // A break inside the day where it has room for one; otherwise the second span is left to be filled.
  const [start, end] = spanOf(first);
  const split = first.from !== '' && first.to !== '' && start < 12 * 60 && end > 14 * 60;
  return withSpans(form, day, split ? [{ from: first.from, to: '12:00' }, { from: '14:00', to: first.to }] : [first, { from: '', to: '' }]);
}

/** Copies a day to the other open days and to Monday till Friday; tells which took it. */
export function copiedDay(form: HoursForm, day: number): { form: HoursForm; to: number[] } {
  const spans = form.days[day] ?? [];
  const to = form.days.flatMap((each, at) => (at !== day && (each.length > 0 || WORKDAYS.includes(at)) ? [at] : []));
  return { form: { ...form, days: form.days.map((each, at) => (to.includes(at) ? copied(spans) : each)) }, to };
}

/** Monday till Friday alike, closed at the weekend. */
export function withPreset(form: HoursForm, name: keyof typeof PRESETS): HoursForm {
  return { ...form, days: form.days.map((_, day) => (WORKDAYS.includes(day) ? preset(name) : [])) };
}

/** Days with the same hours together, closed days left out: how a week is said in a line. */
export function alikeDays(week: Weekly): { days: number[]; spans: Span[] }[] {
  const groups: { days: number[]; spans: Span[] }[] = [];
  for (const [day, spans] of week.days.entries()) {
    if (spans.length === 0) continue;
    const known = groups.find((group) => JSON.stringify(group.spans) === JSON.stringify(spans));
    if (known === undefined) groups.push({ days: [day], spans });
    else known.days.push(day);
  }
  return groups;
}

function preset(name: keyof typeof PRESETS): SpanForm[] {
  return PRESETS[name].map(spanForm);
}

function copied(spans: readonly SpanForm[]): SpanForm[] {
  return spans.map((span) => ({ ...span }));
}

function spanForm([start, end]: Span): SpanForm {
  return { from: clock(start), to: clock(end) };
}

/** A day that ends at midnight ends with itself, not before it begins. */
function spanOf({ from, to }: SpanForm): Span {
  return [minutes(from), to === '00:00' ? MIDNIGHT : minutes(to)];
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

function clock(minute: number): string {
  const within = minute % MIDNIGHT;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}
