//! A backup of everything, of a server that runs or not: territory by territory, each while nothing of it is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::Kept;

use super::Tell;
use super::command::{BackedUp, Report};
use super::failure::AdminError;
use crate::backup::{Piece, Writer};
use crate::state::State;
use crate::store::{Row, Store, StoreError, Table};

/// Feed rows that are read at a time.
const PAGE_ROWS: usize = 1_000;

/// Writes a backup to a file that is not there yet.
pub(super) async fn write(state: &State, path: PathBuf, tell: Tell<'_>) -> Result<BackedUp, AdminError> {
    let failed =
        |error: io::Error| AdminError::Backup { path: path.display().to_string(), why: error.to_string() };
    if path.exists() {
        return Err(failed(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file of that name already",
        )));
    }
    // Under another name until it is whole, for its owner alone: it holds names and phone numbers.
    let partial = beside(&path, ".partial");
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(failed)?;
    let written = everything(state, file, tell).await;
    let (damaged, territories) = match written {
        Ok(done) => done,
        Err(error) => {
            drop(fs::remove_file(&partial));
            return Err(match error {
                Failed::Io(error) => failed(error),
                Failed::Store(error) => error.into(),
            });
        }
    };
    fs::rename(&partial, &path).and_then(|()| synced(path.parent())).map_err(failed)?;
    let bytes = fs::metadata(&path).map_err(failed)?.len();
    tracing::info!(territories, bytes, "backup written");
    Ok(BackedUp { path: path.display().to_string(), territories, bytes, damaged })
}

/// Why a backup was not written.
enum Failed {
    Io(io::Error),
    Store(StoreError),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes everything; how much was damaged and is left out, and how many territories there are.
async fn everything(state: &State, file: File, tell: Tell<'_>) -> Result<(usize, usize), Failed> {
    let committer = state.registry.committer();
    let mut writer = Writer::new(BufWriter::new(file))?;
    let mut damaged = committer.read(|store: &dyn Store| store.losses()).await?.len();
    // Descriptions before logs: a territory is there once its description is, which is written last.
    for table in Table::ALL {
        for (key, value) in committer.read(move |store: &dyn Store| store.scan(table)).await? {
            writer.add(&Piece::Row(Row { table, key, value: Some(value) }))?;
        }
    }
    let territories = committer.read(|store: &dyn Store| store.territories()).await?;
    for (done, id) in territories.iter().enumerate() {
        tell(Report { done, of: territories.len() });
        let Some(kept) = state.registry.kept(*id).await? else { continue };
        damaged += kept.damaged.len();
        log(state, *id, kept, &mut writer).await?;
    }
    let file = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok((damaged, territories.len()))
}

/// Writes what was kept of a territory.
async fn log(
    state: &State,
    id: TerritoryId,
    kept: Kept,
    writer: &mut Writer<impl Write>,
) -> Result<(), Failed> {
    let Kept { epoch, snapshots, chunks, bindings, quarantine, feed_last, damaged: _ } = kept;
    let mut snapshots = snapshots.into_iter();
    // A later epoch begins with a whole document.
    if let Some(document) = (epoch > 0).then(|| snapshots.next()).flatten() {
        writer.add(&Piece::Epoch(id, epoch, document))?;
    }
    snapshots.try_for_each(|chunk| writer.add(&Piece::Snapshot(id, chunk)))?;
    chunks.into_iter().try_for_each(|chunk| writer.add(&Piece::Chunk(id, chunk)))?;
    bindings.into_iter().try_for_each(|binding| writer.add(&Piece::Binding(id, binding)))?;
    quarantine.into_iter().try_for_each(|held| writer.add(&Piece::Quarantine(id, held)))?;
    let mut after = 0;
    while after < feed_last {
        let read = move |store: &dyn Store| store.feed(id, after, PAGE_ROWS);
        let rows = state.registry.committer().read(read).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        // What happened after the log was read has its changes in the next backup, and its events too.
        let known = rows.into_iter().filter(|row| row.seq <= feed_last);
        known.into_iter().try_for_each(|row| writer.add(&Piece::Feed(id, row)))?;
    }
    Ok(())
}

/// The same path with something behind its name.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A name in a directory is on the disk when the directory is.
fn synced(directory: Option<&Path>) -> io::Result<()> {
    let directory = directory.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
