/**
 * Keeps what surrounds the directory up to date: opens the territory of whoever is signed in, asks again when the
 * server is back, when a place has hours that nobody compiled yet, and now and then. The one place that does.
 */
import { untrack } from 'svelte';
import { device } from './device.svelte';
import { directory } from './directory.svelte';
import { clock } from './clock.svelte';
import { territory } from './territory.svelte';

/** Compiled hours cover some weeks; figures and names change slowly. */
const REFRESH_MS = 6 * 3_600_000;
/** Somebody who types hours writes several versions of them. */
const SETTLE_MS = 4_000;

class Watch {
  #territory = $derived(device.session?.territory ?? null);
  #online = $derived(device.status.state === 'safe');
  /** The server answers, whether or not it takes what is sent. */
  #reached = $derived(['safe', 'sending', 'refused'].includes(device.status.state));
  #hours = $derived(
    new Set(directory.live.flatMap(({ fields, services }) => [fields, ...services.map((service) => service.fields)].map((of) => of.opening_hours ?? ''))),
  );
  /** Texts that were asked for: a text that the server does not know after that stays unknown until it is written anew. */
  #asked = new Set<string>();

  /** Starts to watch; once a page. */
  start(): void {
    $effect.root(() => {
      $effect(() => {
        if (this.#territory !== null) void territory.open(this.#territory);
      });
      $effect(() => {
        if (this.#online) void territory.refresh();
      });
      // The role may have changed while this device was out of reach.
      $effect(() => {
        if (this.#reached) untrack(() => void device.recognise());
      });
      $effect(() => {
        const stale = territory.known !== null && clock.now - territory.known.at > REFRESH_MS;
        if (stale && this.#online) void territory.refresh();
      });
      $effect(() => this.#askForHours());
    });
  }

  #askForHours(): (() => void) | undefined {
    const compiled = territory.hours?.hours;
    if (!this.#online || compiled === undefined) return undefined;
    const unknown = [...this.#hours].filter((text) => text !== '' && !(text in compiled) && !this.#asked.has(text));
    if (unknown.length === 0) return undefined;
    const timer = setTimeout(() => {
      for (const text of unknown) this.#asked.add(text);
      void territory.refresh();
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }
}

export const watch = new Watch();
