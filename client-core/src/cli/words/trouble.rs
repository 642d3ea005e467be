//! What the command says when something is in the way: what happened, what is kept, what to do.

use portrea_protocol::schema::write::EditError;

use super::Lang;

impl Lang {
    pub(in crate::cli) fn no_link(self) -> String {
        self.say(
            "Ce lien n’est pas une invitation. Il ressemble à : https://serveur/join#CODE",
            "This link is no invitation. It looks like: https://server/join#CODE",
            &[],
        )
    }

    pub(in crate::cli) fn needs_network(self) -> String {
        self.say("Cette commande a besoin du réseau.", "This command needs the network.", &[])
    }

    pub(in crate::cli) fn no_answer(self, url: &str, why: &str) -> String {
        self.say(
            "Le serveur {} ne répond pas ({}). Vérifiez l’adresse et le réseau, puis recommencez.",
            "The server {} does not answer ({}). Check the address and the network, then try again.",
            &[&url, &why],
        )
    }

    pub(in crate::cli) fn odd_answer(self, url: &str) -> String {
        self.say(
            "La réponse de {} n’est pas celle d’un serveur PORTREA.",
            "The answer of {} is not that of a PORTREA server.",
            &[&url],
        )
    }

    pub(in crate::cli) fn signed_out(self) -> String {
        self.say(
            "Cet appareil n’est plus relié. Ce qu’il contient reste dessus. Demandez une nouvelle invitation.",
            "This device is no longer signed in. What it holds stays on it. Ask for a new invitation.",
            &[],
        )
    }

    pub(in crate::cli) fn no_home(self) -> String {
        self.say(
            "Où garder les données ? Donnez --data DOSSIER ou PORTREA_HOME.",
            "Where are the data to be kept? Give --data DIR or PORTREA_HOME.",
            &[],
        )
    }

    pub(in crate::cli) fn no_device(self, dir: &str) -> String {
        self.say(
            "Aucun appareil n’est relié dans {}. Commencez par « portrea join LIEN ».",
            "No device is signed in in {}. Begin with `portrea join LINK`.",
            &[&dir],
        )
    }

    pub(in crate::cli) fn exists(self, dir: &str) -> String {
        self.say(
            "Un appareil est déjà relié dans {}. Choisissez un autre dossier avec --data.",
            "A device is signed in in {} already. Choose another folder with --data.",
            &[&dir],
        )
    }

    pub(in crate::cli) fn full(self, path: &str) -> String {
        self.say(
            "Le disque est plein : rien n’a été écrit dans {}. Faites de la place, puis recommencez.",
            "The disk is full: nothing was written to {}. Make room, then try again.",
            &[&path],
        )
    }

    pub(in crate::cli) fn disk(self, path: &str, why: &str) -> String {
        self.say("Impossible de lire ou d’écrire {} : {}.", "Cannot read or write {}: {}.", &[&path, &why])
    }

    pub(in crate::cli) fn unreadable(self, why: &str) -> String {
        self.say(
            "Ce qui est gardé sur cet appareil ne peut pas être lu ({}). Rien n’a été changé.",
            "What is kept on this device cannot be read ({}). Nothing was changed.",
            &[&why],
        )
    }

    pub(in crate::cli) fn no_document(self) -> String {
        self.say(
            "L’annuaire n’est pas encore sur cet appareil. Lancez « portrea sync » avec du réseau.",
            "The directory is not on this device yet. Run `portrea sync` with a network.",
            &[],
        )
    }

    pub(in crate::cli) fn reader(self) -> String {
        self.say(
            "Cet appareil est relié en lecture seule. Rien n’a été changé.",
            "This device is signed in to read only. Nothing was changed.",
            &[],
        )
    }

    pub(in crate::cli) fn not_found(self, what: &str) -> String {
        self.say("Aucun lieu ne correspond à « {} ».", "No place matches `{}`.", &[&what])
    }

    pub(in crate::cli) fn ambiguous(self, what: &str, found: &str) -> String {
        self.say("« {} » désigne plusieurs lieux :\n{}", "`{}` means several places:\n{}", &[&what, &found])
    }

    pub(in crate::cli) fn no_part(self, what: &str) -> String {
        self.say(
            "Ce lieu n’a pas de « {} », ou en a plusieurs : donnez le chemin complet, « portrea show » le montre.",
            "This place has no `{}`, or several: give the whole path, `portrea show` shows it.",
            &[&what],
        )
    }

    pub(in crate::cli) fn no_field(self, path: &str, known: &str) -> String {
        self.say(
            "« {} » n’est pas un champ. Champs connus : {}.",
            "`{}` is no field. Known fields: {}.",
            &[&path, &known],
        )
    }

    pub(in crate::cli) fn not_a_set(self, path: &str) -> String {
        self.say(
            "« {} » n’a qu’une valeur : --add et --remove ne conviennent pas.",
            "`{}` has one value only: --add and --remove do not fit.",
            &[&path],
        )
    }

    /// Why an edit was not written.
    pub(in crate::cli) fn refused(self, error: &EditError) -> String {
        match error {
            EditError::NoRecord(what) => self.not_found(what),
            EditError::Document(why) => self.unreadable(why),
            EditError::Exists(id) => self.say("{} existe déjà.", "{} exists already.", &[id]),
            EditError::NotAUuid(id) => {
                self.say("{} n’est pas un identifiant.", "{} is no identifier.", &[id])
            }
            EditError::NotAllowed => self.say(
                "Seule la personne référente peut faire cela. Rien n’a été changé.",
                "Only the référent·e may do this. Nothing was changed.",
                &[],
            ),
            EditError::NoName => self.say("Il faut un nom.", "A name is needed.", &[]),
            EditError::WrongKind { field, found, .. } => self.say(
                "« {} » ne convient pas pour {}. Rien n’a été changé.",
                "`{}` does not fit {}. Nothing was changed.",
                &[found, field],
            ),
            EditError::UnknownWord { field, choices, found } => self.say(
                "« {} » ne convient pas pour {}. Choix : {}.",
                "`{}` does not fit {}. Choices: {}.",
                &[found, field, choices],
            ),
            EditError::TooLong { field, bytes_max } => self.say(
                "{} est trop long : {} octets au plus.",
                "{} is too long: at most {} bytes.",
                &[field, bytes_max],
            ),
        }
    }
}
