//! The words for people and invitations, and what is said of them.

use clap::{Args, Subcommand};
use portrea_protocol::ids::{ContributorId, DeviceId, InvitationId, TerritoryId};
use portrea_protocol::people::Role;

use super::language::{Lang, add};
use super::place::Place;
use crate::access::act::{Erasable, What};
use crate::admin::command::AdminCommand;
use crate::admin::letters::{Mailed, Posted};
use crate::admin::people::{Ask, Changed, Device, Done, Known, Link};
use crate::mail::Unsent;

#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// List who is in, device by device, and who may come in by a sign-in provider
    List(Where),
    /// Give somebody another role
    #[command(after_help = "Examples:
  portrea-server people role --data /var/lib/portrea --territory ID CONTRIBUTOR reader

It is in force at once: their devices connect again with the new role.")]
    Role {
        #[command(flatten)]
        at: Where,
        /// Whom, as `people list` names them
        contributor: ContributorId,
        /// contributor, referent or reader
        role: Role,
    },
    /// Sign somebody out, everywhere or on one device
    #[command(after_help = "Examples:
  portrea-server people revoke --data /var/lib/portrea --territory ID CONTRIBUTOR
  portrea-server people revoke --data /var/lib/portrea --territory ID CONTRIBUTOR --device DEVICE

Their connections close at once. What they wrote stays, under their name; what their devices had not sent stays on them.")]
    Revoke {
        #[command(flatten)]
        at: Where,
        /// Whom, as `people list` names them
        contributor: ContributorId,
        /// One device only
        #[arg(long)]
        device: Option<DeviceId>,
    },
    /// Print what was done about people and invitations, oldest first
    #[command(after_help = "Examples:
  portrea-server people acts --data /var/lib/portrea --territory ID --json")]
    Acts(Where),
}

#[derive(Debug, Subcommand)]
pub(super) enum InvitationCommand {
    /// List the invitations, those that are over too
    List(Where),
    /// Revoke an invitation
    #[command(after_help = "Examples:
  portrea-server invitation revoke --data /var/lib/portrea --territory ID INVITATION

Who came in by it stays in.")]
    Revoke {
        #[command(flatten)]
        at: Where,
        /// Which, as `invitation list` names them
        invitation: InvitationId,
    },
}

/// Which territory of which data directory.
#[derive(Debug, Args)]
pub(super) struct Where {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
}

impl Where {
    fn ask(self, ask: Ask) -> (Place, AdminCommand) {
        (self.place, AdminCommand::People { territory: self.territory, ask })
    }
}

impl PeopleCommand {
    pub(super) fn command(self) -> (Place, AdminCommand) {
        match self {
            Self::List(at) => at.ask(Ask::People),
            Self::Role { at, contributor, role } => at.ask(Ask::Role { contributor, role }),
            Self::Revoke { at, contributor, device } => at.ask(Ask::Revoke { contributor, device }),
            Self::Acts(at) => at.ask(Ask::Acts),
        }
    }
}

impl InvitationCommand {
    pub(super) fn command(self) -> (Place, AdminCommand) {
        match self {
            Self::List(at) => at.ask(Ask::Invitations),
            Self::Revoke { at, invitation } => at.ask(Ask::RevokeInvitation { invitation }),
        }
    }
}

/// What came of it, in words.
pub(super) fn text(lang: Lang, known: &Known) -> String {
    let mut text = String::new();
    match known {
        Known::People(all) if all.is_empty() => add(&mut text, lang, "Personne.", "Nobody."),
        Known::People(all) => all.iter().for_each(|device| add_device(&mut text, lang, device)),
        Known::Invitations(all) if all.is_empty() => {
            add(&mut text, lang, "Aucune invitation.", "No invitation.");
        }
        Known::Invitations(all) => all.iter().for_each(|link| add_link(&mut text, lang, link)),
        Known::Acts(all) if all.is_empty() => add(&mut text, lang, "Aucun acte.", "No act."),
        Known::Acts(all) => all.iter().for_each(|act| add_act(&mut text, lang, act)),
        Known::Changed(changed) => add_changed(&mut text, lang, changed),
    }
    text
}

/// What became of letters, in words.
pub(super) fn mailed(lang: Lang, mailed: &Mailed) -> String {
    let mut text = String::new();
    for Posted { to, why, invitation, expires_at, .. } in &mailed.letters {
        let Some(why) = why else {
            add(
                &mut text,
                lang,
                format!("{to} : remis au serveur de courriel. Le lien vaut jusqu’au {expires_at}."),
                format!("{to}: the mail server has it. The link works until {expires_at}."),
            );
            continue;
        };
        let (fr, en) = match why {
            Unsent::Refused => (
                "le serveur de courriel n’a pas voulu de cette lettre",
                "the mail server did not take this letter",
            ),
            Unsent::Unsure => (
                "la lettre n’est pas partie, ou rien ne l’assure",
                "the letter was not sent, or nothing says so",
            ),
        };
        let link = invitation.as_deref().unwrap_or_default();
        add(
            &mut text,
            lang,
            format!("{to} : {fr}. Voici son lien, à transmettre autrement :\n{link}"),
            format!("{to}: {en}. This is its link, to be passed on otherwise:\n{link}"),
        );
    }
    text
}

