//! Rewriting: what is forgotten is in no byte, and all else is as it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeMap;

use automerge::transaction::Transactable;
use automerge::{Automerge, Change, ObjType, ROOT, ReadDoc, ScalarValue};

use super::{Crossing, Forget, Rewritten, Seal, Subject, begin, carry_over, rewrite};
use crate::ids::RecordId;
use crate::schema::path::Place;
use crate::schema::read::{container, structure_object};
use crate::schema::record::text;
use crate::schema::tests::{NOW, actor, at, first, furnished, id, raw, replica, set};
use crate::schema::write::{Edit, perform};
use crate::schema::{document, read};
use crate::time::UnixMillis;

mod histories;

static FORGET_NOTHING: Forget = Forget { subjects: std::collections::BTreeSet::new(), before: None };

fn forgetting(paths: &[&str]) -> Forget {
    let subjects = paths.iter().map(|path| Subject::parse(&id(1), path).unwrap()).collect();
    Forget { subjects, before: None }
}

fn put(doc: &mut Automerge, path: &str, value: &str) {
    perform(doc, &[Edit::Set { address: at(path), value: Some(value.into()) }], NOW).unwrap();
}

/// Whether a text stands in a document's bytes, not deflated, in those of one of its changes, or in what they decode to.
fn holds(doc: &Automerge, text: &str) -> bool {
    let within = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let decoded = |change: &Change| format!("{:?}", change.decode()).contains(text);
    within(&doc.save_nocompress())
        || doc.get_changes(&[]).iter().any(|change| within(change.raw_bytes()) || decoded(change))
}

/// The same document, saved and loaded; it must come back as it was.
fn again(doc: &Automerge) -> Automerge {
    let loaded = document::load(&doc.save(), doc.get_actor().clone()).unwrap();
    assert_eq!(loaded.get_heads(), doc.get_heads());
    assert_eq!(loaded.hydrate(None), doc.hydrate(None));
    let changes = |doc: &Automerge| doc.get_changes(&[]).iter().map(Change::hash).collect::<Vec<_>>();
    assert_eq!(changes(&loaded), changes(doc));
    loaded
}

/// Goal: all that a field ever held is gone, and nothing else. Method: every kind of field, several values each, one of
/// them in a change with others, the same words elsewhere.
#[test]
fn a_field_is_forgotten_with_all_its_values() {
    let mut doc = furnished();
    put(&mut doc, "phone", "SECRET-1");
    put(&mut doc, "services/01917f3e-0000-7000-8000-000000000002/phone", "SHARED");
    let group = [
        Edit::Set { address: at("website"), value: Some("https://a.example".into()) },
        Edit::Set { address: at("phone"), value: Some("SECRET-2".into()) },
        Edit::Set { address: at("emails"), value: Some(set(&["SECRET-3@a.example", "SECRET-4@a.example"])) },
        Edit::Set { address: at("address"), value: Some("1 rue SHARED".into()) },
        Edit::Set { address: at("description"), value: Some("SECRET-5".into()) },
        Edit::Set { address: at("notes"), value: Some("une note".into()) },
    ];
    perform(&mut doc, &group, NOW).unwrap();
    perform(&mut doc, &[Edit::Exclude { address: at("emails"), member: "SECRET-4@a.example".into() }], NOW)
        .unwrap();
    put(&mut doc, "phone", "SHARED");
    let before = first(&doc);
    let Rewritten { document, moved, forgotten, .. } =
        rewrite(&doc, &forgetting(&["phone", "emails", "description"])).unwrap();
    let loaded = again(&document);
    for secret in ["SECRET-1", "SECRET-2", "SECRET-3", "SECRET-4"] {
        assert!(holds(&doc, secret) && !holds(&document, secret) && !holds(&loaded, secret), "{secret}");
    }
    let letters = |doc: &Automerge| {
        doc.get_changes(&[]).iter().flat_map(|it| it.decode().operations).filter(|op| op.insert).count()
    };
    assert_eq!((letters(&doc), letters(&document)), ("SECRET-5une note".len(), "une note".len()));
    let mut expected = before;
    for key in ["phone", "emails", "description"] {
        expected.fields.remove(key);
    }
    assert_eq!(first(&document), expected);
    assert_eq!(first(&loaded), expected);
    assert_eq!(forgotten, 3 + 4 + 1 + "SECRET-5".len());
    assert_eq!(moved.len(), doc.get_changes(&[]).len());
    let known = |hash| document.get_change_by_hash(hash).is_some();
    assert!(moved.values().flatten().all(known));
}

