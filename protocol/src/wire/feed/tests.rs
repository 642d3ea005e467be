//! The feed's JSON, which interfaces and reusers rely on.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::json;
use uuid::Uuid;

use super::{Author, Event, FeedEvent, IndicatorChange, Subject};
use crate::ids::{ContributorId, DeviceId};
use crate::wire::quarantine::Reason;

/// Goal: every kind of event has its stable shape, and is read back as it was written.
#[test]
fn events_in_json() {
    let path = || "phone".to_owned();
    let events = [
        Event::Created,
        Event::FieldChanged { path: path(), before: json!(null), after: json!("02") },
        Event::Conflict { path: path(), values: vec![json!("02"), json!(["a", "b"])] },
        Event::Resolved { path: path(), value: json!(true) },
        Event::PartAdded { path: "services/2".to_owned(), what: "assist".to_owned() },
        Event::Confirmed { how: "call".to_owned() },
        Event::Validated,
        Event::Archived { why: "closed".to_owned() },
        Event::Unarchived,
        Event::Removed,
        Event::Joined,
        Event::Quarantined { reason: Reason::NeedsReferent, changes: 2 },
        Event::QuarantineAccepted { whose: "Amina".to_owned() },
        Event::QuarantineRejected { whose: "Amina".to_owned() },
        Event::QuarantineWithdrawn,
        Event::Indicators {
            changes: vec![IndicatorChange {
                commune: Some("35184".into()),
                indicator: "offer.assist.weeklyEadminHours".to_owned(),
                before: None,
                after: Some(7.5),
            }],
        },
    ];
    let mut all = String::new();
    for (number, event) in (1..).zip(events) {
        let told = FeedEvent {
            id: number,
            at: "2026-05-12T08:00:00Z".to_owned(),
            author: None,
            subject: None,
            erased: false,
            event,
        };
        let line = serde_json::to_string(&told).unwrap();
        assert_eq!(serde_json::from_str::<FeedEvent>(&line).unwrap(), told);
        writeln!(all, "{line}").unwrap();
    }
    expect![[r#"
        {"id":1,"at":"2026-05-12T08:00:00Z","kind":"created"}
        {"id":2,"at":"2026-05-12T08:00:00Z","kind":"field_changed","path":"phone","before":null,"after":"02"}
        {"id":3,"at":"2026-05-12T08:00:00Z","kind":"conflict","path":"phone","values":["02",["a","b"]]}
        {"id":4,"at":"2026-05-12T08:00:00Z","kind":"resolved","path":"phone","value":true}
        {"id":5,"at":"2026-05-12T08:00:00Z","kind":"part_added","path":"services/2","what":"assist"}
        {"id":6,"at":"2026-05-12T08:00:00Z","kind":"confirmed","how":"call"}
        {"id":7,"at":"2026-05-12T08:00:00Z","kind":"validated"}
        {"id":8,"at":"2026-05-12T08:00:00Z","kind":"archived","why":"closed"}
        {"id":9,"at":"2026-05-12T08:00:00Z","kind":"unarchived"}
        {"id":10,"at":"2026-05-12T08:00:00Z","kind":"removed"}
        {"id":11,"at":"2026-05-12T08:00:00Z","kind":"joined"}
        {"id":12,"at":"2026-05-12T08:00:00Z","kind":"quarantined","reason":"needs-referent","changes":2}
        {"id":13,"at":"2026-05-12T08:00:00Z","kind":"quarantine_accepted","whose":"Amina"}
        {"id":14,"at":"2026-05-12T08:00:00Z","kind":"quarantine_rejected","whose":"Amina"}
        {"id":15,"at":"2026-05-12T08:00:00Z","kind":"quarantine_withdrawn"}
        {"id":16,"at":"2026-05-12T08:00:00Z","kind":"indicators","changes":[{"commune":"35184","indicator":"offer.assist.weeklyEadminHours","before":null,"after":7.5}]}
    "#]].assert_eq(&all);
}

/// Goal: author and subject have their stable shape; what is not known is left out.
#[test]
fn authors_and_subjects_in_json() {
    let author = Author {
        contributor: ContributorId(Uuid::from_u128(1)),
        name: "Amina".to_owned(),
        device: DeviceId(Uuid::from_u128(2)),
        clock: Some("2026-05-12T07:59:58Z".to_owned()),
        reverts: Some(3),
        change: Some("00ff".to_owned()),
    };
    let subject =
        Subject { structure: "01".into(), name: "Mairie".to_owned(), commune: Some("35184".into()) };
    let full = FeedEvent {
        id: 1,
        at: "2026-05-12T08:00:00Z".to_owned(),
        author: Some(author.clone()),
        subject: Some(subject.clone()),
        erased: false,
        event: Event::Created,
    };
    let bare = FeedEvent {
        author: Some(Author { clock: None, change: None, reverts: None, ..author }),
        subject: Some(Subject { commune: None, ..subject }),
        erased: true,
        ..full.clone()
    };
    let mut all = String::new();
    for event in [full, bare] {
        let text = serde_json::to_string_pretty(&event).unwrap();
        assert_eq!(serde_json::from_str::<FeedEvent>(&text).unwrap(), event);
        writeln!(all, "{text}").unwrap();
    }
    expect![[r#"
        {
          "id": 1,
          "at": "2026-05-12T08:00:00Z",
          "author": {
            "contributor": "00000000-0000-0000-0000-000000000001",
            "name": "Amina",
            "device": "00000000-0000-0000-0000-000000000002",
            "clock": "2026-05-12T07:59:58Z",
            "change": "00ff",
            "reverts": 3
          },
          "subject": {
            "structure": "01",
            "name": "Mairie",
            "commune": "35184"
          },
          "kind": "created"
        }
        {
          "id": 1,
          "at": "2026-05-12T08:00:00Z",
          "author": {
            "contributor": "00000000-0000-0000-0000-000000000001",
            "name": "Amina",
            "device": "00000000-0000-0000-0000-000000000002"
          },
          "subject": {
            "structure": "01",
            "name": "Mairie"
          },
          "erased": true,
          "kind": "created"
        }
    "#]]
    .assert_eq(&all);
}
