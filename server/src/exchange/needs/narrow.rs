//! Large files made small: the columns that something is read from, row by row, and of job seekers the rows for
//! everybody, so that a file of every commune and every figure of the country fits in memory and through the
//! administrative socket.

use std::collections::BTreeSet;
use std::io::{BufRead, Cursor, Error, ErrorKind, Read, Result};

use super::columns::sources;
use super::job_seekers::Columns;
use super::kind::{self, Kind};
use super::{NAME_COLUMNS, caf, encoding_mark};
use crate::exchange::table::Table;

/// The longest header, in bytes.
const HEADER_BYTES_MAX: u64 = 1024 * 1024;

/// The file with the columns alone that something is read from, and the code and name of each row. An error says that
/// it cannot be narrowed, or that it is too large even so.
pub fn narrow(mut input: impl BufRead, bytes_max: usize) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    for _ in 0..2 {
        input.by_ref().take(HEADER_BYTES_MAX).read_until(b'\n', &mut head)?;
    }
    let table = Table::read(&head).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    let Kept { columns: kept, everybody } =
        kept(&table).ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
    let separator = u8::try_from(table.separator).unwrap_or(b';');
    let rows = Cursor::new(head.split_off(encoding_mark(&head))).chain(input);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(rows);
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    let (mut record, mut written) = (csv::ByteRecord::new(), 0_usize);
    while reader.read_byte_record(&mut record)? {
        // A row of another width is kept as it is, to be refused with its place.
        let whole = record.len() != table.header.len();
        let cell = |at| String::from_utf8_lossy(record.get(at).unwrap_or_default());
        let header = written == 0;
        if !header && !whole && everybody.as_ref().is_some_and(|columns| !columns.counts_everybody(cell)) {
            continue;
        }
        let cells: Vec<&[u8]> = record
            .iter()
            .enumerate()
            .filter(|(at, _)| whole || kept.contains(at))
            .map(|(_, cell)| cell)
            .collect();
        written += cells.iter().map(|cell| cell.len() + 1).sum::<usize>();
        if written > bytes_max {
            return Err(Error::from(ErrorKind::FileTooLarge));
        }
        writer.write_record(&cells)?;
    }
    writer.into_inner().map_err(|error| Error::other(error.to_string()))
}

/// What is kept of a file.
struct Kept {
    columns: BTreeSet<usize>,
    /// Where only rows for everybody are, and how they are told.
    everybody: Option<Columns>,
}

fn kept(table: &Table) -> Option<Kept> {
    let kind = Kind::of(table);
    let (code, _) = kind::rows(table)?;
    if kind == Kind::JobSeekers
        && let Some(columns) = Columns::of(&table.header)
    {
        return Some(Kept { columns: columns.all().chain([code]).collect(), everybody: Some(columns) });
    }
    let marks = caf::marks(&table.header).filter(|_| kind == Kind::Caf);
    let marks = marks.into_iter().flat_map(|(date, kinds)| kinds.into_iter().chain([date]));
    let named =
        NAME_COLUMNS.iter().chain(["source", "population"].iter()).filter_map(|name| table.column(name));
    let read = sources(&table.header, kind);
    let read = read.iter().flat_map(|source| source.parts.iter().map(|(at, _)| *at));
    Some(Kept { columns: read.chain(named).chain(marks).chain([code]).collect(), everybody: None })
}
