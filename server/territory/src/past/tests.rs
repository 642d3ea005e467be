//! What is remembered tells the same as automerge does when it is asked anew.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::transaction::Transactable;
use automerge::{Automerge, ChangeHash, ROOT};
use portrea_protocol::schema::document;
use proptest::prelude::*;

use super::Past;
use crate::tests::{actor, raw, replica};

/// What happens among four devices and a document that tells its state now and then.
#[derive(Debug, Clone)]
enum Deed {
    /// A device edits, and sends.
    Edit(usize),
    /// A device hears of everything.
    Hears(usize),
    /// The devices are told where the document stands.
    Told,
    /// The document is loaded afresh.
    Loaded,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let device = 0_usize..4;
    prop_oneof![
        6 => device.clone().prop_map(Deed::Edit),
        3 => device.prop_map(Deed::Hears),
        3 => Just(Deed::Told),
        1 => Just(Deed::Loaded),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Of every change that comes, every other one that is there is known or not, as the graph of changes says.
    #[test]
    fn what_is_known_is_what_was_there(deeds in proptest::collection::vec(deeds(), 1..40)) {
        let mut doc = document::blank(actor(1));
        raw(&mut doc, |tx| tx.put(ROOT, "a", "1"));
        let mut devices: Vec<Automerge> = (2..6).map(|number| replica(&doc, number)).collect();
        let mut lasts = [None; 4];
        let mut past = Past::of(&doc);
        for (number, deed) in (2_i64..).zip(deeds) {
            match deed {
                Deed::Hears(device) => {
                    devices[device].merge(&mut doc).unwrap();
                }
                Deed::Told => past.stands(&doc.get_heads()),
                Deed::Loaded => past = Past::of(&doc),
                Deed::Edit(device) => {
                    raw(&mut devices[device], |tx| tx.put(ROOT, "a", number));
                    let change = devices[device].get_last_local_change().unwrap();
                    let unseen: Vec<ChangeHash> =
                        doc.get_changes_meta(change.deps()).iter().map(|change| change.hash).collect();
                    let seen = past.seen(&doc, change.deps(), change.actor_id(), lasts[device].as_ref());
                    let seen = seen.unwrap();
                    for other in doc.get_changes_meta(&[]) {
                        prop_assert_eq!(seen.has(&other.hash), !unseen.contains(&other.hash));
                    }
                    let known = seen.known();
                    past.came(change.hash(), change.deps(), change.actor_id().clone(), known);
                    lasts[device] = Some(change.hash());
                    doc.apply_changes([change]).unwrap();
                }
            }
        }
    }
}

/// Goal: a state that the document had is looked up nowhere, nor is what an actor's next change builds on.
#[test]
fn what_was_told_is_not_looked_up() {
    let mut doc = document::blank(actor(1));
    raw(&mut doc, |tx| tx.put(ROOT, "a", "1"));
    let mut device = replica(&doc, 2);
    let mut past = Past::of(&doc);
    for number in 2_i64..5 {
        raw(&mut device, |tx| tx.put(ROOT, "a", number));
        let change = device.get_last_local_change().unwrap();
        let seen = past.seen(&doc, change.deps(), change.actor_id(), None).unwrap();
        assert!(doc.get_changes_meta(&[]).iter().all(|other| seen.has(&other.hash)));
        assert!(seen.unseen.get().is_none());
        let known = seen.known();
        past.came(change.hash(), change.deps(), change.actor_id().clone(), known);
        doc.apply_changes([change]).unwrap();
        past.stands(&doc.get_heads());
    }
}

/// Goal: of many changes of a device that was away while the document was loaded, one is looked up.
#[test]
fn a_row_of_changes_is_looked_up_once() {
    let mut doc = document::blank(actor(1));
    raw(&mut doc, |tx| tx.put(ROOT, "a", "1"));
    let first = doc.get_heads();
    let mut device = replica(&doc, 2);
    raw(&mut doc, |tx| tx.put(ROOT, "b", "1"));
    let mut past = Past::of(&doc);
    let mut looked_up = 0;
    for number in 2_i64..6 {
        raw(&mut device, |tx| tx.put(ROOT, "a", number));
        let change = device.get_last_local_change().unwrap();
        let seen = past.seen(&doc, change.deps(), change.actor_id(), None).unwrap();
        assert!(first.iter().all(|old| seen.has(old)));
        looked_up += usize::from(seen.unseen.get().is_some());
        let known = seen.known();
        past.came(change.hash(), change.deps(), change.actor_id().clone(), known);
        doc.apply_changes([change]).unwrap();
    }
    assert!(looked_up <= 1, "{looked_up} were looked up");
}
