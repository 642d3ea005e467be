// Generated from the Rust code, never edited: PORTREA_WRITE=1 cargo test -p portrea-protocol checked_in

export type Kind = 'text' | 'prose' | 'integer' | 'number' | 'flag' | 'instant' | 'set';

export interface Field {
  kind: Kind;
  choices?: readonly string[];
  fr: string;
  en: string;
}

export type Role = 'reader' | 'contributor' | 'referent';

export type FindingCode = 'wrong_type' | 'unreadable' | 'unknown_word' | 'unknown_field' | 'not_a_uuid' | 'no_name' | 'commune_elsewhere' | 'position_odd';

export const FAMILIES = ['inform', 'equip', 'assist', 'train', 'repair'] as const;
export type Family = (typeof FAMILIES)[number];

export const CONFIRMATIONS = ['visit', 'call', 'mail', 'link', 'self'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export const TEXT_BYTES_MAX = 4096;
export const PROSE_BYTES_MAX = 65536;

export const STRUCTURE = {
  name: { kind: 'text', fr: 'Nom', en: 'Name' },
  kind: { kind: 'text', fr: 'Type de lieu', en: 'Kind of place' },
  siret: { kind: 'text', fr: 'SIRET', en: 'SIRET' },
  rna: { kind: 'text', fr: 'RNA', en: 'RNA' },
  parent: { kind: 'text', fr: 'Structure parente', en: 'Parent structure' },
  address: { kind: 'text', fr: 'Adresse', en: 'Address' },
  address_more: { kind: 'text', fr: 'Complément d’adresse', en: 'Address, continued' },
  postcode: { kind: 'text', fr: 'Code postal', en: 'Postcode' },
  commune: { kind: 'text', fr: 'Commune (code INSEE)', en: 'Commune (INSEE code)' },
  commune_name: { kind: 'text', fr: 'Commune', en: 'Commune' },
  latitude: { kind: 'number', fr: 'Latitude', en: 'Latitude' },
  longitude: { kind: 'number', fr: 'Longitude', en: 'Longitude' },
  phone: { kind: 'text', fr: 'Téléphone', en: 'Phone' },
  website: { kind: 'text', fr: 'Site web', en: 'Website' },
  opening_hours: { kind: 'text', fr: 'Horaires', en: 'Opening hours' },
  itinerant: { kind: 'flag', fr: 'Itinérant', en: 'Itinerant' },
  accessibility_url: { kind: 'text', fr: 'Fiche Acceslibre', en: 'Accessibility page' },
  appointment_url: { kind: 'text', fr: 'Prise de rendez-vous', en: 'Appointment page' },
  summary: { kind: 'text', fr: 'En bref', en: 'Summary' },
  description: { kind: 'prose', fr: 'Description', en: 'Description' },
  notes: { kind: 'prose', fr: 'Notes', en: 'Notes' },
  emails: { kind: 'set', fr: 'Adresses électroniques', en: 'Mail addresses' },
  publics: { kind: 'set', fr: 'Publics', en: 'Publics' },
  special_care: { kind: 'set', fr: 'Prise en charge spécifique', en: 'Special care' },
  labels: { kind: 'set', fr: 'Labels', en: 'Labels' },
  national_programmes: { kind: 'set', fr: 'Dispositifs nationaux', en: 'National programmes' },
  training_labels: { kind: 'set', fr: 'Labels de formation', en: 'Training labels' },
  sources: { kind: 'set', fr: 'Sources', en: 'Sources' },
  created_at: { kind: 'instant', fr: 'Créé le', en: 'Created' },
} as const satisfies Record<string, Field>;

export interface StructureFields {
  name?: string;
  kind?: string;
  siret?: string;
  rna?: string;
  parent?: string;
  address?: string;
  address_more?: string;
  postcode?: string;
  commune?: string;
  commune_name?: string;
  latitude?: number;
  longitude?: number;
  phone?: string;
  website?: string;
  opening_hours?: string;
  itinerant?: boolean;
  accessibility_url?: string;
  appointment_url?: string;
  summary?: string;
  description?: string;
  notes?: string;
  emails?: string[];
  publics?: string[];
  special_care?: string[];
  labels?: string[];
  national_programmes?: string[];
  training_labels?: string[];
  sources?: string[];
  created_at?: string;
}

export const SERVICE = {
  family: { kind: 'text', choices: ['inform', 'equip', 'assist', 'train', 'repair'], fr: 'Famille', en: 'Family' },
  provided_by: { kind: 'text', fr: 'Assuré par', en: 'Provided by' },
  eadmin_staff: { kind: 'integer', fr: 'Personnes pour l’e-administratif', en: 'E-administrative staff' },
  weekly_hours: { kind: 'number', fr: 'Heures par semaine', en: 'Hours a week' },
  weekly_eadmin_hours: { kind: 'number', fr: 'Heures e-administratives par semaine', en: 'E-administrative hours a week' },
  format: { kind: 'text', choices: ['individual', 'group', 'both'], fr: 'Format', en: 'Format' },
  onsite: { kind: 'flag', fr: 'Sur place', en: 'On site' },
  remote: { kind: 'flag', fr: 'À distance', en: 'Remote' },
  price: { kind: 'text', choices: ['free', 'conditional', 'paid'], fr: 'Tarif', en: 'Price' },
  price_note: { kind: 'text', fr: 'Précision sur le tarif', en: 'About the price' },
  phone: { kind: 'text', fr: 'Téléphone', en: 'Phone' },
  email: { kind: 'text', fr: 'Adresse électronique', en: 'Mail address' },
  opening_hours: { kind: 'text', fr: 'Horaires', en: 'Opening hours' },
  appointment_url: { kind: 'text', fr: 'Prise de rendez-vous', en: 'Appointment page' },
  description: { kind: 'prose', fr: 'Description', en: 'Description' },
  staff_kinds: { kind: 'set', fr: 'Qui aide', en: 'Kinds of staff' },
  authorisations: { kind: 'set', fr: 'Habilitations', en: 'Authorisations' },
  access: { kind: 'set', choices: ['walk_in', 'phone', 'mail', 'online', 'prescription'], fr: 'Comment venir', en: 'How to get in' },
  publics: { kind: 'set', fr: 'Publics', en: 'Publics' },
  topics: { kind: 'set', fr: 'Démarches', en: 'Topics' },
  created_at: { kind: 'instant', fr: 'Créé le', en: 'Created' },
} as const satisfies Record<string, Field>;

export interface ServiceFields {
  family?: 'inform' | 'equip' | 'assist' | 'train' | 'repair' | (string & {});
  provided_by?: string;
  eadmin_staff?: number;
  weekly_hours?: number;
  weekly_eadmin_hours?: number;
  format?: 'individual' | 'group' | 'both' | (string & {});
  onsite?: boolean;
  remote?: boolean;
  price?: 'free' | 'conditional' | 'paid' | (string & {});
  price_note?: string;
  phone?: string;
  email?: string;
  opening_hours?: string;
  appointment_url?: string;
  description?: string;
  staff_kinds?: string[];
  authorisations?: string[];
  access?: ('walk_in' | 'phone' | 'mail' | 'online' | 'prescription' | (string & {}))[];
  publics?: string[];
  topics?: string[];
  created_at?: string;
}

export const HELPER = {
  name: { kind: 'text', fr: 'Nom', en: 'Name' },
  role: { kind: 'text', fr: 'Fonction', en: 'Role' },
  phone: { kind: 'text', fr: 'Téléphone', en: 'Phone' },
  email: { kind: 'text', fr: 'Adresse électronique', en: 'Mail address' },
  public: { kind: 'flag', fr: 'Visible de tous', en: 'Public' },
  skills: { kind: 'set', fr: 'À l’aise avec', en: 'At ease with' },
  authorisations: { kind: 'set', fr: 'Habilitations', en: 'Authorisations' },
} as const satisfies Record<string, Field>;

export interface HelperFields {
  name?: string;
  role?: string;
  phone?: string;
  email?: string;
  public?: boolean;
  skills?: string[];
  authorisations?: string[];
}

export const CONFIRMED = {
  at: { kind: 'instant', fr: 'Vérifié le', en: 'Confirmed on' },
  by: { kind: 'text', fr: 'Vérifié par', en: 'Confirmed by' },
  how: { kind: 'text', choices: ['visit', 'call', 'mail', 'link', 'self'], fr: 'Vérifié comment', en: 'Confirmed how' },
} as const satisfies Record<string, Field>;

export interface ConfirmedFields {
  at?: string;
  by?: string;
  how?: 'visit' | 'call' | 'mail' | 'link' | 'self' | (string & {});
}

export const MARK = {
  at: { kind: 'instant', fr: 'Le', en: 'On' },
  by: { kind: 'text', fr: 'Par', en: 'By' },
  why: { kind: 'text', fr: 'Pourquoi', en: 'Why' },
} as const satisfies Record<string, Field>;

export interface MarkFields {
  at?: string;
  by?: string;
  why?: string;
}

export const VALIDATION = {
  at: { kind: 'instant', fr: 'Le', en: 'On' },
  by: { kind: 'text', fr: 'Par', en: 'By' },
  why: { kind: 'text', fr: 'Pourquoi', en: 'Why' },
  review: { kind: 'flag', fr: 'À relire', en: 'To review again' },
} as const satisfies Record<string, Field>;

export interface ValidationFields {
  at?: string;
  by?: string;
  why?: string;
  review?: boolean;
}
