/** A new record's id, from this device's clock and its randomness: what `domain/id.ts` is not allowed to draw. */
import { newId } from '../domain/id';

export function freshId(): string {
  return newId(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}
