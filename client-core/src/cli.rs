//! The `portrea` command: a device for scripts, for tests and for whoever prefers a keyboard.
//!
//! 1. `args`: what may be typed. 2. `words`: everything it says, in French and English, with the help in
//!    `words/help` and the feed's sentences in `words/events`.
//! 3. `call`: what every command needs; `find`: which record is meant. 4. One file a family of commands: `join`,
//!    `look`, `write`, `send`, `watch`, `export`.
//!
//! Every command works without network, `join` and `watch` excepted. What is printed on the standard output is the
//! result; everything else goes to the standard error. Exit status: 0 done, 1 the work failed, 2 the call was wrong.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;

mod args;
mod call;
mod export;
mod find;
mod held;
mod http;
mod join;
mod look;
mod renew;
mod send;
mod sse;
mod watch;
mod words;
mod write;

use args::{Args, Command};
use call::{Call, Failure};
use words::Lang;

/// Runs the command with this process's arguments.
pub fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let lang = Lang::choose(&typed, |name| std::env::var(name).ok());
    match run(&typed, lang) {
        Ok(()) | Err(Failure::Gone) => ExitCode::SUCCESS,
        Err(Failure::Failed(text) | Failure::SignedOut(text)) => complain(&text, 1),
        Err(Failure::Wrong(text)) => complain(&text, 2),
    }
}

fn complain(text: &str, status: u8) -> ExitCode {
    // When nobody listens to complaints either, the exit status remains.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    ExitCode::from(status)
}

fn run(typed: &[OsString], lang: Lang) -> Result<(), Failure> {
    let args = match args::command(lang).try_get_matches_from(typed) {
        Ok(matches) => Args::from_arg_matches(&matches).map_err(|error| Failure::Wrong(error.to_string()))?,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return error.print().map_err(|_| Failure::Gone);
        }
        Err(error) => return Err(Failure::Wrong(words::help::wrong_call(lang, &error))),
    };
    let call = Call::new(&args, lang)?;
    match args.command {
        Command::Join { link, name } => join::join(&call, &link, name.as_deref()),
        Command::Status => look::status(&call),
        Command::List(which) => look::list(&call, &which),
        Command::Show { id } => look::show(&call, &id),
        Command::Add { name, commune, family, set } => {
            write::add(&call, &name, commune.as_deref(), &family, &set)
        }
        Command::Set { id, path, value, add, remove } => {
            write::set(&call, &id, &path, &value, write::Way::of(add, remove))
        }
        Command::AddService { id, family, set } => write::add_service(&call, &id, &family, &set),
        Command::AddHelper { id, name, set } => write::add_helper(&call, &id, &name, &set),
        Command::Confirm { id, how } => write::confirm(&call, &id, &how),
        Command::Archive { id, why } => write::archive(&call, &id, &why),
        Command::Sync { within } => send::sync(&call, within),
        Command::Watch { since } => watch::watch(&call, since),
        Command::Export { format, output, archived } => {
            export::export(&call, format, output.as_deref(), archived)
        }
        Command::Completions { shell } => {
            let mut command = args::command(lang);
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "portrea", &mut script);
            call.bytes(&script)
        }
    }
}

#[cfg(test)]
mod tests;
