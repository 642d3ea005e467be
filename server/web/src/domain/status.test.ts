/** The chip's words by state: what is promised is what is true. */
import { describe, expect, test } from 'vitest';
import { chipOf, isClockWrong, spokenOf, type Safety } from './status';

const safety = (state: Safety['state'], waiting = 0, storage: Safety['storage'] = 'kept', refused: string | null = null, held = 0): Safety => ({
  state, waiting, held, storage, refused,
});

describe('the chip', () => {
  test.each([
    [safety('opening'), 'opening', 0],
    [safety('safe'), 'safe', 0],
    [safety('sending', 3), 'sending', 3],
    [safety('sending', 0), 'reaching', 0],
    [safety('offline', 0), 'offline_safe', 0],
    [safety('offline', 3), 'offline_kept', 3],
    [safety('offline', 3, 'refused'), 'offline_tab', 3],
    [safety('refused', 2, 'kept', 'not-allowed'), 'refused', 2],
    [safety('refused', 0, 'kept', 'held', 3), 'refused', 3],
    [safety('refused', 2, 'kept', 'change-too-large'), 'not_taken', 2],
    [safety('refused', 0, 'kept', 'malformed'), 'not_taken', 1],
    [safety('refused', 2, 'kept', 'store-failed'), 'full', 2],
    [safety('signed_out', 4), 'signed_out', 4],
  ] as const)('%o → %s', (given, word, n) => {
    expect(chipOf(given)).toEqual({ word, n });
  });

  test('tells aloud a change of state, not each edit that is sent', () => {
    expect(spokenOf('sending')).toBe(spokenOf('safe'));
    expect(spokenOf('offline')).toBe('offline');
    expect(spokenOf('opening')).toBeNull();
  });
});

test('a clock is wrong when it is more than a day off, either way', () => {
  expect(isClockWrong(86_400_000)).toBe(false);
  expect(isClockWrong(86_400_001)).toBe(true);
  expect(isClockWrong(-200_000_000)).toBe(true);
});
