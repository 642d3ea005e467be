//! The words of the command line, and the commands that they stand for.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::people::Role;

use super::erasure::{Epoch, Purge};
use super::language::Lang;
use super::people::{InvitationCommand, PeopleCommand};
use super::place::Place;
use super::quarantine::QuarantineCommand;
use super::{CliError, catalogue, duration};
use crate::admin::command::{AdminCommand, ExportFormat, ImportFormat, Upload};

mod needs;

pub(super) use self::needs::NeedsCommand;

/// The largest file that is taken, in bytes.
const FILE_BYTES_MAX: u64 = 128 * 1024 * 1024;

const EXAMPLES: &str = "Examples:
  portrea-server demo
  portrea-server serve --data /var/lib/portrea --base-url https://portrea.example.org
  portrea-server territory create --data /var/lib/portrea --name \"CC de Saint-Méen Montauban\" --communes communes.geojson
  portrea-server completions bash > ~/.local/share/bash-completion/completions/portrea-server

Settings also come from PORTREA_* variables and a TOML file (--settings). PORTREA_LOG chooses what is logged.
Exit status: 0 done, 1 the work failed, 2 the call was wrong.";

/// PORTREA's server, and what its operator does with it
#[derive(Debug, Parser)]
#[command(name = "portrea-server", version, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// Language of messages [default: by LC_ALL, LC_MESSAGES or LANG, else fr]
    #[arg(long, global = true, value_enum)]
    pub(super) lang: Option<Lang>,
    /// Print results as JSON, for programs
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Write the log as JSON on a terminal too
    #[arg(long, global = true)]
    pub(super) log_json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve a data directory
    #[command(after_help = "Examples:
  portrea-server serve --data /var/lib/portrea
  portrea-server serve --data /var/lib/portrea --listen 0.0.0.0:8080 --base-url https://portrea.example.org
  portrea-server serve --settings /etc/portrea.toml --log-json

The server stops on Ctrl-C or SIGTERM: connected devices are told, and what they sent is kept. Other commands
on its data directory go through it, by the socket `admin.sock` there.")]
    Serve(Serve),
    /// Start the demonstration: a territory with places, and a sign-in link for each role
    #[command(after_help = "Examples:
  portrea-server demo
  portrea-server demo --listen 127.0.0.1:9000 --data /tmp/portrea-demo

The data directory is made when it is missing; when it is there it is used again, and new links are printed.")]
    Demo(Demo),
    /// Make and list territories
    #[command(subcommand)]
    Territory(TerritoryCommand),
    /// Make an invitation: a link that lets people in
    #[command(after_help = "Examples:
  portrea-server invite --data /var/lib/portrea --territory ID --role contributor
  portrea-server invite --data /var/lib/portrea --territory ID --role referent --uses 1 --expires 2d
  portrea-server invite --data /var/lib/portrea --territory ID --role reader --json
  portrea-server invite --data /var/lib/portrea --territory ID --role contributor --mail amina@example.org

The link is shown this once: only its fingerprint is kept. With --mail it goes to that address through the mail server of the
settings (mail_url); the address is kept nowhere. Exit status 1 when a letter was not sent: its link is printed then.")]
    Invite(Invite),
    /// See and change who is in a territory
    #[command(subcommand)]
    People(PeopleCommand),
    /// See what was not merged, and decide about it
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// See and revoke invitations
    #[command(subcommand)]
    Invitation(InvitationCommand),
    /// Bring a directory up to date with a file of places
    #[command(after_help = "Examples:
  portrea-server import --data /var/lib/portrea --territory ID france-services.csv --dry-run
  portrea-server import --data /var/lib/portrea --territory ID places.csv --format portrea --json

Places are matched with the directory's; empty fields are filled, and what people wrote stays. Importing a file
again changes nothing. A file that cannot be read changes nothing and says where.")]
    Import(Import),
    /// The communes' figures: take in files of statistics, show what there is, set the recipe
    #[command(subcommand)]
    Needs(NeedsCommand),
    /// Write a directory in an open format
    #[command(after_help = "Examples:
  portrea-server export --data /var/lib/portrea --territory ID --format geojson --output places.geojson
  portrea-server export --data /var/lib/portrea --territory ID --format csv > places.csv
  portrea-server export --data /var/lib/portrea --territory ID --format automerge --output directory.automerge

geojson, csv and json hold what may be published. automerge is the document itself, history included: keep it safe.")]
    Export(Export),
    /// Write everything that is kept into one file
    #[command(after_help = "Examples:
  portrea-server backup --data /var/lib/portrea /backups/portrea-2026-05-12.backup

