//! What is kept and what opens again: compaction, any order of chunks, bindings, feed numbers, incomplete stores.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::ReadDoc;
use portrea_protocol::people::Role;
use portrea_protocol::schema::read;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::sync::steady;
use proptest::prelude::*;

use crate::chunk::{Chunk, ChunkId, Kept};
use crate::io::{Input, OpenError};
use crate::territory::{Territory, Upkeep};
use crate::tests::{
    Client, Hub, bytes_of, deliver, events, furnished, id, open, person, set, shown, structure,
};

/// As many loose chunks call for a snapshot in these tests.
const LOOSE: usize = 32;

/// A furnished territory that is compacted early.
fn compacted_early() -> Hub {
    let mut hub = Hub::furnished();
    let limits = Upkeep { loose_chunks_max: LOOSE, ..Upkeep::default() };
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    hub
}

/// Asserts that what was kept opens to the territory at hand.
fn opens_the_same(kept: Kept, territory: &Territory) {
    let again = open(kept, 240).unwrap();
    assert_eq!(again.records(), territory.records());
    assert_eq!(again.heads(), territory.heads());
    assert_eq!(again.feed_last(), territory.feed_last());
    assert_eq!(again.engine().portrait(), territory.engine().portrait());
}

/// Goal: a snapshot supersedes every loose chunk and the snapshot before it. Twice as many edits as call for one.
#[test]
fn a_snapshot_supersedes_what_it_contains() {
    let mut hub = compacted_early();
    let mut snapshots = 0;
    for number in 0..2 * LOOSE {
        hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        if hub.rests().is_some() {
            snapshots += 1;
            assert_eq!((hub.kept.snapshots.len(), hub.kept.chunks.len()), (1, 0));
            opens_the_same(hub.kept.clone(), &hub.territory);
        }
    }
    assert_eq!(snapshots, 2);
    opens_the_same(hub.kept.clone(), &hub.territory);
}

/// Goal: people write while the document is being saved: what came meanwhile stays loose, no second snapshot is asked for,
/// and what was saved comes to nothing in another opening of the territory.
#[test]
fn what_comes_while_the_document_is_saved_stays_loose() {
    let mut hub = compacted_early();
    let saving = (0..).find_map(|number: usize| {
        hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        hub.handle([Input::Tick]).saving
    });
    let saved = saving.unwrap().save();
    let before = hub.kept.chunks.len();
    for number in 0..LOOSE {
        let outcome = hub.command(person(2, Role::Contributor), vec![set("notes", &number.to_string())]);
        assert!(outcome.saving.is_none());
        assert!(hub.handle([Input::Tick]).saving.is_none());
    }
    let meanwhile: Vec<ChunkId> = hub.kept.chunks[before..].iter().map(Chunk::id).collect();
    hub.handle([Input::Saved(Box::new(saved))]);
    assert_eq!(hub.kept.snapshots.len(), 1);
    let loose: Vec<ChunkId> = hub.kept.chunks.iter().map(Chunk::id).collect();
    assert_eq!(loose, meanwhile);
    opens_the_same(hub.kept.clone(), &hub.territory);
    // What came meanwhile calls for the next, and for one at a time.
    let next = hub.handle([Input::Tick]).saving.unwrap().save();
    hub.reopens(241);
    let outcome = hub.handle([Input::Saved(Box::new(next))]);
    assert!(outcome.snapshot.is_none());
    opens_the_same(hub.kept.clone(), &hub.territory);
}

