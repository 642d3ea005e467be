/** Invitations as people hand them over: a whole link, or the code in it; and why one does not let somebody in. */

/** The secret in what was pasted: the same rule as the server's (`access.rs`), which takes a whole link too. */
export function tokenOf(shown: string): string {
  const text = shown.trim().replace(/\/+$/, '');
  return text.split(/[#/=?]/).at(-1)?.trim() ?? '';
}

/** The longest name that the server takes, in characters. */
export const NAME_CHARS_MAX = 80;

/** A name as the server writes it; empty when nothing is left of it. */
export function tidyName(name: string): string {
  return name.split(/\s+/).filter((word) => word !== '').join(' ');
}

/** The keys under `welcome.problem.` in the catalogues. */
export type JoinProblem = 'no_name' | 'long_name' | 'no_link' | 'used_up' | 'expired' | 'revoked' | 'no_network' | 'busy' | 'other';

/** Why the server did not let somebody in, by its problem's type. */
export function joinProblem(type: string): JoinProblem {
  switch (type.replace('urn:portrea:problem:', '')) {
    case 'invitation-used-up':
      return 'used_up';
    case 'invitation-expired':
      return 'expired';
    case 'no-invitation':
      return 'revoked';
    case 'bad-name':
      return 'long_name';
    case 'try-again':
    case 'too-many-connections':
      return 'busy';
    default:
      return 'other';
  }
}

/** Whether the link itself is of no use any more, so that another one is needed. */
export function needsAnotherLink(problem: JoinProblem): boolean {
  return problem === 'used_up' || problem === 'expired' || problem === 'revoked';
}
