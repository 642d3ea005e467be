//! What stands at the head of a change: its numbers, what it builds on, its time.

use std::num::NonZeroU64;

use automerge::legacy::{ObjectId, Op, OpId};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ExpandedChange, ObjId, ObjType, ROOT};

use super::{FORGER, MAKER, MAP, NEXT, change, element, gives_back, ground, is_sound, key, put};
use crate::tests::{actor, raw, replica};

/// Goal: a change's numbers come after those of what it builds on, and its actor's last change is part of that.
/// Method: the maker's second and third change are of five operations each.
#[test]
fn numbers_come_after_what_they_build_on() {
    let mut doc = ground();
    let first = doc.get_heads();
    for word in ["v", "w"] {
        raw(&mut doc, |tx| (0..5).try_for_each(|number| tx.put(ROOT, format!("k{number}"), word)));
    }
    let heads = doc.get_heads();
    let verdict = |by: u8, start: u64, whole: bool| {
        let (seq, last) = if by == MAKER { (4, 28) } else { (1, 0) };
        let forged = ExpandedChange {
            actor_id: actor(by),
            seq,
            start_op: NonZeroU64::new(start).unwrap(),
            deps: if whole { heads.clone() } else { first.clone() },
            ..change(&doc, vec![put(MAP, key("new"), &[])])
        };
        let bytes = Change::from(forged).raw_bytes().to_vec();
        let sound = is_sound(&doc, &bytes, last);
        if sound {
            gives_back(&doc, &bytes);
        }
        sound
    };
    for (by, start, whole, sound) in [
        (MAKER, 29, true, true),
        (MAKER, 40, true, true),
        (MAKER, 28, true, false),
        (MAKER, 1, true, false),
        (MAKER, 29, false, false),
        (MAKER, 19, false, false),
        (FORGER, 29, true, true),
        (FORGER, 40, true, true),
        (FORGER, 28, true, false),
        (FORGER, 19, false, true),
        (FORGER, 18, false, false),
    ] {
        assert_eq!(verdict(by, start, whole), sound, "{by} from {start}, on everything: {whole}");
    }
}

/// Goal: a change names what it builds on and nothing else, though the document has it, and builds on its actor's last
/// change. Two devices write side by side; changes on one of their branches, or on both, name what the other wrote.
#[test]
fn what_is_named_was_there() {
    let ground = ground();
    let (mut one, mut other) = (replica(&ground, 4), replica(&ground, 5));
    let map = ObjId::Id(MAP, actor(MAKER), 0);
    raw(&mut one, |tx| tx.put_object(&map, "made", ObjType::Text).map(drop)); // 19
    raw(&mut other, |tx| (0..5).try_for_each(|number| tx.put(ROOT, format!("k{number}"), "v"))); // 19 to 23
    let branch = |doc: &Automerge| doc.get_heads();
    let (left, right) = (branch(&one), branch(&other));
    one.merge(&mut other).unwrap();
    let theirs = |number: u64| OpId::new(number, &actor(4));
    let replaced = || Op { pred: vec![theirs(19)].into(), ..put(MAP, key("made"), &[]) };
    let written = || Op { obj: ObjectId::Id(theirs(19)), insert: true, ..put(0, element(0), &[]) };
    let free = || put(MAP, key("new"), &[]);
    for (by, deps, operation, sound) in [
        (FORGER, branch(&one), replaced(), true),
        (FORGER, left.clone(), replaced(), true),
        (FORGER, right.clone(), replaced(), false),
        (FORGER, ground.get_heads(), replaced(), false),
        (FORGER, vec![], replaced(), false),
        (FORGER, left.clone(), written(), true),
        (FORGER, right.clone(), written(), false),
        (FORGER, right.clone(), free(), true),
        (4, left.clone(), free(), true),
        (4, right.clone(), free(), false),
    ] {
        let seq = if by == FORGER { 1 } else { 2 };
        let start_op = NonZeroU64::new(24).unwrap();
        let forged =
            ExpandedChange { actor_id: actor(by), seq, start_op, deps, ..change(&one, vec![operation]) };
        let bytes = Change::from(forged).raw_bytes().to_vec();
        assert_eq!(is_sound(&one, &bytes, if by == 4 { 19 } else { 0 }), sound, "{bytes:?}");
        if sound {
            gives_back(&one, &bytes);
        }
    }
}

