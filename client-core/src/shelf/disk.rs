//! A directory on disk.
//!
//! ```text
//! device.json   who this device is                    replaced whole, readable by its owner alone
//! snapshot      the last whole document               replaced whole
//! changes.log   changes kept since (see journal)      appended, flushed before `keep` returns
//! server.json   what is known of the server           replaced whole; may be lost
//! epoch.json    which document of the territory it is  replaced whole; none while it is the first
//! lock          held while a process works here       two commands wait for each other
//! ```
//!
//! In a later epoch the document's files carry its number: `snapshot-1`, `changes-1.log`, `server-1.json`. Moving to it is:
//! write those, replace `epoch.json`, remove those of the earlier one. Whoever opens the directory goes by `epoch.json` and
//! removes the files of any other.
//!
//! Replacing whole is: write beside, flush, rename, flush the directory. A snapshot is in place before the changes it
//! holds leave the log, and reading a change twice is harmless, so any moment is a good one for a power cut.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use automerge::ChangeHash;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::{Crossed, Kept, ServerKnown, Shelf, ShelfError, journal};

const DEVICE: &str = "device.json";
const EPOCH: &str = "epoch.json";
const LOCK: &str = "lock";

/// The files of the document of one epoch: the snapshot, the changes, what is known of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Names([String; 3]);

impl Names {
    fn of(epoch: u32) -> Self {
        let number = if epoch == 0 { String::new() } else { format!("-{epoch}") };
        Self([format!("snapshot{number}"), format!("changes{number}.log"), format!("server{number}.json")])
    }

    fn snapshot(&self) -> &str {
        &self.0[0]
    }

    fn changes(&self) -> &str {
        &self.0[1]
    }

    fn server(&self) -> &str {
        &self.0[2]
    }

    /// Whether a file is one of another epoch.
    fn is_foreign(&self, name: &str) -> bool {
        let stem = name.split(['-', '.']).next().unwrap_or_default();
        matches!(stem, "snapshot" | "changes" | "server") && !self.0.iter().any(|own| own == name)
    }
}

/// A device's directory, locked for this process.
#[derive(Debug)]
pub struct DiskShelf {
    dir: PathBuf,
    names: Names,
    log: File,
    /// Where the last whole entry ends.
    end: u64,
    loose: usize,
    /// Held until the shelf is dropped.
    _lock: File,
}

impl DiskShelf {
    /// Opens the device kept in a directory, waiting for another process that works there.
    pub fn open(dir: &Path) -> Result<(Self, Identity), ShelfError> {
        if !dir.join(DEVICE).is_file() {
            return Err(ShelfError::NoDevice(dir.display().to_string()));
        }
        let lock = lock(dir)?;
        let identity = read_json(&dir.join(DEVICE))?;
        Ok((Self::with(dir, lock)?, identity))
    }

    /// Makes a device in a directory that has none.
    pub fn create(dir: &Path, identity: &Identity) -> Result<Self, ShelfError> {
        make_private_dir(dir).map_err(|source| trouble("make", dir, source))?;
        let lock = lock(dir)?;
        if dir.join(DEVICE).exists() {
            return Err(ShelfError::Exists(dir.display().to_string()));
        }
        let shelf = Self::with(dir, lock)?;
        replace(&dir.join(DEVICE), &to_json(identity))?;
        Ok(shelf)
    }

    fn with(dir: &Path, lock: File) -> Result<Self, ShelfError> {
        let names = Names::of(crossed(dir)?.map_or(0, |crossed| crossed.epoch));
        sweep(dir, &names)?;
        let path = dir.join(names.changes());
        let mut options = private();
        let log = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| trouble("open", &path, source))?;
        flush_dir(dir)?;
        let mut shelf = Self { dir: dir.to_owned(), names, log, end: 0, loose: 0, _lock: lock };
        shelf.entries()?;
        Ok(shelf)
    }

    /// Reads the log and cuts a torn tail off: nobody was told that it was kept.
    fn entries(&mut self) -> Result<Vec<Vec<u8>>, ShelfError> {
        let path = self.dir.join(self.names.changes());
        let mut bytes = Vec::new();
        self.log
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.log.read_to_end(&mut bytes))
            .map_err(|source| trouble("read", &path, source))?;
        let (entries, end) = journal::entries(&bytes);
        self.end = end as u64;
        self.loose = entries.len();
        if end < bytes.len() {
            self.log
                .set_len(self.end)
                .and_then(|()| self.log.sync_all())
                .map_err(|source| trouble("mend", &path, source))?;
        }
        Ok(entries)
    }

    /// Writes the files of another epoch beside those that are in force.
    fn prepare(&self, epoch: u32, snapshot: &[u8]) -> Result<(Names, File), ShelfError> {
        let names = Names::of(epoch);
        replace(&self.dir.join(names.snapshot()), snapshot)?;
        let path = self.dir.join(names.changes());
        let mut options = private();
        let log = options.read(true).write(true).create(true).truncate(true).open(&path);
        let log = log.and_then(|log| log.sync_all().map(|()| log));
        Ok((names, log.map_err(|source| trouble("open", &path, source))?))
    }

    /// From here on the files of that epoch are in force.
    fn settle(&self, crossed: &Crossed) -> Result<(), ShelfError> {
        replace(&self.dir.join(EPOCH), &to_json(crossed))
    }

    fn append(&mut self, entry: &[u8]) -> io::Result<()> {
        self.log.seek(SeekFrom::Start(self.end))?;
        self.log.write_all(entry)?;
        self.log.sync_data()
    }
}

