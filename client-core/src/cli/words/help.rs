//! The help, in French and English: a line for each command and each thing that may be typed, and what to say to a
//! call that cannot be understood. A test holds that nothing is missing and nothing is left over.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, Command};

use super::{Lang, typography};

/// Key, French, English. Keys are `command` or `command.argument`; arguments of every command begin with a dot.
pub(super) const LINES: &[(&str, &str, &str)] = &[
    (
        "portrea",
        "L’annuaire de votre territoire, sur cet appareil : avec ou sans réseau.",
        "Your territory’s directory, on this device: with a network or without.",
    ),
    (".help", "Affiche cette aide", "Shows this help"),
    (".version", "Affiche la version", "Shows the version"),
    (
        ".data",
        "Le dossier où cet appareil garde ses données [PORTREA_HOME, sinon ~/.local/share/portrea]",
        "The folder where this device keeps its data [PORTREA_HOME, else ~/.local/share/portrea]",
    ),
    (".json", "Donne le résultat en JSON, pour les programmes", "Gives the result as JSON, for programs"),
    (".offline", "N’essaie pas le réseau", "Does not try the network"),
    (".lang", "La langue : fr ou en [sinon celle de LANG]", "The language: fr or en [else that of LANG]"),
    (
        "join",
        "Relie cet appareil à un territoire, par un lien d’invitation",
        "Signs this device in to a territory, by an invitation link",
    ),
    ("join.link", "Le lien reçu : https://serveur/join#CODE", "The link you got: https://server/join#CODE"),
    (
        "join.name",
        "Votre nom, que les autres verront à côté de ce que vous écrivez",
        "Your name, which others see beside what you write",
    ),
    ("status", "Dit ce qui est enregistré et ce qui attend", "Tells what is saved and what waits"),
    ("list", "Montre les lieux de l’annuaire", "Shows the places of the directory"),
    ("list.commune", "Dans cette commune (code INSEE)", "In this commune (INSEE code)"),
    ("list.family", "Qui rendent un service de cette famille", "That give a service of this family"),
    (
        "list.q",
        "Dont le nom, la commune ou la description contient ce texte",
        "Whose name, commune or description contains this text",
    ),
    ("list.archived", "Montre aussi les lieux archivés", "Shows archived places too"),
    (
        "show",
        "Montre un lieu, ses services et les personnes qui y aident",
        "Shows a place, its services and the people who help there",
    ),
    (
        "show.id",
        "Son nom exact, son identifiant, ou le début de celui-ci (4 caractères au moins)",
        "Its exact name, its identifier, or the beginning of it (at least 4 characters)",
    ),
    ("add", "Ajoute un lieu", "Adds a place"),
    ("add.name", "Son nom", "Its name"),
    ("add.commune", "Sa commune (code INSEE)", "Its commune (INSEE code)"),
    (
        "add.family",
        "Les familles de service rendues, séparées par des virgules",
        "The families of service it gives, separated by commas",
    ),
    (
        "add.set",
        "D’autres champs : phone=…, assist/weekly_hours=…",
        "Other fields: phone=…, assist/weekly_hours=…",
    ),
    ("set", "Change un champ d’un lieu", "Changes a field of a place"),
    (
        "set.id",
        "Le lieu : nom exact, identifiant ou son début",
        "The place: exact name, identifier or its beginning",
    ),
    (
        "set.path",
        "Le champ : phone, services/<id>/price, ou une famille : assist/weekly_hours",
        "The field: phone, services/<id>/price, or a family: assist/weekly_hours",
    ),
    (
        "set.value",
        "La valeur ; \"\" vide le champ ; plusieurs valeurs se séparent par |",
        "The value; \"\" empties the field; several values are separated by |",
    ),
    ("set.add", "Ajoute la valeur à celles qui y sont", "Adds the value to those that stand there"),
    ("set.remove", "Retire la valeur de celles qui y sont", "Removes the value from those that stand there"),
    ("add-service", "Ajoute un service à un lieu", "Adds a service to a place"),
    (
        "add-service.id",
        "Le lieu : nom exact, identifiant ou son début",
        "The place: exact name, identifier or its beginning",
    ),
    ("add-service.family", "Sa famille", "Its family"),
    ("add-service.set", "Ses champs : weekly_hours=…, price=free", "Its fields: weekly_hours=…, price=free"),
    ("add-helper", "Ajoute une personne qui aide dans un lieu", "Adds a person who helps in a place"),
    (
        "add-helper.id",
        "Le lieu : nom exact, identifiant ou son début",
        "The place: exact name, identifier or its beginning",
    ),
    ("add-helper.name", "Son nom", "Their name"),
    (
        "add-helper.set",
        "Ses champs : role=…, phone=…, public=oui",
        "Their fields: role=…, phone=…, public=yes",
    ),
    (
        "confirm",
        "Dit que la fiche d’un lieu est toujours exacte",
        "Tells that a place’s record is still right",
    ),
    (
        "confirm.id",
        "Le lieu : nom exact, identifiant ou son début",
        "The place: exact name, identifier or its beginning",
    ),
    ("confirm.how", "Comment vous l’avez vérifiée", "How you checked it"),
    ("archive", "Archive un lieu, sans rien effacer", "Archives a place, erasing nothing"),
    (
        "archive.id",
        "Le lieu : nom exact, identifiant ou son début",
        "The place: exact name, identifier or its beginning",
    ),
    ("archive.why", "Pourquoi", "Why"),
    (
        "sync",
        "Envoie ce qui attend et reçoit ce qui est nouveau",
        "Sends what waits and receives what is new",
    ),
    ("sync.within", "Abandonne après ce nombre de secondes", "Gives up after so many seconds"),
    (
        "watch",
        "Suit en direct ce qui change dans le territoire",
        "Follows what changes in the territory, live",
    ),
    (
        "watch.since",
        "Commence après cet évènement ; 0 depuis le début [sinon : maintenant]",
        "Begins after this event; 0 from the beginning [else: now]",
    ),
    (
        "export",
        "Écrit l’annuaire dans un fichier, tel que cet appareil l’a",
        "Writes the directory to a file, as this device has it",
    ),
    ("export.format", "Le format", "The format"),
    ("export.output", "Le fichier [sinon la sortie standard]", "The file [else the standard output]"),
    ("export.archived", "Avec les lieux archivés", "With archived places"),
    (
        "completions",
        "Donne de quoi compléter les commandes dans votre terminal",
        "Gives what completes commands in your terminal",
    ),
    ("completions.shell", "Votre terminal", "Your shell"),
];

