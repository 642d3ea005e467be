/** The territory around the directory: its name and communes, who its authors are, when places are open. */
import { api, earlier, type Authors, type Known, type OpeningHours, type Territory } from '../sync/api';

class Surroundings {
  known = $state.raw<Known<Territory> | null>(null);
  authors = $state.raw<Authors>({});
  hours = $state.raw<OpeningHours | null>(null);
  communes = $derived(this.known?.value.communes ?? []);
  #names = $derived(new Map(this.communes.map((commune) => [commune.code, commune.name])));
  #id = '';
  #asked = new Map<string, number>();
  #asking: ReturnType<typeof setTimeout> | null = null;

  communeName(code: string): string {
    return this.#names.get(code) ?? code;
  }
  /** The name behind an actor, as the server checked it; `null` while it is unknown, which is asked for meanwhile. */
  authorName(actor: string): string | null {
    const name = this.authors[actor]?.name ?? null;
    if (name === null) this.#wonder(actor);
    return name;
  }

  /** Asks who an unknown actor is: each at most once a minute, all of a page's together. */
  #wonder(actor: string): void {
    const now = Date.now();
    if (now - (this.#asked.get(actor) ?? -Infinity) < 60_000) return;
    this.#asked.set(actor, now);
    this.#asking ??= setTimeout(() => {
      this.#asking = null;
      const id = this.#id;
      if (id === '') return;
      api.authors(id).then(
        (found) => (this.authors = id === this.#id ? found.value : this.authors),
        () => this.#asked.clear(),
      );
    }, 500);
  }

  /** Takes what is kept at once, then what the server says. Called when a device opens, and when it is back. */
  async open(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id;
      this.known = await earlier<Territory>('territory', id);
      this.authors = (await earlier<{ authors: Authors }>('authors', id))?.value.authors ?? {};
      this.hours = (await earlier<OpeningHours>('hours', id))?.value ?? null;
    }
    await this.refresh();
  }

  /** Asks the server again; without network what is known stays. */
  async refresh(): Promise<void> {
    if (this.#id === '') return;
    const id = this.#id;
    const [known, authors, hours] = await Promise.allSettled([api.territory(id), api.authors(id), api.hours(id)]);
    if (known.status === 'fulfilled') this.known = known.value;
    if (authors.status === 'fulfilled') this.authors = authors.value.value;
    if (hours.status === 'fulfilled') this.hours = hours.value.value;
  }
}

export const territory = new Surroundings();
