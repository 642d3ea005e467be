/**
 * How a checked value is put under a key: a scalar, a text that merges by character, a set whose members merge. Mirrors
 * `protocol/src/schema/write/leaf.rs`. A value that stands alone as it should is left alone, in whatever shape another
 * client wrote it. Once a set is touched that somebody wrote as a list or as one text, it becomes a map, with all that
 * stood in it.
 *
 * Written through automerge's low-level interface: it tells a whole float from an integer and a scalar from a text, and
 * it reaches the maps that are not shown.
 */
import type { Field } from '../generated/schema';
import { trim } from '../instant';
import type { Value } from '../record';
import { alphabetical, entryOf, membersOf, shallow, storedAt, type Backend } from './value';

export class Leaf {
  constructor(readonly backend: Backend) {}

  /** The maps that stand at a key, the winner first. */
  maps(object: string, key: string): string[] {
    const all = this.backend.getAll(object, key);
    return all.flatMap(([type, value]) => (type === 'map' ? [value] : [])).reverse();
  }

  /** Whether a field holds this value already: alone, and with nothing odd about it. */
  stands(object: string, key: string, field: Field, value: Value): boolean {
    const stored = storedAt(this.backend, object, key, shallow);
    if (stored.length !== 1) return false;
    let odd = false;
    const entry = entryOf(stored, field, () => (odd = true));
    return entry !== null && !odd && same(entry.value, value);
  }

  /** Writes a text into a field of a record that was just made. */
  fill(object: string, key: string, field: Field, text: string): void {
    if (trim(text) !== '') this.overwrite(object, key, field, text);
  }

  /** Writes a value, whatever stands there. */
  overwrite(object: string, key: string, field: Field, value: Value): void {
    if (Array.isArray(value)) this.#setMembers(object, key, value);
    else if (field.kind === 'prose') this.#prose(object, key, String(value));
    else if (typeof value === 'string' && trim(value) === '') this.delete(object, key);
    else if (typeof value === 'string') this.backend.put(object, key, value, 'str');
    else if (typeof value === 'boolean') this.backend.put(object, key, value, 'boolean');
    else this.backend.put(object, key, value, field.kind === 'integer' ? 'int' : 'f64');
  }

  empty(object: string, key: string, field: Field): void {
    if (field.kind === 'set') this.#setMembers(object, key, []);
    else if (field.kind === 'prose') this.#prose(object, key, '');
    else this.delete(object, key);
  }

  /** Empties a key, if anything stands there. */
  delete(object: string, key: string): void {
    if (this.backend.getAll(object, key).length > 0) this.backend.delete(object, key);
  }

  include(object: string, key: string, member: string): void {
    if (!this.#members(object, key).includes(member)) this.#insert(object, key, member);
  }

  exclude(object: string, key: string, member: string): void {
    if (this.#members(object, key).includes(member)) this.#remove(object, key, member);
  }

  /** A text is changed where it stands, even when it is emptied: what somebody else adds to it meanwhile is not lost. */
  #prose(object: string, key: string, text: string): void {
    const all = this.backend.getAll(object, key);
    const [first] = all;
    if (all.length === 1 && first?.[0] === 'text') {
      if (this.backend.text(first[1]) !== text) this.backend.updateText(first[1], text);
    } else if (text === '') {
      this.delete(object, key);
    } else {
      this.backend.putObject(object, key, text);
    }
  }

  #setMembers(object: string, key: string, wanted: string[]): void {
    const standing = this.#members(object, key);
    for (const gone of standing.filter((member) => !wanted.includes(member))) this.#remove(object, key, gone);
    const fresh = new Set(wanted.filter((member) => !standing.includes(member)));
    for (const member of [...fresh].sort(alphabetical)) this.#insert(object, key, member);
  }

  #insert(object: string, key: string, member: string): void {
    this.backend.put(this.#map(object, key), member, true, 'boolean');
  }

  #remove(object: string, key: string, member: string): void {
    this.#map(object, key);
    for (const map of this.maps(object, key)) this.delete(map, member);
  }

  /** The map of a set: the one that stands, or a new one with all that stood there in another shape. */
  #map(object: string, key: string): string {
    const found = this.maps(object, key);
    const [winner] = found;
    if (winner !== undefined && found.length === this.backend.getAll(object, key).length) return winner;
    const standing = this.#members(object, key);
    const map = this.backend.putObject(object, key, {});
    for (const member of standing) this.backend.put(map, member, true, 'boolean');
    return map;
  }

  #members(object: string, key: string): string[] {
    return membersOf(storedAt(this.backend, object, key, shallow), () => undefined);
  }
}

function same(a: Value, b: Value): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((member) => right.has(member));
}
