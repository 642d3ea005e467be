// Which answers may stay unsaid: messages written byte by byte, as automerge writes them.
import { expect, test } from 'vitest';
import { Sparing } from './sparing';

const A = 7;
const B = 9;

/** A message of one head; `asks` for a hash, `brings` a chunk, or starts `afresh`. */
function message(head: number, { asks = false, brings = false, afresh = false } = {}): Uint8Array {
  const hash = (byte: number) => Array<number>(32).fill(byte);
  const summary = afresh ? [0, 0] : [1, ...hash(head), 0];
  return Uint8Array.from([
    0x42, 1, ...hash(head), ...(asks ? [1, ...hash(1)] : [0]), 1, ...summary, ...(brings ? [1, 2, 0, 0] : [0]),
  ]);
}

test('the server is not told its own heads', () => {
  const sparing = new Sparing();
  expect(sparing.leavesOut(message(A))).toBe(false);
  sparing.heard(message(A, { brings: true }));
  expect(sparing.leavesOut(message(A))).toBe(true);
  expect(sparing.leavesOut(message(B))).toBe(false);
});

test('what brings, asks or starts something is said', () => {
  const sparing = new Sparing();
  sparing.heard(message(A));
  for (const said of [{ brings: true }, { asks: true }, { afresh: true }])
    expect(sparing.leavesOut(message(A, said))).toBe(false);
  for (const odd of [[], [0x42], [0x42, 0], [0x50, 1]]) expect(sparing.leavesOut(Uint8Array.from(odd))).toBe(false);
});

test('one in a while is said all the same', () => {
  const sparing = new Sparing();
  sparing.heard(message(A));
  const left = Array.from({ length: 130 }, () => sparing.leavesOut(message(A)));
  expect(left.map((out, at) => (out ? -1 : at)).filter((at) => at >= 0)).toEqual([63, 127]);
});
