/** What the feed's lines say: fields, values and figures in words. */
import { isFamily } from '../../domain/family';
import { isEmpty, membersMoved, type Fact, type Moved } from '../../domain/feed-line';
import { pathField } from '../../domain/feed';
import type { JsonValue } from '../../domain/generated/wire';
import { instantOf } from '../../domain/instant';
import { nameOfPath } from '../../domain/label';
import { rounded } from '../../domain/rounding';
import { territory } from '../../state/territory.svelte';
import { choiceWord } from '../parts/choices';
import { speech, t } from '../words.svelte';

/** A longer text is told by its beginning. */
const CHARS = 80;
/** Two texts longer than that are not read side by side. */
const CHARS_BESIDE = 40;

/** What a path is called: « Téléphone », « Tarif d’une aide ». */
export function pathWords(path: string): string {
  const { key } = pathField(path);
  if (key === 'latitude' || key === 'longitude') return t('field.position');
  const { part, field } = nameOfPath(path === 'commune' ? 'commune_name' : path);
  const label = field?.[speech.language];
  if (part === 'confirmed' || part === 'archived' || part === 'validation') return t(`part.${part}`);
  if (part === 'structure') return label ?? t('part.structure');
  return label === undefined ? t(`part.${part}`) : t(`part.${part}_field`, { field: label });
}

/** A value as people read it, in one line. */
export function valueWords(path: string, value: JsonValue): string {
  const { key } = pathField(path);
  if (isEmpty(value)) return t('field.unsaid');
  if (typeof value === 'boolean') return value ? t('field.yes') : t('field.no');
  if (typeof value === 'number') return speech.number(value, 2);
  if (Array.isArray(value)) return speech.list(value.map((one) => choiceWord(key, String(one))));
  if (typeof value !== 'string') return '…';
  if (key === 'commune') return territory.communeName(value);
  const at = nameOfPath(path).field?.kind === 'instant' ? instantOf(value) : null;
  return at === null ? short(choiceWord(key, value)) : speech.date(at);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > CHARS ? `${line.slice(0, CHARS).trimEnd()}…` : line;
}

/** What is said of a fact: words, or words and the two values that it stands between. */
export type Said = { words: string } | { label: string; before: string; after: string };

export function said(fact: Fact): Said {
  switch (fact.kind) {
    case 'field':
      return field(fact);
    case 'position':
      return { words: t('desk.fact.moved', { label: t('field.position') }) };
    case 'conflict': {
      const values = fact.values.map((value) => t('desk.quoted', { value: valueWords(fact.path, value) }));
      return { words: t('desk.fact.said', { label: t('desk.fact.conflict', { field: pathWords(fact.path) }), value: speech.list(values) }) };
    }
    case 'resolved':
      return { words: t('desk.fact.said', { label: t('desk.fact.resolved', { field: pathWords(fact.path) }), value: valueWords(fact.path, fact.value) }) };
    case 'service':
      return { words: t('desk.fact.said', { label: t('desk.fact.service'), value: choiceWord('family', fact.what) }) };
    case 'helper':
      return { words: t('desk.fact.said', { label: t('desk.fact.helper'), value: fact.what }) };
    case 'confirmed':
      return { words: t('desk.fact.said', { label: t('desk.fact.confirmed'), value: choiceWord('how', fact.how) }) };
    case 'archived':
      return { words: fact.why.trim() === '' ? t('desk.fact.archived') : t('desk.fact.said', { label: t('desk.fact.archived'), value: short(fact.why) }) };
    case 'created':
    case 'removed':
    case 'unarchived':
    case 'validated':
    case 'to_review':
    case 'joined':
      return { words: t(`desk.fact.${fact.kind}`) };
    case 'quarantined':
      return { words: t('desk.fact.quarantined', { n: fact.n, reason: t(`quarantine.${fact.reason}`) }) };
    case 'quarantine_accepted':
    case 'quarantine_rejected':
      return { words: t('desk.fact.whose', { whose: fact.whose }) };
    case 'quarantine_withdrawn':
    case 'figures':
    case 'unknown':
      return { words: '' };
  }
}

function field({ path, before, after }: Extract<Fact, { kind: 'field' }>): Said {
  const label = pathWords(path);
  const { key } = pathField(path);
  if (JSON.stringify(before) === JSON.stringify(after)) return { words: t('desk.fact.back', { label }) };
  if (isEmpty(after)) return { words: t('desk.fact.gone', { label, value: valueWords(path, before) }) };
  const moved = membersMoved(before, after);
  if (moved !== null) {
    const list = (members: string[]): string => speech.list(members.map((member) => choiceWord(key, member)));
    const parts = [
      ...(moved.came.length > 0 ? [t('desk.fact.came', { members: list(moved.came) })] : []),
      ...(moved.went.length > 0 ? [t('desk.fact.went', { members: list(moved.went) })] : []),
    ];
    return { words: t('desk.fact.said', { label, value: parts.join(', ') }) };
  }
  const words = valueWords(path, after);
  if (isEmpty(before)) return { words: t('desk.fact.said', { label, value: words }) };
  const from = valueWords(path, before);
  if (nameOfPath(path).field?.kind === 'prose') return { words: t('desk.fact.rewritten', { label }) };
  if (from.length > CHARS_BESIDE && words.length > CHARS_BESIDE) return { words: t('desk.fact.said', { label, value: words }) };
  return { label, before: from, after: words };
}

/** A figure that moved: « 40 lieux (+1) ». */
export function figureWords({ word, family, before, after }: Moved): string {
  const people = word === 'gap' || word === 'near';
  const value = people ? rounded(after ?? 0) : (after ?? 0);
  const name = family === null ? '' : isFamily(family) ? t(`family.${family}`) : family;
  const figure =
    word === 'hours'
      ? t('desk.figure.hours', { family: name, hours: speech.number(value, 1) })
      : word === 'structures' || word === 'near'
        ? t(`desk.figure.${word}`, { n: value })
        : t(`desk.figure.${word}`, { family: name, n: value });
  if (before === null || after === null) return figure;
  const difference = people ? Math.sign(after - before) * rounded(Math.abs(after - before)) : after - before;
  if (difference === 0) return figure;
  return t('desk.figure.moved', { figure, difference: signed(difference) });
}

function signed(value: number): string {
  // A real minus sign: a hyphen is lost beside a figure.
  return `${value > 0 ? '+' : '−'}${speech.number(Math.abs(value), 1)}`;
}
