/**
 * Which changes of this device the server is not known to have on its disk. Worked out from the heads that the server
 * names (they are durable, docs/protocol.md) and from the document, never from what went through a socket. Knows
 * nothing of the network or the storage.
 */
import * as A from '@automerge/automerge/slim';
import type { Doc, Heads } from '@automerge/automerge/slim';

/** A change as the document describes it. */
export type Meta = ReturnType<typeof A.getChangesMetaSince>[number];

/** What is kept between two visits. */
export interface Kept {
  /** Heads of the server that this device's document has. */
  heads: Heads;
  /** When the server was last known to have everything. */
  safeAt: number | null;
}

export class Pending {
  /** Durable at the server, and in our document. */
  durable: Heads;
  /** The last that the server named, while our document lacks some of it. */
  #named: Heads | null = null;
  readonly #own: Set<string>;
  readonly #others = new Set<string>();

  constructor(durable: Heads, actors: Iterable<string>) {
    this.durable = durable;
    this.#own = new Set(actors);
  }

  /** The server named its heads. */
  named(heads: Heads): void {
    this.#named = heads;
  }

  /** An actor writes in this browser. */
  owns(actor: string): boolean {
    return this.#own.has(actor);
  }

  /** These actors write in this browser; whoever else is `asked` about does not. */
  learn(own: Iterable<string>, asked: Iterable<string> = []): void {
    for (const actor of own) this.#own.add(actor);
    for (const actor of asked) if (!this.#own.has(actor)) this.#others.add(actor);
  }

  /** Takes in what the server named, as far as the document has it. Whether `durable` is another now. */
  settle(doc: Doc<unknown>): boolean {
    if (this.#named === null) return false;
    const had = this.#named.filter((head) => A.hasHeads(doc, [head]));
    const complete = had.length === this.#named.length;
    // Ahead of us: what we have of it is durable, and so is what was before.
    const now = complete ? had : [...new Set([...this.durable, ...had])];
    if (complete) this.#named = null;
    const same = now.length === this.durable.length && now.every((head) => this.durable.includes(head));
    if (!same) this.durable = now;
    return !same;
  }

  /** This browser's changes that wait, in the order of the document, and actors of whom it is not known whose they are. */
  waiting(doc: Doc<unknown>): { changes: Meta[]; unknown: string[] } {
    const ahead = this.#since(doc);
    const unknown = new Set<string>();
    for (const { actor } of ahead) if (!this.#own.has(actor) && !this.#others.has(actor)) unknown.add(actor);
    return { changes: ahead.filter(({ actor }) => this.#own.has(actor)), unknown: [...unknown] };
  }

  /** The changes that wait, each behind those that it builds on. */
  unsent(doc: Doc<unknown>): Uint8Array[] {
    return A.getChangesSince(doc, this.#had(doc)).filter((change) => this.#own.has(A.decodeChange(change).actor));
  }

  /** The changes that wait, one after the other, as automerge's `loadIncremental` reads them. */
  file(doc: Doc<unknown>): Uint8Array {
    const own = this.unsent(doc);
    const file = new Uint8Array(own.reduce((bytes, change) => bytes + change.length, 0));
    let at = 0;
    for (const change of own) {
      file.set(change, at);
      at += change.length;
    }
    return file;
  }

  #since(doc: Doc<unknown>): Meta[] {
    const heads = A.getHeads(doc);
    const settled = heads.length === this.durable.length && heads.every((head) => this.durable.includes(head));
    return settled ? [] : A.getChangesMetaSince(doc, this.#had(doc));
  }

  /** A storage that lost its last writes may lack what it had when its heads were kept. */
  #had(doc: Doc<unknown>): Heads {
    return this.durable.filter((head) => A.hasHeads(doc, [head]));
  }
}

/** What a change touches: ids of structures, and the paths inside them. */
export function touchedBy(doc: Doc<unknown>, hash: string): Map<string, Set<string>> {
  const touched = new Map<string, Set<string>>();
  const change = A.inspectChange(doc, hash);
  const backend = A.getBackend(doc);
  const places = new Map<string, (string | number)[] | null>();
  for (const { obj, key } of change?.ops ?? []) {
    if (!places.has(obj)) places.set(obj, placeOf(backend, obj));
    const place = places.get(obj);
    if (place === null || place === undefined) continue;
    const [root, structure, ...inside] = [...place, key].map(String);
    if (root !== 'structures' || structure === undefined) continue;
    const paths = touched.get(structure) ?? new Set();
    touched.set(structure, paths);
    const path = fieldOf(inside);
    if (path !== '') paths.add(path);
  }
  return touched;
}

function placeOf(backend: ReturnType<typeof A.getBackend>, object: string): (string | number)[] | null {
  if (object === '_root') return [];
  try {
    return backend.objInfo(object).path ?? null;
  } catch {
    // It was in a map that another device's change replaced.
    return null;
  }
}

/** A field's path; a member of a set and a letter of a text belong to their field. */
function fieldOf(inside: string[]): string {
  const [first = ''] = inside;
  if (first === 'services' || first === 'helpers') return inside.length < 2 ? '' : inside.slice(0, 3).join('/');
  if (first === 'confirmed' || first === 'archived' || first === 'validation') return inside.slice(0, 2).join('/');
  return first;
}
