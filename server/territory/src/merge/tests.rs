//! The pool of changes that wait: bounded, counted right, and clear about what is missing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::{Automerge, ChangeHash, ReadDoc};
use portrea_protocol::people::Role;
use portrea_protocol::schema::write::perform;
use portrea_protocol::wire::refusal::Refusal;

use super::{Incoming, PENDING_BYTES_MAX, PENDING_MAX, Pending, has_all};
use crate::tests::{NOW, furnished, person, replica, set};

/// The territory, and somebody's document with `count` changes in a row on top of it.
fn chain(count: usize) -> (Automerge, Automerge, Vec<ChangeHash>) {
    let doc = furnished();
    let mut client = replica(&doc, 2);
    let hashes = (0..count)
        .map(|number| perform(&mut client, &[set("phone", &number.to_string())], NOW).unwrap().unwrap())
        .collect();
    (doc, client, hashes)
}

fn incoming(client: &Automerge, hash: ChangeHash) -> Incoming {
    let change = client.get_change_by_hash(&hash).unwrap();
    Incoming { bytes: change.raw_bytes().to_vec(), change, person: person(2, Role::Contributor) }
}

/// Goal: what waits is not asked for again, only what neither stands nor waits. The middle of a chain is missing.
#[test]
fn only_what_is_nowhere_is_missing() {
    let (mut doc, client, hashes) = chain(4);
    let mut pending = Pending::default();
    assert_eq!(pending.missing(&doc, &[hashes[3]], |_| false), [hashes[3]]);
    for index in [3, 2] {
        pending.wait(incoming(&client, hashes[index])).unwrap();
    }
    assert_eq!(pending.missing(&doc, &[hashes[3]], |_| false), [hashes[1]]);
    assert_eq!(pending.missing(&doc, &doc.get_heads(), |_| false), []);
    pending.wait(incoming(&client, hashes[0])).unwrap();
    let ready = pending.take_ready(|deps| has_all(&doc, deps)).unwrap();
    assert_eq!(ready.change.hash(), hashes[0]);
    assert!(pending.take_ready(|deps| has_all(&doc, deps)).is_none());
    doc.apply_changes([ready.change, incoming(&client, hashes[1]).change]).unwrap();
    assert_eq!(pending.take_ready(|deps| has_all(&doc, deps)).unwrap().change.hash(), hashes[2]);
    assert!(!pending.is_empty());
}

/// Goal: a change that waits is counted once, at the bytes it came with, and stays whose it was. It comes again longer
/// and by somebody else.
#[test]
fn a_waiting_change_is_counted_once() {
    let (mut doc, client, hashes) = chain(2);
    let mut pending = Pending::default();
    pending.wait(incoming(&client, hashes[1])).unwrap();
    let mut again = incoming(&client, hashes[1]);
    again.bytes.extend([0; 100]);
    again.person = person(3, Role::Contributor);
    pending.wait(again).unwrap();
    doc.apply_changes([incoming(&client, hashes[0]).change]).unwrap();
    let ready = pending.take_ready(|deps| has_all(&doc, deps)).unwrap();
    assert_eq!((ready.person, pending.bytes), (person(2, Role::Contributor), 0));
    assert!(pending.is_empty());
}

/// Goal: the pool is bounded in changes and in bytes; what it has no room for is refused.
#[test]
fn the_pool_is_bounded() {
    let (_, client, hashes) = chain(2);
    let mut pending = Pending::default();
    for number in 0..PENDING_MAX {
        let hash =
            ChangeHash(std::array::from_fn(|index| number.to_le_bytes().get(index).copied().unwrap_or(0)));
        pending.waiting.insert(hash, incoming(&client, hashes[0]));
    }
    assert_eq!(pending.wait(incoming(&client, hashes[1])), Err(Refusal::TooManyPending));
    let mut pending = Pending { bytes: PENDING_BYTES_MAX, ..Pending::default() };
    assert_eq!(pending.wait(incoming(&client, hashes[1])), Err(Refusal::TooManyPending));
}
