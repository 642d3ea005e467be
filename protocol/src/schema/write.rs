//! Edits → document. Strict: what is not in the tables, or has the wrong kind, is refused before anything is written.
//!
//! Edits touch leaf keys only, so that two people's edits of one record merge. A value that stands already is not
//! written again, unless writing it settles a conflict: a second import of the same file writes nothing.

use std::collections::BTreeSet;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    Automerge, AutomergeError, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored,
};

use super::field::{CONFIRMATIONS, Field, Kind};
use super::path::{Address, Place};
use super::read::{maps, structure_object};
use super::record::Value;
use crate::ids::RecordId;
use crate::time::UnixMillis;

/// The longest scalar that a field takes, in bytes.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// The longest prose that a field takes, in bytes.
pub const PROSE_BYTES_MAX: usize = 65_536;

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
        /// How: one of [`CONFIRMATIONS`].
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
    let options = CommitOptions::default().with_time(at.0.div_euclid(1000));
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
    let wrong = |takes| EditError::WrongKind { field: field.key, takes, found: typed.to_owned() };
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
            set_field(tx, &object, &service_field("family", structure, id), Some(&family.as_str().into()))?;
            stamp(tx, &object, "created_at", at)
        }
        Edit::AddHelper { structure, id, name } => {
            if name.trim().is_empty() {
                return Err(EditError::NoName);
            }
            let object = add_part(tx, structure, "helpers", id)?;
            let address =
                Address::new(structure, Place::Helper(id.clone()), "name").expect("helpers have a name");
            set_field(tx, &object, &address, Some(&name.as_str().into()))
        }
        Edit::Set { address, value } => {
            let object = writable(tx, address)?;
            set_field(tx, &object, address, value.as_ref())
        }
        Edit::Include { address, member } => {
            let object = writable(tx, address)?;
            include(tx, &object, address, member)
        }
        Edit::Exclude { address, member } => {
            let object = writable(tx, address)?;
            exclude(tx, &object, address.field, member)
        }
        Edit::Confirm { structure, by, how } => {
            if !CONFIRMATIONS.contains(&how.as_str()) {
                return Err(EditError::UnknownWord {
                    field: "how",
                    choices: CONFIRMATIONS.join(", "),
                    found: how.clone(),
                });
            }
            mark(tx, structure, "confirmed", &[("by", by), ("how", how)], at)
        }
        Edit::Archive { structure, by, why } => {
            mark(tx, structure, "archived", &[("by", by), ("why", why)], at)
        }
        Edit::Validate { structure, by } => mark(tx, structure, "validation", &[("by", by)], at),
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

fn service_field(key: &str, structure: &RecordId, id: &RecordId) -> Address {
    Address::new(structure, Place::Service(id.clone()), key).expect("the key is in the table of services")
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
    let address = Address::new(id, Place::Itself, "name").expect("structures have a name");
    set_field(tx, &object, &address, Some(&name.into()))?;
    stamp(tx, &object, "created_at", at)?;
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

/// The map that holds a field, made first where it is a mark that nobody wrote yet.
fn writable<T: Transactable + ReadDoc>(tx: &mut T, address: &Address) -> Result<ObjId, EditError> {
    if let Some(object) = super::read::container(tx, address) {
        return Ok(object);
    }
    let structure = existing(tx, &address.structure)?;
    match &address.place {
        Place::Itself => Ok(structure),
        Place::Service(id) => Err(EditError::NoRecord(format!("{}/services/{id}", address.structure))),
        Place::Helper(id) => Err(EditError::NoRecord(format!("{}/helpers/{id}", address.structure))),
        Place::Confirmed => Ok(tx.put_object(&structure, "confirmed", ObjType::Map)?),
        Place::Archived => Ok(tx.put_object(&structure, "archived", ObjType::Map)?),
        Place::Validation => Ok(tx.put_object(&structure, "validation", ObjType::Map)?),
    }
}

fn mark<T: Transactable + ReadDoc>(
    tx: &mut T,
    structure: &RecordId,
    kind: &'static str,
    words: &[(&str, &String)],
    at: UnixMillis,
) -> Result<(), EditError> {
    let object = existing(tx, structure)?;
    let mark = match maps(tx, &object, kind).into_iter().next() {
        Some(mark) => mark,
        None => tx.put_object(&object, kind, ObjType::Map)?,
    };
    stamp(tx, &mark, "at", at)?;
    for (key, word) in words {
        if word.len() > TEXT_BYTES_MAX {
            return Err(EditError::TooLong { field: "why", bytes_max: TEXT_BYTES_MAX });
        }
        put(tx, &mark, key, &ScalarValue::from(word.as_str()))?;
    }
    Ok(())
}

fn stamp<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    key: &str,
    at: UnixMillis,
) -> Result<(), EditError> {
    put(tx, object, key, &ScalarValue::from(at.to_rfc3339()))
}

