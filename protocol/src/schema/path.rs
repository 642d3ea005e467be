//! Where in the document something stands: from automerge's object ids to a field of a record.
//!
//! An operation names the object it writes to. [`Paths`] resolves that object to its keys from the root, once, and
//! remembers it, for objects never move. [`Target`] says what those keys mean in our schema.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use automerge::{ActorId, Automerge, ObjId, ObjType, Prop, ReadDoc, ValueRef};

use super::field::{CONFIRMED, Field, HELPER, MARK, SERVICE, STRUCTURE, VALIDATION, find};
use crate::ids::RecordId;

/// Which record of a structure a field belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The structure itself.
    Itself,
    /// One of its services.
    Service(RecordId),
    /// One of its helpers.
    Helper(RecordId),
    /// Its confirmation.
    Confirmed,
    /// Its archive mark.
    Archived,
    /// Its validation.
    Validation,
}

impl Place {
    /// The fields that may stand here.
    pub fn table(&self) -> &'static [Field] {
        match self {
            Self::Itself => STRUCTURE,
            Self::Service(_) => SERVICE,
            Self::Helper(_) => HELPER,
            Self::Confirmed => CONFIRMED,
            Self::Archived => MARK,
            Self::Validation => VALIDATION,
        }
    }
}

/// A field of a record, by name.
#[derive(Debug, Clone)]
pub struct Address {
    /// The structure.
    pub structure: RecordId,
    /// Which of its records.
    pub place: Place,
    /// The field.
    pub field: &'static Field,
}

impl Address {
    /// The field `key` of a record, if there is one of that name.
    pub fn new(structure: &RecordId, place: Place, key: &str) -> Option<Self> {
        let field = find(place.table(), key)?;
        Some(Self { structure: structure.clone(), place, field })
    }

    /// Reads a path inside a structure: `phone`, `services/<id>/price`, `confirmed/at`.
    pub fn parse(structure: &RecordId, path: &str) -> Option<Self> {
        let keys: Vec<&str> = path.split('/').collect();
        let (place, key) = match keys.as_slice() {
            [key] => (Place::Itself, key),
            ["services", id, key] => (Place::Service((*id).into()), key),
            ["helpers", id, key] => (Place::Helper((*id).into()), key),
            ["confirmed", key] => (Place::Confirmed, key),
            ["archived", key] => (Place::Archived, key),
            ["validation", key] => (Place::Validation, key),
            _ => return None,
        };
        Self::new(structure, place, key)
    }
}

impl Address {
    /// The field that says of a validated structure that it is to be reviewed again.
    pub fn review(structure: &RecordId) -> Option<Self> {
        Self::new(structure, Place::Validation, "review")
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Address {}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Address {
    fn key(&self) -> (&RecordId, &Place, &'static str) {
        (&self.structure, &self.place, self.field.key)
    }
}

/// The path inside the structure.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Itself => f.write_str(self.field.key),
            Place::Service(id) => write!(f, "services/{id}/{}", self.field.key),
            Place::Helper(id) => write!(f, "helpers/{id}/{}", self.field.key),
            Place::Confirmed => write!(f, "confirmed/{}", self.field.key),
            Place::Archived => write!(f, "archived/{}", self.field.key),
            Place::Validation => write!(f, "validation/{}", self.field.key),
        }
    }
}

/// What an operation touches, in our schema's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A whole structure: made, replaced or removed.
    Structure(RecordId),
    /// A whole service or helper, or the map that holds them, or a mark.
    Record(RecordId),
    /// One field of a record, or a member of its set.
    Field(Address),
    /// A key of a record that the schema does not know, by path inside the structure.
    Unknown(RecordId, String),
    /// Anything outside the structures, by path from the root.
    Outside(String),
}

