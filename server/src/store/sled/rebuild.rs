//! A copy of all that lives, in files of its own: what was removed or overwritten stands in the log until its segment is
//! used again, and sled gives hardly any room back.
//!
//! The copy is made in [`COPYING`], and called [`COPIED`] once it is whole and on the medium: from then on it is the
//! store, and whoever opens the directory puts it in its place first. Each step may be the last one before a crash: the
//! same steps are done again. The log comes last of the files, for the copy is there as long as its log is.
//!
//! 1. sled's snapshots of the old log go: they speak of nothing that is in the new one.
//! 2. The small files beside the log take the place of the old ones, then the log does, each by a rename.
//! 3. What is left of the copy's directory goes.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::layout::{self, Head};
use super::{Rows, SledStore, engine, sync_dir, unwritten};
use crate::store::StoreError;

/// Where a copy is made.
const COPYING: &str = "copying";
/// What it is called once it is whole.
const COPIED: &str = "copied";
/// The log.
const LOG: &str = "db";
/// The files that go with it: sled's own settings, and the number of batches.
const BESIDE: [&str; 2] = ["conf", "batches"];
/// What sled's snapshots begin with.
const SNAPSHOT: &str = "snap.";
/// How much is written to it at a time.
const BATCH_BYTES: usize = 2 << 20;

impl SledStore {
    /// Makes the copy; nothing is written to this store meanwhile, and no more once it is there.
    pub(super) fn copy_beside(&self, tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        self.keep(&mut writer)?;
        let dir = self.files.dir();
        let copying = dir.join(COPYING);
        let copied = remove(&copying)
            .map_err(|error| unwritten(error.into()))
            .and_then(|()| self.copy_to(&copying, tell))
            .and_then(|()| settle(&copying, dir).map_err(|error| unwritten(error.into())));
        if copied.is_err() {
            // Room for those who write here.
            drop(remove(&copying));
            return copied;
        }
        writer.copied = true;
        Ok(())
    }

    fn copy_to(&self, copying: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        let copy = Self::open(copying)?;
        let of_all = self.db.len() as u64;
        let (mut rows, mut bytes, mut batch) = (0, 0, Rows::default());
        let mut whole: Option<(Vec<u8>, u32)> = None;
        for row in self.db.iter() {
            let (key, head) = row.map_err(|e| engine("read", e))?;
            // The copy counts its own batches.
            if key == layout::COUNTER_KEY {
                continue;
            }
            if let Some((of, number)) = layout::whole_of(&key) {
                if whole.as_ref().is_none_or(|(last, _)| last != of) {
                    whole = Some((of.to_vec(), self.parts_of(of)?));
                }
                // A part that nothing speaks of is not copied.
                if whole.as_ref().is_none_or(|(_, parts)| number >= *parts) {
                    continue;
                }
            }
            bytes += key.len() + head.len();
            rows += 1;
            batch.insert(key, head);
            if bytes > BATCH_BYTES {
                copy.db.apply_batch(std::mem::take(&mut batch)).map_err(unwritten)?;
                bytes = 0;
                tell(rows, of_all);
            }
        }
        copy.db.apply_batch(batch).map_err(unwritten)?;
        copy.db.flush().map_err(unwritten)?;
        tell(rows, of_all);
        copy.files.settle().map_err(|error| unwritten(error.into()))
    }

    /// How many parts the value at a key has.
    fn parts_of(&self, key: &[u8]) -> Result<u32, StoreError> {
        let head = self.head(key)?;
        Ok(match head.as_deref().and_then(Head::read) {
            Some(Head::Long(count)) => count,
            Some(Head::Short(_)) | None => 0,
        })
    }
}

/// The copy is whole: it and its name are on the medium.
fn settle(copying: &Path, dir: &Path) -> io::Result<()> {
    for name in BESIDE.into_iter().chain([LOG]) {
        File::open(copying.join(name))?.sync_all()?;
    }
    sync_dir(copying)?;
    fs::rename(copying, dir.join(COPIED))?;
    sync_dir(dir)
}

/// The names of the files that make up a copy, in the order in which they take their places.
pub(super) fn steps(dir: &Path) -> io::Result<Vec<Step>> {
    let copied = dir.join(COPIED);
    let mut steps = Vec::new();
    if dir.join(COPYING).exists() {
        steps.push(Step::Remove(COPYING.to_owned()));
    }
    if !copied.exists() {
        return Ok(steps);
    }
    if copied.join(LOG).exists() {
        let mut snapshots = BTreeSet::new();
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(SNAPSHOT) {
                snapshots.insert(name);
            }
        }
        steps.extend(snapshots.into_iter().map(Step::Remove));
        let files = BESIDE.into_iter().filter(|name| copied.join(name).exists()).chain([LOG]);
        steps.extend(files.map(Step::Take));
    }
    steps.push(Step::Remove(COPIED.to_owned()));
    Ok(steps)
}

/// One step of putting a copy in its place. After any of them the rest can be found out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A file or a directory goes.
    Remove(String),
    /// A file of the copy takes the place of the old one.
    Take(&'static str),
}

impl Step {
    /// Does it, for good.
    pub(super) fn perform(&self, dir: &Path) -> io::Result<()> {
        match self {
            Self::Remove(name) => remove(&dir.join(name))?,
            Self::Take(name) => fs::rename(dir.join(COPIED).join(name), dir.join(name))?,
        }
        sync_dir(dir)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
