/** The app itself: a new version that waits, and whether the browser offers to install it. */
import { keep, recall } from '../sync/kept';
import { onUpdate } from '../sync/shell';

/** Chromium's event; it is in no standard yet. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

class Shell {
  /** Takes the new version; `null` while none waits. */
  update = $state.raw<(() => void) | null>(null);
  #prompt = $state.raw<InstallPrompt | null>(null);
  /** Whether installing was offered before; it is offered once, then it stays on the device page. */
  #offered = $state(true);
  installable = $derived(this.#prompt !== null);
  offersInstall = $derived(this.#prompt !== null && !this.#offered);

  /** Listens; once a page, early, for the browser says it once. */
  start(): void {
    void onUpdate((apply) => {
      this.update = apply;
    });
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#prompt = event as InstallPrompt;
    });
    addEventListener('appinstalled', () => {
      this.#prompt = null;
    });
    void recall<boolean>('install-offered').then((offered) => {
      this.#offered = offered === true;
    });
  }

  async install(): Promise<void> {
    const prompt = this.#prompt;
    this.#prompt = null;
    this.passInstall();
    await prompt?.prompt();
  }

  /** Not now: the offer does not come back by itself. */
  passInstall(): void {
    this.#offered = true;
    void keep('install-offered', true);
  }
}

export const shell = new Shell();