fn set_field<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    address: &Address,
    value: Option<&Value>,
) -> Result<(), EditError> {
    let field = address.field;
    let Some(value) = value else {
        if field.key == "name" && matches!(address.place, Place::Itself) {
            return Err(EditError::NoName);
        }
        if field.kind == Kind::Set {
            return set_members(tx, object, address, &BTreeSet::new());
        }
        if tx.get(object, field.key)?.is_some() {
            tx.delete(object, field.key)?;
        }
        return Ok(());
    };
    check(field, value)?;
    match value {
        Value::Text(text) if field.kind == Kind::Prose => prose(tx, object, field.key, text),
        Value::Text(text) if text.trim().is_empty() => set_field(tx, object, address, None),
        Value::Text(text) => put(tx, object, field.key, &ScalarValue::from(text.as_str())),
        Value::Integer(integer) => put(tx, object, field.key, &ScalarValue::Int(*integer)),
        Value::Number(number) => put(tx, object, field.key, &ScalarValue::F64(*number)),
        Value::Flag(flag) => put(tx, object, field.key, &ScalarValue::Boolean(*flag)),
        Value::Set(members) => set_members(tx, object, address, members),
    }
}

/// Writes a scalar unless it stands there already, alone.
fn put<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    key: &str,
    value: &ScalarValue,
) -> Result<(), EditError> {
    let standing = tx.get_all(object, key)?;
    let same = matches!(standing.as_slice(), [(Stored::Scalar(scalar), _)] if scalar.as_ref() == value);
    if !same {
        tx.put(object, key, value.clone())?;
    }
    Ok(())
}

fn prose<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    key: &str,
    text: &str,
) -> Result<(), EditError> {
    let standing = tx.get_all(object, key)?;
    let (alone, none) = match standing.as_slice() {
        [(Stored::Object(ObjType::Text), id)] => (Some(id.clone()), false),
        all => (None, all.is_empty()),
    };
    if let Some(id) = alone {
        if tx.text(&id)? != text {
            tx.update_text(&id, text)?;
        }
        return Ok(());
    }
    if text.is_empty() && none {
        return Ok(());
    }
    let id = tx.put_object(object, key, ObjType::Text)?;
    tx.splice_text(&id, 0, 0, text)?;
    Ok(())
}

fn set_members<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    address: &Address,
    members: &BTreeSet<String>,
) -> Result<(), EditError> {
    let mut standing = BTreeSet::new();
    for map in maps(tx, object, address.field.key) {
        standing.extend(tx.keys(&map));
    }
    standing.difference(members).try_for_each(|gone| exclude(tx, object, address.field, gone))?;
    members.difference(&standing).try_for_each(|new| include(tx, object, address, new))
}

fn include<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    address: &Address,
    member: &str,
) -> Result<(), EditError> {
    let field = address.field;
    check(field, &Value::Set(BTreeSet::from([member.to_owned()])))?;
    let map = match maps(tx, object, field.key).into_iter().next() {
        Some(map) => map,
        None => tx.put_object(object, field.key, ObjType::Map)?,
    };
    put(tx, &map, member, &ScalarValue::Boolean(true))
}

fn exclude<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    member: &str,
) -> Result<(), EditError> {
    check(field, &Value::Set(BTreeSet::new()))?;
    for map in maps(tx, object, field.key) {
        if tx.get(&map, member)?.is_some() {
            tx.delete(&map, member)?;
        }
    }
    Ok(())
}

fn check(field: &'static Field, value: &Value) -> Result<(), EditError> {
    let wrong = |takes| {
        let found = match value {
            Value::Text(text) => text.clone(),
            Value::Integer(integer) => integer.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Set(members) => members.iter().cloned().collect::<Vec<_>>().join("|"),
        };
        Err(EditError::WrongKind { field: field.key, takes, found: found.chars().take(80).collect() })
    };
    match (field.kind, value) {
        (Kind::Text, Value::Text(text)) => {
            bounded(field, text, TEXT_BYTES_MAX)?;
            usual(field, text)
        }
        (Kind::Prose, Value::Text(text)) => bounded(field, text, PROSE_BYTES_MAX),
        (Kind::Instant, Value::Text(text)) if UnixMillis::from_rfc3339(text).is_some() => Ok(()),
        (Kind::Integer, Value::Integer(0..)) | (Kind::Flag, Value::Flag(_)) => Ok(()),
        (Kind::Number, Value::Number(number)) => match (field.key, number) {
            ("latitude", -90.0..=90.0) | ("longitude", -180.0..=180.0) => Ok(()),
            ("latitude" | "longitude", _) => wrong("degrees"),
            (_, 0.0..) if number.is_finite() => Ok(()),
            _ => wrong("a number of at least 0"),
        },
        (Kind::Set, Value::Set(members)) => members.iter().try_for_each(|member| {
            if member.trim().is_empty() {
                return Err(EditError::NoName);
            }
            bounded(field, member, TEXT_BYTES_MAX)?;
            usual(field, member)
        }),
        (Kind::Text | Kind::Prose, _) => wrong("text"),
        (Kind::Instant, _) => wrong("a date such as 2026-05-12"),
        (Kind::Integer, _) => wrong("a whole number of at least 0"),
        (Kind::Number, _) => wrong("a number"),
        (Kind::Flag, _) => wrong("yes or no"),
        (Kind::Set, _) => wrong("several values"),
    }
}

fn bounded(field: &'static Field, text: &str, bytes_max: usize) -> Result<(), EditError> {
    if text.len() > bytes_max { Err(EditError::TooLong { field: field.key, bytes_max }) } else { Ok(()) }
}

fn usual(field: &'static Field, word: &str) -> Result<(), EditError> {
    if field.choices.is_empty() || word.is_empty() || field.choices.contains(&word) {
        return Ok(());
    }
    Err(EditError::UnknownWord {
        field: field.key,
        choices: field.choices.join(", "),
        found: word.to_owned(),
    })
}
