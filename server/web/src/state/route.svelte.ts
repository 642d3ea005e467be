/** Where the page is. Links are ordinary links; a click on one of ours changes the place without loading. */
import { pathTo, routeOf, type Route } from '../domain/route';

class Location {
  route = $state.raw<Route>({ place: 'nowhere' });

  /** Follows the address bar and clicks on links; once a page. */
  start(): void {
    const read = (): void => {
      this.route = routeOf(location.pathname, location.hash, location.search);
    };
    addEventListener('popstate', read);
    addEventListener('hashchange', read);
    document.addEventListener('click', (event) => this.#follow(event));
    read();
  }

  /** Goes to a place; `replace` leaves no step to go back to. */
  go(route: Route, replace = false): void {
    const path = pathTo(route);
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.route = routeOf(location.pathname, location.hash, location.search);
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin) return;
    if (url.pathname === location.pathname && url.hash !== '') return;
    event.preventDefault();
    this.go(routeOf(url.pathname, url.hash, url.search));
  }
}

export const place = new Location();
