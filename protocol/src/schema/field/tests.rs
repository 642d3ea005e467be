//! The tables themselves, and that the protocol's page tells all of them.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::{CONFIRMED, Field, HELPER, Kind, MARK, SERVICE, STRUCTURE, VALIDATION, find};
use crate::schema::record::Finding;

const PAGE: &str = include_str!("../../../../docs/protocol.md");

fn kind(field: &Field) -> &'static str {
    match field.kind {
        Kind::Text => "text",
        Kind::Prose => "prose",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Flag => "flag",
        Kind::Instant => "instant",
        Kind::Set => "set",
    }
}

/// Goal: every field stands in `docs/protocol.md` under its heading, with its kind and its words, in the table's
/// order, and nothing else does.
#[test]
fn every_field_is_in_the_docs() {
    for (heading, table) in [
        ("### Structure", STRUCTURE),
        ("### Service", SERVICE),
        ("### Helper", HELPER),
        ("### `confirmed`", CONFIRMED),
        ("### `archived`", MARK),
        ("### `validation`", VALIDATION),
    ] {
        let section = PAGE.split_once(&format!("\n{heading}\n")).expect(heading).1;
        let section = section.split("\n#").next().unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), table.len(), "{heading}");
        for (row, field) in rows.iter().zip(table) {
            assert!(
                row.starts_with(&format!("| `{}` | {} | {}", field.key, kind(field), field.label_en)),
                "{row}"
            );
            for word in field.choices {
                assert!(row.contains(&format!("`{word}`")), "{row} lacks {word}");
            }
        }
    }
}

/// Goal: every finding's code stands in the page.
#[test]
fn every_finding_is_in_the_docs() {
    for finding in [
        Finding::WrongType,
        Finding::Unreadable,
        Finding::UnknownWord,
        Finding::UnknownField,
        Finding::NotAUuid,
        Finding::NoName,
        Finding::CommuneElsewhere,
        Finding::PositionOdd,
    ] {
        assert!(PAGE.contains(&format!("`{}`", finding.code())), "{}", finding.code());
    }
}

/// Goal: keys are unique in their table, found by name, labelled twice, and no inner map's name.
#[test]
fn tables_are_sound() {
    for table in [STRUCTURE, SERVICE, HELPER, CONFIRMED, MARK, VALIDATION] {
        let keys: BTreeSet<&str> = table.iter().map(|field| field.key).collect();
        assert_eq!(keys.len(), table.len());
        for field in table {
            assert_eq!(find(table, field.key), Some(field));
            assert!(!field.label_fr.is_empty() && !field.label_en.is_empty());
            assert!(
                !["services", "helpers", "confirmed", "archived", "validation", "id"].contains(&field.key)
            );
            assert!(
                field.choices.is_empty() || matches!(field.kind, Kind::Text | Kind::Set),
                "{}",
                field.key
            );
        }
        assert_eq!(find(table, "colour"), None);
    }
}
