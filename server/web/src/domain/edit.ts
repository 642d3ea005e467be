/** What a person does to the directory, as values. Mirrors `protocol/src/schema/write.rs`. */
import type { Value } from './record';

/** Which record of a structure a field belongs to, and which field. */
export interface Address {
  structure: string;
  /** `''` for the structure itself, else `services/<id>`, `helpers/<id>`, `confirmed`, `archived`, `validation`. */
  place: string;
  key: string;
}

/** One edit. A group of edits is written as one change: all of them or none. */
export type Edit =
  | { kind: 'add_structure'; id: string; name: string }
  | { kind: 'add_service'; structure: string; id: string; family: string }
  | { kind: 'add_helper'; structure: string; id: string; name: string }
  /** A field takes a value, or is emptied (`null`). Writing the value that stands settles a conflict. */
  | { kind: 'set'; address: Address; value: Value | null }
  | { kind: 'include'; address: Address; member: string }
  | { kind: 'exclude'; address: Address; member: string }
  | { kind: 'confirm'; structure: string; by: string; how: string }
  | { kind: 'archive'; structure: string; by: string; why: string }
  | { kind: 'unarchive'; structure: string }
  | { kind: 'validate'; structure: string; by: string };

/** Why an edit cannot be written; the words are the catalogue's (`edit.<code>`). */
export type EditErrorCode =
  | 'no_record'
  | 'exists'
  | 'not_a_uuid'
  | 'no_name'
  | 'unknown_field'
  | 'wrong_kind'
  | 'unknown_word'
  | 'too_long'
  | 'read_only'
  | 'no_document';

/** An edit that was not written; nothing of its group was. */
export class EditError extends Error {
  override name = 'EditError';
  constructor(
    readonly code: EditErrorCode,
    /** What it concerns: a field's key or a record's id. */
    readonly about: string,
  ) {
    super(`${code}: ${about}`);
  }
}

/** The path of an address inside its structure. */
export function pathOf(address: Address): string {
  return address.place === '' ? address.key : `${address.place}/${address.key}`;
}

/** The address of a path inside a structure. */
export function addressOf(structure: string, path: string): Address {
  const cut = path.lastIndexOf('/');
  return { structure, place: cut < 0 ? '' : path.slice(0, cut), key: path.slice(cut + 1) };
}