impl Shelf for DiskShelf {
    fn read(&mut self) -> Result<Kept, ShelfError> {
        let changes = self.entries()?;
        let path = self.dir.join(self.names.snapshot());
        let snapshot = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(trouble("read", &path, source)),
        };
        // What is known of the server only saves a few bytes: a damaged note is no note.
        let note: Note = read_json(&self.dir.join(self.names.server())).unwrap_or_default();
        Ok(Kept { snapshot, changes, server: note.into(), crossed: crossed(&self.dir)? })
    }

    fn keep(&mut self, changes: &[u8]) -> Result<(), ShelfError> {
        let path = self.dir.join(self.names.changes());
        let entry = journal::entry(changes)
            .ok_or_else(|| trouble("write", &path, io::Error::from(io::ErrorKind::FileTooLarge)))?;
        if let Err(source) = self.append(&entry) {
            // The half-written entry goes; were this to fail too, the next reading drops it as a torn tail.
            let _ = self.log.set_len(self.end);
            return Err(trouble("write", &path, source));
        }
        self.end += entry.len() as u64;
        self.loose += 1;
        Ok(())
    }

    fn compact(&mut self, snapshot: &[u8]) -> Result<(), ShelfError> {
        replace(&self.dir.join(self.names.snapshot()), snapshot)?;
        self.log
            .set_len(0)
            .and_then(|()| self.log.sync_all())
            .map_err(|source| trouble("shorten", &self.dir.join(self.names.changes()), source))?;
        (self.end, self.loose) = (0, 0);
        Ok(())
    }

    fn cross(&mut self, crossed: &Crossed, snapshot: &[u8]) -> Result<(), ShelfError> {
        let (names, log) = self.prepare(crossed.epoch, snapshot)?;
        let settled = self.settle(crossed);
        // Replaced, and not known to survive a power cut: then it is in force, and the earlier files stay for now.
        let in_force =
            settled.is_ok() || self::crossed(&self.dir)?.is_some_and(|it| it.epoch == crossed.epoch);
        if !in_force {
            return settled;
        }
        (self.names, self.log, self.end, self.loose) = (names, log, 0, 0);
        // What could not be removed is removed when the directory is next opened.
        if let Err(error) = settled.and_then(|()| sweep(&self.dir, &self.names)) {
            tracing::warn!(%error, "an earlier document is still here");
        }
        Ok(())
    }

    fn note(&mut self, server: &ServerKnown) -> Result<(), ShelfError> {
        replace(&self.dir.join(self.names.server()), &to_json(&Note::from(server.clone())))
    }

    fn rename(&mut self, identity: &Identity) -> Result<(), ShelfError> {
        replace(&self.dir.join(DEVICE), &to_json(identity))
    }

    fn loose(&self) -> usize {
        self.loose
    }
}

/// `server.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Note {
    heads: Vec<String>,
    at: Option<UnixMillis>,
    refused: Option<String>,
    signed_out: bool,
}

impl From<ServerKnown> for Note {
    fn from(known: ServerKnown) -> Self {
        let heads = known.heads.iter().map(ToString::to_string).collect();
        Self { heads, at: known.at, refused: known.refused, signed_out: known.signed_out }
    }
}

impl From<Note> for ServerKnown {
    fn from(note: Note) -> Self {
        let heads = note.heads.iter().filter_map(|hash| hash.parse::<ChangeHash>().ok()).collect();
        Self { heads, at: note.at, refused: note.refused, signed_out: note.signed_out }
    }
}

/// How the device came to the document that is here.
fn crossed(dir: &Path) -> Result<Option<Crossed>, ShelfError> {
    let path = dir.join(EPOCH);
    if path.exists() { read_json(&path).map(Some) } else { Ok(None) }
}

/// Removes the files of other epochs: of one that the device left, or never came to.
fn sweep(dir: &Path, names: &Names) -> Result<(), ShelfError> {
    let all = fs::read_dir(dir).map_err(|source| trouble("read", dir, source))?;
    for entry in all {
        let path = entry.map_err(|source| trouble("read", dir, source))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if names.is_foreign(name) {
            fs::remove_file(&path).map_err(|source| trouble("remove", &path, source))?;
        }
    }
    flush_dir(dir)
}

fn lock(dir: &Path) -> Result<File, ShelfError> {
    let path = dir.join(LOCK);
    private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| trouble("lock", &path, source))
}

/// Puts bytes in the place of a file, whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), ShelfError> {
    let beside = path.with_extension("new");
    let written = private().write(true).create(true).truncate(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(source) = written.and_then(|()| fs::rename(&beside, path)) {
        let _ = fs::remove_file(&beside);
        return Err(trouble("write", path, source));
    }
    path.parent().map_or(Ok(()), flush_dir)
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("our own files are plain JSON")
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, ShelfError> {
    let bytes = fs::read(path).map_err(|source| trouble("read", path, source))?;
    // The position is told and never the content: it may hold the token.
    serde_json::from_slice(&bytes).map_err(|error| ShelfError::Unreadable {
        path: path.display().to_string(),
        why: format!("line {}, column {}", error.line(), error.column()),
    })
}

fn trouble(what: &'static str, path: &Path, source: io::Error) -> ShelfError {
    let path = path.display().to_string();
    if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        ShelfError::Full { path, source }
    } else {
        ShelfError::Io { what, path, source }
    }
}

/// Options that make files readable by their owner alone: the directory holds names and phone numbers.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Flushes a directory, so that a rename or a new file survives a power cut.
#[cfg(unix)]
fn flush_dir(dir: &Path) -> Result<(), ShelfError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| trouble("flush", dir, source))
}

#[cfg(not(unix))]
fn flush_dir(_dir: &Path) -> Result<(), ShelfError> {
    Ok(())
}

#[cfg(test)]
mod tests;
