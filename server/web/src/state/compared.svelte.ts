/** Territories side by side: the server's last answer, kept on the device. */
import type { Compared } from '../domain/generated/study';
import { api } from '../sync/api';
import { Asked } from './asked.svelte';

class Territories extends Asked<{ territories: Compared[] }> {
  all = $derived(this.known?.value.territories ?? null);
}

export const compared = new Territories('compared', api.compared);
