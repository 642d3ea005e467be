/**
 * Figures that move while somebody looks at them: follows the feed's word on indicators while a page of figures is open
 * and seen, and has the portrait asked for again once they rest. A page that nobody sees holds no line.
 */
import { follow } from '../sync/api';
import { portrait } from './portrait.svelte';

/** A room that writes moves figures many times a minute. */
const SETTLE_MS = 2_000;

class Live {
  /** Figures moved, and what is shown is from before. */
  moved = $state(false);
  /** How often what is shown was asked for again; what hangs on the figures asks again with it. */
  turn = $state(0);
  /** When that was last, by this device's clock. */
  at = $state<number | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A page of figures opened. What it answers closes it. */
  open(id: string): () => void {
    let close: (() => void) | null = null;
    let cut = false;
    const hold = (): void => {
      const seen = document.visibilityState === 'visible';
      if (!seen) {
        close?.();
        close = null;
        cut = true;
      } else if (close === null && id !== '') {
        close = follow(id, 'now', ({ kind }) => kind === 'indicators' && this.#hear(), (stands) => {
          // What was said meanwhile was not heard.
          if (stands && cut) this.#hear();
          cut = !stands;
        });
      }
    };
    hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      document.removeEventListener('visibilitychange', hold);
      close?.();
      clearTimeout(this.#timer);
      this.moved = false;
      this.at = null;
    };
  }

  #hear(): void {
    this.moved = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(), SETTLE_MS);
  }

  async #again(): Promise<void> {
    await portrait.refresh();
    this.moved = false;
    this.turn += 1;
    this.at = Date.now();
  }
}

export const live = new Live();