/// Goal: what a snapshot supersedes is removed a few at a time, with whatever is written next, and at every moment what is
/// kept opens the same. Then the next snapshot comes while something is left to remove.
#[test]
fn what_a_snapshot_supersedes_goes_a_few_at_a_time() {
    let limits = Upkeep { loose_chunks_max: 10, removed_at_once: 3, ..Upkeep::default() };
    let mut hub = Hub::furnished();
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    let (mut snapshots, mut most) = (0, 0);
    for number in 0..40 {
        let before = hub.kept.chunks.len();
        let edited = hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        assert!(edited.saving.is_none());
        let after = hub.kept.chunks.len();
        assert!(after + 3 > before, "{before} chunks became {after}");
        snapshots += usize::from(hub.rests().is_some());
        assert!(hub.kept.snapshots.len() <= 2);
        most = most.max(hub.kept.chunks.len());
        opens_the_same(hub.kept.clone(), &hub.territory);
    }
    assert_eq!(snapshots, 4);
    assert!(most <= 10, "{most} chunks were kept");
}

/// Goal: that a peer falls behind takes nothing away from what is to be done: what a snapshot supersedes is removed all the
/// same, though the peer falls behind before each part of it.
#[test]
fn a_peer_that_falls_behind_keeps_nothing_from_being_done() {
    let limits = Upkeep { loose_chunks_max: 10, removed_at_once: 3, ..Upkeep::default() };
    let mut hub = Hub::furnished();
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    let mut amina = Client::new(3, Role::Contributor);
    hub.joins(&mut amina);
    let saving = (0..).find_map(|number: usize| {
        hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        hub.handle([Input::Tick]).saving
    });
    hub.handle([Input::Saved(Box::new(saving.unwrap().save()))]);
    assert!(!hub.kept.chunks.is_empty(), "a part is left to remove");
    for _ in 0..10 {
        hub.territory.falls_behind(&amina.peer);
        hub.handle([Input::Tick]);
    }
    assert_eq!((hub.kept.snapshots.len(), hub.kept.chunks.len()), (1, 0));
}

/// Goal: under a load that never pauses, upkeep comes all the same. Edits without a good moment, with small limits.
#[test]
fn a_load_that_never_pauses_is_compacted_too() {
    let mut hub = Hub::furnished();
    let limits = Upkeep { loose_chunks_max: 4, ..Upkeep::default() };
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    for number in 0..100 {
        let edited = hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        edited.saving.map(|saving| hub.saves(saving));
        assert!(hub.kept.chunks.len() <= 16, "{} loose chunks", hub.kept.chunks.len());
    }
    opens_the_same(hub.kept.clone(), &hub.territory);
}

/// Goal: a snapshot costs what the document holds, so that a large one takes more edits between two. Edits of one field,
/// after each of which there is a good moment, until the history has grown well beyond the document.
#[test]
fn a_large_document_takes_more_edits_between_snapshots() {
    let mut hub = Hub::furnished();
    let limits = Upkeep { loose_chunks_max: 2, operations_a_chunk: 20, ..Upkeep::default() };
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    let mut since = 0;
    let mut between = Vec::new();
    for number in 0..400 {
        hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        since += 1;
        if hub.rests().is_some() {
            between.push(since);
            since = 0;
        }
    }
    let operations = usize::try_from(hub.territory.document().stats().num_ops).unwrap();
    assert!(between[1] < 10, "{between:?}");
    assert!(between.is_sorted(), "{between:?}");
    // The latest snapshot is one of the chunks that the next replaces.
    let last = operations / 20 - 1;
    assert!((last - 3..=last).contains(between.last().unwrap()), "{between:?}, {operations} operations");
    opens_the_same(hub.kept.clone(), &hub.territory);
}

