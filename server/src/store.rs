//! Where territories are kept: the `Store` trait, the contract every engine passes, and what may go wrong.
//!
//! Calls block; [`crate::commit`] keeps them off the async tasks. Nothing written is promised before
//! [`Store::make_durable`] returned: only then may an edit be acknowledged.

pub mod memory;
pub mod sled;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, FeedRow, Kept, Snapshot};

/// A keyed collection beside the territories' logs: accounts, invitations, descriptions. Values are opaque here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Territory id → its description (name, communes, statistics).
    Territory = 1,
    /// Contributor id → who they are.
    Contributor = 2,
    /// Hash of a session's secret → the session.
    Session = 3,
    /// Invitation id → the invitation.
    Invitation = 4,
    /// Anything the server keeps once: its storage id, its secret.
    Server = 5,
}

/// One write to a [`Table`]; a value of `None` removes the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which table.
    pub table: Table,
    /// The row's key, at most 256 bytes.
    pub key: Vec<u8>,
    /// The row's value, or `None` to remove it.
    pub value: Option<Vec<u8>>,
}

/// Durable storage of territories and tables. Safe to share between threads.
pub trait Store: Send + Sync + 'static {
    /// Territories that have a log, in the order of their ids.
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError>;

    /// All that was kept of a territory, or `None` when nothing was. Damaged chunks are an error, never skipped.
    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError>;

    /// Writes a batch, all of it or nothing. A feed row whose number exists already is refused.
    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError>;

    /// Writes a snapshot and removes what it supersedes, all of it or nothing.
    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// At most `limit` feed rows with a number above `after`, in order.
    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError>;

    /// One row of a table.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Every row of a table, in the order of keys.
    fn scan(&self, table: Table) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError>;

    /// Writes rows of tables, all of them or none.
    fn put(&self, rows: &[Row]) -> Result<(), StoreError>;

    /// Returns once everything written before the call survives a power cut.
    fn make_durable(&self) -> Result<(), StoreError>;
}

/// What the world did to a store. The keeper drops the territory and opens it again, or an operator must act.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory is held by another process.
    #[error("the data directory {path} is in use by another process")]
    Busy {
        /// The directory.
        path: String,
    },
    /// The disk or the engine failed.
    #[error("the store could not {doing}: {source}")]
    Engine {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// What the engine said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was read is not what was written.
    #[error("damaged data in the store: {0}")]
    Damaged(String),
    /// A feed number was used twice: a bug, or two writers without a common log.
    #[error("feed row {seq} of territory {territory} exists already")]
    FeedConflict {
        /// The territory.
        territory: TerritoryId,
        /// The number.
        seq: u64,
    },
}
