//! What is taken can be applied, saved and loaded; what automerge itself writes is taken.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod heads;

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, MarkData, ObjectId, Op, OpId, OpType};
use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use portrea_protocol::schema::document;
use proptest::prelude::*;
use proptest::sample::select;

use crate::past::Past;
use crate::tests::{actor, raw, replica};

const MAKER: u8 = 1;
const FORGER: u8 = 2;
/// The number of a change's first operation on top of [`ground`].
const NEXT: u64 = 19;

/// A document with an operation of every kind, numbered as the comments say.
fn ground() -> Automerge {
    let mut doc = document::blank(actor(MAKER));
    raw(&mut doc, |tx| {
        let map = tx.put_object(ROOT, "map", ObjType::Map)?; // 1
        tx.put(&map, "a", "1")?; // 2
        tx.put(&map, "b", "2")?; // 3
        let list = tx.put_object(ROOT, "list", ObjType::List)?; // 4
        tx.insert(&list, 0, "x")?; // 5
        tx.insert(&list, 1, "y")?; // 6
        tx.put(&list, 0, "z")?; // 7, over 5
        let text = tx.put_object(ROOT, "text", ObjType::Text)?; // 8
        tx.splice_text(&text, 0, 0, "abc")?; // 9, 10, 11
        tx.put(&map, "c", ScalarValue::counter(5))?; // 12
        tx.increment(&map, "c", 1)?; // 13
        tx.put(&map, "d", "4")?; // 14
        tx.delete(&map, "d")?; // 15, of 14
        let inner = tx.put_object(&map, "inner", ObjType::Map)?; // 16
        tx.put(&inner, "a", "5")?; // 17
        tx.splice_text(&text, 1, 1, "") // 18, of 10
    });
    doc
}

const MAP: u64 = 1;
const LIST: u64 = 4;
const TEXT: u64 = 8;
const INNER: u64 = 16;

/// An operation's id by number: the document's are the maker's, those of the change the forger's.
fn id(number: u64) -> OpId {
    OpId::new(number, &actor(if number < NEXT { MAKER } else { FORGER }))
}

/// An object by the number of the operation that made it; nought is the root.
fn obj(number: u64) -> ObjectId {
    if number == 0 { ObjectId::Root } else { ObjectId::Id(id(number)) }
}

fn key(name: &str) -> Key {
    Key::Map(name.into())
}

/// An element by number; nought is the head.
fn element(number: u64) -> Key {
    Key::Seq(if number == 0 { ElementId::Head } else { ElementId::Id(id(number)) })
}

fn put(object: u64, key: Key, pred: &[u64]) -> Op {
    let pred = pred.iter().map(|number| id(*number)).collect::<Vec<_>>().into();
    Op { action: OpType::Put("v".into()), obj: obj(object), key, pred, insert: false }
}

fn insert(object: u64, after: u64) -> Op {
    Op { insert: true, ..put(object, element(after), &[]) }
}

fn delete(object: u64, key: Key, pred: &[u64]) -> Op {
    Op { action: OpType::Delete, ..put(object, key, pred) }
}

fn increment(object: u64, key: Key, pred: &[u64]) -> Op {
    Op { action: OpType::Increment(1), ..put(object, key, pred) }
}

fn make(kind: ObjType, object: u64, key: Key) -> Op {
    Op { action: OpType::Make(kind), ..put(object, key, &[]) }
}

fn mark() -> OpType {
    OpType::MarkBegin(MarkData { name: "bold".into(), value: true.into(), expand: true })
}

/// A change with these operations on top of the ground.
fn change(doc: &Automerge, operations: Vec<Op>) -> ExpandedChange {
    ExpandedChange {
        operations,
        actor_id: actor(FORGER),
        hash: None,
        seq: 1,
        start_op: NonZeroU64::new(NEXT).unwrap(),
        time: 0,
        message: None,
        deps: doc.get_heads(),
        extra_bytes: Vec::new(),
        author: None,
    }
}

fn is_sound(doc: &Automerge, bytes: &[u8], last: u64) -> bool {
    let change = Change::try_from(bytes).unwrap();
    let mut own = doc.get_changes_meta(&[]).into_iter().filter(|known| *known.actor == *change.actor_id());
    let latest = own.next_back().map(|known| known.hash);
    // Of the states of a document it knows none: everything is looked up.
    let past = Past::default();
    let seen = past.seen(doc, change.deps(), change.actor_id(), latest.as_ref());
    seen.is_some_and(|seen| super::is_sound(&seen, &change, &change.decode(), last))
}

