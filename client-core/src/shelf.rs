//! What is kept on this device. A trait, so that the hand can be tried on a shelf of memory.
//!
//! 1. [`identity`]: who this device is and where its server stands.
//! 2. [`journal`]: the append-only file's entries, as pure functions over bytes.
//! 3. [`disk`]: a directory. 4. [`memory`]: for tests.
//!
//! Invariant: when [`Shelf::keep`] returns, the bytes survive a power cut; when it fails, nothing of them stands.

use automerge::ChangeHash;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

pub mod disk;
pub mod identity;
pub mod journal;
pub mod memory;

use self::identity::Identity;

/// What a shelf held when it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The last whole document.
    pub snapshot: Option<Vec<u8>>,
    /// Changes kept since, in order.
    pub changes: Vec<Vec<u8>>,
    /// What is known of the server.
    pub server: ServerKnown,
    /// How the device came to this document; `None` while it is the territory's first.
    pub crossed: Option<Crossed>,
}

impl Kept {
    /// The snapshot, then the changes: what [`crate::replica::Replica::load`] takes.
    pub fn chunks(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.snapshot.iter().chain(&self.changes).cloned()
    }
}

/// What a device remembers of the server between two runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerKnown {
    /// The heads that the server last said it had on disk.
    pub heads: Vec<ChangeHash>,
    /// When it said so, by this device's clock.
    pub at: Option<UnixMillis>,
    /// The code with which it refused what was sent, since it last took something.
    pub refused: Option<String>,
    /// Whether it no longer knows this device.
    pub signed_out: bool,
}

/// How a device moved to another document of its territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Crossed {
    /// Which document it is.
    pub epoch: u32,
    /// When the device moved, by its own clock.
    pub at: UnixMillis,
    /// How many unsent edits came along.
    pub carried: usize,
    /// What could not come along, this time or earlier.
    pub left: Vec<Remnant>,
}

/// Something that was written where nothing is any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remnant {
    /// Where: the structure's id, then the path inside.
    pub path: String,
    /// What, as text; empty where nothing was but a place to write to.
    pub said: String,
    /// When it was written, by its author's clock.
    pub at: UnixMillis,
    /// The document that it could not come along to.
    pub epoch: u32,
}

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// There is no device here: nobody joined yet.
    #[error("no device is kept in {0}; join a territory first")]
    NoDevice(String),
    /// A device is here already.
    #[error("a device is kept in {0} already")]
    Exists(String),
    /// The disk is full. Nothing was half written.
    #[error("the disk is full; nothing was written to {path}")]
    Full {
        /// What was being written.
        path: String,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// The system refused to read or write.
    #[error("cannot {what} {path}")]
    Io {
        /// What was tried, in words.
        what: &'static str,
        /// On what.
        path: String,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// A file of ours does not hold what it should.
    #[error("{path} cannot be understood: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Where a device keeps its document.
pub trait Shelf: Send {
    /// Everything that was kept.
    fn read(&mut self) -> Result<Kept, ShelfError>;

    /// Keeps changes behind those kept before; durable when it returns.
    fn keep(&mut self, changes: &[u8]) -> Result<(), ShelfError>;

    /// Keeps a whole document in the place of all that was kept before.
    fn compact(&mut self, snapshot: &[u8]) -> Result<(), ShelfError>;

    /// Keeps another document in the place of the one that was kept, and how it came: all of it or nothing. What was known
    /// of the server is forgotten, and the earlier document is erased.
    fn cross(&mut self, crossed: &Crossed, snapshot: &[u8]) -> Result<(), ShelfError>;

    /// Remembers what is known of the server. Losing it costs a few bytes on the line, never an edit.
    fn note(&mut self, server: &ServerKnown) -> Result<(), ShelfError>;

    /// Puts another identity in the place of this device's, whole or not at all: the next token of its sign-in.
    fn rename(&mut self, identity: &Identity) -> Result<(), ShelfError>;

    /// How many changes were kept since the last whole document.
    fn loose(&self) -> usize;
}
