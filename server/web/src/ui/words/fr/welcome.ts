/** Bienvenue: coming in by an invitation. */
export const welcome = {
  'welcome.title': 'Bienvenue',
  'welcome.opening': 'Ouverture…',
  'welcome.what':
    'PORTREA est l’annuaire, tenu ensemble, de celles et ceux qui aident aux démarches en ligne sur votre territoire. Il marche aussi sans réseau.',
  'welcome.name': 'Comment vous appelez-vous ?',
  'welcome.name_shown':
    'Les autres verront ce nom à côté de chaque chose que vous écrivez. Un prénom et votre structure suffisent, par exemple « Amina, médiathèque ».',
  'welcome.enter': 'Entrer',
  'welcome.entering': 'Un instant…',
  'welcome.other_link': 'Utiliser un autre lien',
  'welcome.problem.no_name': 'Il manque votre nom. Rien n’a été envoyé. Écrivez le nom que les autres verront.',
  'welcome.problem.long_name': 'Ce nom est trop long. Rien n’a été envoyé. Raccourcissez-le à 80 caractères au plus.',
  'welcome.problem.no_link': 'Il manque le lien. Rien n’a été envoyé. Collez ici le lien, ou le code, que vous avez reçu.',
  'welcome.problem.used_up':
    'Ce lien a déjà servi autant de fois que prévu. Rien n’a changé sur cet appareil. Demandez un nouveau lien à la personne référente de votre territoire.',
  'welcome.problem.expired':
    'Ce lien n’est plus valable : sa date est passée. Rien n’a changé sur cet appareil. Demandez un nouveau lien à la personne référente de votre territoire.',
  'welcome.problem.revoked':
    'Ce lien n’existe pas, ou il a été retiré. Rien n’a changé sur cet appareil. Vérifiez qu’il est complet, ou demandez-en un nouveau à la personne référente.',
  'welcome.problem.no_network':
    'Le serveur ne répond pas : il n’y a peut-être pas de réseau ici. Votre lien reste valable, il est gardé sur cet appareil. Recommencez quand le réseau est revenu.',
  'welcome.problem.busy': 'Beaucoup de monde arrive en même temps. Votre lien reste valable. Recommencez dans un instant.',
  'welcome.problem.other':
    'Le serveur n’a pas pu vous faire entrer. Votre lien reste valable, il est gardé sur cet appareil. Recommencez dans quelques minutes ; si cela continue, prévenez la personne référente.',
  'welcome.no_link': 'Entrer avec un lien d’invitation',
  'welcome.how_link':
    'La personne référente de votre territoire vous l’envoie, ou vous montre un code QR à photographier. Ouvrez le lien sur cet appareil, ou collez-le ici.',
  'welcome.link': 'Votre lien ou votre code',
  'welcome.continue': 'Continuer',
  'welcome.already': 'Vous êtes déjà entré·e ici : {name}, {where}',
  'welcome.already_link':
    'Le lien que vous venez d’ouvrir n’a pas encore servi.',
  'welcome.already_other': 'Plusieurs personnes peuvent se partager cet appareil : chacune y entre avec un lien et son nom, et y a son propre annuaire. Rien de ce que vous avez écrit ne partira sous un autre nom.',
  'welcome.already_waiting': {
    one: '{n} modification n’est pas encore partie. Attendez le réseau si vous le pouvez, ou exportez-la : sinon elle reste ici, et ne partira que quand vous entrerez à nouveau sous le même nom.',
    other: '{n} modifications ne sont pas encore parties. Attendez le réseau si vous le pouvez, ou exportez-les : sinon elles restent ici, et ne partiront que quand vous entrerez à nouveau sous le même nom.',
  },
  'welcome.go_on': 'Continuer en tant que {name}',
  'welcome.anew': 'Entrer avec un lien',
  'welcome.territory_unknown': 'votre territoire',
  'welcome.held': 'Ce qui a été écrit sur cet appareil y est gardé',
  'welcome.held_safe': '{name} : tout est enregistré sur le serveur.',
  'welcome.held_waiting': { one: '{name} : {n} modification attend.', other: '{name} : {n} modifications attendent.' },
  'welcome.held_do': 'Pour reprendre là où vous en étiez, entrez avec un lien du même territoire, sous le même nom. Sous un autre nom, vous avez un annuaire à vous.',
  'welcome.takes_up': 'Vous reprenez ici l’annuaire de {name}.',
  'welcome.takes_up_waiting': {
    one: 'Vous reprenez ici l’annuaire de {name} : {n} modification qui attend partira sous ce nom.',
    other: 'Vous reprenez ici l’annuaire de {name} : {n} modifications qui attendent partiront sous ce nom.',
  },
  'welcome.apart': 'Ce qui est écrit ici par {names} reste à part : vous ne le voyez pas, et rien n’en part sous votre nom.',
  'welcome.notice': 'Bienvenue',
  'welcome.hello': 'Bonjour {name}, vous êtes dans l’annuaire « {where} ».',
  'welcome.may_reader':
    'Vous pouvez tout lire : l’annuaire et le portrait. Vous ne pouvez pas y écrire ; pour cela, demandez un autre lien à la personne référente.',
  'welcome.may_contributor':
    'Vous pouvez tout lire, ajouter des lieux et corriger les fiches. Ce que vous écrivez est gardé à mesure, même sans réseau.',
  'welcome.may_referent':
    'Vous pouvez tout lire et écrire, valider, et inviter. Ce que vous écrivez est gardé à mesure, même sans réseau.',
  'welcome.understood': 'J’ai compris',
} as const;
