//! What was validated and reads otherwise is to be reviewed again: who breaks a validation, in which order, and that
//! the rule writes once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::quarantine::Decision;
use uuid::Uuid;

use crate::io::Input;
use crate::tests::{Client, Hub, events, first, id, person, put, set};

fn validate() -> Edit {
    Edit::Validate { structure: id(1), by: "Rose".to_owned() }
}

fn standing(hub: &Hub) -> &Structure {
    &hub.territory.records()[&id(1)]
}

/// A référent·e and a contributor, up to date, with structure 1 validated.
fn validated() -> (Hub, Client, Client) {
    let mut hub = Hub::furnished();
    let (mut rose, mut amina) = (Client::new(5, Role::Referent), Client::new(2, Role::Contributor));
    hub.joins(&mut rose);
    hub.joins(&mut amina);
    rose.edits(&[validate()]);
    hub.exchange(&mut [&mut rose, &mut amina]);
    assert!(standing(&hub).is_validated());
    (hub, rose, amina)
}

/// Goal: a contributor's edit breaks a validation, in its own batch and told once; a référent·e's and a confirmation do
/// not. Method: edits of every kind, each on a record that was just validated.
#[test]
fn edits_of_others_break_a_validation() {
    let service = Address::parse(&id(1), &format!("services/{}/price", id(2).as_str())).unwrap();
    let helper = Address::parse(&id(1), &format!("helpers/{}/phone", id(3).as_str())).unwrap();
    let publics = Address::parse(&id(1), "publics").unwrap();
    for (edit, breaks) in [
        (set("phone", "02"), true),
        (set("name", "Autre nom"), true),
        (set("description", "Un récit."), true),
        (put("latitude", Value::Number(48.0)), true),
        (Edit::Include { address: publics, member: "seniors".into() }, true),
        (Edit::Set { address: service, value: Some("free".into()) }, true),
        (Edit::Set { address: helper, value: Some("06".into()) }, true),
        (Edit::AddService { structure: id(1), id: id(9), family: "train".into() }, true),
        (Edit::AddHelper { structure: id(1), id: id(9), name: "Paul".into() }, true),
        (Edit::Confirm { structure: id(1), by: "Amina".into(), how: "visit".into() }, false),
    ] {
        let (mut hub, mut rose, mut amina) = validated();
        rose.edits(&[set("website", "https://rose.example")]);
        hub.exchange(&mut [&mut rose, &mut amina]);
        assert!(standing(&hub).is_validated(), "a référent·e's own edit");
        amina.edits(std::slice::from_ref(&edit));
        let outcomes = hub.exchange(&mut [&mut rose, &mut amina]);
        let told: String = outcomes.iter().map(events).collect();
        assert_eq!(standing(&hub).is_to_review(), breaks, "{edit:?}");
        assert_eq!(told.matches("to_review").count(), usize::from(breaks), "{told}");
        assert!(outcomes[0].persist.chunk.is_some());
        // Everybody sees it, and so does whoever opens the territory again.
        assert_eq!(first(&rose.doc).is_to_review(), breaks);
        assert_eq!(first(&amina.doc).is_to_review(), breaks);
        let heads = hub.territory.heads().to_vec();
        hub.reopens(249);
        assert_eq!(hub.territory.heads(), heads);
        assert_eq!(standing(&hub).is_to_review(), breaks);
    }
}

/// Goal: the rule writes once, however much is edited; a new validation lifts it, and another edit brings it back.
/// Method: the feed, counted.
#[test]
fn the_rule_writes_once_until_somebody_validates_again() {
    let (mut hub, mut rose, mut amina) = validated();
    for (number, expected) in [(0, 1), (1, 0), (2, 0)] {
        amina.edits(&[set("phone", &format!("0{number}"))]);
        let outcomes = hub.exchange(&mut [&mut rose, &mut amina]);
        let told: String = outcomes.iter().map(events).collect();
        assert_eq!(told.matches("to_review").count(), expected, "{told}");
    }
    rose.edits(&[validate()]);
    hub.exchange(&mut [&mut rose, &mut amina]);
    assert!(standing(&hub).is_validated());
    assert!(!standing(&hub).validation.contains_key("review"));
    amina.edits(&[set("phone", "09")]);
    hub.exchange(&mut [&mut rose, &mut amina]);
    assert!(standing(&hub).is_to_review());
    assert_eq!(first(&amina.doc).conflicts().count(), 0);
}

