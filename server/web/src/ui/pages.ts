/**
 * The pages that come when they are opened, so that the first one is there soon. They are fetched when the first one
 * stands, and the service worker keeps them: without network they are there all the same.
 */
export const pages = {
  add: () => import('./add/AddPage.svelte'),
  desk: () => import('./desk/DeskPage.svelte'),
  device: () => import('./device/DevicePage.svelte'),
  portrait: () => import('./portrait/PortraitPage.svelte'),
  siting: () => import('./siting/SitingPage.svelte'),
  record: () => import('./record/RecordPage.svelte'),
};

/** Fetches them all, once there is nothing better to do; one that fails is asked for again when it is opened. */
export function fetchAhead(): void {
  const fetchAll = (): void => void Promise.allSettled(Object.values(pages).map((load) => load()));
  if ('requestIdleCallback' in window) requestIdleCallback(fetchAll, { timeout: 5_000 });
  else setTimeout(fetchAll, 1_000);
}
