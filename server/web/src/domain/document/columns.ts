/**
 * What a whole document says at once, from its saved form: which keys hold several answers, which operation last touched
 * each object, and which changes there were. automerge's own questions are asked key by key, twenty microseconds each,
 * its `diff` builds a patch a value and its list of changes hashes in hexadecimal; the columns tell it all in one pass.
 *
 * The form is automerge's published binary format (document chunk, uncompressed). Anything unexpected gives `null`, and
 * who asked then takes the slow way: nothing here is needed for a right answer.
 */
import { hexadecimal } from '../id';

/** An operation: its counter, and the actor who made it. */
export interface OpId {
  counter: number;
  actor: string;
}

export interface Columns {
  /** By object, the keys that may hold several answers. `getAll` has the last word. */
  several: Map<string, Set<string>>;
  /** By object, the last operation on it or in it, removals too; by counter, then by actor. */
  lastTouch: Map<string, OpId>;
  /** Every change: by whom, its last operation, and its time in seconds; each actor's in the order they were made. */
  changes: { actor: string; last: number; time: number }[];
}

/** The numbers of the columns that are read here. */
const OBJ_ACTOR = 1;
const OBJ_COUNTER = 2;
const KEY_TEXT = 21;
const ID_ACTOR = 33;
const ID_COUNTER = 35;
const ACTION = 66;
const SUCC_COUNT = 128;
const SUCC_ACTOR = 129;
const SUCC_COUNTER = 131;
const DEFLATED = 8;
/** Those of the changes, which are numbered apart. */
const CHANGE_ACTOR = 1;
const CHANGE_LAST = 19;
const CHANGE_TIME = 35;

/** Reads a saved document (`saveNoCompress`); `null` when it is in no form known here. */
export function readColumns(saved: Uint8Array): Columns | null {
  try {
    const chunk = new Bytes(saved);
    if (saved.length < 10 || saved[0] !== 0x85 || saved[1] !== 0x6f || saved[2] !== 0x4a || saved[3] !== 0x83) return null;
    if (saved[8] !== 0) return null;
    chunk.at = 9;
    chunk.unsigned();
    const actors = Array.from({ length: chunk.unsigned() }, () => hexadecimal(chunk.take(chunk.unsigned())));
    const heads = chunk.unsigned();
    chunk.take(32 * heads);
    const ofChanges = chunk.table();
    const ofOperations = chunk.table();
    const changes = changesOf(columnsOf(chunk, ofChanges), actors);
    return { ...walk(columnsOf(chunk, ofOperations), actors), changes };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

type ByNumber = (number: number) => Uint8Array;

function columnsOf(chunk: Bytes, table: [number, number][]): ByNumber {
  const columns = new Map<number, Uint8Array>();
  for (const [number, length] of table) {
    if ((number & DEFLATED) !== 0) throw new RangeError('a column is deflated');
    columns.set(number, chunk.take(length));
  }
  return (number) => columns.get(number) ?? new Uint8Array();
}

function changesOf(column: ByNumber, actors: string[]): Columns['changes'] {
  const [last, time] = [new Runs(column(CHANGE_LAST), true), new Runs(column(CHANGE_TIME), true)];
  const writers = new Runs(column(CHANGE_ACTOR));
  const changes: Columns['changes'] = [];
  for (let actor = writers.next(); actor !== null; actor = writers.next()) {
    changes.push({ actor: nameOf(actors, actor), last: last.next() ?? 0, time: time.next() ?? 0 });
  }
  return changes;
}

function walk(column: ByNumber, actors: string[]): Omit<Columns, 'changes'> {
  const [objActor, objCounter] = [new Runs(column(OBJ_ACTOR)), new Runs(column(OBJ_COUNTER))];
  const [idActor, idCounter] = [new Runs(column(ID_ACTOR)), new Runs(column(ID_COUNTER), true)];
  const [succActor, succCounter] = [new Runs(column(SUCC_ACTOR)), new Runs(column(SUCC_COUNTER), true)];
  const [keys, actions, succCount] = [new Texts(column(KEY_TEXT)), new Runs(column(ACTION)), new Runs(column(SUCC_COUNT))];
  const found: Omit<Columns, 'changes'> = { several: new Map(), lastTouch: new Map() };

  // Operations stand by object, then by key, then by age: what is on one key stands together.
  let object = '_root';
  let [actorBefore, counterBefore] = [-1, -1];
  let shown: string | null = null;
  let last = { counter: 0, actor: -1 };
  const leave = (): void => {
    if (last.actor >= 0) found.lastTouch.set(object, { counter: last.counter, actor: nameOf(actors, last.actor) });
  };
  const touch = (counter: number, actor: number): void => {
    const later = counter > last.counter || (counter === last.counter && nameOf(actors, actor) > nameOf(actors, last.actor));
    if (later) last = { counter, actor };
  };
  while (actions.next() !== null) {
    const [actor, counter] = [objActor.next() ?? -1, objCounter.next() ?? -1];
    if (actor !== actorBefore || counter !== counterBefore) {
      leave();
      [actorBefore, counterBefore, shown, last] = [actor, counter, null, { counter: 0, actor: -1 }];
      object = actor < 0 ? '_root' : `${counter}@${nameOf(actors, actor)}`;
    }
    touch(idCounter.next() ?? 0, idActor.next() ?? -1);
    const key = keys.next();
    const successors = succCount.next() ?? 0;
    for (let i = 0; i < successors; i++) touch(succCounter.next() ?? 0, succActor.next() ?? -1);
    if (key === null || successors > 0) continue;
    if (key === shown) several(found, object).add(key);
    shown = key;
  }
  leave();
  return found;
}

function several(found: Pick<Columns, 'several'>, object: string): Set<string> {
  const known = found.several.get(object);
  if (known !== undefined) return known;
  const keys = new Set<string>();
  found.several.set(object, keys);
  return keys;
}

function nameOf(actors: string[], index: number): string {
  const name = index < 0 ? '' : actors[index];
  if (name === undefined) throw new RangeError('an actor that the document does not list');
  return name;
}

/** Bytes that are read from the front, with the format's numbers (LEB128). */
class Bytes {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError('the document ends early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  unsigned(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
  }
  signed(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale;
    }
  }
  /** What stands in each column, and how long it is. */
  table(): [number, number][] {
    return Array.from({ length: this.unsigned() }, () => [this.unsigned(), this.unsigned()]);
  }
  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('the document ends early');
    return byte;
  }
}

