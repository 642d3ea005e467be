//! What the indicators see of a record, and what they do not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_indicators::fixed::CentiHours;
use portrea_indicators::resource::{Family, Resource, Service};
use portrea_indicators::statistics::Position;
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};

use super::of;
use crate::tests::{NOW, first, furnished, id, put, set};

fn seen(edits: &[Edit]) -> Resource {
    let mut doc = furnished();
    perform(&mut doc, edits, NOW).unwrap();
    of(&first(&doc))
}

/// Goal: where it is, what it gives and how much are seen; a missing figure stays missing.
#[test]
fn place_and_capacity_are_seen() {
    let bare = Resource { helpers: 1, services: vec![Service::new(Family::Assist)], ..Resource::default() };
    assert_eq!(seen(&[]), bare);
    let service = |field: &str| format!("services/{}/{field}", id(2));
    let full = seen(&[
        set("commune", "35184"),
        put("latitude", Value::Number(48.2)),
        put("longitude", Value::Number(-2.05)),
        put(&service("eadmin_staff"), Value::Integer(2)),
        put(&service("weekly_hours"), Value::Number(35.5)),
        put(&service("weekly_eadmin_hours"), Value::Number(0.0)),
        Edit::Archive { structure: id(1), by: "R".to_owned(), why: "fermé".to_owned() },
    ]);
    assert_eq!(
        full,
        Resource {
            commune: Some("35184".into()),
            position: Some(Position { lat: 48.2, lon: -2.05 }),
            archived: true,
            helpers: 1,
            services: vec![Service {
                eadmin_staff: Some(2),
                weekly_hours: CentiHours::from_hours(35.5),
                weekly_eadmin_hours: CentiHours::from_hours(0.0),
                ..Service::new(Family::Assist)
            }],
        }
    );
}

/// Goal: an edit of anything else leaves the view as it was, and so costs the portrait nothing.
#[test]
fn nothing_else_is_seen() {
    let confirm = Edit::Confirm { structure: id(1), by: "A".to_owned(), how: "call".to_owned() };
    assert_eq!(seen(&[set("name", "Autre"), set("phone", "1"), set("notes", "a"), confirm]), seen(&[]));
}
