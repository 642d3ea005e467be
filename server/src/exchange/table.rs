//! A CSV file as a table of text: encoding and separator found out, every row as wide as the header.
//!
//! Strict where a mistake would shift or swallow data (a missing or extra field, a quotation mark that never closes,
//! a column twice); tolerant where it would not (byte order mark, blank lines, `#` lines before the header, empty
//! cells past the last column, upper or lower case in column names).

use super::encoding::{Encoding, decode};
use super::finding::{FileError, Message, Spot};

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns, as written.
    pub header: Vec<String>,
    /// The rows, each as wide as the header.
    pub rows: Vec<Row>,
    /// How the text was encoded.
    pub encoding: Encoding,
    /// What stood between the cells.
    pub separator: char,
    header_line: u64,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file it starts at.
    pub line: u64,
    cells: Vec<String>,
}

impl Row {
    /// A cell, trimmed; "" past the end.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }
}

impl Table {
    /// Reads a CSV file.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        let (text, encoding) = decode(bytes)?;
        refuse_markup(&text)?;
        let (skipped, body) = without_comments(&text);
        let separator = separator(body);
        refuse_open_quote(body, separator, skipped)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(body.as_bytes());
        let mut lines = LineCount { body: body.as_bytes(), at: 0, line: skipped + 1 };
        let mut records = reader.records().map(|record| {
            let record = record.map_err(|error| unreadable(&error, skipped))?;
            let line = lines.of(record.position().map_or(0, csv::Position::byte));
            Ok(Row { line, cells: record.iter().map(str::to_owned).collect() })
        });
        let Some(first) = records.next().transpose()? else { return Err(no_header()) };
        let mut header: Vec<String> = first.cells.iter().map(|name| name.trim().to_owned()).collect();
        while header.last().is_some_and(String::is_empty) {
            header.pop();
        }
        refuse_twice(&header, first.line)?;
        let mut rows = Vec::new();
        for row in records {
            let mut row: Row = row?;
            while row.cells.len() > header.len()
                && row.cells.last().is_some_and(|cell| cell.trim().is_empty())
            {
                row.cells.pop();
            }
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if row.cells.len() != header.len() {
                return Err(wrong_width(&row, &header));
            }
            rows.push(row);
        }
        Ok(Self { header, rows, encoding, separator: char::from(separator), header_line: first.line })
    }

    /// The index of a column, whatever the case of its name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    /// A cell by its column's name, trimmed; "" when there is no such column.
    pub fn cell<'a>(&self, row: &'a Row, name: &str) -> &'a str {
        self.column(name).map_or("", |column| row.cell(column))
    }

    /// Where a cell stands.
    pub fn spot(&self, row: &Row, name: &str) -> Spot {
        match self.column(name) {
            Some(index) => Spot::cell(row.line, index, self.header.get(index).map_or(name, String::as_str)),
            None => Spot::line(row.line),
        }
    }

    /// Refuses a table without rows, or without one of these columns.
    pub fn require(&self, names: &[&str]) -> Result<(), FileError> {
        let missing: Vec<&str> = names.iter().copied().filter(|name| self.column(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(self.missing(&missing));
        }
        if self.rows.is_empty() {
            return Err(FileError::new(
                "no_rows",
                Spot::line(self.header_line),
                Message::new("il n’y a rien sous l’en-tête", "there is nothing below the header"),
                Message::new("vérifiez que le fichier est complet", "check that the file is complete"),
            ));
        }
        Ok(())
    }

    /// The error for columns that are not there.
    pub fn missing(&self, names: &[&str]) -> FileError {
        let found: Vec<&str> =
            self.header.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let (found, fr, en) = (found.join(", "), names.join(" », « "), names.join("”, “"));
        let (what, add) = if names.len() == 1 {
            (
                Message::new(format!("la colonne « {fr} » manque"), format!("the column “{en}” is missing")),
                ("la", "it"),
            )
        } else {
            (
                Message::new(
                    format!("les colonnes « {fr} » manquent"),
                    format!("the columns “{en}” are missing"),
                ),
                ("les", "them"),
            )
        };
        let remedy = Message::new(
            format!(
                "ajoutez-{} à l’en-tête ou choisissez le bon fichier (colonnes trouvées : {found})",
                add.0
            ),
            format!("add {} to the header or choose the right file (columns found: {found})", add.1),
        );
        FileError::new("missing_column", Spot::line(self.header_line), what, remedy)
    }
}

