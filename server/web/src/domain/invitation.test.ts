/** What people paste, and what they are told when it does not open the door. */
import { expect, test } from 'vitest';
import { joinProblem, needsAnotherLink, tidyName, tokenOf } from './invitation';

test.each([
  ['https://portrea.example.org/join#abc_DEF-1', 'abc_DEF-1'],
  ['  https://portrea.example.org/join/abc_DEF-1/ ', 'abc_DEF-1'],
  ['https://portrea.example.org/join?token=abc', 'abc'],
  ['abc_DEF-1', 'abc_DEF-1'],
  ['   ', ''],
])('the secret in %j is %j', (shown, token) => {
  expect(tokenOf(shown)).toBe(token);
});

test('a name is tidied like the server does', () => {
  expect(tidyName('  Amina   Le Goff ')).toBe('Amina Le Goff');
  expect(tidyName(' \t')).toBe('');
});

test('each refusal has its words, and an unknown one too', () => {
  expect(joinProblem('urn:portrea:problem:invitation-used-up')).toBe('used_up');
  expect(joinProblem('urn:portrea:problem:no-invitation')).toBe('revoked');
  expect(joinProblem('urn:portrea:problem:something-new')).toBe('other');
  expect(needsAnotherLink('expired')).toBe(true);
  expect(needsAnotherLink('no_network')).toBe(false);
});
