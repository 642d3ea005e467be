/** Signing in with a provider. */
export const provider = {
  'provider.continue': 'Continue with {provider}',
  'provider.with_link':
    'Or come in with your {provider} account: it will know you on all your devices afterwards, without a new link. If you write no name above, the others will see the one of this account.',
  'provider.without_link': 'Have you been here with your {provider} account? You find your territory again, without a link.',
  'provider.without_link_title': 'Come in with your account',
  'provider.going': 'You are going to {provider}…',
  'provider.finishing': 'You are coming back from {provider}. One moment…',
  'provider.problem.refused':
    '{provider} did not let you in, or you gave up. Nothing changed on this device. Try again, or come in with your invitation link.',
  'provider.problem.silent':
    '{provider} does not answer. Nothing changed on this device. Try again in a few minutes, or come in with your invitation link.',
  'provider.problem.over': 'This sign-in waited too long, or was used already. Nothing changed on this device. Try again.',
  'provider.problem.wrong':
    'The answer of {provider} could not be checked. Nothing changed on this device. Try again; if it goes on, tell the référent·e.',
  'provider.problem.unknown':
    'Nobody has come in here with this account yet. Ask the référent·e of your territory for an invitation link, open it, then choose {provider} again.',
  'provider.problem.taken_back': 'Your access was taken back. What you wrote is kept. Ask the référent·e of your territory.',
  'provider.problem.no_name':
    'Your {provider} account gives no name. Nothing changed on this device. Write your name above, then try again.',
} as const;
