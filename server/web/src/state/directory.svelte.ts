/** The records of the territory, as pages see them: one subscription point, filled by the worker. */
import type { Structure } from '../domain/record';
import type { Told } from '../sync/messages';

/** Every record by its id. Replaced, never changed in place, so that what depends on it is worked out anew. */
class Directory {
  /** Whether the records were read at least once. */
  ready = $state(false);
  records = $state.raw<ReadonlyMap<string, Structure>>(new Map());
  /** The records that are not archived, by name. */
  live = $derived(
    [...this.records.values()]
      .filter((structure) => structure.archived === null)
      .sort((a, b) => collator.compare(a.fields.name ?? '', b.fields.name ?? '')),
  );

  /** Another document is being opened: what was read belongs to the one before. */
  forget(): void {
    this.records = new Map();
    this.ready = false;
  }

  /** Takes what the worker told. */
  take(told: Extract<Told, { tell: 'records' }>): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced whole, see above
    const records = told.whole ? new Map<string, Structure>() : new Map(this.records);
    for (const structure of told.changed) records.set(structure.id, structure);
    for (const id of told.removed) records.delete(id);
    this.records = records;
    this.ready = true;
  }
}

const collator = new Intl.Collator('fr', { sensitivity: 'base', numeric: true });

export const directory = new Directory();
