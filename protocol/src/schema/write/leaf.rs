//! How a value is put under a key: a scalar, a text that merges by character, a set whose members merge.
//!
//! A value that stands alone as it should is left alone, in whatever shape another client wrote it. Once a set is
//! touched that somebody wrote as a list or as one text, it becomes a map, with all that stood in it.

use std::collections::BTreeSet;

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value as Stored};

use super::EditError;
use super::check::check;
use crate::schema::field::{Field, Kind};
use crate::schema::path::{Address, Place};
use crate::schema::read::maps;
use crate::schema::read::value::{members, stands};
use crate::schema::record::Value;

/// Gives a field a value, or empties it, after checking that it takes that.
pub(super) fn set_field<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    address: &Address,
    value: Option<&Value>,
) -> Result<(), EditError> {
    let field = address.field;
    if let Some(value) = value {
        check(field, value)?;
    }
    let blank = value.is_none_or(|value| value.as_text().is_some_and(|text| text.trim().is_empty()));
    if blank && field.key == "name" && address.place == Place::Itself {
        return Err(EditError::NoName);
    }
    match value.filter(|_| !blank) {
        Some(value) if stands(tx, object, field, value) => Ok(()),
        Some(value) => overwrite(tx, object, field, value),
        None => empty(tx, object, field),
    }
}

/// Writes a checked value, whatever stands there.
pub(super) fn overwrite<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    value: &Value,
) -> Result<(), EditError> {
    let scalar = match value {
        Value::Text(text) if field.kind == Kind::Prose => return prose(tx, object, field.key, text),
        Value::Text(text) if text.trim().is_empty() => return empty(tx, object, field),
        Value::Set(members) => return set_members(tx, object, field, members),
        Value::Text(text) => ScalarValue::from(text.as_str()),
        Value::Integer(integer) => ScalarValue::Int(*integer),
        Value::Number(number) => ScalarValue::F64(*number),
        Value::Flag(flag) => ScalarValue::Boolean(*flag),
    };
    Ok(tx.put(object, field.key, scalar)?)
}

fn empty<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
) -> Result<(), EditError> {
    match field.kind {
        Kind::Set => set_members(tx, object, field, &BTreeSet::new()),
        Kind::Prose => prose(tx, object, field.key, ""),
        Kind::Text | Kind::Integer | Kind::Number | Kind::Flag | Kind::Instant => {
            delete(tx, object, field.key)
        }
    }
}

/// Empties a key, if anything stands there.
pub(super) fn delete<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    key: &str,
) -> Result<(), EditError> {
    if tx.get(object, key)?.is_some() {
        tx.delete(object, key)?;
    }
    Ok(())
}

/// A text is changed where it stands, even when it is emptied: what somebody else adds to it meanwhile is not lost.
fn prose<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    key: &str,
    text: &str,
) -> Result<(), EditError> {
    let alone = match tx.get_all(object, key)?.as_slice() {
        [(Stored::Object(ObjType::Text), id)] => Some(id.clone()),
        _ => None,
    };
    match alone {
        Some(id) if tx.text(&id)? == text => Ok(()),
        Some(id) => Ok(tx.update_text(&id, text)?),
        None if text.is_empty() => delete(tx, object, key),
        None => {
            let id = tx.put_object(object, key, ObjType::Text)?;
            Ok(tx.splice_text(&id, 0, 0, text)?)
        }
    }
}

fn set_members<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    wanted: &BTreeSet<String>,
) -> Result<(), EditError> {
    let standing = members(tx, object, field.key);
    standing.difference(wanted).try_for_each(|gone| remove(tx, object, field, gone))?;
    wanted.difference(&standing).try_for_each(|new| insert(tx, object, field, new))
}

/// Adds a member to a set.
pub(super) fn include<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    member: &str,
) -> Result<(), EditError> {
    check(field, &Value::Set(BTreeSet::from([member.to_owned()])))?;
    if members(tx, object, field.key).contains(member) {
        return Ok(());
    }
    insert(tx, object, field, member)
}

/// Takes a member out of a set.
pub(super) fn exclude<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    member: &str,
) -> Result<(), EditError> {
    check(field, &Value::Set(BTreeSet::new()))?;
    if !members(tx, object, field.key).contains(member) {
        return Ok(());
    }
    remove(tx, object, field, member)
}

fn insert<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    member: &str,
) -> Result<(), EditError> {
    let map = map(tx, object, field)?;
    Ok(tx.put(&map, member, true)?)
}

fn remove<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
    member: &str,
) -> Result<(), EditError> {
    map(tx, object, field)?;
    maps(tx, object, field.key).iter().try_for_each(|map| delete(tx, map, member))
}

/// The map of a set: the one that stands, or a new one with all that stood there in another shape.
fn map<T: Transactable + ReadDoc>(
    tx: &mut T,
    object: &ObjId,
    field: &'static Field,
) -> Result<ObjId, EditError> {
    let (mut found, all) = (maps(tx, object, field.key), tx.get_all(object, field.key)?.len());
    if !found.is_empty() && found.len() == all {
        return Ok(found.swap_remove(0));
    }
    let standing = members(tx, object, field.key);
    let map = tx.put_object(object, field.key, ObjType::Map)?;
    standing.iter().try_for_each(|member| tx.put(&map, member.as_str(), true))?;
    Ok(map)
}
