//! What tables have in common that hold several rows a commune: one a date, a category, a kind.

use std::collections::BTreeSet;

use portrea_indicators::series::{Level, Series, Source, Unit, find};
use portrea_protocol::ids::InseeCode;

use super::kind::Kind;
use super::{Told, producer};
use crate::exchange::finding::{FileFinding, Message, Spot};
use crate::exchange::table::Row;
use crate::exchange::words::folded;

/// The column that has one of these names, whatever their case, accents and marks between words.
pub(super) fn column(header: &[String], names: &[&str]) -> Option<usize> {
    header.iter().position(|column| names.contains(&folded(column).as_str()))
}

/// The latest date among rows; "" where there is no such column.
pub(super) fn newest<'a>(rows: impl Iterator<Item = &'a Row>, date: Option<usize>) -> String {
    date.and_then(|at| rows.map(|row| row.cell(at)).max()).unwrap_or_default().to_owned()
}

/// The vintage of a date: its year, where nobody told another.
pub(super) fn vintage(told: &Told, date: &str) -> Option<u16> {
    told.vintage.or_else(|| date.get(..4).and_then(|year| year.parse().ok()))
}

/// A series of communes without a figure yet, read from one column.
pub(super) fn empty(kind: Kind, key: &str, vintage: Option<u16>, told: &Told, column: &str) -> Series {
    Series {
        key: key.to_owned(),
        unit: find(key).map_or(Unit::People, |known| known.unit),
        level: Level::Commune,
        vintage,
        source: Source {
            file: told.file.clone(),
            producer: producer(kind, told, &BTreeSet::new()),
            columns: column.to_owned(),
        },
        values: std::collections::BTreeMap::new(),
        partial: BTreeSet::new(),
        secret: BTreeSet::new(),
        moved: BTreeSet::new(),
    }
}

/// Puts a figure into a series; one that is not published is secret.
pub(super) fn put(series: &mut Series, commune: &InseeCode, value: Option<f64>) {
    match value {
        Some(value) => drop(series.values.insert(commune.clone(), value)),
        None => drop(series.secret.insert(commune.clone())),
    }
}

/// A row whose code is none.
pub(super) fn bad_code(line: u64, code: &InseeCode) -> FileFinding {
    FileFinding::new(
        "bad_code",
        Spot::line(line),
        Message::new(
            format!("code INSEE mal formé, ligne laissée de côté : {code}"),
            format!("malformed INSEE code, line left out: {code}"),
        ),
    )
}