/// Goal: a helper and a whole structure can be forgotten; the places that hold them stay.
#[test]
fn records_are_forgotten() {
    let doc = furnished();
    let helper = Subject::record(&id(1), &Place::Helper(id(3)));
    let subjects = [helper].into();
    let document = rewrite(&doc, &Forget { subjects, before: None }).unwrap().document;
    assert!(holds(&doc, "Amina") && !holds(&document, "Amina"));
    assert!(first(&document).helpers.is_empty() && !first(&document).services.is_empty());
    let subjects = [Subject::structure(&id(1))].into();
    let document = rewrite(&doc, &Forget { subjects, before: None }).unwrap().document;
    assert!(read::structures(&again(&document)).is_empty());
    assert!(!holds(&document, id(1).as_str()));
}

/// Goal: a path leads to one thing, and never to the maps that everybody's records stand in.
#[test]
fn subjects_are_read_from_paths() {
    for (path, expected) in [
        ("phone", Some("phone")),
        ("helpers/x", Some("helpers/x")),
        ("helpers/x/email", Some("helpers/x/email")),
        ("confirmed", Some("confirmed")),
        ("odd", Some("odd")),
        ("helpers", None),
        ("services", None),
        ("", None),
        ("helpers//email", None),
    ] {
        let subject = Subject::parse(&id(1), path);
        assert_eq!(subject.map(|subject| subject.path()).as_deref(), expected, "{path}");
    }
    assert_eq!(Subject::field(&at("phone")), Subject::parse(&id(1), "phone").unwrap());
    assert_eq!(Subject::structure(&id(1)).structure_id(), id(1));
}

/// Goal: two answers to one question stay two. Method: two devices write one field at once, a third field is forgotten.
#[test]
fn conflicts_stay() {
    let mut doc = furnished();
    let mut other = replica(&doc, 2);
    put(&mut doc, "phone", "one");
    put(&mut doc, "summary", "SECRET");
    put(&mut other, "phone", "two");
    doc.merge(&mut other).unwrap();
    let document = rewrite(&doc, &forgetting(&["summary"])).unwrap().document;
    let entry = &first(&again(&document)).fields["phone"];
    assert_eq!((entry.value.as_text(), entry.others.len()), (first(&doc).fields["phone"].value.as_text(), 1));
}

