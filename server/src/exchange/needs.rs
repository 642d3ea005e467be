//! Statistics: the figures that need is computed from, from any of INSEE's files by commune or from a CSV of our own.
//!
//! Which columns are read is told by [`columns`]: INSEE's names with their vintage (the newest one of each figure wins)
//! and ours. Ours, all optional but `code`: `code, name, population, aged_65_or_over, aged_15_or_over,
//! not_at_school_15_or_over, no_diploma, rsa, prime_activite, aah, minimum_benefits, job_seekers, unemployed, active,
//! births, deaths, households, households_living_alone, single_parent_families, recently_moved_households,
//! poverty_rate, source`; `source` says where the line's figures come from, and `invented` that they were made up.
//!
//! Separators may be `;` or `,`, decimals a comma or a point. An empty cell, `s` or `nd` is a missing figure: it stays
//! missing, as does one that cannot be read, which is a finding. Rows outside the territory are counted, not read.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::InseeCode;

use self::columns::{FIGURES, Figure, Source, sources};
use super::finding::{FileError, FileFinding, Message, Spot};
use super::table::{Row, Table};
use super::territory_file::CommuneShape;

pub mod columns;

/// The `source` of figures that were made up.
pub const INVENTED: &str = "invented";

/// The figures of a commune.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeedFigures {
    /// Its name in the file, or "".
    pub name: String,
    /// The known figures.
    pub figures: BTreeMap<Figure, f64>,
}

/// What a file of statistics says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeedsFile {
    /// The figures by commune.
    pub communes: BTreeMap<InseeCode, NeedFigures>,
    /// What was read, and what not.
    pub report: Report,
}

/// What was read, and what not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Rows of the file.
    pub rows: usize,
    /// Rows of communes that are none of the territory's.
    pub rows_elsewhere: usize,
    /// Communes of the territory that the file has no figure for.
    pub without_figures: Vec<InseeCode>,
    /// The columns that each figure was read from (`P21_POP6579 + P21_POP80P`), and their vintage.
    pub columns: BTreeMap<Figure, (String, Option<u16>)>,
    /// Columns that nothing was read from, older vintages among them.
    pub unused_columns: Vec<String>,
    /// What the lines say about their source, or the vintages read ("INSEE 2021").
    pub sources: BTreeSet<String>,
    /// Whether a line says that its figures were made up.
    pub invented: bool,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// Reads a file of statistics for the communes of a territory; for all of the file's when none is given.
pub fn read(bytes: &[u8], communes: &[CommuneShape]) -> Result<NeedsFile, FileError> {
    let table = Table::read(bytes)?;
    let code_column =
        ["CODGEO", "code", "code_insee", "insee"].into_iter().find(|name| table.column(name).is_some());
    let code_column = code_column.ok_or_else(|| table.missing(&["code"]))?;
    table.require(&[])?;
    let sources = sources(&table.header);
    if sources.is_empty() {
        return Err(no_figures(&table));
    }
    let wanted: BTreeSet<&str> = communes.iter().map(|commune| commune.code.as_str()).collect();
    let mut reading =
        Reading { table: &table, sources, code_column, file: NeedsFile::default(), lines: BTreeMap::new() };
    for row in &table.rows {
        reading.row(row, &wanted)?;
    }
    let NeedsFile { communes: figures, mut report } = reading.file;
    report.columns = reading
        .sources
        .iter()
        .map(|source| (source.figure, (source.shown(&table.header), source.year)))
        .collect();
    let vintages: BTreeSet<String> =
        reading.sources.iter().filter_map(|source| source.year).map(|year| year.to_string()).collect();
    if !vintages.is_empty() {
        report.sources.insert(format!("INSEE {}", vintages.into_iter().collect::<Vec<_>>().join(", ")));
    }
    report.unused_columns = unused(&table, &reading.sources, code_column);
    let known =
        |commune: &&CommuneShape| figures.get(&commune.code).is_none_or(|found| found.figures.is_empty());
    report.without_figures = communes.iter().filter(known).map(|commune| commune.code.clone()).collect();
    Ok(NeedsFile { communes: figures, report })
}

/// Puts the figures of a further file over those of earlier ones; what the further file misses stays.
pub fn overlay(base: &mut BTreeMap<InseeCode, NeedFigures>, further: BTreeMap<InseeCode, NeedFigures>) {
    for (code, further) in further {
        let standing = base.entry(code).or_default();
        standing.figures.extend(further.figures);
        if standing.name.is_empty() {
            standing.name = further.name;
        }
    }
}

const NAME_COLUMNS: [&str; 4] = ["LIBGEO", "name", "nom", "LIBCOM"];

