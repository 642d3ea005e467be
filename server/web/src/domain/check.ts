/**
 * Which values a field takes, and what somebody typed as a value. Mirrors `protocol/src/schema/write/check.rs`. Nothing
 * is written here, and nothing here knows the document: pages ask it while somebody types.
 */
import { EditError, type Address, type EditErrorCode } from './edit';
import {
  CONFIRMED,
  HELPER,
  MARK,
  PROSE_BYTES_MAX,
  SERVICE,
  STRUCTURE,
  TEXT_BYTES_MAX,
  VALIDATION,
  type Field,
} from './generated/schema';
import { instantOf, trim } from './instant';
import type { Value } from './record';

/** The fields of one place, by key. */
export type Table = Record<string, Field>;

/** The fields that may stand at a place; `null` when there is no such place. */
export function tableOf(place: string): Table | null {
  const parts = place.split('/');
  if (parts.length > 2 || (parts.length === 2 && parts[1] === '')) return null;
  const tables: Record<string, Table> =
    parts.length === 2
      ? { services: SERVICE, helpers: HELPER }
      : { '': STRUCTURE, confirmed: CONFIRMED, archived: MARK, validation: VALIDATION };
  const kind = parts[0] ?? '';
  return Object.hasOwn(tables, kind) ? (tables[kind] ?? null) : null;
}

/** The field of an address. */
export function fieldOf({ place, key }: Pick<Address, 'place' | 'key'>): Field {
  const table = tableOf(place);
  const field = table !== null && Object.hasOwn(table, key) ? table[key] : undefined;
  if (field === undefined) throw new EditError('unknown_field', key);
  return field;
}

/** Why a field does not take a value; `null` when it does. An emptied field (`null`) is fine but for a structure's name. */
export function problemOf(address: Pick<Address, 'place' | 'key'>, value: Value | null): EditErrorCode | null {
  const { place, key } = address;
  const table = tableOf(place);
  const field = table !== null && Object.hasOwn(table, key) ? table[key] : undefined;
  if (field === undefined) return 'unknown_field';
  const problem = value === null ? null : kindProblem(field, key, value);
  if (problem !== null) return problem;
  return place === '' && key === 'name' && isBlank(value) ? 'no_name' : null;
}

function kindProblem(field: Field, key: string, value: Value): EditErrorCode | null {
  switch (field.kind) {
    case 'text':
    case 'prose':
      if (typeof value !== 'string') return 'wrong_kind';
      return textProblem(field, value, field.kind === 'prose' ? PROSE_BYTES_MAX : TEXT_BYTES_MAX);
    case 'instant':
      return typeof value === 'string' && instantOf(value) !== null ? null : 'wrong_kind';
    case 'flag':
      return typeof value === 'boolean' ? null : 'wrong_kind';
    case 'integer':
      return Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'wrong_kind';
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'wrong_kind';
      const most = key === 'latitude' ? 90 : key === 'longitude' ? 180 : Infinity;
      return value <= most && value >= (most === Infinity ? 0 : -most) ? null : 'wrong_kind';
    }
    case 'set':
      if (!Array.isArray(value)) return 'wrong_kind';
      for (const member of value) {
        const problem = trim(member) === '' ? 'wrong_kind' : textProblem(field, member, TEXT_BYTES_MAX);
        if (problem !== null) return problem;
      }
      return null;
  }
}

function textProblem(field: Field, text: string, bytesMax: number): EditErrorCode | null {
  // A character is at most three bytes a unit: most texts need no counting.
  if (text.length * 3 > bytesMax && utf8.encode(text).length > bytesMax) return 'too_long';
  return text === '' || isUsual(field, text) ? null : 'unknown_word';
}

const utf8 = new TextEncoder();

/** Whether a word is one of those the field takes, if it is particular about them. */
export function isUsual({ choices }: Field, word: string): boolean {
  return choices === undefined || choices.includes(word);
}

/** Whether nothing is said. */
export function isBlank(value: Value | null): boolean {
  return value === null || (typeof value === 'string' && trim(value) === '');
}

/** What somebody typed: a value, nothing, or why it is neither. Sets are typed member by member, not here. */
export type Typed = { value: Value | null } | { problem: EditErrorCode };

/** Reads typed text into the kind that a field takes. */
export function readTyped(address: Pick<Address, 'place' | 'key'>, text: string): Typed {
  const field = fieldOf(address);
  const typed = field.kind === 'prose' ? text : trim(text);
  const value = trim(typed) === '' ? null : field.kind === 'number' || field.kind === 'integer' ? numberOf(typed) : typed;
  const problem = problemOf(address, value);
  return problem === null ? { value } : { problem };
}

/** A number as people write it, with a comma or a point, and spaces between thousands. */
function numberOf(typed: string): number {
  return Number(typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
}

/** A value as it is typed: a French reader sees and types a comma. */
export function asTyped(value: Value | null | undefined, language: string): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return language === 'fr' ? String(value).replace('.', ',') : String(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
