/** Coming in with a sign-in provider, where the server names one: the way there, and in after the return. */
import { joinProblem, needsAnotherLink, tidyName, tokenOf } from '../domain/invitation';
import { enterProblem, returnProblem, type ProviderProblem } from '../domain/provider';
import { ask, Refused, signIn } from '../sync/api';
import { keep, recall } from '../sync/kept';
import { joining } from './joining.svelte';

/** What the provider is called, as the server said it last. */
const NAME = 'provider-name';

class Provider {
  /** What it is called; empty where there is none, or it is not known yet. */
  name = $state('');
  problem = $state<ProviderProblem | null>(null);
  /** On the way there, or in. */
  busy = $state<'going' | 'finishing' | null>(null);

  /** Asks whether there is one; without network what was known before stands. */
  async look(): Promise<void> {
    this.name = (await recall<string>(NAME)) ?? '';
    try {
      const { provider } = await ask<{ provider: { name: string } | null }>('GET', '/oidc');
      this.name = provider?.name ?? '';
      await keep(NAME, this.name);
    } catch {
      // The form for links stands anyway.
    }
  }

  /** Leaves for the provider, with a link or without. The link stays on this device until it was used. */
  async go(link: string, name: string): Promise<void> {
    if (this.busy !== null) return;
    this.busy = 'going';
    this.problem = joining.problem = null;
    const token = tokenOf(link);
    joining.remember(token);
    try {
      const { address } = await ask<{ address: string }>('POST', '/oidc/start', { token: token === '' ? null : token, displayName: tidyName(name) });
      location.assign(address);
    } catch (error) {
      this.busy = null;
      this.#explain(error);
    }
  }

  /** Comes in after the return; whether it succeeded. */
  async finish(back: string): Promise<boolean> {
    this.problem = returnProblem(back);
    if (this.problem !== null) return false;
    this.busy = 'finishing';
    try {
      await joining.enter(() => signIn('/oidc/finish'));
      return true;
    } catch (error) {
      this.#explain(error);
      return false;
    } finally {
      this.busy = null;
    }
  }

  #explain(error: unknown): void {
    if (error instanceof Refused) this.problem = enterProblem(error.type);
    if (this.problem !== null) return;
    joining.problem = error instanceof Refused ? joinProblem(error.type) : 'no_network';
    if (needsAnotherLink(joining.problem)) joining.remember('');
  }
}

export const provider = new Provider();
