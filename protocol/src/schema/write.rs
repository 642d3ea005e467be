//! Edits → document. Strict: what is not in the tables, or has the wrong kind, is refused before anything is written.
//!
//! Edits touch leaf keys only, so that two people's edits of one record merge. A value that stands already is not
//! written again, unless writing it settles a conflict: a second import of the same file writes nothing.
//!
//! Here: the edits, and what each does to records. `write/check.rs`: which values a field takes. `write/leaf.rs`: how
//! a value is put under a key.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, AutomergeError, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};

use super::field::{Field, Kind, find};
use super::path::{Address, Place};
use super::read::value::stands;
use super::read::{container, maps, structure_object};
use super::record::Value;
use crate::ids::RecordId;
use crate::time::UnixMillis;
use check::{check, named};
use leaf::{delete, exclude, include, overwrite, set_field};

mod check;
mod leaf;

pub use check::{PROSE_BYTES_MAX, TEXT_BYTES_MAX};

/// What a person does to a directory, as a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new structure with a name; the rest may follow.
    AddStructure {
        /// Its id, a fresh uuid v7.
        id: RecordId,
        /// What it is called.
        name: String,
    },
    /// A new service of a structure.
    AddService {
        /// The structure.
        structure: RecordId,
        /// The service's id, a fresh uuid v7.
        id: RecordId,
        /// One of the five families.
        family: String,
    },
    /// A new person who helps.
    AddHelper {
        /// The structure.
        structure: RecordId,
        /// The helper's id, a fresh uuid v7.
        id: RecordId,
        /// Their name.
        name: String,
    },
    /// A field takes a value, or is emptied. A set takes exactly these members.
    Set {
        /// The field.
        address: Address,
        /// The value, or `None` to empty the field.
        value: Option<Value>,
    },
    /// A set gains a member.
    Include {
        /// The set.
        address: Address,
        /// The member.
        member: String,
    },
    /// A set loses a member.
    Exclude {
        /// The set.
        address: Address,
        /// The member.
        member: String,
    },
    /// Somebody checked that the record is right.
    Confirm {
        /// The structure.
        structure: RecordId,
        /// Who checked.
        by: String,
        /// How: one of [`CONFIRMATIONS`](super::field::CONFIRMATIONS).
        how: String,
    },
    /// The structure is no more, or does not belong here.
    Archive {
        /// The structure.
        structure: RecordId,
        /// Who says so.
        by: String,
        /// Why.
        why: String,
    },
    /// The structure is live again.
    Unarchive {
        /// The structure.
        structure: RecordId,
    },
    /// A référent·e vouches for the record.
    Validate {
        /// The structure.
        structure: RecordId,
        /// Who vouches.
        by: String,
    },
}

/// Why an edit was not written. Nothing of its group was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is no such structure, service or helper.
    #[error("there is no record {0}")]
    NoRecord(String),
    /// A record of that id stands already.
    #[error("there is a record {0} already")]
    Exists(RecordId),
    /// The id of a new record is not a uuid.
    #[error("`{0}` is not a uuid")]
    NotAUuid(RecordId),
    /// A name is needed and was empty.
    #[error("a name is needed")]
    NoName,
    /// The value is of the wrong kind for the field.
    #[error("{field} takes {takes}, not `{found}`")]
    WrongKind {
        /// The field's key.
        field: &'static str,
        /// What it takes, in words.
        takes: &'static str,
        /// What was given.
        found: String,
    },
    /// The word is none of those the field takes.
    #[error("{field} takes one of {choices}, not `{found}`")]
    UnknownWord {
        /// The field's key.
        field: &'static str,
        /// The words it takes.
        choices: String,
        /// The word that was given.
        found: String,
    },
    /// The value is longer than the field takes.
    #[error("{field} takes at most {bytes_max} bytes")]
    TooLong {
        /// The field's key.
        field: &'static str,
        /// The limit.
        bytes_max: usize,
    },
    /// Whoever asked may not write this.
    #[error("only a référent·e may do this")]
    NotAllowed,
    /// automerge refused; the document's own shape is in the way.
    #[error("the document could not be written: {0}")]
    Document(String),
}

impl From<AutomergeError> for EditError {
    fn from(error: AutomergeError) -> Self {
        Self::Document(error.to_string())
    }
}

/// Writes a group of edits as one change; all of them or none. `None` when nothing differed.
///
/// `at` is the author's clock, kept in the change and in marks; it orders nothing.
pub fn perform(doc: &mut Automerge, edits: &[Edit], at: UnixMillis) -> Result<Option<ChangeHash>, EditError> {
    perform_saying(doc, edits, at, None)
}

