/** A place that is being added: three answers, of which only the name is demanded, and the one change that makes it. */
import type { Edit } from './edit';
import { FAMILIES, type Family } from './generated/schema';

export interface Draft {
  name: string;
  /** The commune's code; '' when it is not known. */
  commune: string;
  communeName: string;
  families: Family[];
}

export const EMPTY: Draft = { name: '', commune: '', communeName: '', families: [] };

/** Whether there is anything in it that somebody would miss. */
export function isBegun(draft: Draft): boolean {
  return draft.name.trim() !== '' || draft.commune !== '' || draft.families.length > 0;
}

/** A draft as it was kept, whatever an earlier version wrote; `null` when it says nothing. */
export function draftOf(kept: unknown): Draft | null {
  if (typeof kept !== 'object' || kept === null) return null;
  const { name, commune, communeName, families } = kept as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const draft: Draft = {
    name: text(name),
    commune: text(commune),
    communeName: text(communeName),
    families: Array.isArray(families) ? FAMILIES.filter((family) => families.includes(family)) : [],
  };
  return isBegun(draft) ? draft : null;
}

/** Ticks or unticks a family; they stay in their usual order. */
export function withFamily(draft: Draft, family: Family, within: boolean): Draft {
  return { ...draft, families: FAMILIES.filter((each) => (each === family ? within : draft.families.includes(each))) };
}

/** The change that makes the place; `null` while it has no name. `newId` is called once for the place and each service. */
export function editsOf(draft: Draft, newId: () => string): { id: string; edits: Edit[] } | null {
  const name = draft.name.trim();
  if (name === '') return null;
  const id = newId();
  const edits: Edit[] = [{ kind: 'add_structure', id, name }];
  const set = (key: string, value: string): void => {
    if (value !== '') edits.push({ kind: 'set', address: { structure: id, place: '', key }, value });
  };
  set('commune', draft.commune);
  set('commune_name', draft.communeName);
  for (const family of draft.families) edits.push({ kind: 'add_service', structure: id, id: newId(), family });
  return { id, edits };
}
