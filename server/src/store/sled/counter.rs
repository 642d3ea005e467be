//! Whether sled lost batches that were durable: their number, noted a second time beside its log.
//!
//! sled takes the first damaged message of its log for the end of a torn write and forgets, silently, what comes after.
//! So each batch carries its number, and after each flush the number is written to a file of its own. That write is not
//! flushed: the file holds a lower bound, which is enough. When the store opens with fewer batches than the file says,
//! some are gone. That is written down in a text file, one line for each time, until an operator removes it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::layout;

/// Holds the number of the last batch known to be durable.
const NOTE: &str = "batches";
/// Holds a line for each time that batches were found to be missing.
const LOSSES: &str = "losses";

/// The two files.
#[derive(Debug)]
pub(super) struct Counter {
    note: File,
    losses: PathBuf,
}

impl Counter {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let note =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(dir.join(NOTE))?;
        Ok(Self { note, losses: dir.join(LOSSES) })
    }

    /// Notes that this many batches are durable.
    pub(super) fn note(&self, batches: u64) {
        let number = batches.to_be_bytes();
        let bytes = [number, layout::sum(NOTE.as_bytes(), &number)].concat();
        // A note that cannot be written is older, and still a lower bound.
        if let Err(error) = self.note.write_all_at(&bytes, 0) {
            tracing::debug!(%error, "the number of batches could not be noted");
        }
    }

    /// Compares what was found with the note, writes a loss down, and says from which number to go on.
    pub(super) fn settle(&self, found: u64) -> io::Result<u64> {
        let noted = self.noted();
        if noted <= found {
            return Ok(found);
        }
        tracing::error!(lost = noted - found, "the store lost batches of writes that were durable");
        let mut losses = OpenOptions::new().append(true).create(true).open(&self.losses)?;
        writeln!(losses, "{found} {noted}")?;
        losses.sync_all()?;
        Ok(noted)
    }

    /// How many batches were lost, each time that some were.
    pub(super) fn losses(&self) -> io::Result<Vec<u64>> {
        let text = match fs::read_to_string(&self.losses) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let lost = |line: &str| {
            let (found, noted) = line.split_once(' ')?;
            noted.parse::<u64>().ok()?.checked_sub(found.parse().ok()?)
        };
        // A line that cannot be read is a loss all the same.
        Ok(text.lines().map(|line| lost(line).unwrap_or(1)).collect())
    }

    /// The number in the note; 0 when there is none that can be read.
    fn noted(&self) -> u64 {
        let mut bytes = [0; 16];
        let read = self.note.read_exact_at(&mut bytes, 0);
        let (number, sum) = (bytes.first_chunk(), bytes.last_chunk());
        match (read, number, sum) {
            (Ok(()), Some(number), Some(sum)) if *sum == layout::sum(NOTE.as_bytes(), number) => {
                u64::from_be_bytes(*number)
            }
            _ => 0,
        }
    }
}
