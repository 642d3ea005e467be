//! Document → records. Tolerant: whatever a document holds, reading gives a record and findings, never an error.
//!
//! A text where a scalar is meant is read as its string (the JavaScript library makes a text of every string); a
//! wrong type becomes a finding; an unknown field stays in the document. Where two devices made the same map at the
//! same time, both maps are read and their members united, for neither device did anything wrong.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ScalarValueRef, Value as Stored, ValueRef,
};

use super::field::{CONFIRMED, Field, HELPER, Kind, MARK, SERVICE, STRUCTURE, find};
use super::path::{Address, Place};
use super::record::{Entry, Fields, Finding, Part, Structure, Value};
use crate::ids::RecordId;

type Findings = BTreeSet<(String, Finding)>;

/// Every structure of the document.
pub fn structures(doc: &Automerge) -> BTreeMap<RecordId, Structure> {
    let Some(root) = maps(doc, &ROOT, "structures").into_iter().next() else { return BTreeMap::new() };
    let ids: Vec<String> = doc.keys(&root).collect();
    ids.into_iter()
        .filter_map(|id| {
            let id = RecordId::from(id);
            structure(doc, &id).map(|structure| (id, structure))
        })
        .collect()
}

/// One structure, or `None` when the document has none of that id.
pub fn structure(doc: &Automerge, id: &RecordId) -> Option<Structure> {
    let object = structure_object(doc, id)?;
    let mut findings = Findings::new();
    if !id.is_uuid() {
        findings.insert((String::new(), Finding::NotAUuid));
    }
    let fields = record(doc, &object, STRUCTURE, "", &mut findings);
    let services = parts(doc, &object, "services", SERVICE, &mut findings);
    let helpers = parts(doc, &object, "helpers", HELPER, &mut findings);
    let confirmed = mark(doc, &object, "confirmed", CONFIRMED, &mut findings);
    let archived = mark(doc, &object, "archived", MARK, &mut findings);
    let validation = mark(doc, &object, "validation", MARK, &mut findings);
    let mut structure = Structure { fields, services, helpers, confirmed, archived, validation, findings };
    flag_name(&mut structure);
    Some(structure)
}

/// Reads one field again into a structure that was read before.
pub fn refresh(doc: &Automerge, structure: &mut Structure, address: &Address) {
    let path = address.to_string();
    structure.findings.retain(|(at, _)| *at != path);
    let entry = container(doc, address)
        .and_then(|object| entry(doc, &object, address.field, &path, &mut structure.findings));
    let fields = match &address.place {
        Place::Itself => &mut structure.fields,
        Place::Service(id) => &mut structure.services.entry(id.clone()).or_default().fields,
        Place::Helper(id) => &mut structure.helpers.entry(id.clone()).or_default().fields,
        Place::Confirmed => &mut structure.confirmed,
        Place::Archived => &mut structure.archived,
        Place::Validation => &mut structure.validation,
    };
    match entry {
        Some(entry) => fields.insert(address.field.key, entry),
        None => fields.remove(address.field.key),
    };
    flag_name(structure);
}

/// The automerge object that holds a structure.
pub fn structure_object(doc: &impl ReadDoc, id: &RecordId) -> Option<ObjId> {
    let root = maps(doc, &ROOT, "structures").into_iter().next()?;
    maps(doc, &root, id.as_str()).into_iter().next()
}

/// The automerge object that holds a field: the record's map.
pub fn container(doc: &impl ReadDoc, address: &Address) -> Option<ObjId> {
    let structure = structure_object(doc, &address.structure)?;
    let inside = |kind: &str, id: &RecordId| {
        maps(doc, &structure, kind).iter().find_map(|parts| maps(doc, parts, id.as_str()).into_iter().next())
    };
    match &address.place {
        Place::Itself => Some(structure),
        Place::Service(id) => inside("services", id),
        Place::Helper(id) => inside("helpers", id),
        Place::Confirmed => maps(doc, &structure, "confirmed").into_iter().next(),
        Place::Archived => maps(doc, &structure, "archived").into_iter().next(),
        Place::Validation => maps(doc, &structure, "validation").into_iter().next(),
    }
}

/// The maps that stand at a key: usually one; several when they were made concurrently, the winner first.
pub fn maps(doc: &impl ReadDoc, object: &ObjId, key: &str) -> Vec<ObjId> {
    let mut found: Vec<ObjId> = doc
        .get_all(object, key)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(value, id)| matches!(value, Stored::Object(ObjType::Map)).then_some(id))
        .collect();
    found.reverse();
    found
}

