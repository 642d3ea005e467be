//! The server's disk: the real store in memory, full now and then, losing in a crash what was not durable.
//!
//! It also remembers the heads that are on disk, which is what the server may tell. A torn write is the store's: of
//! the writes that were staged a crash keeps the first so many, in any number.

use std::io;

use automerge::ChangeHash;
use portrea_protocol::ids::TerritoryId;
use portrea_server::store::memory::MemoryStore;
use portrea_server::store::{Store, StoreError};
use portrea_territory::chunk::{Batch, Chunk, ChunkId, Epoch, FeedRow, Kept, Snapshot};

use crate::bug::Bug;

/// A disk with one territory on it.
pub struct Disk {
    territory: TerritoryId,
    store: MemoryStore,
    bug: Option<Bug>,
    /// Whether every write is refused.
    pub(super) full: bool,
    /// The document's heads that a restart would find.
    durable: Vec<ChangeHash>,
    /// Heads that become durable with so many of the staged writes, and whether another epoch does.
    staged: Vec<(usize, Vec<ChangeHash>, bool)>,
    /// How many epochs began.
    epochs: usize,
    /// The document as it was made, which is never superseded by one bug.
    made: Chunk,
    /// A snapshot that one bug writes late.
    late: Option<Snapshot>,
}

impl Disk {
    /// A disk that holds a document as it was made.
    pub(super) fn new(territory: TerritoryId, made: Chunk, heads: Vec<ChangeHash>, bug: Option<Bug>) -> Self {
        let store = MemoryStore::new();
        let batch = Batch { chunk: Some(made.clone()), ..Batch::default() };
        store.append(territory, &batch).expect("nothing goes wrong yet");
        store.make_durable().expect("nothing goes wrong yet");
        Self {
            territory,
            store,
            bug,
            full: false,
            durable: heads,
            staged: Vec::new(),
            epochs: 0,
            made,
            late: None,
        }
    }

    fn room(&self) -> Result<(), StoreError> {
        if !self.full {
            return Ok(());
        }
        Err(StoreError::engine("write", io::Error::from(io::ErrorKind::StorageFull)))
    }

    /// Stages a batch that leads to these heads.
    pub(super) fn append(
        &mut self,
        batch: &Batch,
        heads: &[ChangeHash],
        fails: bool,
    ) -> Result<(), StoreError> {
        self.room()?;
        self.store.faults().fail_writes(u64::from(fails));
        if self.bug == Some(Bug::TornBatch) {
            let chunk = Batch { chunk: batch.chunk.clone(), ..Batch::default() };
            let rest = Batch { chunk: None, ..batch.clone() };
            self.store.append(self.territory, &chunk)?;
            self.staged.push((self.store.staged(), heads.to_vec(), false));
            return self.store.append(self.territory, &rest);
        }
        self.store.append(self.territory, batch)?;
        self.staged.push((self.store.staged(), heads.to_vec(), false));
        Ok(())
    }

    /// Stages a log that takes the place of all that is kept, with a document of these heads.
    pub(super) fn begin_epoch(
        &mut self,
        epoch: &Epoch,
        heads: &[ChangeHash],
        fails: bool,
    ) -> Result<(), StoreError> {
        self.room()?;
        self.late = None;
        self.store.faults().fail_writes(u64::from(fails));
        let before = self.past()?;
        let mut epoch = epoch.clone();
        if self.bug == Some(Bug::KeepsOldFeed) {
            epoch.feed = self.feed()?;
        }
        self.store.begin_epoch(self.territory, &epoch, &[])?;
        self.staged.push((self.store.staged(), heads.to_vec(), true));
        if self.bug == Some(Bug::KeepsOldChunk) {
            for chunk in before.chunks {
                self.store.append(self.territory, &Batch { chunk: Some(chunk), ..Batch::default() })?;
            }
        }
        Ok(())
    }

    /// Stages a snapshot.
    pub(super) fn compact(&mut self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.room()?;
        match self.bug {
            Some(Bug::NeverCompacts) => return Ok(()),
            Some(Bug::DeletesTooMuch) => {
                self.late = Some(snapshot);
                return Ok(());
            }
            Some(Bug::DeletesFirst) => {
                // What stays is the document as it was made: a store that lost all would not open at all.
                let chunk = self.made.clone();
                let deletions = Snapshot { chunk, supersedes: snapshot.supersedes.clone() };
                self.store.compact(self.territory, &deletions)?;
                self.store.make_durable()?;
            }
            _ => {}
        }
        self.store.compact(self.territory, &snapshot)
    }

    /// Makes durable what was staged.
    pub(super) fn flush(&mut self, fails: bool) -> Result<(), StoreError> {
        let staged = std::mem::take(&mut self.staged);
        self.store.faults().fail_flushes(u64::from(fails || self.full));
        self.store.make_durable()?;
        self.epochs += staged.iter().filter(|(_, _, epoch)| *epoch).count();
        if let Some((_, heads, _)) = staged.into_iter().next_back() {
            self.durable = heads;
            if let Some(snapshot) = self.late.take() {
                let supersedes = self.chunks()?;
                self.store.compact(self.territory, &Snapshot { supersedes, ..snapshot })?;
                self.store.make_durable()?;
            }
        }
        Ok(())
    }

    /// A power cut: of what was staged the disk has the first `written` writes.
    pub(super) fn crashes(&mut self, written: usize) {
        self.store = self.store.surviving_with(written);
        for (_, heads, epoch) in self.staged.drain(..).filter(|(writes, ..)| *writes <= written) {
            self.durable = heads;
            self.epochs += usize::from(epoch);
        }
        self.late = None;
    }

    /// How many writes are staged.
    pub(super) fn staged(&self) -> usize {
        self.store.staged()
    }

    /// The heads that a restart would find.
    pub fn durable(&self) -> &[ChangeHash] {
        &self.durable
    }

    /// How many epochs began.
    pub(super) fn epochs(&self) -> usize {
        self.epochs
    }

    /// The number of the present one.
    pub(super) fn epoch(&self) -> u32 {
        self.store.epoch(self.territory).unwrap_or_default()
    }

    /// Everything that was kept, for whoever rewrites it: what goes wrong goes wrong in opening.
    pub(super) fn past(&self) -> Result<Kept, StoreError> {
        Ok(self.store.load(self.territory)?.unwrap_or_default())
    }

    /// Everything that was kept.
    pub fn load(&self) -> Result<Kept, StoreError> {
        let mut kept = self.past()?;
        match self.bug {
            Some(Bug::ForgetsChunk) if kept.chunks.len() > 1 => drop(kept.chunks.pop()),
            Some(Bug::NumberTwice) => kept.feed_last = kept.feed_last.saturating_sub(1),
            Some(Bug::ForgetsBinding) => kept.bindings.clear(),
            _ => {}
        }
        Ok(kept)
    }

    /// The whole feed.
    pub fn feed(&self) -> Result<Vec<FeedRow>, StoreError> {
        self.store.feed(self.territory, 0, usize::MAX)
    }

    fn chunks(&self) -> Result<Vec<ChunkId>, StoreError> {
        let kept = self.store.load(self.territory)?.unwrap_or_default();
        Ok(kept.snapshots.iter().chain(&kept.chunks).map(Chunk::id).collect())
    }
}
