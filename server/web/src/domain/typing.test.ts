/** A field while it is typed: when it is saved, what is written, and what others write meanwhile. */
import { describe, expect, test } from 'vitest';
import { begin, carry, dueAt, elsewhere, LONGEST_MS, PAUSE_MS, restored, take, typed, untake } from './typing';

describe('saving', () => {
  test('is due a pause after the last keystroke, and never later than the longest wait', () => {
    let typing = begin('02 61');
    expect(dueAt(typing)).toBeNull();
    typing = typed(typing, '02 61 9', 1_000);
    expect(dueAt(typing)).toBe(1_000 + PAUSE_MS);
    for (let now = 1_500; now < 9_000; now += 500) typing = typed(typing, `02 61 9${now}`, now);
    expect(dueAt(typing)).toBe(1_000 + LONGEST_MS);
  });

  test('is not due when what is typed is what stands', () => {
    expect(dueAt(typed(typed(begin('a'), 'ab', 1), 'a', 2))).toBeNull();
  });

  test('takes what is typed once, and again when the writing failed', () => {
    const before = typed(begin('a'), 'ab', 1);
    const { write, next } = take(before, false, 'a');
    expect(write).toBe('ab');
    expect(dueAt(next)).toBeNull();
    expect(untake(next, before).saved).toBe('a');
    expect(take(untake(next, before), false, 'a').write).toBe('ab');
  });

  test('gives back what stood before, after some of it was saved', () => {
    const { next } = take(typed(begin('a'), 'ab', 1), false, 'a');
    const back = restored(next, 5);
    expect(dueAt(back)).not.toBeNull();
    expect(take(back, false, 'ab').write).toBe('a');
  });
});

describe('somebody else', () => {
  test('is noticed when the record holds what was not written here', () => {
    const typing = typed(begin('a'), 'ab', 1);
    expect(elsewhere(typing, 'a')).toBe(false);
    expect(elsewhere(typing, 'z')).toBe(true);
    // The same answer twice is no difference.
    expect(elsewhere(typing, 'ab')).toBe(false);
  });

  test('is not seen in our own writing on its way back', () => {
    const first = take(typed(begin('a'), 'ab', 1), false, 'a').next;
    const second = take(typed(first, 'abc', 2), false, 'ab').next;
    for (const current of ['a', 'ab', 'abc']) expect(elsewhere(second, current)).toBe(false);
  });
});

describe('prose', () => {
  test.each([
    ['ours at the end, theirs at the start', 'Un lieu.', 'Un lieu. Ouvert.', 'Voici. Un lieu.', 'Voici. Un lieu. Ouvert.'],
    ['ours at the start, theirs at the end', 'Un lieu.', 'Voici. Un lieu.', 'Un lieu. Ouvert.', 'Voici. Un lieu. Ouvert.'],
    ['both at the end', 'a', 'ab', 'ac', 'acb'],
    ['ours removes before theirs', 'un deux trois', 'deux trois', 'un deux trois quatre', 'deux trois quatre'],
    ['only ours', 'a', 'b', 'a', 'b'],
    ['the same', 'a', 'b', 'b', 'b'],
    ['the same words changed by both: the last one stands', 'le mardi', 'le lundi', 'le jeudi', 'le lundi'],
  ])('%s', (_, from, to, onto, expected) => {
    expect(carry(from, to, onto)).toBe(expected);
  });

  test('keeps both hands through several saves', () => {
    let typing = typed(begin('Un lieu.'), 'Un lieu. A', 1);
    const first = take(typing, true, 'Ici. Un lieu.');
    expect(first.write).toBe('Ici. Un lieu. A');
    typing = typed(first.next, 'Un lieu. Accueil', 2);
    expect(take(typing, true, first.write).write).toBe('Ici. Un lieu. Accueil');
  });
});
