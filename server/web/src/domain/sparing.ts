/**
 * Answers that may stay unsaid. The stock state machine answers each message of the server with its heads; where they are
 * the server's own, it learns nothing. With a server that can do without (docs/protocol.md), one in a while is enough.
 */

/** Answers left out in a row at most: so many, that they cost next to nothing, and so few, that the server knows enough. */
const UNSAID_MAX = 63;

export class Sparing {
  #told = '';
  #unsaid = 0;

  /** What the server sent. */
  heard(message: Uint8Array): void {
    this.#told = read(message)?.heads ?? '';
  }

  /** Whether this answer can stay unsaid; counts it, if so. */
  leavesOut(answer: Uint8Array): boolean {
    const said = read(answer);
    const idle = said !== null && said.onlyHeads && said.heads !== '' && said.heads === this.#told;
    const leaves = idle && this.#unsaid < UNSAID_MAX;
    this.#unsaid = leaves ? this.#unsaid + 1 : 0;
    return leaves;
  }
}

/** automerge's sync message: its kind, heads, hashes asked for, summaries, chunks of changes, flags. `null` if it is none. */
function read(message: Uint8Array): { heads: string; onlyHeads: boolean } | null {
  const kind = message[0];
  if (kind !== 0x42 && kind !== 0x43) return null;
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  const hashes = (): string => {
    const end = 32 * number() + at;
    const text = String.fromCharCode(...message.subarray(at, end));
    at = end;
    return text;
  };
  const heads = hashes();
  const asked = hashes();
  const summaries = number();
  let afresh = false;
  for (let summary = 0; summary < summaries && at < message.length; summary += 1) {
    const last = hashes();
    const filter = number();
    at += filter;
    // A summary of nothing says: start from nothing with me.
    afresh ||= last === '' && filter === 0;
  }
  const chunks = number();
  return { heads, onlyHeads: asked === '' && !afresh && chunks === 0 && at <= message.length };
}
