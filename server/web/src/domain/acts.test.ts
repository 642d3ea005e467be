/** What was done about people, in the order in which it is read. */
import { expect, test } from 'vitest';
import { isTold, newestFirst, type Act } from './acts';

const act = (at: string, invitation: string): Act => ({ at, by: null, whom: null, did: 'revoked-invitation', invitation });

// Goal: the newest stands first, and acts of one instant keep their order. Method: three acts, two at once, one unreadable.
test('the newest act is first', () => {
  const acts = [act('?', 'd'), act('2026-05-12T08:00:00Z', 'a'), act('2026-05-12T09:00:00Z', 'b'), act('2026-05-12T09:00:00Z', 'c')];
  expect(newestFirst(acts).map((one) => ('invitation' in one ? one.invitation : ''))).toEqual(['b', 'c', 'a', 'd']);
  expect(newestFirst([])).toEqual([]);
});

test('an act of a newer server has no words', () => {
  expect(isTold(act('2026-05-12T08:00:00Z', 'a'))).toBe(true);
  expect(isTold({ did: 'from-the-future' } as unknown as Act)).toBe(false);
});
