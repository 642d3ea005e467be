//! The contract run over every engine, and what only the store in memory does.

#![allow(clippy::unwrap_used)]

use tempfile::TempDir;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::ChunkId;

use super::contract::{self, Bench, batch, territory};
use super::memory::MemoryStore;
use super::sled::SledStore;
use super::{Row, Store, Table};

struct OnMemory(MemoryStore);

impl Bench for OnMemory {
    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn reopen(&mut self) {
        self.0 = self.0.surviving();
    }

    fn damage(&mut self, _: TerritoryId, chunk: ChunkId) {
        self.0.damage(chunk);
    }
}

struct OnSled {
    store: Option<SledStore>,
    dir: TempDir,
}

impl Bench for OnSled {
    fn store(&self) -> &dyn Store {
        self.store.as_ref().expect("it is open between calls")
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(SledStore::open(self.dir.path()).unwrap());
    }

    fn damage(&mut self, territory: TerritoryId, chunk: ChunkId) {
        self.store.as_ref().expect("it is open between calls").damage(territory, chunk);
    }
}

/// The store in memory keeps the contract.
#[test]
fn memory_keeps_the_contract() {
    contract::run(|| OnMemory(MemoryStore::new()));
}

/// The store on disk keeps the contract.
#[test]
fn sled_keeps_the_contract() {
    contract::run(|| {
        let dir = TempDir::new().unwrap();
        OnSled { store: Some(SledStore::open(dir.path()).unwrap()), dir }
    });
}

/// A power cut leaves what was durable, and perhaps the first of the writes that were staged.
#[test]
fn memory_loses_what_was_not_durable() {
    let store = MemoryStore::new();
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    store.append(territory(1), &batch("two", [2])).unwrap();
    store.put(&[Row { table: Table::Server, key: b"k".to_vec(), value: Some(b"v".to_vec()) }]).unwrap();
    let found = [0, 1, 2].map(|written| {
        let survivor = store.surviving_with(written);
        let kept = survivor.load(territory(1)).unwrap().unwrap();
        (kept.feed_last, survivor.get(Table::Server, b"k").unwrap().is_some())
    });
    assert_eq!(found, [(1, false), (2, false), (2, true)]);
    assert_eq!((store.staged(), store.surviving().staged()), (2, 0));
    assert_eq!(store.load(territory(1)).unwrap().unwrap().feed_last, 1);
}

/// Ordered failures come, are counted, and end; a failed flush forgets what was staged.
#[test]
fn memory_fails_on_demand() {
    let store = MemoryStore::new();
    let faults = store.faults();
    faults.fail_writes(1);
    assert!(store.append(territory(1), &batch("one", [1])).is_err());
    assert_eq!(store.load(territory(1)).unwrap(), None);
    store.append(territory(1), &batch("one", [1])).unwrap();
    faults.fail_flushes(1);
    assert!(store.make_durable().is_err());
    assert_eq!(store.load(territory(1)).unwrap(), None);
    store.make_durable().unwrap();
    assert_eq!(store.surviving().load(territory(1)).unwrap(), None);
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.surviving().load(territory(1)).unwrap().unwrap().feed_last, 1);
    assert_eq!((faults.writes(), faults.flushes()), (3, 3));
}
