//! Peers that mean harm, or were damaged: they are turned away, and nobody else notices.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::sync::{ChunkList, Message, MessageVersion, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, Change, ChangeHash, ExpandedChange, ROOT, ReadDoc};
use portrea_protocol::epoch::{Forget, Subject, begin};
use portrea_protocol::people::Role;
use portrea_protocol::schema::write::perform;
use portrea_protocol::schema::{document, read};
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync::{steady, whole};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::tests::{Client, Hub, NOW, actor, bytes_of, furnished, id, open, raw, replica, set};

/// A furnished hub with a client that is about to misbehave and one that is not.
fn trio() -> (Hub, Client, Client) {
    let mut hub = Hub::furnished();
    let mut mallory = Client::new(6, Role::Contributor);
    let mut amina = Client::new(2, Role::Contributor);
    hub.joins(&mut mallory);
    hub.joins(&mut amina);
    (hub, mallory, amina)
}

/// Amina edits all the same, what was kept opens all the same, and the document can be saved and loaded.
fn serves(hub: &mut Hub, amina: &mut Client) {
    let made = amina.edits(&[set("phone", "amina")]);
    hub.exchange(&mut [amina]);
    assert!(hub.territory.document().get_change_by_hash(&made).is_some());
    assert_eq!(*hub.territory.records(), read::structures(hub.territory.document()));
    let again = open(hub.kept.clone(), 240).unwrap();
    assert_eq!(again.heads(), hub.territory.heads());
    assert_eq!(again.records(), hub.territory.records());
    let saved = hub.territory.document().save();
    assert_eq!(Automerge::load(&saved).unwrap().get_heads(), hub.territory.heads());
}

/// Mallory's change reaches the territory, alone or behind others, and is refused with this code or taken.
fn check(changes: Vec<Vec<u8>>, refusal: Option<Refusal>) {
    let (mut hub, mallory, mut amina) = trio();
    let heads = hub.territory.heads().to_vec();
    let outcome = hub.handle([mallory.says(steady(&heads, changes, false))]);
    let refused: Vec<_> = refusal.into_iter().map(|refusal| (mallory.peer.clone(), refusal)).collect();
    assert_eq!(outcome.refuse, refused);
    serves(&mut hub, &mut amina);
}

/// A change of actor 6 on top of the furnished territory, altered.
fn forged(alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let mut doc = replica(&furnished(), 6);
    perform(&mut doc, &[set("phone", "6")], NOW).unwrap();
    let mut change = doc.get_last_local_change().unwrap().decode();
    alter(&mut change);
    Change::from(change).raw_bytes().to_vec()
}

/// The change's first operation replaces the structure's name, and says that it writes the phone.
fn another_key(change: &mut ExpandedChange) {
    let mut doc = replica(&furnished(), 6);
    perform(&mut doc, &[set("name", "6")], NOW).unwrap();
    let renamed = doc.get_last_local_change().unwrap().decode();
    change.operations[0].pred = renamed.operations[0].pred.clone();
    assert_eq!(change.operations[0].obj, renamed.operations[0].obj);
    assert_eq!(change.operations[0].pred.len(), 1);
}

/// Goal: a change as it should be is taken; the forgeries below differ from it in one point each.
#[test]
fn an_honest_change_is_taken() {
    check(vec![forged(|_| {})], None);
}

/// Goal: a change whose checksum is wrong is refused: kept, it would keep the territory from opening again.
#[test]
fn a_wrong_checksum_is_refused() {
    let mut bytes = forged(|_| {});
    bytes[5] ^= 1;
    check(vec![bytes], Some(Refusal::MalformedChange));
}

/// Goal: two changes of one number are two devices under one identity; the second is refused.
#[test]
fn a_reused_number_is_refused() {
    let second = forged(|change| change.time += 5);
    check(vec![forged(|_| {}), second], Some(Refusal::SequenceReused));
}

