//! The files that sled writes, held open by handles of our own so that they can be flushed to the medium.
//!
//! What sled 0.34 reads after a crash, and who flushes it:
//!
//! - `db`, the log: sled asks for `sync_file_range`, which leaves data in the drive's cache and the file's
//!   length and extents unwritten. [`Files::sync`] calls `fdatasync`, which writes all three.
//! - `snap.*`, where reading the log may start: written and fsynced by sled while it opens, but the directory that
//!   names it is not; [`Files::settle`] flushes it before the first write. It has another name until it is whole, but
//!   sled reads it under that name too: what a death or a power cut left so is removed before sled opens.
//! - `conf`, the segment size: written once and never flushed by sled; [`Files::settle`] does.
//! - `blobs/`, pages above a quarter of a segment: never written, because the layout cuts values into parts (a test watches).
//!
//! - `copying` and `copied`, a store that is made anew: see [`super::rebuild`].
//!
//! A handle sees every failed write-back that came after it was opened, so none is reported to somebody else only.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{rebuild, sync_dir};
use crate::store::StoreError;

/// How often and how long to wait for another opener. A store that was just closed in this process lets go of
/// its lock a moment later, when sled's own threads have let go of the file.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(25);

/// How the name ends of what sled has not written to its end.
const UNFINISHED: &str = ".generating";

/// The directory and the file to flush.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    db: File,
}

impl Files {
    /// Creates the directory and the log's file where missing, and makes sure that no other process holds them.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let failed = |source: io::Error| StoreError::engine("open the data directory", source);
        let created: Vec<&Path> = dir.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
        fs::create_dir_all(dir.join("blobs")).map_err(failed)?;
        for parent in created.into_iter().filter_map(Path::parent) {
            sync_dir(parent).map_err(failed)?;
        }
        let path = dir.join("db");
        loop {
            let db = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let files = Self { dir: dir.to_owned(), db: db.map_err(failed)? };
            files.await_lock()?;
            // A copy has taken the log's place: this handle is of the one before.
            if files.is_current().map_err(failed)? {
                return Ok(files);
            }
        }
    }

    /// Where they are.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether the log that is open is the one that has its name.
    fn is_current(&self) -> io::Result<bool> {
        let (open, named) = (self.db.metadata()?, fs::metadata(self.dir.join("db"))?);
        Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
    }

    /// Flushes what sled wrote while it opened, and the directories that name its files.
    pub(super) fn settle(&self) -> io::Result<()> {
        self.db.sync_all()?;
        File::open(self.dir.join("conf"))?.sync_all()?;
        sync_dir(&self.dir.join("blobs"))?;
        sync_dir(&self.dir)
    }

    /// Returns once everything that sled wrote to its log is on the medium.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.db.sync_data()
    }

    /// Removes what sled was writing when it was interrupted while it opened; the one before is still there, and the log.
    fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("snap.") && name.ends_with(UNFINISHED) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Takes sled's own lock and lets it go again: sled's error for a lock that is held says only "other".
    fn await_lock(&self) -> Result<(), StoreError> {
        for _ in 0..LOCK_TRIES {
            match self.db.try_lock() {
                Ok(()) => {
                    // While nobody else can be writing one.
                    self.remove_unfinished()
                        .map_err(|e| StoreError::engine("clear the data directory", e))?;
                    for step in rebuild::steps(&self.dir).map_err(misplaced)? {
                        step.perform(&self.dir).map_err(misplaced)?;
                    }
                    return self.db.unlock().map_err(|e| StoreError::engine("lock the data directory", e));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
                Err(TryLockError::Error(e)) => return Err(StoreError::engine("lock the data directory", e)),
            }
        }
        Err(StoreError::Busy { path: self.dir.display().to_string() })
    }
}

#[cfg(test)]
impl Files {
    /// Makes every flush from now on fail: the null device refuses one.
    pub(super) fn lose_medium(&mut self) {
        self.db = File::open("/dev/null").expect("the null device opens");
    }
}

fn misplaced(source: io::Error) -> StoreError {
    StoreError::engine("put its copy in place", source)
}
