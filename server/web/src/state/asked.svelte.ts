/** The server's last answer to one question about a territory: what was kept of it at once, then what the server says. */
import { earlier, type Known } from '../sync/api';
import { problemOf, type Problem } from './problem';

export class Asked<T> {
  protected known = $state.raw<Known<T> | null>(null);
  problem = $state<Problem | null>(null);
  asking = $state(false);
  /** What is shown is an earlier answer: the server did not give a new one. */
  stale = $derived(this.known?.stale === true);
  /** When what is shown was told by the server; `null` while nothing is known. */
  knownAt = $derived(this.known?.at ?? null);
  /** The territory; empty before the first question. */
  protected id = '';

  constructor(
    /** What it is kept under. */
    private readonly kind: Parameters<typeof earlier>[0],
    private readonly ask: (id: string) => Promise<Known<T>>,
  ) {}

  /** Takes what is kept at once, then what the server says. */
  async load(id: string): Promise<void> {
    if (this.id !== id) {
      this.id = id;
      this.known = null;
      const kept = await earlier<T>(this.kind, id);
      if (id !== this.id) return;
      this.known ??= kept;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const { id } = this;
    if (id === '') return;
    this.asking = true;
    try {
      const known = await this.ask(id);
      if (id !== this.id) return;
      this.known = known;
      this.problem = null;
    } catch (error) {
      if (id !== this.id) return;
      this.problem = problemOf(error);
    }
    this.asking = false;
  }

  /** Has something done, and asks again. Answers why it was not done. */
  protected async order(act: () => Promise<unknown>): Promise<Problem | null> {
    let problem: Problem | null = null;
    try {
      await act();
    } catch (error) {
      problem = problemOf(error);
    }
    // Also after a refusal: what was shown may be out of date.
    if (problem !== 'no_network') await this.refresh();
    return problem;
  }
}
