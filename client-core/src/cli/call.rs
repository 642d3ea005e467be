//! What every command needs: where the device is kept, which language, how results are printed, how work fails.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use portrea_protocol::schema::write::EditError;
use serde::Serialize;

use super::args::Args;
use super::words::Lang;
use crate::device::{Device, DeviceError};
use crate::replica::ReplicaError;
use crate::shelf::ShelfError;
use crate::status::Status;

/// How a command ends when it does not end well.
#[derive(Debug)]
pub(super) enum Failure {
    /// The work failed.
    Failed(String),
    /// The server no longer knows this device; trying again is of no use.
    SignedOut(String),
    /// The call was wrong.
    Wrong(String),
    /// Nobody reads the output any more, and that is nobody's fault.
    Gone,
}

/// One call of the command.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) dir: PathBuf,
    pub(super) json: bool,
    pub(super) offline: bool,
    pub(super) lang: Lang,
}

impl Call {
    pub(super) fn new(args: &Args, lang: Lang) -> Result<Self, Failure> {
        let dir = args.data.clone().or_else(default_dir);
        let dir = dir.ok_or_else(|| Failure::Wrong(lang.no_home()))?;
        Ok(Self { dir, json: args.json, offline: args.offline, lang })
    }

    /// Opens the device.
    pub(super) fn device(&self) -> Result<Device, Failure> {
        Device::open(&self.dir).map_err(|error| self.explain(&error))
    }

    /// Says a device's error in the caller's language.
    pub(super) fn explain(&self, error: &DeviceError) -> Failure {
        let lang = self.lang;
        let text = match error {
            DeviceError::Reader => lang.reader(),
            DeviceError::Stopped => lang.unreadable(&error.to_string()),
            DeviceError::Replica(ReplicaError::NoDocument) => lang.no_document(),
            DeviceError::Replica(ReplicaError::Edit(refused)) => return self.refused(refused),
            DeviceError::Replica(
                ReplicaError::Kept(_)
                | ReplicaError::Malformed
                | ReplicaError::NotConnected
                | ReplicaError::Merge(_),
            )
            | DeviceError::Shelf(ShelfError::Unreadable { .. }) => lang.unreadable(&chain(error)),
            DeviceError::Shelf(ShelfError::NoDevice(dir)) => lang.no_device(dir),
            DeviceError::Shelf(ShelfError::Exists(dir)) => lang.exists(dir),
            DeviceError::Shelf(ShelfError::Full { path, .. }) => lang.full(path),
            DeviceError::Shelf(ShelfError::Io { path, source, .. }) => lang.disk(path, &source.to_string()),
        };
        Failure::Failed(text)
    }

    /// Says why an edit was not written: a record that is not there is the world's fault, the rest is the caller's.
    pub(super) fn refused(&self, error: &EditError) -> Failure {
        let text = self.lang.refused(error);
        match error {
            EditError::NoRecord(_) | EditError::Exists(_) | EditError::Document(_) => Failure::Failed(text),
            EditError::NotAUuid(_)
            | EditError::NoName
            | EditError::WrongKind { .. }
            | EditError::UnknownWord { .. }
            | EditError::NotAllowed
            | EditError::TooLong { .. } => Failure::Wrong(text),
        }
    }

    /// Prints text.
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| self.output(&error))
    }

    /// Prints a result as JSON.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.to_string()))?;
        self.say(&text)
    }

    /// Prints bytes as they are.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| self.output(&error))
    }

    /// Tries to reach the server for a while, showing that it works when that takes more than a second.
    pub(super) fn reach(
        &self,
        device: &mut Device,
        within: Duration,
        doing: &str,
    ) -> Result<Status, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let reached = runtime.block_on(async {
            let work = device.sync_once(within);
            tokio::pin!(work);
            tokio::select! {
                reached = &mut work => reached,
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    let spinner = spinner(doing);
                    let reached = work.await;
                    spinner.finish_and_clear();
                    reached
                }
            }
        });
        // A name that resolves slowly must not hold the command back.
        runtime.shutdown_background();
        reached.map_err(|error| self.explain(&error))
    }

    fn output(&self, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::Gone;
        }
        Failure::Failed(self.lang.disk("stdout", &error.to_string()))
    }
}

/// Says something beside the result.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Something that turns, on a terminal only.
fn spinner(doing: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message(doing.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

fn default_dir() -> Option<PathBuf> {
    let filled = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = filled("XDG_DATA_HOME").filter(|dir| dir.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    data.map(|data| data.join("portrea"))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
