//! The history of a territory's indicators: one point a day on which something changed, and points that a référent·e
//! asks for and names. One row a territory and year, so that a day writes little and years are read one by one.
//!
//! A day's point holds the figures as they were when the day ended: [`Diary`] says which day is over. A point whose
//! figures are those of the point before it is not kept: nothing moved.

pub mod diary;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use portrea_indicators::progress::{Headlines, Point};
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use portrea_territory::territory::Territory;
use tokio::sync::{Mutex, MutexGuard};

use crate::clock;
use crate::commit::Committer;
use crate::store::{Row, Store, StoreError, Table};

pub use self::diary::Diary;

/// The most named points that a territory keeps for a year.
pub const NAMED_MAX: usize = 100;

/// The longest name of a point, in characters.
pub const NAME_CHARS_MAX: usize = 80;

/// One change of points at a time: a row is read, changed and written.
static WRITING: Mutex<()> = Mutex::const_new(());

/// Why a point is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PointError {
    /// The name is empty or too long.
    #[error("a point's name has 1 to {NAME_CHARS_MAX} characters")]
    Name,
    /// There are as many of this year as a territory keeps.
    #[error("a territory keeps {NAMED_MAX} named points a year")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The figures as they stand, for a day.
pub fn point(territory: &Territory, day: NaiveDate, at: UnixMillis) -> Point {
    Point {
        id: None,
        day: day.to_string(),
        at: at.to_rfc3339(),
        name: None,
        by: None,
        heads: territory.heads().iter().map(ToString::to_string).collect(),
        figures: Headlines::of(&territory.engine().portrait()),
    }
}

/// Every point of a territory, oldest first: those of the years from `since` to `until`, and of earlier ones as far as
/// year follows on year.
pub async fn all(
    committer: &Committer,
    territory: TerritoryId,
    since: i32,
    until: i32,
) -> Result<Vec<Point>, StoreError> {
    let mut years = Vec::new();
    for year in (0..=until).rev() {
        let points = of_year(committer, territory, year).await?;
        if points.is_empty() && year < since {
            break;
        }
        years.push(points);
    }
    Ok(years.into_iter().rev().flatten().collect())
}

/// Keeps the point of a day, in the place of an earlier one of that day; `false` where its figures moved nowhere.
pub async fn keep_day(
    committer: &Committer,
    territory: TerritoryId,
    day: NaiveDate,
    point: Point,
) -> Result<bool, StoreError> {
    let _writing = WRITING.lock().await;
    let mut points = of_year(committer, territory, day.year()).await?;
    let earlier = if points.is_empty() {
        of_year(committer, territory, day.year().saturating_sub(1)).await?.pop()
    } else {
        None
    };
    if !take(&mut points, earlier.as_ref(), point) {
        return Ok(false);
    }
    committer.put(vec![row(territory, day.year(), &points)]).await?;
    Ok(true)
}

/// Keeps a point under a name.
pub async fn keep_named(
    committer: &Committer,
    territory: TerritoryId,
    year: i32,
    (name, by): (&str, &str),
    point: Point,
) -> Result<Point, PointError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(PointError::Name);
    }
    let _writing = WRITING.lock().await;
    let mut points = of_year(committer, territory, year).await?;
    if points.iter().filter(|point| point.name.is_some()).count() >= NAMED_MAX {
        return Err(PointError::Full);
    }
    let id = Some(clock::uuid().to_string());
    let point = Point { id, name: Some(name), by: Some(by.to_owned()), ..point };
    points.push(point.clone());
    points.sort_by(|a, b| (&a.day, &a.at).cmp(&(&b.day, &b.at)));
    committer.put(vec![row(territory, year, &points)]).await?;
    Ok(point)
}

/// Forgets a named point, in one write with the row that `note` makes of its name; `false` where there is none of that id.
pub async fn forget(
    committer: &Committer,
    territory: TerritoryId,
    id: &str,
    note: impl FnOnce(String) -> Row,
) -> Result<bool, StoreError> {
    let _writing = WRITING.lock().await;
    for (key, mut points) in years(committer, territory).await? {
        let Some(at) =
            points.iter().position(|point| point.name.is_some() && point.id.as_deref() == Some(id))
        else {
            continue;
        };
        let name = points.remove(at).name.unwrap_or_default();
        let row = Row { table: Table::Progress, key, value: Some(written(&points)) };
        committer.put(vec![row, note(name)]).await?;
        return Ok(true);
    }
    Ok(false)
}

