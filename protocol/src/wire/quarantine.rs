//! Edits that were not merged: why not, what became of them, and how they are told to people.
//!
//! A refused change is kept whole. What is said here is for those who decide about it and for its author.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::ids::{ContributorId, DeviceId, RecordId};
use crate::people::Role;

/// Why a change was not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was made under an identity that belongs to somebody else, or to nobody who is signed in.
    ForeignActor,
    /// It names an author who is not the person signed in.
    ForeignAuthor,
    /// Only a référent·e may do this.
    NeedsReferent,
    /// Only whoever contributes may do this.
    NeedsContributor,
    /// It would take a record out of the directory; records are archived.
    RemovesRecord,
    /// It would put something in the place of a record or of a map that others write into.
    ReplacesRecord,
    /// It writes where nothing of the directory stands.
    Outside,
    /// It builds on a change that was not merged, and cannot be carried over without it.
    BuildsOnRefused,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::ForeignActor,
        Self::ForeignAuthor,
        Self::NeedsReferent,
        Self::NeedsContributor,
        Self::RemovesRecord,
        Self::ReplacesRecord,
        Self::Outside,
        Self::BuildsOnRefused,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ForeignActor => "foreign-actor",
            Self::ForeignAuthor => "foreign-author",
            Self::NeedsReferent => "needs-referent",
            Self::NeedsContributor => "needs-contributor",
            Self::RemovesRecord => "removes-record",
            Self::ReplacesRecord => "replaces-record",
            Self::Outside => "outside",
            Self::BuildsOnRefused => "builds-on-refused",
        }
    }
}

/// What became of a change that was not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It waits for a référent·e.
    Waiting,
    /// It was allowed by itself: its edits stand in the directory, in a change that the server made of it.
    Carried,
    /// A référent·e took it.
    Accepted,
    /// A référent·e closed it; it is kept.
    Rejected,
    /// Its author took it back; it is kept.
    Withdrawn,
}

impl State {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Carried => "carried",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What is decided about a change that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is merged. A référent·e's.
    Accept,
    /// It is closed. A référent·e's.
    Reject,
    /// It is taken back. Its author's.
    Withdraw,
}

/// A change that was not merged, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The change's hash, in hexadecimal.
    pub id: String,
    /// What became of it.
    pub state: State,
    /// Why it was not merged.
    pub reason: Reason,
    /// What it would do, in the order of its operations; at most a hundred.
    pub edits: Vec<HeldEdit>,
    /// On whose sign-in it came.
    pub contributor: ContributorId,
    /// Their name.
    pub name: String,
    /// Their device.
    pub device: DeviceId,
    /// Their role when it came.
    pub role: Role,
    /// When it came, by the server's clock, in RFC 3339.
    pub at: String,
    /// The time in the change, by its author's clock, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub clock: Option<String>,
    /// The changes that it builds on and that were not merged either.
    pub needs: Vec<String>,
    /// The change that stands in the directory in its place, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub merged_as: Option<String>,
    /// Who decided, and when, once somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub decided: Option<Decided>,
}

/// Who decided about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The contributor.
    pub contributor: ContributorId,
    /// Their name.
    pub name: String,
    /// When, by the server's clock, in RFC 3339.
    pub at: String,
}

/// One thing that a change would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HeldEdit {
    /// The structure it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub structure: Option<RecordId>,
    /// The structure's name, where the directory has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// Where, inside the structure; from the root where it is about none.
    pub path: String,
    /// What is done there.
    pub act: HeldAct,
    /// The value that is written; a text that is added to, for prose; null where there is none.
    pub value: Json,
}

/// What an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum HeldAct {
    /// Makes a record or a map.
    Create,
    /// Writes a value.
    Write,
    /// Removes what stands.
    Remove,
}
