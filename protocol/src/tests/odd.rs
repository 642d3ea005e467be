//! A document with everything odd that a document may hold, and what reading it gives: for readers in other languages.
//!
//! Actor 1 makes two dozen structures, actor 2 writes as a client does that knows no schema, actors 3 and 4 write at
//! the same time. Every structure's name says what is odd about it.

#![allow(clippy::unwrap_used)]

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use serde_json::Value as Json;

use super::checked_in;
use crate::schema::path::Address;
use crate::schema::read;
use crate::schema::record::Value;
use crate::schema::tests::{NOW, id, places, replica, set, territory, values};
use crate::schema::write::{Edit, perform};
use crate::wire::resource;

/// What is odd about each structure, from number 0x11 on, and how it comes about.
const CASES: [(&str, Odd); 17] = [
    ("a text object where a scalar is meant", |tx, it| {
        for (key, text) in [("phone", "02 61 91 00 02"), ("itinerant", "oui"), ("latitude", "48,2")] {
            let object = tx.put_object(it, key, ObjType::Text)?;
            tx.splice_text(&object, 0, 0, text)?;
        }
        tx.put_object(it, "website", ObjType::Text).map(drop)
    }),
    ("a scalar where prose is meant", |tx, it| tx.put(it, "description", "Ouvert à tous 🌳")),
    ("numbers and flags where text is meant", |tx, it| {
        tx.put(it, "postcode", 35_000_i64)?;
        tx.put(it, "siret", ScalarValue::Uint(21_350_184_800_012))?;
        tx.put(it, "phone", 2.5)?;
        tx.put(it, "address", true)
    }),
    ("text where numbers and flags are meant", |tx, it| {
        tx.put(it, "latitude", " 48.19 ")?;
        tx.put(it, "longitude", "vers l’est")?;
        tx.put(it, "itinerant", "Non")?;
        part(
            tx,
            it,
            0xa1,
            &[("eadmin_staff", "3".into()), ("weekly_hours", "7,5".into()), ("onsite", "peut-être".into())],
        )
    }),
    ("numbers of every kind", |tx, it| {
        tx.put(it, "latitude", 48_i64)?;
        tx.put(it, "longitude", ScalarValue::Uint(2))?;
        part(
            tx,
            it,
            0xa2,
            &[("eadmin_staff", ScalarValue::F64(2.0)), ("weekly_hours", ScalarValue::F64(f64::NAN))],
        )?;
        part(
            tx,
            it,
            0xa3,
            &[("eadmin_staff", ScalarValue::F64(2.5)), ("weekly_hours", ScalarValue::Int(-1))],
        )?;
        part(
            tx,
            it,
            0xa4,
            &[("eadmin_staff", ScalarValue::Int(-1)), ("weekly_hours", ScalarValue::counter(3))],
        )
    }),
    ("instants", |tx, it| {
        tx.put(it, "created_at", ScalarValue::Timestamp(NOW.0))?;
        let confirmed = tx.put_object(it, "confirmed", ObjType::Map)?;
        tx.put(&confirmed, "at", "hier")?;
        tx.put(&confirmed, "how", "dream")
    }),
    ("maps and lists where scalars are meant", |tx, it| {
        tx.put_object(it, "phone", ObjType::Map)?;
        tx.put_object(it, "summary", ObjType::List)?;
        tx.put(it, "website", ScalarValue::Bytes(vec![1, 2]))
    }),
    ("sets in other shapes", |tx, it| {
        let list = tx.put_object(it, "emails", ObjType::List)?;
        tx.insert(&list, 0, "b@example.org")?;
        tx.insert(&list, 1, 7_i64)?;
        let text = tx.insert_object(&list, 2, ObjType::Text)?;
        tx.splice_text(&text, 0, 0, "a@example.org")?;
        tx.put(it, "publics", "Seniors")?;
        tx.put(it, "labels", 3_i64)?;
        let text = tx.put_object(it, "sources", ObjType::Text)?;
        tx.splice_text(&text, 0, 0, "import")?;
        let map = tx.put_object(it, "special_care", ObjType::Map)?;
        tx.put(&map, "langue des signes", true)?;
        tx.put(&map, "retirée", false)?;
        tx.put(&map, "vidée", ScalarValue::Null)?;
        tx.put(&map, "", true)?;
        tx.put(&map, "nombre", 1_i64)
    }),
    ("unknown fields", |tx, it| {
        tx.put(it, "colour", "red")?;
        part(tx, it, 0xa5, &[("opening", "always".into())])?;
        let mark = tx.put_object(it, "validation", ObjType::Map)?;
        tx.put(&mark, "mood", "good")
    }),
    ("unknown words", |tx, it| {
        part(tx, it, 0xa6, &[("family", "cook".into()), ("price", "free".into()), ("format", "".into())])?;
        let services = tx.get(it, "services")?.unwrap().1;
        let service = tx.get(&services, id(0xa6).as_str())?.unwrap().1;
        let access = tx.put_object(&service, "access", ObjType::Map)?;
        tx.put(&access, "walk_in", true)?;
        tx.put(&access, "balloon", true)
    }),
    ("null and empty", |tx, it| {
        tx.put(it, "phone", ScalarValue::Null)?;
        tx.put(it, "website", "")?;
        tx.put(it, "publics", ScalarValue::Null)?;
        tx.put(it, "confirmed", ScalarValue::Null)?;
        tx.put_object(it, "archived", ObjType::Map).map(drop)
    }),
    ("no name", |tx, it| tx.delete(it, "name")),
    ("a blank name", |tx, it| tx.put(it, "name", " \u{a0} ")),
    ("services that are none", |tx, it| {
        tx.put_object(it, "services", ObjType::List)?;
        tx.put(it, "helpers", "Amina")?;
        tx.put(it, "validation", true)
    }),
    ("a service that is none", |tx, it| {
        part(tx, it, 0xa7, &[("family", "train".into())])?;
        let services = tx.get(it, "services")?.unwrap().1;
        tx.put(&services, id(0xa8).as_str(), "train")?;
        let odd = tx.put_object(&services, "guichet", ObjType::Map)?;
        tx.put(&odd, "family", "equip")
    }),
    ("a helper", |tx, it| {
        let helpers = inner(tx, it, "helpers")?;
        let helper = tx.put_object(&helpers, id(0xb1).as_str(), ObjType::Map)?;
        tx.put(&helper, "name", "Amina")?;
        tx.put(&helper, "public", 1_i64)
    }),
    ("long and strange texts", |tx, it| {
        tx.put(it, "summary", "é".repeat(5_000))?;
        tx.put(it, "address", "ligne 1\nligne 2\t\u{1f}\u{2028}🇫🇷 e\u{301}")
    }),
];