/// Goal: what was replaced long ago goes where that is asked, what stood then and what was done since stays. Method:
/// a field with three values, a prose text rewritten, a set member that came and went, a record's counter.
#[test]
fn history_is_cut_before_an_instant() {
    let old = |days: i64| UnixMillis(NOW.0 + days * 86_400_000);
    let mut doc = furnished();
    let write = |doc: &mut Automerge, path: &str, value: &str, day: i64| {
        perform(doc, &[Edit::Set { address: at(path), value: Some(value.into()) }], old(day)).unwrap();
    };
    write(&mut doc, "phone", "FIRST", 1);
    write(&mut doc, "phone", "SECOND", 2);
    write(&mut doc, "phone", "THIRD", 40);
    write(&mut doc, "description", "abcdefgh XYZ", 1);
    write(&mut doc, "description", "abcdefgh et la suite", 2);
    write(&mut doc, "description", "abcd et la suite", 40);
    perform(&mut doc, &[Edit::Include { address: at("emails"), member: "GONE@a.example".into() }], old(1))
        .unwrap();
    perform(&mut doc, &[Edit::Exclude { address: at("emails"), member: "GONE@a.example".into() }], old(2))
        .unwrap();
    let forget = Forget { before: Some(old(30)), ..Forget::default() };
    let Rewritten { document, replaced, forgotten, .. } = rewrite(&doc, &forget).unwrap();
    assert_eq!(first(&again(&document)), first(&doc));
    for (word, stays) in [("FIRST", false), ("SECOND", true), ("THIRD", true), ("GONE", false)] {
        assert_eq!(holds(&document, word), stays, "{word}");
    }
    let typed = |doc: &Automerge, letter: &str| {
        let ops = doc.get_changes(&[]).into_iter().flat_map(|it| it.decode().operations);
        ops.filter(|op| op.insert && op.primitive_value() == Some(ScalarValue::from(letter))).count()
    };
    assert_eq!((typed(&document, "X"), typed(&document, "h")), (0, 1));
    assert!(replaced > 3 && forgotten == 0);
    let twice = rewrite(&document, &forget).unwrap();
    assert_eq!(twice.document.get_heads(), document.get_heads());
}

/// Goal: nothing stands again because a clock was wrong. Method: a value of late is replaced, or removed, by a device whose
/// clock is a month behind.
#[test]
fn what_was_replaced_by_a_wrong_clock_stays_replaced() {
    let day = |days: i64| UnixMillis(NOW.0 + days * 86_400_000);
    for last in [Some("THIRD".into()), None] {
        let mut doc = furnished();
        for (value, at_day) in [(Some("FIRST".into()), 35), (Some("SECOND".into()), 40), (last, 2)] {
            perform(&mut doc, &[Edit::Set { address: at("phone"), value }], day(at_day)).unwrap();
        }
        let forget = Forget { before: Some(day(30)), ..Forget::default() };
        let document = rewrite(&doc, &forget).unwrap().document;
        assert_eq!(first(&again(&document)), first(&doc));
        assert!(!holds(&document, "FIRST") && !holds(&document, "SECOND"));
    }
}

/// Goal: a new epoch says which it is, and no number is given twice under one actor. Method: the last thing that a device
/// wrote is forgotten; it goes on writing; then a third epoch.
#[test]
fn a_new_epoch_is_sealed() {
    let mut doc = furnished();
    let mut device = replica(&doc, 2);
    put(&mut device, "phone", "SECRET");
    doc.merge(&mut device).unwrap();
    assert_eq!(Seal::of(&doc), Seal::default());
    let last = doc.get_changes_meta(&[]).iter().map(|it| it.max_op).max().unwrap();
    let next = begin(&doc, &forgetting(&["phone"]), &BTreeMap::new(), 1, &actor(1), NOW).unwrap().document;
    assert_eq!(Seal::of(&again(&next)), Seal { epoch: 1, taken: [(actor(2), last)].into() });
    let mut device = replica(&next, 2);
    put(&mut device, "phone", "nouveau");
    let meta = device.get_changes_meta(&[]);
    let written = meta.last().unwrap();
    assert!(written.start_op > last && written.seq == 1);
    let third =
        begin(&device, &forgetting(&["summary"]), &BTreeMap::new(), 2, &actor(1), NOW).unwrap().document;
    let (seal, sealed) = (Seal::of(&third), next.get_changes_meta(&[]).last().unwrap().max_op);
    assert_eq!(seal, Seal { epoch: 2, taken: [(actor(1), sealed)].into() }, "the old seal is gone");
    assert_eq!(first(&third), first(&device));
    // The same wish gives the same document, byte by byte.
    let repeated =
        begin(&doc, &forgetting(&["phone"]), &BTreeMap::new(), 1, &actor(1), NOW).unwrap().document;
    assert_eq!(repeated.save(), next.save());
}

