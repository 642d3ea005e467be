/** Inviting: what is proposed, which links are open, who is there. */
import { expect, test } from 'vitest';
import { DAYS, openLinks, proposed, USES } from './inviting';

// Goal: a link that gives every right is for one person, and what is proposed can be chosen. Method: each role.
test('what is proposed', () => {
  for (const role of ['reader', 'contributor', 'referent'] as const) {
    const { uses, days } = proposed(role);
    expect([USES.includes(uses), DAYS.includes(days)]).toEqual([true, true]);
  }
  expect(proposed('referent').uses).toBe(1);
});

// Goal: links that let nobody in any more are not shown as open. Method: used up, out of date, unreadable, open.
test('open links, the latest first', () => {
  const now = Date.UTC(2026, 8, 15);
  const link = (id: number, usesLeft: number | null, expiresAt: string) => ({ id: String(id), usesLeft, expiresAt, createdAt: `2026-09-0${id}T00:00:00Z` });
  const links = [link(1, null, '2026-10-01T00:00:00Z'), link(2, 0, '2026-10-01T00:00:00Z'), link(3, 4, '2026-09-15T00:00:00Z'), link(4, 4, '?')];
  expect(openLinks(links, now).map(({ id }) => id)).toEqual(['4', '1']);
});
