//! Reading what other clients write: every odd shape gives a value or a finding, and concurrent answers are listed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "its cases are data")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use automerge::transaction::Transactable;
use automerge::{Automerge, ObjId, ObjType, ReadDoc, ScalarValue};
use expect_test::{Expect, expect};

use super::{Refreshed, structure_object};
use crate::schema::path::Place;
use crate::schema::record::{Finding, Structure, Value};
use crate::schema::tests::{NOW, actor, at, first, furnished, id, places, raw, replica, territory};
use crate::schema::write::{Edit, perform};
use crate::wire::feed::json;

/// What a structure says under one key, with what is odd there: `value / other | finding`.
fn shown(structure: &Structure, path: &str) -> String {
    let address = at(path);
    let mut shown = match structure.at(&address.place).unwrap().get(address.field.key) {
        Some(entry) => {
            let values = std::iter::once(&entry.value).chain(&entry.others);
            values.map(|value| json(value).to_string()).collect::<Vec<_>>().join(" / ")
        }
        None => "-".to_owned(),
    };
    for (_, finding) in structure.findings.iter().filter(|(odd, _)| odd == path) {
        shown = format!("{shown} | {}", finding.code());
    }
    shown
}

fn findings(structure: &Structure) -> String {
    let lines = structure.findings.iter().map(|(path, finding)| format!("{path}: {}\n", finding.code()));
    lines.collect()
}

fn container(doc: &Automerge, path: &str) -> (ObjId, &'static str) {
    let address = at(path);
    (super::container(doc, &address).unwrap(), address.field.key)
}

/// Writes a scalar where nobody of ours would, and shows how it reads.
fn scalar(path: &str, value: impl Into<ScalarValue>) -> String {
    let mut doc = furnished();
    let (object, key) = container(&doc, path);
    raw(&mut doc, |tx| tx.put(&object, key, value.into()));
    shown(&first(&doc), path)
}

