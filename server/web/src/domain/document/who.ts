/**
 * Who wrote what stands in a structure, and when by their own clock. automerge names the operation behind every value;
 * an operation belongs to the first change of its actor that reaches as far. Which changes there are is learnt once a
 * document and then as they come. Not here: whose an actor is, which the server alone knows.
 */
import { getBackend, type Doc } from '@automerge/automerge/slim';
import { tableOf } from '../check';
import { type Field } from '../generated/schema';
import type { Answer, Authorship, Written } from '../record';
import { readColumns, type OpId } from './columns';
import { Leaf } from './leaf';
import { entryOf, storedAt, type Backend } from './value';

/** By path inside the structure, the answers that stand there, the one shown first. `waiting`: hashes of changes. */
export function authorship(doc: Doc<unknown>, structure: string, waiting: ReadonlySet<string>): Authorship {
  const backend = getBackend(doc);
  const history = histories.get(backend) ?? new History();
  histories.set(backend, history);
  history.learn(backend);
  const sent = history.sentBy(backend, waiting);
  const leaf = new Leaf(backend);
  const root = leaf.maps('_root', 'structures')[0];
  const object = root === undefined ? undefined : leaf.maps(root, structure)[0];
  const found: Authorship = {};
  if (object === undefined) return found;
  for (const [place, record] of recordsOf(leaf, object)) {
    const table = tableOf(place) ?? {};
    for (const key of backend.keys(record)) {
      const field = Object.hasOwn(table, key) ? table[key] : undefined;
      const answers = field === undefined ? [] : answersOf(backend, record, key, field, history, sent);
      if (answers.length > 0) found[place === '' ? key : `${place}/${key}`] = answers;
    }
  }
  return found;
}

/** Learns the changes of a document, so that the first question about it is answered as quickly as the others. */
export function learn(doc: Doc<unknown>): void {
  const backend = getBackend(doc);
  const history = histories.get(backend) ?? new History();
  histories.set(backend, history);
  history.learn(backend);
}

/** A document keeps its backend from change to change. */
const histories = new WeakMap<Backend, History>();

/** The maps of a structure that hold fields, by place. */
function recordsOf(leaf: Leaf, structure: string): Map<string, string> {
  const records = new Map([['', structure]]);
  for (const kind of ['services', 'helpers']) {
    for (const parts of leaf.maps(structure, kind)) {
      for (const id of leaf.backend.keys(parts)) {
        const part = leaf.maps(parts, id)[0];
        if (part !== undefined && !records.has(`${kind}/${id}`)) records.set(`${kind}/${id}`, part);
      }
    }
  }
  for (const kind of ['confirmed', 'archived', 'validation']) {
    const mark = leaf.maps(structure, kind)[0];
    if (mark !== undefined) records.set(kind, mark);
  }
  return records;
}

function answersOf(
  backend: Backend,
  record: string,
  key: string,
  field: Field,
  history: History,
  sent: (op: OpId) => boolean,
): Answer[] {
  const stored = storedAt(backend, record, key);
  const ops = backend.getAll(record, key).reverse().map(([, value, id]) => String(id ?? value));
  const writtenBy = (id: string): Written => {
    const op = history.lastOf(id);
    return { actor: op.actor, at: history.timeOf(op), waiting: sent(op) };
  };
  const quiet = (): void => undefined;
  if (field.kind === 'set') {
    // Whoever last added a member or took one out, of whichever map.
    const entry = entryOf(stored, field, quiet);
    const latest = ops.reduce<string | null>((a, b) => (a === null || history.isLater(b, a) ? b : a), null);
    return entry === null || latest === null ? [] : [{ value: entry.value, ...writtenBy(latest) }];
  }
  const answers: Answer[] = [];
  for (const [i, one] of stored.entries()) {
    const value = entryOf([one], field, quiet)?.value;
    if (value === undefined || answers.some((answer) => answer.value === value)) continue;
    answers.push({ value, ...writtenBy(ops[i] ?? '') });
  }
  return answers;
}

/** The changes of one actor, in the order they were made: how far each reaches, and when it was made. */
interface Line {
  last: number[];
  at: (number | null)[];
}

