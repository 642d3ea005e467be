//! Every kind of edit, ours and those of clients that know no schema, and what the feed says of it; and a property:
//! records kept up to date change by change equal those read from the whole document.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::needless_raw_string_hashes, clippy::too_many_lines, reason = "its cases are data")]

use std::fmt::Write as _;

use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};
use expect_test::{Expect, expect};
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::Paths;
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::wire::feed::Event;
use proptest::prelude::*;

use super::{Objects, Records, reread};
use crate::inspection::inspect;
use crate::tests::{NOW, at, furnished, id, put, raw, replica, set, structure};

/// A document as the territory holds it, with its records beside it.
struct Held {
    doc: Automerge,
    paths: Paths,
    records: Records,
    objects: Objects,
}

impl Held {
    fn of(doc: &Automerge) -> Self {
        Self {
            doc: replica(doc, 200),
            paths: Paths::default(),
            records: read::structures(doc),
            objects: Objects::default(),
        }
    }

    /// Takes one change as the territory does.
    fn take(&mut self, change: &Change) -> Vec<(RecordId, Vec<Event>)> {
        let expanded = change.decode();
        let (doc, paths) = (&self.doc, &mut self.paths);
        let seen = inspect(doc, &expanded, None, |id| paths.resolve(doc, id.counter(), id.actor()));
        seen.remember(paths, &expanded);
        self.doc.apply_changes([change.clone()]).unwrap();
        let events = reread(&self.doc, &mut self.records, &mut self.objects, &seen.targets);
        assert_eq!(self.records, read::structures(&self.doc), "what was kept up to date is what is read");
        events
    }

    /// Takes everything that a client has beyond this, and tells it in lines.
    fn takes(&mut self, client: &Automerge) -> String {
        let heads = self.doc.get_heads();
        let mut lines = String::new();
        for change in client.get_changes(&heads) {
            for (id, events) in self.take(&change) {
                let id = id.as_str();
                let short = &id[id.len().saturating_sub(2)..];
                for event in events {
                    writeln!(lines, "{short} {}", told(&event)).unwrap();
                }
            }
        }
        lines
    }
}

/// An event in a line.
fn told(event: &Event) -> String {
    match event {
        Event::FieldChanged { path, before, after } => format!("{path}: {before} → {after}"),
        Event::Conflict { path, values } => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("{path}: conflict {}", values.join(" / "))
        }
        Event::Resolved { path, value } => format!("{path}: resolved {value}"),
        Event::PartAdded { path, what } => format!("{path}: added {what}"),
        Event::Confirmed { how } => format!("confirmed by {how}"),
        Event::Archived { why } => format!("archived: {why}"),
        Event::Created
        | Event::Validated
        | Event::ToReview
        | Event::Unarchived
        | Event::Removed
        | Event::Joined
        | Event::Quarantined { .. }
        | Event::QuarantineAccepted { .. }
        | Event::QuarantineRejected { .. }
        | Event::QuarantineWithdrawn
        | Event::Indicators { .. } => format!("{event:?}").to_lowercase(),
    }
}

/// Each group of edits is one change behind the last; what the feed says of each.
fn check_edits(groups: &[Vec<Edit>], expected: &Expect) {
    let mut client = replica(&furnished(), 2);
    let mut held = Held::of(&client);
    let mut lines = String::new();
    for edits in groups {
        perform(&mut client, edits, NOW.plus(60_000)).unwrap();
        lines += &held.takes(&client);
        lines += "--\n";
    }
    expected.assert_eq(&lines);
}