/// Counts lines from one byte offset to the next: the reader's own count starts before blank lines.
struct LineCount<'a> {
    body: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    fn of(&mut self, byte: u64) -> u64 {
        let mut to = usize::try_from(byte).unwrap_or(usize::MAX).min(self.body.len());
        while self.body.get(to).is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            to += 1;
        }
        let passed = self.body.get(self.at..to).unwrap_or_default();
        let breaks = passed.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.line = self.line.saturating_add(u64::try_from(breaks).unwrap_or(u64::MAX));
        self.at = self.at.max(to);
        self.line
    }
}

/// The text behind the `#` lines at its start, and how many they are.
fn without_comments(text: &str) -> (u64, &str) {
    let (mut skipped, mut rest) = (0, text);
    while rest.starts_with('#') {
        skipped += 1;
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    (skipped, rest)
}

/// The separator that the first line has most of, outside quotation marks.
fn separator(body: &str) -> u8 {
    let first = body.trim_start().lines().next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b';', 0_usize), (b',', 0), (b'\t', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if !quoted {
            counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, count)| *count += 1);
        }
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count > 0)
        .map_or(b',', |(best, _)| best)
}

/// Refuses a quotation mark that is never closed: it would swallow the rest of the file in one cell.
fn refuse_open_quote(body: &str, separator: u8, skipped: u64) -> Result<(), FileError> {
    let (mut line, mut opened, mut field_start) = (skipped + 1, None, true);
    let mut bytes = body.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += u64::from(byte == b'\n');
        if opened.is_some() {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                opened = None;
            }
        } else if byte == b'"' && field_start {
            opened = Some(line);
        }
        field_start = opened.is_none() && (byte == separator || byte == b'\n');
    }
    let Some(line) = opened else { return Ok(()) };
    Err(FileError::new(
        "open_quote",
        Spot::line(line),
        Message::new(
            "un guillemet (\") ouvert n’est jamais refermé",
            "a quotation mark (\") is opened and never closed",
        ),
        Message::new("refermez-le, ou réexportez le fichier", "close it, or export the file again"),
    ))
}

fn refuse_markup(text: &str) -> Result<(), FileError> {
    if !text.trim_start().starts_with(['{', '<', '[']) {
        return Ok(());
    }
    Err(FileError::new(
        "not_csv",
        Spot::line(1),
        Message::new("c’est du JSON ou une page web et non un CSV", "this is JSON or a web page, not CSV"),
        Message::new("téléchargez le fichier CSV lui-même", "download the CSV file itself"),
    ))
}

fn refuse_twice(header: &[String], line: u64) -> Result<(), FileError> {
    let twice = header.iter().enumerate().find(|(index, name)| {
        !name.is_empty() && header.iter().take(*index).any(|earlier| earlier.eq_ignore_ascii_case(name))
    });
    let Some((index, name)) = twice else { return Ok(()) };
    Err(FileError::new(
        "column_twice",
        Spot::cell(line, index, name),
        Message::new("deux colonnes portent ce nom", "two columns have this name"),
        Message::new("renommez ou supprimez l’une des deux", "rename or remove one of them"),
    ))
}

fn no_header() -> FileError {
    FileError::new(
        "no_header",
        Spot::line(1),
        Message::new("il n’y a pas d’en-tête", "there is no header"),
        Message::new(
            "mettez les noms des colonnes sur la première ligne",
            "put the columns’ names on the first line",
        ),
    )
}

fn wrong_width(row: &Row, header: &[String]) -> FileError {
    let (found, wanted) = (row.cells.len(), header.len());
    let index = found.min(wanted);
    let mut spot = Spot::cell(row.line, index, header.get(index).map_or("", String::as_str));
    spot.column_name = header.get(index).cloned();
    FileError::new(
        "wrong_width",
        spot,
        Message::new(
            format!("{found} champs au lieu de {wanted}"),
            format!("{found} fields instead of {wanted}"),
        ),
        Message::new(
            "cherchez sur cette ligne un séparateur ou un guillemet en trop ou manquant, ou réexportez le fichier",
            "look in this line for a separator or a quotation mark too many or too few, or export the file again",
        ),
    )
}

fn unreadable(error: &csv::Error, skipped: u64) -> FileError {
    let spot = error.position().map(|at| Spot::line(at.line().saturating_add(skipped))).unwrap_or_default();
    FileError::new(
        "unreadable",
        spot,
        Message::new("la ligne est illisible", "the line is unreadable"),
        Message::new("réexportez le fichier en « CSV UTF-8 »", "export the file again as “CSV UTF-8”"),
    )
}

#[cfg(test)]
mod tests;