const EXAMPLES: &str = "  portrea join https://portrea.exemple.fr/join#k3V9 --name \"Amina\"
  portrea add \"Médiathèque\" --commune 35184 --family assist,train --set phone=\"02 99 00 00 00\"
  portrea list --commune 35184 --family assist
  portrea set Médiathèque assist/weekly_eadmin_hours 12,5
  portrea set Médiathèque publics \"Jeunes\" --add
  portrea confirm Médiathèque --how call
  portrea sync
  portrea export --format csv --output annuaire.csv";

impl Lang {
    fn line(self, command: &str, argument: Option<&str>) -> Option<String> {
        let own = argument.map_or(command.to_owned(), |argument| format!("{command}.{argument}"));
        let shared = argument.map(|argument| format!(".{argument}"));
        let found = LINES.iter().find(|(key, ..)| *key == own);
        let found = found.or_else(|| LINES.iter().find(|(key, ..)| shared.as_deref() == Some(*key)));
        found.map(|(_, fr, en)| match self {
            Self::Fr => typography(fr),
            Self::En => (*en).to_owned(),
        })
    }
}

/// Puts the help's words into the command.
pub(in crate::cli) fn dress(command: Command, lang: Lang) -> Command {
    let commands = match lang {
        Lang::Fr => "Commandes\u{a0}",
        Lang::En => "Commands",
    };
    let examples = lang.say("Exemples :", "Examples:", &[]);
    let command = one(command, "portrea", lang)
        .subcommand_help_heading(commands)
        .after_help(format!("{examples}\n{EXAMPLES}"));
    command.mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        one(sub, &name, lang)
    })
}

