/** What is looked for in the directory and what was found. It outlives the page: a record is read, and the list is as it was. */
import { fromQuery, narrowing, NO_FILTERS, toQuery, without, type FilterPart, type Filters } from '../domain/filters';
import type { Interval } from '../domain/hours';
import { opennessAt, type Openness } from '../domain/openness';
import type { Structure } from '../domain/record';
import { filter } from '../domain/search';
import { clock } from './clock.svelte';
import { directory } from './directory.svelte';
import { territory } from './territory.svelte';

/** How many cards at first, and how many more at a time. */
const STEP = 60;

class Search {
  filters = $state.raw<Filters>(fromQuery(location.search));
  /** What a phone shows, which has room for one of them. */
  view = $state<'list' | 'map'>('list');
  shown = $state(STEP);
  /** Where the list was scrolled to. */
  scroll = 0;
  results = $derived(this.#find(this.filters));
  /** Nothing was found: each filter, and how many places there would be without it. */
  lifts = $derived(
    narrowing(this.filters).map((part) => ({ part, n: this.#find(without(this.filters, part)).length })),
  );

  set(some: Partial<Filters>): void {
    this.filters = { ...this.filters, ...some };
    this.shown = STEP;
  }
  lift(part: FilterPart): void {
    this.filters = without(this.filters, part);
    this.shown = STEP;
  }
  more(): void {
    this.shown += STEP;
  }

  /** Writes the filters into the address, without a step to go back to. */
  writeAddress(): void {
    const query = toQuery(this.filters);
    const wanted = query === '' ? location.pathname : `${location.pathname}?${query}`;
    if (location.pathname + location.search !== wanted) history.replaceState(history.state, '', wanted);
  }

  /** Whether a place is open now; `null` when nobody knows. */
  openness(structure: Structure): Openness | null {
    const texts = [structure.fields.opening_hours, ...structure.services.map(({ fields }) => fields.opening_hours)];
    const known = texts.flatMap((text) => {
      const intervals = text === undefined ? null : compiled(text);
      return intervals === null ? [] : [intervals];
    });
    return known.length === 0 ? null : opennessAt(known, clock.now);
  }

  #find(filters: Filters): Structure[] {
    // Only the filters that mean this moment are worked out anew as time goes.
    const now = filters.open || filters.check ? clock.now : 0;
    return filter(directory.live, filters, compiled, now);
  }
}

/** When a text of hours is open, as the server compiled it. */
function compiled(text: string): readonly Interval[] | null {
  const found = territory.hours?.hours[text];
  return found === undefined || 'error' in found ? null : found.open;
}

export const search = new Search();