/// As [`perform`], with a message in the change: see [`revert`](super::revert).
pub fn perform_saying(
    doc: &mut Automerge,
    edits: &[Edit],
    at: UnixMillis,
    message: Option<String>,
) -> Result<Option<ChangeHash>, EditError> {
    let mut options = CommitOptions::default().with_time(at.0.div_euclid(1000));
    if let Some(message) = message {
        options.set_message(message);
    }
    let done = doc
        .transact_with::<_, (), EditError, _>(
            |()| options,
            |tx| edits.iter().try_for_each(|edit| write(tx, edit, at)),
        )
        .map_err(|failure| failure.error)?;
    Ok(done.hash)
}

/// Reads a value as somebody types it into the kind that a field takes.
pub fn parse(field: &'static Field, typed: &str) -> Result<Value, EditError> {
    let typed = typed.trim();
    let wrong =
        |takes| EditError::WrongKind { field: field.key, takes, found: typed.chars().take(80).collect() };
    let value = match field.kind {
        Kind::Text | Kind::Prose => Value::Text(typed.to_owned()),
        Kind::Integer => Value::Integer(typed.parse().map_err(|_| wrong("a whole number"))?),
        Kind::Number => Value::Number(typed.replace(',', ".").parse().map_err(|_| wrong("a number"))?),
        Kind::Flag => match typed.to_lowercase().as_str() {
            "yes" | "true" | "oui" => Value::Flag(true),
            "no" | "false" | "non" => Value::Flag(false),
            _ => return Err(wrong("yes or no")),
        },
        Kind::Instant => UnixMillis::from_rfc3339(typed)
            .map(|instant| Value::Text(instant.to_rfc3339()))
            .ok_or_else(|| wrong("a date such as 2026-05-12"))?,
        Kind::Set => Value::Set(
            typed.split('|').map(str::trim).filter(|member| !member.is_empty()).map(str::to_owned).collect(),
        ),
    };
    check(field, &value)?;
    Ok(value)
}

fn write<T: Transactable + ReadDoc>(tx: &mut T, edit: &Edit, at: UnixMillis) -> Result<(), EditError> {
    match edit {
        Edit::AddStructure { id, name } => add_structure(tx, id, name, at),
        Edit::AddService { structure, id, family } => {
            let object = add_part(tx, structure, "services", id)?;
            let place = Place::Service(id.clone());
            named(field(&place, "family"), family)?;
            fill(tx, &object, structure, &place, "family", family)?;
            fill(tx, &object, structure, &place, "created_at", &at.to_rfc3339())
        }
        Edit::AddHelper { structure, id, name } => {
            if name.trim().is_empty() {
                return Err(EditError::NoName);
            }
            let object = add_part(tx, structure, "helpers", id)?;
            fill(tx, &object, structure, &Place::Helper(id.clone()), "name", name)
        }
        Edit::Set { address, value } => {
            if let Some(value) = value {
                check(address.field, value)?;
            }
            match writable(tx, address, value.is_some())? {
                Some(object) => set_field(tx, &object, address, value.as_ref()),
                None => Ok(()),
            }
        }
        Edit::Include { address, member } => match writable(tx, address, false)? {
            Some(object) => include(tx, &object, address.field, member),
            None => check(address.field, &Value::Set([member.clone()].into())),
        },
        Edit::Exclude { address, member } => match writable(tx, address, false)? {
            Some(object) => exclude(tx, &object, address.field, member),
            None => check(address.field, &Value::Set([member.clone()].into())),
        },
        Edit::Confirm { structure, by, how } => {
            named(field(&Place::Confirmed, "how"), how)?;
            mark(tx, structure, &Place::Confirmed, &[("by", by), ("how", how)], at)
        }
        Edit::Archive { structure, by, why } => {
            mark(tx, structure, &Place::Archived, &[("by", by), ("why", why)], at)
        }
        Edit::Validate { structure, by } => {
            mark(tx, structure, &Place::Validation, &[("by", by)], at)?;
            // Whoever vouches has read it as it stands on their device.
            let object = existing(tx, structure)?;
            maps(tx, &object, "validation").iter().try_for_each(|map| delete(tx, map, "review"))
        }
        Edit::Unarchive { structure } => {
            let object = existing(tx, structure)?;
            for archived in maps(tx, &object, "archived") {
                let keys: Vec<String> = tx.keys(&archived).collect();
                keys.iter().try_for_each(|key| tx.delete(&archived, key.as_str()))?;
            }
            Ok(())
        }
    }
}

/// A field that is known to be in the table of its place.
fn field(place: &Place, key: &str) -> &'static Field {
    find(place.table(), key).expect("the key is in the place's table")
}

