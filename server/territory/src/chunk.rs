//! What a territory asks to have kept: content-addressed chunks, feed rows, actor bindings, and what was not merged.
//!
//! Chunks are append-only and named by their content, so writing one twice is harmless and several nodes may
//! write one territory's log. A snapshot supersedes the chunks that it contains; until they are deleted both may
//! stand side by side, for automerge ignores what it already has.

use std::fmt;
use std::sync::Arc;

use portrea_protocol::ids::{ContributorId, DeviceId};
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::held::Held;

/// The SHA-256 of a chunk's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkId(pub [u8; 32]);

impl ChunkId {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChunkId(")?;
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// Bytes that `automerge`'s incremental loading reads: one or more changes, or a whole saved document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    id: ChunkId,
    bytes: Arc<[u8]>,
}

impl Chunk {
    /// Names the bytes by their content.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { id: ChunkId::of(&bytes), bytes }
    }

    /// The name: the SHA-256 of the bytes.
    pub fn id(&self) -> ChunkId {
        self.id
    }

    /// The content.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }
}

/// One numbered event of the feed, already in its JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRow {
    /// Position in the territory's feed: dense, from 1.
    pub seq: u64,
    /// The event as it is streamed.
    pub json: Arc<str>,
}

/// Which contributor an automerge actor belongs to: whoever's connection first brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The automerge actor, in hexadecimal.
    pub actor: String,
    /// The contributor it belongs to, for ever.
    pub contributor: ContributorId,
    /// The contributor's name when first seen.
    pub name: String,
    /// The device that brought it.
    pub device: DeviceId,
    /// When the server first saw it, by the server's clock.
    pub first_seen: UnixMillis,
}

/// What one merge asks to have kept, all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The changes merged, one chunk for the whole batch.
    pub chunk: Option<Chunk>,
    /// The feed's new rows, in order.
    pub feed: Vec<FeedRow>,
    /// Actors seen for the first time.
    pub bindings: Vec<Binding>,
    /// Changes that were not merged, or whose note is another one now.
    pub quarantine: Vec<Held>,
}

impl Batch {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.chunk.is_none() && self.feed.is_empty() && self.bindings.is_empty() && self.quarantine.is_empty()
    }
}

/// A saved document that replaces the chunks it contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The whole document.
    pub chunk: Chunk,
    /// Chunks and earlier snapshots that may go once this one is kept.
    pub supersedes: Vec<ChunkId>,
}

/// A territory's log made anew: what takes the place of everything that was kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Which document of the territory this is: 0 for its first, one more each time that something was erased.
    pub number: u32,
    /// The whole document.
    pub document: Chunk,
    /// Every known actor.
    pub bindings: Vec<Binding>,
    /// Changes that were not merged.
    pub quarantine: Vec<Held>,
    /// The whole feed, under the numbers that its events have: they go on from its last.
    pub feed: Vec<FeedRow>,
}

/// What a store gives back when a territory is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Which document of the territory it is: see [`Epoch::number`]; 0 where that was lost.
    pub epoch: u32,
    /// Snapshots, usually one; after a crash in a compaction, two.
    pub snapshots: Vec<Chunk>,
    /// Loose chunks, in any order.
    pub chunks: Vec<Chunk>,
    /// Every known actor.
    pub bindings: Vec<Binding>,
    /// Changes that were not merged, in any order.
    pub quarantine: Vec<Held>,
    /// The number of the feed's last row; 0 for an empty feed.
    pub feed_last: u64,
    /// What could not be read and was set aside: it stays where it is, and nothing supersedes it.
    pub damaged: Vec<Damage>,
}

/// Something kept that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A snapshot, by the beginning of its name.
    Snapshot(String),
    /// A chunk of changes, by the beginning of its name.
    Chunk(String),
    /// An actor's binding, by the beginning of its name: the actor counts as unknown.
    Binding(String),
    /// A change that was not merged, by the beginning of its name.
    Quarantine(String),
    /// A stretch of the store where an unknown number of them stood.
    Stretch,
}