/// Goal: an author stands in the actor's first change, whichever is first now.
#[test]
fn authors_stay() {
    let mut doc = furnished();
    let mut device = replica(&doc, 2);
    device.set_author(Some(automerge::Author::from(vec![7; 16]))).set_actor(actor(2));
    put(&mut device, "phone", "SECRET");
    put(&mut device, "summary", "reste");
    doc.merge(&mut device).unwrap();
    let next = rewrite(&doc, &forgetting(&["phone"])).unwrap().document;
    let author = again(&next).get_author_for_actor(&actor(2)).map(|author| author.as_bytes().to_vec());
    assert_eq!(author, Some(vec![7; 16]));
}

fn crossing<'a>(old: &'a Automerge, new: &'a Automerge) -> Crossing<'a> {
    Crossing { old, new, forget: &FORGET_NOTHING, maybe_taken: true }
}

/// Goal: what a device wrote offline arrives in the new document; what it wrote into something forgotten is given back in
/// words. Method: a device that is behind, edits around what is forgotten, and a conflict with the server's document.
#[test]
fn unsent_edits_are_carried_over() {
    let mut doc = furnished();
    put(&mut doc, "phone", "SECRET");
    put(&mut doc, "description", "le texte");
    put(&mut doc, "notes", "une note SECRET");
    let mut device = replica(&doc, 2);
    let sent = device.get_heads();
    put(&mut doc, "website", "https://serveur.example");
    put(&mut device, "phone", "02 99");
    put(&mut device, "website", "https://appareil.example");
    put(&mut device, "description", "tout le texte");
    put(&mut device, "notes", "une note SECRET de plus");
    let helper = "helpers/01917f3e-0000-7000-8000-000000000003";
    perform(&mut device, &[Edit::AddHelper { structure: id(1), id: id(4), name: "Bilal".into() }], NOW)
        .unwrap();
    put(&mut device, &format!("{helper}/email"), "amina@a.example");
    let next = begin(&doc, &forgetting(&["phone", "notes", helper]), &BTreeMap::new(), 1, &actor(1), NOW)
        .unwrap()
        .document;
    let carried = carry_over(&crossing(&device, &next), &device.get_changes(&sent));
    let left: Vec<(String, &str)> =
        carried.left.iter().map(|left| (left.keys[2..].join("/"), left.said.as_str())).collect();
    assert_eq!(left, [("notes".to_owned(), " de plus"), (format!("{helper}/email"), "amina@a.example")]);
    let mut moved = replica(&next, 2);
    moved.apply_changes(carried.changes.clone()).unwrap();
    let moved = again(&moved);
    let structure = first(&moved);
    for (key, value) in [("phone", "02 99"), ("description", "tout le texte")] {
        assert_eq!(text(&structure.fields, key), value);
    }
    assert_eq!(structure.fields["website"].others.len(), 1, "both answers stand");
    assert!(structure.helpers.contains_key(&id(4)) && !structure.helpers.contains_key(&id(3)));
    assert!(!holds(&moved, "SECRET"));
    let mut highest = next.get_changes_meta(&[]).iter().map(|it| it.max_op).max().unwrap();
    for change in &carried.changes {
        assert!(change.start_op().get() <= highest + 1, "no number is left out");
        highest = highest.max(change.max_op());
    }
    assert_eq!(carried.moved.len(), device.get_changes(&sent).len());
}

/// Goal: what the server had and forgot is not brought again by a device that was not told. Method: the server
/// merged the first of two edits, both are unacknowledged.
#[test]
fn what_was_taken_is_not_brought_again() {
    let mut doc = furnished();
    let mut device = replica(&doc, 2);
    let sent = device.get_heads();
    put(&mut device, "phone", "SECRET");
    doc.merge(&mut device).unwrap();
    put(&mut device, "summary", "en bref");
    let next = begin(&doc, &forgetting(&["phone"]), &BTreeMap::new(), 1, &actor(1), NOW).unwrap().document;
    let carried = carry_over(&crossing(&device, &next), &device.get_changes(&sent));
    assert_eq!((carried.changes.len(), carried.left.len()), (1, 0));
    let mut moved = replica(&next, 2);
    moved.apply_changes(carried.changes).unwrap();
    assert!(!holds(&moved, "SECRET") && text(&first(&moved).fields, "summary") == "en bref");
}

