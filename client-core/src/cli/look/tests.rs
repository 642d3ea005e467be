//! Goal: a record is shown with all it holds and every answer. Method: a document with a conflict, as text.

use automerge::ActorId;
use expect_test::expect;
use portrea_protocol::schema::document;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::time::UnixMillis;
use uuid::Uuid;

use super::*;

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn id(number: u128) -> RecordId {
    Uuid::from_u128(number).into()
}

fn set(place: Place, key: &str, value: impl Into<Value>) -> Edit {
    Edit::Set { address: Address::new(&id(1), place, key).unwrap(), value: Some(value.into()) }
}

fn directory() -> Directory {
    let mut doc = document::create(ActorId::from([1; 16]), "CC d’essai", "1", NOW).unwrap();
    let edits = [
        Edit::AddStructure { id: id(1), name: "Médiathèque".into() },
        Edit::AddService { structure: id(1), id: id(2), family: "assist".into() },
        Edit::AddHelper { structure: id(1), id: id(3), name: "Bruno".into() },
        set(Place::Service(id(2)), "weekly_hours", Value::Number(12.5)),
        set(Place::Itself, "commune", "35184"),
        Edit::AddStructure { id: id(4), name: "Écrivain public".into() },
        Edit::AddStructure { id: id(5), name: "Fermé".into() },
        Edit::Archive { structure: id(5), by: "Amina".into(), why: "fermé".into() },
        Edit::Confirm { structure: id(1), by: "Amina".into(), how: "call".into() },
    ];
    perform(&mut doc, &edits, NOW).unwrap();
    let mut other = document::load(&doc.save(), ActorId::from([2; 16])).unwrap();
    perform(&mut doc, &[set(Place::Itself, "phone", "02 99 00 00 01")], NOW).unwrap();
    perform(&mut other, &[set(Place::Itself, "phone", "02 99 00 00 02")], NOW).unwrap();
    doc.merge(&mut other).unwrap();
    read::structures(&doc)
}

#[test]
fn two_answers_are_both_shown() {
    let all = directory();
    let shown = sheet(&id(1), &all[&id(1)], Lang::Fr).replace(['\u{a0}', '\u{202f}'], "_");
    expect![[r"
        Médiathèque
        00000000-0000-0000-0000-000000000001
        Vérifié le 14/11/2023 par téléphone (Amina).
        ▲ Deux réponses pour «_Téléphone_»_: 02 99 00 00 02 | 02 99 00 00 01 [phone]

        Nom                            Médiathèque
        Commune (code INSEE)           35184
        Téléphone                      02 99 00 00 02
                                       ou_: 02 99 00 00 01

        Services
          Être aidé·e  00000000-0000-0000-0000-000000000002
            Heures par semaine             12,5

        Personnes qui aident
          Bruno  00000000-0000-0000-0000-000000000003"]]
    .assert_eq(&shown);
}

#[test]
fn places_are_chosen_and_sorted_by_name() {
    let all = directory();
    let which = |commune: Option<&str>, family: Option<&str>, q: Option<&str>, archived| Which {
        commune: commune.map(str::to_owned),
        family: family.map(str::to_owned),
        q: q.map(str::to_owned),
        archived,
    };
    for (which, expected) in [
        (which(None, None, None, false), &["Écrivain public", "Médiathèque"][..]),
        (which(None, None, None, true), &["Écrivain public", "Fermé", "Médiathèque"]),
        (which(Some("35184"), None, None, false), &["Médiathèque"]),
        (which(Some("35000"), None, None, false), &[]),
        (which(None, Some("assist"), None, false), &["Médiathèque"]),
        (which(None, Some("repair"), None, false), &[]),
        (which(None, None, Some("ECRIV"), false), &["Écrivain public"]),
    ] {
        let names: Vec<&str> = chosen(&all, &which).into_iter().map(|(_, it)| it.name()).collect();
        assert_eq!(names, expected, "{which:?}");
    }
}