/// Goal: after a crash in a compaction, old and new stand side by side and open the same; the next compaction
/// supersedes them all.
#[test]
fn old_and_new_may_stand_side_by_side() {
    let mut hub = compacted_early();
    let mut all = hub.kept.clone();
    for number in 0..LOOSE {
        hub.command(person(2, Role::Contributor), vec![set("phone", &number.to_string())]);
        all.chunks = [all.chunks, hub.kept.chunks.clone()].concat();
        all.chunks.dedup();
        hub.rests();
    }
    all.snapshots.clone_from(&hub.kept.snapshots);
    all.bindings.clone_from(&hub.kept.bindings);
    all.feed_last = hub.kept.feed_last;
    opens_the_same(all.clone(), &hub.territory);
    let limits = Upkeep { loose_chunks_max: LOOSE, removed_at_once: usize::MAX, ..Upkeep::default() };
    let mut again = open(all.clone(), 241).unwrap().with_upkeep(limits);
    let saving = again.handle(crate::tests::NOW, [Input::Tick]).saving.unwrap();
    let outcome = again.handle(crate::tests::NOW, [Input::Saved(Box::new(saving.save()))]);
    let supersedes = outcome.snapshot.unwrap().supersedes;
    let stale = all.chunks.iter().all(|chunk| supersedes.contains(&chunk.id()));
    assert!(stale);
}

/// Goal: a document that took many changes is renewed at a snapshot, between two edits of a connected peer and of the
/// server, and nobody notices. Two clients and the server edit by turns; nothing counts as an import, then everything.
#[test]
fn a_renewal_is_not_noticed() {
    for piece_max in [usize::MAX, 0] {
        let limits = Upkeep { loose_chunks_max: 3, merged_max: 2, piece_max, ..Upkeep::default() };
        renewals_are_not_noticed(limits);
    }
}

fn renewals_are_not_noticed(limits: Upkeep) {
    let (mut renewals, mut loads) = (0, 0);
    let mut hub = Hub::furnished();
    hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
    let mut amina = Client::with(2, &furnished());
    let mut bruno = Client::new(3, Role::Contributor);
    hub.joins(&mut amina);
    hub.joins(&mut bruno);
    for number in 0..30_u8 {
        let edits = [structure(20 + number), set("phone", &number.to_string())];
        let made = amina.edits(&edits);
        hub.exchange(&mut [&mut amina, &mut bruno]);
        let outcome = hub.command(person(4, Role::Contributor), vec![set("name", &format!("Lieu {number}"))]);
        deliver(&outcome, &mut [&mut amina, &mut bruno]);
        let before = hub.territory.merged_since_renewal();
        let saving = hub.handle([Input::Tick]).saving;
        if let Some(saving) = saving {
            // What comes while it is being saved must be in it.
            let meanwhile = hub.command(person(4, Role::Contributor), vec![set("notes", "Entre-temps")]);
            deliver(&meanwhile, &mut [&mut amina, &mut bruno]);
            loads += usize::from(hub.saves(saving));
        }
        renewals += usize::from(hub.territory.merged_since_renewal() < before);
        hub.exchange(&mut [&mut amina, &mut bruno]);
        assert!(hub.territory.document().get_change_by_hash(&made).is_some());
        assert_eq!(hub.territory.waiting(), 0);
        opens_the_same(hub.kept.clone(), &hub.territory);
    }
    assert!(renewals > 2, "renewed {renewals} times with {limits:?}");
    assert_eq!(loads, if limits.piece_max == 0 { renewals } else { 0 });
    assert_eq!(bruno.doc.get_heads(), hub.territory.heads());
    assert_eq!(amina.doc.get_heads(), hub.territory.heads());
    assert_eq!(read::structures(hub.territory.document()), *hub.territory.records());
}

