//! Commands, reports and results as values: one JSON line each on the administrative socket.

use std::fmt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portrea_protocol::ids::{DocumentId, InseeCode, RecordId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::wire::quarantine::Held;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::erasure::{Compacted, Erased, Erasure};
use super::figures::{Figures, NeedsShown, RecipeShown};
pub use super::found::Found;
use super::letters::Mailed;
use super::people::{Ask, Known};
use super::quarantine::Waiting;
use super::said::Said;
use crate::deciding::Decided;
use crate::description::Description;

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AdminCommand {
    /// A new territory, and a link for its référent·e.
    CreateTerritory {
        /// What it is called.
        name: String,
        /// Its communes, in GeoJSON.
        communes: Upload,
        /// Figures of its communes, in CSV; a later file wins where it has a figure.
        needs: Vec<Upload>,
        /// Travel times between its communes, as CSV or as a router answered.
        #[serde(default)]
        travel_times: Option<Upload>,
    },
    /// Every territory.
    ListTerritories,
    /// Lets a territory's totals be laid beside those of the server's others, or not.
    Compare {
        /// Which.
        territory: TerritoryId,
        /// Whether they may.
        comparable: bool,
    },
    /// A link that lets people in.
    Invite {
        /// Where.
        territory: TerritoryId,
        /// As what.
        role: Role,
        /// How many devices; `None` for any number.
        uses: Option<u32>,
        /// For how long.
        lasts_ms: i64,
        /// To whom it goes by mail, a link for one device to each; none where it is printed.
        #[serde(default)]
        mail: Vec<String>,
    },
    /// Brings a directory up to date with a file of places.
    Import {
        /// Where.
        territory: TerritoryId,
        /// The file.
        file: Upload,
        /// What it is; guessed from its columns when not said.
        format: Option<ImportFormat>,
        /// Whether to say only what would be done.
        dry_run: bool,
    },
    /// Takes in files of statistics.
    ImportNeeds {
        /// Where.
        territory: TerritoryId,
        /// The files, in CSV; a later one wins where it has a figure.
        files: Vec<Upload>,
        /// How they are read.
        reading: NeedsReading,
    },
    /// What a territory has of statistics, and how its figures are known.
    ShowNeeds {
        /// Where.
        territory: TerritoryId,
    },
    /// The recipe of a territory's figures, or a new one.
    Recipe {
        /// Where.
        territory: TerritoryId,
        /// The new one in TOML, "" for the default; none to read it only.
        text: Option<String>,
    },
    /// The directory, in an open format.
    Export {
        /// Which.
        territory: TerritoryId,
        /// How.
        format: ExportFormat,
    },
    /// Asks about a territory's people, or changes something about them.
    People {
        /// Where.
        territory: TerritoryId,
        /// What.
        ask: Ask,
    },
    /// Asks about changes that were not merged, or decides about them.
    Quarantine {
        /// Where.
        territory: TerritoryId,
        /// What.
        ask: Waiting,
    },
    /// Writes everything that is kept into one file.
    Backup {
        /// Where, as an absolute path; nothing may stand there.
        path: PathBuf,
    },
    /// Erases something for good.
    Erase {
        /// Where.
        territory: TerritoryId,
        /// What.
        what: Erasure,
        /// Whether to say only what there is of it.
        dry_run: bool,
    },
    /// Makes the store's files anew, without what was removed or overwritten.
    Compact,
    /// Reads everything that is kept and says what is damaged.
    Verify,
}

/// How files of statistics are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NeedsReading {
    /// A table of former communes: code before, code after, year.
    pub passage: Option<Upload>,
    /// Who publishes the files, where their columns do not say.
    pub producer: Option<String>,
    /// The vintage of figures whose columns do not say theirs.
    pub vintage: Option<u16>,
    /// Whether the series that the territory has are dropped first.
    pub replace: bool,
    /// Whether to say only what would be done.
    pub dry_run: bool,
}

/// A file as it was read: encodings are found out where it is understood.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// How the operator named it.
    pub name: String,
    /// Its content.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub bytes: Vec<u8>,
}

/// Contents are for no log.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// What a file of places may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFormat {
    /// The France Services places, as the ANCT publishes them.
    FranceServices,
    /// Our own columns.
    Portrea,
}

/// How a directory may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// Points on a map.
    Geojson,
    /// Our own columns.
    Csv,
    /// A JSON array.
    Json,
    /// The document itself, history included, as any automerge client loads it.
    Automerge,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// So many steps are done.
    pub done: usize,
    /// Of so many.
    pub of: usize,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "done", content = "result", rename_all = "camelCase")]
pub enum Done {
    /// A territory was made.
    Created(Created),
    /// These are the territories.
    Listed(Vec<Described>),
    /// An invitation was made.
    Invited(Invited),
    /// Invitations went by mail.
    Mailed(Mailed),
    /// A file was imported.
    Imported(Imported),
    /// Files of statistics were taken in.
    Figures(Figures),
    /// What a territory has of statistics.
    Needs(NeedsShown),
    /// A recipe.
    Recipe(RecipeShown),
    /// The directory was written.
    Exported(Exported),
    /// What is known of people, or was changed.
    People(Known),
    /// Changes that were not merged.
    Held(Vec<Held>),
    /// So many were decided about.
    Decided(Decided),
    /// A backup was written.
    BackedUp(BackedUp),
    /// Something was erased, or would be.
    Erased(Erased),
    /// The store's files were made anew.
    Compacted(Compacted),
    /// Everything was read.
    Verified(Verified),
}

