/**
 * What stands under one key → a field's value, with the answers that others gave at the same time. Mirrors
 * `protocol/src/schema/read/value.rs`: every shape is read as well as can be (texts for scalars, numbers as text, lists
 * for sets); what could not be read or had another type is noted; nothing fails.
 */
import { Counter, Float64, ImmutableString, isImmutableString, type getBackend } from '@automerge/automerge/slim';
import type { Field, FindingCode, Kind } from '../generated/schema';
import { instantOf, trim, writeInstant } from '../instant';
import type { Value } from '../record';

/** A field's value, and the concurrent ones, kept until somebody chooses. */
export interface Entry {
  value: Value;
  others: Value[];
}

export type Note = (code: FindingCode) => void;

/** A map of the document, as automerge shows it. */
export type MapObject = Record<string, unknown>;

/** Whether what stands there is a map. */
export function isMap(stored: unknown): stored is MapObject {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored) || isImmutableString(stored)) return false;
  return !OTHERS.some((other) => stored instanceof other);
}
/** A float that reads otherwise than an integer of its size comes wrapped; what nobody can read comes as bytes. */
const OTHERS = [Date, Counter, Uint8Array, Float64];

export type Backend = ReturnType<typeof getBackend>;

/**
 * Everything that stands at a key, the winner first: as automerge shows it, but for what `OTHERS` says.
 *
 * Inside a change, maps and lists must be opened `shallow`: automerge's `materialize` commits what was written so far,
 * and the rest would be another change.
 */
export function storedAt(backend: Backend, object: string, key: string, open: typeof shallow = whole): unknown[] {
  return backend
    .getAll(object, key)
    .reverse()
    .map(([type, value]): unknown => {
      if (type === 'text') return backend.text(value);
      if (type === 'str') return new ImmutableString(value);
      if (type === 'map' || type === 'list') return open(backend, value, type);
      if (type === 'f64' && isLong(value)) return new Float64(value);
      return type === 'table' || type === 'counter' ? new Uint8Array() : value;
    });
}

function whole(backend: Backend, id: string): unknown {
  return backend.materialize(id);
}

/** A map or list with the scalars and texts in it, and nothing deeper. */
export function shallow(backend: Backend, id: string, type: 'map' | 'list'): unknown {
  const shown = (key: string | number): unknown => {
    const found = backend.getWithType(id, key);
    return found?.[0] === 'text' ? backend.text(found[1]) : found?.[0] === 'str' ? new ImmutableString(found[1]) : (found?.[1] ?? null);
  };
  if (type === 'list') return Array.from({ length: backend.length(id) }, (_, i) => shown(i));
  return Object.fromEntries(backend.keys(id).map((key) => [key, shown(key)]));
}

/** Whether a float and an integer of this size are read differently. */
export function isLong(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) >= 1e15;
}

/** Reads a field from what stands at its key, the winner first; `null` when it is not filled. */
export function entryOf(stored: readonly unknown[], field: Field, note: Note): Entry | null {
  if (field.kind === 'set') {
    const members = membersOf(stored, note);
    flagUnknown(field, members, note);
    return members.length === 0 ? null : { value: members, others: [] };
  }
  const values: Value[] = [];
  for (const one of stored) {
    const value = scalarOf(one, field.kind, note);
    if (value !== null && !values.includes(value)) values.push(value);
  }
  const [value, ...others] = values;
  if (value === undefined) return null;
  if (typeof value === 'string') flagUnknown(field, [value], note);
  return { value, others };
}

/** The members of a set, in alphabetical order: those of every map that stands for it; lists and single texts too. */
export function membersOf(stored: readonly unknown[], note: Note): string[] {
  const members = new Set<string>();
  const add = (text: string): void => {
    if (text !== '') members.add(text);
  };
  for (const one of stored) {
    if (one === null) continue;
    if (typeof one === 'string') {
      note('wrong_type');
      add(one);
    } else if (isImmutableString(one)) {
      if (one.val !== '') note('wrong_type');
      add(one.val);
    } else if (Array.isArray(one)) {
      note('wrong_type');
      for (const item of one as unknown[]) add(textOf(item) ?? '');
    } else if (isMap(one)) {
      // A member is in its set unless somebody wrote `false` or `null` under it.
      for (const key of Object.keys(one)) if (one[key] !== false && one[key] !== null) add(key);
    } else {
      note('unreadable');
    }
  }
  return [...members].sort(alphabetical);
}