/// The document takes the change, gives it back as it was, and loads with it, whole and change by change.
fn gives_back(doc: &Automerge, bytes: &[u8]) {
    let mut doc = replica(doc, 3);
    let change = Change::try_from(bytes).unwrap();
    let hash = change.hash();
    doc.apply_changes([change]).unwrap();
    assert_eq!(doc.get_change_by_hash(&hash).unwrap().raw_bytes(), bytes);
    let again = Automerge::load(&doc.save()).unwrap();
    assert_eq!(again.get_heads(), doc.get_heads());
    assert_eq!(again.hydrate(None), doc.hydrate(None));
    let mut replayed = document::blank(actor(3));
    replayed.apply_changes(doc.get_changes(&[])).unwrap();
    assert_eq!(replayed.hydrate(None), doc.hydrate(None));
    // A store gives changes back in any order.
    let mut backwards = document::blank(actor(3));
    for change in doc.get_changes(&[]).into_iter().rev() {
        backwards.apply_changes([change]).unwrap();
    }
    assert_eq!(backwards.hydrate(None), doc.hydrate(None));
}

/// Whether a change with these operations is taken; one that is, is given back.
fn takes(doc: &Automerge, operations: Vec<Op>) -> bool {
    let bytes = Change::from(change(doc, operations)).raw_bytes().to_vec();
    let sound = is_sound(doc, &bytes, 0);
    if sound {
        gives_back(doc, &bytes);
    }
    sound
}

/// Goal: an operation that automerge could have written is taken.
#[test]
fn what_keeps_the_rules_is_taken() {
    let doc = ground();
    let own = NEXT;
    let taken: Vec<(&str, Vec<Op>)> = vec![
        ("a key gets a value", vec![put(MAP, key("new"), &[])]),
        ("a value is replaced", vec![put(MAP, key("a"), &[2])]),
        ("a value is replaced that was removed meanwhile", vec![put(MAP, key("d"), &[14])]),
        ("a value is removed", vec![delete(MAP, key("a"), &[2])]),
        ("a counter counts", vec![increment(MAP, key("c"), &[12])]),
        ("a character after one that was removed", vec![insert(TEXT, 10)]),
        ("a character is removed that was removed meanwhile", vec![delete(TEXT, element(10), &[10])]),
        ("an element is replaced again", vec![put(LIST, element(5), &[7])]),
        ("an element is removed", vec![delete(LIST, element(5), &[7])]),
        ("characters in a row", vec![insert(TEXT, 11), insert(TEXT, own), insert(TEXT, own + 1)]),
        (
            "an object and what is in it",
            vec![
                make(ObjType::Text, MAP, key("new")),
                insert(own, 0),
                delete(own, element(own + 1), &[own + 1]),
            ],
        ),
        (
            "an object in a text",
            vec![Op { insert: true, ..make(ObjType::Map, TEXT, element(9)) }, put(own, key("a"), &[])],
        ),
    ];
    for (what, operations) in taken {
        assert!(takes(&doc, operations), "{what}");
    }
}

