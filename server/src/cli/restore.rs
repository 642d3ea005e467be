//! A backup made into a data directory again: under another name until it is whole.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Epoch, FeedRow, Snapshot};
use serde_json::json;

use super::arguments::Restore;
use super::serve::say;
use super::{CliError, Context, call, catalogue, directory};
use crate::admin::backup::beside;
use crate::admin::said::Said;
use crate::backup::{BackupError, Piece, Reader};
use crate::store::{Store, StoreError, Table};

/// How much is staged before it is made durable, in bytes.
const STAGED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Makes a data directory of a backup.
pub(super) async fn run(context: &Context, restore: Restore) -> Result<ExitCode, CliError> {
    let file = restore.file.clone();
    let settings = restore.place.settings()?;
    let data = settings.data.clone();
    if data.exists() && !directory::holds_nothing(&data) {
        return Err(CliError::work("not-empty", catalogue::not_empty(&data)));
    }
    let fresh = beside(&data, ".restoring");
    if fresh.exists() {
        return Err(CliError::work("not-empty", catalogue::left_over(&fresh)));
    }
    let unreadable = |error| CliError::work("unreadable-file", catalogue::unreadable(&file, &error));
    let opened = File::open(&file).map_err(unreadable)?;
    let reader = Reader::new(BufReader::new(opened)).map_err(|error| broken(&file, &error))?;
    directory::prepare(&fresh)
        .map_err(|error| CliError::work("data-directory", catalogue::no_directory(&fresh, &error)))?;
    let mut elsewhere = settings.clone();
    elsewhere.data.clone_from(&fresh);
    let restored = async {
        let store = call::open(context.open, &elsewhere)
            .await
            .map_err(|error| call::not_opened(&elsewhere, &error))?;
        let path = file.clone();
        let filled = tokio::task::spawn_blocking(move || fill(store.as_ref(), reader)).await;
        match filled {
            Ok(Ok(territories)) => Ok(territories),
            Ok(Err(Stopped::Backup(error))) => Err(broken(&path, &error)),
            Ok(Err(Stopped::Store(error))) => Err(call::not_opened(&elsewhere, &error)),
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    };
    let territories = match restored.await {
        Ok(territories) => territories,
        Err(error) => {
            // Ours, and of no use to anybody.
            drop(fs::remove_dir_all(&fresh));
            return Err(error);
        }
    };
    // An empty directory gives way to a full one in one step.
    fs::rename(&fresh, &data)
        .map_err(|error| CliError::work("data-directory", catalogue::no_directory(&data, &error)))?;
    let shown = data.display();
    if context.json {
        say(&json!({ "data": shown.to_string(), "territories": territories }).to_string());
    } else {
        say(context.lang.of(&Said::new(
            format!("{shown} · territoires : {territories}. « portrea-server verify --data {shown} » contrôle tout."),
            format!("{shown} · territories: {territories}. `portrea-server verify --data {shown}` checks everything."),
        )));
    }
    Ok(ExitCode::SUCCESS)
}

fn broken(file: &Path, error: &BackupError) -> CliError {
    CliError::work("broken-backup", catalogue::broken_backup(file, error))
}

/// Why a store was not filled.
enum Stopped {
    Backup(BackupError),
    Store(StoreError),
}

impl From<BackupError> for Stopped {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Puts every piece into an empty store; how many territories it has then.
fn fill(
    store: &dyn Store,
    pieces: impl Iterator<Item = Result<Piece, BackupError>>,
) -> Result<usize, Stopped> {
    let mut staged = 0;
    let mut territories = 0;
    let mut feed: Option<(TerritoryId, Vec<FeedRow>)> = None;
    for piece in pieces {
        let piece = piece?;
        if let Piece::Feed(id, row) = piece {
            staged += row.json.len();
            match &mut feed {
                Some((of, rows)) if *of == id => rows.push(row),
                other => {
                    let before = other.replace((id, vec![row]));
                    append_feed(store, before)?;
                }
            }
        } else {
            append_feed(store, feed.take())?;
            match piece {
                Piece::Row(row) => {
                    staged += row.value.as_ref().map_or(0, Vec::len);
                    territories += usize::from(row.table == Table::Territory);
                    store.put(&[row])?;
                }
                Piece::Epoch(id, number, document) => {
                    staged += document.bytes().len();
                    let (bindings, quarantine, feed) = (Vec::new(), Vec::new(), Vec::new());
                    let epoch = Epoch { number, document, bindings, quarantine, feed };
                    store.begin_epoch(id, &epoch, &[])?;
                }
                Piece::Snapshot(id, chunk) => {
                    staged += chunk.bytes().len();
                    store.compact(id, &Snapshot { chunk, supersedes: Vec::new() })?;
                }
                Piece::Chunk(id, chunk) => {
                    staged += chunk.bytes().len();
                    store.append(id, &Batch { chunk: Some(chunk), ..Batch::default() })?;
                }
                Piece::Binding(id, binding) => {
                    staged += binding.name.len();
                    store.append(id, &Batch { bindings: vec![binding], ..Batch::default() })?;
                }
                Piece::Quarantine(id, held) => {
                    staged += held.bytes.len();
                    store.append(id, &Batch { quarantine: vec![held], ..Batch::default() })?;
                }
                Piece::Feed(..) => {}
            }
        }
        if staged > STAGED_BYTES_MAX {
            append_feed(store, feed.take())?;
            store.make_durable()?;
            staged = 0;
        }
    }
    append_feed(store, feed)?;
    store.make_durable()?;
    Ok(territories)
}

fn append_feed(store: &dyn Store, feed: Option<(TerritoryId, Vec<FeedRow>)>) -> Result<(), StoreError> {
    let Some((id, feed)) = feed else { return Ok(()) };
    store.append(id, &Batch { feed, ..Batch::default() })
}
