//! What stands under one key → a field's value, with the answers that others gave at the same time.
//!
//! Every shape is read as well as can be: texts for scalars, numbers as text, lists for sets. What could not be read
//! or had another type is noted; nothing fails.

use std::collections::BTreeSet;

use automerge::{ObjId, ObjType, ScalarValue, Value as Stored};

use crate::schema::field::{Field, Kind};
use crate::schema::record::{Entry, Finding, Value};
use crate::time::UnixMillis;

use super::Findings;
use super::view::View;

/// Whether a field holds this value already: alone, and with nothing odd about it.
pub(in crate::schema) fn stands(
    doc: &impl View,
    object: &ObjId,
    field: &'static Field,
    value: &Value,
) -> bool {
    let mut findings = Findings::new();
    let alone = doc.values(object, field.key).len() == 1;
    alone
        && entry(doc, object, field, "", &mut findings).is_some_and(|entry| entry.value == *value)
        && findings.is_empty()
}

/// The members of a set, whatever stands for it.
pub(in crate::schema) fn members(doc: &impl View, object: &ObjId, key: &str) -> BTreeSet<String> {
    set(doc, &doc.values(object, key), &mut |_| false)
}

/// Reads a field of a record; `None` when it is not filled. What is odd about it is noted under `path`.
pub(super) fn entry(
    doc: &impl View,
    object: &ObjId,
    field: &'static Field,
    path: &str,
    findings: &mut Findings,
) -> Option<Entry> {
    let mut note = |finding| findings.insert((path.to_owned(), finding));
    let stored = doc.values(object, field.key);
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
    doc: &impl View,
    stored: &Stored<'_>,
    id: &ObjId,
    field: &Field,
    note: &mut impl FnMut(Finding) -> bool,
) -> Option<Value> {
    let text = match stored {
        Stored::Object(ObjType::Text) => doc.prose(id)?,
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
    clippy::cast_possible_wrap,
    reason = "checked or harmless: see arms"
)]
fn number_or_flag(stored: &ScalarValue, kind: Kind, note: &mut impl FnMut(Finding) -> bool) -> Option<Value> {
    let value = match (stored, kind) {
        (ScalarValue::Boolean(flag), Kind::Flag) => Value::Flag(*flag),
        (ScalarValue::Int(integer), Kind::Integer) if *integer >= 0 => Value::Integer(*integer),
        (ScalarValue::Int(integer), Kind::Number) => Value::Number(*integer as f64),
        (ScalarValue::Uint(integer), Kind::Integer) if i64::try_from(*integer).is_ok() => {
            Value::Integer(*integer as i64)
        }
        (ScalarValue::Uint(integer), Kind::Number) => Value::Number(*integer as f64),
        (ScalarValue::F64(number), Kind::Number) if number.is_finite() => Value::Number(*number),
        // JavaScript has one kind of number: a whole one is as good as an integer.
        (ScalarValue::F64(number), Kind::Integer)
            if number.fract() == 0.0 && (0.0..1e15).contains(number) =>
        {
            Value::Integer(*number as i64)
        }
        (ScalarValue::Timestamp(millis), Kind::Instant) => Value::Text(UnixMillis(*millis).to_rfc3339()),
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
        Kind::Instant if UnixMillis::from_rfc3339(&text).is_none() => Some(Value::Text(text)),
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

/// Unites the members of every map that stands for the set; lists and single texts are read too, flagged.
fn set(
    doc: &impl View,
    stored: &[(Stored<'_>, ObjId)],
    note: &mut impl FnMut(Finding) -> bool,
) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for (value, id) in stored {
        match value {
            Stored::Object(ObjType::Map) => {
                members.extend(doc.chosen(id).into_iter().filter(|member| !member.is_empty()));
            }
            Stored::Object(ObjType::Text) => {
                note(Finding::WrongType);
                members.extend(doc.prose(id).filter(|text| !text.is_empty()));
            }
            Stored::Object(ObjType::List) => {
                note(Finding::WrongType);
                for (item, item_id) in doc.items(id) {
                    let text = match item {
                        Stored::Object(ObjType::Text) => doc.prose(&item_id),
                        Stored::Scalar(scalar) => scalar.as_str().map(str::to_owned),
                        Stored::Object(ObjType::Map | ObjType::List | ObjType::Table) => None,
                    };
                    members.extend(text.filter(|text| !text.is_empty()));
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
