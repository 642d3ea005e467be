//! The contract: what every store must do, as assertions over the trait alone.
//!
//! An engine joins by implementing [`Bench`] and calling [`run`]. Each clause gets a fresh store.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT, ReadDoc};
use portrea_protocol::ids::{ContributorId, DeviceId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::quarantine::{Reason, State};
use portrea_territory::chunk::{Batch, Binding, Chunk, ChunkId, Damage, Epoch, FeedRow, Kept, Snapshot};
use portrea_territory::held::{Held, Note};
use uuid::Uuid;

use crate::store::{KEY_BYTES_MAX, Row, Store, StoreError, Table};

/// An engine on the bench.
pub(super) trait Bench {
    /// The store as it is open now.
    fn store(&self) -> &dyn Store;
    /// Closes the store and opens it again; what was durable must be there.
    fn reopen(&mut self);
    /// Spoils a chunk of a territory behind the store's back.
    fn damage(&mut self, territory: TerritoryId, chunk: ChunkId);
}

/// Runs every clause, each on a store of its own.
pub(super) fn run<B: Bench>(fresh: impl Fn() -> B) {
    let clauses: &[fn(&mut B)] = &[
        nothing_is_none,
        what_is_appended_is_loaded,
        what_is_staged_is_not_shown,
        reopening_keeps_all,
        empty_batches_leave_no_trace,
        feed_pages_are_dense_and_ordered,
        feed_numbers_are_used_once,
        first_binding_stands,
        compaction_removes_what_it_supersedes,
        compaction_may_repeat_itself,
        territories_do_not_see_each_other,
        large_values_round_trip,
        damage_is_set_aside,
        what_was_not_merged_is_kept_with_its_last_note,
        tables_hold_rows,
        long_rows_leave_no_parts_behind,
        keys_have_a_limit,
        an_epoch_takes_the_place_of_all,
        an_epoch_comes_whole_or_not_at_all,
        what_follows_an_epoch_follows_it,
        rebuilding_keeps_all,
    ];
    for clause in clauses {
        clause(&mut fresh());
    }
}

pub(super) fn territory(number: u128) -> TerritoryId {
    TerritoryId(Uuid::from_u128(number << 64 | number))
}

pub(super) fn chunk(text: &str) -> Chunk {
    Chunk::new(text.as_bytes())
}

pub(super) fn feed(numbers: impl IntoIterator<Item = u64>) -> Vec<FeedRow> {
    numbers.into_iter().map(|seq| FeedRow { seq, json: Arc::from(format!("{{\"n\":{seq}}}")) }).collect()
}

pub(super) fn batch(text: &str, numbers: impl IntoIterator<Item = u64>) -> Batch {
    Batch { chunk: Some(chunk(text)), feed: feed(numbers), ..Batch::default() }
}

pub(super) fn binding(actor: &str, name: &str) -> Binding {
    Binding {
        actor: actor.to_owned(),
        contributor: ContributorId(Uuid::from_u128(7)),
        name: name.to_owned(),
        device: DeviceId(Uuid::from_u128(8)),
        first_seen: UnixMillis(9),
    }
}

fn kept(store: &dyn Store, territory: TerritoryId) -> Kept {
    let mut kept = store.load(territory).unwrap().expect("the territory has a log");
    kept.snapshots.sort_by_key(Chunk::id);
    kept.chunks.sort_by_key(Chunk::id);
    kept.bindings.sort_by(|one, other| one.actor.cmp(&other.actor));
    kept
}

fn sorted(texts: &[&str]) -> Vec<Chunk> {
    let mut chunks: Vec<_> = texts.iter().map(|text| chunk(text)).collect();
    chunks.sort_by_key(Chunk::id);
    chunks
}

fn row(table: Table, key: &[u8], value: Option<&[u8]>) -> Row {
    Row { table, key: key.to_vec(), value: value.map(<[u8]>::to_vec) }
}

fn append(store: &dyn Store, territory: TerritoryId, batch: &Batch) {
    store.append(territory, batch).unwrap();
    store.make_durable().unwrap();
}

fn compact(store: &dyn Store, territory: TerritoryId, snapshot: &Snapshot) {
    store.compact(territory, snapshot).unwrap();
    store.make_durable().unwrap();
}

fn put(store: &dyn Store, rows: &[Row]) {
    store.put(rows).unwrap();
    store.make_durable().unwrap();
}

/// A store that was never written holds nothing, and says so without failing.
fn nothing_is_none<B: Bench>(bench: &mut B) {
    let store = bench.store();
    assert_eq!(store.territories().unwrap(), []);
    assert_eq!(store.load(territory(1)).unwrap(), None);
    assert_eq!(store.feed(territory(1), 0, 10).unwrap(), []);
    assert_eq!(store.get(Table::Server, b"secret").unwrap(), None);
    assert_eq!(store.scan(Table::Server).unwrap(), []);
}

/// Everything of a batch comes back, and a chunk that is written twice is there once.
fn what_is_appended_is_loaded<B: Bench>(bench: &mut B) {
    let store = bench.store();
    let bindings = vec![binding("aa", "Amina"), binding("bb", "Bruno")];
    append(store, territory(1), &Batch { bindings: bindings.clone(), ..batch("one", [1, 2]) });
    append(store, territory(1), &batch("two", [3]));
    append(store, territory(1), &batch("two", []));
    let expected = Kept { chunks: sorted(&["one", "two"]), bindings, feed_last: 3, ..Kept::default() };
    assert_eq!(kept(store, territory(1)), expected);
    assert_eq!(store.territories().unwrap(), [territory(1)]);
}

/// What was durable is found after closing and opening again, twice over.
fn reopening_keeps_all<B: Bench>(bench: &mut B) {
    append(bench.store(), territory(1), &batch("one", [1]));
    put(bench.store(), &[row(Table::Server, b"k", Some(b"v"))]);
    let before = kept(bench.store(), territory(1));
    for _ in 0..2 {
        bench.reopen();
        assert_eq!(kept(bench.store(), territory(1)), before);
        assert_eq!(bench.store().feed(territory(1), 0, 9).unwrap(), feed([1]));
        assert_eq!(bench.store().get(Table::Server, b"k").unwrap(), Some(b"v".to_vec()));
    }
}

/// A batch without content does not make a territory.
fn empty_batches_leave_no_trace<B: Bench>(bench: &mut B) {
    append(bench.store(), territory(1), &Batch::default());
    assert_eq!(bench.store().load(territory(1)).unwrap(), None);
    assert_eq!(bench.store().territories().unwrap(), []);
}

/// Reading the feed page by page yields every number once and in order, across the borders of bytes.
fn feed_pages_are_dense_and_ordered<B: Bench>(bench: &mut B) {
    let store = bench.store();
    for first in (1..=700).step_by(7) {
        append(store, territory(1), &batch(&first.to_string(), first..first + 7));
    }
    let mut after = 0;
    loop {
        let page = store.feed(territory(1), after, 64).unwrap();
        let Some(last) = page.last() else { break };
        assert_eq!(page, feed(after + 1..=last.seq));
        after = last.seq;
    }
    assert_eq!(after, 700);
    assert_eq!(store.feed(territory(1), 255, 2).unwrap(), feed([256, 257]));
    assert_eq!(store.feed(territory(1), 0, 0).unwrap(), []);
    assert_eq!(store.feed(territory(1), u64::MAX, 5).unwrap(), []);
    assert_eq!(kept(store, territory(1)).feed_last, 700);
}

/// A number that is taken refuses the whole batch: no chunk, no other row, no binding is written.
fn feed_numbers_are_used_once<B: Bench>(bench: &mut B) {
    let store = bench.store();
    append(store, territory(1), &batch("one", [1, 2]));
    for numbers in [vec![3, 2], vec![3, 3]] {
        let taken = *numbers.last().unwrap();
        let refused = Batch { bindings: vec![binding("aa", "Amina")], ..batch("two", numbers) };
        match store.append(territory(1), &refused) {
            Err(StoreError::FeedConflict { territory: where_, seq }) => {
                assert_eq!((where_, seq), (territory(1), taken));
            }
            other => panic!("a conflict was expected, not {other:?}"),
        }
    }
    assert!(store.append(territory(2), &batch("two", [5, 5])).is_err());
    let expected = Kept { chunks: sorted(&["one"]), feed_last: 2, ..Kept::default() };
    assert_eq!(kept(store, territory(1)), expected);
    assert_eq!(store.feed(territory(1), 0, 9).unwrap(), feed([1, 2]));
    assert_eq!(store.territories().unwrap(), [territory(1)]);
}

/// An actor belongs to whoever was seen with it first, within a batch and across batches.
fn first_binding_stands<B: Bench>(bench: &mut B) {
    let store = bench.store();
    let both = vec![binding("aa", "Amina"), binding("aa", "Bruno")];
    append(store, territory(1), &Batch { bindings: both, ..Batch::default() });
    let late = vec![binding("aa", "Chloé")];
    append(store, territory(1), &Batch { bindings: late, ..Batch::default() });
    assert_eq!(kept(store, territory(1)).bindings, [binding("aa", "Amina")]);
}

/// A snapshot takes the place of the chunks and snapshots it names, and of no others.
fn compaction_removes_what_it_supersedes<B: Bench>(bench: &mut B) {
    let store = bench.store();
    for (number, text) in (1..).zip(["one", "two", "three"]) {
        append(store, territory(1), &batch(text, [number]));
    }
    let first = Snapshot { chunk: chunk("1+2"), supersedes: vec![chunk("one").id(), chunk("two").id()] };
    compact(store, territory(1), &first);
    let now = kept(store, territory(1));
    assert_eq!((now.snapshots, now.chunks, now.feed_last), (sorted(&["1+2"]), sorted(&["three"]), 3));
    let second = Snapshot { chunk: chunk("1+2+3"), supersedes: vec![chunk("1+2").id(), chunk("three").id()] };
    compact(store, territory(1), &second);
    bench.reopen();
    let now = kept(bench.store(), territory(1));
    assert_eq!((now.snapshots, now.chunks, now.feed_last), (sorted(&["1+2+3"]), vec![], 3));
}

/// A snapshot that names itself or what is gone already removes nothing of its own.
fn compaction_may_repeat_itself<B: Bench>(bench: &mut B) {
    let store = bench.store();
    append(store, territory(1), &batch("one", [1]));
    let snapshot = Snapshot { chunk: chunk("all"), supersedes: vec![chunk("one").id(), chunk("all").id()] };
    compact(store, territory(1), &snapshot);
    compact(store, territory(1), &snapshot);
    let now = kept(store, territory(1));
    assert_eq!((now.snapshots, now.chunks), (sorted(&["all"]), vec![]));
}

/// The same chunk and the same feed number stand in two territories without touching each other.
fn territories_do_not_see_each_other<B: Bench>(bench: &mut B) {
    let store = bench.store();
    for number in [2, 3, 1] {
        append(store, territory(number), &batch("same", [1]));
    }
    assert_eq!(store.territories().unwrap(), [territory(1), territory(2), territory(3)]);
    let snapshot = Snapshot { chunk: chunk("all"), supersedes: vec![chunk("same").id()] };
    compact(store, territory(2), &snapshot);
    for number in [1, 3] {
        let now = kept(store, territory(number));
        assert_eq!((now.snapshots, now.chunks), (vec![], sorted(&["same"])));
    }
    assert_eq!(store.load(territory(4)).unwrap(), None);
}

/// A document of five megabytes, and feed rows and tables of a hundred kilobytes, come back to the byte.
fn large_values_round_trip<B: Bench>(bench: &mut B) {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let (big, text) = (Chunk::new(bytes), "é".repeat(50_000));
    let rows = vec![FeedRow { seq: 1, json: Arc::from(text.as_str()) }];
    let all = Batch { chunk: Some(big.clone()), feed: rows.clone(), ..Batch::default() };
    append(bench.store(), territory(1), &all);
    compact(bench.store(), territory(2), &Snapshot { chunk: big.clone(), supersedes: vec![] });
    put(bench.store(), &[row(Table::Server, b"k", Some(text.as_bytes()))]);
    bench.reopen();
    assert_eq!(kept(bench.store(), territory(1)).chunks, std::slice::from_ref(&big));
    assert_eq!(kept(bench.store(), territory(2)).snapshots, std::slice::from_ref(&big));
    assert_eq!(bench.store().feed(territory(1), 0, 9).unwrap(), rows);
    assert_eq!(bench.store().get(Table::Server, b"k").unwrap(), Some(text.into_bytes()));
    let gone = Snapshot { chunk: chunk("small"), supersedes: vec![big.id()] };
    compact(bench.store(), territory(1), &gone);
    assert_eq!(kept(bench.store(), territory(1)).chunks, []);
    assert_eq!(kept(bench.store(), territory(2)).snapshots, [big]);
}

/// A spoiled chunk is set aside and told, the rest of its territory is there, and so is every other territory. Kept
/// once more, it is sound again.
fn damage_is_set_aside<B: Bench>(bench: &mut B) {
    append(bench.store(), territory(1), &batch("one", [1]));
    append(bench.store(), territory(1), &batch("two", [2]));
    append(bench.store(), territory(2), &batch("two", [1]));
    bench.damage(territory(1), chunk("one").id());
    let found = kept(bench.store(), territory(1));
    assert!(matches!(found.damaged.as_slice(), [Damage::Chunk(_)]), "{:?}", found.damaged);
    assert_eq!((found.chunks, found.feed_last), (sorted(&["two"]), 2));
    let other = kept(bench.store(), territory(2));
    assert_eq!((other.chunks, other.damaged), (sorted(&["two"]), vec![]));
    append(bench.store(), territory(1), &batch("one", []));
    let healed = kept(bench.store(), territory(1));
    assert_eq!((healed.chunks, healed.damaged), (sorted(&["one", "two"]), vec![]));
}

/// A change that was not merged, with a text of so many bytes in it.
fn held(bytes: usize) -> Held {
    let mut doc = Automerge::new().with_actor(ActorId::from([7; 16]));
    // Drawn out, for a change is folded where that makes it shorter.
    let letters = (0..bytes).map(|n| u8::try_from(n * n % 23).unwrap_or_default());
    let text: String = letters.map(|n| char::from(b'a' + n)).collect();
    let done = doc.transact::<_, _, automerge::AutomergeError>(|tx| tx.put(ROOT, "x", text));
    let change = doc.get_change_by_hash(&done.unwrap().hash.unwrap()).unwrap();
    let person = Person {
        contributor: ContributorId(Uuid::from_u128(7)),
        name: "Amina".to_owned(),
        role: Role::Contributor,
        device: DeviceId(Uuid::from_u128(8)),
    };
    let note = Note::waiting(Reason::NeedsReferent, &person, UnixMillis(9));
    Held { hash: change.hash(), bytes: change.raw_bytes().into(), note }
}

/// A change that was not merged comes back as it was, once, with the note that it was given last; in its territory alone.
fn what_was_not_merged_is_kept_with_its_last_note<B: Bench>(bench: &mut B) {
    let (short, long) = (held(10), held(20_000));
    let aside = |held: &Held| Batch { quarantine: vec![held.clone()], ..Batch::default() };
    append(bench.store(), territory(1), &Batch { quarantine: vec![short.clone()], ..batch("one", [1]) });
    append(bench.store(), territory(1), &aside(&long));
    append(bench.store(), territory(2), &aside(&long));
    let mut closed = long.clone();
    closed.note.state = State::Rejected;
    closed.note.decided = Some((ContributorId(Uuid::from_u128(9)), "Rose".to_owned(), UnixMillis(10)));
    bench.store().append(territory(1), &aside(&closed)).unwrap();
    let in_order = |mut all: Vec<Held>| {
        all.sort_by_key(|held| held.hash);
        all
    };
    let before = kept(bench.store(), territory(1)).quarantine;
    assert_eq!(in_order(before), in_order(vec![short.clone(), long.clone()]), "what is staged is not shown");
    bench.store().make_durable().unwrap();
    bench.reopen();
    let now = kept(bench.store(), territory(1));
    assert_eq!(in_order(now.quarantine), in_order(vec![short, closed]));
    assert_eq!((now.chunks, now.damaged), (vec![chunk("one")], vec![]));
    assert_eq!(kept(bench.store(), territory(2)).quarantine, [long]);
}

/// Rows are put, replaced, removed and listed in the order of keys, each table for itself.
fn tables_hold_rows<B: Bench>(bench: &mut B) {
    let store = bench.store();
    put(store, &[row(Table::Session, b"b", Some(b"2")), row(Table::Session, b"a", Some(b"1"))]);
    put(store, &[row(Table::Invitation, b"a", Some(b"")), row(Table::Session, b"ab", Some(b"3"))]);
    let all =
        [(b"a".to_vec(), b"1".to_vec()), (b"ab".to_vec(), b"3".to_vec()), (b"b".to_vec(), b"2".to_vec())];
    assert_eq!(store.scan(Table::Session).unwrap(), all);
    assert_eq!(store.get(Table::Invitation, b"a").unwrap(), Some(vec![]));
    put(store, &[row(Table::Session, b"a", None), row(Table::Session, b"b", Some(b"4"))]);
    let rest = [(b"ab".to_vec(), b"3".to_vec()), (b"b".to_vec(), b"4".to_vec())];
    assert_eq!(store.scan(Table::Session).unwrap(), rest);
    assert_eq!(store.get(Table::Session, b"a").unwrap(), None);
    put(store, &[row(Table::Session, b"never", None)]);
    put(store, &[]);
    assert_eq!(store.scan(Table::Contributor).unwrap(), []);
    // Of two rows with one key the last counts.
    put(store, &[row(Table::Server, b"k", Some(b"1")), row(Table::Server, b"k", Some(b"2"))]);
    assert_eq!(store.get(Table::Server, b"k").unwrap(), Some(b"2".to_vec()));
}

/// A long value replaced by a shorter one, removed, and written again never shows what it held before.
fn long_rows_leave_no_parts_behind<B: Bench>(bench: &mut B) {
    let store = bench.store();
    let value = |byte: u8, length: usize| vec![byte; length];
    for (byte, length) in [(1, 20_000), (2, 9_000), (3, 10), (4, 4096), (5, 4097), (6, 0)] {
        let written = value(byte, length);
        put(store, &[row(Table::Territory, b"k", Some(&written))]);
        assert_eq!(store.get(Table::Territory, b"k").unwrap(), Some(written.clone()));
        assert_eq!(store.scan(Table::Territory).unwrap(), [(b"k".to_vec(), written)]);
    }
    put(store, &[row(Table::Territory, b"k", None)]);
    assert_eq!(store.scan(Table::Territory).unwrap(), []);
}

/// The longest key is accepted; one byte more refuses all rows of the call.
fn keys_have_a_limit<B: Bench>(bench: &mut B) {
    let store = bench.store();
    let longest = vec![7; KEY_BYTES_MAX];
    put(store, &[row(Table::Server, &longest, Some(b"v"))]);
    assert_eq!(store.get(Table::Server, &longest).unwrap(), Some(b"v".to_vec()));
    let longer = vec![7; KEY_BYTES_MAX + 1];
    assert!(store.put(&[row(Table::Server, b"k", Some(b"v")), row(Table::Server, &longer, None)]).is_err());
    assert_eq!(store.get(Table::Server, b"k").unwrap(), None);
}

/// Readers are shown what is kept, and a conflict is seen among what is staged as well.
fn what_is_staged_is_not_shown<B: Bench>(bench: &mut B) {
    let store = bench.store();
    store
        .append(territory(1), &Batch { bindings: vec![binding("aa", "Amina")], ..batch("one", [1]) })
        .unwrap();
    store
        .append(territory(1), &Batch { bindings: vec![binding("aa", "Bruno")], ..batch("one", [2]) })
        .unwrap();
    assert!(matches!(store.append(territory(1), &batch("two", [2])), Err(StoreError::FeedConflict { .. })));
    store.put(&[row(Table::Server, b"k", Some(&[1; 9_000]))]).unwrap();
    store.put(&[row(Table::Server, b"k", Some(&[2; 5_000]))]).unwrap();
    assert_eq!(store.load(territory(1)).unwrap(), None);
    assert_eq!(store.feed(territory(1), 0, 9).unwrap(), []);
    assert_eq!(store.get(Table::Server, b"k").unwrap(), None);
    assert_eq!(store.territories().unwrap(), []);
    store.make_durable().unwrap();
    let bindings = vec![binding("aa", "Amina")];
    let expected = Kept { chunks: sorted(&["one"]), bindings, feed_last: 2, ..Kept::default() };
    assert_eq!(kept(store, territory(1)), expected);
    assert_eq!(store.get(Table::Server, b"k").unwrap(), Some(vec![2; 5_000]));
}

fn epoch(number: u32, text: &str, numbers: impl IntoIterator<Item = u64>) -> Epoch {
    let (bindings, quarantine) = (vec![binding("aa", "")], Vec::new());
    Epoch { number, document: chunk(text), bindings, quarantine, feed: feed(numbers) }
}

/// A new epoch replaces chunks, snapshots, bindings, what was not merged and the feed, kept or staged, with rows of
/// tables beside; other territories stay as they are.
fn an_epoch_takes_the_place_of_all<B: Bench>(bench: &mut B) {
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
fn an_epoch_comes_whole_or_not_at_all<B: Bench>(bench: &mut B) {
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
fn what_follows_an_epoch_follows_it<B: Bench>(bench: &mut B) {
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
fn rebuilding_keeps_all<B: Bench>(bench: &mut B) {
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
