//! A store in memory: for the tests, and for a server that is only tried out.
//!
//! It passes the same contract as a store on disk, power cuts included: what is staged waits beside what is kept,
//! and [`MemoryStore::surviving`] is the store that a restart would find. Nothing here is random and no content is
//! copied, only counted references to it, so that a simulation crashes thousands of times a second.
//!
//! [`Faults`] makes the next writes or flushes fail. A failed flush forgets what was not durable, as a restart
//! would.

mod state;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, ChunkId, Epoch, FeedRow, Kept, Snapshot};

use self::state::State;
use crate::store::{KeyValue, Row, Store, StoreError, Table, Write, check_keys};

/// A store that lives as long as the process. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    faults: Faults,
}

/// What is kept, and the writes that a power cut would lose.
#[derive(Debug, Default)]
struct Inner {
    kept: State,
    staged: Vec<Write>,
    /// The feed numbers among the staged writes.
    numbers: BTreeSet<(TerritoryId, u64)>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The handle that makes this store fail and counts its calls.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The store that a restart would find after a power cut at this moment: only what was durable.
    #[must_use]
    pub fn surviving(&self) -> Self {
        self.surviving_with(0)
    }

    /// The same when the disk happened to keep the first `written` of the writes that were staged, as it may: a
    /// store that is found after a crash may hold more than what was acknowledged, never less.
    #[must_use]
    pub fn surviving_with(&self, written: usize) -> Self {
        let inner = self.lock();
        let mut kept = inner.kept.clone();
        inner.staged.iter().take(written).for_each(|write| kept.apply(write));
        let found = Inner { kept, ..Inner::default() };
        Self { inner: Arc::new(Mutex::new(found)), faults: Faults::default() }
    }

    /// How many writes are staged: a power cut at this moment would lose them.
    pub fn staged(&self) -> usize {
        self.lock().staged.len()
    }

    /// Spoils a chunk, as a failing disk would: loading any territory that holds it tells of the damage.
    pub fn damage(&self, chunk: ChunkId) {
        self.lock().kept.damaged.insert(chunk);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Refuses a feed row whose number is taken: kept, staged, or earlier among the rows themselves.
    fn claim(&mut self, territory: TerritoryId, rows: &[FeedRow]) -> Result<(), StoreError> {
        let mut claimed = BTreeSet::new();
        for row in rows {
            let number = (territory, row.seq);
            let taken = self.kept.has_feed(territory, row.seq) || self.numbers.contains(&number);
            if taken || !claimed.insert(number) {
                return Err(StoreError::FeedConflict { territory, seq: row.seq });
            }
        }
        self.numbers.append(&mut claimed);
        Ok(())
    }
}

impl Store for MemoryStore {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        Ok(self.lock().kept.territories())
    }

    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        Ok(self.lock().kept.load(territory))
    }

    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError> {
        self.faults.before_write()?;
        let mut inner = self.lock();
        inner.claim(territory, &batch.feed)?;
        inner.staged.push(Write::Append(territory, batch.clone()));
        Ok(())
    }

    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.faults.before_write()?;
        self.lock().staged.push(Write::Compact(territory, snapshot.clone()));
        Ok(())
    }

    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError> {
        check_keys(rows)?;
        self.faults.before_write()?;
        let mut inner = self.lock();
        // Numbers that were staged go with what they belonged to.
        inner.numbers.retain(|(of, _)| *of != territory);
        inner.numbers.extend(epoch.feed.iter().map(|row| (territory, row.seq)));
        inner.staged.push(Write::Epoch(territory, Box::new(epoch.clone()), rows.to_vec()));
        Ok(())
    }

    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError> {
        Ok(self.lock().kept.epoch(territory))
    }

    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        Ok(self.lock().kept.feed(territory, after, limit))
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().kept.get(table, key))
    }

    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError> {
        Ok(self.lock().kept.scan(table))
    }

    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        check_keys(rows)?;
        self.faults.before_write()?;
        self.lock().staged.push(Write::Put(rows.to_vec()));
        Ok(())
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let staged = std::mem::take(&mut inner.staged);
        inner.numbers.clear();
        self.faults.before_flush()?;
        for write in &staged {
            inner.kept.apply(write);
        }
        Ok(())
    }
}

/// Makes a [`MemoryStore`] fail on demand and counts its calls. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    writes: AtomicU64,
    writes_to_fail: AtomicU64,
    flushes: AtomicU64,
    flushes_to_fail: AtomicU64,
}

impl Faults {
    /// The next `count` calls of append, compact or put fail and write nothing.
    pub fn fail_writes(&self, count: u64) {
        self.0.writes_to_fail.store(count, Ordering::SeqCst);
    }

    /// The next `count` flushes fail, and each forgets what was staged.
    pub fn fail_flushes(&self, count: u64) {
        self.0.flushes_to_fail.store(count, Ordering::SeqCst);
    }

    /// Writes asked for so far, failed ones included.
    pub fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::SeqCst)
    }

    /// Flushes asked for so far, failed ones included.
    pub fn flushes(&self) -> u64 {
        self.0.flushes.load(Ordering::SeqCst)
    }

    fn before_write(&self) -> Result<(), StoreError> {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        take_one(&self.0.writes_to_fail, "write")
    }

    fn before_flush(&self) -> Result<(), StoreError> {
        self.0.flushes.fetch_add(1, Ordering::SeqCst);
        take_one(&self.0.flushes_to_fail, "make its writes durable")
    }
}

/// Uses up one of the failures ordered, if any is left.
fn take_one(left: &AtomicU64, doing: &'static str) -> Result<(), StoreError> {
    match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)) {
        Ok(_) => Err(StoreError::engine(doing, "a fault was ordered by a test")),
        Err(_) => Ok(()),
    }
}
