//! Going back: an edit that gives a field the value it had before an event, and says which event it goes back on.
//!
//! A revert is an edit like any other: it merges, is attributed and may be reverted. What it goes back on is told in
//! the change's message, so that any client can say so, and shown beside it; nothing is decided by it.

use serde_json::Value as Json;

use super::field::Kind;
use super::path::Address;
use super::record::Value;
use super::write::Edit;

/// What a change's message begins with when it goes back on an event of the feed.
const PREFIX: &str = "reverts ";

/// The message of a change that goes back on an event of the feed.
pub fn message(event: u64) -> String {
    format!("{PREFIX}{event}")
}

/// The event that a change says it goes back on.
pub fn event(message: Option<&str>) -> Option<u64> {
    message?.strip_prefix(PREFIX)?.parse().ok()
}

/// The edit that gives a field the value that an event says it had before; `None` when that is no value of its kind.
pub fn edit(address: Address, before: &Json) -> Option<Edit> {
    let value = match (address.field.kind, before) {
        (_, Json::Null) => None,
        (Kind::Text | Kind::Prose | Kind::Instant, Json::String(text)) => Some(Value::Text(text.clone())),
        (Kind::Integer, Json::Number(number)) => Some(Value::Integer(number.as_i64()?)),
        (Kind::Number, Json::Number(number)) => Some(Value::Number(number.as_f64()?)),
        (Kind::Flag, Json::Bool(flag)) => Some(Value::Flag(*flag)),
        (Kind::Set, Json::Array(members)) => {
            let members = members.iter().map(|member| member.as_str().map(str::to_owned));
            Some(Value::Set(members.collect::<Option<_>>()?))
        }
        _ => return None,
    };
    Some(Edit::Set { address, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RecordId;
    use serde_json::json;

    /// Goal: a message says which event it goes back on, and nothing else does. Method: ours, and others.
    #[test]
    fn a_message_names_one_event() {
        assert_eq!(event(Some(&message(42))), Some(42));
        for odd in [None, Some(""), Some("reverts"), Some("reverts -1"), Some("reverts x"), Some("Reverts 4")]
        {
            assert_eq!(event(odd), None, "{odd:?}");
        }
    }

    /// Goal: what stood is what is written, by the field's kind, and nothing is guessed. Method: a table.
    #[test]
    fn a_value_comes_back_as_it_was() {
        let record = RecordId::from("019a0000-0000-7000-8000-000000000001");
        let to = |path: &str, before: &Json| {
            let address = Address::parse(&record, path).expect("a field");
            edit(address, before).map(|edit| {
                let Edit::Set { value, .. } = edit else { panic!("{edit:?}") };
                value
            })
        };
        for (path, before, expected) in [
            ("phone", json!("02 99"), Some(Some(Value::Text("02 99".into())))),
            ("phone", Json::Null, Some(None)),
            ("phone", json!(2), None),
            ("latitude", json!(48), Some(Some(Value::Number(48.0)))),
            ("itinerant", json!(true), Some(Some(Value::Flag(true)))),
            ("publics", json!(["a", "b"]), Some(Some(Value::Set(["a".to_owned(), "b".to_owned()].into())))),
            ("publics", json!(["a", 1]), None),
            ("services/s/eadmin_staff", json!(2), Some(Some(Value::Integer(2)))),
            ("services/s/eadmin_staff", json!(2.5), None),
        ] {
            assert_eq!(to(path, &before), expected, "{path} {before}");
        }
    }
}
