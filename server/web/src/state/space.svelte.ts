/** The room that this browser gives the app, and whether it promised not to clear it by itself. */
import { askToPersist, space as measure } from '../sync/space';
import { device } from './device.svelte';

class Space {
  /** `null` while it was not measured, or where the browser does not say. */
  persisted = $state<boolean | null>(null);
  used = $state<number | null>(null);
  quota = $state<number | null>(null);
  tight = $state(false);

  /** Asks the browser to keep what is here, at the first touch of somebody who is signed in; once a page. */
  start(): void {
    const ask = (): void => {
      if (device.session === null) return;
      removeEventListener('pointerdown', ask);
      removeEventListener('keydown', ask);
      void askToPersist();
    };
    addEventListener('pointerdown', ask);
    addEventListener('keydown', ask);
  }

  async read(): Promise<void> {
    const found = await measure();
    this.persisted = found.persisted;
    this.used = found.used;
    this.quota = found.quota;
    this.tight = found.tight;
  }

  /** The person asks for it: some browsers say yes to those they know better. */
  async ask(): Promise<void> {
    await askToPersist();
    await this.read();
  }
}

export const space = new Space();