/// Goal: scalars of another kind are read as well as can be. Each is put under a field of a real structure.
#[test]
fn scalars_of_any_kind_are_read() {
    let rows: Vec<(&str, &str, ScalarValue)> = vec![
        ("phone", "a text", "02 99 09 00 00".into()),
        ("phone", "nothing", "".into()),
        ("phone", "null", ScalarValue::Null),
        ("phone", "a number", 299_i64.into()),
        ("phone", "a large number", ScalarValue::Uint(u64::MAX)),
        ("phone", "a decimal number", 2.5.into()),
        ("phone", "yes", true.into()),
        ("phone", "bytes", ScalarValue::Bytes(vec![1])),
        ("phone", "an instant", ScalarValue::Timestamp(0)),
        ("latitude", "a whole number", 48_i64.into()),
        ("latitude", "a float", 48.5.into()),
        ("latitude", "text", " 48.5 ".into()),
        ("latitude", "French text", "48,5".into()),
        ("latitude", "no number", "north".into()),
        ("latitude", "infinite text", "inf".into()),
        ("latitude", "infinite", f64::INFINITY.into()),
        ("latitude", "no number at all", f64::NAN.into()),
        ("latitude", "yes", true.into()),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "a whole float", 3.0.into()),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "a float", 3.5.into()),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "too many", 1e300.into()),
        (
            "services/01917f3e-0000-7000-8000-000000000002/eadmin_staff",
            "too many",
            ScalarValue::Uint(u64::MAX),
        ),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "unsigned", ScalarValue::Uint(4)),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "fewer than none", (-1_i64).into()),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "text", "12".into()),
        ("services/01917f3e-0000-7000-8000-000000000002/eadmin_staff", "a counter", ScalarValue::counter(2)),
        ("services/01917f3e-0000-7000-8000-000000000002/price", "no usual word", "gratuit".into()),
        ("itinerant", "yes", true.into()),
        ("itinerant", "oui", "Oui".into()),
        ("itinerant", "0", "0".into()),
        ("itinerant", "perhaps", "perhaps".into()),
        ("itinerant", "1", 1_i64.into()),
        ("created_at", "an instant", ScalarValue::Timestamp(NOW.0)),
        ("created_at", "a date", "2026-05-12".into()),
        ("created_at", "words", "last spring".into()),
        ("created_at", "a number", (NOW.0).into()),
        ("notes", "a scalar", "près de la gare".into()),
        ("emails", "one text", "a@example.org".into()),
        ("emails", "null", ScalarValue::Null),
        ("emails", "a number", 3_i64.into()),
        ("name", "blank", "  ".into()),
    ];
    let mut all = String::new();
    for (path, what, value) in rows {
        let key = path.rsplit('/').next().unwrap();
        all += &format!("{key}, {what}: {}\n", scalar(path, value));
    }
    expect![[r#"
        phone, a text: "02 99 09 00 00"
        phone, nothing: -
        phone, null: -
        phone, a number: "299" | wrong_type
        phone, a large number: "18446744073709551615" | wrong_type
        phone, a decimal number: "2.5" | wrong_type
        phone, yes: "true" | wrong_type
        phone, bytes: - | unreadable
        phone, an instant: - | unreadable
        latitude, a whole number: 48.0
        latitude, a float: 48.5
        latitude, text: 48.5 | wrong_type
        latitude, French text: 48.5 | wrong_type
        latitude, no number: - | unreadable
        latitude, infinite text: - | unreadable
        latitude, infinite: - | unreadable
        latitude, no number at all: - | unreadable
        latitude, yes: - | unreadable
        eadmin_staff, a whole float: 3
        eadmin_staff, a float: - | unreadable
        eadmin_staff, too many: - | unreadable
        eadmin_staff, too many: - | unreadable
        eadmin_staff, unsigned: 4
        eadmin_staff, fewer than none: - | unreadable
        eadmin_staff, text: 12 | wrong_type
        eadmin_staff, a counter: - | unreadable
        price, no usual word: "gratuit" | unknown_word
        itinerant, yes: true
        itinerant, oui: true | wrong_type
        itinerant, 0: false | wrong_type
        itinerant, perhaps: - | unreadable
        itinerant, 1: - | unreadable
        created_at, an instant: "2026-05-12T08:00:00Z"
        created_at, a date: "2026-05-12"
        created_at, words: "last spring" | wrong_type
        created_at, a number: - | unreadable
        notes, a scalar: "près de la gare"
        emails, one text: ["a@example.org"] | wrong_type
        emails, null: -
        emails, a number: - | unreadable
        name, blank: "  " | no_name
    "#]]
    .assert_eq(&all);
}

/// Goal: texts are scalars, lists are sets, and other objects are findings, as the JavaScript library writes them.
#[test]
fn objects_where_values_are_meant() {
    let cases: [(&str, ObjType, Expect); 9] = [
        ("name", ObjType::Text, expect![[r#""12,5""#]]),
        ("latitude", ObjType::Text, expect!["12.5 | wrong_type"]),
        ("itinerant", ObjType::Text, expect!["- | unreadable"]),
        ("notes", ObjType::Text, expect![[r#""12,5""#]]),
        ("emails", ObjType::Text, expect![[r#"["12,5"] | wrong_type"#]]),
        ("emails", ObjType::List, expect![[r#"["a@example.org","b@example.org"] | wrong_type"#]]),
        ("emails", ObjType::Map, expect![[r#"["a@example.org","b@example.org"]"#]]),
        ("name", ObjType::List, expect!["- | unreadable | no_name"]),
        ("name", ObjType::Map, expect!["- | unreadable | no_name"]),
    ];
    for (path, kind, expected) in cases {
        let mut doc = furnished();
        let (object, key) = container(&doc, path);
        raw(&mut doc, |tx| {
            let inner = tx.put_object(&object, key, kind)?;
            match kind {
                ObjType::Text => tx.splice_text(&inner, 0, 0, "12,5")?,
                ObjType::List => {
                    tx.insert(&inner, 0, "b@example.org")?;
                    let text = tx.insert_object(&inner, 1, ObjType::Text)?;
                    tx.splice_text(&text, 0, 0, "a@example.org")?;
                    tx.insert(&inner, 2, 7)?;
                    tx.insert(&inner, 3, "")?;
                }
                ObjType::Map | ObjType::Table => {
                    tx.put(&inner, "a@example.org", true)?;
                    tx.put(&inner, "b@example.org", "yes")?;
                    tx.put(&inner, "c@example.org", false)?;
                    tx.put(&inner, "d@example.org", ScalarValue::Null)?;
                    tx.put(&inner, "", true)?;
                }
            }
            Ok(())
        });
        expected.assert_eq(&shown(&first(&doc), path));
    }
}

/// Goal: what is none of ours stays in the document and is a finding. Odd keys and shapes are put at every level.
#[test]
fn what_is_unknown_is_a_finding() {
    let mut doc = furnished();
    let structure = structure_object(&doc, &id(1)).unwrap();
    let (_, services) = doc.get(&structure, "services").unwrap().unwrap();
    let (service, _) = container(&doc, "services/01917f3e-0000-7000-8000-000000000002/price");
    raw(&mut doc, |tx| {
        tx.put(&structure, "colour", "blue")?;
        tx.put(&structure, "archived", true)?;
        tx.put(&structure, "confirmed", ScalarValue::Null)?;
        tx.put(&service, "services", "x")?;
        tx.put(&services, "desk-3", "x")?;
        tx.put(&services, "desk-4", ScalarValue::Null)?;
        tx.put_object(&services, "desk-5", ObjType::Map)?;
        tx.put(&structure, "helpers", "none")
    });
    let structure = first(&doc);
    assert!(!structure.is_archived());
    expect![[r#"
        archived: unreadable
        colour: unknown_field
        helpers: unreadable
        services/01917f3e-0000-7000-8000-000000000002/services: unknown_field
        services/desk-3: unreadable
        services/desk-5: not_a_uuid
    "#]]
    .assert_eq(&findings(&structure));
    let raw = doc.get(structure_object(&doc, &id(1)).unwrap(), "colour").unwrap().unwrap().0;
    assert_eq!(raw.as_str(), Some("blue"));
}

/// Goal: a key that is no uuid, and a structure without a name, are read and flagged.
#[test]
fn an_odd_structure_is_read() {
    let mut doc = territory();
    let root = super::maps(&doc, &automerge::ROOT, "structures").remove(0);
    raw(&mut doc, |tx| {
        tx.put_object(&root, "desk-3", ObjType::Map)?;
        tx.put(&root, "desk-4", "not a structure")
    });
    let all = super::structures(&doc);
    assert_eq!(all.len(), 1);
    let (_, structure) = all.first_key_value().unwrap();
    expect![[r#"
        : not_a_uuid
        name: no_name
    "#]]
    .assert_eq(&findings(structure));
}

/// Goal: two devices that make the same map at the same time both keep what they put into it. Each makes maps for
/// services, helpers and a set offline; then they meet.
#[test]
fn maps_made_concurrently_are_united() {
    let mut doc = territory();
    let root = super::maps(&doc, &automerge::ROOT, "structures").remove(0);
    raw(&mut doc, |tx| {
        let structure = tx.put_object(&root, id(1).as_str(), ObjType::Map)?;
        tx.put(&structure, "name", "Médiathèque")
    });
    let (mut amina, mut bruno) = (replica(&doc, 2), replica(&doc, 3));
    for (device, number, mail) in [(&mut amina, 10, "a@example.org"), (&mut bruno, 20, "b@example.org")] {
        let edits = [
            Edit::AddService { structure: id(1), id: id(number), family: "train".to_owned() },
            Edit::AddHelper { structure: id(1), id: id(number + 1), name: mail.to_owned() },
            Edit::Include { address: at("emails"), member: mail.to_owned() },
        ];
        perform(device, &edits, NOW).unwrap();
    }
    amina.merge(&mut bruno).unwrap();
    let structure = first(&amina);
    assert_eq!(structure.services.keys().cloned().collect::<Vec<_>>(), [id(10), id(20)]);
    assert_eq!(structure.helpers.keys().cloned().collect::<Vec<_>>(), [id(11), id(21)]);
    assert_eq!(shown(&structure, "emails"), r#"["a@example.org","b@example.org"]"#);
    assert!(structure.findings.is_empty());

    let edits = [
        Edit::Set { address: at(&format!("services/{}/price", id(10))), value: Some("free".into()) },
        Edit::Set { address: at(&format!("services/{}/price", id(20))), value: Some("paid".into()) },
        Edit::Exclude { address: at("emails"), member: "a@example.org".to_owned() },
    ];
    perform(&mut amina, &edits, NOW).unwrap();
    let structure = first(&amina);
    assert_eq!(shown(&structure, &format!("services/{}/price", id(10))), r#""free""#);
    assert_eq!(shown(&structure, &format!("services/{}/price", id(20))), r#""paid""#);
    assert_eq!(shown(&structure, "emails"), r#"["b@example.org"]"#);
}

/// Goal: concurrent values are all listed, the one that every replica shows first, and choosing one settles it.
#[test]
fn conflicts_are_listed_with_the_winner_first() {
    let doc = furnished();
    let mut devices: Vec<Automerge> = (2..5).map(|number| replica(&doc, number)).collect();
    for (device, phone) in devices.iter_mut().zip(["02", "03", "02"]) {
        let edit = Edit::Set { address: at("phone"), value: Some(phone.into()) };
        perform(device, &[edit], NOW).unwrap();
    }
    let mut doc = doc;
    for device in &mut devices {
        doc.merge(device).unwrap();
    }
    let winner = doc.get(structure_object(&doc, &id(1)).unwrap(), "phone").unwrap().unwrap().0.into_string();
    assert_eq!(winner.unwrap(), "02");
    assert_eq!(shown(&first(&doc), "phone"), r#""02" / "03""#);
    let paths: Vec<String> = first(&doc).conflicts().map(|(path, _)| path).collect();
    assert_eq!(paths, ["phone"]);

    let chosen = Edit::Set { address: at("phone"), value: Some("02".into()) };
    assert!(perform(&mut doc, std::slice::from_ref(&chosen), NOW).unwrap().is_some());
    assert_eq!(shown(&first(&doc), "phone"), r#""02""#);
    assert_eq!(perform(&mut doc, &[chosen], NOW).unwrap(), None);
}

/// Goal: an archive mark written while somebody else lifts it stands whole. Both happen offline; then they meet.
#[test]
fn archived_and_unarchived_at_the_same_time() {
    let mut doc = furnished();
    let archive = |by: &str| Edit::Archive { structure: id(1), by: by.to_owned(), why: "closed".to_owned() };
    perform(&mut doc, &[archive("Amina")], NOW).unwrap();
    assert!(first(&doc).is_archived());
    let (mut amina, mut bruno) = (replica(&doc, 2), replica(&doc, 3));
    perform(&mut amina, &[Edit::Unarchive { structure: id(1) }], NOW).unwrap();
    assert!(!first(&amina).is_archived());
    perform(&mut bruno, &[archive("Amina")], NOW.plus(60_000)).unwrap();
    amina.merge(&mut bruno).unwrap();
    let structure = first(&amina);
    assert_eq!(structure.archived.keys().copied().collect::<Vec<_>>(), ["at", "by", "why"]);

    // Two marks made at the same time are lifted by one edit.
    let (mut amina, mut bruno) = (replica(&furnished(), 2), replica(&furnished(), 3));
    perform(&mut amina, &[archive("Amina")], NOW).unwrap();
    perform(&mut bruno, &[archive("Bruno")], NOW).unwrap();
    amina.merge(&mut bruno).unwrap();
    assert!(first(&amina).is_archived());
    perform(&mut amina, &[Edit::Unarchive { structure: id(1) }], NOW).unwrap();
    assert!(!first(&amina).is_archived());
}

/// Goal: a field of a service that somebody removes meanwhile does not bring back half a service.
#[test]
fn a_removed_service_is_not_brought_back_by_its_fields() {
    let mut doc = furnished();
    let (mut amina, mut bruno) = (replica(&doc, 2), replica(&doc, 3));
    let structure = structure_object(&amina, &id(1)).unwrap();
    let services = super::maps(&amina, &structure, "services").remove(0);
    raw(&mut amina, |tx| tx.delete(&services, id(2).as_str()));
    let price = at(&format!("services/{}/price", id(2)));
    perform(&mut bruno, &[Edit::Set { address: price.clone(), value: Some("free".into()) }], NOW).unwrap();
    doc.merge(&mut amina).unwrap();
    let mut record = first(&doc);
    doc.merge(&mut bruno).unwrap();
    super::refresh(&doc, Some(&structure), &mut record, &price);
    assert_eq!(record, first(&doc));
    assert!(record.services.is_empty());
}

/// Goal: a territory that the JavaScript library wrote reads as it was meant. The document is a real one.
#[test]
fn a_document_from_javascript() {
    let hex = include_str!("../../../../tests/fixtures/wire/document-javascript.hex");
    let bytes = crate::wire::bytes(hex);
    let doc = crate::schema::document::load(&bytes, actor(9)).unwrap();
    let (id, structure) = super::structures(&doc).pop_first().unwrap();
    let json = crate::wire::resource::structure(&id, &structure);
    expect![[r#"
        {
          "archived": null,
          "commune": "35184",
          "confirmed": {
            "at": "2026-05-12T08:00:00Z",
            "by": "Amina",
            "how": "visit"
          },
          "conflicts": [],
          "created_at": "2026-05-12T08:00:00Z",
          "emails": [
            "a@example.org"
          ],
          "findings": [
            {
              "code": "unknown_field",
              "path": "colour"
            },
            {
              "code": "wrong_type",
              "path": "publics"
            }
          ],
          "helpers": [],
          "id": "01917f3e-0000-7000-8000-000000000001",
          "itinerant": false,
          "latitude": 48.19,
          "longitude": -2.0,
          "name": "Médiathèque",
          "notes": "près de la gare",
          "publics": [
            "jeunes",
            "seniors"
          ],
          "services": [
            {
              "eadmin_staff": 2,
              "family": "assist",
              "id": "01917f3e-0000-7000-8000-000000000002",
              "onsite": true,
              "topics": [
                "caf"
              ],
              "weekly_eadmin_hours": 4.0,
              "weekly_hours": 7.5
            }
          ],
          "validation": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

/// Goal: refreshing any one field gives what reading all of it gives. Every field of every table is set twice and
/// emptied, and refreshed in a record that was read before.
#[test]
fn every_field_is_refreshed() {
    let mut doc = furnished();
    let marks = [
        Edit::Confirm { structure: id(1), by: "Amina".to_owned(), how: "call".to_owned() },
        Edit::Archive { structure: id(1), by: "Amina".to_owned(), why: "closed".to_owned() },
        Edit::Validate { structure: id(1), by: "Amina".to_owned() },
    ];
    perform(&mut doc, &marks, NOW).unwrap();
    let mut record = first(&doc);
    let object = structure_object(&doc, &id(1)).unwrap();
    for (place, table) in places() {
        for field in table {
            let address = crate::schema::path::Address { structure: id(1), place: place.clone(), field };
            let values = crate::schema::tests::values(field).map(Some);
            for value in values.into_iter().chain([None]) {
                if field.key == "name" && place == Place::Itself && value.is_none() {
                    continue;
                }
                let edit = Edit::Set { address: address.clone(), value: value.clone() };
                assert!(perform(&mut doc, &[edit], NOW.plus(1)).unwrap().is_some(), "{address} {value:?}");
                let before = record.at(&place).unwrap().get(field.key).cloned();
                let refreshed = super::refresh(&doc, Some(&object), &mut record, &address);
                assert_eq!(refreshed, Refreshed::Field(before), "{address}");
                assert_eq!(record, first(&doc), "{address}");
            }
        }
    }
    assert!(record.findings.iter().all(|(_, finding)| *finding != Finding::WrongType));
    assert_eq!(Value::from("x").as_number(), None);
}