/// The rows of a territory's points without somebody's names, years in which none of them is theirs left out. Nobody keeps
/// points until what comes with it is dropped.
pub async fn without(
    committer: &Committer,
    territory: TerritoryId,
    names: &BTreeSet<String>,
    nobody: &str,
) -> Result<(Vec<Row>, MutexGuard<'static, ()>), StoreError> {
    let writing = WRITING.lock().await;
    let mut rows = Vec::new();
    for (key, mut points) in years(committer, territory).await? {
        let theirs = |point: &Point| point.by.as_ref().is_some_and(|by| names.contains(by));
        if points.iter().any(theirs) {
            points
                .iter_mut()
                .filter(|point| theirs(point))
                .for_each(|point| point.by = Some(nobody.to_owned()));
            rows.push(Row { table: Table::Progress, key, value: Some(written(&points)) });
        }
    }
    Ok((rows, writing))
}

/// The rows of a territory whose past is known when it is made.
pub fn rows(territory: TerritoryId, past: Vec<(NaiveDate, Point)>) -> Vec<Row> {
    let mut years: BTreeMap<i32, Vec<Point>> = BTreeMap::new();
    let mut earlier: Option<Point> = None;
    for (day, point) in past {
        if take(years.entry(day.year()).or_default(), earlier.as_ref(), point.clone()) {
            earlier = Some(point);
        }
    }
    years
        .iter()
        .filter(|(_, points)| !points.is_empty())
        .map(|(year, points)| row(territory, *year, points))
        .collect()
}

/// Takes a day's point in; `false` where the latest point, or the `earlier` one of a year before, says the same.
fn take(points: &mut Vec<Point>, earlier: Option<&Point>, point: Point) -> bool {
    let others = || points.iter().filter(|other| other.name.is_some() || other.day != point.day);
    let before = others().rfind(|other| other.day <= point.day).or(earlier);
    let same = before.is_some_and(|before| before.figures == point.figures);
    let at = points.iter().position(|other| other.name.is_none() && other.day == point.day);
    match (at.and_then(|at| points.get_mut(at)), same) {
        (Some(standing), _) if standing.figures == point.figures => return false,
        (Some(standing), _) => *standing = point,
        (None, true) => return false,
        (None, false) => points.push(point),
    }
    points.sort_by(|a, b| (&a.day, &a.at).cmp(&(&b.day, &b.at)));
    true
}

/// Every year of a territory with its row's key.
async fn years(
    committer: &Committer,
    territory: TerritoryId,
) -> Result<Vec<(Vec<u8>, Vec<Point>)>, StoreError> {
    let kept = committer.read(|store: &dyn Store| store.scan(Table::Progress)).await?;
    let here = kept.into_iter().filter(|(key, _)| key.starts_with(territory.0.as_bytes()));
    here.map(|(key, value)| Ok((key, read(&value)?))).collect()
}

async fn of_year(committer: &Committer, territory: TerritoryId, year: i32) -> Result<Vec<Point>, StoreError> {
    let row =
        committer.read(move |store: &dyn Store| store.get(Table::Progress, &key(territory, year))).await?;
    row.map_or_else(|| Ok(Vec::new()), |row| read(&row))
}

fn read(row: &[u8]) -> Result<Vec<Point>, StoreError> {
    let mut points: Vec<Point> = serde_json::from_slice(row).map_err(|error| {
        StoreError::Damaged(format!("the points of a territory's year cannot be read: {error}"))
    })?;
    // Named points of an earlier version have no id: they are known by their moment.
    for point in points.iter_mut().filter(|point| point.name.is_some() && point.id.is_none()) {
        point.id = Some(point.at.clone());
    }
    Ok(points)
}

fn written(points: &[Point]) -> Vec<u8> {
    serde_json::to_vec(points).expect("points have a JSON form")
}

fn row(territory: TerritoryId, year: i32, points: &[Point]) -> Row {
    Row { table: Table::Progress, key: key(territory, year), value: Some(written(points)) }
}

fn key(territory: TerritoryId, year: i32) -> Vec<u8> {
    [territory.0.as_bytes().as_slice(), &year.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests;
