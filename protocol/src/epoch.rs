//! Epochs: a document whose history no longer holds what must be forgotten.
//!
//! An automerge document remembers everything that was ever written into it. To erase something, its history is
//! rewritten, change by change, without the operations that wrote it; what stays keeps its numbers, so that objects and
//! characters are what they were and an edit made before still fits. The result is another document, with an
//! id of its own: the territory's next epoch.
//!
//! 1. Here: what is to be forgotten, and the document's id in each epoch.
//! 2. [`mod@rewrite`]: a document without it.
//! 3. [`seal`]: the mark that begins a new epoch.
//! 4. [`carry`]: edits that the old document had and the new one lacks, made to fit.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use automerge::AutomergeError;

use crate::ids::RecordId;
use crate::schema::path::{Address, Keys, Place};
use crate::time::UnixMillis;

pub mod carry;
pub mod rewrite;
mod runs;
pub mod seal;

pub use carry::{CarriedOver, Crossing, Left, carry_over};
pub use rewrite::{Rewritten, begin, rewrite};
pub use seal::Seal;

/// Something to be forgotten with all values that it ever had: a structure, a service or helper, a field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject(Keys);

impl Subject {
    /// A whole structure.
    pub fn structure(id: &RecordId) -> Self {
        Self::of(id, [])
    }

    /// One of a structure's services or helpers, one of its marks, or the structure itself.
    pub fn record(structure: &RecordId, place: &Place) -> Self {
        match place {
            Place::Itself => Self::structure(structure),
            Place::Service(id) => Self::of(structure, ["services", id.as_str()]),
            Place::Helper(id) => Self::of(structure, ["helpers", id.as_str()]),
            Place::Confirmed => Self::of(structure, ["confirmed"]),
            Place::Archived => Self::of(structure, ["archived"]),
            Place::Validation => Self::of(structure, ["validation"]),
        }
    }

    /// One field.
    pub fn field(address: &Address) -> Self {
        let Self(record) = Self::record(&address.structure, &address.place);
        Self(record.iter().cloned().chain([Arc::from(address.field.key)]).collect())
    }

    /// A path inside a structure, known to the schema or not: `phone`, `helpers/<id>`, `helpers/<id>/email`.
    /// `None` for a path that is none, and for the maps that hold all services or all helpers.
    pub fn parse(structure: &RecordId, path: &str) -> Option<Self> {
        let keys: Vec<&str> = path.split('/').collect();
        let shared = matches!(keys.as_slice(), ["services" | "helpers"]);
        (!shared && keys.iter().all(|key| !key.is_empty())).then(|| Self::of(structure, keys))
    }

    fn of<'a>(structure: &'a RecordId, inside: impl IntoIterator<Item = &'a str>) -> Self {
        Self(["structures", structure.as_str()].into_iter().chain(inside).map(Arc::from).collect())
    }

    /// Whether keys from the root lead to it or into it.
    pub fn holds(&self, keys: &[Arc<str>]) -> bool {
        keys.starts_with(&self.0)
    }

    /// The structure that it is, or is a part of.
    pub fn structure_id(&self) -> RecordId {
        RecordId::from(self.0.get(1).map(AsRef::as_ref).unwrap_or_default())
    }

    /// The path inside the structure; empty for the structure itself.
    pub fn path(&self) -> String {
        self.0.get(2..).unwrap_or_default().join("/")
    }
}

/// The keys from the root.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({self})")
    }
}

/// What a new epoch leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forget {
    /// What is forgotten as if it had never been written.
    pub subjects: BTreeSet<Subject>,
    /// What was replaced or removed before this instant, by its author's clock, is left out too: the document keeps
    /// what stood then and all that was done since.
    pub before: Option<UnixMillis>,
}

impl Forget {
    /// Whether what stands under these keys is to be forgotten.
    pub fn holds(&self, keys: &[Arc<str>]) -> bool {
        self.subjects.iter().any(|subject| subject.holds(keys))
    }
}

/// A document could not be rewritten. It is as it was.
#[derive(Debug, thiserror::Error)]
#[error("the document's history could not be rewritten")]
pub struct EpochError(#[source] Box<AutomergeError>);

impl From<AutomergeError> for EpochError {
    fn from(error: AutomergeError) -> Self {
        Self(Box::new(error))
    }
}

#[cfg(test)]
mod tests;
