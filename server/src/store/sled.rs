//! A store on one machine's disk, in one process: the only file that names the `sled` crate.
//!
//! One tree holds every row (`layout` says where, `rows` what). Writes are staged in memory, and one sled batch
//! takes all that is staged: it is all or nothing whatever it touches, and costs the same for one write as for a
//! hundred. sled's `flush` then hands it to the kernel and the drive's cache; `files` has it written to the medium.
//!
//! After a failed write or flush nobody knows what is on the disk, and a second `fdatasync` may succeed without
//! writing anything: the store then answers nothing but errors until it is opened anew. Where the disk only took no more
//! and lost nothing, the error says so, and [`super::reopening`] may do that without a restart.

mod counter;
mod edit;
mod files;
mod layout;
mod rebuild;
mod rows;
mod survey;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use self::counter::Counter;
use self::edit::{Edit, Fate};
use self::files::Files;
use self::layout::Head;
use crate::store::{KeyValue, Store, StoreError};

/// The page cache of [`SledStore::open`], in bytes. What is kept of a territory is read once, when it is opened: more
/// makes nothing faster (docs/performance.md).
pub const CACHE_BYTES: u64 = 8 << 20;

/// The part of its file that sled writes to at a time, and frees as a whole: with 2 MiB the file grows by a third of
/// what it does with sled's own 512 KiB (measured, see docs/decisions/0002-durability.md). Kept in the directory;
/// another size does not open it.
const SEGMENT_BYTES: usize = 2 << 20;

/// How many bytes may be staged; a write that goes beyond keeps them all at once, before their caller asks.
const STAGED_MAX: usize = 4 << 20;

/// What to do about damage, for whoever reads the error.
const REMEDY: &str = "stop the server, keep a copy of the data directory, and restore the last backup";

/// A store in a directory. One process at a time; safe to share between threads.
#[derive(Debug)]
pub struct SledStore {
    db: sled::Db,
    files: Files,
    counter: Counter,
    /// Held by every write and flush: a feed number is looked up and written without another write between.
    writer: Mutex<Writer>,
    /// Why nothing is answered any more.
    failed: OnceLock<String>,
}

/// What waits for the next flush.
#[derive(Debug, Default)]
struct Writer {
    staged: Edit,
    /// How many batches were kept.
    batches: u64,
    /// A copy takes this store's place as soon as it is opened anew: what is written here would be lost.
    copied: bool,
}

