//! Registered job seekers as the Dares publishes them: a row a commune, category, sex, age and date.
//!
//! Of the rows for everybody (`Total`) the newest date is read. Categories A to E are the method's; where a file has A,
//! B, C together only, as the one by commune does (`dares_defm_communales-brutes`), that is a series of its own. Rows
//! whose code is `Total` are sums of the country's.

use std::collections::BTreeMap;

use portrea_indicators::series::Level;
use portrea_protocol::ids::InseeCode;

use super::kind::Kind;
use super::long::{bad_code, column, empty, newest, put, vintage};
use super::{NeedsFile, Report, Told, cells};
use crate::exchange::table::Table;
use crate::exchange::words::folded;

/// The columns of such a file.
pub(super) struct Columns {
    category: usize,
    sex: Option<usize>,
    age: Option<usize>,
    date: Option<usize>,
    count: usize,
    name: Option<usize>,
}

impl Columns {
    /// Those of a header; nothing when it is laid out in another way.
    pub(super) fn of(header: &[String]) -> Option<Self> {
        let find = |names: &[&str]| column(header, names);
        Some(Self {
            category: find(&["categorie", "categories"])?,
            sex: find(&["sexe"]),
            age: find(&["tranche d age", "age"]),
            date: find(&["date", "trimestre", "annee"]),
            count: find(&["nombre de demandeurs d emploi", "defm", "nb defm"])?,
            name: find(&["commune", "libelle commune", "libgeo"]),
        })
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        let Self { category, sex, age, date, count, name } = self;
        [Some(*category), *sex, *age, *date, Some(*count), *name].into_iter().flatten()
    }

    /// Whether a row, by its cells, counts people of both sexes and every age.
    pub(super) fn counts_everybody<'a>(&self, cell: impl Fn(usize) -> std::borrow::Cow<'a, str>) -> bool {
        let total = |at| matches!(folded(&cell(at)).trim(), "" | "total" | "ensemble" | "t");
        [self.sex, self.age].into_iter().flatten().all(total)
    }
}

/// Reads such a file; nothing when it is laid out in another way.
pub(super) fn read(table: &Table, code: usize, told: &Told) -> Option<NeedsFile> {
    let columns = Columns::of(&table.header)?;
    Some(of(table, code, &columns, told))
}

fn of(table: &Table, code: usize, columns: &Columns, told: &Told) -> NeedsFile {
    let rows = || {
        table.rows.iter().filter(|row| columns.counts_everybody(|at| std::borrow::Cow::from(row.cell(at))))
    };
    let latest = newest(rows(), columns.date);
    let year = vintage(told, &latest);
    let mut report = Report { rows: table.rows.len(), ..Report::default() };
    let mut names = BTreeMap::new();
    // What each commune has of each category.
    let mut found: BTreeMap<InseeCode, BTreeMap<String, Option<f64>>> = BTreeMap::new();
    for row in rows().filter(|row| columns.date.is_none_or(|at| row.cell(at) == latest)) {
        let (commune, _) = cells::code(row.cell(code), Level::Commune);
        if folded(commune.as_str()).trim() == "total" {
            continue;
        }
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
        let column = table.header.get(columns.count).map_or("", String::as_str);
        let mut series = empty(Kind::JobSeekers, key, year, told, column);
        for (commune, counts) in &found {
            let Some(whole) = whole(counts, &categories) else { continue };
            put(
                &mut series,
                commune,
                whole.into_iter().try_fold(0.0, |sum, part| part.map(|part| sum + part)),
            );
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
