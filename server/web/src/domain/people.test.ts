/** The people behind the sign-ins: who is one person, who is found, who is the last that may not go. */
import { expect, test } from 'vitest';
import type { Role } from './generated/schema';
import { isLastReferent, named, people } from './people';

const signIn = (contributor: string, displayName: string, signedInAt: string, role: Role = 'contributor') => ({
  contributor, displayName, role, signedInAt, device: `${contributor}-${signedInAt}`, expiresAt: '2027',
});

// Goal: somebody on two devices is one person, since the first. Method: three sign-ins of two people.
test('people', () => {
  const on = (id: string, since: string) => ({ id, since, until: '2027' });
  expect(people([signIn('b', 'Éric', '2026-02'), signIn('a', 'Amina', '2026-03'), signIn('b', 'Éric', '2026-01')])).toEqual([
    { id: 'a', name: 'Amina', role: 'contributor', since: '2026-03', devices: [on('a-2026-03', '2026-03')], provider: null },
    { id: 'b', name: 'Éric', role: 'contributor', since: '2026-01', devices: [on('b-2026-01', '2026-01'), on('b-2026-02', '2026-02')], provider: null },
  ]);
});

// Goal: whom a provider lets in stands in the list without a device, and is no référent·e who is there. Method: one of each.
test('people whom a provider lets in', () => {
  const absent = { contributor: 's', displayName: 'Sam', role: 'referent' as const, device: null, signedInAt: '2026-02', expiresAt: null, provider: 'ProConnect' };
  const all = people([signIn('r', 'Rose', '2026-01', 'referent'), absent]);
  expect(all[1]).toEqual({ id: 's', name: 'Sam', role: 'referent', since: '2026-02', devices: [], provider: 'ProConnect' });
  expect(all.map((person) => isLastReferent(all, person))).toEqual([true, false]);
});

// Goal: people are found as they are spoken of. Method: a name without its accent, a role, a name that nobody has.
test('people by name and role', () => {
  const all = people([signIn('a', 'Éric, mairie', '2026-01'), signIn('b', 'Rose', '2026-02', 'referent')]);
  const found = (words: string) => named(all, words, (role) => (role === 'referent' ? 'Référent·e' : 'Acteur')).map(({ name }) => name);
  expect([found('eric'), found('MAIRIE éric'), found('referent'), found('zoé'), found(' ')]).toEqual([
    ['Éric, mairie'], ['Éric, mairie'], ['Rose'], [], ['Éric, mairie', 'Rose'],
  ]);
});

// Goal: who cannot go is known before it is asked. Method: one référente, then two; one on two devices is still one.
test('the last référent·e', () => {
  const last = (...signIns: ReturnType<typeof signIn>[]) => {
    const all = people(signIns);
    return all.filter((person) => isLastReferent(all, person)).map(({ id }) => id);
  };
  const [rose, again] = [signIn('r', 'Rose', '2026-01', 'referent'), signIn('r', 'Rose', '2026-02', 'referent')];
  expect(last(rose, again, signIn('a', 'Amina', '2026-01'))).toEqual(['r']);
  expect(last(rose, signIn('s', 'Sam', '2026-01', 'referent'))).toEqual([]);
});
