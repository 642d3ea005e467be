/**
 * What is usually written in a field, offered so that one tap fills it and everybody writes it alike. Nothing is
 * refused for not standing here. The words are the French standard's (lieux de médiation numérique) where it has them,
 * and the method's own otherwise: they are what stands in the records, in every language.
 */
const PUBLICS = ['Tous publics', 'Jeunes', 'Étudiants', 'Familles et/ou enfants', 'Seniors', 'Femmes', 'Demandeurs d’emploi', 'Personnes en situation de handicap'];
const AUTHORISATIONS = ['Aidants Connect', 'Mandat signé', 'Secret professionnel'];
const TOPICS = ['CAF', 'CPAM', 'France Travail', 'Retraite', 'Impôts', 'ANTS', 'MSA', 'Logement', 'Handicap', 'Santé', 'Messagerie', 'Smartphone'];

const USUAL: Record<string, readonly string[]> = {
  kind: [
    'Mairie', 'France Services', 'Centre social', 'Espace de vie sociale', 'Médiathèque', 'Bibliothèque', 'CCAS', 'CIAS',
    'Association', 'Mission locale', 'France Travail', 'CAF', 'CPAM', 'MSA', 'Service du département', 'Tiers-lieu',
    'Accueil jeunes', 'Recyclerie', 'Agence postale', 'Service itinérant', 'Permanence', 'Résidence pour personnes âgées', 'Entreprise',
  ],
  publics: PUBLICS,
  special_care: ['Surdité', 'Déficience visuelle', 'Handicaps moteurs', 'Handicaps mentaux', 'Illettrisme', 'Langues étrangères (anglais)', 'Langues étrangères (autres)'],
  labels: ['France Services', 'Aidants Connect', 'Centre social agréé par la CAF', 'Espace de vie sociale agréé par la CAF', 'Point-justice'],
  national_programmes: [
    'Aidants Connect', 'Bibliothèques numérique de référence', 'Certification PIX', 'Conseillers numériques', 'Emmaüs Connect', 'France Services',
    'Grande école du numérique', 'La Croix Rouge', 'Point d’accès numérique CAF', 'Promeneurs du net',
  ],
  training_labels: ['Formé à « Mon Espace Santé »', 'Formé à « DUPLEX » (illettrisme)', 'Étapes numériques (La Poste)', 'Fabriques de Territoire', 'ORDI 3.0'],
  staff_kinds: ['Agents publics', 'Bénévoles', 'Conseiller numérique', 'Travailleurs sociaux', 'Bibliothécaires', 'Médiateurs numériques'],
  authorisations: AUTHORISATIONS,
  topics: TOPICS,
  skills: ['Aide aux démarches', 'Ordinateur', 'Smartphone', 'Imprimer et numériser', 'Écrire un courriel', ...TOPICS.slice(0, 6)],
  provided_by: ['Agents d’accueil', 'Conseiller numérique', 'Bénévoles', 'Travailleuse sociale', 'Bibliothécaire'],
};

/** The usual words of a field, without those that stand already. */
export function usualFor(key: string, taken: readonly string[] = []): string[] {
  return (USUAL[key] ?? []).filter((word) => !taken.includes(word));
}
