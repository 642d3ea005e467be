/** Inviting: what is proposed, which links are open, who is there. */
import { expect, test } from 'vitest';
import { DAYS, openLinks, people, proposed, USES } from './inviting';

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

// Goal: somebody on two devices is one person, since the first. Method: three sign-ins of two people.
test('people', () => {
  const signIn = (contributor: string, displayName: string, signedInAt: string) => ({ contributor, displayName, role: 'contributor' as const, signedInAt });
  expect(people([signIn('b', 'Éric', '2026-02'), signIn('a', 'Amina', '2026-03'), signIn('b', 'Éric', '2026-01')])).toEqual([
    { id: 'a', name: 'Amina', role: 'contributor', since: '2026-03', devices: 1 },
    { id: 'b', name: 'Éric', role: 'contributor', since: '2026-01', devices: 2 },
  ]);
});