type Odd = fn(&mut Transaction<'_>, &ObjId) -> Result<(), AutomergeError>;

/// Goal: readers in other languages read what we read. Method: the document and its records, as checked in.
#[test]
fn checked_in_odd_document() {
    let doc = document();
    let records = read::structures(&doc);
    assert!(records.len() >= 24);
    let list: Vec<Json> = records.iter().map(|(id, structure)| resource::structure(id, structure)).collect();
    let json = serde_json::to_string_pretty(&list).unwrap() + "\n";
    // Not compressed, so that another version of the compression is no other file.
    checked_in("tests/fixtures/document/odd.automerge", &doc.save_nocompress());
    checked_in("tests/fixtures/document/odd.json", json.as_bytes());
}

fn document() -> Automerge {
    let mut doc = territory();
    ordinary(&mut doc);
    let mut odd = replica(&doc, 2);
    for (number, (what, write)) in (0x11..).zip(CASES) {
        perform(&mut odd, &[Edit::AddStructure { id: id(number), name: what.to_owned() }], NOW).unwrap();
        let it = read::structure_object(&odd, &id(number)).unwrap();
        raw(&mut odd, |tx| write(tx, &it));
    }
    raw(&mut odd, |tx| {
        let structures = tx.get(ROOT, "structures")?.unwrap().1;
        let desk = tx.put_object(&structures, "desk-3", ObjType::Map)?;
        tx.put(&desk, "name", "a key that is no uuid")?;
        tx.put(&structures, id(0x30).as_str(), "no structure at all")
    });
    doc.merge(&mut odd).unwrap();
    concurrent(&mut doc);
    doc
}

/// Structures as our own clients write them: one with every field, one of each mark, those that are edited at once.
fn ordinary(doc: &mut Automerge) {
    let add = |number, name: &str| Edit::AddStructure { id: id(number), name: name.to_owned() };
    let service = |structure, number| Edit::AddService {
        structure: id(structure),
        id: id(number),
        family: "assist".to_owned(),
    };
    let by = || "Rose".to_owned();
    let mut edits = vec![
        add(1, "every field"),
        service(1, 2),
        Edit::AddHelper { structure: id(1), id: id(3), name: "Amina".to_owned() },
        add(4, "a name alone"),
        add(5, "archived"),
        Edit::Archive { structure: id(5), by: by(), why: "fermé".to_owned() },
        add(6, "validated"),
        Edit::Validate { structure: id(6), by: by() },
        add(7, "confirmed"),
        Edit::Confirm { structure: id(7), by: by(), how: "visit".to_owned() },
        add(8, "two answers on a text"),
        add(9, "two answers on a number, three on a text"),
        add(10, "two answers on a service’s field"),
        service(10, 0xa0),
        add(11, "services made at the same time"),
        add(12, "sets made at the same time"),
        add(13, "prose written at the same time"),
        add(14, "a mark made at the same time"),
        add(15, "the same answer twice"),
    ];
    for (place, table) in places() {
        for field in table {
            let address = Address::new(&id(1), place.clone(), field.key).unwrap();
            let [value, _] = values(field);
            edits.push(Edit::Set { address, value: Some(value) });
        }
    }
    let prose = Address::parse(&id(13), "notes").unwrap();
    edits.push(Edit::Set { address: prose, value: Some("Le guichet est ouvert.".into()) });
    perform(doc, &edits, NOW).unwrap();
    // Another client made this one without the maps that ours makes at once.
    raw(doc, |tx| {
        let it = read::structure_object(tx, &id(11)).unwrap();
        tx.delete(&it, "services")?;
        tx.delete(&it, "helpers")
    });
}

/// What two devices write without knowing of each other, and a third on top.
fn concurrent(doc: &mut Automerge) {
    let put = |structure, path: &str, value: Value| Edit::Set {
        address: Address::parse(&id(structure), path).unwrap(),
        value: Some(value),
    };
    let service = format!("services/{}/weekly_hours", id(0xa0));
    let sides = [
        (3, "02 61 91 00 02", 48.1, "jeunes"),
        (4, "02 61 91 00 03", 48.2, "seniors"),
        (5, "", 48.1, "tous"),
    ];
    let mut replicas = sides.map(|(number, phone, degrees, public)| {
        let mut side = replica(doc, number);
        let mut edits = vec![
            put(9, "latitude", Value::Number(degrees)),
            put(9, "phone", format!("0{number}").as_str().into()),
            put(15, "phone", "02".into()),
            put(12, "publics", set(&[public, "tout public"])),
        ];
        if !phone.is_empty() {
            let (name, part) = (phone.to_owned(), id(0xc0 + number));
            edits.extend([
                put(8, "phone", phone.into()),
                put(10, &service, Value::Number(degrees)),
                Edit::AddService { structure: id(11), id: part, family: "inform".to_owned() },
                Edit::AddHelper { structure: id(11), id: id(0xd0), name: name.clone() },
                put(13, "notes", format!("Le guichet {number} est ouvert. Venez !").as_str().into()),
                Edit::Validate { structure: id(14), by: name },
            ]);
        }
        perform(&mut side, &edits, NOW.plus(60_000)).unwrap();
        side
    });
    for side in &mut replicas {
        doc.merge(side).unwrap();
    }
}

/// A service with these values.
fn part(
    tx: &mut Transaction<'_>,
    structure: &ObjId,
    number: u8,
    values: &[(&str, ScalarValue)],
) -> Result<(), AutomergeError> {
    let services = inner(tx, structure, "services")?;
    let service = tx.put_object(&services, id(number).as_str(), ObjType::Map)?;
    values.iter().try_for_each(|(key, value)| tx.put(&service, *key, value.clone()))
}

/// The map of a structure's services or helpers.
fn inner(tx: &mut Transaction<'_>, structure: &ObjId, kind: &str) -> Result<ObjId, AutomergeError> {
    match tx.get(structure, kind)? {
        Some((_, parts)) => Ok(parts),
        None => tx.put_object(structure, kind, ObjType::Map),
    }
}

/// Writes without a schema, at a fixed time.
fn raw(doc: &mut Automerge, write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>) {
    let options = CommitOptions::default().with_time(NOW.0.div_euclid(1000));
    doc.transact_with::<_, (), AutomergeError, _>(|()| options, write)
        .map_err(|failure| failure.error)
        .unwrap();
}