/// Goal: a validation made without knowing an edit does not stand, whichever reaches the server first; one that knows it
/// does. Method: both orders, offline.
#[test]
fn nobody_vouches_for_what_they_have_not_seen() {
    for edit_first in [true, false] {
        let mut hub = Hub::furnished();
        let (mut rose, mut amina) = (Client::new(5, Role::Referent), Client::new(2, Role::Contributor));
        hub.joins(&mut rose);
        hub.joins(&mut amina);
        rose.edits(&[validate()]);
        amina.edits(&[set("phone", "02")]);
        if edit_first {
            hub.exchange(&mut [&mut amina]);
            hub.exchange(&mut [&mut rose, &mut amina]);
        } else {
            hub.exchange(&mut [&mut rose]);
            hub.exchange(&mut [&mut amina, &mut rose]);
        }
        assert!(standing(&hub).is_to_review(), "the edit first: {edit_first}");
        hub.exchange(&mut [&mut rose, &mut amina]);
        rose.edits(&[validate()]);
        hub.exchange(&mut [&mut rose, &mut amina]);
        assert!(standing(&hub).is_validated());
    }
}

/// Goal: another record's concurrent edit breaks nothing. Method: an edit of a second structure, unseen.
#[test]
fn what_others_do_elsewhere_breaks_nothing() {
    let mut hub = Hub::furnished();
    let (mut rose, mut amina) = (Client::new(5, Role::Referent), Client::new(2, Role::Contributor));
    hub.joins(&mut rose);
    hub.joins(&mut amina);
    rose.edits(&[validate()]);
    amina.edits(&[crate::tests::structure(7)]);
    hub.exchange(&mut [&mut amina]);
    hub.exchange(&mut [&mut rose, &mut amina]);
    assert!(standing(&hub).is_validated());
}

/// Goal: a form of a référent·e on the server breaks nothing, an operator's import does, and an import that validates
/// as well (the demonstration's) stands. Method: the three as commands.
#[test]
fn an_import_breaks_a_validation() {
    let (mut hub, ..) = validated();
    hub.command(person(5, Role::Referent), vec![set("phone", "02")]);
    assert!(standing(&hub).is_validated());
    let importer = Person::importer(TerritoryId(Uuid::from_u128(7)));
    let outcome = hub.command(importer.clone(), vec![set("phone", "03")]);
    assert!(standing(&hub).is_to_review());
    let told = events(&outcome);
    assert!(
        told.contains("Import field_changed phone") && told.lines().any(|line| line.ends_with(" to_review"))
    );
    assert!(!told.contains("Import to_review"), "the rule is nobody's: {told}");
    hub.command(importer, vec![validate()]);
    assert!(standing(&hub).is_validated());
}

/// Goal: what a référent·e lets in from quarantine is somebody else's edit all the same. Method: a forbidden change with
/// a field in it, accepted.
#[test]
fn an_accepted_change_breaks_a_validation() {
    let (mut hub, mut rose, mut amina) = validated();
    let archive = Edit::Archive { structure: id(1), by: "Amina".into(), why: "fermé".into() };
    let change = amina.edits(&[archive, set("phone", "02")]);
    hub.exchange(&mut [&mut rose, &mut amina]);
    assert!(standing(&hub).is_validated(), "it waits");
    let (person, decision) = (person(5, Role::Referent), Decision::Accept);
    hub.handle([Input::Decide { ticket: 1, person, change, decision, through: false }]);
    assert!(standing(&hub).is_archived() && standing(&hub).is_to_review());
}
