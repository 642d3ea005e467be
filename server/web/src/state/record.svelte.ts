/** One record as its page reads it: its values, who wrote them, and the writing of a field. */
import type { Edit } from '../domain/edit';
import type { Answer, Authorship, Conflict, Finding, Structure, Value, Written } from '../domain/record';
import { pathsOf, valueOf } from '../domain/sheet';
import { latest, latestUnder } from '../domain/written';
import { device } from './device.svelte';
import { directory } from './directory.svelte';

export class Sheet {
  readonly id: string;
  record: Structure | undefined = $derived.by(() => directory.records.get(this.id));
  authorship = $state.raw<Authorship>({});
  /** Whether this person may change it. An archived record is read; it is changed after it is taken up again. */
  editable = $derived.by(() => device.writes && this.record !== undefined && this.record.archived === null);
  #asking = false;
  #again = false;

  constructor(id: string) {
    this.id = id;
  }

  value(place: string, key: string): Value | undefined {
    return this.record === undefined ? undefined : valueOf(this.record, place, key);
  }
  conflicts(place: string, key: string): Conflict[] {
    const paths = pathsOf(place, key);
    return this.record?.conflicts.filter(({ path }) => paths.includes(path)) ?? [];
  }
  findings(place: string, key: string): Finding[] {
    const paths = pathsOf(place, key);
    return this.record?.findings.filter(({ path }) => paths.includes(path)) ?? [];
  }
  answers(path: string): Answer[] {
    return this.authorship[path] ?? [];
  }
  written(place: string, key: string): Written | null {
    return latest(this.authorship, pathsOf(place, key));
  }
  writtenUnder(place: string): Written | null {
    return latestUnder(this.authorship, `${place}/`);
  }

  set(place: string, key: string, value: Value | null): Promise<boolean> {
    return device.edit({ kind: 'set', address: { structure: this.id, place, key }, value });
  }
  /** Some fields of one place, as one change. */
  setAll(place: string, values: Record<string, Value | null>): Promise<boolean> {
    return device.edit(
      ...Object.entries(values).map(
        ([key, value]): Edit => ({ kind: 'set', address: { structure: this.id, place, key }, value }),
      ),
    );
  }
  member(place: string, key: string, member: string, within: boolean): Promise<boolean> {
    return device.edit({ kind: within ? 'include' : 'exclude', address: { structure: this.id, place, key }, member });
  }

  /** Asks who wrote what. While one question is under way, one more is kept. */
  async ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      this.authorship = await device.authorship(this.id);
    } catch {
      // Without the document there is nobody to name; values are shown all the same.
    } finally {
      this.#asking = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.ask();
    }
  }
}
