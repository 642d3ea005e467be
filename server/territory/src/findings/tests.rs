//! What is flagged in a record, given the territory's communes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};

use super::of;
use crate::tests::{NOW, first, furnished, put, set, statistics};

fn check(edits: &[Edit], expected: &[&str]) {
    let mut doc = furnished();
    perform(&mut doc, edits, NOW).unwrap();
    let found = of(&first(&doc), &statistics());
    let found: Vec<String> =
        found.iter().map(|(path, finding)| format!("{path} {}", finding.code())).collect();
    assert_eq!(found, expected, "{edits:?}");
}

/// Goal: a commune that is missing or foreign, and a place that is far from it or half given, are flagged. Montauban
/// stands at 48.2, −2.05.
#[test]
fn communes_and_places_are_compared() {
    let degrees = |path: &str, degrees| put(path, Value::Number(degrees));
    let at = |lat, lon| [set("commune", "35184"), degrees("latitude", lat), degrees("longitude", lon)];
    let elsewhere = "commune commune_elsewhere";
    check(&[], &[elsewhere]);
    check(&[set("commune", "75056")], &[elsewhere]);
    check(&[set("commune", "35184")], &[]);
    check(&at(48.2, -2.05), &[]);
    check(&at(48.45, -2.05), &[]);
    check(&at(48.55, -2.05), &["latitude position_odd"]);
    // A degree of longitude is two thirds of one of latitude here.
    check(&at(48.2, -2.45), &[]);
    check(&at(48.2, -2.55), &["latitude position_odd"]);
    check(&at(-2.05, 48.2), &["latitude position_odd"]);
    check(&at(48.2, 2.05), &["latitude position_odd"]);
    check(&[set("commune", "35184"), degrees("latitude", 48.2)], &["latitude position_odd"]);
    check(&[degrees("latitude", 48.2), degrees("longitude", 40.0)], &[elsewhere]);
}

/// Goal: what reading found stays beside what the territory tells.
#[test]
fn what_reading_found_is_kept() {
    let mut doc = furnished();
    let object = portrea_protocol::schema::read::structure_object(&doc, &crate::tests::id(1)).unwrap();
    crate::tests::raw(&mut doc, |tx| {
        automerge::transaction::Transactable::put(tx, &object, "colour", "bleu")
    });
    let found = of(&first(&doc), &statistics());
    let codes: Vec<&str> = found.iter().map(|(_, finding)| finding.code()).collect();
    assert_eq!(codes, ["unknown_field", "commune_elsewhere"]);
}
