/**
 * Edits that an earlier document of the territory had and the new one lacks, made to fit the new one: docs/protocol.md,
 * "When the document moves". Every operation that stayed has its old number and actor in both. What an edit replaced and is
 * gone, is replaced no more; what it wrote into something that is gone is given back in words. What stood behind that takes
 * lower numbers, for the server takes no change that leaves numbers out.
 */
import * as A from '@automerge/automerge/slim';
import type { Doc } from '@automerge/automerge/slim';
import type { Backend } from './value';

/** Something written where nothing is any more. */
export interface Left {
  /** When, by its author's clock, in milliseconds. */
  at: number | null;
  /** The structure; empty for something outside of them. */
  structure: string;
  /** The path inside it. */
  path: string;
  said: string;
}

export interface CarriedOver {
  /** Changes for the new document, in order. */
  changes: Uint8Array[];
  left: Left[];
  /** How many edits came along whole. */
  carried: number;
}

type Decoded = ReturnType<typeof A.decodeChange>;
type Op = Decoded['ops'][number] & { elemId?: string; insert?: boolean; value?: unknown };
type Meta = ReturnType<typeof A.getChangesMetaSince>[number];

/** `unsent`: changes of the old document, each behind those that it builds on. */
export function carryOver(old: Doc<unknown>, now: Doc<unknown>, unsent: Uint8Array[]): CarriedOver {
  const carrying = new Carrying(old, now);
  const broken = new Set<string>();
  for (const bytes of unsent) {
    const change = A.decodeChange(bytes);
    const before = carrying.left.length;
    carrying.carry(change);
    if (carrying.left.length > before) broken.add(change.hash);
  }
  return { changes: carrying.changes, left: carrying.left, carried: unsent.length - broken.size };
}

class Carrying {
  readonly changes: Uint8Array[] = [];
  readonly left: Left[] = [];
  readonly #old: Backend;
  readonly #before: History;
  readonly #after: History;
  /** Up to which of its operations each actor's were on the server already. */
  readonly #taken: Map<string, number>;
  /** Each actor's last change in the new document: its number and hash. */
  readonly #last = new Map<string, { seq: number; hash: string }>();
  /** What the operations so far are called in the new document; `null` for those that are not carried. */
  readonly #names = new Map<string, string | null>();
  /** Where the objects of the changes so far stand, in keys from the root. */
  readonly #made = new Map<string, string[]>();
  readonly #moved = new Map<string, string[]>();
  readonly #decoded = new Map<string, Decoded>();
  readonly #now: Backend;
  /** The first and the last operation of changes of the new document. */
  readonly #spans = new Map<string, [number, number]>();
  #highest: number;

