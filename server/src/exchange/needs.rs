//! Statistics: the figures that need is computed from, as they are published, file by file.
//!
//! Nobody has to say what a file is: [`kind`] tells it by its columns, [`columns`] which of them are figures. Read are
//! INSEE's census by commune (the dossier complet, the comparateur, other counts, rates), Filosofi, the CAF's recipients
//! by commune (also a row a year or kind of RSA) or IRIS, the digital fragility index, registered job seekers, and a CSV of our own, all columns optional
//! but `code`: the keys of [`KNOWN`](portrea_indicators::series::KNOWN), `name`, and `source`, which says where the
//! line's figures come from, and `invented` that they were made up.
//!
//! In order: [`read`] makes series of a file, with the codes that it has; [`fit`] brings them to a territory's communes,
//! former communes by [`passage`]; [`holdings`] keeps them side by side; [`recipes`] reads how they are put together.
//!
//! Separators may be `;`, `,` or tabs, decimals a comma or a point. An empty cell, `s` or `nd` is a missing figure: it
//! stays missing, as does one that cannot be read, which is a finding.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::{Level, Series};
use portrea_protocol::ids::InseeCode;

use self::columns::{Source, sources};
use self::kind::Kind;
use super::finding::{FileError, FileFinding, Message, Spot};
use super::table::{Row, Table};

mod caf;
mod cells;
pub mod columns;
mod dated;
pub mod fit;
mod gather;
pub mod holdings;
mod job_seekers;
pub mod kind;
mod long;
pub mod narrow;
pub mod passage;
pub mod recipes;
pub mod tuning;

/// The `source` of figures that were made up.
pub const INVENTED: &str = "invented";

/// What stands between the sources that the lines of one file name.
const APART: &str = " ; ";

/// What whoever brings a file tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Its name; a year in it is the vintage of figures whose columns do not say theirs.
    pub file: String,
    /// Who publishes it, where the columns do not tell.
    pub producer: Option<String>,
    /// The vintage of figures whose columns do not say theirs.
    pub vintage: Option<u16>,
}

/// What a file of statistics says, with its own codes.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedsFile {
    /// What it is.
    pub kind: Kind,
    /// What its rows are.
    pub level: Level,
    /// Its series; IRIS are brought together by commune.
    pub series: Vec<Series>,
    /// Every commune (EPCI, département) that it speaks of, with its name or "".
    pub names: BTreeMap<InseeCode, String>,
    /// The inhabitants that it gives, to weigh rates by.
    pub weights: BTreeMap<InseeCode, f64>,
    /// What was read, and what not.
    pub report: Report,
}

/// What was read, and what not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Rows of the file.
    pub rows: usize,
    /// Columns that nothing was read from.
    pub unused_columns: Vec<String>,
    /// What the lines say about their source.
    pub sources: BTreeSet<String>,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// One row's figures, in the order of the series.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    at: u64,
    values: Vec<Option<f64>>,
    /// Inhabitants of the row, where they only weigh.
    weight: Option<f64>,
}

/// Reads a file of statistics.
pub fn read(bytes: &[u8], told: &Told) -> Result<NeedsFile, FileError> {
    let table = Table::read(bytes)?;
    let kind = Kind::of(&table);
    let (code_column, level) = kind::rows(&table).ok_or_else(|| table.missing(&["code"]))?;
    table.require(&[])?;
    let long = match kind {
        Kind::JobSeekers => job_seekers::read(&table, code_column, told).map(Ok),
        Kind::Caf => caf::read(&table, code_column, told),
        Kind::DossierComplet
        | Kind::Comparateur
        | Kind::Census
        | Kind::CensusRates
        | Kind::Filosofi
        | Kind::Ifn
        | Kind::Own => None,
    };
    if let Some(file) = long {
        return file;
    }
    let sources = sources(&table.header, kind);
    if sources.is_empty() {
        return Err(no_figures(&table));
    }
    let weight = (kind == Kind::Ifn).then(|| table.column("population")).flatten();
    let unused = unused(&table, &sources, code_column, weight);
    let mut reading = Reading {
        table: &table,
        sources,
        code_column,
        level,
        weight,
        lines: BTreeMap::new(),
        names: BTreeMap::new(),
        report: Report { unused_columns: unused, ..Report::default() },
    };
    for row in &table.rows {
        reading.row(row)?;
    }
    let Reading { sources, lines, names, report, .. } = reading;
    let year = told.vintage.or_else(|| if kind == Kind::Own { None } else { year_in(&told.file) });
    let made = gather::series(&table.header, &sources, level, &lines, year);
    let producer = producer(kind, told, &report.sources);
    let series = made.series.into_iter().map(|mut series| {
        series.source.file.clone_from(&told.file);
        series.source.producer.clone_from(&producer);
        series
    });
    let (series, weights) = (series.collect(), made.weights);
    Ok(NeedsFile { kind, level, series, names, weights, report })
}