A running server goes on meanwhile. The file holds names and phone numbers, and is its owner's alone. Exit status 1 when
something was damaged already and is not in it.")]
    Backup(Backup),
    /// Make a data directory of a backup
    #[command(after_help = "Examples:
  portrea-server restore --data /var/lib/portrea /backups/portrea-2026-05-12.backup

The data directory must be missing or empty. Devices that are ahead of the backup send what it lacks.")]
    Restore(Restore),
    /// Erase something for good, from the history, the feed and the store's files too
    #[command(after_help = "Examples:
  portrea-server purge --data /var/lib/portrea --territory ID --value STRUCTURE:phone --dry-run
  portrea-server purge --data /var/lib/portrea --territory ID --helper STRUCTURE:HELPER
  portrea-server purge --data /var/lib/portrea --territory ID --record STRUCTURE --yes
  portrea-server purge --data /var/lib/portrea --territory ID --contributor CONTRIBUTOR

It says first how much there is of it, and asks. Nobody merges while it lasts; devices connect again by themselves and
move to the new document with what they had not sent. There is no way back: earlier backups alone still hold it.")]
    Purge(Purge),
    /// Begin a new epoch of a territory's document, without what was replaced long ago
    #[command(after_help = "Examples:
  portrea-server epoch --data /var/lib/portrea --territory ID --keep-months 24 --dry-run
  portrea-server epoch --data /var/lib/portrea --territory ID --keep-months 24 --yes

What stands stays, and who wrote it, however old; what was replaced or removed before goes from the history.")]
    Epoch(Epoch),
    /// Make the store's files anew, without what was removed or overwritten
    #[command(after_help = "Examples:
  portrea-server compact --data /var/lib/portrea

A running server takes no edits while it copies, and goes on by itself. There must be room for the copy.")]
    Compact(Place),
    /// Read everything that is kept and say what is damaged
    #[command(after_help = "Examples:
  portrea-server verify --data /var/lib/portrea
  portrea-server verify --data /var/lib/portrea --json

Checked are chunks against their hashes, documents, feeds and records. Exit status 1 when something is damaged.")]
    Verify(Place),
    /// Print completions for a shell
    #[command(after_help = "Examples:
  portrea-server completions bash > ~/.local/share/bash-completion/completions/portrea-server
  portrea-server completions fish > ~/.config/fish/completions/portrea-server.fish")]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) place: Place,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// The address people reach the server by, for links [default: http://ADDR]
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// A reverse proxy that is believed about where callers come from; may be given several times
    #[arg(long, value_name = "ADDR")]
    pub(super) trusted_proxy: Vec<IpAddr>,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// The data directory
    #[arg(long, value_name = "DIR", default_value = "portrea-demo")]
    pub(super) data: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum TerritoryCommand {
    /// Make a territory from its communes, and a sign-in link for its référent·e
    #[command(after_help = "Examples:
  portrea-server territory create --data /var/lib/portrea --name \"CC de Saint-Méen Montauban\" --communes communes.geojson
  portrea-server territory create --data DIR --name NAME --communes communes.geojson --needs census.csv --needs caf.csv --json

Communes are a GeoJSON file with code, nom, population and contour, as IGN's are.")]
    Create(Create),
    /// List the territories
    List(Place),
    /// Let a territory's totals be laid beside those of the server's others, or not any more
    #[command(after_help = "Examples:
  portrea-server territory compare --data /var/lib/portrea --territory ID
  portrea-server territory compare --data /var/lib/portrea --territory ID --off

People of the other territories then see its totals, per 1,000 inhabitants: no commune, no place, no person.")]
    Compare(Compare),
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// Keep its totals to itself again
    #[arg(long)]
    off: bool,
}

impl Compare {
    pub(super) fn command(self) -> (Place, AdminCommand) {
        (self.place, AdminCommand::Compare { territory: self.territory, comparable: !self.off })
    }
}

#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// What the territory is called
    #[arg(long)]
    name: String,
    /// Its communes, in GeoJSON
    #[arg(long, value_name = "FILE")]
    communes: PathBuf,
    /// Figures of its communes, in CSV; may be given several times
    #[arg(long, value_name = "FILE")]
    needs: Vec<PathBuf>,
    /// Travel times between its communes: CSV, or what OSRM or Valhalla answered
    #[arg(long, value_name = "FILE")]
    travel_times: Option<PathBuf>,
}