  constructor(old: Doc<unknown>, now: Doc<unknown>) {
    this.#old = A.getBackend(old);
    this.#now = A.getBackend(now);
    this.#before = new History(A.getChangesMetaSince(old, []));
    this.#after = new History(A.getChangesMetaSince(now, []));
    this.#highest = this.#after.highest;
    this.#taken = new Map(this.#after.ends);
    for (const [actor, end] of takenOf(now)) this.#taken.set(actor, Math.max(end, this.#taken.get(actor) ?? 0));
    for (const { actor, seq, hash } of this.#after.all) {
      if (seq > (this.#last.get(actor)?.seq ?? 0)) this.#last.set(actor, { seq, hash });
    }
  }

  carry(change: Decoded): void {
    const { actor, startOp, hash, time } = change;
    const deps = this.#depsOf(change);
    const taken = this.#taken.get(actor) ?? 0;
    const runs: { start: number; ops: Op[] }[] = [];
    let dropped = 0;
    for (const [i, op] of (change.ops as Op[]).entries()) {
      const id = `${startOp + i}@${actor}`;
      const place = this.#placeOf(op);
      if (op.action.startsWith('make')) this.#made.set(id, place);
      if (startOp + i <= taken) {
        dropped++;
        continue;
      }
      const fate = this.#fateOf(op);
      if (fate === 'gone' || fate === 'stranded') {
        this.#names.set(id, null);
        dropped++;
        if (fate === 'stranded') this.#strand(time, place, op, hash);
        continue;
      }
      const number = Math.min(startOp + i, this.#highest + 1);
      this.#highest = Math.max(this.#highest, number);
      this.#names.set(id, `${number}@${actor}`);
      const run = runs.at(-1);
      if (run !== undefined && run.start + run.ops.length === number) run.ops.push(fate);
      else runs.push({ start: number, ops: [fate] });
    }
    let standing = deps;
    for (const { start, ops } of runs) {
      const seq = (this.#last.get(actor)?.seq ?? 0) + 1;
      const message = dropped > 0 ? null : change.message;
      const bytes = A.encodeChange({ ...change, seq, startOp: start, message, deps: standing, ops } as Parameters<typeof A.encodeChange>[0]);
      const made = A.decodeChange(bytes).hash;
      this.#last.set(actor, { seq, hash: made });
      this.changes.push(bytes);
      standing = [made];
    }
    this.#moved.set(hash, standing);
  }

  #fateOf(op: Op): Op | 'gone' | 'stranded' {
    const pred = (op.pred ?? []).flatMap((id) => this.#standing(id) ?? []);
    if (pred.length === 0 && (op.action === 'del' || op.action === 'inc')) return 'gone';
    const obj = op.obj === '_root' ? op.obj : this.#standing(op.obj);
    if (obj === null) return 'stranded';
    if (op.elemId === undefined) return { ...op, obj, pred };
    const elemId = op.insert === true ? this.#anchorOf(op.elemId) : this.#standing(op.elemId);
    return elemId === null ? 'stranded' : { ...op, obj, pred, elemId };
  }

  /** What an operation is called in the new document; `null` when it is not there. */
  #standing(id: string): string | null {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    return this.#isThere(id) ? id : null;
  }

  /**
   * Whether the new document has an operation. Of a document that was loaded whole, automerge tells where a change begins by
   * what it builds on, also where the first of its numbers were left out: the change itself is looked into.
   */
  #isThere(id: string): boolean {
    const meta = this.#after.of(id);
    if (meta === undefined) return false;
    let span = this.#spans.get(meta.hash);
    if (span === undefined) {
      const change = this.#now.getDecodedChangeByHash(meta.hash) as Decoded | null;
      span = change === null ? [meta.startOp, meta.maxOp] : [change.startOp, change.startOp + change.ops.length - 1];
      this.#spans.set(meta.hash, span);
    }
    return span[0] <= counterOf(id) && counterOf(id) <= span[1];
  }

  /** The nearest letter or element before one, itself if it stands, that the new document has. */
  #anchorOf(element: string): string | null {
    for (let at = element; ; ) {
      if (at === '_head') return at;
      const standing = this.#standing(at);
      if (standing !== null) return standing;
      const change = this.#before.of(at);
      const decoded = change === undefined ? undefined : this.#decode(change.hash);
      const op = decoded?.ops[counterOf(at) - (decoded.startOp ?? 0)] as Op | undefined;
      if (op?.elemId === undefined) return null;
      at = op.elemId;
    }
  }

  #decode(hash: string): Decoded | undefined {
    const known = this.#decoded.get(hash);
    if (known !== undefined) return known;
    const decoded = (this.#old.getDecodedChangeByHash(hash) as Decoded | null) ?? undefined;
    if (decoded !== undefined) this.#decoded.set(hash, decoded);
    return decoded;
  }

  #placeOf(op: Op): string[] {
    const parent = op.obj === '_root' ? [] : (this.#made.get(op.obj) ?? placeIn(this.#old, op.obj));
    // A letter or an element stands where its text or list does.
    return op.elemId === undefined && 'key' in op ? [...parent, String(op.key)] : parent;
  }

  #strand(time: number, place: string[], op: Op, hash: string): void {
    const [root, structure = '', ...inside] = place;
    const found = root === 'structures' ? { structure, path: inside.join('/') } : { structure: '', path: place.join('/') };
    const said = op.value === true ? (place.at(-1) ?? '') : typeof op.value === 'object' || op.value === undefined ? '' : String(op.value);
    const last = this.left.at(-1);
    const same = last !== undefined && this.#strandedBy === hash && last.structure === found.structure && last.path === found.path;
    if (same) last.said += said;
    else if (said !== '') {
      this.left.push({ at: time > 0 ? time * 1000 : null, ...found, said });
      this.#strandedBy = hash;
    }
  }
  #strandedBy = '';

