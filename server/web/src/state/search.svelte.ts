/** What is looked for in the directory and what was found. It outlives the page: a record is read, and the list is as it was. */
import { fromQuery, narrowing, toQuery, without, type FilterPart, type Filters } from '../domain/filters';
import type { Interval } from '../domain/hours';
import { opennessAt, type Openness } from '../domain/openness';
import type { Structure } from '../domain/record';
import { filter, index } from '../domain/search';
import { clock } from './clock.svelte';
import { directory } from './directory.svelte';
import { territory } from './territory.svelte';

/** How many cards at first, and how many more at a time. */
const STEP = 60;
/** As somebody types, each letter changes the list: no more cards than a tall screen holds. */
const STEP_TYPING = 20;
/** Small enough that a touch is not kept waiting. */
const WARM_STEP = 100;
const WARM_PAUSE_MS = 20;

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
    this.shown = some.text === undefined ? STEP : STEP_TYPING;
  }
  lift(part: FilterPart): void {
    this.filters = without(this.filters, part);
    this.shown = STEP;
  }
  more(): void {
    this.shown += STEP;
  }

  /** Makes the records ready to be searched while nobody types; what stops it. */
  warm(): () => void {
    const records = directory.live;
    let at = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const some = (): void => {
      for (const end = at + WARM_STEP; at < end && at < records.length; at += 1) {
        const structure = records[at];
        if (structure !== undefined) index(structure);
      }
      if (at < records.length) timer = setTimeout(some, WARM_PAUSE_MS);
    };
    timer = setTimeout(some, WARM_PAUSE_MS);
    return () => clearTimeout(timer);
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