impl SledStore {
    /// Opens the store in `dir`, creating both where missing.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, CACHE_BYTES)
    }

    /// Opens the store with a page cache of `cache_bytes`.
    pub fn open_with(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let files = Files::open(dir)?;
        let counter = Counter::open(dir).map_err(|e| StoreError::engine("open the data directory", e))?;
        let config = sled::Config::new().path(dir).cache_capacity(cache_bytes);
        // No timed flush: an idle store writes nothing, and nothing is written that is not flushed by us.
        let config = config.segment_size(SEGMENT_BYTES).flush_every_ms(None);
        // sled panics over some damage that it meets while it opens.
        let db = catch_unwind(AssertUnwindSafe(|| config.open()))
            .map_err(|_| damaged("the engine cannot read its files"))?
            .map_err(unopened)?;
        let store = Self { db, files, counter, writer: Mutex::default(), failed: OnceLock::new() };
        store.check_version()?;
        store.check_counter()?;
        store.make_durable()?;
        store.files.settle().map_err(|e| StoreError::engine("flush the data directory", e))?;
        Ok(store)
    }

    fn check_version(&self) -> Result<(), StoreError> {
        match self.db.get(layout::VERSION_KEY).map_err(|e| engine("read the layout's version", e))? {
            Some(version) if version == layout::VERSION => Ok(()),
            Some(version) if version == layout::VERSION_BEFORE => {
                self.stage(&mut *self.writer()?, Edit::version())
            }
            Some(_) => Err(StoreError::Damaged("it was written by a later version of the server".to_owned())),
            None => self.stage(&mut *self.writer()?, Edit::version()),
        }
    }

    /// Compares the number of batches with what was noted beside the log.
    fn check_counter(&self) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        let found = self.value(layout::COUNTER_KEY).unwrap_or_default();
        let found =
            found.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?))).unwrap_or_default();
        let settled = self.counter.settle(found).map_err(|e| StoreError::engine("note what was lost", e))?;
        writer.batches = settled;
        if settled > found {
            writer.staged.count(settled);
        }
        Ok(())
    }

    /// The writer, unless an earlier failure ended this store.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.usable()?;
        if writer.copied {
            return Err(StoreError::engine("write to what was copied", "it is to be opened anew"));
        }
        Ok(writer)
    }

    fn usable(&self) -> Result<(), StoreError> {
        match self.failed.get() {
            Some(why) => Err(StoreError::engine("go on after a failure; restart the server", why.as_str())),
            None => Ok(()),
        }
    }

    /// Ends this store: what it holds in memory may not be what is on the disk.
    fn fail(&self, error: StoreError) -> StoreError {
        // A second failure adds nothing to the first.
        drop(self.failed.set(error.to_string()));
        error
    }

    /// What a write failed of. A disk that takes no more has refused bytes before they were anywhere; one that cannot
    /// write out what it took may have lost them, and our own handle hears of that.
    fn refused(&self, doing: &'static str, source: sled::Error) -> StoreError {
        let full = matches!(&source, sled::Error::Io(error) if takes_no_more(error.kind()));
        if full && self.files.sync().is_ok() {
            return StoreError::no_room(doing, source);
        }
        engine(doing, source)
    }

    /// Adds an edit to what waits. One that touches a page that cannot be read is refused here, alone: in the batch it
    /// would fail all that waits, and end the store.
    fn stage(&self, writer: &mut Writer, edit: Edit) -> Result<(), StoreError> {
        edit.keys().try_for_each(|key| self.head(key).map(drop))?;
        writer.staged.then(edit);
        if writer.staged.bytes() > STAGED_MAX { self.keep(writer) } else { Ok(()) }
    }

    /// Writes all that waits, and returns once it is on the medium.
    fn keep(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if writer.staged.is_empty() {
            // Nothing new, but what was kept may have to be flushed once more.
            return self.flush();
        }
        writer.batches += 1;
        writer.staged.count(writer.batches);
        let mut batch = sled::Batch::default();
        for (key, fate) in std::mem::take(&mut writer.staged).into_rows() {
            match fate {
                Fate::Written(value) => batch.insert(key, value),
                Fate::Removed => batch.remove(key),
            }
        }
        self.db.apply_batch(batch).map_err(|e| self.fail(self.refused("write", e)))?;
        self.flush()?;
        self.counter.note(writer.batches);
        Ok(())
    }

    /// Returns once what was written is on the medium.
    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(|e| self.fail(self.refused("flush", e)))?;
        self.files.sync().map_err(|e| self.fail(StoreError::engine("flush to the medium", e)))
    }

    /// The bytes that will stand at a key once what waits is kept.
    fn staged_head(&self, writer: &Writer, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match writer.staged.row(key) {
            Some(Fate::Written(head)) => Ok(Some(head.clone())),
            Some(Fate::Removed) => Ok(None),
            None => self.head(key),
        }
    }

    /// The bytes that stand at a key.
    fn head(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.usable()?;
        Ok(self.db.get(key).map_err(|e| engine("read", e))?.map(|head| head.to_vec()))
    }

    /// Every row whose key starts with `prefix`, in order and from the end too.
    fn prefixed(&self, prefix: &[u8]) -> impl DoubleEndedIterator<Item = RowRead> + use<> {
        self.db.scan_prefix(prefix).map(read)
    }

    /// The rows from `first` on, up to the key `end` and without it.
    fn between(&self, first: &[u8], end: &[u8]) -> impl Iterator<Item = RowRead> + use<> {
        self.db.range(first.to_vec()..end.to_vec()).map(read)
    }

    /// The value that a head stands for, put together from its parts where it has any.
    fn whole(&self, key: &[u8], head: &[u8]) -> Result<Vec<u8>, StoreError> {
        let value = match Head::read(head).ok_or_else(|| damaged("a row that is neither short nor long"))? {
            Head::Short(value) => value.to_vec(),
            Head::Long(count) => {
                let parts: Vec<_> = self.prefixed(&layout::parts(key)).collect::<Result<_, _>>()?;
                if u32::try_from(parts.len()) != Ok(count) {
                    return Err(damaged("a long value lacks parts"));
                }
                parts.into_iter().flat_map(|(_, part)| part).collect()
            }
        };
        match layout::sum_of(head) {
            Some(sum) if sum != layout::sum(key, &value) => {
                Err(damaged("a row is not what its checksum says"))
            }
            Some(_) | None => Ok(value),
        }
    }
}

/// The disk is full, a quota or a limit on files is reached, or it was mounted read-only.
fn takes_no_more(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::ReadOnlyFilesystem
    )
}

/// A key with what stands at it.
type RowRead = Result<KeyValue, StoreError>;

fn read(row: sled::Result<(sled::IVec, sled::IVec)>) -> RowRead {
    row.map(|(key, head)| (key.to_vec(), head.to_vec())).map_err(|e| engine("read", e))
}

/// Damage that sled found itself is damage; everything else is the world's doing.
fn engine(doing: &'static str, source: sled::Error) -> StoreError {
    match source {
        sled::Error::Corruption { .. } => damaged(&format!("the engine could not {doing}")),
        source @ (sled::Error::Io(_)
        | sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_)) => StoreError::engine(doing, source),
    }
}

/// Why sled did not open. It made its files as we asked: what it finds unsupported in them is not what it wrote.
fn unopened(source: sled::Error) -> StoreError {
    match source {
        sled::Error::Unsupported(why) => damaged(&why),
        source @ (sled::Error::Io(_)
        | sled::Error::Corruption { .. }
        | sled::Error::CollectionNotFound(_)
        | sled::Error::ReportableBug(_)) => engine("open the data directory", source),
    }
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what}: {REMEDY}"))
}

/// Rows that are written at once.
type Rows = sled::Batch;

/// What a copy failed of.
fn unwritten(source: sled::Error) -> StoreError {
    match &source {
        sled::Error::Io(error) if takes_no_more(error.kind()) => StoreError::no_room("copy itself", source),
        sled::Error::Io(_)
        | sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_)
        | sled::Error::Corruption { .. } => engine("copy itself", source),
    }
}

/// Flushes a directory, so that the names in it survive a power cut. An empty path is the current directory.
fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}
