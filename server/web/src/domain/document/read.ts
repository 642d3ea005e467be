/**
 * Document → structures. Mirrors `protocol/src/schema/read.rs`, finding by finding: whatever a document holds, reading
 * gives a structure, never an error. Not here: how one field is read (`value.ts`), and who wrote it (`who.ts`).
 *
 * automerge shows one value a key. Where several stand, they must be asked for; the whole directory is therefore read
 * with the list of such keys (`columns.ts`), and a single structure by asking for each.
 */
import { getBackend, getObjectId, type Doc, type Patch } from '@automerge/automerge/slim';
import type { Table } from '../check';
import {
  CONFIRMED,
  HELPER,
  MARK,
  SERVICE,
  STRUCTURE,
  VALIDATION,
  type ConfirmedFields,
  type FindingCode,
  type HelperFields,
  type MarkFields,
  type ServiceFields,
  type StructureFields,
  type ValidationFields,
} from '../generated/schema';
import { isUuid } from '../id';
import { trim } from '../instant';
import type { Conflict, Finding, Structure, Value } from '../record';
import { readColumns } from './columns';
import { alphabetical, entryOf, isLong, isMap, storedAt, type MapObject } from './value';

/** The values that stand at a key, the winner first. */
export type At = (object: MapObject, key: string) => unknown[];

/** In the order in which the server lists the findings of one path. */
const FINDINGS: readonly FindingCode[] = [
  'wrong_type',
  'unreadable',
  'unknown_word',
  'unknown_field',
  'not_a_uuid',
  'no_name',
  'commune_elsewhere',
  'position_odd',
];
const INNER: readonly string[] = ['services', 'helpers', 'confirmed', 'archived', 'validation'];

/** The structures that are read from several maps under one key. See `isUnited`. */
const united = new WeakSet<Structure>();

/** One structure, or `null` when the document has none of that id. */
export function readStructure(doc: Doc<unknown>, id: string): Structure | null {
  const at = asking(doc);
  return structureAt(at, rootOf(doc, at), id);
}

/** Every structure of the document, by id. */
export function readAll(doc: Doc<unknown>): Structure[] {
  const at = knowing(doc);
  const root = rootOf(doc, at);
  const ids = root === null ? [] : Object.keys(root).sort(alphabetical);
  return ids.map((id) => structureAt(at, root, id)).filter((structure) => structure !== null);
}

/**
 * Whether a structure is read from maps that two devices made at the same time. Of the maps that are not shown
 * automerge tells no patches: read such a structure again whenever the document moved.
 */
export function isUnited(structure: Structure): boolean {
  return united.has(structure);
}

/** The structures that patches touch; `all` when the map that holds them is another. */
export function touched(patches: readonly Patch[]): Set<string> | 'all' {
  const ids = new Set<string>();
  for (const { path } of patches) {
    if (path.length > 0 && path[0] !== 'structures') continue;
    if (path.length < 2) return 'all';
    ids.add(String(path[1]));
  }
  return ids;
}

/** The maps that stand at a key: usually one; several when they were made at the same time, the winner first. */
export function mapsAt(at: At, object: MapObject, key: string): MapObject[] {
  return at(object, key).filter(isMap);
}

/** The map of structures. */
export function rootOf(doc: Doc<unknown>, at: At): MapObject | null {
  return mapsAt(at, doc as MapObject, 'structures')[0] ?? null;
}

/** Asks the document for every key: exact, and quick enough for a few structures. */
export function asking(doc: Doc<unknown>): At {
  const backend = getBackend(doc);
  return (object, key) => {
    if (!Object.hasOwn(object, key)) return [];
    const id = getObjectId(object);
    const shown = object[key];
    // One value alone is the one that is shown: the map of all structures is not to be made again for each of them.
    if (id === null || (!isLong(shown) && backend.getAll(id, key).length < 2)) return [shown];
    return storedAt(backend, id, key);
  };
}

/** Asks only for the keys that are known to hold several values. */
function knowing(doc: Doc<unknown>): At {
  const ask = asking(doc);
  const columns = readColumns(getBackend(doc).saveNoCompress());
  if (columns === null) return ask;
  const { several } = columns;
  return (object, key) => {
    if (!Object.hasOwn(object, key)) return [];
    const shown = object[key];
    if (isLong(shown)) return ask(object, key);
    if (several.size === 0) return [shown];
    const id = getObjectId(object);
    return id !== null && several.get(id)?.has(key) === true ? ask(object, key) : [shown];
  };
}

