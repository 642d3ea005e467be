/** Why something that was asked of the server did not happen. */
import { Refused, Unreachable } from '../sync/api';

/** Words under `desk.problem.` in the catalogues. */
export type Problem = 'no_network' | 'not_allowed' | 'last_referent' | 'gone' | 'other';

export function problemOf(error: unknown): Problem {
  if (error instanceof Unreachable) return 'no_network';
  if (!(error instanceof Refused)) return 'other';
  if (error.type.endsWith(':last-referent')) return 'last_referent';
  if (error.status === 401 || error.status === 403) return 'not_allowed';
  return error.status === 404 || error.status === 410 ? 'gone' : 'other';
}
