/** Erasing for good: asked of the server, which alone can. */
import { api, Refused, Unreachable, type Erased, type Erasure } from '../sync/api';

/** Why something was not erased; `unknown` where the server's answer did not come. */
export type Unerased = 'unknown' | 'failed' | 'not_allowed' | 'last_referent';

/**
 * Erases each of these, or says only how much there is of them. A field that people see as one may be several.
 */
export async function erase(territory: string, wishes: readonly Erasure[], dryRun: boolean): Promise<Erased | Unerased> {
  const sum: Erased = {
    found: { operations: 0, replaced: 0, events: 0, waiting: 0, emptied: 0, names: 0 }, signedOut: 0, filesRebuilt: true,
  };
  try {
    for (const wish of wishes) {
      const { found, signedOut, filesRebuilt } = await api.erase(territory, wish, dryRun);
      for (const key of Object.keys(sum.found) as (keyof Erased['found'])[]) sum.found[key] += found[key];
      sum.signedOut += signedOut;
      sum.filesRebuilt &&= filesRebuilt;
    }
  } catch (error) {
    if (error instanceof Unreachable) return 'unknown';
    if (!(error instanceof Refused)) return 'failed';
    if (error.type.endsWith(':last-referent')) return 'last_referent';
    return error.status === 401 || error.status === 403 ? 'not_allowed' : 'failed';
  }
  return sum;
}
