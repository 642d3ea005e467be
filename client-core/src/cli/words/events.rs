//! The feed's events as one sentence each.

use portrea_protocol::schema::path::Address;
use portrea_protocol::wire::feed::{Event, FeedEvent};
use portrea_protocol::wire::quarantine::Reason;
use serde_json::Value as Json;

use super::Lang;

impl Lang {
    /// An event as one line.
    pub(in crate::cli) fn event(self, event: &FeedEvent) -> String {
        format!("{:>5}  {}  {}", event.id, event.at, self.sentence(event))
    }

    fn sentence(self, event: &FeedEvent) -> String {
        let who = event
            .author
            .as_ref()
            .map_or_else(|| self.say("Le serveur", "The server", &[]), |a| a.name.clone());
        let place = event.subject.as_ref().map_or("?", |subject| subject.name.as_str());
        let field = |path: &str| self.field(event, path);
        match &event.event {
            Event::Created => self.say("{} a ajouté « {} ».", "{} added “{}”.", &[&who, &place]),
            Event::FieldChanged { path, before, after } => {
                self.changed(&who, place, &field(path), before, after)
            }
            Event::Conflict { path, values } => {
                let values = values.iter().map(|value| self.plain(value)).collect::<Vec<_>>().join(" | ");
                self.say(
                    "Plusieurs réponses pour {} de « {} » : {}",
                    "Several answers for {} of “{}”: {}",
                    &[&field(path), &place, &values],
                )
            }
            Event::Resolved { path, value } => self.say(
                "{} a choisi pour {} de « {} » : {}",
                "{} chose for {} of “{}”: {}",
                &[&who, &field(path), &place, &self.plain(value)],
            ),
            Event::PartAdded { path, what } if path.starts_with("services") => self.say(
                "{} a ajouté un service à « {} » : {}",
                "{} added a service to “{}”: {}",
                &[&who, &place, &self.family(what)],
            ),
            Event::PartAdded { what, .. } => self.say(
                "{} a ajouté {} parmi les personnes qui aident à « {} ».",
                "{} added {} to the people who help at “{}”.",
                &[&who, what, &place],
            ),
            Event::Confirmed { how } => {
                self.say("{} a vérifié « {} » {}.", "{} checked “{}” {}.", &[&who, &place, &self.how(how)])
            }
            Event::Validated => self.say("{} a validé « {} ».", "{} validated “{}”.", &[&who, &place]),
            Event::ToReview => self.asks_review(place),
            Event::Archived { why } => {
                self.say("{} a archivé « {} » : {}", "{} archived “{}”: {}", &[&who, &place, why])
            }
            Event::Unarchived => self.say("{} a rouvert « {} ».", "{} reopened “{}”.", &[&who, &place]),
            Event::Removed => self.say("{} a retiré « {} ».", "{} removed “{}”.", &[&who, &place]),
            Event::Quarantined { reason, changes } => self.say(
                "En attente de la personne référente : {} de {} ({}).",
                "Waiting for the référent·e: {} by {} ({}).",
                &[&self.edits(usize::try_from(*changes).unwrap_or(usize::MAX)), &who, &self.reason(*reason)],
            ),
            Event::QuarantineAccepted { whose } => self.say(
                "{} a accepté une modification de {}.",
                "{} accepted a change by {}.",
                &[&who, whose],
            ),
            Event::QuarantineRejected { whose } => self.say(
                "{} n’a pas retenu une modification de {}.",
                "{} did not take a change by {}.",
                &[&who, whose],
            ),
            Event::QuarantineWithdrawn => self.took_back(&who),
            Event::Joined => self.say("{} a rejoint le territoire.", "{} joined the territory.", &[&who]),
            Event::Indicators { changes } => {
                self.say("Indicateurs modifiés : {}.", "Figures that moved: {}.", &[&changes.len()])
            }
        }
    }

    fn asks_review(self, place: &str) -> String {
        self.say(
            "« {} » est à relire : la fiche validée a été modifiée.",
            "“{}” is to be reviewed again: the validated record was edited.",
            &[&place],
        )
    }

    fn took_back(self, who: &str) -> String {
        self.say("{} a retiré sa modification qui attendait.", "{} took back a change that waited.", &[&who])
    }

    /// Why a change waits.
    pub(in crate::cli) fn reason(self, reason: Reason) -> String {
        let (fr, en) = match reason {
            Reason::ForeignActor | Reason::ForeignAuthor => {
                ("écrite sous une autre connexion", "written under another sign-in")
            }
            Reason::NeedsReferent => ("réservée à la personne référente", "only the référent·e may do this"),
            Reason::NeedsContributor => ("ce rôle ne fait que lire", "this role only reads"),
            Reason::RemovesRecord => (
                "elle effacerait une fiche ; une fiche s’archive",
                "it would erase a record; records are archived",
            ),
            Reason::ReplacesRecord => {
                ("elle remplacerait une fiche entière", "it would replace a whole record")
            }
            Reason::Outside => ("elle écrit hors de l’annuaire", "it writes outside the directory"),
            Reason::BuildsOnRefused => {
                ("elle s’appuie sur une modification qui attend", "it builds on a change that waits")
            }
        };
        self.say(fr, en, &[])
    }

    fn changed(self, who: &str, place: &str, field: &str, before: &Json, after: &Json) -> String {
        match (before, after) {
            (_, Json::Null) => {
                self.say("{} a vidé {} de « {} ».", "{} emptied {} of “{}”.", &[&who, &field, &place])
            }
            (Json::Null, after) => self.say(
                "{} a rempli {} de « {} » : {}",
                "{} filled {} of “{}”: {}",
                &[&who, &field, &place, &self.plain(after)],
            ),
            (before, after) => self.say(
                "{} a changé {} de « {} » : {} → {}",
                "{} changed {} of “{}”: {} → {}",
                &[&who, &field, &place, &self.plain(before), &self.plain(after)],
            ),
        }
    }

    /// A field's label, or its path when the schema has none of that name.
    fn field(self, event: &FeedEvent, path: &str) -> String {
        let address = event.subject.as_ref().and_then(|subject| Address::parse(&subject.structure, path));
        address
            .map_or_else(|| path.to_owned(), |address| format!("“{}”", self.label(address.field)))
            .replace('“', if self == Self::Fr { "«\u{a0}" } else { "“" })
            .replace('”', if self == Self::Fr { "\u{a0}»" } else { "”" })
    }

    fn plain(self, value: &Json) -> String {
        match value {
            Json::Null => String::from("—"),
            Json::Bool(true) => self.say("oui", "yes", &[]),
            Json::Bool(false) => self.say("non", "no", &[]),
            Json::Number(number) => number.to_string(),
            Json::String(text) => text.replace('\n', " "),
            Json::Array(all) => all.iter().map(|one| self.plain(one)).collect::<Vec<_>>().join(", "),
            Json::Object(_) => String::from("…"),
        }
    }
}