/// Goal: what builds on a shared map made twice at once says that it saw what it saw, not more. Method: two devices make
/// the first mark of a structure at once; one of them is carried over.
#[test]
fn what_was_concurrent_stays_concurrent() {
    let mut doc = furnished();
    let mut device = replica(&doc, 2);
    let sent = device.get_heads();
    let confirm = |by: &str| Edit::Confirm { structure: id(1), by: by.into(), how: "visit".into() };
    perform(&mut doc, &[confirm("serveur")], NOW).unwrap();
    perform(&mut device, &[confirm("appareil")], NOW).unwrap();
    put(&mut doc, "phone", "SECRET");
    let next = begin(&doc, &forgetting(&["phone"]), &BTreeMap::new(), 1, &actor(1), NOW).unwrap().document;
    let carried = carry_over(&crossing(&device, &next), &device.get_changes(&sent));
    let structure = structure_object(&next, &id(1)).unwrap();
    let deps = carried.changes[0].deps();
    assert!(next.get_all_at(&structure, "confirmed", deps).unwrap().is_empty());
    let mut moved = replica(&next, 2);
    moved.apply_changes(carried.changes).unwrap();
    assert_eq!(moved.get_all(&structure, "confirmed").unwrap().len(), 2);
}

/// Goal: a letter typed behind one that is no more stands where it stood. Method: the letter before it was deleted long ago.
#[test]
fn letters_find_their_place_again() {
    let mut doc = furnished();
    put(&mut doc, "description", "abc");
    let mut device = replica(&doc, 2);
    let sent = device.get_heads();
    let prose = |doc: &Automerge| {
        let record = container(doc, &at("description")).unwrap();
        doc.get(&record, "description").unwrap().unwrap().1
    };
    let text = prose(&device);
    raw(&mut device, |tx| tx.splice_text(&text, 3, 0, "def"));
    put(&mut doc, "description", "a");
    let forget = Forget { before: Some(UnixMillis(NOW.0 + 1_000)), ..Forget::default() };
    let next = begin(&doc, &forget, &BTreeMap::new(), 1, &actor(1), NOW).unwrap().document;
    let carried = carry_over(&crossing(&device, &next), &device.get_changes(&sent));
    let mut moved = replica(&next, 2);
    moved.apply_changes(carried.changes).unwrap();
    assert_eq!(moved.text(prose(&moved)).unwrap(), "adef");
}

/// Goal: gaps between an actor's changes, and an actor that begins with one, survive saving. Method: of ten fields in one
/// change every other is forgotten, and one more change behind.
#[test]
fn gaps_are_kept() {
    let mut doc = furnished();
    let mut device = replica(&doc, 2);
    raw(&mut device, |tx| {
        let record = tx.get(ROOT, "structures")?.map(|(_, id)| id).unwrap();
        let record = tx.get(&record, id(1).as_str())?.map(|(_, id)| id).unwrap();
        (0..10).try_for_each(|number| tx.put(&record, format!("odd{number}"), format!("value{number}")))?;
        tx.put_object(&record, "list", ObjType::List).map(drop)
    });
    doc.merge(&mut device).unwrap();
    let paths = ["odd0", "odd1", "odd4", "odd9", "list"];
    let next = rewrite(&doc, &forgetting(&paths)).unwrap().document;
    let starts: Vec<(u64, u64, u64)> = again(&next)
        .get_changes_meta(&[])
        .iter()
        .filter(|it| *it.actor == actor(2))
        .map(|it| (it.seq, it.start_op, it.max_op))
        .collect();
    let first = doc.get_changes_meta(&[]).last().unwrap().start_op;
    assert_eq!(starts, [(1, first + 2, first + 3), (2, first + 5, first + 8)]);
    assert!(!holds(&next, "value9") && holds(&next, "value8"));
}
