//! Three devices of the `portrea` command, and what the référent·e sees of them.

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::wire::feed::{Event, FeedEvent};
use portrea_tests::live::Live;
use portrea_tests::live::web::Person;
use serde_json::{Value as Json, json};

/// Goal: concurrent edits of one record meet, whoever was offline. Method: three devices, the record's heads on each.
#[test]
fn three_devices_edit_one_record_and_converge() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let [amina, bruno, chloe] = ["Amina", "Bruno", "Chloé"].map(|name| live.device(Role::Contributor, name));
    let mut feed = rose.feed();

    let id = amina.add("Médiathèque de Médréac", &["--commune", "35171", "--family", "assist"]);
    bruno.sync();
    chloe.sync();

    chloe.set(&id, "phone", "02 99 33 33 33", &["--offline"]);
    chloe.set(&id, "publics", "seniors", &["--add", "--offline"]);
    amina.set(&id, "phone", "02 99 11 11 11", &[]);
    amina.set(&id, "publics", "jeunes", &["--add"]);
    bruno.set(&id, "address", "3 rue de l’Église", &[]);
    chloe.sync();
    amina.sync();
    bruno.sync();

    let shown = [&amina, &bruno, &chloe].map(|device| device.show(&id));
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[1], shown[2]);
    assert_eq!(shown[0]["address"], "3 rue de l’Église");
    assert_eq!(shown[0]["publics"], json!(["jeunes", "seniors"]), "additions to a set merge");
    assert_eq!(amina.heads(), rose.read("/indicators")["heads"]);

    // Two answers to one question: both are kept, both are shown, to everybody.
    let both = |values: &Json| {
        let values = values.as_array().unwrap();
        values.len() == 2
            && values.contains(&json!("02 99 33 33 33"))
            && values.contains(&json!("02 99 11 11 11"))
    };
    assert_eq!(shown[0]["conflicts"][0]["path"], "phone");
    assert!(both(&shown[0]["conflicts"][0]["values"]), "{}", shown[0]);
    let conflicts = rose.read("/conflicts");
    assert_eq!(conflicts.as_array().unwrap().len(), 1, "{conflicts}");
    assert_eq!((&conflicts[0]["structure"], &conflicts[0]["path"]), (&json!(id), &json!("phone")));
    assert!(both(&conflicts[0]["values"]), "{conflicts}");
    let mut by: Vec<&str> = conflicts[0]["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["by"].as_str().unwrap())
        .collect();
    by.sort_unstable();
    assert_eq!(by, ["Amina", "Chloé"]);

    // The feed told each edit once, with who made it.
    bruno.set(&id, "summary", "fin", &[]);
    let seen =
        feed.until(|event| matches!(&event.event, Event::FieldChanged { path, .. } if path == "summary"));
    let told = |path: &str, name: &str| {
        let about = |event: &FeedEvent| matches!(&event.event, Event::FieldChanged { path: own, .. } | Event::Conflict { path: own, .. } if own == path);
        let by = |event: &FeedEvent| event.author.as_ref().is_some_and(|author| author.name == name);
        seen.iter().filter(|event| about(event) && by(event)).count()
    };
    assert_eq!(seen.iter().filter(|event| event.event == Event::Created).count(), 1);
    assert_eq!([told("phone", "Amina"), told("address", "Bruno")], [1, 1], "{seen:#?}");
    assert!(told("phone", "Chloé") >= 1 && told("publics", "Chloé") >= 1, "{seen:#?}");
    assert!(seen.iter().any(|event| matches!(&event.event, Event::Conflict { path, .. } if path == "phone")));
    for (before, after) in seen.iter().zip(seen.iter().skip(1)) {
        assert_eq!(before.id + 1, after.id, "the feed is dense");
    }
}

/// Goal: an edit moves the indicators that it concerns, and the feed says so. Method: the portrait before and after.
#[test]
fn hours_of_help_move_the_indicators() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    let id = amina.add("France Services", &["--commune", "35184", "--family", "assist"]);
    let before = rose.read("/indicators/35184");
    let whole = rose.read("/indicators");
    let mut feed = rose.feed();
    amina.set(&id, "assist/weekly_eadmin_hours", "12.5", &[]);

    let after = rose.until(|person| {
        let portrait = person.read("/indicators/35184");
        (portrait != before).then_some(portrait)
    });
    // Missing is not zero: nobody said any hours before.
    assert_eq!(before["offer"]["assist"]["weeklyEadminHours"], Json::Null);
    let hours =
        |portrait: &Json| portrait["offer"]["assist"]["weeklyEadminHours"].as_f64().unwrap_or_default();
    assert!((hours(&after) - hours(&before) - 12.5).abs() < 1e-9, "{before} → {after}");
    let moved = hours(&rose.read("/indicators")["territory"]) - hours(&whole["territory"]);
    assert!((moved - 12.5).abs() < 1e-9);
    let seen = feed.until(|event| matches!(event.event, Event::Indicators { .. }));
    let Some(Event::Indicators { changes }) = seen.last().map(|event| &event.event) else { unreachable!() };
    let told = changes.iter().any(|change| {
        change.commune.as_ref().is_some_and(|code| code.as_str() == "35184")
            && change.indicator == "offer.assist.weeklyEadminHours"
            && change.after == Some(hours(&after))
    });
    assert!(told, "{changes:?}");
}

/// Goal: the same portrait is not sent twice. Method: its tag, before and after an edit.
#[test]
fn a_portrait_that_did_not_change_is_not_sent_again() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let path = format!("/territories/{}/indicators", live.territory());
    let first = rose.call("GET", &path, &[], None);
    let tag = first.header("etag").to_owned();
    let again = |tag: &str| rose.call("GET", &path, &[("if-none-match", tag)], None);
    assert_eq!((again(&tag).status, again(&tag).body.as_str()), (304, ""));
    live.device(Role::Contributor, "Amina").add("Mairie", &[]);
    let now = again(&tag);
    assert_eq!(now.status, 200);
    assert_ne!(now.header("etag"), tag);
}
