/** Signing in with a provider: these words come with its button, so that the first page is there soon. */
export const provider = {
  'provider.continue': 'Continuer avec {provider}',
  'provider.with_link':
    'Ou entrez avec votre compte {provider} : il vous reconnaîtra ensuite sur tous vos appareils, sans nouveau lien. Si vous n’écrivez pas de nom au-dessus, les autres verront celui de ce compte.',
  'provider.without_link': 'Déjà venu·e avec votre compte {provider} ? Vous retrouvez votre territoire, sans lien.',
  'provider.without_link_title': 'Entrer avec votre compte',
  'provider.going': 'Vous allez chez {provider}…',
  'provider.finishing': 'Vous revenez de {provider}. Un instant…',
  'provider.problem.refused':
    '{provider} ne vous a pas fait entrer, ou vous avez renoncé. Rien n’a changé sur cet appareil. Recommencez, ou entrez avec votre lien d’invitation.',
  'provider.problem.silent':
    '{provider} ne répond pas. Rien n’a changé sur cet appareil. Recommencez dans quelques minutes, ou entrez avec votre lien d’invitation.',
  'provider.problem.over':
    'Cette connexion a trop attendu, ou a déjà servi. Rien n’a changé sur cet appareil. Recommencez.',
  'provider.problem.wrong':
    'La réponse de {provider} n’a pas pu être vérifiée. Rien n’a changé sur cet appareil. Recommencez ; si cela continue, prévenez la personne référente.',
  'provider.problem.unknown':
    'Personne n’est encore entré ici avec ce compte. Demandez un lien d’invitation à la personne référente de votre territoire, ouvrez-le, puis choisissez à nouveau {provider}.',
  'provider.problem.taken_back':
    'Votre accès a été retiré. Ce que vous avez écrit est gardé. Adressez-vous à la personne référente de votre territoire.',
  'provider.problem.no_name':
    'Votre compte {provider} ne donne pas de nom. Rien n’a changé sur cet appareil. Écrivez votre nom ci-dessus, puis recommencez.',
} as const;
