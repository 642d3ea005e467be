//! Everything the command says, in French and English. French is written with plain spaces and comes out with the
//! spaces that French typography asks for; what people typed is put in afterwards, untouched.

use std::ffi::OsString;
use std::fmt::Display;

use portrea_protocol::schema::field::Field;
use portrea_protocol::schema::record::{Finding, Value};

use crate::shelf::identity::Role;
use crate::status::{State, Status};

pub(super) mod events;
pub(super) mod help;
mod moved;
mod trouble;

/// The language spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    /// French, unless something asks for English.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// `--lang`, else the environment's.
    pub(super) fn choose(typed: &[OsString], environment: impl Fn(&str) -> Option<String>) -> Self {
        let mut words = typed.iter().filter_map(|word| word.to_str());
        let asked = words.find_map(|word| word.strip_prefix("--lang=").map(str::to_owned)).or_else(|| {
            let mut words = typed.iter().filter_map(|word| word.to_str());
            words.find(|word| *word == "--lang").and_then(|_| words.next()).map(str::to_owned)
        });
        let told = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(environment);
        let lang = asked.or_else(|| told.into_iter().find(|value| !value.is_empty()));
        if lang.is_some_and(|lang| lang.starts_with("en")) { Self::En } else { Self::Fr }
    }

    /// One of two texts, with `{}` in them replaced in order.
    pub(super) fn say(self, fr: &str, en: &str, with: &[&dyn Display]) -> String {
        let template = match self {
            Self::Fr => typography(fr),
            Self::En => en.to_owned(),
        };
        let mut said = String::with_capacity(template.len());
        let mut with = with.iter();
        let mut pieces = template.split("{}").peekable();
        while let Some(piece) = pieces.next() {
            said.push_str(piece);
            if pieces.peek().is_some() {
                said.extend(with.next().map(ToString::to_string));
            }
        }
        said
    }

    pub(super) fn label(self, field: &Field) -> &'static str {
        match self {
            Self::Fr => field.label_fr,
            Self::En => field.label_en,
        }
    }

    /// Wait… is it one or several? French counts zero as one.
    pub(super) fn several(self, n: usize) -> bool {
        match self {
            Self::Fr => n >= 2,
            Self::En => n != 1,
        }
    }

    pub(super) fn edits(self, n: usize) -> String {
        if self.several(n) {
            self.say("{} modifications", "{} changes", &[&n])
        } else {
            self.say("{} modification", "{} change", &[&n])
        }
    }

    /// The five families as people read them.
    pub(super) fn family(self, family: &str) -> String {
        let (fr, en) = match family {
            "inform" => ("S’informer", "Get informed"),
            "equip" => ("S’équiper, se connecter", "Get equipped, get online"),
            "assist" => ("Être aidé·e", "Get help"),
            "train" => ("Se former", "Learn"),
            "repair" => ("Réparer", "Repair"),
            other => return other.to_owned(),
        };
        self.say(fr, en, &[])
    }

    pub(super) fn how(self, how: &str) -> String {
        let (fr, en) = match how {
            "visit" => ("sur place", "by a visit"),
            "call" => ("par téléphone", "by phone"),
            "mail" => ("par courriel", "by mail"),
            "link" => ("par le lien envoyé", "by the link that was sent"),
            "self" => ("par le lieu lui-même", "by the place itself"),
            other => return other.to_owned(),
        };
        self.say(fr, en, &[])
    }

    /// A value as people read it.
    pub(super) fn value(self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Integer(integer) => integer.to_string(),
            Value::Number(number) if self == Self::Fr => number.to_string().replace('.', ","),
            Value::Number(number) => number.to_string(),
            Value::Flag(true) => self.say("oui", "yes", &[]),
            Value::Flag(false) => self.say("non", "no", &[]),
            Value::Set(members) => members.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        }
    }

    /// The day of an instant in RFC 3339.
    pub(super) fn day(self, instant: &str) -> String {
        let day = instant.split('T').next().unwrap_or_default();
        match (self, day.split('-').collect::<Vec<_>>().as_slice()) {
            (Self::Fr, [year, month, day]) => format!("{day}/{month}/{year}"),
            _ => day.to_owned(),
        }
    }

    /// What an edit's writer wants to know: is it safe, and where?
    pub(super) fn after_edit(self, status: &Status) -> String {
        match status.state {
            State::Safe => self.say(
                "Enregistré sur cet appareil et sur le serveur.",
                "Saved on this device and on the server.",
                &[],
            ),
            State::Offline | State::Sending | State::Waiting => self.kept(status.waiting),
            State::Refused | State::SignedOut => self.state(status),
        }
    }

    fn kept(self, waiting: usize) -> String {
        let edits = self.edits(waiting);
        if self.several(waiting) {
            self.say(
                "Gardé sur cet appareil ; {} partiront au retour du réseau.",
                "Kept on this device; {} will leave when the network is back.",
                &[&edits],
            )
        } else {
            self.say(
                "Gardé sur cet appareil ; {} partira au retour du réseau.",
                "Kept on this device; {} will leave when the network is back.",
                &[&edits],
            )
        }
    }

    /// The state in a sentence.
    pub(super) fn state(self, status: &Status) -> String {
        let edits = self.edits(status.waiting);
        match status.state {
            State::Safe => self.say("Tout est enregistré.", "Everything is saved.", &[]),
            State::Offline => self.say("Hors ligne. Rien n’attend d’être envoyé.", "Offline. Nothing waits to be sent.", &[]),
            State::Sending => self.say("Envoi de {}…", "Sending {}…", &[&edits]),
            State::Waiting if self.several(status.waiting) => {
                self.say("Hors ligne. {} gardées sur cet appareil.", "Offline. {} kept on this device.", &[&edits])
            }
            State::Waiting => {
                self.say("Hors ligne. {} gardée sur cet appareil.", "Offline. {} kept on this device.", &[&edits])
            }
            State::Refused => self.say(
                "Le serveur n’a pas accepté {} ({}). Rien n’est perdu : tout reste sur cet appareil.",
                "The server did not take {} ({}). Nothing is lost: all of it stays on this device.",
                &[&edits, &status.refused.as_deref().unwrap_or("?")],
            ),
            State::SignedOut => self.say(
                "Cet appareil n’est plus relié. Rien n’est perdu : {} sur cet appareil seul. Demandez une nouvelle invitation.",
                "This device is no longer signed in. Nothing is lost: {} on this device alone. Ask for a new invitation.",
                &[&edits],
            ),
        }
    }

    pub(super) fn unreachable(self, server: &str, status: &Status) -> String {
        let state = self.state(status);
        self.say(
            "Le serveur {} n’a pas répondu à temps. {}",
            "The server {} did not answer in time. {}",
            &[&server, &state],
        )
    }

    pub(super) fn connecting(self) -> String {
        self.say("Envoi et réception…", "Sending and receiving…", &[])
    }

    pub(super) fn receiving(self) -> String {
        self.say("Réception de l’annuaire…", "Receiving the directory…", &[])
    }

    pub(super) fn role(self, role: Role) -> String {
        match role {
            Role::Referent => self.say("référent·e", "coordinator", &[]),
            Role::Contributor => self.say("contribution", "contributor", &[]),
            Role::Reader => self.say("lecture seule", "reading only", &[]),
        }
    }

    pub(super) fn joined(self, name: &str, role: Role, structures: usize) -> String {
        let role = self.role(role);
        self.say(
            "Bienvenue, {} ({}). Lieux dans l’annuaire : {}.",
            "Welcome, {} ({}). Places in the directory: {}.",
            &[&name, &role, &structures],
        )
    }

    pub(super) fn joined_without_directory(self) -> String {
        self.say(
            "Cet appareil est relié, mais l’annuaire n’est pas encore arrivé. Lancez « portrea sync » avec du réseau.",
            "This device is signed in, but the directory has not come yet. Run `portrea sync` with a network.",
            &[],
        )
    }

    pub(super) fn put_aside(self, dir: &str, waiting: usize) -> String {
        let edits = self.edits(waiting);
        self.say(
            "L’ancien appareil est gardé dans {} ({} en attente).",
            "The former device is kept in {} ({} waiting).",
            &[&dir, &edits],
        )
    }

    pub(super) fn your_name(self) -> String {
        self.say("Comment vous appelez-vous ? ", "What is your name? ", &[])
    }

    pub(super) fn nothing_changed(self) -> String {
        self.say("C’était déjà ainsi ; rien n’a changé.", "It was so already; nothing changed.", &[])
    }

    pub(super) fn empty(self) -> String {
        self.say("Aucun lieu à montrer.", "No place to show.", &[])
    }

    pub(super) fn answers(self, field: &str, values: &[String], path: &str) -> String {
        let all = values.join(" | ");
        if values.len() == 2 {
            self.say(
                "▲ Deux réponses pour « {} » : {} [{}]",
                "▲ Two answers for “{}”: {} [{}]",
                &[&field, &all, &path],
            )
        } else {
            self.say(
                "▲ Plusieurs réponses pour « {} » : {} [{}]",
                "▲ Several answers for “{}”: {} [{}]",
                &[&field, &all, &path],
            )
        }
    }

    pub(super) fn or(self, value: &str) -> String {
        self.say("ou : {}", "or: {}", &[&value])
    }

    pub(super) fn services(self) -> String {
        self.say("Services", "Services", &[])
    }

    pub(super) fn helpers(self) -> String {
        self.say("Personnes qui aident", "People who help", &[])
    }

    pub(super) fn confirmed(self, at: &str, by: &str, how: &str) -> String {
        self.say("Vérifié le {} {} ({}).", "Checked on {} {} ({}).", &[&self.day(at), &self.how(how), &by])
    }

    pub(super) fn never_confirmed(self) -> String {
        self.say("Pas encore vérifié.", "Not checked yet.", &[])
    }

    pub(super) fn validated(self, at: &str) -> String {
        self.say("Validé le {}.", "Validated on {}.", &[&self.day(at)])
    }

    pub(super) fn to_review(self, at: &str) -> String {
        self.say(
            "À relire : validé le {}, modifié depuis.",
            "To review again: validated on {}, edited since.",
            &[&self.day(at)],
        )
    }

    pub(super) fn archived(self, at: &str, why: &str) -> String {
        self.say("Archivé le {} : {}", "Archived on {}: {}", &[&self.day(at), &why])
    }

    pub(super) fn finding(self, path: &str, finding: &Finding) -> String {
        let (fr, en) = match finding {
            Finding::WrongType => {
                ("écrit d’une autre façon que prévu", "written in another way than expected")
            }
            Finding::Unreadable => ("illisible", "cannot be read"),
            Finding::UnknownWord => ("mot inhabituel", "an unusual word"),
            Finding::UnknownField => ("champ inconnu", "an unknown field"),
            Finding::NotAUuid => ("identifiant inhabituel", "an unusual identifier"),
            Finding::NoName => ("le nom manque", "the name is missing"),
            Finding::CommuneElsewhere => ("hors du territoire", "outside the territory"),
            Finding::PositionOdd => ("position étonnante", "an odd position"),
        };
        let what = self.say(fr, en, &[]);
        if path.is_empty() {
            return self.say("À vérifier : {}", "To check: {}", &[&what]);
        }
        self.say("À vérifier : {} ({})", "To check: {} ({})", &[&path, &what])
    }

    pub(super) fn written_to(self, path: &str) -> String {
        self.say("Écrit dans {}.", "Written to {}.", &[&path])
    }

    pub(super) fn not_on_a_terminal(self) -> String {
        self.say(
            "Ce format n’est pas du texte : donnez --output FICHIER.",
            "This format is no text: give --output FILE.",
            &[],
        )
    }

    pub(super) fn watch_again(self, why: &str) -> String {
        self.say("Fil interrompu ({}) ; nouvelle tentative…", "The feed stopped ({}); trying again…", &[&why])
    }
}

/// Puts French spaces where French typography asks for them: narrow before `;`, `!` and `?`, plain but unbreakable
/// before `:` and inside guillemets.
pub(super) fn typography(text: &str) -> String {
    [
        (" ;", "\u{202f};"),
        (" !", "\u{202f}!"),
        (" ?", "\u{202f}?"),
        (" :", "\u{a0}:"),
        ("« ", "«\u{a0}"),
        (" »", "\u{a0}»"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (plain, french)| text.replace(plain, french))
}

#[cfg(test)]
mod tests;
