//! Figures as tables to be taken away: CSV for programs, CSV for a spreadsheet, properties of GeoJSON features.
//!
//! A [`Sheet`] is its columns; each takes its cell from a row. Whatever leaves says where it comes from: [`About`] adds
//! the sources, the document's heads and the dates to every row, for rows are copied without their file. What is missing
//! is an empty cell, never 0. Which sheets there are is in [`figures`], the words of figures in `words`.

pub mod figures;
mod words;

use portrea_indicators::grade::Words;
use serde_json::{Map, Value};

use super::portrea_csv::guarded;

/// What a spreadsheet begins a file with that it is to read as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words, or codes: never a number.
    Text(String),
    /// A figure; missing is an empty cell.
    Number(Option<f64>),
    /// Yes or no; missing is an empty cell.
    Flag(Option<bool>),
}

impl Cell {
    /// A number of things.
    #[expect(clippy::cast_precision_loss, reason = "counts of places and communes")]
    pub fn count(count: u64) -> Self {
        Self::Number(Some(count as f64))
    }
}

/// For whom a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Programs: RFC 4180, UTF-8, keys as headings, figures in full with a point.
    Plain,
    /// A French spreadsheet: semicolons, a byte order mark, headings in words, two decimals after a comma.
    French,
    /// An English spreadsheet: commas, a byte order mark, headings in words, two decimals after a point.
    English,
}

/// Where figures come from and as of when they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Where the statistics come from, with their vintages.
    pub sources: Vec<String>,
    /// Whether they were made up.
    pub invented: bool,
    /// The heads of the document.
    pub heads: Vec<String>,
    /// When the directory changed last (RFC 3339), or "".
    pub directory_at: String,
    /// When the table was written (RFC 3339).
    pub written_at: String,
}

type Reader<'a, T> = Box<dyn Fn(&T) -> Cell + 'a>;

/// The columns of a table whose rows are `T`.
pub struct Sheet<'a, T> {
    columns: Vec<(String, Words, Reader<'a, T>)>,
}

impl<T> Default for Sheet<'_, T> {
    fn default() -> Self {
        Self { columns: Vec::new() }
    }
}

impl<'a, T> Sheet<'a, T> {
    /// One column more: its key, its words in French and in English, its cell.
    #[must_use]
    pub fn with(
        mut self,
        key: impl Into<String>,
        (fr, en): (impl Into<String>, impl Into<String>),
        cell: impl Fn(&T) -> Cell + 'a,
    ) -> Self {
        self.columns.push((key.into(), Words { fr: fr.into(), en: en.into() }, Box::new(cell)));
        self
    }

    /// A column for a figure of a portrait, called by its path.
    #[must_use]
    pub fn with_figure(self, path: &str, cell: impl Fn(&T) -> Cell + 'a) -> Self {
        let Words { fr, en } = words::of(path);
        self.with(path, (fr, en), cell)
    }

    /// The columns that say where the figures come from.
    #[must_use]
    pub fn about(self, about: &'a About) -> Self {
        let text = |text: &str| Cell::Text(text.to_owned());
        self.with("sources", ("sources", "sources"), move |_| Cell::Text(about.sources.join(" | ")))
            .with("invented", ("chiffres inventés", "made-up figures"), move |_| {
                Cell::Flag(Some(about.invented))
            })
            .with("heads", ("état du document (heads)", "state of the document (heads)"), move |_| {
                Cell::Text(about.heads.join(" "))
            })
            .with("directory_at", ("annuaire modifié le", "directory changed on"), move |_| {
                text(&about.directory_at)
            })
            .with("written_at", ("écrit le", "written on"), move |_| text(&about.written_at))
    }

    /// The rows as CSV.
    pub fn csv<'r>(&self, rows: impl IntoIterator<Item = &'r T>, form: Form) -> String
    where
        T: 'r,
    {
        let delimiter = if form == Form::French { b';' } else { b',' };
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .delimiter(delimiter)
            .from_writer(Vec::new());
        let head = self.columns.iter().map(|(key, words, _)| match form {
            Form::Plain => key.as_str(),
            Form::French => words.fr.as_str(),
            Form::English => words.en.as_str(),
        });
        csv.write_record(head).expect("writing to memory does not fail");
        for row in rows {
            let cells = self.columns.iter().map(|(_, _, cell)| written(&cell(row), form));
            csv.write_record(cells).expect("writing to memory does not fail");
        }
        let bytes = csv.into_inner().expect("writing to memory does not fail");
        let text = String::from_utf8(bytes).expect("cells are UTF-8");
        if form == Form::Plain { text } else { format!("{BYTE_ORDER_MARK}{text}") }
    }

    /// A row as the properties of a GeoJSON feature.
    pub fn properties(&self, row: &T) -> Map<String, Value> {
        let value = |cell: Cell| match cell {
            Cell::Text(text) => text.into(),
            Cell::Number(number) => number.into(),
            Cell::Flag(flag) => flag.into(),
        };
        self.columns.iter().map(|(key, _, cell)| (key.clone(), value(cell(row)))).collect()
    }
}

fn written(cell: &Cell, form: Form) -> String {
    match (cell, form) {
        (Cell::Text(text), _) => guarded(text).into_owned(),
        (Cell::Number(None) | Cell::Flag(None), _) => String::new(),
        (Cell::Number(Some(number)), Form::Plain) => number.to_string(),
        (Cell::Number(Some(number)), Form::English) => short(*number),
        (Cell::Number(Some(number)), Form::French) => short(*number).replace('.', ","),
        (Cell::Flag(Some(flag)), Form::French) => (if *flag { "oui" } else { "non" }).to_owned(),
        (Cell::Flag(Some(flag)), Form::English) => (if *flag { "yes" } else { "no" }).to_owned(),
        (Cell::Flag(Some(flag)), Form::Plain) => flag.to_string(),
    }
}

/// A figure with two decimals at most; shares need four to be percents with two.
fn short(number: f64) -> String {
    let digits = if number.abs() < 1.0 { 4 } else { 2 };
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
