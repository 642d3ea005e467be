//! Recipients as the Cnaf publishes them on data.caf.fr: a row a commune and December, in some files a row a kind of RSA.
//!
//! Of a file of several years the newest is read; kinds of RSA are added up. Figures count households (`foyers`), rounded
//! to 5 by the publisher. Rows without a commune are recipients whom the CAF places nowhere: they are left out, and said.

use std::collections::BTreeMap;

use portrea_indicators::series::Level;
use portrea_protocol::ids::InseeCode;

use super::columns::{Source, sources};
use super::kind::Kind;
use super::long::{bad_code, column, empty, newest, put, vintage};
use super::{NAME_COLUMNS, NeedsFile, Report, Told, cells, contradiction, unused};
use crate::exchange::finding::{FileError, FileFinding, Message, Spot};
use crate::exchange::table::{Row, Table};

/// When a row was counted: `dtreffre` for programs, « Date référence » for people.
const DATE: [&str; 2] = ["dtreffre", "date reference"];

/// Which kind of RSA a row counts.
const TYPE: [&str; 2] = ["rsa type", "type rsa"];

/// The columns beside code, name and figures that such a file is read by; none where it has no dates.
pub(super) fn marks(header: &[String]) -> Option<(usize, Option<usize>)> {
    Some((column(header, &DATE)?, column(header, &TYPE)))
}

/// Reads such a file; nothing when it is laid out in another way.
pub(super) fn read(table: &Table, code: usize, told: &Told) -> Option<Result<NeedsFile, FileError>> {
    let (date, kinds) = marks(&table.header)?;
    let figures = sources(&table.header, Kind::Caf);
    (!figures.is_empty()).then(|| Reading { table, told, code, date, kinds, figures }.read())
}

struct Reading<'a> {
    table: &'a Table,
    told: &'a Told,
    code: usize,
    date: usize,
    kinds: Option<usize>,
    figures: Vec<Source>,
}

/// A commune's row, or the sum of its rows.
struct Found {
    line: u64,
    values: Vec<Option<f64>>,
}

impl Reading<'_> {
    fn read(&self) -> Result<NeedsFile, FileError> {
        let Self { table, told, date, .. } = self;
        let latest = newest(table.rows.iter(), Some(*date));
        let mut report = Report { rows: table.rows.len(), ..Report::default() };
        report.unused_columns = unused(table, &self.figures, self.code, Some(*date));
        report.unused_columns.retain(|name| self.kinds.is_none_or(|at| table.header.get(at) != Some(name)));
        let (mut names, mut nowhere) = (BTreeMap::new(), 0_usize);
        let mut found: BTreeMap<InseeCode, Found> = BTreeMap::new();
        for row in table.rows.iter().filter(|row| row.cell(*date) == latest) {
            let (commune, _) = cells::code(row.cell(self.code), Level::Commune);
            if commune.as_str().is_empty() {
                nowhere += 1;
            } else if commune.is_well_formed() {
                let name =
                    NAME_COLUMNS.iter().map(|column| table.cell(row, column)).find(|name| !name.is_empty());
                names.entry(commune.clone()).or_insert_with(|| name.unwrap_or_default().to_owned());
                self.take(&mut found, commune, row)?;
            } else {
                report.findings.push(bad_code(row.line, &commune));
            }
        }
        report.findings.extend((nowhere > 0).then(|| placed_nowhere(nowhere)));
        let year = vintage(told, &latest);
        let series = self.figures.iter().enumerate().map(|(rank, source)| {
            let mut series = empty(Kind::Caf, source.known.key, year, told, &source.shown(&table.header));
            for (commune, Found { values, .. }) in &found {
                put(&mut series, commune, values.get(rank).copied().flatten());
            }
            series
        });
        let series = series.collect();
        Ok(NeedsFile {
            kind: Kind::Caf,
            level: Level::Commune,
            series,
            names,
            weights: BTreeMap::new(),
            report,
        })
    }

    /// Takes a row in: a first one, a further kind of RSA, or the same once more.
    fn take(
        &self,
        found: &mut BTreeMap<InseeCode, Found>,
        commune: InseeCode,
        row: &Row,
    ) -> Result<(), FileError> {
        let at = |source: &Source| source.parts.first().map(|(at, _)| row.cell(*at));
        let value = |source: &Source| at(source).and_then(|cell| cells::number(cell).unwrap_or_default());
        let values: Vec<Option<f64>> = self.figures.iter().map(value).collect();
        match found.get_mut(&commune) {
            None => drop(found.insert(commune, Found { line: row.line, values })),
            Some(first) if self.kinds.is_some() => {
                for (sum, value) in first.values.iter_mut().zip(values) {
                    *sum = sum.zip(value).map(|(sum, value)| sum + value);
                }
            }
            Some(first) if first.values == values => {}
            Some(first) => return Err(contradiction(&commune, Spot::line(row.line), first.line)),
        }
        Ok(())
    }
}

fn placed_nowhere(rows: usize) -> FileFinding {
    FileFinding::new(
        "no_commune",
        Spot::default(),
        Message::new(
            format!(
                "allocataires que la CAF ne rattache à aucune commune, laissés de côté : {rows} ligne(s)"
            ),
            format!("recipients whom the CAF places in no commune, left out: {rows} line(s)"),
        ),
    )
}
