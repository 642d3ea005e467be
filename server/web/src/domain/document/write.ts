/**
 * Edits → document. Strict, as `protocol/src/schema/write.rs`: every edit of a group is checked before anything is
 * written. Edits touch leaf keys only, so that two people's edits of one record merge; a value that stands already is not
 * written again, unless writing it settles a conflict. Not here: which values a field takes (`../check.ts`), whether an
 * edit can be written (`check.ts`), and how a value is put under its key (`leaf.ts`).
 *
 * Unlike the server's, it makes no `structures` in a document that has none: a device that did would write into a map
 * that nobody sees once the territory's own document comes.
 */
import { getBackend, type Doc } from '@automerge/automerge/slim';
import { fieldOf, isBlank } from '../check';
import { EditError, type Address, type Edit } from '../edit';
import { CONFIRMED, HELPER, MARK, SERVICE, STRUCTURE, type Field } from '../generated/schema';
import { writeInstant } from '../instant';
import type { Value } from '../record';
import { check } from './check';
import { Leaf } from './leaf';
import type { Backend } from './value';

/** A field that is known to be in its table, with a text for it. */
type Word = [key: string, field: Field, text: string];

/** Writes a group of edits into the draft of a change; all of them or, with an `EditError`, none. */
export function perform(draft: Doc<unknown>, edits: Edit[], now: Date): void {
  const backend = getBackend(draft);
  const at = writeInstant(now.getTime());
  const made = new Set<string>();
  for (const edit of edits) check(backend, edit, made);
  for (const edit of edits) write(backend, edit, at);
}

function write(backend: Backend, edit: Edit, at: string): void {
  const leaf = new Leaf(backend);
  switch (edit.kind) {
    case 'add_structure': {
      const object = backend.putObject(rootOf(leaf), edit.id, {});
      leaf.fill(object, 'name', STRUCTURE.name, edit.name);
      leaf.fill(object, 'created_at', STRUCTURE.created_at, at);
      // Made now, so that two devices that add a service at the same time write into one map.
      backend.putObject(object, 'services', {});
      backend.putObject(object, 'helpers', {});
      return;
    }
    case 'add_service': {
      const object = addPart(leaf, edit.structure, 'services', edit.id);
      leaf.fill(object, 'family', SERVICE.family, edit.family);
      leaf.fill(object, 'created_at', SERVICE.created_at, at);
      return;
    }
    case 'add_helper':
      leaf.fill(addPart(leaf, edit.structure, 'helpers', edit.id), 'name', HELPER.name, edit.name);
      return;
    case 'set':
      set(leaf, edit.address, edit.value);
      return;
    case 'include':
    case 'exclude': {
      const object = containerOf(leaf, edit.address);
      if (object === null) return;
      if (edit.kind === 'include') leaf.include(object, edit.address.key, edit.member);
      else leaf.exclude(object, edit.address.key, edit.member);
      return;
    }
    case 'confirm':
      mark(leaf, edit.structure, 'confirmed', [
        ['at', CONFIRMED.at, at],
        ['by', CONFIRMED.by, edit.by],
        ['how', CONFIRMED.how, edit.how],
      ]);
      return;
    case 'archive':
      mark(leaf, edit.structure, 'archived', [
        ['at', MARK.at, at],
        ['by', MARK.by, edit.by],
        ['why', MARK.why, edit.why],
      ]);
      return;
    case 'validate':
      mark(leaf, edit.structure, 'validation', [
        ['at', MARK.at, at],
        ['by', MARK.by, edit.by],
      ]);
      // Whoever vouches has read it as it stands here.
      for (const validation of leaf.maps(structureOf(leaf, edit.structure), 'validation')) {
        if (backend.keys(validation).includes('review')) backend.delete(validation, 'review');
      }
      return;
    case 'unarchive':
      for (const archived of leaf.maps(structureOf(leaf, edit.structure), 'archived')) {
        for (const key of backend.keys(archived)) backend.delete(archived, key);
      }
  }
}

function set(leaf: Leaf, address: Address, value: Value | null): void {
  const field = fieldOf(address);
  const object = containerOf(leaf, address) ?? (value === null ? null : makeMark(leaf, address));
  if (object === null) return;
  if (value === null || isBlank(value)) leaf.empty(object, address.key, field);
  else if (!leaf.stands(object, address.key, field, value)) leaf.overwrite(object, address.key, field, value);
}

function rootOf(leaf: Leaf): string {
  const root = leaf.maps('_root', 'structures')[0];
  if (root === undefined) throw new EditError('no_document', 'structures');
  return root;
}

function structureOf(leaf: Leaf, id: string): string {
  const object = leaf.maps(rootOf(leaf), id)[0];
  if (object === undefined) throw new EditError('no_record', id);
  return object;
}

function addPart(leaf: Leaf, structure: string, kind: 'services' | 'helpers', id: string): string {
  const object = structureOf(leaf, structure);
  const parts = leaf.maps(object, kind)[0] ?? leaf.backend.putObject(object, kind, {});
  return leaf.backend.putObject(parts, id, {});
}

/** The map that holds a field; `null` for a mark that nobody wrote yet. */
function containerOf(leaf: Leaf, { structure, place }: Address): string | null {
  const object = structureOf(leaf, structure);
  if (place === '') return object;
  const [kind = '', id] = place.split('/');
  if (id === undefined) return leaf.maps(object, kind)[0] ?? null;
  for (const parts of leaf.maps(object, kind)) {
    const part = leaf.maps(parts, id)[0];
    if (part !== undefined) return part;
  }
  throw new EditError('no_record', id);
}

function makeMark(leaf: Leaf, { structure, place }: Address): string {
  return leaf.backend.putObject(structureOf(leaf, structure), place, {});
}

/**
 * Writes a mark. Unless it stands as it is, all of it is written: somebody who lifts it at the same time does not leave
 * half of it behind.
 */
function mark(leaf: Leaf, structure: string, place: string, words: Word[]): void {
  const address = { structure, place, key: 'at' };
  const object = containerOf(leaf, address) ?? makeMark(leaf, address);
  if (words.every(([key, field, text]) => leaf.stands(object, key, field, text))) return;
  for (const [key, field, text] of words) {
    // automerge does not write what stands; what is removed first is written.
    leaf.delete(object, key);
    leaf.overwrite(object, key, field, text);
  }
}
