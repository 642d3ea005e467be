/** Welcome: coming in by an invitation. */
export const welcome = {
  'welcome.title': 'Welcome',
  'welcome.opening': 'Opening…',
  'welcome.what':
    'PORTREA is the shared directory of those who help with online procedures in your territory. It works without network too.',
  'welcome.name': 'What is your name?',
  'welcome.name_shown':
    'The others will see this name beside each thing you write. A first name and where you work are enough, for instance “Amina, library”.',
  'welcome.enter': 'Come in',
  'welcome.entering': 'One moment…',
  'welcome.other_link': 'Use another link',
  'welcome.problem.no_name': 'Your name is missing. Nothing was sent. Write the name that the others will see.',
  'welcome.problem.long_name': 'This name is too long. Nothing was sent. Shorten it to 80 characters at most.',
  'welcome.problem.no_link': 'The link is missing. Nothing was sent. Paste here the link, or the code, that you were given.',
  'welcome.problem.used_up':
    'This link has been used as often as it may be. Nothing changed on this device. Ask the référent·e of your territory for a new link.',
  'welcome.problem.expired':
    'This link is no longer good: its date has passed. Nothing changed on this device. Ask the référent·e of your territory for a new link.',
  'welcome.problem.revoked':
    'This link does not exist, or it was withdrawn. Nothing changed on this device. Check that it is complete, or ask the référent·e for a new one.',
  'welcome.problem.no_network':
    'The server does not answer: there may be no network here. Your link is still good and is kept on this device. Try again when the network is back.',
  'welcome.problem.busy': 'Many people are coming in at once. Your link is still good. Try again in a moment.',
  'welcome.problem.other':
    'The server could not let you in. Your link is still good and is kept on this device. Try again in a few minutes; if it goes on, tell the référent·e.',
  'welcome.no_link': 'Come in with an invitation link',
  'welcome.how_link':
    'The référent·e of your territory sends it to you, or shows you a QR code to scan. Open the link on this device, or paste it here.',
  'welcome.link': 'Your link or your code',
  'welcome.continue': 'Continue',
  'welcome.already': 'You are already in: {name}, {where}',
  'welcome.already_link':
    'The link that you opened has not been used yet.',
  'welcome.already_other': 'Several people can share this device: each comes in with a link and a name, and has a directory of their own on it. Nothing that you wrote leaves under another name.',
  'welcome.already_waiting': {
    one: '{n} edit has not been sent yet. Wait for the network if you can, or export it: otherwise it stays here, and goes only when you come in again under the same name.',
    other: '{n} edits have not been sent yet. Wait for the network if you can, or export them: otherwise they stay here, and go only when you come in again under the same name.',
  },
  'welcome.go_on': 'Go on as {name}',
  'welcome.anew': 'Come in with a link',
  'welcome.territory_unknown': 'your territory',
  'welcome.held': 'What was written on this device is kept on it',
  'welcome.held_safe': '{name}: everything is saved on the server.',
  'welcome.held_waiting': { one: '{name}: {n} edit waits.', other: '{name}: {n} edits wait.' },
  'welcome.held_do': 'To go on where you were, come in with a link of the same territory, under the same name. Under another name, you have a directory of your own.',
  'welcome.takes_up': 'You take up the directory of {name} here.',
  'welcome.takes_up_waiting': {
    one: 'You take up the directory of {name} here: {n} edit that waits will go under this name.',
    other: 'You take up the directory of {name} here: {n} edits that wait will go under this name.',
  },
  'welcome.apart': 'What {names} wrote here stays apart: you do not see it, and nothing of it goes under your name.',
  'welcome.notice': 'Welcome',
  'welcome.hello': 'Hello {name}, you are in the directory of {where}.',
  'welcome.may_reader':
    'You can read everything: the directory and the portrait. You cannot write in them; for that, ask the référent·e for another link.',
  'welcome.may_contributor':
    'You can read everything, add places and correct records. What you write is kept as you go, even without network.',
  'welcome.may_referent':
    'You can read and write everything, validate, and invite. What you write is kept as you go, even without network.',
  'welcome.understood': 'I understand',
} as const;
