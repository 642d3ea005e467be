//! Writing: every field round-trips, every wrong edit is refused whole, and what stands is left alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "its cases are data")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use automerge::transaction::Transactable;
use automerge::{Automerge, ObjType, ReadDoc, ScalarValue};
use expect_test::expect;

use super::{Edit, PROSE_BYTES_MAX, TEXT_BYTES_MAX, parse, perform};
use crate::schema::field::{self, Kind};
use crate::schema::path::{Address, Place};
use crate::schema::read::structure_object;
use crate::schema::record::{Structure, Value, members, text};
use crate::schema::tests::{NOW, at, first, furnished, id, places, raw, replica, set, values};

fn entry<'a>(structure: &'a Structure, address: &Address) -> Option<&'a Value> {
    let fields = match &address.place {
        Place::Itself => &structure.fields,
        Place::Service(id) => &structure.services[id].fields,
        Place::Helper(id) => &structure.helpers[id].fields,
        Place::Confirmed => &structure.confirmed,
        Place::Archived => &structure.archived,
        Place::Validation => &structure.validation,
    };
    fields.get(address.field.key).map(|entry| &entry.value)
}

fn set_to(address: &Address, value: impl Into<Option<Value>>) -> Edit {
    Edit::Set { address: address.clone(), value: value.into() }
}

/// Performs one edit and says whether anything was written.
fn wrote(doc: &mut Automerge, edit: Edit) -> bool {
    perform(doc, &[edit], NOW).unwrap().is_some()
}

/// Goal: every field of every table is written, read back, not written twice, and emptied.
#[test]
fn every_field_round_trips() {
    let mut doc = furnished();
    for (place, table) in places() {
        for field in table {
            let address = Address { structure: id(1), place: place.clone(), field };
            for value in values(field) {
                assert!(wrote(&mut doc, set_to(&address, value.clone())), "{address}");
                assert_eq!(entry(&first(&doc), &address), Some(&value), "{address}");
                assert!(!wrote(&mut doc, set_to(&address, value)), "{address}");
            }
            let loaded = replica(&doc, 9);
            assert_eq!(entry(&first(&loaded), &address), Some(&values(field)[1]), "{address}");
            if field.key == "name" && place == Place::Itself {
                continue;
            }
            assert!(wrote(&mut doc, set_to(&address, None)), "{address}");
            assert_eq!(entry(&first(&doc), &address), None, "{address}");
            assert!(!wrote(&mut doc, set_to(&address, None)), "{address}");
        }
    }
}