fn one(command: Command, name: &str, lang: Lang) -> Command {
    let usage = lang.say("Utilisation :", "Usage:", &[]);
    let arguments = match lang {
        Lang::Fr => "À donner\u{a0}",
        Lang::En => "Arguments",
    };
    let options = match lang {
        Lang::Fr => "Options\u{a0}",
        Lang::En => "Options",
    };
    let command = command
        .help_template(format!("{{about}}\n\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}"))
        .about(lang.line(name, None).unwrap_or_default());
    command.mut_args(|arg| {
        let heading = if arg.is_positional() { arguments } else { options };
        let help = lang.line(name, Some(arg.get_id().as_str())).unwrap_or_default();
        let help = format!("{help}{}", choices(&arg, lang));
        let valued = arg.get_action().takes_values();
        arg.help(help).help_heading(heading).hide_possible_values(valued).hide_default_value(valued)
    })
}

/// The words an argument takes and what stands for it when it is not given.
fn choices(argument: &Arg, lang: Lang) -> String {
    if !argument.get_action().takes_values() || argument.get_id() == "lang" {
        return String::new();
    }
    let words: Vec<String> =
        argument.get_possible_values().iter().map(|it| it.get_name().to_owned()).collect();
    let defaults: Vec<_> = argument.get_default_values().iter().map(|it| it.to_string_lossy()).collect();
    let mut told = String::new();
    if !words.is_empty() {
        told.push_str(&lang.say(" [choix : {}]", " [choices: {}]", &[&words.join(", ")]));
    }
    if !defaults.is_empty() {
        told.push_str(&lang.say(" [sinon : {}]", " [else: {}]", &[&defaults.join(", ")]));
    }
    told
}

/// What is wrong with a call, in the language, and how it is meant.
pub(in crate::cli) fn wrong_call(lang: Lang, error: &Error) -> String {
    let told = |kind| {
        let value = error.get(kind)?;
        Some(if let ContextValue::Strings(all) = value { all.join(", ") } else { value.to_string() })
    };
    let argument = told(ContextKind::InvalidArg).unwrap_or_default();
    let value = told(ContextKind::InvalidValue).unwrap_or_default();
    let command = told(ContextKind::InvalidSubcommand).unwrap_or_default();
    let mut text = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return error.to_string();
    } else if error.kind() == ErrorKind::MissingRequiredArgument {
        lang.say("Il manque : {}", "Missing: {}", &[&argument])
    } else if error.kind() == ErrorKind::InvalidSubcommand {
        lang.say("« {} » n’est pas une commande.", "`{}` is no command.", &[&command])
    } else if error.kind() == ErrorKind::UnknownArgument {
        lang.say("« {} » n’est pas connu ici.", "`{}` is not known here.", &[&argument])
    } else if value.is_empty() {
        lang.say("L’appel ne peut pas être compris : {}", "The call cannot be understood: {}", &[&argument])
    } else {
        lang.say("« {} » ne convient pas pour {}.", "`{}` does not fit {}.", &[&value, &argument])
    };
    let choices = told(ContextKind::ValidValue).filter(|choices| !choices.is_empty());
    if let Some(choices) = choices {
        text = format!("{text} {}", lang.say("Choix : {}.", "Choices: {}.", &[&choices]));
    }
    let help = lang.say("Aide : portrea --help", "Help: portrea --help", &[]);
    format!("{text}\n{help}")
}