/// Goal: what is no change is refused: a whole document, a whole document in the newer message, an empty chunk.
#[test]
fn what_is_no_change_is_refused() {
    let document = furnished().save();
    check(vec![document.clone()], Some(Refusal::MalformedChange));
    check(vec![Vec::new()], Some(Refusal::MalformedChange));
    let (mut hub, mallory, mut amina) = trio();
    let outcome = hub.handle([mallory.says(whole(&[ChangeHash([1; 32])], vec![document], false))]);
    assert_eq!(outcome.refuse, [(mallory.peer, Refusal::MalformedSync)]);
    serves(&mut hub, &mut amina);
}

/// Goal: a change that unfolds to more than the limit is refused before it is unfolded.
#[test]
fn a_bomb_is_refused() {
    let mut doc = replica(&furnished(), 6);
    let hash = raw(&mut doc, |tx| tx.put(ROOT, "x", "é".repeat(9 * 1024 * 1024)));
    let bytes = bytes_of(&doc, hash);
    let mut change = doc.get_change_by_hash(&hash).unwrap();
    let folded = change.bytes().to_vec();
    assert!(folded.len() < bytes.len() / 100);
    check(vec![folded], Some(Refusal::ChangeTooLarge));
}

/// Goal: a filter that claims entries it has no bits for, at which automerge divides by zero, is refused.
#[test]
fn a_hostile_filter_is_refused() {
    let (mut hub, mallory, mut amina) = trio();
    // Heads none, needs none, one summary: no heads, a filter of three bytes (1 entry, 0 bits, 7 probes), no changes.
    let outcome = hub.handle([mallory.says(vec![0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0])]);
    assert_eq!(outcome.refuse, [(mallory.peer, Refusal::MalformedSync)]);
    serves(&mut hub, &mut amina);
}

/// Goal: a change that lists an actor by which no change was made, and names it nowhere, is refused: automerge looks it
/// up and panics. Written byte by byte, for automerge lists only what is named.
#[test]
fn an_actor_that_is_listed_and_unknown_is_refused() {
    check(vec![listing(&forged(|_| {}), &[])], None);
    check(vec![listing(&forged(|_| {}), &[77; 16])], Some(Refusal::MalformedChange));
}

