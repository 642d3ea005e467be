//! Checksums and what a survey tells; and a store that was written without either.

#![allow(clippy::unwrap_used)]

use portrea_territory::chunk::{Batch, Damage};
use sha2::{Digest, Sha256};

use super::opened;
use crate::store::contract::{batch, binding, chunk, feed, territory};
use crate::store::sled::edit::Edit;
use crate::store::sled::layout::{self, Head, Kind};
use crate::store::sled::survey::Found;
use crate::store::sled::{SledStore, Writer};
use crate::store::{Loss, Row, Store, StoreError, Table};

fn bound(text: &str, seq: u64) -> Batch {
    Batch { bindings: vec![binding("aa", "Amina")], ..batch(text, [seq]) }
}

fn put(store: &SledStore, key: &[u8], value: &[u8]) {
    store.put(&[Row { table: Table::Session, key: key.to_vec(), value: Some(value.to_vec()) }]).unwrap();
    store.make_durable().unwrap();
}

/// Changes one bit in the middle of what stands at a key, or at one of its parts.
fn spoil(store: &SledStore, key: &[u8]) {
    let mut head = store.head(key).unwrap().unwrap();
    let middle = head.len() / 2;
    head.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 4);
    store.db.insert(key, head).unwrap();
}

/// Every kind of row that is not what was written is set aside by its name, and its neighbours are served.
#[test]
fn spoilt_rows_are_told_by_name() {
    let (_dir, store) = opened();
    store.append(territory(1), &bound("one", 1)).unwrap();
    store.append(territory(1), &bound("two", 2)).unwrap();
    put(&store, b"key", b"short");
    put(&store, b"kez", &[7; 9000]);
    put(&store, b"other", b"sound");
    let actor = layout::log(territory(1), Kind::Binding, &Sha256::digest("aa"));
    spoil(&store, &layout::log(territory(1), Kind::Chunk, &chunk("one").id().0));
    spoil(&store, &layout::feed(territory(1), 1));
    spoil(&store, &actor);
    spoil(&store, &layout::table(Table::Session, b"key"));
    spoil(&store, &layout::part(&layout::table(Table::Session, b"kez"), 1));
    let kept = store.load(territory(1)).unwrap().unwrap();
    assert_eq!((kept.chunks, kept.bindings, kept.feed_last), (vec![chunk("two")], vec![], 2));
    let named = |damage: &Damage| matches!(damage, Damage::Chunk(_) | Damage::Binding(_));
    assert!(kept.damaged.len() == 2 && kept.damaged.iter().all(named), "{:?}", kept.damaged);
    assert_eq!(store.feed(territory(1), 0, 9).unwrap(), feed([2]));
    assert_eq!(store.scan(Table::Session).unwrap(), [(b"other".to_vec(), b"sound".to_vec())]);
    assert!(matches!(store.get(Table::Session, b"key"), Err(StoreError::Damaged(_))));
    let lost = |name: &str| Loss::Row(Table::Session, name.to_owned());
    assert_eq!(store.losses().unwrap(), [lost("6b65790000000000"), lost("6b657a0000000000")]);
    // What is written again is sound again.
    store.append(territory(1), &bound("one", 3)).unwrap();
    put(&store, b"key", b"again");
    put(&store, b"kez", b"again");
    assert_eq!(store.losses().unwrap(), []);
    let kept = store.load(territory(1)).unwrap().unwrap();
    assert_eq!((kept.chunks.len(), kept.bindings.len(), kept.damaged), (2, 1, vec![]));
}

/// A lost part of a long value is damage, and so is a row that is put in another one's place.
#[test]
fn checksums_know_their_key() {
    let (_dir, store) = opened();
    put(&store, b"one", b"value");
    put(&store, b"long", &[7; 9000]);
    let row = |key: &[u8]| layout::table(Table::Session, key);
    store.db.insert(row(b"two"), store.head(&row(b"one")).unwrap().unwrap()).unwrap();
    store.db.remove(layout::part(&row(b"long"), 2)).unwrap();
    let prefix = layout::table(Table::Session, &[]);
    let found: Vec<Found> = store.survey(&prefix, &prefix).collect::<Result<_, _>>().unwrap();
    match found.as_slice() {
        [Found::Damaged(long), Found::Row(one, value), Found::Damaged(two)] => {
            assert_eq!((long, one, two), (&row(b"long"), &row(b"one"), &row(b"two")));
            assert_eq!(value, b"value");
        }
        other => panic!("{other:?}"),
    }
}

/// A store of layout 1, without checksums and without a count of batches, opens with all that it holds and is written on
/// in layout 2; its rows get their checksum when they are written again.
#[test]
fn layout_1_is_read_and_written_on() {
    let (dir, store) = opened();
    store.append(territory(1), &bound("one", 1)).unwrap();
    put(&store, b"short", b"value");
    put(&store, b"long", &[7; 9000]);
    let rows: Vec<_> = store.prefixed(&[]).map(Result::unwrap).collect();
    for (key, head) in rows {
        if layout::sum_of(&head).is_some() && !key.starts_with(b"p") && key != layout::VERSION_KEY {
            let plain = Head::read(&head).unwrap().to_bytes();
            store.db.insert(key, plain).unwrap();
        }
    }
    store.db.remove(layout::COUNTER_KEY).unwrap();
    store.db.insert(layout::VERSION_KEY, layout::VERSION_BEFORE).unwrap();
    drop(store);
    std::fs::remove_file(dir.path().join("batches")).unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    assert_eq!(store.db.get(layout::VERSION_KEY).unwrap().unwrap(), layout::VERSION);
    let kept = store.load(territory(1)).unwrap().unwrap();
    assert_eq!((kept.chunks, kept.bindings.len(), kept.feed_last), (vec![chunk("one")], 1, 1));
    assert_eq!((store.losses().unwrap(), kept.damaged), (vec![], vec![]));
    assert_eq!(store.get(Table::Session, b"long").unwrap().unwrap(), [7; 9000]);
    let sum = |key: &[u8]| layout::sum_of(&store.head(&layout::table(Table::Session, key)).unwrap().unwrap());
    assert_eq!(sum(b"short"), None);
    put(&store, b"short", b"value");
    assert!(sum(b"short").is_some());
    store.append(territory(1), &bound("two", 2)).unwrap();
    store.make_durable().unwrap();
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    assert_eq!(store.feed(territory(1), 0, 9).unwrap(), feed([1, 2]));
    assert_eq!(store.losses().unwrap(), []);
}

/// A store of a later layout is left alone.
#[test]
fn later_layouts_are_refused() {
    let (dir, store) = opened();
    store.db.insert(layout::VERSION_KEY, &[9]).unwrap();
    drop(store);
    assert!(matches!(SledStore::open(dir.path()), Err(StoreError::Damaged(_))));
}

/// An edit names each key that it touches, parts included: what it would write is tried before it is staged.
#[test]
fn edits_name_their_keys() {
    let mut edit = Edit::default();
    edit.insert(b"k", &[1; 9000]);
    let parts = (0..3).map(|number| layout::part(b"k", number));
    let mut expected: Vec<_> = parts.chain([b"k".to_vec()]).collect();
    expected.sort();
    assert_eq!(edit.keys().map(<[u8]>::to_vec).collect::<Vec<_>>(), expected);
    assert_eq!(Writer::default().staged.keys().count(), 0);
}