  /** What a change builds on in the new document. */
  #depsOf({ actor, deps }: Decoded): string[] {
    const own = deps.flatMap((dep) => this.#moved.get(dep) ?? []);
    const others = this.#after.upTo(this.#before.clock(deps.filter((dep) => !this.#moved.has(dep))));
    const last = this.#last.get(actor)?.hash;
    return [...new Set([...own, ...others, ...(last === undefined ? [] : [last])])].sort();
  }
}

/** Which changes a document has, which builds on which, and which operations are whose. */
class History {
  readonly all: Meta[];
  /** Each actor's last operation. */
  readonly ends = new Map<string, number>();
  highest = 0;
  readonly #byHash = new Map<string, Meta>();
  /** Each actor's changes, in the order of their operations. */
  readonly #lines = new Map<string, Meta[]>();

  constructor(all: Meta[]) {
    this.all = all;
    for (const meta of all) {
      this.#byHash.set(meta.hash, meta);
      this.highest = Math.max(this.highest, meta.maxOp);
      this.ends.set(meta.actor, Math.max(meta.maxOp, this.ends.get(meta.actor) ?? 0));
      const line = this.#lines.get(meta.actor) ?? [];
      line.push(meta);
      this.#lines.set(meta.actor, line);
    }
    for (const line of this.#lines.values()) line.sort((a, b) => a.maxOp - b.maxOp);
  }

  /** The change that an operation belongs to. */
  of(id: string): Meta | undefined {
    const counter = counterOf(id);
    const change = this.#reaching(id.slice(id.indexOf('@') + 1), counter);
    return change !== undefined && change.startOp <= counter ? change : undefined;
  }

  /** Up to which operation of each actor changes know. */
  clock(hashes: string[]): Map<string, number> {
    const clock = new Map<string, number>();
    for (const hash of this.#reach(hashes)) {
      const meta = this.#byHash.get(hash);
      if (meta !== undefined) clock.set(meta.actor, Math.max(meta.maxOp, clock.get(meta.actor) ?? 0));
    }
    return clock;
  }

  /** The last changes that know no more than that. */
  upTo(clock: Map<string, number>): string[] {
    const known: Meta[] = [];
    for (const [actor, end] of clock) {
      const line = this.#lines.get(actor) ?? [];
      const last = line.findLast((meta) => meta.maxOp <= end);
      if (last !== undefined) known.push(last);
    }
    const behind = this.#reach(known.flatMap(({ deps }) => deps));
    return known.map(({ hash }) => hash).filter((hash) => !behind.has(hash));
  }

  /** The first change of an actor that reaches as far. */
  #reaching(actor: string, counter: number): Meta | undefined {
    const line = this.#lines.get(actor) ?? [];
    let [low, high] = [0, line.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((line[middle]?.maxOp ?? 0) < counter) low = middle + 1;
      else high = middle;
    }
    return line[low];
  }

  #reach(hashes: string[]): Set<string> {
    const seen = new Set<string>();
    const left = [...hashes];
    for (let hash = left.pop(); hash !== undefined; hash = left.pop()) {
      const meta = this.#byHash.get(hash);
      if (meta === undefined || seen.has(hash)) continue;
      seen.add(hash);
      left.push(...meta.deps);
    }
    return seen;
  }
}

function counterOf(id: string): number {
  return Number(id.slice(0, id.indexOf('@')));
}

function placeIn(backend: Backend, object: string): string[] {
  try {
    return (backend.objInfo(object).path ?? []).filter((key) => typeof key === 'string');
  } catch {
    // It was in a map that another device's change replaced.
    return [];
  }
}

/** Which operations the server had and forgot: what the new document's seal tells. */
function takenOf(doc: Doc<unknown>): [string, number][] {
  const seal = (doc as { epoch?: { taken?: Record<string, unknown> } }).epoch;
  return Object.entries(seal?.taken ?? {}).map(([actor, end]) => [actor, Number(end) || 0]);
}
