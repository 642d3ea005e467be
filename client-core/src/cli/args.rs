//! What may be typed. The help's words stand in `words/help`, for they come in two languages.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args as Group, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use portrea_protocol::schema::field::{CONFIRMATIONS, FAMILIES};

use super::words::{Lang, help};

#[derive(Debug, Parser)]
#[command(
    name = "portrea",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[arg(long, global = true, env = "PORTREA_HOME", value_name = "DIR", hide_env = true)]
    pub(super) data: Option<PathBuf>,
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[arg(long, global = true)]
    pub(super) offline: bool,
    #[arg(long, global = true, value_name = "LANG", value_parser = ["fr", "en"])]
    pub(super) lang: Option<String>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Join {
        #[arg(value_name = "LINK")]
        link: String,
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    Status,
    List(Which),
    Show {
        #[arg(value_name = "ID")]
        id: String,
    },
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "CODE")]
        commune: Option<String>,
        #[arg(long, value_name = "FAMILY", value_delimiter = ',', value_parser = families())]
        family: Vec<String>,
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
    },
    Set {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "PATH")]
        path: String,
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        #[arg(long, conflicts_with = "remove")]
        add: bool,
        #[arg(long)]
        remove: bool,
    },
    AddService {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "FAMILY", value_parser = families())]
        family: String,
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
    },
    AddHelper {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
    },
    Confirm {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, default_value = "self", value_parser = PossibleValuesParser::new(CONFIRMATIONS))]
        how: String,
    },
    Archive {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    Sync {
        #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
        within: u64,
    },
    Watch {
        #[arg(long, value_name = "N")]
        since: Option<u64>,
    },
    Export {
        #[arg(long, value_name = "FORMAT")]
        format: Format,
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[arg(long)]
        archived: bool,
    },
    Completions {
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
}

#[derive(Debug, Default, Group)]
pub(super) struct Which {
    #[arg(long, value_name = "CODE")]
    pub(super) commune: Option<String>,
    #[arg(long, value_name = "FAMILY", value_parser = families())]
    pub(super) family: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(super) q: Option<String>,
    #[arg(long)]
    pub(super) archived: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Json,
    Geojson,
    Csv,
    Automerge,
}

/// The whole command, speaking the language.
pub(super) fn command(lang: Lang) -> clap::Command {
    let help_flag = Arg::new("help").short('h').long("help").global(true).action(ArgAction::Help);
    let version_flag = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    help::dress(Args::command().arg(help_flag).arg(version_flag), lang)
}

fn families() -> PossibleValuesParser {
    PossibleValuesParser::new(FAMILIES)
}

fn pair(typed: &str) -> Result<(String, String), String> {
    let (key, value) = typed.split_once('=').ok_or("KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests;
