//! A command on a data directory: given to the server that runs there, or performed here when none does.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::progress::Progress;
use super::{CliError, Context, OpenStore, catalogue, directory};
use crate::admin::command::{AdminCommand, Done, Report};
use crate::admin::failure::Failure;
use crate::admin::{self, Tell, socket};
use crate::settings::Settings;
use crate::state::State;
use crate::store::{Store, StoreError};

/// How often, and how long apart, a directory is tried that another process holds: a server that starts or stops
/// holds it for a moment without answering, and so does another command.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_millis(400);

/// Has a command performed.
pub(super) async fn call(
    context: &Context,
    settings: Settings,
    command: AdminCommand,
) -> Result<Done, CliError> {
    if matches!(command, AdminCommand::CreateTerritory { .. }) {
        let made = directory::prepare(&settings.data);
        made.map_err(|error| {
            CliError::work("data-directory", catalogue::no_directory(&settings.data, &error))
        })?;
    } else if directory::holds_nothing(&settings.data) {
        return Err(CliError::work("no-data", catalogue::nothing_there(&settings.data)));
    }
    let progress = Progress::new();
    let bar = progress.clone();
    let mut tell = move |report: Report| bar.hear(&report);
    Box::pin(progress.during(attempts(context, &settings, command, &mut tell))).await
}

async fn attempts(
    context: &Context,
    settings: &Settings,
    command: AdminCommand,
    tell: Tell<'_>,
) -> Result<Done, CliError> {
    for attempt in 1.. {
        let asked = socket::ask(&settings.data, &command, &mut *tell).await;
        if let Some(answer) = asked.map_err(|error| not_answered(&error))? {
            return Ok(answer?);
        }
        match open(context.open, settings).await {
            Ok(store) => return here(store, settings.clone(), command, tell).await,
            Err(StoreError::Busy { .. }) if attempt < TRIES => tokio::time::sleep(WAIT).await,
            Err(error) => return Err(not_opened(settings, &error)),
        }
    }
    unreachable!("the last attempt returns")
}

/// Opens the store where it may take its time.
pub(super) async fn open(open: OpenStore, settings: &Settings) -> Result<Arc<dyn Store>, StoreError> {
    let settings = settings.clone();
    match tokio::task::spawn_blocking(move || open(&settings)).await {
        Ok(opened) => opened,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}

async fn here(
    store: Arc<dyn Store>,
    settings: Settings,
    command: AdminCommand,
    tell: Tell<'_>,
) -> Result<Done, CliError> {
    let data = settings.clone();
    let state = State::open(store, settings).await.map_err(|error| not_opened(&data, &error))?;
    let done = admin::perform(&state, command, tell).await.map_err(|error| Failure::from(&error));
    state.registry.committer().close().await;
    Ok(done?)
}

/// A store that cannot be opened, in words.
pub(super) fn not_opened(settings: &Settings, error: &StoreError) -> CliError {
    match error {
        StoreError::Busy { .. } => CliError::work("busy", catalogue::busy(&settings.data)),
        StoreError::Damaged(_) => CliError::work("damaged", catalogue::damaged(&settings.data, error)),
        StoreError::Engine { .. } | StoreError::NoRoom { .. } | StoreError::FeedConflict { .. } => {
            CliError::work("store", catalogue::not_opened(&settings.data, error))
        }
    }
}

fn not_answered(error: &io::Error) -> CliError {
    CliError::work("socket", catalogue::not_answered(error))
}