fn flag_name(structure: &mut Structure) {
    let flag = ("name".to_owned(), Finding::NoName);
    if structure.name().trim().is_empty() {
        structure.findings.insert(flag);
    } else {
        structure.findings.remove(&flag);
    }
}

fn parts(
    doc: &Automerge,
    structure: &ObjId,
    kind: &str,
    table: &'static [Field],
    findings: &mut Findings,
) -> BTreeMap<RecordId, Part> {
    let mut found = BTreeMap::new();
    for parts in maps(doc, structure, kind) {
        let ids: Vec<String> = doc.keys(&parts).collect();
        for id in ids {
            let path = format!("{kind}/{id}");
            let Some(object) = maps(doc, &parts, &id).into_iter().next() else {
                findings.insert((path, Finding::Unreadable));
                continue;
            };
            let fields = record(doc, &object, table, &format!("{path}/"), findings);
            found.entry(RecordId::from(id)).or_insert(Part { fields });
        }
    }
    found
}

fn mark(
    doc: &Automerge,
    structure: &ObjId,
    kind: &str,
    table: &'static [Field],
    findings: &mut Findings,
) -> Fields {
    maps(doc, structure, kind)
        .first()
        .map(|object| record(doc, object, table, &format!("{kind}/"), findings))
        .unwrap_or_default()
}

fn record(
    doc: &Automerge,
    object: &ObjId,
    table: &'static [Field],
    prefix: &str,
    findings: &mut Findings,
) -> Fields {
    let keys: Vec<String> = doc.keys(object).collect();
    let mut fields = Fields::new();
    for key in keys {
        let path = format!("{prefix}{key}");
        if let Some(field) = find(table, &key) {
            if let Some(entry) = entry(doc, object, field, &path, findings) {
                fields.insert(field.key, entry);
            }
        } else if !(prefix.is_empty() && is_inner(&key)) {
            findings.insert((path, Finding::UnknownField));
        }
    }
    fields
}

fn is_inner(key: &str) -> bool {
    matches!(key, "services" | "helpers" | "confirmed" | "archived" | "validation")
}

fn entry(
    doc: &Automerge,
    object: &ObjId,
    field: &'static Field,
    path: &str,
    findings: &mut Findings,
) -> Option<Entry> {
    let mut note = |finding| findings.insert((path.to_owned(), finding));
    let stored = doc.get_all(object, field.key).unwrap_or_default();
    if field.kind == Kind::Set {
        let members = set(doc, &stored, &mut note);
        unknown_words(field, &members, &mut note);
        return (!members.is_empty()).then_some(Entry { value: Value::Set(members), others: Vec::new() });
    }
    // automerge lists concurrent values in ascending order of operation: the last is the winner.
    let mut values: Vec<Value> = Vec::new();
    for (value, id) in stored.iter().rev() {
        if let Some(value) = scalar(doc, value, id, field, &mut note)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    let mut values = values.into_iter();
    let value = values.next()?;
    if let Value::Text(word) = &value {
        unknown_words(field, std::slice::from_ref(word), &mut note);
    }
    Some(Entry { value, others: values.collect() })
}

fn unknown_words<'a>(
    field: &Field,
    words: impl IntoIterator<Item = &'a String>,
    note: &mut impl FnMut(Finding) -> bool,
) {
    if !field.choices.is_empty() && words.into_iter().any(|word| !field.choices.contains(&word.as_str())) {
        note(Finding::UnknownWord);
    }
}

fn scalar(
    doc: &Automerge,
    stored: &Stored<'_>,
    id: &ObjId,
    field: &Field,
    note: &mut impl FnMut(Finding) -> bool,
) -> Option<Value> {
    let text = match stored {
        Stored::Object(ObjType::Text) => doc.text(id).ok()?,
        Stored::Object(ObjType::Map | ObjType::List | ObjType::Table) => {
            note(Finding::Unreadable);
            return None;
        }
        Stored::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => text.to_string(),
            ScalarValue::Null => return None,
            ScalarValue::Bytes(_)
            | ScalarValue::Int(_)
            | ScalarValue::Uint(_)
            | ScalarValue::F64(_)
            | ScalarValue::Counter(_)
            | ScalarValue::Timestamp(_)
            | ScalarValue::Boolean(_)
            | ScalarValue::Unknown { .. } => return number_or_flag(scalar, field.kind, note),
        },
    };
    from_text(text, field.kind, note)
}

