/** The addresses of the app: path ↔ place. The only file that knows how they are written. */

/** The parts of the Bureau, by what stands in their addresses. */
const DESK = { feed: '', invitations: 'invitations', people: 'personnes', held: 'refusees', acts: 'actes' } as const;
export type DeskTab = keyof typeof DESK;
export const DESK_TABS = Object.keys(DESK) as DeskTab[];

export type Route =
  /**
   * An invitation's link; its secret stands behind the `#`, which no server sees. `back`: what came of a way to the
   * sign-in provider, as the server says (`/connexion#in`).
   */
  | { place: 'welcome'; token: string; back?: string }
  | { place: 'directory'; structure: string | null }
  /** `name`: what somebody looked for and did not find (`/ajouter?nom=…`). */
  | { place: 'add'; name?: string }
  | { place: 'portrait'; commune: string | null }
  /** Where permanences would help. */
  | { place: 'siting' }
  /** What the figures are counted with. */
  | { place: 'tuning' }
  /** Territories side by side. */
  | { place: 'compare' }
  | { place: 'desk'; tab: DeskTab }
  | { place: 'device' }
  | { place: 'nowhere' };

/** The place of an address. */
export function routeOf(path: string, hash = '', search = ''): Route {
  const [first = '', second = ''] = path.split('/').filter((part) => part !== '').map(decoded);
  switch (first) {
    case '':
    case 'annuaire':
      return { place: 'directory', structure: second === '' ? null : second };
    case 'join':
      return { place: 'welcome', token: second === '' ? decoded(hash.replace(/^#/, '')) : second };
    case 'connexion':
      return { place: 'welcome', token: '', back: decoded(hash.replace(/^#/, '')) };
    case 'ajouter': {
      const name = new URLSearchParams(search).get('nom')?.trim() ?? '';
      return name === '' ? { place: 'add' } : { place: 'add', name };
    }
    case 'portrait':
      return { place: 'portrait', commune: second === '' ? null : second };
    case 'permanences':
      return { place: 'siting' };
    case 'reglages':
      return { place: 'tuning' };
    case 'comparer':
      return { place: 'compare' };
    case 'bureau':
      return { place: 'desk', tab: DESK_TABS.find((tab) => DESK[tab] === second) ?? 'feed' };
    case 'appareil':
      return { place: 'device' };
    default:
      return { place: 'nowhere' };
  }
}

/** The address of a place. */
export function pathTo(route: Route): string {
  switch (route.place) {
    case 'welcome':
      return route.token === '' ? '/join' : `/join#${encodeURIComponent(route.token)}`;
    case 'directory':
      return route.structure === null ? '/annuaire' : `/annuaire/${encodeURIComponent(route.structure)}`;
    case 'add':
      return route.name === undefined ? '/ajouter' : `/ajouter?nom=${encodeURIComponent(route.name)}`;
    case 'portrait':
      return route.commune === null ? '/portrait' : `/portrait/${encodeURIComponent(route.commune)}`;
    case 'siting':
      return '/permanences';
    case 'tuning':
      return '/reglages';
    case 'compare':
      return '/comparer';
    case 'desk':
      return route.tab === 'feed' ? '/bureau' : `/bureau/${DESK[route.tab]}`;
    case 'device':
      return '/appareil';
    case 'nowhere':
      return '/';
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % in a hand-typed address.
    return text;
  }
}