impl Target {
    /// What the keys from the root mean.
    pub fn of(keys: &[Arc<str>]) -> Self {
        let bare: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
        let ["structures", id, rest @ ..] = bare.as_slice() else {
            return Self::Outside(bare.join("/"));
        };
        let structure = RecordId::from(*id);
        let (place, key) = match rest {
            [] => return Self::Structure(structure),
            ["services" | "helpers" | "confirmed" | "archived" | "validation"]
            | ["services" | "helpers", _] => {
                return Self::Record(structure);
            }
            ["services", part, key, ..] => (Place::Service((*part).into()), *key),
            ["helpers", part, key, ..] => (Place::Helper((*part).into()), *key),
            ["confirmed", key, ..] => (Place::Confirmed, *key),
            ["archived", key, ..] => (Place::Archived, *key),
            ["validation", key, ..] => (Place::Validation, *key),
            [key, ..] => (Place::Itself, *key),
        };
        Address::new(&structure, place, key)
            .map_or_else(|| Self::Unknown(structure, rest.join("/")), Self::Field)
    }

    /// The structure it is about.
    pub fn structure(&self) -> Option<&RecordId> {
        match self {
            Self::Structure(id) | Self::Record(id) | Self::Unknown(id, _) => Some(id),
            Self::Field(address) => Some(&address.structure),
            Self::Outside(_) => None,
        }
    }

    /// The field, where it is one and no more.
    pub fn field(&self) -> Option<&Address> {
        if let Self::Field(address) = self { Some(address) } else { None }
    }
}

/// Keys from the root to an object.
pub type Keys = Arc<[Arc<str>]>;

/// Knows the path of every object: those of the document as it was opened, and those that changes made since.
///
/// automerge itself looks for an object's parent among all operations, which costs as much as the history is long.
#[derive(Debug, Default)]
pub struct Paths {
    known: BTreeMap<(u64, ActorId), Keys>,
}

impl Paths {
    /// Learns the paths of all objects that a document shows. An object hidden by a concurrent one is found when it is
    /// asked for.
    pub fn of(doc: &Automerge) -> Self {
        let mut paths = Self::default();
        // The same few keys stand in every record: each is kept once.
        let mut words: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let mut left: Vec<(ObjId, Keys)> = vec![(ObjId::Root, Arc::from([]))];
        while let Some((object, above)) = left.pop() {
            for item in doc.map_range(&object, ..) {
                let ValueRef::Object(kind) = item.value else { continue };
                let key = words.entry(item.key.to_string()).or_insert_with_key(|key| Arc::from(key.as_str()));
                let keys: Keys = above.iter().cloned().chain([Arc::clone(key)]).collect();
                let id = item.id();
                if let ObjId::Id(counter, actor, _) = &id {
                    paths.remember(*counter, actor, Arc::clone(&keys));
                }
                if kind == ObjType::Map {
                    left.push((id, keys));
                }
            }
        }
        paths
    }

    /// The keys that lead to an object of the document; `None` when the document does not know it.
    /// List and text positions are not keys: a text's characters stand at the text's own path.
    pub fn resolve(&mut self, doc: &Automerge, counter: u64, actor: &ActorId) -> Option<Keys> {
        if let Some(keys) = self.known.get(&(counter, actor.clone())) {
            return Some(keys.clone());
        }
        let keys = search(doc, counter, actor)?;
        self.remember(counter, actor, keys.clone());
        Some(keys)
    }

    /// The same, for whoever only reads: what had to be searched for is not remembered.
    pub fn find(&self, doc: &Automerge, counter: u64, actor: &ActorId) -> Option<Keys> {
        let known = self.known.get(&(counter, actor.clone())).cloned();
        known.or_else(|| search(doc, counter, actor))
    }

    /// Remembers the path of an object that a change just made.
    pub fn remember(&mut self, counter: u64, actor: &ActorId, keys: Keys) {
        self.known.insert((counter, actor.clone()), keys);
    }
}

fn search(doc: &Automerge, counter: u64, actor: &ActorId) -> Option<Keys> {
    let object = ObjId::Id(counter, actor.clone(), 0);
    let mut keys: Vec<Arc<str>> = doc
        .parents(&object)
        .ok()?
        .map(|parent| match parent.prop {
            Prop::Map(key) => Arc::from(key.as_str()),
            Prop::Seq(_) => Arc::from("[]"),
        })
        .collect();
    keys.reverse();
    (!keys.is_empty()).then(|| keys.into())
}

#[cfg(test)]
mod tests;
