//! How a territory's figures have been: a point a day, and one whenever somebody asks for it.
//!
//! A point is the portrait of the territory as the document stood, with its heads. The keeper asks [`Diary`] after each
//! batch and when it ends: the first batch of a day closes the day before, so that a day's point is how it ended. A day
//! on which nothing changed has none: the figures are those of the point before. Kept a row a territory and year.

use std::collections::BTreeMap;

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use portrea_territory::territory::Territory;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::commit::Committer;
use crate::store::{Row, Store, StoreError, Table};

/// A row is read, changed and written: one at a time.
static WRITING: Mutex<()> = Mutex::const_new(());

/// The figures of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// The day, in UTC (`2026-11-28`).
    pub day: String,
    /// When the figures were drawn (RFC 3339).
    pub at: String,
    /// The document's heads that they were drawn from.
    pub heads: Vec<String>,
    /// The territory's figures by their paths in the portrait; a missing one is null.
    pub figures: BTreeMap<String, Option<f64>>,
}

impl Point {
    /// The figures as they are.
    pub fn of(now: UnixMillis, territory: &Territory) -> Self {
        Self {
            day: day(now),
            at: now.to_rfc3339(),
            heads: heads(territory),
            figures: territory.engine().territory().figures().into_iter().collect(),
        }
    }
}

/// What a keeper remembers of the day at hand.
#[derive(Debug)]
pub struct Diary {
    day: String,
    /// When the last batch of the day was taken; nothing while nothing changed since the last point.
    changed: Option<UnixMillis>,
    heads: Vec<String>,
}

impl Diary {
    /// Begins with a territory that was opened; `last` are the heads of its last point.
    pub fn begin(now: UnixMillis, territory: &Territory, last: Option<Vec<String>>) -> Self {
        let heads = heads(territory);
        // What came after the last point, before a crash perhaps, makes one more.
        let changed = (last.as_ref() != Some(&heads)).then_some(now);
        Self { day: day(now), changed, heads }
    }

    /// Before a batch: the point of the day before, if that day is over and something changed on it.
    pub fn turn(&mut self, now: UnixMillis, territory: &Territory) -> Option<Point> {
        let today = day(now);
        if today == self.day {
            return None;
        }
        self.day = today;
        self.changed.take().map(|at| Point::of(at, territory))
    }

    /// After a batch.
    pub fn note(&mut self, now: UnixMillis, territory: &Territory) {
        let heads = heads(territory);
        if heads != self.heads {
            self.heads = heads;
            self.changed = Some(now);
        }
    }

    /// When the keeper ends: the point of the day so far, if something changed on it.
    pub fn end(&mut self, territory: &Territory) -> Option<Point> {
        self.changed.take().map(|at| Point::of(at, territory))
    }
}

/// Keeps a point; another of the same day goes.
pub async fn keep(committer: &Committer, territory: TerritoryId, point: Point) -> Result<(), StoreError> {
    let _writing = WRITING.lock().await;
    let year = year(&point.day);
    let mut points = of_year(committer, territory, year).await?;
    points.retain(|standing| standing.day != point.day);
    points.push(point);
    points.sort_by(|one, other| one.day.cmp(&other.day));
    let value = serde_json::to_vec(&points).expect("points have a JSON form");
    committer.put(vec![Row { table: Table::History, key: key(territory, year), value: Some(value) }]).await
}

/// The points of these years, oldest first.
pub async fn points(
    committer: &Committer,
    territory: TerritoryId,
    years: impl IntoIterator<Item = u16>,
) -> Result<Vec<Point>, StoreError> {
    let mut all = Vec::new();
    for year in years {
        all.extend(of_year(committer, territory, year).await?);
    }
    Ok(all)
}

/// The last point of this year or of the one before.
pub async fn last(
    committer: &Committer,
    territory: TerritoryId,
    now: UnixMillis,
) -> Result<Option<Point>, StoreError> {
    let year = year(&day(now));
    Ok(points(committer, territory, [year.saturating_sub(1), year]).await?.pop())
}

/// The years from one instant to another.
pub fn years(from: UnixMillis, to: UnixMillis) -> impl Iterator<Item = u16> {
    year(&day(from))..=year(&day(to))
}

async fn of_year(committer: &Committer, territory: TerritoryId, year: u16) -> Result<Vec<Point>, StoreError> {
    let key = key(territory, year);
    let row = committer.read(move |store: &dyn Store| store.get(Table::History, &key)).await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    serde_json::from_slice(&row)
        .map_err(|error| StoreError::Damaged(format!("a territory's history cannot be read: {error}")))
}

fn key(territory: TerritoryId, year: u16) -> Vec<u8> {
    [territory.0.as_bytes().as_slice(), &year.to_be_bytes()].concat()
}

fn day(at: UnixMillis) -> String {
    at.to_rfc3339().chars().take(10).collect()
}

fn year(day: &str) -> u16 {
    day.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default()
}

fn heads(territory: &Territory) -> Vec<String> {
    territory.heads().iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
