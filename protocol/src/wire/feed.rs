//! The feed's events as référent·es see them: typed, numbered, with before and after.
//!
//! One event is one line of JSON, kept in the same batch as the change it tells of and streamed as it was kept.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::ids::{ContributorId, DeviceId, InseeCode, RecordId};
use crate::schema::record::Value;
use crate::wire::quarantine::Reason;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FeedEvent {
    /// Its number in the territory's feed: dense, from 1.
    pub id: u64,
    /// When the server merged it, by the server's clock, in RFC 3339.
    pub at: String,
    /// Who did it, as the server checked it; nobody for what the server computes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub author: Option<Author>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub subject: Option<Subject>,
    /// Whether something that it told was erased since: it stands there as null or "".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub erased: bool,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Who wrote a change, from which device, when by their own clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Author {
    /// The contributor.
    pub contributor: ContributorId,
    /// The contributor's name.
    pub name: String,
    /// The device that the change came from.
    pub device: DeviceId,
    /// The time in the change, by the author's clock, in RFC 3339; shown, never ordered by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub clock: Option<String>,
    /// The change's hash, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub change: Option<String>,
    /// The event that the change says it goes back on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub reverts: Option<u64>,
}

/// The structure an event is about, as it was called after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Subject {
    /// The structure.
    pub structure: RecordId,
    /// Its name.
    pub name: String,
    /// Its commune, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub commune: Option<InseeCode>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A structure is new.
    Created,
    /// A field has another value.
    FieldChanged {
        /// The field, by its path inside the structure.
        path: String,
        /// The value before; null when it was not filled.
        before: Json,
        /// The value now; null when it was emptied.
        after: Json,
    },
    /// Two people gave different values at the same time; both are kept.
    Conflict {
        /// The field.
        path: String,
        /// Every value, the one shown first.
        values: Vec<Json>,
    },
    /// Somebody chose among concurrent values.
    Resolved {
        /// The field.
        path: String,
        /// The value chosen.
        value: Json,
    },
    /// A service or a helper is new.
    PartAdded {
        /// `services/<id>` or `helpers/<id>`.
        path: String,
        /// What it is: a service's family, a helper's name.
        what: String,
    },
    /// Somebody checked that the record is right.
    Confirmed {
        /// `visit`, `call`, `mail`, `link` or `self`.
        how: String,
    },
    /// A référent·e vouches for the record.
    Validated,
    /// A validated record was edited by somebody who is no référent·e, or was validated by one who had not seen an edit:
    /// the server asks that it be reviewed again. Nobody is its author.
    ToReview,
    /// The structure was archived.
    Archived {
        /// Why.
        why: String,
    },
    /// The structure is live again.
    Unarchived,
    /// The structure was taken out of the document, or replaced by something unreadable.
    Removed,
    /// Changes were not merged: they wait for a référent·e.
    Quarantined {
        /// Why.
        reason: Reason,
        /// How many changes.
        changes: u32,
    },
    /// A référent·e took a change that waited; what it did is told beside, under its author's name.
    QuarantineAccepted {
        /// The name of whoever had brought it.
        whose: String,
    },
    /// A référent·e closed a change that waited; it is kept.
    QuarantineRejected {
        /// The name of whoever had brought it.
        whose: String,
    },
    /// Its author took back a change that waited; it is kept.
    QuarantineWithdrawn,
    /// Somebody signed in on a device.
    Joined,
    /// Figures that the events before it moved.
    Indicators {
        /// What moved.
        changes: Vec<IndicatorChange>,
    },
}

/// One figure that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IndicatorChange {
    /// The commune, or null for the territory.
    pub commune: Option<InseeCode>,
    /// The figure's name, by its path in the portrait: `offer.assist.weeklyEadminHours`.
    pub indicator: String,
    /// Before; null when it was missing.
    pub before: Option<f64>,
    /// Now; null when it is missing.
    pub after: Option<f64>,
}

/// A field's value as JSON; a set is a list in alphabetical order.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(integer) => Json::from(*integer),
        Value::Number(number) => Json::from(*number),
        Value::Flag(flag) => Json::from(*flag),
        Value::Set(members) => members.iter().map(String::as_str).collect(),
    }
}

#[cfg(test)]
mod tests;