/** A column of numbers, run by run; `null` past its end too. `growing`: each number is told by how much it grew. */
class Runs {
  readonly #bytes: Bytes;
  #left = 0;
  #literal = false;
  #value: number | null = null;
  #sum = 0;
  constructor(
    column: Uint8Array,
    private readonly growing = false,
  ) {
    this.#bytes = new Bytes(column);
  }

  next(): number | null {
    if (this.#left === 0) {
      if (this.#bytes.done) return null;
      const count = this.#bytes.signed();
      this.#literal = count < 0;
      this.#left = count === 0 ? this.#bytes.unsigned() : Math.abs(count);
      this.#value = count > 0 ? this.#one() : null;
    }
    this.#left--;
    const value = this.#literal ? this.#one() : this.#value;
    if (!this.growing || value === null) return value;
    this.#sum += value;
    return this.#sum;
  }
  #one(): number {
    return this.growing ? this.#bytes.signed() : this.#bytes.unsigned();
  }
}

const utf8 = new TextDecoder();

/** A column of texts, run by run. */
class Texts {
  readonly #bytes: Bytes;
  #left = 0;
  #literal = false;
  #value: string | null = null;
  constructor(column: Uint8Array) {
    this.#bytes = new Bytes(column);
  }

  next(): string | null {
    if (this.#left === 0) {
      if (this.#bytes.done) return null;
      const count = this.#bytes.signed();
      this.#literal = count < 0;
      this.#left = count === 0 ? this.#bytes.unsigned() : Math.abs(count);
      this.#value = count > 0 ? this.#one() : null;
    }
    this.#left--;
    return this.#literal ? this.#one() : this.#value;
  }
  #one(): string {
    return utf8.decode(this.#bytes.take(this.#bytes.unsigned()));
  }
}