/// The change with one more actor in its list, if one is given.
fn listing(change: &[u8], unknown: &[u8]) -> Vec<u8> {
    let (head, rest) = change.split_at(9);
    let number = |bytes: &[u8]| bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let body = &rest[number(rest)..];
    let mut at = 1 + 32 * usize::from(body[0]);
    at += 1 + usize::from(body[at]);
    // Sequence, first operation, time.
    (0..3).for_each(|_| at += number(&body[at..]));
    at += 1 + usize::from(body[at]);
    assert_eq!((body[at], body[at + 1]), (1, 16), "the honest change names whoever made the document");
    let after = at + 2 + 16;
    let count = 1 + u8::from(!unknown.is_empty());
    let one_more = if unknown.is_empty() { Vec::new() } else { [&[16], unknown].concat() };
    let body = [&body[..at], &[count], &body[at + 1..after], &one_more, &body[after..]].concat();
    let (low, high) = (body.len() % 128, body.len() / 128);
    let length = if high == 0 { vec![low] } else { vec![0x80 | low, high] };
    let length: Vec<u8> = length.into_iter().map(|byte| byte.try_into().unwrap()).collect();
    let hashed = [&[1], length.as_slice(), &body].concat();
    [&head[..4], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

/// Goal: a refused change leaves nothing behind, not even where it said that its objects stand: the honest change of
/// the same numbers goes on being read where it is. A copied device writes elsewhere under the same numbers.
#[test]
fn a_refused_change_misleads_nobody() {
    let (mut hub, mallory, mut amina) = trio();
    let make = |doc: &mut Automerge, key: &str| {
        let structure = read::structure_object(doc, &crate::tests::id(1)).unwrap();
        raw(doc, |tx| tx.put_object(&structure, key, automerge::ObjType::Text).map(drop))
    };
    amina.doc.set_actor(actor(2));
    let honest = make(&mut amina.doc, "notes");
    let mut copy = replica(&furnished(), 2);
    let forged = make(&mut copy, "description");
    hub.handle([amina.says(steady(&[honest], vec![bytes_of(&amina.doc, honest)], false))]);
    let outcome = hub.handle([mallory.says(steady(&[forged], vec![bytes_of(&copy, forged)], false))]);
    assert_eq!(outcome.refuse, [(mallory.peer, Refusal::SequenceReused)]);
    let notes = amina.doc.get(read::structure_object(&amina.doc, &crate::tests::id(1)).unwrap(), "notes");
    let notes = notes.unwrap().unwrap().1;
    raw(&mut amina.doc, |tx| tx.splice_text(&notes, 0, 0, "Fermé le lundi"));
    serves(&mut hub, &mut amina);
}

/// Goal: a waiting change that turns out bad is dropped, and does not cost the peer its place that brought what it
/// waited for. Mallory's change waits for Amina's and reuses a number.
#[test]
fn a_bad_change_that_waited_is_nobody_elses_fault() {
    let (mut hub, mallory, mut amina) = trio();
    let first = forged(|_| {});
    hub.handle([mallory.says(steady(&[], vec![first], false))]);
    let made = amina.edits(&[set("notes", "a")]);
    let bad = forged(|change| change.deps = vec![made]);
    let outcome = hub.handle([mallory.says(steady(&[made], vec![bad], false))]);
    assert_eq!(outcome.refuse, []);
    let outcome = hub.handle([amina.speak().unwrap()]);
    assert_eq!(outcome.refuse, []);
    assert!(hub.territory.document().get_change_by_hash(&made).is_some());
    crate::tests::deliver(&outcome, &mut [&mut amina]);
    serves(&mut hub, &mut amina);
}

/// Goal: forged changes neither fail nor spoil what is kept, whether they are refused or taken: automerge
/// takes for granted what each of them claims.
#[test]
fn forged_numbers_do_no_harm() {
    let forgeries: Vec<(&str, Vec<u8>)> = vec![
        ("a gap in the sequence", forged(|change| change.seq = 5)),
        ("sequence nought", forged(|change| change.seq = 0)),
        ("no dependencies", forged(|change| change.deps = Vec::new())),
        ("first operation 1", forged(|change| change.start_op = NonZeroU64::MIN)),
        ("a late first operation", forged(|change| change.start_op = NonZeroU64::new(1 << 31).unwrap())),
        ("the last first operation", forged(|change| change.start_op = NonZeroU64::new(u64::MAX).unwrap())),
        ("an object that is none", {
            forged(|change| {
                change.operations[0].obj =
                    automerge::legacy::ObjectId::Id(automerge::legacy::OpId::new(999, &actor(77)));
            })
        }),
        ("a predecessor that is none", {
            forged(|change| {
                change.operations[0].pred = vec![automerge::legacy::OpId::new(998, &actor(6))].into();
            })
        }),
        ("a removal of nothing", forged(|change| change.operations[0].action = OpType::Delete)),
        ("an element of a map", {
            forged(|change| {
                change.operations[0].key = Key::Seq(ElementId::Head);
                change.operations[0].insert = true;
            })
        }),
        ("a value of another key", forged(another_key)),
        ("a removal of a value of another key", {
            forged(|change| {
                another_key(change);
                change.operations[0].action = OpType::Delete;
            })
        }),
    ];
    let mut harmful = Vec::new();
    for (what, bytes) in forgeries {
        let done = std::panic::catch_unwind(|| {
            let (mut hub, mallory, mut amina) = trio();
            let heads = hub.territory.heads().to_vec();
            hub.handle([mallory.says(steady(&heads, vec![bytes], false))]);
            serves(&mut hub, &mut amina);
        });
        if done.is_err() {
            harmful.push(what);
        }
    }
    assert_eq!(harmful, Vec::<&str>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Arbitrary bytes, and real messages with some bytes changed, never fail and cost only who sent them.
    #[test]
    fn damaged_messages_cost_only_their_sender(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (mut hub, mut mallory, mut amina) = trio();
        mallory.edits(&[set("phone", "6"), set("notes", "long texte de notes")]);
        let mut message = mallory.doc.generate_sync_message(&mut mallory.state).unwrap().encode();
        for (index, byte) in flips {
            let index = index.index(message.len());
            message[index] ^= byte;
        }
        let outcome = hub.handle([mallory.says(message), amina.says(Vec::new())]);
        prop_assert!(outcome.refuse.iter().all(|(peer, _)| *peer == mallory.peer || *peer == amina.peer));
        hub.handle([mallory.connected(), mallory.says(noise.clone())]);
        hub.handle([mallory.connected(), mallory.says([&[0x42][..], &noise].concat())]);
        amina.reconnects();
        hub.connect(&amina);
        serves(&mut hub, &mut amina);
    }
}

/// Goal: a message with whole-document flags that its chunks do not bear out is refused like any other.
#[test]
fn a_newer_message_from_a_contributor_is_refused_whatever_it_brings() {
    let (mut hub, mallory, mut amina) = trio();
    let message = Message {
        heads: Vec::new(),
        need: Vec::new(),
        have: Vec::new(),
        changes: ChunkList::from(vec![forged(|_| {})]),
        flags: None,
        version: MessageVersion::V2,
    };
    let outcome = hub.handle([mallory.says(message.encode())]);
    assert_eq!(outcome.refuse, [(mallory.peer, Refusal::MalformedSync)]);
    serves(&mut hub, &mut amina);
    assert!(document::load(&hub.kept.chunks[0].bytes().clone(), actor(9)).is_ok());
}

/// Goal: in a later epoch a change that speaks of what was forgotten is refused, and nobody else notices; the territory
/// says which epoch it is. Method: what is forgotten is replaced, written into, named as the letter before, and written
/// next to; last comes an honest change.
#[test]
fn what_speaks_of_something_forgotten_is_refused() {
    let mut old = replica(&furnished(), 5);
    perform(&mut old, &[set("summary", "un"), set("phone", "5"), set("notes", "abc")], NOW).unwrap();
    let written = old.get_last_local_change().unwrap().decode();
    let subjects = ["phone", "notes"].map(|path| Subject::parse(&id(1), path).unwrap());
    let forget = Forget { subjects: subjects.into(), before: None };
    let next = begin(&old, &forget, &BTreeMap::new(), 1, &actor(9), NOW).unwrap().document;
    let gone = |number: u64| OpId::new(written.start_op.get() + number, &written.actor_id);
    // `summary`, `phone`, the text of `notes`, its three letters.
    assert_eq!(written.operations.len(), 6);
    let mut doc = replica(&next, 6);
    perform(&mut doc, &[set("phone", "6")], NOW).unwrap();
    let honest = doc.get_last_local_change().unwrap();
    let refused = |alter: &dyn Fn(&mut automerge::legacy::Op)| {
        let mut change = honest.decode();
        alter(&mut change.operations[0]);
        let mut hub = Hub::of(&next);
        assert_eq!(hub.territory.epoch(), 1);
        let (mallory, mut amina) = (Client::new(6, Role::Contributor), Client::new(7, Role::Contributor));
        hub.connect(&mallory);
        hub.joins(&mut amina);
        let heads = hub.territory.heads().to_vec();
        let bytes = Change::from(change).raw_bytes().to_vec();
        let outcome = hub.handle([mallory.says(steady(&heads, vec![bytes], false))]);
        serves(&mut hub, &mut amina);
        outcome.refuse.first().map(|(_, refusal)| *refusal)
    };
    assert_eq!(refused(&|op| op.pred = vec![gone(1)].into()), Some(Refusal::MalformedChange));
    assert_eq!(refused(&|op| op.obj = ObjectId::Id(gone(2))), Some(Refusal::MalformedChange));
    let letter = |op: &mut automerge::legacy::Op| {
        op.key = Key::Seq(ElementId::Id(gone(4)));
    };
    assert_eq!(refused(&letter), Some(Refusal::MalformedChange));
    assert_eq!(refused(&|_| {}), None);
}
