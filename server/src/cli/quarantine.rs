//! The words for changes that were not merged, and what is said of them.

use clap::{Args, Subcommand};
use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::wire::quarantine::{Decision, Held, HeldAct};

use super::language::{Lang, add};
use super::place::Place;
use crate::admin::command::AdminCommand;
use crate::admin::quarantine::Waiting;
use crate::deciding::Decided;

#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// List the changes that were not merged, and what became of them
    #[command(after_help = "Examples:
  portrea-server quarantine list --data /var/lib/portrea --territory ID")]
    List(Where),
    /// Show one of them: what it would do, and why it was not merged
    #[command(after_help = "Examples:
  portrea-server quarantine show --data /var/lib/portrea --territory ID 9f3c1d")]
    Show {
        #[command(flatten)]
        at: Where,
        /// Which, by the beginning of its id
        change: String,
    },
    /// Merge a change that waits, with those that it builds on, under its author's name
    #[command(after_help = "Examples:
  portrea-server quarantine accept --data /var/lib/portrea --territory ID 9f3c1d
  portrea-server quarantine accept --data /var/lib/portrea --territory ID --contributor CONTRIBUTOR")]
    Accept(Which),
    /// Close a change that waits; it is kept
    #[command(after_help = "Examples:
  portrea-server quarantine reject --data /var/lib/portrea --territory ID 9f3c1d")]
    Reject(Which),
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

/// One change, or everything of one person that waits.
#[derive(Debug, Args)]
pub(super) struct Which {
    #[command(flatten)]
    at: Where,
    /// Which, by the beginning of its id
    #[arg(required_unless_present = "contributor", conflicts_with = "contributor")]
    change: Option<String>,
    /// Everything of this person that waits
    #[arg(long, value_name = "ID")]
    contributor: Option<ContributorId>,
}

impl Where {
    fn ask(self, ask: Waiting) -> (Place, AdminCommand) {
        (self.place, AdminCommand::Quarantine { territory: self.territory, ask })
    }
}

impl Which {
    fn decide(self, decision: Decision) -> (Place, AdminCommand) {
        let Self { at, change, contributor } = self;
        at.ask(match contributor {
            Some(contributor) => Waiting::DecideAll { contributor, decision },
            None => Waiting::Decide { change: change.unwrap_or_default(), decision },
        })
    }
}

impl QuarantineCommand {
    pub(super) fn command(self) -> (Place, AdminCommand) {
        match self {
            Self::List(at) => at.ask(Waiting::List),
            Self::Show { at, change } => at.ask(Waiting::Show { change }),
            Self::Accept(which) => which.decide(Decision::Accept),
            Self::Reject(which) => which.decide(Decision::Reject),
        }
    }
}

/// Changes that were not merged, in words; with what they would do, where there is one.
pub(super) fn text(lang: Lang, all: &[Held]) -> String {
    let mut text = String::new();
    if all.is_empty() {
        add(&mut text, lang, "Rien n’a été mis de côté.", "Nothing was set aside.");
    }
    for held in all {
        let short: String = held.id.chars().take(12).collect();
        let (state, reason, n) = (held.state.code(), held.reason.code(), held.edits.len());
        let Held { name, at, contributor, .. } = held;
        add(
            &mut text,
            lang,
            format!("{short}  {state} · {reason} · {name} ({contributor}), {at} · opérations : {n}"),
            format!("{short}  {state} · {reason} · {name} ({contributor}), {at} · operations: {n}"),
        );
        if let [_] = all {
            held.edits.iter().for_each(|edit| {
                let place = edit.name.as_deref().unwrap_or_default();
                let what = match edit.act {
                    HeldAct::Create => "+".to_owned(),
                    HeldAct::Remove => "−".to_owned(),
                    HeldAct::Write => format!("= {}", edit.value),
                };
                text.extend(["  ", place, " ", &edit.path, " ", &what, "\n"]);
            });
        }
    }
    text
}

/// How many were decided about.
pub(super) fn decided(lang: Lang, decided: Decided) -> String {
    let Decided { decided, left } = decided;
    let mut text = String::new();
    add(
        &mut text,
        lang,
        format!("modifications décidées : {decided} · qui attendent encore : {left}"),
        format!("changes decided about: {decided} · that wait still: {left}"),
    );
    text
}
