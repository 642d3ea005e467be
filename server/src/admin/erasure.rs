//! What may be erased for good, and what came of it, as values.

use portrea_protocol::epoch::{Forget, Subject};
use portrea_protocol::ids::{ContributorId, RecordId, TerritoryId};
use portrea_territory::erasure::Counts;
use serde::{Deserialize, Serialize};

use crate::access::act::Erasable;

/// The mean length of a month of the Gregorian calendar, in milliseconds: 365.2425 / 12 days.
const MONTH_MS: i64 = 2_629_746_000;

/// What is to be erased for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Erasure {
    /// All values that a field ever had, or another part of a structure.
    Value {
        /// The structure.
        structure: RecordId,
        /// The path inside it: `phone`, `helpers/<id>/email`.
        path: String,
    },
    /// A whole structure.
    Record(RecordId),
    /// Somebody who helps.
    Helper {
        /// The structure.
        structure: RecordId,
        /// The helper.
        helper: RecordId,
    },
    /// The name of somebody who wrote; what they wrote stays.
    Contributor(ContributorId),
    /// What was replaced so many months ago, or earlier.
    History {
        /// How many months are kept.
        months: u32,
    },
}

impl Erasure {
    /// What of the directory is to be forgotten at `now`; `None` for a path that is none.
    pub fn forget(&self, now: portrea_protocol::time::UnixMillis) -> Option<Forget> {
        let subject = match self {
            Self::Value { structure, path } => Subject::parse(structure, path)?,
            Self::Record(structure) => Subject::structure(structure),
            Self::Helper { structure, helper } => Subject::parse(structure, &format!("helpers/{helper}"))?,
            Self::Contributor(_) => return Some(Forget::default()),
            Self::History { months } => {
                let before = now.plus(-MONTH_MS.saturating_mul(i64::from(*months)));
                return Some(Forget { before: Some(before), ..Forget::default() });
            }
        };
        Some(Forget { subjects: [subject].into(), before: None })
    }

    /// What kind of thing it is, for the act that it leaves.
    pub fn kind(&self) -> Erasable {
        match self {
            Self::Value { .. } => Erasable::Value,
            Self::Record(_) => Erasable::Structure,
            Self::Helper { .. } => Erasable::Helper,
            Self::Contributor(_) => Erasable::Contributor,
            Self::History { .. } => Erasable::History,
        }
    }

    /// The person whose name goes.
    pub fn person(&self) -> Option<ContributorId> {
        if let Self::Contributor(whom) = self { Some(*whom) } else { None }
    }
}

/// What was erased, or would be; what it said is told nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// Where.
    pub territory: TerritoryId,
    /// What.
    pub what: Erasure,
    /// Whether nothing was done on purpose.
    pub dry_run: bool,
    /// What was found of it, with what stands beside the territory's log.
    pub found: Counts,
    /// The territory's epoch from now on, or as it would be.
    pub epoch: u32,
    /// The address of its document from now on.
    pub document: String,
    /// How large the document was, in bytes.
    pub document_bytes_before: usize,
    /// How large it is, or would be.
    pub document_bytes: usize,
    /// How many devices were signed out.
    pub signed_out: usize,
    /// Whether the store's files were made anew, so that nothing of it is left in them. Where they could not be, the
    /// server does it when it starts, or `compact`.
    pub files_rebuilt: bool,
}

/// A store whose files were made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compacted {
    /// The size of the files before, in bytes.
    pub bytes_before: u64,
    /// Their size now.
    pub bytes: u64,
    /// How long writes waited, in milliseconds.
    pub millis: u64,
}
