//! Which values a field takes: the right kind, a bounded length, a usual word.

use super::EditError;
use crate::schema::field::{Field, Kind};
use crate::schema::record::Value;
use crate::time::UnixMillis;

/// The longest scalar that a field takes, in bytes.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// The longest prose that a field takes, in bytes.
pub const PROSE_BYTES_MAX: usize = 65_536;

/// Checks that a field takes a value.
pub(super) fn check(field: &'static Field, value: &Value) -> Result<(), EditError> {
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
                return wrong("several values, none of them blank");
            }
            bounded(field, member, TEXT_BYTES_MAX)?;
            usual(field, member)
        }),
        (Kind::Text | Kind::Prose, _) => wrong("text"),
        (Kind::Instant, _) => wrong("a date such as 2026-05-12"),
        (Kind::Integer, _) => wrong("a whole number of at least 0"),
        (Kind::Number, _) => wrong("a decimal number"),
        (Kind::Flag, _) => wrong("yes or no"),
        (Kind::Set, _) => wrong("several values"),
    }
}

fn bounded(field: &'static Field, text: &str, bytes_max: usize) -> Result<(), EditError> {
    if text.len() > bytes_max { Err(EditError::TooLong { field: field.key, bytes_max }) } else { Ok(()) }
}

fn usual(field: &'static Field, word: &str) -> Result<(), EditError> {
    if word.is_empty() { Ok(()) } else { named(field, word) }
}

/// Checks that a word is one of those the field takes, if it is particular about them.
pub(super) fn named(field: &'static Field, word: &str) -> Result<(), EditError> {
    if field.choices.is_empty() || field.choices.contains(&word) {
        return Ok(());
    }
    Err(EditError::UnknownWord {
        field: field.key,
        choices: field.choices.join(", "),
        found: word.chars().take(80).collect(),
    })
}
