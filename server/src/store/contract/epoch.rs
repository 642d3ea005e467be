//! The clauses about logs that are replaced, and stores that are made anew.

#![allow(clippy::unwrap_used)]

use portrea_territory::chunk::{Batch, Epoch, Kept, Snapshot};

use super::{Bench, append, batch, binding, chunk, compact, feed, held, kept, put, row, sorted, territory};
use crate::store::{KEY_BYTES_MAX, StoreError, Table};

fn epoch(number: u32, text: &str, numbers: impl IntoIterator<Item = u64>) -> Epoch {
    let (bindings, quarantine) = (vec![binding("aa", "")], Vec::new());
    Epoch { number, document: chunk(text), bindings, quarantine, feed: feed(numbers) }
}

/// A new epoch replaces chunks, snapshots, bindings, what was not merged and the feed, kept or staged, with rows of
/// tables beside; other territories stay as they are.
pub(super) fn an_epoch_takes_the_place_of_all<B: Bench>(bench: &mut B) {
    let long = "before".repeat(4_000);
    let before = Batch {
        bindings: vec![binding("aa", "Amina"), binding("bb", "Bruno")],
        quarantine: vec![held(1), held(200)],
        ..batch(&long, 1..=30)
    };
    for number in [1, 2, 3] {
        append(bench.store(), territory(number), &before);
    }
    append(bench.store(), territory(2), &batch("two", [31]));
    compact(bench.store(), territory(2), &Snapshot { chunk: chunk("snapshot"), supersedes: vec![] });
    assert_eq!(bench.store().epoch(territory(2)).unwrap(), 0);
    // Staged, and gone all the same.
    bench.store().append(territory(2), &batch("three", [32])).unwrap();
    let fresh = Epoch { quarantine: vec![held(200)], ..epoch(1, "after", 1..=32) };
    let mark = row(Table::Server, b"mark", Some(b"begun"));
    bench.store().begin_epoch(territory(2), &fresh, &[mark]).unwrap();
    bench.store().make_durable().unwrap();
    for _ in 0..2 {
        let found = kept(bench.store(), territory(2));
        let Epoch { number, document, bindings, quarantine, feed } = fresh.clone();
        let snapshots = vec![document];
        let expected =
            Kept { epoch: number, snapshots, bindings, quarantine, feed_last: 32, ..Kept::default() };
        assert_eq!(found, expected);
        assert_eq!(bench.store().feed(territory(2), 0, 99).unwrap(), feed);
        assert_eq!(bench.store().epoch(territory(2)).unwrap(), 1);
        assert_eq!(bench.store().get(Table::Server, b"mark").unwrap(), Some(b"begun".to_vec()));
        for other in [1, 3] {
            let other = kept(bench.store(), territory(other));
            assert_eq!((other.epoch, other.chunks, other.feed_last), (0, vec![chunk(&long)], 30));
            assert_eq!(other.quarantine.len(), 2);
        }
        bench.reopen();
    }
}

/// Until it is durable a new epoch is not shown, and a reopening before that finds the old log and no row.
pub(super) fn an_epoch_comes_whole_or_not_at_all<B: Bench>(bench: &mut B) {
    append(bench.store(), territory(1), &batch("before", [1, 2]));
    let fresh = epoch(1, "after", [1, 2]);
    bench.store().begin_epoch(territory(1), &fresh, &[row(Table::Server, b"mark", Some(b"x"))]).unwrap();
    assert_eq!(kept(bench.store(), territory(1)).chunks, sorted(&["before"]));
    assert_eq!(bench.store().epoch(territory(1)).unwrap(), 0);
    bench.reopen();
    let found = kept(bench.store(), territory(1));
    let marked = bench.store().get(Table::Server, b"mark").unwrap();
    assert_eq!((found.epoch, found.chunks, marked), (0, sorted(&["before"]), None));
    let key = vec![0; KEY_BYTES_MAX + 1];
    let refused = bench.store().begin_epoch(territory(1), &fresh, &[row(Table::Server, &key, None)]);
    assert!(refused.is_err());
}

/// Feed numbers go on after a new epoch, none is used twice, and a document that looks like one from before is kept.
pub(super) fn what_follows_an_epoch_follows_it<B: Bench>(bench: &mut B) {
    append(bench.store(), territory(1), &batch("one", [1, 2]));
    let store = bench.store();
    store.begin_epoch(territory(1), &epoch(1, "one", [1, 2]), &[]).unwrap();
    let taken = store.append(territory(1), &batch("two", [2]));
    assert!(matches!(taken, Err(StoreError::FeedConflict { seq: 2, .. })), "{taken:?}");
    append(store, territory(1), &Batch { bindings: vec![binding("aa", "Amina")], ..batch("one", [3]) });
    bench.reopen();
    let found = kept(bench.store(), territory(1));
    assert_eq!((found.feed_last, found.snapshots, found.chunks), (3, sorted(&["one"]), sorted(&["one"])));
    assert_eq!(found.bindings, [binding("aa", "")]);
    bench.store().begin_epoch(territory(1), &epoch(2, "two", 1..=3), &[]).unwrap();
    bench.store().make_durable().unwrap();
    let found = kept(bench.store(), territory(1));
    assert_eq!((found.epoch, found.snapshots, found.chunks), (2, sorted(&["two"]), vec![]));
}

/// Rebuilt, opened and rebuilt again, everything is as it was, and is written on.
pub(super) fn rebuilding_keeps_all<B: Bench>(bench: &mut B) {
    let long = "x".repeat(20_000);
    let quarantine = vec![held(1)];
    append(bench.store(), territory(1), &Batch { quarantine, ..batch(&long, 1..=9) });
    append(bench.store(), territory(2), &batch("two", [1]));
    put(bench.store(), &[row(Table::Server, b"long", Some(long.as_bytes()))]);
    bench.store().append(territory(2), &batch("staged", [2])).unwrap();
    for _ in 0..2 {
        let mut told = 0;
        bench.store().rebuild(&mut |rows, _| told = rows).unwrap();
        bench.store().make_durable().unwrap_or_default();
        bench.reopen();
        let (one, two) = (kept(bench.store(), territory(1)), kept(bench.store(), territory(2)));
        assert_eq!((one.chunks, one.feed_last, one.quarantine.len()), (vec![chunk(&long)], 9, 1));
        assert_eq!((two.chunks, two.feed_last), (sorted(&["two", "staged"]), 2));
        assert_eq!(bench.store().get(Table::Server, b"long").unwrap(), Some(long.clone().into_bytes()));
        assert_eq!(bench.store().losses().unwrap(), []);
    }
    append(bench.store(), territory(2), &batch("three", [3]));
    bench.reopen();
    assert_eq!(kept(bench.store(), territory(2)).feed_last, 3);
}