/** More changes than this at once are read from the columns, all of them, which is then quicker. */
const FEW = 300;

/** What is known of a document's changes. */
class History {
  #heads: string[] = [];
  #lines = new Map<string, Line>();
  #lastTouch = new Map<string, OpId>();
  /** Of the changes that waited once: hashes are asked for one by one. */
  readonly #ranges = new Map<string, { actor: string; from: number; to: number }>();

  learn(backend: Backend): void {
    const heads = backend.getHeads();
    if (heads.length === this.#heads.length && heads.every((head, i) => head === this.#heads[i])) return;
    // A head that the document does not have would be taken for "everything": it is another document then.
    const begun = this.#heads.length > 0 && this.#heads.every((head) => backend.getChangeMetaByHash(head) !== null);
    if (!begun || !this.#follow(backend)) this.#begin(backend);
    this.#heads = heads;
  }

  #follow(backend: Backend): boolean {
    const changes = backend.getChangesMeta(this.#heads);
    if (changes.length > FEW) return false;
    for (const { actor, maxOp, time, hash } of changes) {
      this.#add(actor, maxOp, time);
      const op = { counter: maxOp, actor };
      for (const { obj } of backend.getDecodedChangeByHash(hash)?.ops ?? []) {
        if (isAfter(op, this.#lastTouch.get(obj))) this.#lastTouch.set(obj, op);
      }
    }
    return true;
  }

  #begin(backend: Backend): void {
    this.#lines.clear();
    const columns = readColumns(backend.saveNoCompress());
    this.#lastTouch = columns?.lastTouch ?? new Map<string, OpId>();
    const changes = columns?.changes ?? backend.getChangesMeta([]).map(({ actor, maxOp, time }) => ({ actor, last: maxOp, time }));
    for (const { actor, last, time } of changes) this.#add(actor, last, time);
  }

  #add(actor: string, last: number, time: number): void {
    const line = this.#lines.get(actor) ?? { last: [], at: [] };
    this.#lines.set(actor, line);
    // Changes that came together are told in any order.
    let place = line.last.length;
    while (place > 0 && (line.last[place - 1] ?? 0) > last) place--;
    line.last.splice(place, 0, last);
    line.at.splice(place, 0, time === 0 ? null : time * 1000);
  }

  /** The operation that last touched what an operation made: itself, or for a text or a set what was done in it. */
  lastOf(id: string): OpId {
    const cut = id.indexOf('@');
    const made = { counter: Number(id.slice(0, cut)), actor: id.slice(cut + 1) };
    const touch = this.#lastTouch.get(id);
    return touch !== undefined && isAfter(touch, made) ? touch : made;
  }

  isLater(a: string, b: string): boolean {
    return isAfter(this.lastOf(a), this.lastOf(b));
  }

  /** When the change was made that an operation belongs to: the first of its actor that reaches so far. */
  timeOf({ counter, actor }: OpId): number | null {
    const line = this.#lines.get(actor);
    if (line === undefined) return null;
    let [low, high] = [0, line.last.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((line.last[middle] ?? 0) < counter) low = middle + 1;
      else high = middle;
    }
    return line.at[low] ?? null;
  }

  /** Whether an operation belongs to one of the changes that wait. */
  sentBy(backend: Backend, waiting: ReadonlySet<string>): (op: OpId) => boolean {
    const ranges = [...waiting].flatMap((hash) => this.#rangeOf(backend, hash) ?? []);
    return ({ counter, actor }) => ranges.some((range) => range.actor === actor && range.from <= counter && counter <= range.to);
  }

  #rangeOf(backend: Backend, hash: string): { actor: string; from: number; to: number } | null {
    const known = this.#ranges.get(hash);
    if (known !== undefined) return known;
    const meta = backend.getChangeMetaByHash(hash);
    if (meta === null) return null;
    const range = { actor: meta.actor, from: meta.startOp, to: meta.maxOp };
    this.#ranges.set(hash, range);
    return range;
  }
}

function isAfter(a: OpId, b: OpId | undefined): boolean {
  return b === undefined || a.counter > b.counter || (a.counter === b.counter && a.actor > b.actor);
}
