/**
 * Where the worker begins: shared by every tab where the browser can share one, else a tab's own. It holds nothing but
 * the switchboard; the engine and automerge come after the first answer.
 */
import wasmUrl from '@automerge/automerge/automerge.wasm?url';
import type { Engine } from './engine';
import type { Told } from './messages';
import { Ports, type Port } from './ports';

declare const __APP_VERSION__: string;

const AGAIN_MS = 5_000;

/** Fetches automerge and the engine together; on a first visit with a bad network, again and again. */
async function start(tell: (told: Told) => void): Promise<Engine> {
  for (;;) {
    try {
      // Compiled while it comes, beside the program that needs it.
      const wasm = fetch(wasmUrl);
      const [{ Engine, initializeWasm }, answer] = await Promise.all([import('./engine'), wasm]);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      // It takes an answer as well as bytes; its types do not say so.
      await initializeWasm(wasm as unknown as Promise<Uint8Array>);
      return new Engine(tell);
    } catch {
      await new Promise((again) => setTimeout(again, AGAIN_MS));
    }
  }
}

const ports = new Ports(__APP_VERSION__, start);
const scope = self as unknown as { onconnect?: ((event: MessageEvent) => void) | null } & Port;

// The repo saves beside what it is asked to save, and does not look whether it could: the status tells that already.
self.addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof DOMException || (event.reason as Error | null)?.name === 'NotKept') event.preventDefault();
});

if ('onconnect' in scope) {
  scope.onconnect = ({ ports: [port] }) => {
    if (port === undefined) return;
    ports.connect(port);
    // Newer browsers tell when a tab is gone; in others it says so itself.
    port.addEventListener('close', () => port.onmessage?.({ data: { bye: true } } as MessageEvent));
  };
} else {
  ports.connect(scope);
}
