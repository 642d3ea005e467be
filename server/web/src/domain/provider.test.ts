/** What is said of a way to the sign-in provider that did not lead in. */
import { expect, test } from 'vitest';
import { enterProblem, returnProblem } from './provider';

// Goal: every word and every problem has an explanation, and an unknown one a harmless one. Method: the server's, and others.
test('each outcome is explained', () => {
  expect(['in', 'refused', 'silent', 'over', 'wrong', '', 'x'].map(returnProblem)).toEqual([null, 'refused', 'silent', 'over', 'wrong', 'over', 'over']);
  const types = ['unknown-here', 'access-taken-back', 'sign-in-over', 'provider-silent', 'bad-name', 'invitation-expired'];
  expect(types.map((type) => enterProblem(`urn:portrea:problem:${type}`))).toEqual(['unknown', 'taken_back', 'over', 'silent', 'no_name', null]);
});
