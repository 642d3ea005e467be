//! The tables of fields: name, kind and allowed words of everything a record may hold.
//!
//! Adding a field is adding a line here: reading, writing, the feed, the exports and the command line all go by
//! these tables. Names are the contract's and never change; a word outside `choices` is kept and flagged, for
//! others' clients may know words that we do not.

/// How a field's value is kept and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text, a scalar: two concurrent values are a conflict.
    Text,
    /// Prose, an automerge text: merges by character.
    Prose,
    /// A whole number, at least 0.
    Integer,
    /// A decimal number.
    Number,
    /// Yes or no.
    Flag,
    /// An instant, written in RFC 3339.
    Instant,
    /// Several values, a map from value to `true`: concurrent additions merge.
    Set,
}

/// One field of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key in the document.
    pub key: &'static str,
    /// How it is kept.
    pub kind: Kind,
    /// The usual words, or empty when anything goes.
    pub choices: &'static [&'static str],
    /// What people read, in French.
    pub label_fr: &'static str,
    /// What people read, in English.
    pub label_en: &'static str,
}

const fn field(key: &'static str, kind: Kind, label_fr: &'static str, label_en: &'static str) -> Field {
    Field { key, kind, choices: &[], label_fr, label_en }
}

const fn choice(
    key: &'static str,
    kind: Kind,
    choices: &'static [&'static str],
    label_fr: &'static str,
    label_en: &'static str,
) -> Field {
    Field { key, kind, choices, label_fr, label_en }
}

/// The five families of service, by their key.
pub const FAMILIES: [&str; 5] = ["inform", "equip", "assist", "train", "repair"];

/// How a record was confirmed.
pub const CONFIRMATIONS: [&str; 5] = ["visit", "call", "mail", "link", "self"];

/// Fields of a structure.
pub static STRUCTURE: &[Field] = &[
    field("name", Kind::Text, "Nom", "Name"),
    field("kind", Kind::Text, "Type de lieu", "Kind of place"),
    field("siret", Kind::Text, "SIRET", "SIRET"),
    field("rna", Kind::Text, "RNA", "RNA"),
    field("parent", Kind::Text, "Structure parente", "Parent structure"),
    field("address", Kind::Text, "Adresse", "Address"),
    field("address_more", Kind::Text, "Complément d’adresse", "Address, continued"),
    field("postcode", Kind::Text, "Code postal", "Postcode"),
    field("commune", Kind::Text, "Commune (code INSEE)", "Commune (INSEE code)"),
    field("commune_name", Kind::Text, "Commune", "Commune"),
    field("latitude", Kind::Number, "Latitude", "Latitude"),
    field("longitude", Kind::Number, "Longitude", "Longitude"),
    field("phone", Kind::Text, "Téléphone", "Phone"),
    field("website", Kind::Text, "Site web", "Website"),
    field("opening_hours", Kind::Text, "Horaires", "Opening hours"),
    field("itinerant", Kind::Flag, "Itinérant", "Itinerant"),
    field("accessibility_url", Kind::Text, "Fiche Acceslibre", "Accessibility page"),
    field("appointment_url", Kind::Text, "Prise de rendez-vous", "Appointment page"),
    field("summary", Kind::Text, "En bref", "Summary"),
    field("description", Kind::Prose, "Description", "Description"),
    field("notes", Kind::Prose, "Notes", "Notes"),
    field("emails", Kind::Set, "Adresses électroniques", "Mail addresses"),
    field("publics", Kind::Set, "Publics", "Publics"),
    field("special_care", Kind::Set, "Prise en charge spécifique", "Special care"),
    field("labels", Kind::Set, "Labels", "Labels"),
    field("national_programmes", Kind::Set, "Dispositifs nationaux", "National programmes"),
    field("training_labels", Kind::Set, "Labels de formation", "Training labels"),
    field("sources", Kind::Set, "Sources", "Sources"),
    field("created_at", Kind::Instant, "Créé le", "Created"),
];

/// Fields of a service that a structure gives.
pub static SERVICE: &[Field] = &[
    choice("family", Kind::Text, &FAMILIES, "Famille", "Family"),
    field("provided_by", Kind::Text, "Assuré par", "Provided by"),
    field("eadmin_staff", Kind::Integer, "Personnes pour l’e-administratif", "E-administrative staff"),
    field("weekly_hours", Kind::Number, "Heures par semaine", "Hours a week"),
    field(
        "weekly_eadmin_hours",
        Kind::Number,
        "Heures e-administratives par semaine",
        "E-administrative hours a week",
    ),
    choice("format", Kind::Text, &["individual", "group", "both"], "Format", "Format"),
    field("onsite", Kind::Flag, "Sur place", "On site"),
    field("remote", Kind::Flag, "À distance", "Remote"),
    choice("price", Kind::Text, &["free", "conditional", "paid"], "Tarif", "Price"),
    field("price_note", Kind::Text, "Précision sur le tarif", "About the price"),
    field("phone", Kind::Text, "Téléphone", "Phone"),
    field("email", Kind::Text, "Adresse électronique", "Mail address"),
    field("opening_hours", Kind::Text, "Horaires", "Opening hours"),
    field("appointment_url", Kind::Text, "Prise de rendez-vous", "Appointment page"),
    field("description", Kind::Prose, "Description", "Description"),
    field("staff_kinds", Kind::Set, "Qui aide", "Kinds of staff"),
    field("authorisations", Kind::Set, "Habilitations", "Authorisations"),
    choice(
        "access",
        Kind::Set,
        &["walk_in", "phone", "mail", "online", "prescription"],
        "Comment venir",
        "How to get in",
    ),
    field("publics", Kind::Set, "Publics", "Publics"),
    field("topics", Kind::Set, "Démarches", "Topics"),
    field("created_at", Kind::Instant, "Créé le", "Created"),
];

/// Fields of a person who helps. Personal data: shown to professionals unless `public`.
pub static HELPER: &[Field] = &[
    field("name", Kind::Text, "Nom", "Name"),
    field("role", Kind::Text, "Fonction", "Role"),
    field("phone", Kind::Text, "Téléphone", "Phone"),
    field("email", Kind::Text, "Adresse électronique", "Mail address"),
    field("public", Kind::Flag, "Visible de tous", "Public"),
    field("skills", Kind::Set, "À l’aise avec", "At ease with"),
    field("authorisations", Kind::Set, "Habilitations", "Authorisations"),
];

/// Fields of `confirmed`: when, by whom and how a record was last checked.
pub static CONFIRMED: &[Field] = &[
    field("at", Kind::Instant, "Vérifié le", "Confirmed on"),
    field("by", Kind::Text, "Vérifié par", "Confirmed by"),
    choice("how", Kind::Text, &CONFIRMATIONS, "Vérifié comment", "Confirmed how"),
];

/// Fields of `archived`.
pub static MARK: &[Field] = &[
    field("at", Kind::Instant, "Le", "On"),
    field("by", Kind::Text, "Par", "By"),
    field("why", Kind::Text, "Pourquoi", "Why"),
];

/// Fields of `validation`. `review` is set by the server when somebody who is no référent·e edits what was validated.
pub static VALIDATION: &[Field] = &[
    field("at", Kind::Instant, "Le", "On"),
    field("by", Kind::Text, "Par", "By"),
    field("why", Kind::Text, "Pourquoi", "Why"),
    field("review", Kind::Flag, "À relire", "To review again"),
];

/// The field of this name in a table.
pub fn find(table: &'static [Field], key: &str) -> Option<&'static Field> {
    table.iter().find(|field| field.key == key)
}

#[cfg(test)]
mod tests;
