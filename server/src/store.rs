//! Where territories are kept: the `Store` trait, the contract every engine passes, and what may go wrong.
//!
//! Calls block; [`crate::commit`] keeps them off the async tasks. A write is staged by `append`, `compact`, `begin_epoch` or `put`,
//! and kept by [`Store::make_durable`]: all that is staged, at once. Readers are shown what is kept. So nobody loads
//! or streams what a power cut may still take back, and when a flush fails, what was staged never existed.
//!
//! Every engine passes the same assertions, in `store/contract.rs`.

#[cfg(test)]
mod contract;
pub mod memory;
pub mod reopening;
pub mod sled;
#[cfg(test)]
mod tests;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Epoch, FeedRow, Kept, Snapshot};

/// The longest key of a [`Row`], in bytes.
pub const KEY_BYTES_MAX: usize = 256;

/// A keyed collection beside the territories' logs: accounts, invitations, descriptions. Values are opaque here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Territory id → its description (name, communes, statistics).
    Territory = 1,
    /// Contributor id → the badge by which a provider's word lets them in again.
    Contributor = 2,
    /// Hash of a session's secret → the session.
    Session = 3,
    /// Invitation id → the invitation.
    Invitation = 4,
    /// Anything the server keeps once: its storage id, its secret.
    Server = 5,
    /// Territory id and a number that grows → what was done about its people.
    Act = 6,
    /// Territory id → its scenarios of permanences.
    Scenario = 10,
    /// Territory id → its own travel times.
    Travel = 11,
    /// Territory id and year → the points of its indicators' history.
    Progress = 12,
    /// Territory id → the series of its statistics, which are large and seldom read.
    Series = 13,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 10] = [
        Self::Territory,
        Self::Contributor,
        Self::Session,
        Self::Invitation,
        Self::Server,
        Self::Act,
        Self::Scenario,
        Self::Travel,
        Self::Progress,
        Self::Series,
    ];
}

/// Something that was kept once and is not there, or not as it was. What a territory's log lost is in [`Kept::damaged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// A row of a table, by the beginning of its key.
    Row(Table, String),
    /// An unknown number of rows of a table.
    Rows(Table),
    /// So many batches that were durable, of anything.
    Batches(u64),
}

/// One write to a [`Table`]; a value of `None` removes the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which table.
    pub table: Table,
    /// The row's key, at most [`KEY_BYTES_MAX`] bytes.
    pub key: Vec<u8>,
    /// The row's value, or `None` to remove it.
    pub value: Option<Vec<u8>>,
}

/// A row as it is listed: its key and its value.
pub type KeyValue = (Vec<u8>, Vec<u8>);

/// Durable storage of territories and tables. Safe to share between threads.
pub trait Store: Send + Sync + 'static {
    /// Territories that have a log, in the order of their ids.
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError>;

    /// All that was kept of a territory, or `None` when nothing was. What is damaged is set aside and told.
    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError>;

    /// Stages a batch, all of it or nothing. A feed row whose number is kept or staged already is refused; a chunk
    /// that is kept soundly is not written twice, an actor that is bound already keeps its first binding, and a change
    /// that was not merged has the note it was given last.
    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError>;

    /// Stages a snapshot and the removal of what it supersedes, all of it or nothing.
    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// Stages that a log takes the place of all that is kept and staged of a territory, together with rows of tables: all
    /// of it or nothing. The feed that is given reaches the number of the feed's last event.
    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError>;

    /// The number of a territory's epoch; 0 for one that never began another, or is not there.
    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError>;

    /// At most `limit` feed rows with a number above `after`, in order. A damaged row is left out: numbers jump.
    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError>;

    /// One row of a table.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Every row of a table that can be read, in the order of keys.
    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError>;

    /// What the tables, and the store as a whole, are known to have lost.
    fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        Ok(Vec::new())
    }

    /// Stages rows of tables, all of them or none.
    fn put(&self, rows: &[Row]) -> Result<(), StoreError>;

    /// Returns once everything staged before the call survives a power cut and is shown to readers. After a failure
    /// a store forgets what was staged, or answers nothing but errors until it is opened anew. A store may keep
    /// what is staged without being asked, when it grows large.
    fn make_durable(&self) -> Result<(), StoreError>;

    /// Copies what is kept to a place of its own, so that what was removed or overwritten stands in no file any more.
    /// `tell` hears how many rows of how many were copied. Once it is done the store takes no
    /// write until it is opened anew, which puts the copy in its place; [`reopening`] does that. After a failure it goes on as
    /// it was. What was staged is kept first; an engine that keeps nothing of what was removed has no more to do.
    fn rebuild(&self, _tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        self.make_durable()
    }
}

/// One write as a value, so that it can wait in a queue or be done a second time.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// [`Store::append`].
    Append(TerritoryId, Batch),
    /// [`Store::compact`].
    Compact(TerritoryId, Snapshot),
    /// [`Store::begin_epoch`].
    Epoch(TerritoryId, Box<Epoch>, Vec<Row>),
    /// [`Store::put`].
    Put(Vec<Row>),
}

impl Write {
    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Append(_, batch) => batch.is_empty(),
            Self::Compact(..) | Self::Epoch(..) => false,
            Self::Put(rows) => rows.is_empty(),
        }
    }

    /// Does the write.
    pub(crate) fn perform(&self, store: &dyn Store) -> Result<(), StoreError> {
        match self {
            Self::Append(territory, batch) => store.append(*territory, batch),
            Self::Compact(territory, snapshot) => store.compact(*territory, snapshot),
            Self::Epoch(territory, epoch, rows) => store.begin_epoch(*territory, epoch, rows),
            Self::Put(rows) => store.put(rows),
        }
    }
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
    /// The disk takes nothing more for now: it is full, or read-only. What was kept stays; opened anew once there is
    /// room, the store goes on.
    #[error("the store could not {doing}: {source}")]
    NoRoom {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// What the system said.
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

impl StoreError {
    /// The engine failed while `doing` something, a verb phrase.
    pub fn engine(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Engine { doing, source: source.into() }
    }

    /// The disk took nothing more while `doing` something, a verb phrase.
    pub fn no_room(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::NoRoom { doing, source: source.into() }
    }
}

/// Refuses rows whose key is longer than the contract allows, before anything is written.
fn check_keys(rows: &[Row]) -> Result<(), StoreError> {
    match rows.iter().find(|row| row.key.len() > KEY_BYTES_MAX) {
        Some(row) => Err(StoreError::engine("write a row", format!("its key has {} bytes", row.key.len()))),
        None => Ok(()),
    }
}
