//! Structures, services and helpers as plain values, and what was found odd in them.
//!
//! A record is a map by field rather than a struct a field: one table ([`super::field`]) drives reading, writing,
//! feed and exports, and a field that nobody filled costs nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Place;
use crate::ids::{InseeCode, RecordId};
use crate::time::UnixMillis;

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, prose, a choice or an instant as it is written.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// The members of a set.
    Set(BTreeSet<String>),
}

impl Value {
    /// The text of a textual value.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number of a numeric value.
    #[expect(clippy::cast_precision_loss, reason = "counts of people and hours stay far below 2^52")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(integer) => Some(*integer as f64),
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Flag(_) | Self::Set(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A field's value, with the answers that others gave at the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value that every replica shows.
    pub value: Value,
    /// Concurrent values, kept until somebody chooses.
    pub others: Vec<Value>,
}

/// The filled fields of a record, by key.
pub type Fields = BTreeMap<&'static str, Entry>;

/// What looks wrong in a record. A finding flags; it never refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The value had another type and was read as well as could be.
    WrongType,
    /// The value could not be read at all; it is kept in the document.
    Unreadable,
    /// The word is none of the usual ones.
    UnknownWord,
    /// The key is none of ours; it is kept in the document.
    UnknownField,
    /// The record's key is not a uuid.
    NotAUuid,
    /// A structure without a name.
    NoName,
    /// The commune is missing or is not one of the territory's.
    CommuneElsewhere,
    /// The coordinates are incomplete, impossible, or far outside the commune.
    PositionOdd,
}

impl Finding {
    /// The finding's stable code, as exports and interfaces write it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::Unreadable => "unreadable",
            Self::UnknownWord => "unknown_word",
            Self::UnknownField => "unknown_field",
            Self::NotAUuid => "not_a_uuid",
            Self::NoName => "no_name",
            Self::CommuneElsewhere => "commune_elsewhere",
            Self::PositionOdd => "position_odd",
        }
    }
}

/// A service or a helper: a record inside a structure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Its filled fields.
    pub fields: Fields,
}

/// A structure with all it holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Structure {
    /// Its own filled fields.
    pub fields: Fields,
    /// The services it gives.
    pub services: BTreeMap<RecordId, Part>,
    /// The people who help there.
    pub helpers: BTreeMap<RecordId, Part>,
    /// When, by whom and how it was last confirmed.
    pub confirmed: Fields,
    /// When, by whom and why it was archived; empty while it is live.
    pub archived: Fields,
    /// When and by whom it was validated, and whether it is to be reviewed again; empty before.
    pub validation: Fields,
    /// What looks odd, by path inside the structure.
    pub findings: BTreeSet<(String, Finding)>,
}

/// The text of a field, or "" when it is not filled.
pub fn text<'a>(fields: &'a Fields, key: &str) -> &'a str {
    fields.get(key).and_then(|entry| entry.value.as_text()).unwrap_or_default()
}

/// The number of a field.
pub fn number(fields: &Fields, key: &str) -> Option<f64> {
    fields.get(key).and_then(|entry| entry.value.as_number())
}

/// The members of a set; empty when it is not filled.
pub fn members<'a>(fields: &'a Fields, key: &str) -> impl Iterator<Item = &'a str> {
    let set = match fields.get(key).map(|entry| &entry.value) {
        Some(Value::Set(set)) => Some(set),
        Some(Value::Text(_) | Value::Integer(_) | Value::Number(_) | Value::Flag(_)) | None => None,
    };
    set.into_iter().flatten().map(String::as_str)
}

impl Structure {
    /// The name, or "".
    pub fn name(&self) -> &str {
        text(&self.fields, "name")
    }

    /// The filled fields of one of its records; `None` without that service or helper.
    pub fn at(&self, place: &Place) -> Option<&Fields> {
        match place {
            Place::Itself => Some(&self.fields),
            Place::Service(id) => self.services.get(id).map(|part| &part.fields),
            Place::Helper(id) => self.helpers.get(id).map(|part| &part.fields),
            Place::Confirmed => Some(&self.confirmed),
            Place::Archived => Some(&self.archived),
            Place::Validation => Some(&self.validation),
        }
    }

    /// The commune's INSEE code, when filled.
    pub fn commune(&self) -> Option<InseeCode> {
        let code = text(&self.fields, "commune");
        (!code.is_empty()).then(|| code.into())
    }

    /// Latitude and longitude in degrees, when both are filled and possible.
    pub fn position(&self) -> Option<(f64, f64)> {
        let latitude = number(&self.fields, "latitude").filter(|degrees| degrees.abs() <= 90.0)?;
        let longitude = number(&self.fields, "longitude").filter(|degrees| degrees.abs() <= 180.0)?;
        Some((latitude, longitude))
    }

    /// Whether the structure is archived.
    pub fn is_archived(&self) -> bool {
        !self.archived.is_empty()
    }

    /// Whether a référent·e validated it as it stands.
    pub fn is_validated(&self) -> bool {
        self.was_validated() && !self.asks_review()
    }

    /// Whether a référent·e validated it, and somebody else edited it since or meanwhile.
    pub fn is_to_review(&self) -> bool {
        self.was_validated() && self.asks_review()
    }

    fn was_validated(&self) -> bool {
        self.validation.keys().any(|key| *key != "review")
    }

    /// Of several answers the careful one counts.
    fn asks_review(&self) -> bool {
        let yes = |value: &Value| *value == Value::Flag(true);
        self.validation.get("review").is_some_and(|entry| yes(&entry.value) || entry.others.iter().any(yes))
    }

    /// Whether its fields, services and helpers are another structure's, marks apart.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.fields == other.fields && self.services == other.services && self.helpers == other.helpers
    }

    /// When it was last confirmed, by the confirming person's clock.
    pub fn confirmed_at(&self) -> Option<UnixMillis> {
        UnixMillis::from_rfc3339(text(&self.confirmed, "at"))
    }

    /// Every field that has several answers, by path inside the structure.
    pub fn conflicts(&self) -> impl Iterator<Item = (String, &Entry)> {
        let own = self.fields.iter().map(|(key, entry)| ((*key).to_owned(), entry));
        let services = parts("services", &self.services);
        let helpers = parts("helpers", &self.helpers);
        let marks =
            [("confirmed", &self.confirmed), ("archived", &self.archived), ("validation", &self.validation)]
                .into_iter()
                .flat_map(|(mark, fields)| {
                    fields.iter().map(move |(key, entry)| (format!("{mark}/{key}"), entry))
                });
        own.chain(services).chain(helpers).chain(marks).filter(|(_, entry)| !entry.others.is_empty())
    }
}

fn parts<'a>(
    kind: &'static str,
    parts: &'a BTreeMap<RecordId, Part>,
) -> impl Iterator<Item = (String, &'a Entry)> {
    parts.iter().flat_map(move |(id, part)| {
        part.fields.iter().map(move |(key, entry)| (format!("{kind}/{id}/{key}"), entry))
    })
}
