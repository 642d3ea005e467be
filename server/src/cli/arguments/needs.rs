//! The words about statistics: `needs import`, `needs show`, `needs recipe`.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use portrea_protocol::ids::TerritoryId;

use super::{CliError, FILE_BYTES_MAX, Place, upload};
use crate::admin::command::{AdminCommand, NeedsReading, Upload};
use crate::exchange::needs::narrow::narrow;

/// From this size on, in bytes, a file of statistics is made narrow.
const NARROWED_BYTES_MIN: u64 = 16 * 1024 * 1024;

/// What is done with statistics.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NeedsCommand {
    /// Take in files of statistics, and say what each gave
    #[command(after_help = "Examples:
  portrea-server needs import --data /var/lib/portrea --territory ID base-cc-comparateur.csv
  portrea-server needs import --data /var/lib/portrea --territory ID census.csv caf.csv --dry-run
  portrea-server needs import --data /var/lib/portrea --territory ID old.csv --passage mergers.csv --vintage 2017

Files are recognised by their columns: INSEE's census (dossier complet, comparateur, counts, rates) and Filosofi, the
CAF's recipients by commune or IRIS, the digital fragility index, registered job seekers, or our own columns. Imports
add up: a series replaces an earlier one of the same figure and year, and nothing else. A figure that a file keeps
secret or lacks stays missing. --passage is a CSV with the columns old, new, year for communes that merged.")]
    Import(Import),
    /// Show the series that a territory has, and how its figures are known
    #[command(after_help = "Examples:
  portrea-server needs show --data /var/lib/portrea --territory ID
  portrea-server needs show --data /var/lib/portrea --territory ID --json")]
    Show(Show),
    /// Print the recipe that figures are put together by, or set one
    #[command(after_help = "Examples:
  portrea-server needs recipe --data /var/lib/portrea --territory ID > recipe.toml
  portrea-server needs recipe --data /var/lib/portrea --territory ID --set recipe.toml
  portrea-server needs recipe --data /var/lib/portrea --territory ID --default")]
    Recipe(Recipe),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// The files, in CSV; a later one wins where it has a figure
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A table of former communes, in CSV: old code, new code, year
    #[arg(long, value_name = "FILE")]
    passage: Option<PathBuf>,
    /// Who publishes the files, where their columns do not say
    #[arg(long, value_name = "NAME")]
    producer: Option<String>,
    /// The year of figures whose columns do not say theirs [default: a year in the file's name]
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1960..2060))]
    vintage: Option<u16>,
    /// Drop the series that the territory has first
    #[arg(long)]
    replace: bool,
    /// Say only what would be done
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Recipe {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// The new recipe, in TOML
    #[arg(long, value_name = "FILE", conflicts_with = "default")]
    set: Option<PathBuf>,
    /// Go back to the default recipe
    #[arg(long)]
    default: bool,
}

impl NeedsCommand {
    pub(in crate::cli) fn command(self) -> Result<(Place, AdminCommand), CliError> {
        match self {
            Self::Import(import) => import.command(),
            Self::Show(Show { place, territory }) => Ok((place, AdminCommand::ShowNeeds { territory })),
            Self::Recipe(Recipe { place, territory, set, default }) => {
                let file: Option<Upload> = set.as_deref().map(upload).transpose()?;
                let text = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
                let text = if default { Some(String::new()) } else { text };
                Ok((place, AdminCommand::Recipe { territory, text }))
            }
        }
    }
}

impl Import {
    fn command(self) -> Result<(Place, AdminCommand), CliError> {
        let Self { place, territory, files, passage, producer, vintage, replace, dry_run } = self;
        let files = files.iter().map(|path| statistics(path)).collect::<Result<_, _>>()?;
        let passage = passage.as_deref().map(upload).transpose()?;
        let reading = NeedsReading { passage, producer, vintage, replace, dry_run };
        Ok((place, AdminCommand::ImportNeeds { territory, files, reading }))
    }
}

/// Reads a file of statistics; of a large one, the columns that something is read from.
fn statistics(path: &Path) -> Result<Upload, CliError> {
    let large = std::fs::metadata(path).is_ok_and(|file| file.len() > NARROWED_BYTES_MIN);
    if !large {
        return upload(path);
    }
    let narrowed = std::fs::File::open(path).and_then(|file| {
        let bytes_max = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
        narrow(BufReader::new(file), bytes_max)
    });
    // What cannot be narrowed is taken whole, or refused for its size.
    let Ok(bytes) = narrowed else { return upload(path) };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Upload { name, bytes })
}
