//! Why an administrative command did not work, in words for the person who gave it.

use portrea_protocol::ids::{InvitationId, TerritoryId};
use portrea_protocol::schema::write::EditError;
use portrea_territory::erasure::Unerased;
use portrea_territory::io::Undecided;
use serde::{Deserialize, Serialize};

use super::said::Said;
use crate::access::people::Barred;
use crate::accounts::AccountError;
use crate::exchange::finding::{FileError, Message};
use crate::exchange::needs::tuning::Untuned;
use crate::keeper::Ended;
use crate::mail::{LETTERS_MAX, Unmailed};
use crate::registry::RegistryError;
use crate::store::StoreError;

/// Why a command did not work.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is none of that id.
    #[error("there is no territory {0}")]
    NoTerritory(TerritoryId),
    /// A territory needs a name.
    #[error("a territory needs a name of 1 to {0} characters")]
    Name(usize),
    /// A file was refused; nothing of it was taken.
    #[error("{name}: {}", error.message().en)]
    File {
        /// How the operator named it.
        name: String,
        /// Where, what and what to do.
        error: Box<FileError>,
    },
    /// The file's columns are those of no format.
    #[error("{0}: its columns are those of no format")]
    UnknownFormat(String),
    /// A recipe was not tuned; nothing of it was taken.
    #[error(transparent)]
    Tuning(#[from] Untuned),
    /// An import stopped in its middle.
    #[error("the import stopped after {written} of {of} changes: {why}")]
    Stopped {
        /// Changes written.
        written: usize,
        /// Changes planned.
        of: usize,
        /// Why.
        why: String,
    },
    /// automerge refused to make a document.
    #[error("the document could not be made: {0}")]
    Document(#[from] automerge::AutomergeError),
    /// The territory is being opened again.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The territory cannot be had.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A backup could not be written.
    #[error("the backup {path} could not be written: {why}")]
    Backup {
        /// Where.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The settings name no mail server.
    #[error("this server sends no mail")]
    NoMail,
    /// Somebody typed what is no address, or too many of them.
    #[error("there is no address to write to, or too many")]
    NoAddress(Option<String>),
    /// No letter could be sent.
    #[error(transparent)]
    Unmailed(#[from] Unmailed),
    /// There is no such invitation in the territory.
    #[error("there is no invitation {0} here")]
    NoInvitation(InvitationId),
    /// There is no change in quarantine whose hash begins so, or there are several.
    #[error("there is not one change in quarantine that begins with `{0}`")]
    NoChange(String),
    /// A decision about a change that was not merged does not stand.
    #[error("{0}")]
    Undecided(Undecided),
    /// Somebody is not in the territory, or may not be changed.
    #[error(transparent)]
    Account(Barred),
    /// A path inside a structure that is none.
    #[error("this is no path inside a structure")]
    NoSuchPath,
    /// Something cannot be erased.
    #[error(transparent)]
    Erasure(#[from] Unerased),
    /// The disk has no room for what an erasure writes.
    #[error("{0}")]
    NoRoomToErase(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AccountError> for AdminError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Barred(barred) => Self::Account(barred),
            // An operator is let in by holding the data directory.
            AccountError::Denied(_) => Self::Account(Barred::SignedOut),
            AccountError::Store(error) => Self::Store(error),
        }
    }
}

impl AdminError {
    /// A territory that cannot be had, by its id.
    pub(super) fn of(territory: TerritoryId, error: RegistryError) -> Self {
        match error {
            RegistryError::Unknown => Self::NoTerritory(territory),
            error @ (RegistryError::Store(_) | RegistryError::Open(_) | RegistryError::Lost) => error.into(),
        }
    }

    /// An erasure that failed: where the disk takes nothing more, that can be mended, and is said so.
    pub(super) fn of_erasure(self) -> Self {
        let (Self::Store(error) | Self::Registry(RegistryError::Store(error))) = &self else { return self };
        if matches!(error, StoreError::NoRoom { .. }) { Self::NoRoomToErase(error.to_string()) } else { self }
    }

    /// What is no address, by its place among those that were typed.
    pub(super) fn no_address(typed: &[String], which: usize) -> Self {
        Self::NoAddress(which.checked_sub(1).and_then(|index| typed.get(index)).cloned())
    }

    /// A file that was refused.
    pub(super) fn file(name: &str) -> impl FnOnce(FileError) -> Self {
        let name = name.to_owned();
        move |error| Self::File { name, error: Box::new(error) }
    }

    /// An import that an edit stopped.
    pub(super) fn stopped(written: usize, of: usize, why: &EditError) -> Self {
        Self::Stopped { written, of, why: why.to_string() }
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTerritory(_) => "no-territory",
            Self::Name(_) => "name",
            Self::File { error, .. } => error.code,
            Self::UnknownFormat(_) => "unknown-format",
            Self::Tuning(_) => "tuning",
            Self::Stopped { .. } => "stopped",
            Self::Document(_) => "document",
            Self::Backup { .. } => "unwritable",
            Self::NoMail => "no-mail",
            Self::NoAddress(_) => "no-address",
            Self::Unmailed(_) => "mail-failed",
            Self::NoInvitation(_) => "no-invitation",
            Self::NoChange(_) => "no-change",
            Self::Undecided(_) => "undecided",
            Self::Account(_) => "nobody",
            Self::NoSuchPath => "no-such-path",
            Self::Erasure(Unerased::Damaged) => "damaged",
            Self::Erasure(_) => "not-erased",
            Self::NoRoomToErase(_) => "no-room",
            Self::Ended(Ended::Closed) => "try-again",
            Self::Registry(_) => "territory",
            Self::Store(_) | Self::Ended(Ended::StoreFailed) => "store",
        }
    }

    /// What happened, what is kept, what to do.
    pub fn said(&self) -> Said {
        match self {
            Self::NoTerritory(id) => Said::new(
                format!(
                    "Il n’y a pas de territoire {id} ici. « portrea-server territory list » les énumère."
                ),
                format!("There is no territory {id} here. `portrea-server territory list` shows them."),
            ),
            Self::Name(chars) => Said::new(
                format!("Donnez au territoire un nom de 1 à {chars} caractères (--name)."),
                format!("Give the territory a name of 1 to {chars} characters (--name)."),
            ),
            Self::File { name, error } => {
                let Message { fr, en } = error.message();
                Said::new(format!("{name} : {fr}"), format!("{name}: {en}"))
            }
            Self::UnknownFormat(name) => Said::new(
                format!(
                    "{name} : ces colonnes ne sont celles d’aucun format connu. Rien n’a été importé. Une colonne \
                     « name » (nom) suffit pour le format portrea ; sinon, dites le format avec --format."
                ),
                format!(
                    "{name}: these columns are those of no known format. Nothing was imported. A column “name” is \
                     enough for the portrea format; otherwise say the format with --format."
                ),
            ),
            Self::Stopped { written, of, why } => Said::new(
                format!(
                    "L’import s’est arrêté après {written} changements sur {of} ({why}). Ce qui est écrit reste ; \
                     relancez la commande, rien ne sera écrit deux fois."
                ),
                format!(
                    "The import stopped after {written} of {of} changes ({why}). What is written stays; run the \
                     command again, nothing is written twice."
                ),
            ),
            Self::Tuning(why) => Said::new(
                format!("Ces réglages ne peuvent pas être pris ({why}). Rien n’a changé."),
                format!("These settings cannot be taken ({why}). Nothing was changed."),
            ),
            Self::Backup { path, why } => Said::new(
                format!(
                    "La sauvegarde {path} n’a pas pu être écrite ({why}). Vérifiez le dossier, ses droits et la place."
                ),
                format!(
                    "The backup {path} could not be written ({why}). Check the folder, its permissions and the room left."
                ),
            ),
            Self::NoInvitation(id) => Said::new(
                format!(
                    "Il n’y a pas d’invitation {id} dans ce territoire. « invitation list » les énumère."
                ),
                format!("There is no invitation {id} in this territory. `invitation list` shows them."),
            ),
            Self::NoMail => no_mail(),
            Self::NoAddress(typed) => no_address(typed.as_deref()),
            Self::Unmailed(why) => unmailed(*why),
            Self::NoChange(beginning) => no_change(beginning),
            Self::Undecided(why) => undecided(*why),
            Self::Account(_) => Said::new(
                "Personne de cet identifiant n’est connecté à ce territoire. « people list » énumère qui l’est.",
                "Nobody of that id is signed in to this territory. `people list` shows who is.",
            ),
            Self::NoSuchPath => Said::new(
                "Ce chemin n’est celui d’aucun champ : écrivez-le comme « phone » ou « helpers/ID/email ».",
                "This is the path of no field: write it like `phone` or `helpers/ID/email`.",
            ),
            Self::Erasure(why) => unerased(why),
            Self::NoRoomToErase(why) => no_room_to_erase(why),
            Self::Ended(Ended::Closed) => Said::new(
                "Le territoire est en cours de réouverture. Réessayez dans un instant.",
                "The territory is being opened again. Try again in a moment.",
            ),
            Self::Document(_) | Self::Registry(_) | Self::Store(_) | Self::Ended(Ended::StoreFailed) => {
                failed(self)
            }
        }
    }
}

/// The server's own failure.
fn failed(why: &AdminError) -> Said {
    Said::new(
        format!(
            "Le serveur a échoué : {why}. Ce qui était confirmé est gardé. « portrea-server verify » contrôle les données."
        ),
        format!(
            "The server failed: {why}. What was acknowledged is kept. `portrea-server verify` checks the data."
        ),
    )
}

/// There is no mail server.
fn no_mail() -> Said {
    Said::new(
        "Ce serveur n’envoie pas de courriel. Aucun lien n’a été créé. Réglez mail_url et mail_from, ou créez un lien sans \
         --mail.",
        "This server sends no mail. No link was made. Set mail_url and mail_from, or make a link without --mail.",
    )
}

/// What is no address.
fn no_address(typed: Option<&str>) -> Said {
    let Some(typed) = typed else {
        return Said::new(
            format!("Il faut de 1 à {LETTERS_MAX} adresses à la fois. Aucun lien n’a été créé."),
            format!("Between 1 and {LETTERS_MAX} addresses are taken at a time. No link was made."),
        );
    };
    let typed = typed.escape_debug();
    Said::new(
        format!(
            "« {typed} » n’est pas une adresse électronique, comme nom@exemple.fr. Aucun lien n’a été créé."
        ),
        format!("`{typed}` is no mail address, such as name@example.org. No link was made."),
    )
}

/// Why no letter could be sent.
fn unmailed(why: Unmailed) -> Said {
    let (fr, en) = match why {
        Unmailed::Unreachable => (
            "Le serveur de courriel ne répond pas : contrôlez mail_url",
            "The mail server does not answer: check mail_url",
        ),
        Unmailed::Slow => (
            "Le serveur de courriel n’a pas répondu à temps : contrôlez mail_url, ou augmentez mail_ms",
            "The mail server did not answer in time: check mail_url, or raise mail_ms",
        ),
        Unmailed::Untrusted => (
            "Aucune liaison sûre avec le serveur de courriel : il n’offre pas STARTTLS, ou son certificat n’est pas reconnu \
             (mail_ca)",
            "There is no trusted line to the mail server: it does not offer STARTTLS, or its certificate is not known (mail_ca)",
        ),
        Unmailed::NotLetIn => (
            "Le serveur de courriel refuse le nôtre : contrôlez mail_user et mail_password",
            "The mail server does not let us in: check mail_user and mail_password",
        ),
    };
    Said::new(format!("{fr}. Aucun lien n’a été créé."), format!("{en}. No link was made."))
}

/// Why something was not erased.
fn unerased(why: &Unerased) -> Said {
    if let Unerased::Damaged = why {
        return Said::new(
            "Une partie de ce territoire est abîmée : ce qui ne peut pas être lu ne peut pas être effacé. Rien n’a été \
             effacé. « portrea-server verify » dit quoi ; faites une sauvegarde, restaurez-la, puis recommencez.",
            "A part of this territory is damaged: what cannot be read cannot be erased. Nothing was erased. \
             `portrea-server verify` says what; make a backup, restore it, then try again.",
        );
    }
    Said::new(
        format!("L’effacement n’a pas pu être préparé ({why}). Rien n’a été effacé."),
        format!("The erasure could not be prepared ({why}). Nothing was erased."),
    )
}

/// There is no room for what an erasure writes.
fn no_room_to_erase(why: &str) -> Said {
    Said::new(
        format!(
            "Le disque ne prend plus rien ({why}). Rien n’est effacé à moitié, et ce qui était confirmé est gardé. Faites de \
             la place, deux fois autant que le répertoire de données en occupe, puis relancez la même commande."
        ),
        format!(
            "The disk takes nothing more ({why}). Nothing is half erased, and what was acknowledged is kept. Make room, twice \
             as much as the data directory takes, then run the same command again."
        ),
    )
}

fn no_change(beginning: &str) -> Said {
    Said::new(
        format!(
            "Il n’y a pas une modification, et une seule, dont l’identifiant commence par « {beginning} ». \
             « quarantine list » les énumère."
        ),
        format!("There is not one change whose id begins with `{beginning}`. `quarantine list` shows them."),
    )
}

fn undecided(why: Undecided) -> Said {
    if why == Undecided::Closed {
        return Said::new(
            "Cette modification n’attend plus : il en a été décidé.",
            "This change does not wait any more: it was decided about.",
        );
    }
    Said::new(
        "Cette modification s’appuie sur d’autres qui attendent et ne peut être acceptée sans elles.",
        "This change builds on others that wait and cannot be accepted without them.",
    )
}

/// A failure as it crosses the socket and as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", said.en)]
pub struct Failure {
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub said: Said,
}

impl From<&AdminError> for Failure {
    fn from(error: &AdminError) -> Self {
        Self { code: error.code().to_owned(), said: error.said() }
    }
}