/// Writes a text into a field of a record that was just made.
fn fill<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    structure: &RecordId,
    place: &Place,
    key: &str,
    text: &str,
) -> Result<(), EditError> {
    let address = Address { structure: structure.clone(), place: place.clone(), field: field(place, key) };
    set_field(tx, object, &address, Some(&text.into()))
}

fn add_structure<T: Transactable + ReadDoc>(
    tx: &mut T,
    id: &RecordId,
    name: &str,
    at: UnixMillis,
) -> Result<(), EditError> {
    if !id.is_uuid() {
        return Err(EditError::NotAUuid(id.clone()));
    }
    if name.trim().is_empty() {
        return Err(EditError::NoName);
    }
    if structure_object(tx, id).is_some() {
        return Err(EditError::Exists(id.clone()));
    }
    let root = match maps(tx, &ROOT, "structures").into_iter().next() {
        Some(root) => root,
        None => tx.put_object(ROOT, "structures", ObjType::Map)?,
    };
    let object = tx.put_object(&root, id.as_str(), ObjType::Map)?;
    fill(tx, &object, id, &Place::Itself, "name", name)?;
    fill(tx, &object, id, &Place::Itself, "created_at", &at.to_rfc3339())?;
    // Made now, so that two devices that add a service at the same time write into one map.
    tx.put_object(&object, "services", ObjType::Map)?;
    tx.put_object(&object, "helpers", ObjType::Map)?;
    Ok(())
}

fn add_part<T: Transactable + ReadDoc>(
    tx: &mut T,
    structure: &RecordId,
    kind: &'static str,
    id: &RecordId,
) -> Result<ObjId, EditError> {
    if !id.is_uuid() {
        return Err(EditError::NotAUuid(id.clone()));
    }
    let object = existing(tx, structure)?;
    let all = maps(tx, &object, kind);
    if all.iter().any(|parts| !maps(tx, parts, id.as_str()).is_empty()) {
        return Err(EditError::Exists(id.clone()));
    }
    let parts = match all.into_iter().next() {
        Some(parts) => parts,
        None => tx.put_object(&object, kind, ObjType::Map)?,
    };
    Ok(tx.put_object(&parts, id.as_str(), ObjType::Map)?)
}

fn existing(tx: &impl ReadDoc, structure: &RecordId) -> Result<ObjId, EditError> {
    structure_object(tx, structure).ok_or_else(|| EditError::NoRecord(structure.to_string()))
}

/// The map that holds a field. A mark that nobody wrote yet is made when `make` says so; `None` otherwise.
fn writable<T: Transactable + ReadDoc>(
    tx: &mut T,
    address: &Address,
    make: bool,
) -> Result<Option<ObjId>, EditError> {
    if let Some(object) = container(tx, address) {
        return Ok(Some(object));
    }
    let structure = existing(tx, &address.structure)?;
    let kind = match &address.place {
        Place::Itself => return Ok(Some(structure)),
        Place::Service(id) => {
            return Err(EditError::NoRecord(format!("{}/services/{id}", address.structure)));
        }
        Place::Helper(id) => return Err(EditError::NoRecord(format!("{}/helpers/{id}", address.structure))),
        Place::Confirmed => "confirmed",
        Place::Archived => "archived",
        Place::Validation => "validation",
    };
    Ok(if make { Some(tx.put_object(&structure, kind, ObjType::Map)?) } else { None })
}

/// Writes a mark. Unless it stands as it is, all of it is written: somebody who lifts it at the same time does not
/// leave half of it behind.
fn mark<T: Transactable + ReadDoc>(
    tx: &mut T,
    structure: &RecordId,
    place: &Place,
    words: &[(&str, &String)],
    at: UnixMillis,
) -> Result<(), EditError> {
    let at = (field(place, "at"), Value::Text(at.to_rfc3339()));
    let words = words.iter().map(|(key, word)| (field(place, key), Value::Text((*word).clone())));
    let values: Vec<(&'static Field, Value)> = std::iter::once(at).chain(words).collect();
    values.iter().try_for_each(|(field, value)| check(field, value))?;
    let address = Address { structure: structure.clone(), place: place.clone(), field: field(place, "at") };
    let Some(object) = writable(tx, &address, true)? else { return Ok(()) };
    if values.iter().all(|(field, value)| stands(tx, &object, field, value)) {
        return Ok(());
    }
    values.iter().try_for_each(|(field, value)| {
        // automerge does not write what stands; what is removed first is written.
        delete(tx, &object, field.key)?;
        overwrite(tx, &object, field, value)
    })
}

#[cfg(test)]
mod tests;