/// Goal: a change without operations has the number that comes next. Of a later one automerge writes that operations
/// are there which are not, and cannot load that.
#[test]
fn an_empty_change_skips_no_number() {
    let doc = ground();
    for (start, deps, sound) in [
        (NEXT, doc.get_heads(), true),
        (NEXT + 1, doc.get_heads(), false),
        (1, vec![], true),
        (6, vec![], false),
    ] {
        let start_op = NonZeroU64::new(start).unwrap();
        let empty = ExpandedChange { start_op, deps, ..change(&doc, Vec::new()) };
        let bytes = Change::from(empty).raw_bytes().to_vec();
        assert_eq!(is_sound(&doc, &bytes, 0), sound, "from {start}");
        if sound {
            gives_back(&doc, &bytes);
        }
    }
}

/// What makes a change odd.
type Spoil<'a> = Box<dyn Fn(&mut ExpandedChange) + 'a>;

/// The latest time, in seconds from 1970.
const AGE: i64 = (1 << 53) - 1;

/// Goal: times between which automerge cannot count are refused.
#[test]
fn times_that_nobody_counts_are_refused() {
    let doc = ground();
    for (time, sound) in [(AGE, true), (AGE + 1, false), (-AGE, true), (-AGE - 1, false), (i64::MIN, false)] {
        let bytes = Change::from(ExpandedChange { time, ..change(&doc, Vec::new()) }).raw_bytes().to_vec();
        assert_eq!(is_sound(&doc, &bytes, 0), sound, "{time}");
    }
}

/// Goal: whatever odd things stand at the head of a change, it is given back, alone and among others of the kind.
#[test]
fn odd_heads_are_given_back() {
    let base = ground();
    let (mut one, mut other) = (replica(&base, 4), replica(&base, 5));
    for (doc, key) in [(&mut one, "k"), (&mut other, "l")] {
        raw(doc, |tx| tx.put(ROOT, key, "v"));
    }
    one.merge(&mut other).unwrap();
    let doc = one;
    let heads = doc.get_heads();
    let reversed: Vec<_> = heads.iter().rev().copied().collect();
    let twice: Vec<_> = heads.iter().chain(&heads).copied().collect();
    let with_old: Vec<_> = heads.iter().chain(&base.get_heads()).copied().collect();
    let odd: Vec<(&str, Spoil<'_>)> = vec![
        ("dependencies in another order", Box::new(|change| change.deps.clone_from(&reversed))),
        ("a dependency twice", Box::new(|change| change.deps.clone_from(&twice))),
        ("a dependency of a dependency", Box::new(|change| change.deps.clone_from(&with_old))),
        ("the end of time", Box::new(|change| change.time = AGE)),
        ("the beginning of time", Box::new(|change| change.time = -AGE)),
        ("no message in words", Box::new(|change| change.message = Some(String::new()))),
        ("a message with a nought", Box::new(|change| change.message = Some("a\u{0}b".to_owned()))),
        ("bytes behind", Box::new(|change| change.extra_bytes = vec![1, 2, 3])),
        ("nobody's actor", Box::new(|change| change.actor_id = ActorId::from(Vec::new()))),
        ("a long actor", Box::new(|change| change.actor_id = ActorId::from(vec![7; 300]))),
    ];
    let mut all = replica(&doc, 3);
    for (by, (what, spoil)) in (10..).zip(&odd) {
        let mut forged = ExpandedChange {
            actor_id: actor(by),
            start_op: NonZeroU64::new(NEXT + 1).unwrap(),
            ..change(&doc, vec![put(MAP, key("new"), &[])])
        };
        spoil(&mut forged);
        let bytes = Change::from(forged).raw_bytes().to_vec();
        assert!(is_sound(&doc, &bytes, 0), "{what}");
        gives_back(&doc, &bytes);
        all.apply_changes([Change::try_from(bytes.as_slice()).unwrap()]).unwrap();
    }
    let again = Automerge::load(&all.save()).unwrap();
    assert_eq!(again.get_heads(), all.get_heads());
    assert_eq!(again.get_heads().len(), odd.len());
}
