//! What only the store on disk promises: flushes that reach the medium, crashes, damage, and locks.

#![allow(clippy::unwrap_used)]

mod child;
mod counter;
mod crash;
mod durable;
mod flips;
mod layout;
mod rebuild;
mod survey;
mod trace;

use portrea_territory::chunk::{Batch, Chunk, Snapshot};
use tempfile::TempDir;

use crate::store::contract::{batch, chunk, territory};
use crate::store::sled::SledStore;
use crate::store::{Row, Store, StoreError, Table};

fn opened() -> (TempDir, SledStore) {
    let dir = TempDir::new().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    (dir, store)
}

/// A directory that is open already is refused as busy, and is free again once the first store is dropped.
#[test]
fn one_process_at_a_time() {
    let (dir, store) = opened();
    match SledStore::open(dir.path()) {
        Err(StoreError::Busy { path }) => assert_eq!(path, dir.path().display().to_string()),
        other => panic!("busy was expected, not {other:?}"),
    }
    drop(store);
    SledStore::open(dir.path()).unwrap();
}

/// A path that cannot be a directory is an error, not a panic.
#[test]
fn unusable_paths_are_errors() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    assert!(matches!(SledStore::open(&file), Err(StoreError::Engine { .. })));
    assert!(matches!(SledStore::open(&file.join("deeper")), Err(StoreError::Engine { .. })));
    SledStore::open(&dir.path().join("several/levels/deep")).unwrap();
}

/// A store that died while it opened opens again: sled would read what it had begun to write as if it were whole.
#[test]
fn an_interrupted_opening_is_forgotten() {
    let (dir, store) = opened();
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    drop(store);
    for unfinished in ["snap.00000000000FFFFF.generating", "snap.0000000000000001.generating"] {
        std::fs::write(dir.path().join(unfinished), "half of it").unwrap();
    }
    let store = SledStore::open(dir.path()).unwrap();
    assert_eq!(store.load(territory(1)).unwrap().unwrap().feed_last, 1);
    assert!(store.losses().unwrap().is_empty());
}

/// After a flush that failed nothing is answered any more, reads included: what they would show may not be kept.
#[test]
fn a_failed_flush_ends_the_store() {
    let (dir, mut store) = opened();
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    store.append(territory(1), &batch("two", [2])).unwrap();
    store.files.lose_medium();
    assert!(store.make_durable().is_err());
    assert!(store.make_durable().is_err());
    assert!(store.append(territory(1), &batch("three", [3])).is_err());
    assert!(store.load(territory(1)).is_err());
    assert!(store.feed(territory(1), 0, 9).is_err());
    assert!(store.get(Table::Server, b"k").is_err());
    assert!(store.scan(Table::Server).is_err());
    assert!(store.territories().is_err());
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    assert!(store.load(territory(1)).unwrap().unwrap().feed_last >= 1);
}

/// No page grows into a file of its own, which sled would never flush: long values and the longest keys are
/// written, overwritten and removed side by side in one neighbourhood of the tree.
#[test]
fn nothing_is_written_beside_the_log() {
    let (dir, store) = opened();
    let beside = || std::fs::metadata(dir.path().join("blobs")).unwrap().modified().unwrap();
    let before = beside();
    for round in 0..40_u64 {
        let text = format!("{round}").repeat(4096);
        let snapshot = Snapshot { chunk: chunk(&text), supersedes: vec![chunk(&round.to_string()).id()] };
        store.append(territory(1), &batch(&round.to_string(), [round])).unwrap();
        store.compact(territory(1), &snapshot).unwrap();
        let rows: Vec<_> = (0..64_u8)
            .map(|n| {
                let value = (n % 7 != u8::try_from(round % 7).unwrap()).then(|| vec![n; 4096]);
                Row { table: Table::Session, key: vec![n; 256], value }
            })
            .collect();
        store.put(&rows).unwrap();
        store.make_durable().unwrap();
    }
    assert_eq!(beside(), before, "no file came or went");
}

/// Listing the territories reads the index and no log: a thousand territories, one of them with a large log.
#[test]
fn listing_reads_no_log() {
    let (_dir, store) = opened();
    let big = Batch { chunk: Some(Chunk::new(vec![7; 3_000_000])), ..batch("big", 1..=2_000) };
    store.append(territory(500), &big).unwrap();
    for number in 1..=1_000 {
        store.append(territory(number), &batch("small", [5_000])).unwrap();
    }
    store.make_durable().unwrap();
    assert_eq!(store.territories().unwrap().len(), 1_000);
    let rows_listed = store.prefixed(super::layout::index_prefix()).count();
    assert_eq!(rows_listed, 1_000);
}