/// A new territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// Its id.
    pub territory: TerritoryId,
    /// Its document's address, as automerge-repo takes it.
    pub document: String,
    /// The référent·e's sign-in link.
    pub invitation: String,
    /// Its name.
    pub name: String,
    /// The code of its EPCI, or "".
    pub code: String,
    /// How many communes it has.
    pub communes: usize,
    /// What was odd in its files.
    pub findings: Vec<Found>,
}

/// A territory in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    /// Its id.
    pub territory: TerritoryId,
    /// Its document's address.
    pub document: String,
    /// Its name.
    pub name: String,
    /// The code of its EPCI, or "".
    pub code: String,
    /// How many communes it has.
    pub communes: usize,
    /// When it was made.
    pub created_at: String,
    /// Whether its totals may be laid beside those of the server's others.
    #[serde(default)]
    pub comparable: bool,
}

impl Described {
    /// A territory by its description.
    pub(super) fn of(description: &Description, epoch: u32) -> Self {
        Self {
            territory: description.id,
            document: DocumentId::of(description.id, epoch).url(),
            name: description.name.clone(),
            code: description.code.clone(),
            communes: description.statistics.communes.len(),
            created_at: description.created_at.to_rfc3339(),
            comparable: description.comparable,
        }
    }
}

/// A new invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    /// The link, shown this once.
    pub invitation: String,
    /// As what it lets in.
    pub role: Role,
    /// How many devices; `None` for any number.
    pub uses: Option<u32>,
    /// Until when.
    pub expires_at: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Where.
    pub territory: TerritoryId,
    /// What the file was.
    pub format: ImportFormat,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// How many changes were written.
    pub changes: usize,
    /// How many places have each outcome.
    pub counts: Counts,
    /// What became of each place, in the file's order.
    pub lines: Vec<Line>,
    /// Columns of the file that nothing was read from.
    pub unused_columns: Vec<String>,
}

/// How many places have each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// New records.
    pub added: usize,
    /// Records written to.
    pub updated: usize,
    /// Records that said it all already.
    pub unchanged: usize,
    /// Places not imported.
    pub skipped: usize,
    /// Records left as people wrote them.
    pub kept: usize,
}

/// What became of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The line of the file it starts at.
    pub line: u64,
    /// Other lines about it.
    pub more_lines: Vec<u64>,
    /// Its name in the file.
    pub name: String,
    /// Its record, unless it was skipped.
    pub record: Option<RecordId>,
    /// What was done with it.
    pub outcome: Outcome,
    /// The paths that took a value.
    pub filled: Vec<String>,
    /// The paths where people wrote something else, which stays.
    pub kept: Vec<String>,
    /// Why it was skipped.
    pub why: Option<Said>,
    /// What was odd.
    pub findings: Vec<Found>,
}

/// What is done with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It becomes a record.
    Added,
    /// Fields of its record are written.
    Updated,
    /// Its record says all that already.
    Unchanged,
    /// It is not imported.
    Skipped,
    /// Its record stays as people wrote it.
    Kept,
}

/// New travel times of a territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Travelled {
    /// Where.
    pub territory: TerritoryId,
    /// Communes of the territory that have times.
    pub communes: usize,
    /// Communes that have none: the great circle counts for them.
    pub without: Vec<InseeCode>,
    /// Pairs of communes, one way each, that have a time; those that have none are out of each other's reach.
    pub pairs: usize,
    /// Lines and columns of communes that are none of the territory's.
    pub elsewhere: usize,
    /// What was odd in the file.
    pub findings: Vec<Found>,
}

/// A directory that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// How many structures it holds.
    pub structures: usize,
    /// Of these, how many have no coordinates.
    pub without_position: usize,
    /// The file.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub content: Vec<u8>,
}

/// Everything that is kept, read once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Whether nothing is damaged.
    pub sound: bool,
    /// What the store lost beside the territories' logs.
    #[serde(default)]
    pub losses: Vec<Said>,
    /// What is worth knowing of the whole, and no damage.
    #[serde(default)]
    pub notes: Vec<Said>,
    /// Each territory.
    pub territories: Vec<Checked>,
}

/// A backup that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackedUp {
    /// Where.
    pub path: String,
    /// How many territories are in it.
    pub territories: usize,
    /// Its size.
    pub bytes: u64,
    /// How many pieces were damaged already, and are not in it.
    pub damaged: usize,
}

/// A territory that was verified.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Its id.
    pub territory: String,
    /// Its name, or "" when its description cannot be read.
    pub name: String,
    /// Snapshots and loose chunks kept.
    pub chunks: usize,
    /// Their size.
    pub bytes: usize,
    /// Events in its feed.
    pub feed: u64,
    /// Its structures, archived ones included.
    pub structures: usize,
    /// What looks odd in them, which is no damage.
    pub findings: usize,
    /// The document's heads.
    pub heads: Vec<String>,
    /// What is damaged.
    pub damage: Vec<Said>,
    /// What is worth knowing and no damage.
    pub notes: Vec<Said>,
}

fn to_base64<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    STANDARD.decode(text).map_err(D::Error::custom)
}
