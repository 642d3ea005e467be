/** A field that is being typed: the timer around `domain/typing.ts`, and the writing. Saved as you type. */
import { asTyped, fieldOf, readTyped } from '../domain/check';
import { EditError, type EditErrorCode } from '../domain/edit';
import type { Value } from '../domain/record';
import { begin, dueAt, elsewhere, restored, take, typed, untake } from '../domain/typing';
import { saveBeforeLeaving } from './leaving';

/** What a field is typed into. */
export interface Target {
  place: string;
  key: string;
  language: string;
  /** What the record holds now. */
  current(): Value | undefined;
  write(value: Value | null): Promise<unknown>;
}

export class TypedField {
  #state = $state.raw(begin(''));
  /** Why what is typed is not saved. */
  problem = $state<EditErrorCode | 'failed' | null>(null);
  /** Whether something typed here was saved since the field was opened. */
  saved = $state(false);
  readonly #target: Target;
  readonly #forget: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<boolean> = Promise.resolve(true);

  constructor(target: Target) {
    this.#target = target;
    this.#state = begin(this.#current());
    this.#forget = saveBeforeLeaving(this);
  }

  get text(): string {
    return this.#state.text;
  }
  /** Whether the record holds what was not written here: somebody else wrote meanwhile. */
  get elsewhere(): boolean {
    return elsewhere(this.#state, this.#current());
  }

  type(text: string): void {
    this.#state = typed(this.#state, text, Date.now());
    // What was wrong may be right now; what is half typed is not called wrong.
    if (this.problem !== null && !('problem' in this.#read(text))) this.problem = null;
    this.#wait();
  }

  /** Takes what somebody else wrote in place of what is typed. */
  adopt(): void {
    this.#state = begin(this.#current());
    this.problem = null;
  }

  /** Saves now. Answers whether what is typed is written. */
  flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    const before = this.#state;
    if (before.text === before.saved) return this.#writing;
    const { write, next } = take(before, fieldOf(this.#target).kind === 'prose', this.#current());
    const read = this.#read(write);
    if ('problem' in read) {
      this.problem = read.problem;
      return Promise.resolve(false);
    }
    this.#state = next;
    this.#writing = this.#target.write(read.value).then(
      () => {
        this.problem = null;
        this.saved = true;
        return true;
      },
      (error: unknown) => {
        this.#state = untake(this.#state, before);
        this.problem = error instanceof EditError ? error.code : 'failed';
        return false;
      },
    );
    return this.#writing;
  }

  /** Goes back to what stood when the field was opened. */
  async restore(): Promise<void> {
    this.#state = restored(this.#state, Date.now());
    this.problem = null;
    await this.flush();
  }

  /** The field closes: what is typed is saved, and no longer watched. */
  close(): void {
    this.#forget();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const due = dueAt(this.#state);
    if (due !== null) this.#timer = setTimeout(() => void this.flush(), Math.max(0, due - Date.now()));
  }
  #read(text: string): ReturnType<typeof readTyped> {
    return readTyped(this.#target, text);
  }
  #current(): string {
    return asTyped(this.#target.current(), this.#target.language);
  }
}
