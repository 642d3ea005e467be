//! The number of batches beside the log: what is missing is counted, written down once, and told until somebody acts.

#![allow(clippy::unwrap_used)]

use std::fs;

use tempfile::TempDir;

use crate::store::contract::{batch, territory};
use crate::store::sled::SledStore;
use crate::store::sled::counter::Counter;
use crate::store::{Loss, Store};

/// A lower number than the one noted is a loss of the difference; an equal or a higher one is none, for the note is a
/// lower bound.
#[test]
fn a_difference_is_a_loss() {
    let dir = TempDir::new().unwrap();
    let counter = Counter::open(dir.path()).unwrap();
    assert_eq!(counter.settle(4).unwrap(), 4);
    counter.note(9);
    for found in [9, 12] {
        assert_eq!(counter.settle(found).unwrap(), found);
    }
    assert_eq!(counter.losses().unwrap(), Vec::<u64>::new());
    assert_eq!(counter.settle(7).unwrap(), 9);
    assert_eq!(counter.settle(0).unwrap(), 9);
    assert_eq!(Counter::open(dir.path()).unwrap().losses().unwrap(), [2, 9]);
}

/// A note that is torn or not what was written counts as none; a line of losses that cannot be read is a loss.
#[test]
fn damaged_notes_are_no_notes() {
    let dir = TempDir::new().unwrap();
    let counter = Counter::open(dir.path()).unwrap();
    counter.note(9);
    let note = dir.path().join("batches");
    let sound = fs::read(&note).unwrap();
    for place in 0..sound.len() {
        let mut other = sound.clone();
        other.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1);
        fs::write(&note, &other).unwrap();
        assert_eq!(Counter::open(dir.path()).unwrap().settle(3).unwrap(), 3, "byte {place}");
    }
    fs::write(&note, sound.split_at(7).0).unwrap();
    assert_eq!(Counter::open(dir.path()).unwrap().settle(3).unwrap(), 3);
    fs::write(dir.path().join("losses"), "3 5\nnothing\n9 2\n").unwrap();
    assert_eq!(counter.losses().unwrap(), [2, 1, 1]);
}

/// A log that is shorter than the note says has lost what lies between; the store counts on from the note.
#[test]
fn a_shorter_log_is_told_once() {
    let dir = TempDir::new().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    store.append(territory(1), &batch("one", [1])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.losses().unwrap(), []);
    let kept = store.writer().unwrap().batches;
    store.counter.note(kept + 3);
    drop(store);
    for _ in 0..2 {
        let store = SledStore::open(dir.path()).unwrap();
        assert_eq!(store.losses().unwrap(), [Loss::Batches(3)]);
    }
    fs::remove_file(dir.path().join("losses")).unwrap();
    assert_eq!(SledStore::open(dir.path()).unwrap().losses().unwrap(), []);
}
