/** The contours of the communes, for maps: kept on the device, asked for when a map is first shown. */
import { api, earlier, type CommuneShapes } from '../sync/api';
import { device } from './device.svelte';

class Shapes {
  known = $state.raw<CommuneShapes | null>(null);
  #of = '';

  /** Takes what is kept, then what the server says; once a territory and page. */
  async open(): Promise<void> {
    const id = device.session?.territory ?? '';
    if (id === '' || id === this.#of) return;
    this.#of = id;
    this.known = (await earlier<CommuneShapes>('shapes', id))?.value ?? null;
    try {
      this.known = (await api.shapes(id)).value;
    } catch {
      // The points alone are shown; the next map asks again.
      if (this.known === null) this.#of = '';
    }
  }
}

export const shapes = new Shapes();