/// Goal: what came in one piece calls for loading afresh at the next snapshot, as many small changes do, and then no
/// more; two pieces call for that snapshot too, also where a document is large. Imports of a hundred structures, and an
/// edit beside them.
#[test]
fn an_import_calls_for_loading_afresh() {
    // Texts that do not resemble each other, as real ones: a change is kept deflated.
    let address = |number: u64| format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let name = |number: u8| (0..40).map(|word| address(u64::from(number) * 40 + word)).collect::<String>();
    let import =
        |from: u8| (from..from + 100).map(|number| Edit::AddStructure { id: id(number), name: name(number) });
    for (operations_a_chunk, imports) in [(usize::MAX, &[20][..]), (1, &[20, 120])] {
        let limits = Upkeep { loose_chunks_max: 1, operations_a_chunk, ..Upkeep::default() };
        let mut hub = Hub::furnished();
        hub.territory = open(hub.kept.clone(), 240).unwrap().with_upkeep(limits);
        hub.command(person(2, Role::Contributor), vec![set("phone", "1")]);
        let mut loaded = None;
        for from in imports {
            assert_ne!(loaded.or_else(|| hub.rests()), Some(true));
            let imported = hub.command(person(2, Role::Contributor), import(*from).collect());
            loaded = imported.saving.map(|saving| hub.saves(saving));
        }
        assert_eq!(loaded.or_else(|| hub.rests()), Some(true));
        hub.command(person(2, Role::Contributor), vec![set("phone", "2")]);
        assert_ne!(hub.rests(), Some(true));
        opens_the_same(hub.kept.clone(), &hub.territory);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever order the store gives chunks in, the same territory opens. Two clients edit, some of it concurrently.
    #[test]
    fn any_order_of_chunks_opens_the_same(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut hub = Hub::furnished();
        let mut clients = [Client::with(2, &furnished()), Client::with(3, &furnished())];
        for number in 0..5_u8 {
            for (first, client) in (20..).step_by(10).zip(&mut clients) {
                client.edits(&[structure(first + number), set("phone", &number.to_string())]);
                client.reconnects();
                hub.joins(client);
            }
        }
        let chunks = &hub.kept.chunks;
        let shuffled: Vec<Chunk> = order.iter().filter_map(|index| chunks.get(*index).cloned()).collect();
        prop_assert_eq!(shuffled.len(), chunks.len());
        let kept = Kept { chunks: shuffled, ..hub.kept.clone() };
        opens_the_same(kept, &hub.territory);
    }
}

/// Goal: a store without a document says so.
#[test]
fn without_a_document_nothing_opens() {
    assert!(matches!(open(Kept::default(), 1), Err(OpenError::NoDocument)));
    let garbage = Kept { chunks: vec![Chunk::new(vec![1, 2, 3])], ..Kept::default() };
    assert!(matches!(open(garbage, 1), Err(OpenError::NoDocument)));
}

/// Goal: an actor is bound once, to whoever brought it first, also after reopening: what another person brings of it is
/// not merged, and is when its own person brings it.
#[test]
fn an_actor_belongs_to_whoever_brought_it_first() {
    let mut hub = Hub::furnished();
    let mut amina = Client::with(2, &furnished());
    amina.edits(&[set("phone", "1")]);
    let outcomes = hub.joins(&mut amina);
    let first: String = outcomes.iter().map(events).collect();
    assert_eq!(first, "1 Personne 2 field_changed phone\n");
    assert_eq!(hub.kept.bindings.len(), 1);
    hub.reopens(241);
    let made = amina.edits(&[set("phone", "2")]);
    let mut bruno = Client::new(3, Role::Contributor);
    hub.joins(&mut bruno);
    let outcome = hub.handle([bruno.says(steady(&[made], vec![bytes_of(&amina.doc, made)], false))]);
    assert_eq!(events(&outcome), "2 Personne 3 quarantined\n");
    assert_eq!(hub.kept.bindings.len(), 1);
    assert!(hub.territory.document().get_change_by_hash(&made).is_none());
}

/// Goal: the feed goes on after reopening with the number after the last that was kept.
#[test]
fn the_feed_goes_on_where_it_was() {
    let mut hub = Hub::furnished();
    hub.handle([Input::Joined { person: person(2, Role::Contributor) }]);
    hub.reopens(241);
    let outcome = hub.handle([Input::Joined { person: person(3, Role::Contributor) }]);
    assert_eq!(events(&outcome), "2 Personne 3 joined\n");
    assert_eq!(shown(&hub.handle([Input::Tick])), "");
}
