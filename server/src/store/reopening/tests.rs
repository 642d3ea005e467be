//! What a store that is opened anew promises: nothing lost is ever told as kept, and service goes on by itself.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::Reopening;
use crate::store::contract::{self, Bench, batch, chunk, territory};
use crate::store::memory::MemoryStore;
use crate::store::{KeyValue, Row, Store, StoreError, Table};
use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, ChunkId, Epoch, FeedRow, Kept, Snapshot};

/// A disk: what is on it, whether it has room, and how often it was opened.
#[derive(Default, Clone)]
struct Disk {
    kept: Arc<std::sync::Mutex<MemoryStore>>,
    full: Arc<AtomicBool>,
    opened: Arc<AtomicU64>,
}

/// An engine over the disk that is of no use any more once it failed.
struct Engine {
    disk: Disk,
    store: MemoryStore,
    failed: AtomicBool,
}

impl Disk {
    fn open(&self) -> Arc<dyn Store> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let mut kept = self.kept.lock().unwrap();
        *kept = kept.surviving();
        Arc::new(Engine { disk: self.clone(), store: kept.clone(), failed: AtomicBool::new(false) })
    }

    fn fill(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    fn store(&self, pause: Duration) -> Reopening {
        let disk = self.clone();
        Reopening::open_with(move || Ok(disk.open()), pause).unwrap()
    }
}

impl Engine {
    fn write(&self) -> Result<(), StoreError> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(StoreError::engine("go on", "it failed before"));
        }
        if self.disk.full.load(Ordering::SeqCst) {
            self.failed.store(true, Ordering::SeqCst);
            return Err(StoreError::no_room("write", "the disk is full"));
        }
        Ok(())
    }
}

impl Store for Engine {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        self.store.territories()
    }

    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        self.store.load(territory)
    }

    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError> {
        // A large write does not wait for the flush.
        if batch.chunk.as_ref().is_some_and(|chunk| chunk.bytes().len() > 100) {
            self.write()?;
        }
        self.store.append(territory, batch)
    }

    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.store.compact(territory, snapshot)
    }

    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError> {
        self.store.begin_epoch(territory, epoch, rows)
    }

    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError> {
        self.store.epoch(territory)
    }

    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        self.store.feed(territory, after, limit)
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(table, key)
    }

    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError> {
        self.store.scan(table)
    }

    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        self.store.put(rows)
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        self.write()?;
        self.store.make_durable()
    }
}

struct OnReopening(Reopening);

impl Bench for OnReopening {
    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn reopen(&mut self) {}

    fn damage(&mut self, _: TerritoryId, chunk: ChunkId) {
        let engine = self.0.engine().unwrap();
        drop(engine);
        DAMAGED.with(|disk| disk.borrow().kept.lock().unwrap().damage(chunk));
    }
}

thread_local! {
    static DAMAGED: std::cell::RefCell<Disk> = std::cell::RefCell::default();
}

/// The wrapper keeps the contract of what it wraps.
#[test]
fn the_contract_is_kept() {
    contract::run(|| {
        let disk = Disk::default();
        DAMAGED.with(|damaged| *damaged.borrow_mut() = disk.clone());
        OnReopening(disk.store(Duration::ZERO))
    });
}

/// A full disk refuses every call with the reason; with room again the next call finds all that was acknowledged.
#[test]
fn service_goes_on_when_there_is_room() {
    let disk = Disk::default();
    let store = disk.store(Duration::ZERO);
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    disk.fill(true);
    store.append(territory(1), &batch("two", [2])).unwrap();
    assert!(matches!(store.make_durable(), Err(StoreError::NoRoom { .. })));
    disk.fill(false);
    store.append(territory(9), &batch("nine", [1])).unwrap();
    store.make_durable().unwrap();
    disk.fill(true);
    store.append(territory(1), &batch("two", [2])).unwrap();
    assert!(matches!(store.make_durable(), Err(StoreError::NoRoom { .. })));
    for _ in 0..3 {
        let told = store.load(territory(1)).unwrap_err().to_string();
        assert!(told.contains("the disk is full"), "{told}");
        assert!(matches!(store.append(territory(1), &batch("two", [2])), Err(StoreError::NoRoom { .. })));
        assert!(matches!(store.make_durable(), Err(StoreError::NoRoom { .. })));
    }
    disk.fill(false);
    let kept = store.load(territory(1)).unwrap().unwrap();
    assert_eq!((kept.chunks, kept.feed_last), (vec![chunk("one")], 1));
    store.append(territory(1), &batch("two", [2])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.load(territory(1)).unwrap().unwrap().feed_last, 2);
    assert_eq!(store.get(Table::Server, super::TRIAL_KEY).unwrap(), None, "the trial leaves nothing behind");
}

/// A write that was staged before the engine failed is never told as kept, even when there is room before its flush.
#[test]
fn a_torn_round_fails_as_a_whole() {
    let disk = Disk::default();
    let store = disk.store(Duration::ZERO);
    store.append(territory(1), &batch("one", [1])).unwrap();
    disk.fill(true);
    let large = "x".repeat(200);
    assert!(store.append(territory(2), &batch(&large, [1])).is_err());
    disk.fill(false);
    assert!(store.append(territory(3), &batch("three", [1])).is_err(), "it is of the same round");
    assert!(store.make_durable().is_err(), "what was staged first is lost");
    assert_eq!(store.load(territory(1)).unwrap(), None);
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.load(territory(1)).unwrap().unwrap().feed_last, 1);
}

/// A store that failed is left alone for a while, however many ask; and another kind of failure is not its affair.
#[test]
fn it_is_not_opened_at_every_call() {
    let disk = Disk::default();
    let store = disk.store(Duration::from_secs(3_600));
    disk.fill(true);
    assert!(store.make_durable().is_err());
    disk.fill(false);
    assert!((0..100).all(|_| store.territories().is_err()));
    assert_eq!(disk.opened.load(Ordering::SeqCst), 1);

    let other = MemoryStore::new();
    let faults = other.faults();
    let store = Reopening::open(move || Ok(Arc::new(other.clone()) as Arc<dyn Store>)).unwrap();
    faults.fail_flushes(1);
    assert!(matches!(store.make_durable(), Err(StoreError::Engine { .. })));
    assert!(store.territories().is_ok(), "it answers what its engine answers");
}