fn add_device(text: &mut String, lang: Lang, shown: &Device) {
    let Device { contributor, display_name, role, device, signed_in_at, expires_at, provider, .. } = shown;
    let until = expires_at.as_deref().unwrap_or_default();
    let (fr, en) = device.map_or_else(
        || {
            (
                format!("aucun appareil, dernière venue {signed_in_at}"),
                format!("no device, came in last {signed_in_at}"),
            )
        },
        |device| {
            let fr = format!("appareil {device}, du {signed_in_at} au {until}");
            (fr, format!("device {device}, from {signed_in_at} to {until}"))
        },
    );
    let (by_fr, by_en) = match provider.as_deref() {
        None => (String::new(), String::new()),
        Some("") => {
            (" · entre par un fournisseur d’identité".into(), " · comes in by a sign-in provider".into())
        }
        Some(name) => (format!(" · entre par {name}"), format!(" · comes in by {name}")),
    };
    let who = format!("{contributor}  {display_name} · {role}");
    add(text, lang, format!("{who} · {fr}{by_fr}"), format!("{who} · {en}{by_en}"));
}

fn add_link(text: &mut String, lang: Lang, link: &Link) {
    let Link { id, role, uses_left, device_of, expires_at, .. } = link;
    let (fr, en) = match (device_of, uses_left) {
        (Some(whose), _) => (format!("autre appareil de {whose}"), format!("further device of {whose}")),
        (None, Some(left)) => (format!("encore {left} appareils"), format!("{left} more devices")),
        (None, None) => ("appareils sans limite".to_owned(), "any number of devices".to_owned()),
    };
    add(
        text,
        lang,
        format!("{id}  {role} · {fr} · jusqu’au {expires_at}"),
        format!("{id}  {role} · {en} · until {expires_at}"),
    );
}

fn add_act(text: &mut String, lang: Lang, act: &Done) {
    let at = &act.at;
    let (by_fr, by_en) =
        act.by.as_ref().map_or(("l’exploitant", "the operator"), |by| (&*by.name, &*by.name));
    let whom = act.whom.as_ref().map_or("", |whom| &*whom.name);
    let (fr, en) = match &act.what {
        What::ChangedRole { role } => (format!("rôle de {whom} : {role}"), format!("role of {whom}: {role}")),
        What::RevokedDevice { device } => (
            format!("appareil {device} de {whom} déconnecté"),
            format!("device {device} of {whom} signed out"),
        ),
        What::RevokedContributor => (format!("{whom} déconnecté·e"), format!("{whom} signed out")),
        What::CreatedInvitation { invitation, role } => (
            format!("invitation {invitation} créée ({role})"),
            format!("invitation {invitation} made ({role})"),
        ),
        What::RevokedInvitation { invitation } => {
            (format!("invitation {invitation} révoquée"), format!("invitation {invitation} revoked"))
        }
        What::EnteredByProvider { device } => (
            format!("entré·e par le fournisseur d’identité (appareil {device})"),
            format!("came in by the sign-in provider (device {device})"),
        ),
        What::MailedInvitations { many } => {
            (format!("liens envoyés par courriel : {many}"), format!("links sent by mail: {many}"))
        }
        What::ForgotPoint { point } => (
            format!("point « {point} » de la progression supprimé"),
            format!("point “{point}” of the progress deleted"),
        ),
        What::Erased { what } => erased(*what, whom),
        What::LinkedDevice { invitation } => (
            format!("lien {invitation} pour un autre appareil"),
            format!("link {invitation} for a further device"),
        ),
    };
    add(text, lang, format!("{at}  {by_fr} : {fr}"), format!("{at}  {by_en}: {en}"));
}

fn erased(what: Erasable, whom: &str) -> (String, String) {
    match what {
        Erasable::Value => ("un champ effacé pour de bon".to_owned(), "a field erased for good".to_owned()),
        Erasable::Structure => {
            ("une structure effacée pour de bon".to_owned(), "a structure erased for good".to_owned())
        }
        Erasable::Helper => {
            ("un aidant effacé pour de bon".to_owned(), "a helper erased for good".to_owned())
        }
        Erasable::Contributor => (format!("nom effacé ({whom})"), format!("name erased ({whom})")),
        Erasable::History => {
            ("historique ancien effacé".to_owned(), "history from long ago erased".to_owned())
        }
    }
}

fn add_changed(text: &mut String, lang: Lang, changed: &Changed) {
    let Changed { name, signed_out, invitations_ended, referents_left } = changed;
    let name = if name.is_empty() { String::new() } else { format!("{name} · ") };
    add(
        text,
        lang,
        format!("{name}appareils déconnectés : {signed_out} · invitations closes : {invitations_ended}"),
        format!("{name}devices signed out: {signed_out} · invitations ended: {invitations_ended}"),
    );
    if *referents_left == Some(0) {
        add(
            text,
            lang,
            "Ce territoire n’a plus de personne référente : invitez-en une (portrea-server invite --role referent).",
            "This territory has no référent·e any more: invite one (portrea-server invite --role referent).",
        );
    }
}