function flagUnknown(field: Field, words: readonly string[], note: Note): void {
  const { choices } = field;
  if (choices !== undefined && words.some((word) => !choices.includes(word))) note('unknown_word');
}

/** The characters of a text, whichever way it was written. */
function textOf(stored: unknown): string | null {
  if (typeof stored === 'string') return stored;
  return isImmutableString(stored) ? stored.val : null;
}

function scalarOf(stored: unknown, kind: Kind, note: Note): Value | null {
  if (stored === null || stored === undefined) return null;
  const text = textOf(stored);
  if (text !== null) return fromText(text, kind, note);
  const value = fromOther(stored, kind);
  if (value === null) note('unreadable');
  // Text fields that hold a number or a flag show it as text, flagged.
  else if ((kind === 'text' || kind === 'prose') && !(stored instanceof Date)) note('wrong_type');
  return value;
}

/** Reads a value that is no text; `null` when it cannot be. */
function fromOther(stored: unknown, kind: Kind): Value | null {
  const prose = kind === 'text' || kind === 'prose';
  if (typeof stored === 'boolean') return kind === 'flag' ? stored : prose ? String(stored) : null;
  if (stored instanceof Date) return kind === 'instant' ? writeInstant(stored.getTime()) : null;
  if (stored instanceof Counter) return null;
  // Whole numbers that JavaScript has no number for come as a bigint, huge floats wrapped.
  if (typeof stored === 'bigint') {
    if (prose) return String(stored);
    if (kind === 'number') return Number(stored);
    return kind === 'integer' && stored >= 0n && stored < 2n ** 63n ? Number(stored) : null;
  }
  const huge = stored instanceof Float64;
  const number = huge ? stored.value : stored;
  if (typeof number !== 'number') return null;
  if (prose) return decimal(number);
  if (kind === 'number') return Number.isFinite(number) ? number : null;
  return kind === 'integer' && !huge && Number.isInteger(number) && number >= 0 ? number + 0 : null;
}

function fromText(text: string, kind: Kind, note: Note): Value | null {
  if (text === '') return null;
  if (kind === 'text' || kind === 'prose') return text;
  if (kind === 'instant') {
    if (instantOf(text) === null) note('wrong_type');
    return text;
  }
  const value = parsed(trim(text), kind);
  note(value === null ? 'unreadable' : 'wrong_type');
  return value;
}

function parsed(text: string, kind: Kind): Value | null {
  if (kind === 'integer') {
    const number = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace('+', '')) : -1n;
    return number >= 0n && number < 2n ** 63n ? Number(number) : null;
  }
  if (kind === 'number') {
    const dotted = text.replaceAll(',', '.');
    const number = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(dotted) ? Number(dotted) : NaN;
    return Number.isFinite(number) ? number : null;
  }
  const word = text.toLowerCase();
  if (['true', 'yes', 'oui', '1'].includes(word)) return true;
  return ['false', 'no', 'non', '0'].includes(word) ? false : null;
}

/** A number with all its digits and no exponent, as the server writes it. */
function decimal(number: number): string {
  if (Object.is(number, -0)) return '-0';
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? 'inf' : '-inf';
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(number));
  if (parts === null) return String(number);
  const [, sign = '', first = '', rest = '', power = ''] = parts;
  const [digits, shift] = [first + rest, Number(power)];
  return shift < 0 ? `${sign}0.${'0'.repeat(-shift - 1)}${digits}` : sign + digits.padEnd(shift + 1, '0');
}

/** By code point, as the server sorts; JavaScript's own order differs beyond the first 65,536. */
export function alphabetical(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [high, low] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return high === low ? x - y : high ? 1 : -1;
  }
  return a.length - b.length;
}
