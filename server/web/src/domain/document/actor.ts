// The actor under which an engine begins to write. automerge keeps actors in order, and one that comes in between costs
// everybody who has the document a rewriting of it; so it begins with what hardly any drawn at random does, and goes on
// with the time. As `protocol/src/actor.rs` has it.
import { hexadecimal, moment } from '../id';

/** A new actor, in hexadecimal: `ffff`, milliseconds since 1970 in 48 bits, eight random bytes. */
export function freshActor(now: number, random: Uint8Array): string {
  return `ffff${moment(now)}${hexadecimal(random)}`;
}