/// Reads a value that is no text. Text fields that hold a number or a flag show it as text, flagged.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "checked or harmless: see arms"
)]
fn number_or_flag(stored: &ScalarValue, kind: Kind, note: &mut impl FnMut(Finding) -> bool) -> Option<Value> {
    let value = match (stored, kind) {
        (ScalarValue::Boolean(flag), Kind::Flag) => Value::Flag(*flag),
        (ScalarValue::Int(integer), Kind::Integer) if *integer >= 0 => Value::Integer(*integer),
        (ScalarValue::Int(integer), Kind::Number) => Value::Number(*integer as f64),
        (ScalarValue::Uint(integer), Kind::Integer) => Value::Integer(i64::try_from(*integer).ok()?),
        (ScalarValue::Uint(integer), Kind::Number) => Value::Number(*integer as f64),
        (ScalarValue::F64(number), Kind::Number) if number.is_finite() => Value::Number(*number),
        // JavaScript has one kind of number: a whole one is as good as an integer.
        (ScalarValue::F64(number), Kind::Integer)
            if number.fract() == 0.0 && (0.0..1e15).contains(number) =>
        {
            Value::Integer(*number as i64)
        }
        (ScalarValue::Timestamp(millis), Kind::Instant) => {
            Value::Text(crate::time::UnixMillis(*millis).to_rfc3339())
        }
        (ScalarValue::Int(integer), Kind::Text | Kind::Prose) => noted(integer.to_string(), note),
        (ScalarValue::Uint(integer), Kind::Text | Kind::Prose) => noted(integer.to_string(), note),
        (ScalarValue::F64(number), Kind::Text | Kind::Prose) => noted(number.to_string(), note),
        (ScalarValue::Boolean(flag), Kind::Text | Kind::Prose) => noted(flag.to_string(), note),
        _ => {
            note(Finding::Unreadable);
            return None;
        }
    };
    Some(value)
}

fn noted(text: String, note: &mut impl FnMut(Finding) -> bool) -> Value {
    note(Finding::WrongType);
    Value::Text(text)
}

fn from_text(text: String, kind: Kind, note: &mut impl FnMut(Finding) -> bool) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let value = match kind {
        Kind::Text | Kind::Prose | Kind::Instant | Kind::Set => return Some(Value::Text(text)),
        Kind::Integer => text.trim().parse().ok().filter(|integer| *integer >= 0).map(Value::Integer),
        Kind::Number => text
            .trim()
            .replace(',', ".")
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Value::Number),
        Kind::Flag => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "oui" | "1" => Some(Value::Flag(true)),
            "false" | "no" | "non" | "0" => Some(Value::Flag(false)),
            _ => None,
        },
    };
    note(if value.is_some() { Finding::WrongType } else { Finding::Unreadable });
    value
}

/// A member is in its set unless somebody wrote `false` or `null` under it.
fn member_stands(value: &ValueRef<'_>) -> bool {
    !matches!(value, ValueRef::Scalar(ScalarValueRef::Boolean(false) | ScalarValueRef::Null))
}

/// Unites the members of every map that stands for the set; lists and single texts are read too, flagged.
fn set(
    doc: &Automerge,
    stored: &[(Stored<'_>, ObjId)],
    note: &mut impl FnMut(Finding) -> bool,
) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for (value, id) in stored {
        match value {
            Stored::Object(ObjType::Map) => members.extend(
                doc.map_range(id, ..)
                    .filter(|item| member_stands(&item.value))
                    .map(|item| item.key.to_string()),
            ),
            Stored::Object(ObjType::Text) => {
                note(Finding::WrongType);
                members.extend(doc.text(id).ok().filter(|text| !text.is_empty()));
            }
            Stored::Object(ObjType::List) => {
                note(Finding::WrongType);
                for index in 0..doc.length(id) {
                    if let Ok(Some((item, item_id))) = doc.get(id, index) {
                        let text = match item {
                            Stored::Object(ObjType::Text) => doc.text(&item_id).ok(),
                            Stored::Scalar(scalar) => scalar.as_str().map(str::to_owned),
                            Stored::Object(ObjType::Map | ObjType::List | ObjType::Table) => None,
                        };
                        members.extend(text.filter(|text| !text.is_empty()));
                    }
                }
            }
            Stored::Scalar(scalar) if scalar.is_null() => {}
            Stored::Scalar(scalar) => match scalar.as_str() {
                Some(text) if !text.is_empty() => {
                    note(Finding::WrongType);
                    members.insert(text.to_owned());
                }
                Some(_) => {}
                None => drop(note(Finding::Unreadable)),
            },
            Stored::Object(ObjType::Table) => drop(note(Finding::Unreadable)),
        }
    }
    members
}
