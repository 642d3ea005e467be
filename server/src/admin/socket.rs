//! The administrative door of a running server: a unix socket in its data directory, for its operator alone.
//!
//! One command a connection: a JSON line in, JSON lines out, reports first and the result last. Who may open the
//! socket is the operating system's business (the socket is its owner's, as the directory is); nothing else is asked.
//! A command that was taken is finished, whether or not who gave it still listens.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::command::{AdminCommand, Done, Report};
use super::failure::Failure;
use super::said::Said;
use super::{Tell, perform};
use crate::clock;
use crate::state::State;

/// The socket's name in the data directory.
const NAME: &str = "admin.sock";
/// The longest line either way, in bytes: the largest file, a third longer for base64.
const LINE_BYTES_MAX: u64 = 192 * 1024 * 1024;
/// Reports that wait for a slow listener; more are left out.
const REPORTS_MAX: usize = 256;

/// A line of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Report(Report),
    Done(Box<Done>),
    Failed(Failure),
}

/// The server's end; the socket is gone when this is dropped.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    listener: UnixListener,
}

impl Drop for Door {
    fn drop(&mut self) {
        // Whoever removed it first did the same.
        drop(fs::remove_file(&self.path));
    }
}

impl Door {
    /// Opens the door in a data directory that this process holds: a socket that stands there is a dead server's.
    ///
    /// The socket is bound in a directory of its own and moved once it is its owner's alone, so that nobody else may
    /// connect for even a moment.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(NAME);
        let hall = data.join(format!(".{}", clock::uuid().simple()));
        fs::create_dir(&hall)?;
        let opened = || {
            fs::set_permissions(&hall, fs::Permissions::from_mode(0o700))?;
            let fresh = hall.join("s");
            let listener = UnixListener::bind(&fresh)?;
            fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
            fs::rename(&fresh, &path)?;
            Ok(listener)
        };
        let opened = opened();
        drop(fs::remove_dir_all(&hall));
        opened.map(|listener| Self { path, listener })
    }

    /// Answers until the server stops, then finishes what was begun.
    pub async fn serve(self, state: Arc<State>) {
        let mut stopping = state.stopping.subscribe();
        let mut visits = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => break,
            };
            while visits.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) => drop(visits.spawn(visit(Arc::clone(&state), stream))),
                Err(error) => {
                    tracing::warn!(%error, "the administrative socket does not accept");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
        while visits.join_next().await.is_some() {}
    }
}

async fn visit(state: Arc<State>, stream: UnixStream) {
    let (from, mut to) = stream.into_split();
    let mut line = String::new();
    let read = BufReader::new(from.take(LINE_BYTES_MAX)).read_line(&mut line).await;
    if read.is_err() || !line.ends_with('\n') {
        return;
    }
    let (reports, mut waiting) = mpsc::channel::<Report>(REPORTS_MAX);
    let work = async move {
        let command: AdminCommand = serde_json::from_str(&line).map_err(|_| not_understood())?;
        drop(line);
        // A report that finds no room is left out: the result is whole.
        let mut tell = move |report| drop(reports.try_send(report));
        perform(&state, command, &mut tell).await.map_err(|error| Failure::from(&error))
    };
    let pass_on = async {
        while let Some(report) = waiting.recv().await {
            // Nobody listening any more does not stop the work.
            drop(send(&mut to, &Answer::Report(report)).await);
        }
    };
    let (result, ()) = tokio::join!(work, pass_on);
    let answer = result.map_or_else(Answer::Failed, |done| Answer::Done(Box::new(done)));
    drop(send(&mut to, &answer).await);
}

async fn send(to: &mut (impl AsyncWriteExt + Unpin), value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line).await
}

/// Has the server that runs on a data directory perform a command; `None` when none runs.
pub async fn ask(
    data: &Path,
    command: &AdminCommand,
    tell: Tell<'_>,
) -> io::Result<Option<Result<Done, Failure>>> {
    let stream = match UnixStream::connect(data.join(NAME)).await {
        Ok(stream) => stream,
        Err(error) if is_nobody(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (from, mut to) = stream.into_split();
    send(&mut to, command).await?;
    let mut lines = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        (&mut lines).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server ended before it answered"));
        }
        match serde_json::from_slice(&line)? {
            Answer::Report(report) => tell(report),
            Answer::Done(done) => return Ok(Some(Ok(*done))),
            Answer::Failed(failure) => return Ok(Some(Err(failure))),
        }
    }
}

/// Whether a socket that does not open means that no server is there. A path too long for a socket has none either.
fn is_nobody(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, InvalidInput, NotFound};
    matches!(error.kind(), ConnectionRefused | InvalidInput | NotFound)
}

fn not_understood() -> Failure {
    let said = Said::new(
        "Le serveur en marche ne connaît pas cette commande : il est sans doute d’une autre version. Redémarrez-le.",
        "The running server does not know this command: it is probably of another version. Restart it.",
    );
    Failure { code: "not-understood".to_owned(), said }
}
