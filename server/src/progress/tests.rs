//! Points of days and named ones, over a store in memory.

use std::sync::Arc;

use portrea_indicators::engine::Engine;
use portrea_indicators::statistics::Statistics;

use super::*;
use crate::clock;
use crate::store::memory::MemoryStore;

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

/// A point of a day with so many structures.
fn of(date: &str, structures: u64) -> Point {
    let figures = Headlines::of(&Engine::new(Statistics::default()).portrait());
    Point {
        id: None,
        day: date.to_owned(),
        at: format!("{date}T10:00:00Z"),
        name: None,
        by: None,
        heads: vec![structures.to_string()],
        figures: Headlines { structures, ..figures },
    }
}

/// Goal: one point a day, the last one of it, and none where nothing moved, over the turn of the year too. Method: days
/// with their structures; whether each is kept.
#[tokio::test]
async fn a_day_has_one_point_and_stillness_none() {
    let committer = Committer::spawn(Arc::new(MemoryStore::default()));
    let (here, there) = (TerritoryId(clock::uuid()), TerritoryId(clock::uuid()));
    for (date, structures, kept) in [
        ("2025-12-30", 1, true),
        ("2025-12-30", 1, false),
        ("2025-12-30", 2, true),
        ("2025-12-31", 2, false),
        ("2026-01-01", 2, false),
        ("2026-01-02", 3, true),
        ("2026-01-04", 2, true),
    ] {
        let done = keep_day(&committer, here, day(date), of(date, structures)).await.expect("kept");
        assert_eq!(done, kept, "{date} {structures}");
    }
    let points = all(&committer, here, 2025, 2026).await.expect("read");
    let told: Vec<_> = points.iter().map(|point| (point.day.as_str(), point.figures.structures)).collect();
    assert_eq!(told, [("2025-12-30", 2), ("2026-01-02", 3), ("2026-01-04", 2)]);
    assert_eq!(all(&committer, here, 2026, 2026).await.expect("read"), points, "earlier years are found");
    assert_eq!(all(&committer, there, 2025, 2026).await.expect("read"), []);
}

/// Goal: a named point stands beside the day's, with who asked for it. Method: names, good and bad, up to the bound.
#[tokio::test]
async fn named_points_stand_beside() {
    let committer = Committer::spawn(Arc::new(MemoryStore::default()));
    let here = TerritoryId(clock::uuid());
    assert!(keep_day(&committer, here, day("2026-01-02"), of("2026-01-02", 3)).await.expect("kept"));
    for name in ["", " ", "a\u{7}", &"x".repeat(81)] {
        let kept = keep_named(&committer, here, 2026, (name, "Rose"), of("2026-01-02", 3)).await;
        assert!(matches!(kept, Err(PointError::Name)), "{name}");
    }
    let kept =
        keep_named(&committer, here, 2026, (" Avant  la collecte ", "Rose"), of("2026-01-02", 3)).await;
    assert_eq!(kept.expect("kept").name.as_deref(), Some("Avant la collecte"));
    assert!(!keep_day(&committer, here, day("2026-01-03"), of("2026-01-03", 3)).await.expect("read"));
    let points = all(&committer, here, 2026, 2026).await.expect("read");
    let named: Vec<_> = points.iter().map(|point| (point.name.as_deref(), point.by.as_deref())).collect();
    assert_eq!(named, [(None, None), (Some("Avant la collecte"), Some("Rose"))]);
    let rose = std::collections::BTreeSet::from(["Rose".to_owned()]);
    assert!(without(&committer, TerritoryId(clock::uuid()), &rose, "…").await.expect("read").0.is_empty());
    let (rows, writing) = without(&committer, here, &rose, "…").await.expect("read");
    assert_eq!(rows.len(), 1);
    committer.put(rows).await.expect("kept");
    drop(writing);
    let points = all(&committer, here, 2026, 2026).await.expect("read");
    assert_eq!(
        points.last().and_then(|point| point.by.as_deref()),
        Some("…"),
        "an erased name is in no point"
    );
    for number in 1..NAMED_MAX {
        let name = number.to_string();
        keep_named(&committer, here, 2026, (&name, "Rose"), of("2026-01-02", 3)).await.expect("kept");
    }
    let full = keep_named(&committer, here, 2026, ("one more", "Rose"), of("2026-01-02", 3)).await;
    assert!(matches!(full, Err(PointError::Full)));
}

/// Goal: a named point goes, and nothing else, in one write with the word about it. Method: two names over two years, one
/// of them kept by an earlier version; points of days have no id to be forgotten by.
#[tokio::test]
async fn a_named_point_is_forgotten() {
    let committer = Committer::spawn(Arc::new(MemoryStore::default()));
    let (here, there) = (TerritoryId(clock::uuid()), TerritoryId(clock::uuid()));
    let earlier =
        Point { name: Some("Avant".to_owned()), by: Some("Rose".to_owned()), ..of("2025-12-30", 1) };
    committer.put(vec![row(here, 2025, &[earlier, of("2025-12-30", 1)])]).await.expect("kept");
    let after =
        keep_named(&committer, here, 2026, ("Après", "Rose"), of("2026-01-02", 3)).await.expect("kept");
    let note =
        |name: String| Row { table: Table::Act, key: b"note".to_vec(), value: Some(name.into_bytes()) };
    let names = || async {
        let points = all(&committer, here, 2025, 2026).await.expect("read");
        points.into_iter().map(|point| point.name).collect::<Vec<_>>()
    };
    let id = after.id.expect("a named point has an id");
    for (territory, id) in [(there, id.as_str()), (here, "x"), (here, ""), (here, "2026-01-02T10:00:00Z")] {
        assert!(!forget(&committer, territory, id, note).await.expect("read"), "{id}");
    }
    assert_eq!(names().await, [Some("Avant".to_owned()), None, Some("Après".to_owned())]);
    assert!(forget(&committer, here, "2025-12-30T10:00:00Z", note).await.expect("written"));
    assert_eq!(names().await, [None, Some("Après".to_owned())]);
    let noted = committer.read(|store: &dyn Store| store.get(Table::Act, b"note")).await.expect("read");
    assert_eq!(noted.as_deref(), Some("Avant".as_bytes()));
    assert!(forget(&committer, here, &id, note).await.expect("written"));
    assert!(!forget(&committer, here, &id, note).await.expect("read"), "once");
    assert_eq!(names().await, [None]);
}