/// Goal: each kind of edit says what it did. One change each, in the order of a record's life.
#[test]
fn each_edit_is_told() {
    let many = |words: &[&str]| Value::Set(words.iter().map(|word| (*word).to_owned()).collect());
    let service = |field: &str| format!("services/{}/{field}", id(2));
    check_edits(
        &[
            vec![structure(9)],
            vec![Edit::AddService { structure: id(1), id: id(4), family: "equip".to_owned() }],
            vec![Edit::AddHelper { structure: id(1), id: id(5), name: "Bruno".to_owned() }],
            vec![set("phone", "02 99 09 00 00")],
            vec![set("phone", "02 99 09 00 01"), set("commune", "35184")],
            vec![Edit::Set { address: at("phone"), value: None }],
            vec![put("latitude", Value::Number(48.2)), put("itinerant", Value::Flag(true))],
            vec![set("notes", "Près de la gare.")],
            vec![set("notes", "Tout près de la gare.")],
            vec![put(&service("eadmin_staff"), Value::Integer(2))],
            vec![put("publics", many(&["jeunes", "seniors"]))],
            vec![Edit::Include { address: at("publics"), member: "familles".to_owned() }],
            vec![Edit::Exclude { address: at("publics"), member: "jeunes".to_owned() }],
            vec![Edit::Confirm { structure: id(1), by: "Amina".to_owned(), how: "call".to_owned() }],
            vec![Edit::Validate { structure: id(1), by: "Réjane".to_owned() }],
            vec![Edit::Archive { structure: id(1), by: "Réjane".to_owned(), why: "fermé".to_owned() }],
            vec![Edit::Archive { structure: id(1), by: "Réjane".to_owned(), why: "doublon".to_owned() }],
            vec![Edit::Unarchive { structure: id(1) }],
            vec![
                structure(10),
                Edit::AddService { structure: id(10), id: id(11), family: "train".to_owned() },
                Edit::AddHelper { structure: id(10), id: id(12), name: "Chloé".to_owned() },
            ],
        ],
        &expect![[r#"
            09 created
            --
            01 services/01917f3e-0000-7000-8000-000000000004: added equip
            --
            01 helpers/01917f3e-0000-7000-8000-000000000005: added Bruno
            --
            01 phone: null → "02 99 09 00 00"
            --
            01 commune: null → "35184"
            01 phone: "02 99 09 00 00" → "02 99 09 00 01"
            --
            01 phone: "02 99 09 00 01" → null
            --
            01 itinerant: null → true
            01 latitude: null → 48.2
            --
            01 notes: null → "Près de la gare."
            --
            01 notes: "Près de la gare." → "Tout près de la gare."
            --
            01 services/01917f3e-0000-7000-8000-000000000002/eadmin_staff: null → 2
            --
            01 publics: null → ["jeunes","seniors"]
            --
            01 publics: ["jeunes","seniors"] → ["familles","jeunes","seniors"]
            --
            01 publics: ["familles","jeunes","seniors"] → ["familles","seniors"]
            --
            01 confirmed by call
            --
            01 validated
            --
            01 archived: fermé
            --
            01 archived/why: "fermé" → "doublon"
            --
            01 unarchived
            --
            0a created
            0a services/01917f3e-0000-7000-8000-00000000000b: added train
            0a helpers/01917f3e-0000-7000-8000-00000000000c: added Chloé
            --
        "#]],
    );
}

/// What a client does in one change.
type Write = fn(&mut Transaction<'_>) -> Result<(), AutomergeError>;

/// Writes as a client does that knows no schema; every case begins with the furnished territory.
fn check_raw(cases: &[(&str, Write)], expected: &Expect) {
    let mut lines = String::new();
    for (what, write) in cases {
        let mut client = replica(&furnished(), 2);
        perform(
            &mut client,
            &[set("phone", "1"), set("notes", "a"), put("publics", Value::Set(["x".to_owned()].into()))],
            NOW,
        )
        .unwrap();
        let mut held = Held::of(&client);
        raw(&mut client, write);
        writeln!(lines, "{what}\n{}--", held.takes(&client)).unwrap();
    }
    expected.assert_eq(&lines);
}

/// The map at a path from the root.
fn map(tx: &Transaction<'_>, path: &[&str]) -> ObjId {
    path.iter().fold(ROOT, |object, key| tx.get(&object, *key).unwrap().unwrap().1)
}

fn first(tx: &Transaction<'_>) -> ObjId {
    map(tx, &["structures", id(1).as_str()])
}

/// Makes a text of a string, as the JavaScript library does with plain strings.
fn text(tx: &mut Transaction<'_>, object: &ObjId, key: &str, text: &str) -> Result<(), AutomergeError> {
    let object = tx.put_object(object, key, ObjType::Text)?;
    tx.splice_text(&object, 0, 0, text)
}

/// Goal: what clients write that know no schema is told as well. Each writes one change of an odd shape.
#[test]
fn foreign_edits_are_told() {
    check_raw(
        &[
            ("a text for a scalar", |tx| {
                let object = first(tx);
                text(tx, &object, "phone", "02 99")
            }),
            ("a scalar for prose", |tx| {
                let object = first(tx);
                tx.put(&object, "notes", "tout autre")
            }),
            ("a list for a set", |tx| {
                let object = first(tx);
                let list = tx.put_object(&object, "publics", ObjType::List)?;
                tx.insert(&list, 0, "jeunes")?;
                tx.insert(&list, 1, "seniors")
            }),
            ("a member of a list for a set", |tx| {
                let object = first(tx);
                let list = tx.put_object(&object, "publics", ObjType::List)?;
                let member = tx.insert_object(&list, 0, ObjType::Text)?;
                tx.splice_text(&member, 0, 0, "jeunes")
            }),
            ("a structure replaced", |tx| {
                let root = map(tx, &["structures"]);
                let object = tx.put_object(&root, id(1).as_str(), ObjType::Map)?;
                text(tx, &object, "name", "Autre")
            }),
            ("services replaced", |tx| {
                let object = first(tx);
                let services = tx.put_object(&object, "services", ObjType::Map)?;
                let service = tx.put_object(&services, id(7).as_str(), ObjType::Map)?;
                text(tx, &service, "family", "repair")
            }),
            ("a key deleted", |tx| {
                let object = first(tx);
                tx.delete(&object, "phone")
            }),
            ("a service deleted", |tx| {
                let services = map(tx, &["structures", id(1).as_str(), "services"]);
                tx.delete(&services, id(2).as_str())
            }),
            ("a structure deleted", |tx| {
                let root = map(tx, &["structures"]);
                tx.delete(&root, id(1).as_str())
            }),
            ("a structure that is a text", |tx| {
                let root = map(tx, &["structures"]);
                text(tx, &root, id(1).as_str(), "Médiathèque")
            }),
            ("the root replaced", |tx| {
                let root = tx.put_object(ROOT, "structures", ObjType::Map)?;
                let object = tx.put_object(&root, id(8).as_str(), ObjType::Map)?;
                text(tx, &object, "name", "Seul")
            }),
            ("the root deleted", |tx| tx.delete(ROOT, "structures")),
            ("the root a text", |tx| text(tx, &ROOT, "structures", "rien")),
            ("everything made at once", |tx| {
                let root = map(tx, &["structures"]);
                let object = tx.put_object(&root, id(8).as_str(), ObjType::Map)?;
                text(tx, &object, "name", "Neuf")?;
                let services = tx.put_object(&object, "services", ObjType::Map)?;
                let service = tx.put_object(&services, id(7).as_str(), ObjType::Map)?;
                text(tx, &service, "family", "inform")?;
                let mark = tx.put_object(&object, "archived", ObjType::Map)?;
                text(tx, &mark, "at", "2026-05-12T08:00:00Z")
            }),
            ("an unknown key", |tx| {
                let object = first(tx);
                tx.put(&object, "colour", "bleu")
            }),
            ("outside the structures", |tx| tx.put(ROOT, "colour", "bleu")),
        ],
        &expect![[r#"
            a text for a scalar
            01 phone: "1" → "02 99"
            --
            a scalar for prose
            01 notes: "a" → "tout autre"
            --
            a list for a set
            01 publics: ["x"] → ["jeunes","seniors"]
            --
            a member of a list for a set
            01 publics: ["x"] → ["jeunes"]
            --
            a structure replaced
            01 created_at: "2026-05-12T08:00:00Z" → null
            01 name: "Médiathèque" → "Autre"
            01 notes: "a" → null
            01 phone: "1" → null
            01 publics: ["x"] → null
            01 services/01917f3e-0000-7000-8000-000000000002/created_at: "2026-05-12T08:00:00Z" → null
            01 services/01917f3e-0000-7000-8000-000000000002/family: "assist" → null
            01 helpers/01917f3e-0000-7000-8000-000000000003/name: "Amina" → null
            --
            services replaced
            01 services/01917f3e-0000-7000-8000-000000000007: added repair
            01 services/01917f3e-0000-7000-8000-000000000002/created_at: "2026-05-12T08:00:00Z" → null
            01 services/01917f3e-0000-7000-8000-000000000002/family: "assist" → null
            --
            a key deleted
            01 phone: "1" → null
            --
            a service deleted
            01 services/01917f3e-0000-7000-8000-000000000002/created_at: "2026-05-12T08:00:00Z" → null
            01 services/01917f3e-0000-7000-8000-000000000002/family: "assist" → null
            --
            a structure deleted
            01 removed
            --
            a structure that is a text
            01 removed
            --
            the root replaced
            01 removed
            08 created
            --
            the root deleted
            01 removed
            --
            the root a text
            01 removed
            --
            everything made at once
            08 created
            08 services/01917f3e-0000-7000-8000-000000000007: added inform
            --
            an unknown key
            --
            outside the structures
            --
        "#]],
    );
}

/// Goal: concurrent values are told as a conflict, and a choice as its resolution. Two replicas write one field.
#[test]
fn conflicts_and_resolutions_are_told() {
    let base = furnished();
    let (mut one, mut two) = (replica(&base, 2), replica(&base, 3));
    let mut held = Held::of(&base);
    perform(&mut one, &[set("phone", "1"), set("notes", "un")], NOW).unwrap();
    perform(&mut two, &[set("phone", "2"), set("notes", "deux")], NOW).unwrap();
    let mut lines = held.takes(&one);
    lines += "--\n";
    lines += &held.takes(&two);
    lines += "--\n";
    one.merge(&mut two).unwrap();
    perform(&mut one, &[set("phone", "2")], NOW).unwrap();
    lines += &held.takes(&one);
    expect![[r#"
        01 notes: null → "un"
        01 phone: null → "1"
        --
        01 notes: "un" → "deux"
        01 notes: conflict "deux" / "un"
        01 phone: "1" → "2"
        01 phone: conflict "2" / "1"
        --
        01 phone: resolved "2"
    "#]]
    .assert_eq(&lines);
}

/// What two people do, in the words of no schema.
#[derive(Debug, Clone)]
enum Deed {
    Edit(u8, u8),
    Text(u8, &'static str),
    Scalar(u8, &'static str, i64),
    Delete(u8, &'static str),
    Inner(u8, &'static str),
    Part(u8, &'static str, u8),
    PartField(u8, &'static str, u8, &'static str),
    Remove(u8),
    Replace(u8),
    Root,
    Undo(&'static str),
    Merge,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let which = 1_u8..4;
    let keys = || proptest::sample::select(vec!["name", "phone", "notes", "publics", "colour", "commune"]);
    let inner =
        || proptest::sample::select(vec!["services", "helpers", "confirmed", "archived", "validation"]);
    let parts = || proptest::sample::select(vec!["services", "helpers"]);
    prop_oneof![
        4 => (which.clone(), 0_u8..6).prop_map(|(which, edit)| Deed::Edit(which, edit)),
        3 => (which.clone(), keys()).prop_map(|(which, key)| Deed::Text(which, key)),
        3 => (which.clone(), keys(), 0_i64..3).prop_map(|(which, key, value)| Deed::Scalar(which, key, value)),
        2 => (which.clone(), keys()).prop_map(|(which, key)| Deed::Delete(which, key)),
        2 => (which.clone(), inner()).prop_map(|(which, key)| Deed::Inner(which, key)),
        1 => (which.clone(), inner()).prop_map(|(which, key)| Deed::Delete(which, key)),
        3 => (which.clone(), parts(), 2_u8..5).prop_map(|(which, kind, part)| Deed::Part(which, kind, part)),
        4 => (which.clone(), parts(), 2_u8..5, keys())
            .prop_map(|(which, kind, part, key)| Deed::PartField(which, kind, part, key)),
        1 => which.clone().prop_map(Deed::Remove),
        2 => which.prop_map(Deed::Replace),
        1 => Just(Deed::Root),
        1 => Just(Deed::Undo("structures")),
        4 => Just(Deed::Merge),
    ]
}

/// Does one deed; what has nothing to stand on is left undone.
fn act(doc: &mut Automerge, deed: &Deed) -> Option<ChangeHash> {
    let structure = |doc: &Automerge, which: u8| read::structure_object(doc, &id(which));
    match deed {
        Deed::Edit(which, edit) => {
            let edits = match edit {
                0 => vec![Edit::AddStructure { id: id(*which), name: "Lieu".to_owned() }],
                1 => vec![Edit::Archive { structure: id(*which), by: "A".to_owned(), why: "B".to_owned() }],
                2 => vec![Edit::Unarchive { structure: id(*which) }],
                3 => vec![Edit::AddService { structure: id(*which), id: id(4), family: "assist".to_owned() }],
                4 => vec![set("notes", "Sur rendez-vous")],
                _ => vec![Edit::Include { address: at("publics"), member: "jeunes".to_owned() }],
            };
            perform(doc, &edits, NOW).ok().flatten()
        }
        Deed::Text(which, key) => {
            let object = structure(doc, *which)?;
            doc.transact(|tx| text(tx, &object, key, "texte")).ok()?.hash
        }
        Deed::Scalar(which, key, value) => {
            let object = structure(doc, *which)?;
            doc.transact(|tx| tx.put(&object, *key, *value)).ok()?.hash
        }
        Deed::Delete(which, key) => {
            let object = structure(doc, *which)?;
            doc.transact(|tx| tx.delete(&object, *key)).ok()?.hash
        }
        Deed::Inner(which, key) => {
            let object = structure(doc, *which)?;
            doc.transact(|tx| {
                let map = tx.put_object(&object, *key, ObjType::Map)?;
                text(tx, &map, "why", "autre")
            })
            .ok()?
            .hash
        }
        Deed::Part(which, kind, part) => {
            let object = structure(doc, *which)?;
            let parts = read::maps(doc, &object, kind).into_iter().next()?;
            doc.transact(|tx| {
                let map = tx.put_object(&parts, id(*part).as_str(), ObjType::Map)?;
                text(tx, &map, "name", "partie")
            })
            .ok()?
            .hash
        }
        Deed::PartField(which, kind, part, key) => {
            let object = structure(doc, *which)?;
            let parts = read::maps(doc, &object, kind).into_iter().next()?;
            let part = read::maps(doc, &parts, id(*part).as_str()).into_iter().next()?;
            doc.transact(|tx| text(tx, &part, key, "champ")).ok()?.hash
        }
        Deed::Remove(which) => {
            let root = read::maps(doc, &ROOT, "structures").into_iter().next()?;
            doc.transact(|tx| tx.delete(&root, id(*which).as_str())).ok()?.hash
        }
        Deed::Replace(which) => {
            let root = read::maps(doc, &ROOT, "structures").into_iter().next()?;
            doc.transact(|tx| {
                let map = tx.put_object(&root, id(*which).as_str(), ObjType::Map)?;
                tx.put_object(&map, "services", ObjType::Map)?;
                text(tx, &map, "name", "Remplacé")
            })
            .ok()?
            .hash
        }
        Deed::Root => doc.transact(|tx| tx.put_object(ROOT, "structures", ObjType::Map)).ok()?.hash,
        Deed::Undo(key) => doc.transact(|tx| tx.delete(ROOT, *key)).ok()?.hash,
        Deed::Merge => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever two replicas do, in whatever order their changes come, what is read change by change equals what is
    /// read of the whole document. `Held::take` compares after each change.
    #[test]
    fn records_keep_up(script in proptest::collection::vec((any::<bool>(), deeds()), 1..40)) {
        let base = furnished();
        let mut replicas = [replica(&base, 2), replica(&base, 3)];
        let mut held = Held::of(&base);
        for (second, deed) in &script {
            let [one, two] = &mut replicas;
            if matches!(deed, Deed::Merge) {
                one.merge(two).unwrap();
                two.merge(one).unwrap();
            } else {
                act(if *second { two } else { one }, deed);
            }
            // The territory hears of the first at once, and of the second when they have merged.
            held.takes(&replicas[0]);
        }
        held.takes(&replicas[1]);
    }
}
