//! As of when an answer about a territory holds: the heads of its document, and in plain words how far the directory had
//! come. Every published figure says it.

use automerge::ReadDoc;
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use portrea_territory::territory::Territory;
use serde::Serialize;
use serde_json::Value;

use crate::state::State;
use crate::store::StoreError;

/// A moment of a territory, as it is read together with the figures.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    heads: Vec<String>,
    changes: u64,
    feed_last: u64,
}

/// As of when figures hold.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AsOf {
    /// The heads of the document.
    pub(super) heads: Vec<String>,
    /// How far the directory had come.
    pub(super) directory: Directory,
}

/// How far a directory had come.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Directory {
    /// The changes in its document.
    pub(super) changes: u64,
    /// When the server took the last one that its feed tells of (RFC 3339); nothing before the first.
    pub(super) at: Option<String>,
}

impl Moment {
    /// The moment that a territory is at.
    pub(super) fn of(territory: &Territory) -> Self {
        Self {
            heads: territory.heads().iter().map(ToString::to_string).collect(),
            changes: territory.document().stats().num_changes,
            feed_last: territory.feed_last(),
        }
    }

    /// The same with its time.
    pub(super) async fn told(self, state: &State, territory: TerritoryId) -> Result<AsOf, StoreError> {
        let at = match self.feed_last {
            0 => None,
            last => state.registry.last_event(territory, last, true).await?,
        };
        let directory = Directory { changes: self.changes, at: at.map(UnixMillis::to_rfc3339) };
        Ok(AsOf { heads: self.heads, directory })
    }
}

impl AsOf {
    /// An answer that says as of when it holds.
    pub(super) fn on(&self, answer: &impl Serialize) -> Value {
        let mut answer = serde_json::to_value(answer).unwrap_or_default();
        if let (Some(object), Ok(Value::Object(own))) = (answer.as_object_mut(), serde_json::to_value(self)) {
            object.extend(own);
        }
        answer
    }
}
