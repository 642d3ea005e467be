//! The guard lets through what automerge writes and nothing that hurts it; the messages made here are understood.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::sync::{BloomFilter, ChunkList, Have, Message, MessageFlags, MessageVersion, State, SyncDoc};
use automerge::{Automerge, ChangeHash, ReadDoc};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::{HAVES_MAX, flags, peek, steady, whole};
use crate::schema::document;
use crate::schema::read::structures;
use crate::schema::tests::{NOW, actor, furnished, id, replica};
use crate::schema::write::{Edit, perform};

fn hashes(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<ChangeHash>> {
    btree_set(any::<[u8; 32]>(), count).prop_map(|hashes| hashes.into_iter().map(ChangeHash).collect())
}

prop_compose! {
    fn haves()(last_sync in hashes(0..4), seen in hashes(0..40)) -> Have {
        Have { last_sync, bloom: BloomFilter::from_hashes(seen.iter()) }
    }
}

prop_compose! {
    fn messages()(
        heads in hashes(0..6), need in hashes(0..6), have in vec(haves(), 0..4),
        chunks in vec(any::<Vec<u8>>(), 0..4), bits in proptest::option::of(0_u8..8), document in any::<bool>(),
    ) -> Message {
        let flags = bits.map(|bits| {
            let mut flags = MessageFlags::new();
            flags.set(bits);
            flags
        });
        let version = if document { MessageVersion::V2 } else { MessageVersion::V1 };
        Message { heads, need, have, changes: ChunkList::from(chunks), flags, version }
    }
}

/// What the guard lets through must be read by automerge, and its filters must answer.
fn is_harmless(bytes: &[u8]) {
    if peek(bytes).is_some() {
        let message = Message::decode(bytes).unwrap();
        for have in message.have {
            let _ = have.bloom.contains_hash(&ChangeHash([7; 32]));
        }
    }
}

proptest! {
    /// Two messages begin by the same heads when their heads are the same, whatever else they say.
    #[test]
    fn heads_are_compared_as_they_stand(one in messages(), other in messages()) {
        let (bytes, same) = (one.clone().encode(), Message { heads: one.heads.clone(), ..other.clone() }.encode());
        let told = peek(&bytes).unwrap();
        prop_assert!(told.has_heads_of(&same));
        prop_assert_eq!(told.has_heads_of(&other.clone().encode()), one.heads == other.heads);
    }

    /// What automerge writes is let through, and told as automerge itself decodes it.
    #[test]
    fn peek_agrees_with_automerge(message in messages()) {
        let bytes = message.clone().encode();
        let told = peek(&bytes).unwrap();
        prop_assert_eq!(told.hashes(), message.heads.clone());
        prop_assert_eq!(told.needs, message.need.len());
        prop_assert_eq!(told.chunks, message.changes.len());
        prop_assert_eq!(told.chunk_bytes, message.changes.iter().map(<[u8]>::len).sum::<usize>());
        prop_assert_eq!(told.document, message.version == MessageVersion::V2);
        let afresh = message.have == [Have::default()] && !message.heads.is_empty();
        let said = message.flags.is_some_and(|flags| flags.contains(MessageFlags::SYNC_RESET));
        prop_assert_eq!(told.reset, afresh || said);
        // An empty filter is written as nothing; all else is decoded as it was.
        prop_assert_eq!(Message::decode(&bytes).unwrap().encode(), bytes);
    }

    /// Arbitrary bytes, truncations and changed bytes never panic, here or in automerge behind the guard.
    #[test]
    fn nothing_gets_past_the_guard(
        message in messages(),
        noise in vec(any::<u8>(), 0..80),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        is_harmless(&noise);
        is_harmless(&[&[0x42][..], &noise].concat());
        let mut bytes = message.encode();
        is_harmless(&bytes[..cut.index(bytes.len())]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        is_harmless(&bytes);
    }
}

/// A message with one filter, written by hand.
fn with_filter(filter: &[u8]) -> Vec<u8> {
    let length = u8::try_from(filter.len()).unwrap();
    [&[0x42, 0, 0, 1, 0, length], filter, &[0]].concat()
}

/// Goal: filters that would make automerge divide by zero or reserve gigabytes are refused; sound ones pass. That
/// automerge does so is shown on its own decoder; what it reserves is measured in `tests/memory.rs`.
#[test]
fn hostile_filters_are_refused() {
    let billions = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (filter, sound) in [
        (vec![], true),
        (vec![0, 10, 7], true),
        (vec![1, 10, 7, 0xff, 0x03], true),
        // One entry without bits: automerge would take a remainder by zero.
        (vec![1, 0, 7], false),
        // Four billion probes: automerge would reserve 16 GB.
        ([&[1, 10][..], &billions, &[0, 0]].concat(), false),
        (vec![1, 10, 0, 0, 0], false),
        // Truncated, and too long: bits that the claim does not cover.
        (vec![1, 10, 7, 0], false),
        (vec![1, 10, 7, 0, 0, 0], false),
        (vec![1, 10], false),
        ([&billions[..], &[32, 7]].concat(), false),
        (vec![1, 33, 7, 0, 0, 0, 0, 0], false),
        // A number in more bytes than it needs.
        (vec![0x81, 0, 10, 7, 0, 0], false),
    ] {
        assert_eq!(peek(&with_filter(&filter)).is_some(), sound, "{filter:?}");
    }
    let hostile = Message::decode(&with_filter(&[1, 0, 7])).unwrap();
    assert!(catch_unwind(|| hostile.have[0].bloom.contains_hash(&ChangeHash([7; 32]))).is_err());
}

/// Goal: nobody asks twice for the same change, which makes automerge panic. The guard takes hashes in ascending order
/// alone, as automerge writes them.
#[test]
fn hashes_are_asked_for_once() {
    let doc = furnished();
    let hash = doc.get_heads()[0];
    let asked = |hashes: &[ChangeHash]| {
        let count = u8::try_from(hashes.len()).unwrap();
        let hashes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        [&[0x42, 0, count], hashes.as_slice(), &[0, 0]].concat()
    };
    let twice = asked(&[hash, hash]);
    let mut state = State::new();
    let mut victim = replica(&doc, 2);
    victim.receive_sync_message(&mut state, Message::decode(&twice).unwrap()).unwrap();
    let answer = catch_unwind(AssertUnwindSafe(|| victim.generate_sync_message(&mut state).is_some()));
    assert!(answer.is_err());
    assert_eq!(peek(&twice), None);
    assert_eq!(peek(&asked(&[hash])).unwrap().needs, 1);
    assert_eq!(peek(&asked(&[ChangeHash([2; 32]), ChangeHash([1; 32])])), None);
}

/// Goal: many summaries, each to be looked up for each change, are refused; automerge itself writes one.
#[test]
fn summaries_are_few() {
    for (haves, taken) in [(0, true), (1, true), (HAVES_MAX, true), (HAVES_MAX + 1, false)] {
        let mut message = vec![0x42, 0, 0, u8::try_from(haves).unwrap()];
        message.extend((0..2 * haves).map(|_| 0));
        message.push(0);
        assert_eq!(peek(&message).is_some(), taken, "{haves}");
    }
    for wrong in [&[][..], &[0x41, 0, 0, 0, 0], &[0x42], &[0x42, 0, 0, 0], &[0x42, 0, 0, 0, 0, 9]] {
        assert_eq!(peek(wrong), None);
    }
}

fn edit(doc: &mut Automerge, number: u8) -> (ChangeHash, Vec<u8>) {
    let add = Edit::AddStructure { id: id(number), name: format!("Structure {number}") };
    let hash = perform(doc, &[add], NOW).unwrap().unwrap();
    (hash, doc.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec())
}

fn hear(client: &mut Automerge, state: &mut State, bytes: &[u8]) {
    peek(bytes).unwrap();
    client.receive_sync_message(state, Message::decode(bytes).unwrap()).unwrap();
}

/// The hashes of the changes that a client sends next.
fn sends(client: &Automerge, state: &mut State) -> Vec<ChangeHash> {
    let Some(message) = client.generate_sync_message(state) else { return Vec::new() };
    let bytes = message.encode();
    let told = peek(&bytes).unwrap();
    assert!(!told.reset);
    assert_eq!(told.hashes(), client.get_heads());
    let message = Message::decode(&bytes).unwrap();
    message.changes.iter().map(|chunk| automerge::Change::try_from(chunk).unwrap().hash()).collect()
}

/// Goal: a steady message brings an up-to-date client the changes, and the client then sends exactly its own.
#[test]
fn steady_messages_are_understood() {
    let mut server = furnished();
    let (mut client, mut state) = (replica(&server, 2), State::new());
    hear(&mut client, &mut state, &steady(&server.get_heads(), Vec::new(), false));
    assert_eq!(sends(&client, &mut state), []);

    // Two changes of the server, one of the client that the server does not know yet.
    let (mine, _) = edit(&mut client, 20);
    let new = vec![edit(&mut server, 21).1, edit(&mut server, 22).1];
    hear(&mut client, &mut state, &steady(&server.get_heads(), new.clone(), false));
    assert_eq!(structures(&client).len(), 4);
    assert_eq!(sends(&client, &mut state), [mine]);

    // Nothing of it a second time, also when the server says the same again.
    hear(&mut client, &mut state, &steady(&server.get_heads(), new, false));
    assert_eq!(sends(&client, &mut state), []);

    // The server has it now; what comes after is sent alone.
    server.merge(&mut client).unwrap();
    hear(&mut client, &mut state, &steady(&server.get_heads(), Vec::new(), false));
    let (second, _) = edit(&mut client, 23);
    assert_eq!(sends(&client, &mut state), [second]);
    assert_eq!(server.get_heads().len(), 2);
}

/// Goal: a client that lacks what a steady message builds on says so, by a reset or by asking.
#[test]
fn a_client_that_lacks_something_says_so() {
    let mut server = furnished();
    let (mut client, mut state) = (replica(&server, 2), State::new());
    let _lost = edit(&mut server, 21);
    let (_, second) = edit(&mut server, 22);
    hear(&mut client, &mut state, &steady(&server.get_heads(), vec![second], false));
    let answer = client.generate_sync_message(&mut state).unwrap().encode();
    let told = peek(&answer).unwrap();
    assert!(told.reset || told.needs > 0);
    assert_eq!(told.hashes(), client.get_heads());
}

/// Goal: a whole document, with changes since, brings an empty client to the server's heads.
#[test]
fn whole_documents_are_understood() {
    let mut server = furnished();
    let mut chunks = vec![server.save()];
    chunks.push(edit(&mut server, 21).1);
    let mut client = document::load(&[], actor(2)).unwrap();
    let mut state = State::new();
    let hello = client.generate_sync_message(&mut state).unwrap().encode();
    assert!(peek(&hello).is_some_and(|told| told.heads.is_empty() && !told.reset));
    let message = whole(&server.get_heads(), chunks, false);
    assert!(peek(&message).is_some_and(|told| told.document && told.chunks == 2));
    hear(&mut client, &mut state, &message);
    assert_eq!(client.get_heads(), server.get_heads());
    let (mine, _) = edit(&mut client, 22);
    assert_eq!(sends(&client, &mut state), [mine]);
}

/// Goal: a reader is told that nothing is taken, applies what it hears, and sends nothing of its own.
#[test]
fn readers_send_nothing() {
    let mut server = furnished();
    let (mut client, mut state) = (replica(&server, 2), State::new());
    edit(&mut client, 20);
    let (_, new) = edit(&mut server, 21);
    hear(&mut client, &mut state, &steady(&server.get_heads(), vec![new], true));
    assert!(state.is_peer_read_only());
    assert_eq!(structures(&client).len(), 3);
    assert_eq!(sends(&client, &mut state), []);
    assert_eq!(flags(false), None);
}

/// Goal: heads in any order make the same message, for automerge wants them ascending.
#[test]
fn heads_in_any_order() {
    let heads = [ChangeHash([2; 32]), ChangeHash([1; 32])];
    let message = steady(&heads, Vec::new(), false);
    assert_eq!(peek(&message).unwrap().hashes(), [heads[1], heads[0]]);
}