/// Goal: one that breaks a rule is refused. The table says which.
#[test]
fn what_breaks_a_rule_is_refused() {
    let doc = ground();
    let own = NEXT;
    let refused: Vec<(&str, Vec<Op>)> = vec![
        ("written into a value", vec![put(2, key("a"), &[])]),
        ("written into a removal", vec![put(15, key("a"), &[])]),
        ("written into what is nowhere", vec![put(999, key("a"), &[])]),
        (
            "written into an object that comes later",
            vec![put(own + 1, key("a"), &[]), make(ObjType::Map, MAP, key("z"))],
        ),
        ("written into a value of its own", vec![put(MAP, key("z"), &[]), put(own, key("a"), &[])]),
        ("a table", vec![make(ObjType::Table, MAP, key("z"))]),
        ("an element of a map", vec![insert(MAP, 0)]),
        ("a key of a list", vec![put(LIST, key("a"), &[])]),
        ("a key of a text", vec![put(TEXT, key("a"), &[])]),
        ("the head of a list gets a value", vec![put(LIST, element(0), &[])]),
        ("after an element of another list", vec![insert(LIST, 9)]),
        ("after what is no element", vec![insert(LIST, 7)]),
        ("after itself", vec![insert(LIST, own)]),
        ("after what comes later", vec![insert(LIST, own + 1), insert(LIST, 6)]),
        ("after an element of its own in another list", vec![insert(LIST, 6), insert(TEXT, own)]),
        ("a removal of nothing", vec![delete(MAP, key("a"), &[])]),
        ("a removal of a removal", vec![delete(MAP, key("d"), &[15])]),
        ("a removal of itself", vec![delete(MAP, key("z"), &[own])]),
        ("an increment of nothing", vec![increment(MAP, key("c"), &[])]),
        ("a value of another map is replaced", vec![put(MAP, key("a"), &[17])]),
        ("a value of another key is replaced", vec![put(MAP, key("b"), &[2])]),
        ("a value of another key is removed", vec![delete(MAP, key("a"), &[3])]),
        ("a value of its own and of another key", vec![put(MAP, key("y"), &[]), put(MAP, key("z"), &[own])]),
        ("an element of another list is removed", vec![delete(LIST, element(9), &[9])]),
        ("the value of another element is removed", vec![delete(LIST, element(6), &[7])]),
        ("another character is removed", vec![delete(TEXT, element(9), &[11])]),
        ("an update of an update", vec![put(LIST, element(7), &[7])]),
        ("an insertion that replaces", vec![Op { insert: true, ..put(LIST, element(6), &[6]) }]),
        ("an insertion under a key", vec![Op { insert: true, ..put(MAP, key("a"), &[]) }]),
        ("an inserted removal", vec![Op { insert: true, ..delete(LIST, element(6), &[6]) }]),
        ("an inserted increment", vec![Op { insert: true, ..increment(LIST, element(6), &[]) }]),
        ("a mark", vec![Op { action: mark(), ..insert(TEXT, 9) }]),
        ("the end of a mark", vec![Op { action: OpType::MarkEnd(true), ..insert(TEXT, 9) }]),
    ];
    for (what, operations) in refused {
        assert!(!takes(&doc, operations), "{what}");
    }
}

/// Goal: marks are the only thing that automerge writes and a territory does not take.
#[test]
fn marks_are_not_taken() {
    let doc = ground();
    let mut client = replica(&doc, FORGER);
    let text = ObjId::Id(TEXT, actor(MAKER), 0);
    raw(&mut client, |tx| tx.mark(&text, Mark::new("bold".into(), true, 0, 1), ExpandMark::Both));
    assert!(!is_sound(&doc, client.get_last_local_change().unwrap().raw_bytes(), 0));
}

