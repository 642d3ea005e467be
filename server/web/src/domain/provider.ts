/** Why somebody did not come in with the sign-in provider: keys under `provider.problem.` in the catalogues. */

const PROBLEMS = ['refused', 'silent', 'over', 'wrong', 'unknown', 'taken_back', 'no_name'] as const;
export type ProviderProblem = (typeof PROBLEMS)[number];

/** What came of a way to the provider, by the word that the server sends a browser back with; `null` when all is well. */
export function returnProblem(back: string): ProviderProblem | null {
  if (back === 'in') return null;
  // An address that somebody typed, or opened again, is a way that is over.
  return PROBLEMS.find((problem) => problem === back) ?? 'over';
}

/** Why the server does not let in whom the provider knows, by its problem's type; `null` for what links have words for. */
export function enterProblem(type: string): ProviderProblem | null {
  switch (type.replace('urn:portrea:problem:', '')) {
    case 'unknown-here':
      return 'unknown';
    case 'access-taken-back':
      return 'taken_back';
    case 'sign-in-over':
      return 'over';
    case 'provider-silent':
      return 'silent';
    case 'bad-name':
      return 'no_name';
    default:
      return null;
  }
}
