/** Which words the state of what was written takes. Pure: the chip, the device page and the notices agree by it. */

/** What the choice depends on; the worker's `Status` is one. */
export interface Safety {
  state: 'opening' | 'safe' | 'sending' | 'offline' | 'refused' | 'signed_out';
  waiting: number;
  /** Changes that the server set aside until a référent·e decides. */
  held: number;
  storage: 'kept' | 'refused';
  /** The code of the server's refusal, while `refused`. */
  refused: string | null;
}

/** The keys under `chip.` in the catalogues. */
export type ChipWord =
  | 'opening' | 'safe' | 'reaching' | 'sending'
  | 'offline_safe' | 'offline_kept' | 'offline_tab'
  | 'refused' | 'not_taken' | 'full' | 'signed_out';

export interface Chip {
  word: ChipWord;
  /** How many changes the words count. */
  n: number;
}

export function chipOf({ state, waiting, held, storage, refused }: Safety): Chip {
  switch (state) {
    case 'sending':
      // Greeting the server with nothing to send is not sending.
      return { word: waiting === 0 ? 'reaching' : 'sending', n: waiting };
    case 'offline':
      if (waiting === 0) return { word: 'offline_safe', n: 0 };
      // Where the browser keeps nothing, "kept on this device" would promise too much.
      return { word: storage === 'kept' ? 'offline_kept' : 'offline_tab', n: waiting };
    case 'refused':
      if (refused === 'held') return { word: 'refused', n: held };
      if (refused === 'not-allowed') return { word: 'refused', n: Math.max(1, waiting) };
      // Nobody's consent is awaited: the disk is full, or what was sent cannot be taken.
      return { word: refused === 'store-failed' ? 'full' : 'not_taken', n: Math.max(1, waiting) };
    case 'opening':
    case 'safe':
    case 'signed_out':
      return { word: state, n: waiting };
  }
}

/** What is told aloud when it changes: without counts, so that an edit sent at once says nothing. */
export function spokenOf(state: Safety['state']): 'online' | 'offline' | 'refused' | 'signed_out' | null {
  switch (state) {
    case 'opening':
      return null;
    case 'safe':
    case 'sending':
      return 'online';
    case 'offline':
    case 'refused':
    case 'signed_out':
      return state;
  }
}

/** A device's clock is wrong when it differs from the server's by more than a day: dates of edits would mislead. */
export function isClockWrong(driftMs: number): boolean {
  return Math.abs(driftMs) > 86_400_000;
}