function structureAt(at: At, root: MapObject | null, id: string): Structure | null {
  const object = root === null ? undefined : mapsAt(at, root, id)[0];
  if (object === undefined) return null;
  const reading = new Reading(at);
  if (!isUuid(id)) reading.note('', 'not_a_uuid');
  const fields: StructureFields = reading.record(object, STRUCTURE, '');
  const services = reading.parts<ServiceFields>(object, 'services', SERVICE);
  const helpers = reading.parts<HelperFields>(object, 'helpers', HELPER);
  const confirmed = reading.mark<ConfirmedFields>(object, 'confirmed', CONFIRMED);
  const archived = reading.mark<MarkFields>(object, 'archived', MARK);
  const validation = reading.mark<ValidationFields>(object, 'validation', VALIDATION);
  if (trim(fields.name ?? '') === '') reading.note('name', 'no_name');
  const { conflicts } = reading;
  const structure = { id, fields, services, helpers, confirmed, archived, validation, conflicts, findings: reading.findings() };
  if (reading.united) united.add(structure);
  return structure;
}

/** Reads one structure, and gathers what is odd and what has several answers. */
class Reading {
  conflicts: Conflict[] = [];
  united = false;
  readonly #findings: Finding[] = [];
  constructor(private readonly at: At) {}

  note(path: string, code: FindingCode): void {
    this.#findings.push({ path, code });
  }

  /** What was noted, in order, each once. */
  findings(): Finding[] {
    const rank = ({ code }: Finding): number => FINDINGS.indexOf(code as FindingCode);
    return this.#findings
      .sort((a, b) => alphabetical(a.path, b.path) || rank(a) - rank(b))
      .filter((one, i, all) => one.path !== all[i - 1]?.path || one.code !== all[i - 1]?.code);
  }

  record(object: MapObject, table: Table, prefix: string): Record<string, never> {
    const fields: Record<string, Value> = {};
    const conflicts: Conflict[] = [];
    for (const key of Object.keys(object)) {
      const path = prefix + key;
      const field = Object.hasOwn(table, key) ? table[key] : undefined;
      if (field === undefined) {
        if (prefix !== '' || !INNER.includes(key)) this.note(path, 'unknown_field');
        continue;
      }
      const stored = this.at(object, key);
      if (field.kind === 'set' && stored.length > 1) this.united = true;
      const entry = entryOf(stored, field, (code) => this.note(path, code));
      if (entry === null) continue;
      fields[key] = entry.value;
      if (entry.others.length > 0) conflicts.push({ path, values: [entry.value, ...entry.others] });
    }
    this.conflicts.push(...conflicts.sort((a, b) => alphabetical(a.path, b.path)));
    // The table gives every field the kind that its type has.
    return fields as Record<string, never>;
  }

  parts<T>(structure: MapObject, kind: string, table: Table): { id: string; fields: T }[] {
    // The same id in two maps that were made at the same time: the winner's is shown.
    const objects = new Map<string, MapObject>();
    for (const parts of this.#readable(structure, kind, kind)) {
      for (const id of Object.keys(parts)) {
        const object = this.#readable(parts, id, `${kind}/${id}`)[0];
        if (object !== undefined && !objects.has(id)) objects.set(id, object);
      }
    }
    const sorted = [...objects].sort(([a], [b]) => alphabetical(a, b));
    return sorted.map(([id, object]) => {
      if (!isUuid(id)) this.note(`${kind}/${id}`, 'not_a_uuid');
      return { id, fields: this.record(object, table, `${kind}/${id}/`) as T };
    });
  }

  mark<T>(structure: MapObject, kind: string, table: Table): T | null {
    const object = this.#readable(structure, kind, kind)[0];
    if (object === undefined) return null;
    const fields = this.record(object, table, `${kind}/`);
    return Object.keys(fields).length === 0 ? null : (fields as T);
  }

  /** The maps that stand at a key; that something else stands there instead is noted. */
  #readable(object: MapObject, key: string, path: string): MapObject[] {
    const stored = this.at(object, key);
    const found = stored.filter(isMap);
    if (found.length > 1) this.united = true;
    if (found.length === 0 && stored.some((value) => value !== null)) this.note(path, 'unreadable');
    return found;
  }
}
