//! The `portrea-server` command: what its words mean, and what it says.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 the work failed, 2 the call
//! was wrong. A command on a data directory is given to the server that runs there, or performed here when none does.

mod arguments;
mod call;
mod catalogue;
mod demo;
mod directory;
mod duration;
mod erasure;
mod language;
mod logs;
mod people;
mod place;
mod print;
mod progress;
mod qr;
mod quarantine;
mod restore;
mod serve;

#[cfg(test)]
mod tests;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

pub use self::arguments::Cli;
use self::arguments::{Command, TerritoryCommand};
use self::language::Lang;
use crate::admin::command::{AdminCommand, Done};
use crate::admin::failure::Failure;
use crate::admin::said::Said;
use crate::settings::Settings;
use crate::store::{Store, StoreError};

/// Opens the store of a data directory; which one is the program's choice.
pub type OpenStore = fn(&Settings) -> Result<Arc<dyn Store>, StoreError>;

/// How a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The call was wrong.
    #[error("{}", .0.en)]
    Call(Said),
    /// The work failed.
    #[error(transparent)]
    Work(#[from] Failure),
}

impl CliError {
    fn work(code: &str, said: Said) -> Self {
        Self::Work(Failure { code: code.to_owned(), said })
    }

    fn exit(&self) -> ExitCode {
        match self {
            Self::Call(_) => ExitCode::from(2),
            Self::Work(_) => ExitCode::FAILURE,
        }
    }
}

/// What every command needs to know.
struct Context {
    lang: Lang,
    json: bool,
    open: OpenStore,
}

impl Cli {
    /// Reads the command line; what is wrong with it, and `--help`, end the process here.
    pub fn read() -> Self {
        Self::parse()
    }

    /// Sets up the log: what a server does is worth reading, what a command does is in its result.
    pub fn log(&self) {
        let serves = matches!(self.command, Command::Serve(_) | Command::Demo(_));
        logs::start(if serves { "info,sled=warn" } else { "warn" }, self.log_json);
    }

    /// Does what the command says.
    pub async fn run(self, open: OpenStore) -> ExitCode {
        let lang = self.lang.unwrap_or_else(|| Lang::of_environment(|name| std::env::var(name).ok()));
        let context = Context { lang, json: self.json, open };
        match Box::pin(context.run(self.command)).await {
            Ok(exit) => exit,
            Err(error) => {
                print::error(&context, &error);
                error.exit()
            }
        }
    }
}

impl Context {
    async fn run(&self, command: Command) -> Result<ExitCode, CliError> {
        let (place, command, aftermath) = match command {
            Command::Serve(serve) => return serve::run(self, serve).await,
            Command::Restore(restore) => return restore::run(self, restore).await,
            Command::Demo(demo) => return demo::run(self, demo).await,
            Command::Purge(purge) => {
                return Aftermath::default().show(self, &Done::Erased(purge.run(self).await?));
            }
            Command::Epoch(epoch) => {
                return Aftermath::default().show(self, &Done::Erased(epoch.run(self).await?));
            }
            Command::Compact(place) => (place, AdminCommand::Compact, Aftermath::default()),
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "portrea-server", &mut script);
                // A reader that closed early has what it wanted.
                drop(std::io::stdout().write_all(&script));
                return Ok(ExitCode::SUCCESS);
            }
            Command::Territory(TerritoryCommand::Create(create)) => {
                let (place, command) = create.command()?;
                (place, command, Aftermath::default())
            }
            Command::Territory(TerritoryCommand::List(place)) => {
                (place, AdminCommand::ListTerritories, Aftermath::default())
            }
            Command::Territory(TerritoryCommand::Compare(compare)) => {
                let (place, command) = compare.command();
                (place, command, Aftermath::default())
            }
            Command::Invite(invite) => {
                let qr = invite.qr;
                let (place, command) = invite.command();
                (place, command, Aftermath { qr, ..Aftermath::default() })
            }
            Command::Import(import) => {
                let every_line = import.every_line;
                let (place, command) = import.command()?;
                (place, command, Aftermath { every_line, ..Aftermath::default() })
            }
            Command::Needs(needs) => {
                let (place, command) = needs.command()?;
                (place, command, Aftermath::default())
            }
            Command::Export(export) => {
                let output = export.output.clone();
                let (place, command) = export.command()?;
                (place, command, Aftermath { output, ..Aftermath::default() })
            }
            Command::People(people) => {
                let (place, command) = people.command();
                (place, command, Aftermath::default())
            }
            Command::Invitation(invitation) => {
                let (place, command) = invitation.command();
                (place, command, Aftermath::default())
            }
            Command::Quarantine(quarantine) => {
                let (place, command) = quarantine.command();
                (place, command, Aftermath::default())
            }
            Command::Backup(backup) => {
                let (place, command) = backup.command()?;
                (place, command, Aftermath::default())
            }
            Command::Verify(place) => (place, AdminCommand::Verify, Aftermath::default()),
        };
        let settings = place.settings()?;
        let done = Box::pin(call::call(self, settings, command)).await?;
        aftermath.show(self, &done)
    }
}

/// What is done with a result besides printing it.
#[derive(Default)]
struct Aftermath {
    every_line: bool,
    qr: bool,
    output: Option<std::path::PathBuf>,
}

impl Aftermath {
    fn show(&self, context: &Context, done: &Done) -> Result<ExitCode, CliError> {
        let sound = match done {
            Done::Verified(verified) => verified.sound,
            Done::BackedUp(written) => written.damaged == 0,
            Done::Erased(erased) => erased.dry_run || erased.files_rebuilt,
            Done::Exported(exported) => {
                print::exported(context, exported, self.output.as_deref())?;
                return Ok(ExitCode::SUCCESS);
            }
            Done::Mailed(mailed) => mailed.letters.iter().all(|letter| letter.sent),
            Done::Created(_)
            | Done::Listed(_)
            | Done::Invited(_)
            | Done::Imported(_)
            | Done::Figures(_)
            | Done::Needs(_)
            | Done::Recipe(_)
            | Done::People(_)
            | Done::Compacted(_)
            | Done::Held(_)
            | Done::Decided(_) => true,
        };
        print::done(context, done, self.every_line);
        if let (Done::Invited(invited), true) =
            (done, self.qr && !context.json && std::io::stdout().is_terminal())
        {
            serve::say(&qr::drawn(&invited.invitation));
        }
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
