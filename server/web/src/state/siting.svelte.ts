/** Where permanences would help: the last answer of the server, and the choices that are kept to be compared. */
import type { AsOf, Permanence, Proposal } from '../domain/generated/study';
import { queryOf, type Asked } from '../domain/siting';
import { api, type KeptScenario, type Known } from '../sync/api';
import { device } from './device.svelte';
import { problemOf, type Problem } from './problem';

class Siting {
  /** The answer to the last question, in memory alone: it is as old as the directory it was drawn from. */
  answer = $state.raw<AsOf<Proposal> | null>(null);
  searching = $state(false);
  problem = $state<Problem | null>(null);
  #scenarios = $state.raw<Known<AsOf<{ scenarios: KeptScenario[] }>> | null>(null);
  scenarios = $derived(this.#scenarios?.value.scenarios ?? null);
  /** As of when the choices were tried. */
  scenariosAsOf = $derived(this.#scenarios?.value ?? null);
  scenariosProblem = $state<Problem | null>(null);
  /** When the choices were told, while the server does not answer. */
  staleAt = $derived(this.#scenarios?.stale === true ? this.#scenarios.at : null);
  #of = '';

  /** Asks the server. Whether it answered. */
  async search(asked: Asked): Promise<boolean> {
    if (this.searching) return false;
    const id = this.#territory;
    this.searching = true;
    try {
      const answer = await api.siting(id, queryOf(asked));
      if (id !== this.#territory) return false;
      this.answer = answer;
      this.problem = null;
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    } finally {
      this.searching = false;
    }
  }

  /** Asks the question of the last answer anew, and reads the choices again: the figures moved. */
  async again(): Promise<void> {
    if (this.answer !== null) await this.search(this.answer.question);
    await this.read();
  }

  /** Reads the choices that are kept; another territory's are forgotten. */
  async read(): Promise<void> {
    const id = this.#territory;
    if (id === '') return;
    if (id !== this.#of) {
      this.#of = id;
      this.#scenarios = this.answer = null;
    }
    try {
      const found = await api.scenarios(id);
      if (id !== this.#territory) return;
      this.#scenarios = found;
      this.scenariosProblem = null;
    } catch (error) {
      this.scenariosProblem = problemOf(error);
    }
  }

  /** Keeps a choice. Answers why it was not kept. */
  keep(name: string, permanences: Permanence[]): Promise<Problem | null> {
    return this.#order(() => api.keepScenario(this.#territory, { name, permanences }));
  }

  /** Removes a choice. Answers why it was not removed. */
  async forget(scenario: string): Promise<Problem | null> {
    const problem = await this.#order(() => api.forgetScenario(this.#territory, scenario));
    // Somebody else removed it meanwhile, which was the wish.
    return problem === 'gone' ? null : problem;
  }

  get #territory(): string {
    return device.session?.territory ?? '';
  }

  async #order(ask: () => Promise<unknown>): Promise<Problem | null> {
    let problem: Problem | null = null;
    try {
      await ask();
    } catch (error) {
      problem = problemOf(error);
    }
    await this.read();
    return problem;
  }
}

export const siting = new Siting();