/// An edit that automerge writes, wherever it can.
fn edit(client: &mut Automerge, what: u8, at: usize, word: &str) {
    let maker: ActorId = actor(MAKER);
    let [map, list, text] = [MAP, LIST, TEXT].map(|number| ObjId::Id(number, maker.clone(), 0));
    let key = ["a", "b", "c", "new"][at % 4];
    let length = if what < 7 { client.length(&list) } else { client.length(&text) };
    let at = at.checked_rem(length).unwrap_or_default();
    let _ = client.transact::<_, _, automerge::AutomergeError>(|tx| match what {
        0 => tx.put(&map, key, word),
        1 => tx.delete(&map, key),
        2 => tx.put(&map, key, ScalarValue::counter(1)),
        3 => tx.increment(&map, key, 2),
        4 => tx.insert(&list, at, word),
        5 => tx.put(&list, at, ScalarValue::counter(3)).and_then(|()| tx.increment(&list, at, 1)),
        6 => tx.delete(&list, at),
        7 => tx.splice_text(&text, at, 1, word),
        8 => tx.split_block(&text, at).and_then(|block| tx.put(&block, "kind", word)),
        _ => {
            let inner = tx.put_object(&map, key, ObjType::Map)?;
            tx.put(&inner, "a", word)?;
            let notes = tx.put_object(&inner, "notes", ObjType::Text)?;
            tx.splice_text(&notes, 0, 0, word)?;
            tx.update_text(&notes, "autre chose")
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Arbitrary operations, in changes behind and beside each other: whatever is taken can be applied, saved and loaded.
    #[test]
    fn what_is_taken_is_given_back(
        forgeries in proptest::collection::vec(
            (
                proptest::collection::vec(operation(), 0..4),
                select(vec![NEXT, NEXT, NEXT, 1, 12, 18, NEXT + 1, NEXT + 9]),
                select(vec![0_usize, 1, 1, 1, 2]),
                select(vec![FORGER, FORGER, 4]),
            ),
            1..4,
        ),
    ) {
        let mut doc = ground();
        let ground = doc.get_heads();
        let mut latest = BTreeMap::new();
        for (operations, start, rooted, by) in forgeries {
            let deps = [Vec::new(), doc.get_heads(), ground.clone()][rooted].clone();
            let (seq, last) = latest.get(&by).copied().unwrap_or((1, 0));
            let start_op = NonZeroU64::new(start.max(if rooted == 1 { last + 1 } else { 1 })).unwrap();
            let forged =
                ExpandedChange { seq, actor_id: actor(by), start_op, deps, ..change(&doc, operations) };
            let bytes = Change::from(forged).raw_bytes().to_vec();
            if is_sound(&doc, &bytes, last) {
                gives_back(&doc, &bytes);
                let change = Change::try_from(bytes.as_slice()).unwrap();
                latest.insert(by, (seq + 1, change.max_op()));
                doc.apply_changes([change]).unwrap();
            }
        }
    }

    /// Whatever two devices write side by side is taken, each change when its turn comes.
    #[test]
    fn what_automerge_writes_is_taken(
        edits in proptest::collection::vec((0_u8..2, 0_u8..10, 0_usize..6, "[a-c]{0,3}", any::<bool>()), 1..16),
    ) {
        let mut doc = ground();
        let mut clients = [2, 3].map(|number| replica(&doc, number));
        let mut last = [0, 0];
        for (who, what, at, word, merge) in edits {
            let who = usize::from(who);
            let before = clients[who].get_heads();
            edit(&mut clients[who], what, at, &word);
            for change in clients[who].get_changes(&before) {
                prop_assert!(is_sound(&doc, change.raw_bytes(), last[who]));
                last[who] = change.max_op();
                doc.apply_changes([change]).unwrap();
            }
            if merge {
                let fresh = doc.get_changes(&clients[who].get_heads());
                clients[who].apply_changes(fresh).unwrap();
            }
        }
        prop_assert_eq!(Automerge::load(&doc.save()).unwrap().get_heads(), doc.get_heads());
    }
}

/// An operation that names anything, likelier something that fits.
fn operation() -> impl Strategy<Value = Op> {
    let object = select(vec![0, MAP, MAP, LIST, LIST, TEXT, TEXT, INNER, NEXT, 2, 5, 15]);
    let place = prop_oneof![
        select(vec!["a", "b", "c", "d", "inner", "new"]).prop_map(key),
        select(vec![0, 5, 6, 7, 9, 10, 11, NEXT, NEXT + 1]).prop_map(element),
    ];
    let pred = proptest::collection::vec(select((2..NEXT + 3).collect::<Vec<_>>()), 0..3);
    let action = select(vec![
        OpType::Put("v".into()),
        OpType::Put("w".into()),
        OpType::Put(ScalarValue::counter(2)),
        OpType::Delete,
        OpType::Delete,
        OpType::Increment(1),
        OpType::Make(ObjType::Map),
        OpType::Make(ObjType::List),
        OpType::Make(ObjType::Table),
        mark(),
        OpType::MarkEnd(false),
    ]);
    let fitting = prop_oneof![
        select(vec![9, 10, 11]).prop_map(|number| delete(TEXT, element(number), &[number])),
        select(vec![0, 9, 10, 11]).prop_map(|number| insert(TEXT, number)),
        select(vec![0, 5, 6]).prop_map(|number| insert(LIST, number)),
        select(vec![(5, 7), (5, 5), (6, 6)]).prop_map(|(at, pred)| put(LIST, element(at), &[pred])),
        select(vec![("a", 2), ("b", 3), ("c", 12), ("c", 13), ("d", 14)]).prop_map(|(name, pred)| put(
            MAP,
            key(name),
            &[pred]
        )),
    ];
    let any = (object, place, pred, action, any::<bool>())
        .prop_map(|(object, place, pred, action, insert)| Op { action, insert, ..put(object, place, &pred) });
    prop_oneof![any, fitting]
}
