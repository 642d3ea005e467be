/**
 * The page's side of the service worker: registers it, learns that a new version waits, lets it take over. The service
 * worker keeps the program; what people write is the engine's, and is on the device before it is acknowledged, so that
 * a reload loses nothing.
 */
const EVERY_MS = 60 * 60 * 1000;
/** A page that is looked at every minute does not ask every minute. */
const AGAIN_MS = 5 * 60 * 1000;

/** Puts the waiting version in place and reloads the page. */
export type Apply = () => void;

/** Fired on `window` before a reload: fields write what is being typed. */
export const FLUSH = 'portrea:flush';

/** Registers the service worker, in the built app alone. `waits` is called when a new version waits. */
export async function onUpdate(waits: (apply: Apply) => void): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register('/sw.js');
    watch(registration, waits);
    // Older versions are cleared away once no page needs them.
    registration.active?.postMessage('sweep');
  } catch {
    // Private mode, or a browser without room: the app works as long as there is network.
  }
}

/** Tells of each version that waits, and looks for new ones. */
export function watch(registration: ServiceWorkerRegistration, waits: (apply: Apply) => void): void {
  const tell = (): void => {
    const { waiting } = registration;
    // Without a controller it is the first version: nothing to replace.
    if (waiting !== null && navigator.serviceWorker.controller !== null) waits(() => apply(waiting));
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', tell);
  });
  tell();

  let asked = Date.now();
  const ask = (): void => {
    if (document.visibilityState !== 'visible' || Date.now() - asked < AGAIN_MS) return;
    asked = Date.now();
    registration.update().catch(() => undefined);
  };
  setInterval(ask, EVERY_MS);
  document.addEventListener('visibilitychange', ask);
}

function apply(waiting: ServiceWorker): void {
  let reloading = false;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (reloading) return;
    reloading = true;
    window.dispatchEvent(new CustomEvent(FLUSH));
    // What the fields wrote is posted by the end of this task; the engine is another process and goes on.
    setTimeout(() => location.reload(), 0);
  });
  waiting.postMessage('take over');
}
