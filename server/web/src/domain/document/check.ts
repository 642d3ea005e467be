/**
 * Whether an edit can be written: the right kind, a bounded length, a usual word, a record that is there. Mirrors the
 * refusals of `protocol/src/schema/write.rs`. Which values a field takes is asked of `domain/check.ts`, as pages do.
 */
import { fieldOf, isBlank, isUsual, problemOf } from '../check';
import { EditError, type Address, type Edit, type EditErrorCode } from '../edit';
import { CONFIRMED, SERVICE } from '../generated/schema';
import { isUuid } from '../id';
import { Leaf } from './leaf';
import type { Backend } from './value';

/**
 * Checks one edit of a group against the document and `made`, what the edits before it make; throws `EditError`. Codes
 * come in the order in which the server finds them.
 */
export function check(backend: Backend, edit: Edit, made: Set<string>): void {
  const records = new Records(new Leaf(backend), made);
  switch (edit.kind) {
    case 'add_structure':
      demand(isUuid(edit.id), 'not_a_uuid', edit.id);
      demand(!isBlank(edit.name), 'no_name', 'name');
      demand(!records.has(edit.id), 'exists', edit.id);
      refuse(problemOf({ place: '', key: 'name' }, edit.name), 'name');
      made.add(edit.id);
      return;
    case 'add_service':
      records.add(edit.structure, 'services', edit.id);
      demand(isUsual(SERVICE.family, edit.family), 'unknown_word', 'family');
      return;
    case 'add_helper':
      demand(!isBlank(edit.name), 'no_name', 'name');
      records.add(edit.structure, 'helpers', edit.id);
      refuse(problemOf({ place: `helpers/${edit.id}`, key: 'name' }, edit.name), 'name');
      return;
    case 'set': {
      const { address, value } = edit;
      const problem = problemOf(address, value);
      // A blank name is told once the record is known to be there.
      if (problem !== 'no_name') refuse(problem, address.key);
      records.demand(address);
      refuse(problem, address.key);
      return;
    }
    case 'include':
    case 'exclude': {
      fieldOf(edit.address);
      records.demand(edit.address);
      // What leaves a set may be any word: it stands there.
      refuse(problemOf(edit.address, edit.kind === 'include' ? [edit.member] : []), edit.address.key);
      return;
    }
    case 'confirm':
      demand(isUsual(CONFIRMED.how, edit.how), 'unknown_word', 'how');
      refuse(problemOf({ place: 'confirmed', key: 'by' }, edit.by), 'by');
      records.demand({ structure: edit.structure, place: '' });
      return;
    case 'archive':
    case 'validate':
      refuse(problemOf({ place: 'archived', key: 'by' }, edit.by), 'by');
      if (edit.kind === 'archive') refuse(problemOf({ place: 'archived', key: 'why' }, edit.why), 'why');
      records.demand({ structure: edit.structure, place: '' });
      return;
    case 'unarchive':
      records.demand({ structure: edit.structure, place: '' });
  }
}

function demand(holds: boolean, code: EditErrorCode, about: string): void {
  if (!holds) throw new EditError(code, about);
}

function refuse(code: EditErrorCode | null, about: string): void {
  if (code !== null) throw new EditError(code, about);
}

/** Which records there are: those of the document, and those that the group makes. */
class Records {
  constructor(
    private readonly leaf: Leaf,
    private readonly made: Set<string>,
  ) {}

  has(structure: string): boolean {
    return this.made.has(structure) || this.#object(structure) !== undefined;
  }

  add(structure: string, kind: string, id: string): void {
    demand(isUuid(id), 'not_a_uuid', id);
    demand(this.has(structure), 'no_record', structure);
    demand(!this.#hasPart(structure, kind, id), 'exists', id);
    this.made.add(`${structure}/${kind}/${id}`);
  }

  demand({ structure, place }: Pick<Address, 'structure' | 'place'>): void {
    demand(this.has(structure), 'no_record', structure);
    const [kind = '', id] = place.split('/');
    if (id !== undefined) demand(this.#hasPart(structure, kind, id), 'no_record', id);
  }

  #hasPart(structure: string, kind: string, id: string): boolean {
    if (this.made.has(`${structure}/${kind}/${id}`)) return true;
    const object = this.#object(structure);
    if (object === undefined) return false;
    return this.leaf.maps(object, kind).some((parts) => this.leaf.maps(parts, id).length > 0);
  }

  #object(structure: string): string | undefined {
    const root = this.leaf.maps('_root', 'structures')[0];
    demand(root !== undefined, 'no_document', 'structures');
    return root === undefined ? undefined : this.leaf.maps(root, structure)[0];
  }
}