/// How many bytes of a byte order mark a text begins with.
fn encoding_mark(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// Who publishes a file: as told, as its lines say, or as its columns do.
fn producer(kind: Kind, told: &Told, sources: &BTreeSet<String>) -> String {
    let said = || sources.iter().cloned().collect::<Vec<_>>().join(APART);
    told.producer
        .clone()
        .unwrap_or_else(|| if sources.is_empty() { kind.producer().to_owned() } else { said() })
}

/// The first year from 1960 to 2059 that stands in a name.
fn year_in(name: &str) -> Option<u16> {
    let digits = name.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    digits.filter_map(|digits| digits.parse().ok()).find(|year| (1960..2060).contains(year))
}

const NAME_COLUMNS: [&str; 9] =
    ["LIBGEO", "name", "nom", "LIBCOM", "nom_commune", "commune", "nomcom", "Nom commune", "Communes"];

fn unused(table: &Table, sources: &[Source], code_column: usize, weight: Option<usize>) -> Vec<String> {
    let used: BTreeSet<usize> = sources
        .iter()
        .flat_map(|source| source.parts.iter().map(|(index, _)| *index))
        .chain([code_column])
        .chain(weight)
        .collect();
    let other = |name: &str| {
        name.eq_ignore_ascii_case("source")
            || NAME_COLUMNS.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    let columns = table
        .header
        .iter()
        .enumerate()
        .filter(|(index, name)| !used.contains(index) && !name.is_empty() && !other(name));
    columns.map(|(_, name)| name.clone()).collect()
}

struct Reading<'a> {
    table: &'a Table,
    sources: Vec<Source>,
    code_column: usize,
    level: Level,
    weight: Option<usize>,
    lines: BTreeMap<InseeCode, Line>,
    names: BTreeMap<InseeCode, String>,
    report: Report,
}

impl Reading<'_> {
    fn row(&mut self, row: &Row) -> Result<(), FileError> {
        self.report.rows += 1;
        let (code, padded) = cells::code(row.cell(self.code_column), self.level);
        if padded {
            self.note("leading_zero", row, "zéro initial rétabli", "leading zero put back");
        }
        if !cells::is_well_formed(&code, self.level) {
            self.note(
                "bad_code",
                row,
                "code INSEE mal formé, ligne laissée de côté",
                "malformed INSEE code, line left out",
            );
            return Ok(());
        }
        let line = Line { at: row.line, values: self.values(row), weight: self.weighed(row) };
        if let Some(first) = self.lines.get(&code) {
            if first.values != line.values {
                return Err(contradiction(&code, self.spot(row), first.at));
            }
            self.note(
                "duplicate_code",
                row,
                "commune en double, mêmes chiffres",
                "commune met twice, same figures",
            );
            return Ok(());
        }
        let name =
            NAME_COLUMNS.iter().map(|column| self.table.cell(row, column)).find(|name| !name.is_empty());
        self.names
            .entry(cells::commune(&code, self.level))
            .or_insert_with(|| name.unwrap_or_default().to_owned());
        self.check(row, &line.values);
        let source = self.table.cell(row, "source");
        if !source.is_empty() {
            self.report.sources.insert(source.to_owned());
        }
        self.lines.insert(code, line);
        Ok(())
    }

    fn weighed(&self, row: &Row) -> Option<f64> {
        self.weight.and_then(|at| cells::number(row.cell(at)).ok().flatten())
    }

    fn values(&mut self, row: &Row) -> Vec<Option<f64>> {
        let mut odd = BTreeMap::new();
        let value = |source: &Source, odd: &mut BTreeMap<usize, String>| {
            let mut total = Some(0.0);
            for (index, sign) in &source.parts {
                let cell = row.cell(*index);
                let value = cells::number(cell).unwrap_or_else(|cells::NotANumber| {
                    odd.insert(*index, cell.chars().take(40).collect::<String>());
                    None
                });
                total = total.zip(value).map(|(total, value)| total + sign * value);
            }
            // A difference of two roundings may fall just below nothing.
            total.map(|total| total.max(0.0))
        };
        let values = self.sources.iter().map(|source| value(source, &mut odd)).collect();
        for (index, cell) in odd {
            let name = self.table.header.get(index).map_or("", String::as_str);
            let message = Message::new(
                format!("« {cell} » n’est pas un nombre, chiffre laissé manquant"),
                format!("“{cell}” is not a number, figure left missing"),
            );
            self.report.findings.push(FileFinding::new(
                "not_a_number",
                Spot::cell(row.line, index, name),
                message,
            ));
        }
        values
    }

    /// Flags figures that cannot both be right; a margin allows for vintages that differ.
    fn check(&mut self, row: &Row, values: &[Option<f64>]) {
        let newest = |key: &str| {
            let mut of = self.sources.iter().zip(values).filter(|(source, _)| source.known.key == key);
            of.find_map(|(_, value)| *value)
        };
        let mut odd = Vec::new();
        for (part, whole) in [
            ("aged_65_or_over", "aged_15_or_over"),
            ("aged_15_or_over", "population"),
            ("not_at_school_15_or_over", "aged_15_or_over"),
            ("no_diploma", "not_at_school_15_or_over"),
        ] {
            let (Some(small), Some(large)) = (newest(part), newest(whole)) else { continue };
            if small > large * 1.05 + 5.0 {
                odd.push(Message::new(
                    format!("{part} ({small}) dépasse {whole} ({large})"),
                    format!("{part} ({small}) exceeds {whole} ({large})"),
                ));
            }
        }
        let findings = odd
            .into_iter()
            .map(|message| FileFinding::new("figures_disagree", Spot::line(row.line), message));
        self.report.findings.extend(findings);
    }

    fn spot(&self, row: &Row) -> Spot {
        let name = self.table.header.get(self.code_column).map_or("", String::as_str);
        Spot::cell(row.line, self.code_column, name)
    }

    fn note(&mut self, code: &'static str, row: &Row, fr: &str, en: &str) {
        let cell: String = row.cell(self.code_column).chars().take(40).collect();
        let message = Message::new(format!("{fr} : {cell}"), format!("{en}: {cell}"));
        self.report.findings.push(FileFinding::new(code, self.spot(row), message));
    }
}

fn contradiction(code: &InseeCode, spot: Spot, first: u64) -> FileError {
    FileError::new(
        "contradictory_code",
        spot,
        Message::new(
            format!("la commune {code} a d’autres chiffres à la ligne {first}"),
            format!("the commune {code} has other figures in line {first}"),
        ),
        Message::new("gardez une seule ligne par commune", "keep one line a commune"),
    )
}

fn no_figures(table: &Table) -> FileError {
    let ours = portrea_indicators::series::KNOWN.iter().map(|known| known.key).collect::<Vec<_>>().join(", ");
    let found = table.header.iter().take(60).cloned().collect::<Vec<_>>().join(", ");
    FileError::new(
        "no_figures",
        Spot::default(),
        Message::new("aucune colonne de chiffres n’est reconnue", "no column of figures is known"),
        Message::new(
            format!(
                "prenez un fichier de l’INSEE par commune, ou nommez les colonnes {ours} (trouvées : {found})"
            ),
            format!("take one of INSEE’s files by commune, or name the columns {ours} (found: {found})"),
        ),
    )
}

#[cfg(test)]
mod tests;
