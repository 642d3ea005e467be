import { speech } from './words.svelte';

/** A page of figures comes with its words. */
async function withFigures<T>(page: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([page, speech.learnFigures()]);
  return loaded;
}

/** So does one that offers what is rarely done. */
async function withOffice<T>(page: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([page, speech.learnOffice()]);
  return loaded;
}

/**
 * The pages that come when they are opened, so that the first one is there soon. They are fetched when the first one
 * stands, and the service worker keeps them: without network they are there all the same.
 */
export const pages = {
  provider: async () => (await Promise.all([import('./welcome/ProviderDoor.svelte'), speech.learnProvider()]))[0],
  add: () => import('./add/AddPage.svelte'),
  desk: () => withOffice(import('./desk/DeskPage.svelte')),
  device: () => withOffice(import('./device/DevicePage.svelte')),
  portrait: () => withFigures(import('./portrait/PortraitPage.svelte')),
  siting: () => withFigures(import('./siting/SitingPage.svelte')),
  compare: () => withFigures(import('./compare/ComparePage.svelte')),
  tuning: () => withFigures(import('./tuning/TuningPage.svelte')),
  record: () => withOffice(import('./record/RecordPage.svelte')),
};

/** Fetches them all, once there is nothing better to do; one that fails is asked for again when it is opened. */
export function fetchAhead(): void {
  const fetchAll = (): void => void Promise.allSettled(Object.values(pages).map((load) => load()));
  if ('requestIdleCallback' in window) requestIdleCallback(fetchAll, { timeout: 5_000 });
  else setTimeout(fetchAll, 1_000);
}
