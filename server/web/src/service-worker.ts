/**
 * The service worker, built to /sw.js: keeps the program, so that the app opens at once and without network. It never
 * keeps data, and never touches what is the server's to answer. The list of files and their version are written into it
 * by build/shell.ts.
 */
declare const __SHELL_FILES__: string[];
declare const __SHELL_VERSION__: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const NAME = `portrea-shell-${__SHELL_VERSION__}`;
const PAGE = '/';
const FILES = new Set(__SHELL_FILES__);
const SERVERS = /^\/(api|sync|healthz|readyz|metrics)(\/|$)/;

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(sweep(0)));
worker.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(worker.skipWaiting());
  // The page that asks is the one that may still be there.
  if (event.data === 'sweep') event.waitUntil(sweep(1));
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || SERVERS.test(pathname)) return;
  if (request.mode === 'navigate') event.respondWith(answer(PAGE, request));
  else if (FILES.has(pathname) || pathname.startsWith('/assets/')) event.respondWith(answer(pathname, request));
});

/** All or nothing: a version that is not whole does not replace one that is. */
async function install(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all(
    [...FILES].map(async (file) => {
      // A name in /assets/ holds the file's hash: what an earlier version kept under it is the same file.
      const named = file.startsWith('/assets/');
      const kept = named ? await caches.match(file) : undefined;
      const found = kept ?? (await fetch(file, { cache: named ? 'default' : 'reload' }));
      if (!found.ok) throw new Error(`${file}: ${found.status}`);
      await cache.put(file, found);
    }),
  );
}

/** This version's file; a page of an earlier version may still ask for one of its own. */
async function answer(file: string, request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(file)) ?? (await caches.match(file)) ?? fetch(request);
}

/** Deletes earlier versions, unless more pages are open than `pages`: they may need them. */
async function sweep(pages: number): Promise<void> {
  const clients = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (clients.length > pages) return;
  const older = (await caches.keys()).filter((name) => name.startsWith('portrea-shell-') && name !== NAME);
  await Promise.all(older.map((name) => caches.delete(name)));
}
