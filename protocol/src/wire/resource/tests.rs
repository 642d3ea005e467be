//! A structure's JSON, which interfaces and reusers rely on.
#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "a test may panic, and its cases are data")]

use expect_test::expect;

use crate::schema::read;
use crate::schema::record::Value;
use crate::schema::tests::{NOW, at, furnished, id, replica};
use crate::schema::write::{Edit, perform};

/// Goal: a structure with everything a structure may have, and one with a name alone, in JSON.
#[test]
fn structures_in_json() {
    let mut doc = furnished();
    let set = |path: &str, value| Edit::Set { address: at(path), value: Some(value) };
    let edits = [
        set("itinerant", Value::Flag(true)),
        set("latitude", Value::Number(48.19)),
        Edit::Include { address: at("emails"), member: "b@example.org".to_owned() },
        Edit::Include { address: at("emails"), member: "a@example.org".to_owned() },
        set(&format!("services/{}/eadmin_staff", id(2)), Value::Integer(2)),
        Edit::Confirm { structure: id(1), by: "Amina".to_owned(), how: "call".to_owned() },
        Edit::AddStructure { id: id(9), name: "Mairie".to_owned() },
    ];
    perform(&mut doc, &edits, NOW).unwrap();
    let mut other = replica(&doc, 2);
    perform(&mut doc, &[set("phone", "02".into())], NOW).unwrap();
    perform(&mut other, &[set("phone", "03".into())], NOW).unwrap();
    doc.merge(&mut other).unwrap();
    let all: Vec<_> =
        read::structures(&doc).iter().map(|(id, record)| super::structure(id, record)).collect();
    expect![[r#"
        [
          {
            "archived": null,
            "confirmed": {
              "at": "2026-05-12T08:00:00Z",
              "by": "Amina",
              "how": "call"
            },
            "conflicts": [
              {
                "path": "phone",
                "values": [
                  "03",
                  "02"
                ]
              }
            ],
            "created_at": "2026-05-12T08:00:00Z",
            "emails": [
              "a@example.org",
              "b@example.org"
            ],
            "findings": [],
            "helpers": [
              {
                "id": "01917f3e-0000-7000-8000-000000000003",
                "name": "Amina"
              }
            ],
            "id": "01917f3e-0000-7000-8000-000000000001",
            "itinerant": true,
            "latitude": 48.19,
            "name": "Médiathèque",
            "phone": "03",
            "services": [
              {
                "created_at": "2026-05-12T08:00:00Z",
                "eadmin_staff": 2,
                "family": "assist",
                "id": "01917f3e-0000-7000-8000-000000000002"
              }
            ],
            "validation": null
          },
          {
            "archived": null,
            "confirmed": null,
            "conflicts": [],
            "created_at": "2026-05-12T08:00:00Z",
            "findings": [],
            "helpers": [],
            "id": "01917f3e-0000-7000-8000-000000000009",
            "name": "Mairie",
            "services": [],
            "validation": null
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&all).unwrap());
}
