/** The portrait's figures: the server's last answer, kept on the device, asked for again when the directory changes. */
import type { Portrait } from '../domain/generated/portrait';
import type { AsOf } from '../domain/generated/study';
import type { Structure } from '../domain/record';
import { api, earlier, type Known } from '../sync/api';
import { device } from './device.svelte';
import { directory } from './directory.svelte';

/** Somebody who types a record changes it several times. */
const SETTLE_MS = 3_000;

class Figures {
  known = $state.raw<Known<AsOf<Portrait>> | null>(null);
  /** The last question had no answer, and nothing else is under way. */
  failed = $state(false);
  asking = $state(false);
  #of = '';
  /** The records that the figures were asked for with. */
  #asked: ReadonlyMap<string, Structure> | null = null;

  /** Takes what is kept at once, then what the server says; once a territory. */
  async open(id: string): Promise<void> {
    if (id === '' || id === this.#of) return;
    this.#of = id;
    this.known = null;
    this.failed = false;
    this.asking = true;
    const kept = await earlier<AsOf<Portrait>>('portrait', id);
    if (id !== this.#of) return;
    this.known = kept;
    await this.refresh();
  }

  /** Asks the server again; what is known stays where it does not answer. */
  async refresh(): Promise<void> {
    const id = this.#of;
    if (id === '') return;
    this.#asked = directory.records;
    this.asking = true;
    try {
      const found = await api.portrait(id);
      if (id !== this.#of) return;
      this.known = found;
      this.failed = found.stale;
    } catch {
      if (id !== this.#of) return;
      this.failed = true;
    }
    this.asking = false;
  }

  /** Asks again when everything is safe again, or the records changed and rest. To be called in an effect. */
  follow(): (() => void) | undefined {
    const records = directory.records;
    if (device.status.state !== 'safe') {
      this.#asked = null;
      return undefined;
    }
    if (!directory.ready || records === this.#asked) return undefined;
    const timer = setTimeout(() => void this.refresh(), SETTLE_MS);
    return () => clearTimeout(timer);
  }
}

export const portrait = new Figures();
