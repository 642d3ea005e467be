//! A store made anew in files of its own: what it forgets, and every place where it may be cut short.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use portrea_territory::chunk::Epoch;
use tempfile::TempDir;

use super::opened;
use crate::store::contract::{batch, chunk, territory};
use crate::store::reopening::Reopening;
use crate::store::sled::rebuild::{Step, steps};
use crate::store::sled::{SledStore, layout};
use crate::store::{Row, Store, Table};

const MARK: &str = "Marguerite Duras-Marqueur";

/// Whether any file of a directory holds the mark.
fn is_anywhere(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_anywhere(&path);
        }
        fs::read(path).unwrap().windows(MARK.len()).any(|window| window == MARK.as_bytes())
    })
}

fn replacing(text: &str) -> Epoch {
    let (bindings, quarantine, feed) = Default::default();
    Epoch { number: 1, document: chunk(text), bindings, quarantine, feed }
}

/// A store with a removed chunk, whose bytes are in the log yet.
fn with_something_removed() -> (TempDir, SledStore) {
    let (dir, store) = opened();
    for number in 0..20 {
        store.append(territory(1), &batch(&format!("{number} {MARK} {}", "y".repeat(9_000)), [])).unwrap();
        store.make_durable().unwrap();
    }
    store.append(territory(2), &batch("two", [1, 2])).unwrap();
    store.begin_epoch(territory(1), &replacing("after"), &[]).unwrap();
    store.make_durable().unwrap();
    drop(store);
    // Opened on what it wrote, sled leaves a snapshot beside its log.
    let store = SledStore::open(dir.path()).unwrap();
    (dir, store)
}

fn is_whole(store: &dyn Store) {
    let (one, two) = (store.load(territory(1)).unwrap().unwrap(), store.load(territory(2)).unwrap().unwrap());
    assert_eq!((one.epoch, one.snapshots), (1, vec![chunk("after")]));
    assert_eq!((two.chunks, two.feed_last), (vec![chunk("two")], 2));
    assert_eq!(store.losses().unwrap(), []);
}

/// Goal: after a rebuilding no file holds what was removed, and the log is as small as its content; before, one does.
#[test]
fn what_was_removed_is_in_no_file() {
    let (dir, store) = with_something_removed();
    assert!(is_anywhere(dir.path()), "the log is written on and not over");
    let mut told = 0;
    store.rebuild(&mut |rows, _| told = rows).unwrap();
    assert!(told > 4, "{told}");
    assert!(store.append(territory(1), &batch("lost", [9])).is_err(), "it would be lost");
    is_whole(&store);
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    is_whole(&store);
    assert!(!is_anywhere(dir.path()));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "copied" || name == "copying"), "{left:?}");
}

/// Goal: cut short after any of its steps, the next opening finishes it. Method: the steps up to each one are done by
/// hand on a copy of the directory, some of them twice, and it is opened.
#[test]
fn it_may_be_cut_short_anywhere() {
    let (dir, store) = with_something_removed();
    store.rebuild(&mut |_, _| {}).unwrap();
    drop(store);
    let all = steps(dir.path()).unwrap();
    assert!(all.contains(&Step::Take("db")) && all.len() > 4, "{all:?}");
    for done in 0..=all.len() {
        let cut = TempDir::new().unwrap();
        copy(dir.path(), cut.path());
        for _ in 0..done {
            // What is left to do is found out from the directory alone.
            steps(cut.path()).unwrap().first().unwrap().perform(cut.path()).unwrap();
        }
        let text = done.to_string();
        for _ in 0..2 {
            let store = SledStore::open(cut.path()).unwrap();
            is_whole(&store);
            store.append(territory(3), &batch(&text, [])).unwrap();
            store.make_durable().unwrap();
            assert_eq!(store.load(territory(3)).unwrap().unwrap().chunks, [chunk(&text)]);
        }
        assert!(!is_anywhere(cut.path()), "after {done} steps");
    }
}

/// Goal: a copy that was not finished is forgotten, and one that cannot be made leaves the store as it was. Method: a
/// directory that a crash left half copied; one where nothing can be made.
#[test]
fn half_a_copy_is_none() {
    let (dir, store) = with_something_removed();
    drop(store);
    fs::create_dir(dir.path().join("copying")).unwrap();
    fs::write(dir.path().join("copying/db"), "half of it").unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    is_whole(&store);
    assert!(!dir.path().join("copying").exists());
    // A name that is taken by what is no directory stands for a disk that takes nothing.
    fs::write(dir.path().join("copied"), "").unwrap();
    assert!(store.rebuild(&mut |_, _| {}).is_err());
    assert!(!dir.path().join("copying").exists());
    fs::remove_file(dir.path().join("copied")).unwrap();
    store.append(territory(2), &batch("on", [3])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.load(territory(2)).unwrap().unwrap().feed_last, 3);
}

/// Goal: a store that is in use is rebuilt and goes on, while others read. Method: threads that read all the time
/// around a rebuilding, and writes behind it.
#[test]
fn a_store_in_use_is_rebuilt() {
    let (dir, store) = with_something_removed();
    drop(store);
    let path = dir.path().to_owned();
    let open = move || Ok(Arc::new(SledStore::open(&path)?) as Arc<dyn Store>);
    let store = Arc::new(Reopening::open(open).unwrap());
    let over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, over) = (Arc::clone(&store), Arc::clone(&over));
            std::thread::spawn(move || {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    is_whole(store.as_ref());
                }
            })
        })
        .collect();
    store.append(territory(2), &batch("two", [])).unwrap();
    store.rebuild(&mut |_, _| {}).unwrap();
    store.rebuild(&mut |_, _| {}).unwrap();
    over.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
    is_whole(store.as_ref());
    assert!(!is_anywhere(dir.path()));
    store.append(territory(2), &batch("three", [3])).unwrap();
    store.make_durable().unwrap();
    assert_eq!(store.load(territory(2)).unwrap().unwrap().feed_last, 3);
}

/// Parts that no row speaks of are not copied.
#[test]
fn orphans_stay_behind() {
    let (dir, store) = opened();
    let orphan = layout::part(b"rnobody", 0);
    store.db.insert(orphan, MARK.as_bytes()).unwrap();
    let value = Some("z".repeat(9_000).into_bytes());
    store.put(&[Row { table: Table::Server, key: b"k".to_vec(), value: value.clone() }]).unwrap();
    store.rebuild(&mut |_, _| {}).unwrap();
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    assert_eq!(store.get(Table::Server, b"k").unwrap(), value);
    assert!(!is_anywhere(dir.path()));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { assert!(fs::copy(from, to).is_ok()) }
    }
}