/// Goal: what somebody types becomes the kind that the field takes, or is refused with a reason.
#[test]
fn typed_values_are_parsed() {
    let mut all = String::new();
    for (table, key, typed) in [
        (field::STRUCTURE, "phone", " 02 99 09 00 00 "),
        (field::STRUCTURE, "latitude", "48,19"),
        (field::STRUCTURE, "latitude", "91"),
        (field::STRUCTURE, "longitude", "-180"),
        (field::STRUCTURE, "longitude", "nan"),
        (field::STRUCTURE, "itinerant", "Oui"),
        (field::STRUCTURE, "itinerant", "peut-être"),
        (field::STRUCTURE, "emails", "a@b.c | d@e.f||"),
        (field::STRUCTURE, "created_at", "2026-05-12"),
        (field::STRUCTURE, "created_at", "12/05/2026"),
        (field::SERVICE, "eadmin_staff", "3"),
        (field::SERVICE, "eadmin_staff", "-3"),
        (field::SERVICE, "eadmin_staff", "trois"),
        (field::SERVICE, "weekly_hours", "7,5"),
        (field::SERVICE, "weekly_hours", "-1"),
        (field::SERVICE, "weekly_hours", "inf"),
        (field::SERVICE, "price", "free"),
        (field::SERVICE, "price", "gratuit"),
        (field::SERVICE, "access", "walk_in|fax"),
    ] {
        let outcome = match parse(field::find(table, key).unwrap(), typed) {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.to_string(),
        };
        all += &format!("{key} `{typed}`: {outcome}\n");
    }
    expect![[r#"
        phone ` 02 99 09 00 00 `: Text("02 99 09 00 00")
        latitude `48,19`: Number(48.19)
        latitude `91`: latitude takes degrees, not `91`
        longitude `-180`: Number(-180.0)
        longitude `nan`: longitude takes degrees, not `NaN`
        itinerant `Oui`: Flag(true)
        itinerant `peut-être`: itinerant takes yes or no, not `peut-être`
        emails `a@b.c | d@e.f||`: Set({"a@b.c", "d@e.f"})
        created_at `2026-05-12`: Text("2026-05-12T00:00:00Z")
        created_at `12/05/2026`: created_at takes a date such as 2026-05-12, not `12/05/2026`
        eadmin_staff `3`: Integer(3)
        eadmin_staff `-3`: eadmin_staff takes a whole number of at least 0, not `-3`
        eadmin_staff `trois`: eadmin_staff takes a whole number, not `trois`
        weekly_hours `7,5`: Number(7.5)
        weekly_hours `-1`: weekly_hours takes a number of at least 0, not `-1`
        weekly_hours `inf`: weekly_hours takes a number of at least 0, not `inf`
        price `free`: Text("free")
        price `gratuit`: price takes one of free, conditional, paid, not `gratuit`
        access `walk_in|fax`: access takes one of walk_in, phone, mail, online, prescription, not `fax`
    "#]]
    .assert_eq(&all);
}

/// Goal: every wrong edit is refused with its reason, and with it the whole group: the document keeps its heads.
#[test]
fn wrong_edits_are_refused_whole() {
    let stranger = id(99);
    let there = |place: Place, key: &str| Address::new(&id(1), place, key).unwrap();
    let by = "Amina".to_owned();
    let long = "é".repeat(TEXT_BYTES_MAX / 2 + 1);
    let wrong: Vec<Edit> = vec![
        set_to(&Address::new(&stranger, Place::Itself, "phone").unwrap(), Value::from("02")),
        set_to(&there(Place::Service(id(98)), "price"), Value::from("free")),
        set_to(&there(Place::Helper(id(98)), "name"), None),
        Edit::AddStructure { id: id(1), name: "Again".to_owned() },
        Edit::AddStructure { id: "desk-3".into(), name: "Desk".to_owned() },
        Edit::AddStructure { id: id(50), name: "  ".to_owned() },
        Edit::AddService { structure: stranger.clone(), id: id(50), family: "train".to_owned() },
        Edit::AddService { structure: id(1), id: id(2), family: "train".to_owned() },
        Edit::AddService { structure: id(1), id: "desk".into(), family: "train".to_owned() },
        Edit::AddService { structure: id(1), id: id(50), family: "feed".to_owned() },
        Edit::AddService { structure: id(1), id: id(50), family: String::new() },
        Edit::AddHelper { structure: id(1), id: id(3), name: "Bruno".to_owned() },
        Edit::AddHelper { structure: id(1), id: id(50), name: String::new() },
        set_to(&at("name"), None),
        set_to(&at("name"), Value::from(" ")),
        set_to(&at("phone"), Value::Integer(2)),
        set_to(&at("phone"), Value::from(long.as_str())),
        set_to(&at("notes"), Value::from("x".repeat(PROSE_BYTES_MAX + 1).as_str())),
        set_to(&at("notes"), Value::Flag(true)),
        set_to(&at("latitude"), Value::Number(90.5)),
        set_to(&at("latitude"), Value::Number(f64::NAN)),
        set_to(&at("longitude"), Value::from("2")),
        set_to(&at("itinerant"), Value::from("yes")),
        set_to(&at("created_at"), Value::from("yesterday")),
        set_to(&at("emails"), Value::from("a@b.c")),
        set_to(&at("emails"), set(&["a@b.c", " "])),
        set_to(&there(Place::Service(id(2)), "eadmin_staff"), Value::Integer(-1)),
        set_to(&there(Place::Service(id(2)), "eadmin_staff"), Value::Number(1.0)),
        set_to(&there(Place::Service(id(2)), "weekly_hours"), Value::Number(-0.5)),
        set_to(&there(Place::Service(id(2)), "weekly_hours"), Value::Number(f64::INFINITY)),
        set_to(&there(Place::Service(id(2)), "weekly_hours"), Value::Integer(3)),
        set_to(&there(Place::Service(id(2)), "price"), Value::from("gratuit")),
        set_to(&there(Place::Confirmed, "how"), Value::from("fax")),
        Edit::Include { address: at("phone"), member: "02".to_owned() },
        Edit::Include { address: at("emails"), member: String::new() },
        Edit::Include { address: at("archived/why"), member: "x".to_owned() },
        Edit::Include { address: at("emails"), member: long.clone() },
        Edit::Include { address: there(Place::Service(id(2)), "access"), member: "fax".to_owned() },
        Edit::Exclude { address: at("phone"), member: "02".to_owned() },
        Edit::Exclude {
            address: Address::new(&stranger, Place::Itself, "emails").unwrap(),
            member: "x".to_owned(),
        },
        Edit::Confirm { structure: id(1), by: by.clone(), how: "fax".to_owned() },
        Edit::Confirm { structure: id(1), by: by.clone(), how: String::new() },
        Edit::Confirm { structure: stranger.clone(), by: by.clone(), how: "call".to_owned() },
        Edit::Archive { structure: id(1), by: by.clone(), why: long },
        Edit::Validate { structure: stranger.clone(), by },
        Edit::Unarchive { structure: stranger },
    ];
    let mut doc = furnished();
    let heads = doc.get_heads();
    let mut all = String::new();
    for edit in wrong {
        let group = [Edit::Include { address: at("emails"), member: "first@b.c".to_owned() }, edit];
        all += &format!("{}\n", perform(&mut doc, &group, NOW).unwrap_err());
        assert_eq!(doc.get_heads(), heads);
    }
    expect![[r#"
        there is no record 01917f3e-0000-7000-8000-000000000063
        there is no record 01917f3e-0000-7000-8000-000000000001/services/01917f3e-0000-7000-8000-000000000062
        there is no record 01917f3e-0000-7000-8000-000000000001/helpers/01917f3e-0000-7000-8000-000000000062
        there is a record 01917f3e-0000-7000-8000-000000000001 already
        `desk-3` is not a uuid
        a name is needed
        there is no record 01917f3e-0000-7000-8000-000000000063
        there is a record 01917f3e-0000-7000-8000-000000000002 already
        `desk` is not a uuid
        family takes one of inform, equip, assist, train, repair, not `feed`
        family takes one of inform, equip, assist, train, repair, not ``
        there is a record 01917f3e-0000-7000-8000-000000000003 already
        a name is needed
        a name is needed
        a name is needed
        phone takes text, not `2`
        phone takes at most 4096 bytes
        notes takes at most 65536 bytes
        notes takes text, not `true`
        latitude takes degrees, not `90.5`
        latitude takes degrees, not `NaN`
        longitude takes a decimal number, not `2`
        itinerant takes yes or no, not `yes`
        created_at takes a date such as 2026-05-12, not `yesterday`
        emails takes several values, not `a@b.c`
        emails takes several values, none of them blank, not ` |a@b.c`
        eadmin_staff takes a whole number of at least 0, not `-1`
        eadmin_staff takes a whole number of at least 0, not `1`
        weekly_hours takes a number of at least 0, not `-0.5`
        weekly_hours takes a number of at least 0, not `inf`
        weekly_hours takes a decimal number, not `3`
        price takes one of free, conditional, paid, not `gratuit`
        how takes one of visit, call, mail, link, self, not `fax`
        phone takes text, not `02`
        emails takes several values, none of them blank, not ``
        why takes text, not `x`
        emails takes at most 4096 bytes
        access takes one of walk_in, phone, mail, online, prescription, not `fax`
        phone takes text, not ``
        there is no record 01917f3e-0000-7000-8000-000000000063
        how takes one of visit, call, mail, link, self, not `fax`
        how takes one of visit, call, mail, link, self, not ``
        there is no record 01917f3e-0000-7000-8000-000000000063
        why takes at most 4096 bytes
        there is no record 01917f3e-0000-7000-8000-000000000063
        there is no record 01917f3e-0000-7000-8000-000000000063
    "#]]
    .assert_eq(&all);
}

/// Goal: new records hold what the contract says, and a document without its root gets one.
#[test]
fn new_records_are_furnished() {
    let mut doc = furnished();
    let structure = first(&doc);
    assert_eq!(structure.name(), "Médiathèque");
    assert_eq!(text(&structure.fields, "created_at"), "2026-05-12T08:00:00Z");
    assert_eq!(text(&structure.services[&id(2)].fields, "family"), "assist");
    assert_eq!(text(&structure.services[&id(2)].fields, "created_at"), "2026-05-12T08:00:00Z");
    assert_eq!(text(&structure.helpers[&id(3)].fields, "name"), "Amina");
    assert!(structure.findings.is_empty());
    assert_eq!(doc.get_changes(&[]).last().unwrap().timestamp(), NOW.0 / 1000);

    raw(&mut doc, |tx| tx.delete(automerge::ROOT, "structures"));
    assert!(wrote(&mut doc, Edit::AddStructure { id: id(7), name: "Mairie".to_owned() }));
    assert_eq!(crate::schema::read::structures(&doc).len(), 1);
}

/// Goal: marks are written whole, lifted whole, and an empty word leaves nothing behind.
#[test]
fn marks_are_whole() {
    let mut doc = furnished();
    let archive = |why: &str| Edit::Archive { structure: id(1), by: "Amina".to_owned(), why: why.to_owned() };
    assert!(wrote(&mut doc, archive("closed")));
    assert!(!wrote(&mut doc, archive("closed")));
    assert!(wrote(&mut doc, archive("")));
    assert_eq!(first(&doc).archived.keys().copied().collect::<Vec<_>>(), ["at", "by"]);
    assert!(wrote(&mut doc, Edit::Unarchive { structure: id(1) }));
    assert!(!wrote(&mut doc, Edit::Unarchive { structure: id(1) }));
    assert!(!first(&doc).is_archived());

    // Emptying what was never written makes no mark.
    assert!(!wrote(&mut doc, set_to(&at("validation/why"), None)));
    assert!(wrote(&mut doc, Edit::Validate { structure: id(1), by: "Rozenn".to_owned() }));
    assert!(first(&doc).is_validated());
    assert!(wrote(
        &mut doc,
        Edit::Confirm { structure: id(1), by: "Amina".to_owned(), how: "call".to_owned() }
    ));
    assert_eq!(first(&doc).confirmed_at(), Some(NOW));
}

/// Goal: a value that others wrote in their own shape is not written again; another value replaces it.
#[test]
fn what_stands_in_another_shape_is_left_alone() {
    let mut doc = furnished();
    let structure = structure_object(&doc, &id(1)).unwrap();
    raw(&mut doc, |tx| {
        let phone = tx.put_object(&structure, "phone", ObjType::Text)?;
        tx.splice_text(&phone, 0, 0, "02")?;
        tx.put(&structure, "latitude", 48)?;
        tx.put(&structure, "created_at", ScalarValue::Timestamp(NOW.0))?;
        tx.put(&structure, "itinerant", "oui")?;
        tx.put(&structure, "notes", "près de la gare")
    });
    for (path, value) in [
        ("phone", Value::from("02")),
        ("latitude", Value::Number(48.0)),
        ("created_at", "2026-05-12T08:00:00Z".into()),
        ("notes", "près de la gare".into()),
    ] {
        assert!(!wrote(&mut doc, set_to(&at(path), value)), "{path}");
    }
    // A flag written as text is odd: writing it again mends it.
    assert!(wrote(&mut doc, set_to(&at("itinerant"), Value::Flag(true))));
    assert!(first(&doc).findings.is_empty());
    assert!(wrote(&mut doc, set_to(&at("phone"), Value::from("03"))));
    assert_eq!(text(&first(&doc).fields, "phone"), "03");
}

/// Goal: editing a set that others wrote as a list, a text or with `false` members loses none of its members.
#[test]
fn sets_in_another_shape_become_maps() {
    let shapes: [fn(&mut automerge::transaction::Transaction<'_>, &automerge::ObjId); 3] = [
        |tx, structure| {
            let list = tx.put_object(structure, "emails", ObjType::List).unwrap();
            tx.insert(&list, 0, "a@b.c").unwrap();
            tx.insert(&list, 1, "d@e.f").unwrap();
        },
        |tx, structure| {
            let map = tx.put_object(structure, "emails", ObjType::Map).unwrap();
            tx.put(&map, "a@b.c", true).unwrap();
            tx.put(&map, "d@e.f", true).unwrap();
            tx.put(&map, "g@h.i", false).unwrap();
        },
        |tx, structure| {
            let map = tx.put_object(structure, "emails", ObjType::Map).unwrap();
            tx.put(&map, "a@b.c", 1).unwrap();
            tx.put(&map, "d@e.f", "yes").unwrap();
            tx.put(&map, "g@h.i", ScalarValue::Null).unwrap();
        },
    ];
    for shape in shapes {
        let mut doc = furnished();
        let structure = structure_object(&doc, &id(1)).unwrap();
        raw(&mut doc, |tx| {
            shape(tx, &structure);
            Ok(())
        });
        let shown = |doc: &Automerge| members(&first(doc).fields, "emails").collect::<Vec<_>>().join(" ");
        let include = Edit::Include { address: at("emails"), member: "g@h.i".to_owned() };
        let exclude = Edit::Exclude { address: at("emails"), member: "a@b.c".to_owned() };
        assert!(wrote(&mut doc.clone(), set_to(&at("emails"), None)));
        assert_eq!(shown(&doc), "a@b.c d@e.f");
        assert!(wrote(&mut doc, include.clone()));
        assert!(!wrote(&mut doc, include));
        assert_eq!(shown(&doc), "a@b.c d@e.f g@h.i");
        assert!(wrote(&mut doc, exclude.clone()));
        assert!(!wrote(&mut doc, exclude));
        assert_eq!(shown(&doc), "d@e.f g@h.i");
        assert!(wrote(&mut doc, set_to(&at("emails"), None)));
        assert_eq!(shown(&doc), "");
        assert!(first(&doc).findings.is_empty());
    }
}

/// Goal: two people's edits of one record merge, prose by character, even when one of them empties it.
#[test]
fn edits_merge() {
    let mut doc = furnished();
    assert!(wrote(&mut doc, set_to(&at("description"), Value::from("Ouvert."))));
    let (mut amina, mut bruno) = (replica(&doc, 2), replica(&doc, 3));
    let edits = [
        set_to(&at("description"), Value::from("Ouvert à tous.")),
        set_to(&at("phone"), Value::from("02")),
        Edit::Include { address: at("publics"), member: "jeunes".to_owned() },
    ];
    perform(&mut amina, &edits, NOW).unwrap();
    let edits = [
        set_to(&at("description"), Value::from("Toujours ouvert.")),
        set_to(&at("website"), Value::from("https://example.org")),
        Edit::Include { address: at("publics"), member: "seniors".to_owned() },
    ];
    perform(&mut bruno, &edits, NOW).unwrap();
    let mut chloe = replica(&doc, 4);
    assert!(wrote(&mut chloe, set_to(&at("description"), None)));
    assert_eq!(text(&first(&chloe).fields, "description"), "");
    bruno.merge(&mut amina).unwrap();
    chloe.merge(&mut amina).unwrap();

    let both = first(&bruno);
    assert_eq!(text(&both.fields, "description"), "Toujours ouvert à tous.");
    assert_eq!(text(&both.fields, "phone"), "02");
    assert_eq!(text(&both.fields, "website"), "https://example.org");
    assert_eq!(members(&both.fields, "publics").collect::<Vec<_>>(), ["jeunes", "seniors"]);
    assert_eq!(both.conflicts().count(), 0);
    assert_eq!(text(&first(&chloe).fields, "description"), " à tous");
}

/// Goal: texts that two people began at the same time are a conflict that writing settles.
#[test]
fn texts_begun_twice_are_settled() {
    let (mut amina, mut bruno) = (replica(&furnished(), 2), replica(&furnished(), 3));
    assert!(wrote(&mut amina, set_to(&at("notes"), Value::from("Clé chez Amina"))));
    assert!(wrote(&mut bruno, set_to(&at("notes"), Value::from("Clé chez Bruno"))));
    amina.merge(&mut bruno).unwrap();
    let structure = first(&amina);
    assert_eq!(structure.fields["notes"].others.len(), 1);
    let shown = text(&structure.fields, "notes").to_owned();
    assert!(wrote(&mut amina, set_to(&at("notes"), Value::from(shown.as_str()))));
    assert_eq!(first(&amina).fields["notes"].others, []);
    assert_eq!(text(&first(&amina).fields, "notes"), shown);
    let kinds = amina.get_all(structure_object(&amina, &id(1)).unwrap(), "notes").unwrap();
    assert_eq!(kinds.len(), 1);
    assert_eq!(field::find(field::STRUCTURE, "notes").unwrap().kind, Kind::Prose);
}