impl Create {
    pub(super) fn command(self) -> Result<(Place, AdminCommand), CliError> {
        let communes = upload(&self.communes)?;
        let needs = self.needs.iter().map(|path| upload(path)).collect::<Result<_, _>>()?;
        let travel_times = self.travel_times.as_deref().map(upload).transpose()?;
        Ok((self.place, AdminCommand::CreateTerritory { name: self.name, communes, needs, travel_times }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Invite {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// What the invited may do: contributor, referent or reader
    #[arg(long)]
    role: Role,
    /// How many devices the link lets in [default: any number]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    uses: Option<u32>,
    /// How long the link lasts: 30d, 12h, 90m
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = duration::parse)]
    expires: i64,
    /// Send a link for one device to this mail address instead of printing one; may be given several times
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["uses", "qr"])]
    mail: Vec<String>,
    /// Draw the link as a QR code too, where a terminal shows it
    #[arg(long)]
    pub(super) qr: bool,
}

impl Invite {
    pub(super) fn command(self) -> (Place, AdminCommand) {
        let Self { place, territory, role, uses, expires: lasts_ms, mail, qr: _ } = self;
        (place, AdminCommand::Invite { territory, role, uses, lasts_ms, mail })
    }
}

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// The file
    file: PathBuf,
    /// What the file is [default: guessed from its columns]
    #[arg(long, value_enum)]
    pub(super) format: Option<In>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print every line, also those that change nothing and those outside the territory
    #[arg(long)]
    pub(super) every_line: bool,
    /// Not offered yet
    #[arg(long, value_name = "FILE", hide = true)]
    mapping: Option<PathBuf>,
}

/// What a file of places is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum In {
    /// The France Services places, as the ANCT publishes them
    FranceServices,
    /// Our own columns
    #[value(alias = "csv")]
    Portrea,
    #[value(hide = true)]
    Lmn,
    #[value(hide = true)]
    Geojson,
}

impl Import {
    pub(super) fn command(self) -> Result<(Place, AdminCommand), CliError> {
        if self.mapping.is_some() {
            return Err(CliError::Call(catalogue::later("--mapping")));
        }
        let format = match self.format {
            None => None,
            Some(In::FranceServices) => Some(ImportFormat::FranceServices),
            Some(In::Portrea) => Some(ImportFormat::Portrea),
            Some(In::Lmn) => return Err(CliError::Call(catalogue::later("--format lmn"))),
            Some(In::Geojson) => return Err(CliError::Call(catalogue::later("--format geojson"))),
        };
        let file = upload(&self.file)?;
        let (territory, dry_run) = (self.territory, self.dry_run);
        Ok((self.place, AdminCommand::Import { territory, file, format, dry_run }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    /// Where to write; nothing may stand there
    file: PathBuf,
}

impl Backup {
    pub(super) fn command(self) -> Result<(Place, AdminCommand), CliError> {
        // The server that writes it may stand elsewhere.
        let path = std::path::absolute(&self.file)
            .map_err(|error| CliError::work("unwritable", catalogue::unwritable(&self.file, &error)))?;
        Ok((self.place, AdminCommand::Backup { path }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    pub(super) place: Place,
    /// The backup
    pub(super) file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// In which format
    #[arg(long, value_enum)]
    format: Out,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// How a directory leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Out {
    /// Points on a map
    Geojson,
    /// Our own columns, as `import` reads them
    Csv,
    /// A JSON array
    Json,
    /// The document itself, with its history
    Automerge,
    #[value(hide = true)]
    Lmn,
    #[value(hide = true)]
    DataInclusion,
    #[value(hide = true)]
    Hsds,
}

impl Export {
    pub(super) fn command(self) -> Result<(Place, AdminCommand), CliError> {
        let format = match self.format {
            Out::Geojson => ExportFormat::Geojson,
            Out::Csv => ExportFormat::Csv,
            Out::Json => ExportFormat::Json,
            Out::Automerge if self.output.is_none() && std::io::stdout().is_terminal() => {
                return Err(CliError::Call(catalogue::binary_on_terminal()));
            }
            Out::Automerge => ExportFormat::Automerge,
            Out::Lmn => return Err(CliError::Call(catalogue::later("--format lmn"))),
            Out::DataInclusion => return Err(CliError::Call(catalogue::later("--format data-inclusion"))),
            Out::Hsds => return Err(CliError::Call(catalogue::later("--format hsds"))),
        };
        Ok((self.place, AdminCommand::Export { territory: self.territory, format }))
    }
}

/// Reads a file that the operator names.
fn upload(path: &Path) -> Result<Upload, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::work("unreadable-file", catalogue::unreadable(path, &error));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        return Err(CliError::work("file-too-large", catalogue::too_large(path, FILE_BYTES_MAX)));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Upload { name, bytes })
}