fn unused(table: &Table, sources: &[Source], code_column: &str) -> Vec<String> {
    let used: BTreeSet<usize> =
        sources.iter().flat_map(|source| source.parts.iter().map(|(index, _)| *index)).collect();
    let other = |name: &str| {
        name.eq_ignore_ascii_case(code_column)
            || name.eq_ignore_ascii_case("source")
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
    code_column: &'static str,
    file: NeedsFile,
    lines: BTreeMap<InseeCode, u64>,
}

impl Reading<'_> {
    fn row(&mut self, row: &Row, wanted: &BTreeSet<&str>) -> Result<(), FileError> {
        self.file.report.rows += 1;
        let (code, padded) = code(self.table.cell(row, self.code_column));
        if !wanted.is_empty() && !wanted.contains(code.as_str()) {
            self.file.report.rows_elsewhere += 1;
            return Ok(());
        }
        if padded {
            self.note("leading_zero", row, self.code_column, "zéro initial rétabli", "leading zero put back");
        }
        if !code.is_well_formed() {
            self.note(
                "bad_code",
                row,
                self.code_column,
                "code INSEE mal formé, ligne laissée de côté",
                "malformed INSEE code, line left out",
            );
            return Ok(());
        }
        let name =
            NAME_COLUMNS.iter().map(|column| self.table.cell(row, column)).find(|name| !name.is_empty());
        let figures = self.figures(row);
        let found = NeedFigures { name: name.unwrap_or_default().to_owned(), figures };
        if let Some(first) = self.lines.get(&code) {
            if self.file.communes.get(&code).is_some_and(|standing| standing.figures != found.figures) {
                return Err(contradiction(&code, self.table.spot(row, self.code_column), *first));
            }
            self.note(
                "duplicate_code",
                row,
                self.code_column,
                "commune en double, mêmes chiffres",
                "commune met twice, same figures",
            );
            return Ok(());
        }
        self.check(row, &found.figures);
        self.source(row);
        self.lines.insert(code.clone(), row.line);
        self.file.communes.insert(code, found);
        Ok(())
    }

    fn figures(&mut self, row: &Row) -> BTreeMap<Figure, f64> {
        let mut figures = BTreeMap::new();
        let mut odd = Vec::new();
        for source in &self.sources {
            let mut total = Some(0.0);
            for (index, sign) in &source.parts {
                let cell = row.cell(*index);
                let value = number(cell).unwrap_or_else(|NotANumber| {
                    odd.push((*index, cell.chars().take(40).collect::<String>()));
                    None
                });
                total = total.zip(value).map(|(total, value)| total + sign * value);
            }
            // A difference of two vintages' roundings may fall just below nothing.
            figures.extend(total.map(|total| (source.figure, total.max(0.0))));
        }
        for (index, cell) in odd {
            let name = self.table.header.get(index).map_or("", String::as_str);
            let message = Message::new(
                format!("« {cell} » n’est pas un nombre, chiffre laissé manquant"),
                format!("“{cell}” is not a number, figure left missing"),
            );
            self.file.report.findings.push(FileFinding::new(
                "not_a_number",
                Spot::cell(row.line, index, name),
                message,
            ));
        }
        figures
    }

    /// Flags figures that cannot both be right; a margin allows for vintages that differ.
    fn check(&mut self, row: &Row, figures: &BTreeMap<Figure, f64>) {
        for (part, whole) in [
            (Figure::Aged65OrOver, Figure::Aged15OrOver),
            (Figure::Aged15OrOver, Figure::Population),
            (Figure::NotAtSchool, Figure::Aged15OrOver),
            (Figure::NoDiploma, Figure::NotAtSchool),
        ] {
            let (Some(small), Some(large)) = (figures.get(&part), figures.get(&whole)) else { continue };
            if *small > large * 1.05 + 5.0 {
                let (fr, en) = (
                    format!("{} ({small}) dépasse {} ({large})", part.key(), whole.key()),
                    format!("{} ({small}) exceeds {} ({large})", part.key(), whole.key()),
                );
                let message = Message::new(fr, en);
                self.file.report.findings.push(FileFinding::new(
                    "figures_disagree",
                    Spot::line(row.line),
                    message,
                ));
            }
        }
    }

    fn source(&mut self, row: &Row) {
        let source = self.table.cell(row, "source");
        if !source.is_empty() {
            self.file.report.sources.insert(source.to_owned());
            self.file.report.invented |= source.eq_ignore_ascii_case(INVENTED);
        }
    }

    fn note(&mut self, code: &'static str, row: &Row, column: &str, fr: &str, en: &str) {
        let cell: String = self.table.cell(row, column).chars().take(40).collect();
        let message = Message::new(format!("{fr} : {cell}"), format!("{en}: {cell}"));
        self.file.report.findings.push(FileFinding::new(code, self.table.spot(row, column), message));
    }
}

/// The code, and whether a leading zero that a spreadsheet ate was put back.
fn code(cell: &str) -> (InseeCode, bool) {
    let eaten = cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if eaten { (format!("0{cell}").into(), true) } else { (cell.into(), false) }
}

struct NotANumber;

/// A figure: nothing where it is missing, an error where it is no count.
fn number(cell: &str) -> Result<Option<f64>, NotANumber> {
    let bare: String = cell.chars().filter(|c| !c.is_whitespace() && *c != '%').collect();
    if matches!(bare.to_lowercase().as_str(), "" | "s" | "nd" | "n/d" | "na" | "null" | "-" | "…" | "...") {
        return Ok(None);
    }
    let usual = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E');
    if !bare.chars().all(usual) {
        return Err(NotANumber);
    }
    // The last mark is the decimal one; others before it part thousands.
    let plain = match bare.rfind([',', '.']) {
        Some(at) => {
            let (whole, decimals) = bare.split_at(at);
            format!("{}.{}", whole.replace([',', '.'], ""), decimals.trim_start_matches([',', '.']))
        }
        None => bare,
    };
    let value: f64 = plain.parse().map_err(|_| NotANumber)?;
    if (0.0..1e9).contains(&value) { Ok(Some(value)) } else { Err(NotANumber) }
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
    let ours = FIGURES.iter().map(|recipe| recipe.key).collect::<Vec<_>>().join(", ");
    let found = table.header.join(", ");
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
