//! Registered job seekers as the Dares publishes them: a row a commune, category, sex, age and date.
//!
//! Of the rows for everybody (`Total`) the newest date is read. Categories A to E are the method's; where a file has A,
//! B, C together only, that is a series of its own.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::{Level, Series, Source, find};
use portrea_protocol::ids::InseeCode;

use super::kind::Kind;
use super::{NeedsFile, Report, Told, cells, producer};
use crate::exchange::finding::{FileError, FileFinding, Message, Spot};
use crate::exchange::table::Table;
use crate::exchange::words::folded;

/// The columns of such a file.
struct Columns {
    category: usize,
    sex: Option<usize>,
    age: Option<usize>,
    date: Option<usize>,
    count: usize,
    name: Option<usize>,
}

/// Reads such a file; nothing when it is laid out in another way.
pub(super) fn read(table: &Table, code: usize, told: &Told) -> Option<Result<NeedsFile, FileError>> {
    let find = |names: &[&str]| {
        let is = |column: &String| names.contains(&folded(column).as_str());
        table.header.iter().position(is)
    };
    let columns = Columns {
        category: find(&["categorie", "categories"])?,
        sex: find(&["sexe"]),
        age: find(&["tranche d age", "age"]),
        date: find(&["date", "trimestre", "annee"]),
        count: find(&["nombre de demandeurs d emploi", "defm", "nb defm"])?,
        name: find(&["commune", "libelle commune", "libgeo"]),
    };
    Some(Ok(of(table, code, &columns, told)))
}

fn of(table: &Table, code: usize, columns: &Columns, told: &Told) -> NeedsFile {
    let everybody = |cell: &str| matches!(folded(cell).as_str(), "" | "total" | "ensemble" | "t");
    let rows = || {
        table.rows.iter().filter(|row| {
            let total = |at: Option<usize>| at.is_none_or(|at| everybody(row.cell(at)));
            total(columns.sex) && total(columns.age)
        })
    };
    let date = |row: &super::Row| columns.date.map(|at| row.cell(at).to_owned()).unwrap_or_default();
    let newest = rows().map(date).max().unwrap_or_default();
    let year = told.vintage.or_else(|| newest.get(..4).and_then(|year| year.parse().ok()));
    let mut report = Report { rows: table.rows.len(), ..Report::default() };
    let mut names = BTreeMap::new();
    // What each commune has of each category.
    let mut found: BTreeMap<InseeCode, BTreeMap<String, Option<f64>>> = BTreeMap::new();
    for row in rows().filter(|row| date(row) == newest) {
        let (commune, _) = cells::code(row.cell(code), Level::Commune);
        if !cells::is_well_formed(&commune, Level::Commune) {
            report.findings.push(bad_code(row.line, &commune));
            continue;
        }
        let value = cells::number(row.cell(columns.count)).unwrap_or_default();
        let category: String = row.cell(columns.category).chars().filter(char::is_ascii_alphabetic).collect();
        names.entry(commune.clone()).or_insert_with(|| columns.name.map_or("", |at| row.cell(at)).to_owned());
        found.entry(commune).or_default().insert(category.to_uppercase(), value);
    }
    let all: Vec<&str> = vec!["ABCDE", "A", "B", "C", "D", "E"];
    let abc: Vec<&str> = vec!["ABC", "A", "B", "C"];
    let series = [("job_seekers", all), ("job_seekers_abc", abc)].map(|(key, categories)| {
        let mut series = empty(key, year, told, &table.header, columns.count);
        for (commune, counts) in &found {
            let Some(whole) = whole(counts, &categories) else { continue };
            match whole.into_iter().try_fold(0.0, |sum, part| part.map(|part| sum + part)) {
                Some(value) => drop(series.values.insert(commune.clone(), value)),
                None => drop(series.secret.insert(commune.clone())),
            }
        }
        series
    });
    let series = series.into_iter().filter(|one| !one.values.is_empty() || !one.secret.is_empty());
    NeedsFile {
        kind: Kind::JobSeekers,
        level: Level::Commune,
        series: series.collect(),
        names,
        weights: BTreeMap::new(),
        report,
    }
}

/// The whole, or all of its parts; nothing when the file has neither. What is secret is missing among them.
fn whole(counts: &BTreeMap<String, Option<f64>>, categories: &[&str]) -> Option<Vec<Option<f64>>> {
    let (whole, parts) = categories.split_first()?;
    if let Some(whole) = counts.get(*whole) {
        return Some(vec![*whole]);
    }
    parts.iter().map(|part| counts.get(*part).copied()).collect()
}

fn empty(key: &str, vintage: Option<u16>, told: &Told, header: &[String], count: usize) -> Series {
    Series {
        key: key.to_owned(),
        unit: find(key).map_or(portrea_indicators::series::Unit::People, |known| known.unit),
        level: Level::Commune,
        vintage,
        source: Source {
            file: told.file.clone(),
            producer: producer(Kind::JobSeekers, told, &BTreeSet::new()),
            columns: header.get(count).cloned().unwrap_or_default(),
        },
        values: BTreeMap::new(),
        partial: BTreeSet::new(),
        secret: BTreeSet::new(),
        moved: BTreeSet::new(),
    }
}

fn bad_code(line: u64, code: &InseeCode) -> FileFinding {
    FileFinding::new(
        "bad_code",
        Spot::line(line),
        Message::new(
            format!("code INSEE mal formé, ligne laissée de côté : {code}"),
            format!("malformed INSEE code, line left out: {code}"),
        ),
    )
}
