//! What the command line says, in both languages: what happened, what is kept, what to do.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use crate::admin::said::Said;
use crate::backup::BackupError;
use crate::mail::Unset;
use crate::mail::relay::Unread;
use crate::settings::SettingsError;
use crate::settings::provider::ProviderError;
use crate::store::StoreError;

/// Something that a later version brings.
pub(super) fn later(what: &str) -> Said {
    Said::new(
        format!(
            "« {what} » viendra dans une prochaine version. Rien n’a été fait. --help dit ce qui est possible."
        ),
        format!("`{what}` comes in a later version. Nothing was done. --help says what is possible."),
    )
}

/// Settings that cannot be read.
pub(super) fn bad_settings(error: &SettingsError) -> Said {
    Said::new(
        format!("Les réglages ne sont pas compris ({error}). Corrigez le fichier ou la variable."),
        format!("The settings are not understood ({error}). Correct the file or the variable."),
    )
}

/// A base URL that is none.
pub(super) fn bad_base_url(url: &str) -> Said {
    Said::new(
        format!("« {url} » n’est pas une adresse : elle commence par http:// ou https://."),
        format!("`{url}` is no address: it starts with http:// or https://."),
    )
}

/// A proxy is named by what is no address.
pub(super) fn bad_proxy(word: &str) -> Said {
    Said::new(
        format!(
            "« {word} » n’est pas l’adresse d’un mandataire : il faut une adresse IP, par exemple 127.0.0.1."
        ),
        format!("`{word}` is no proxy's address: an IP address is needed, such as 127.0.0.1."),
    )
}

/// A provider that people cannot sign in with.
pub(super) fn bad_provider(error: &ProviderError) -> Said {
    match error {
        ProviderError::Issuer(issuer) => Said::new(
            format!(
                "« {issuer} » n’est pas l’adresse d’un fournisseur d’identité : elle commence par https:// (oidc_issuer)."
            ),
            format!("`{issuer}` is no provider's address: it begins with https:// (oidc_issuer)."),
        ),
        ProviderError::NoClient => Said::new(
            "Il manque l’identifiant que le fournisseur d’identité a donné à ce serveur (oidc_client_id).",
            "The id that the provider gave this server is missing (oidc_client_id).",
        ),
        ProviderError::Secret(path, error) => {
            let path = path.display();
            Said::new(
                format!("Le secret n’a pas pu être lu dans {path} : {error} (oidc_client_secret_file)."),
                format!("The secret could not be read from {path}: {error} (oidc_client_secret_file)."),
            )
        }
    }
}

/// The settings of the mail server are no use.
pub(super) fn bad_mail(why: &Unset) -> Said {
    let fr = match why {
        Unset::Address(Unread::Shape) => "mail_url s’écrit smtp://HÔTE:PORT ou smtps://HÔTE:PORT".to_owned(),
        Unset::Address(Unread::Login) => {
            "mail_url ne porte ni nom ni mot de passe : mail_user et mail_password les portent".to_owned()
        }
        Unset::Address(Unread::Option) => {
            "mail_url accepte ?tls=required ou ?tls=none, et rien après smtps://".to_owned()
        }
        Unset::From => {
            "mail_from doit accompagner mail_url : une adresse, comme portrea@exemple.fr".to_owned()
        }
        Unset::Login => "mail_user et mail_password vont ensemble".to_owned(),
        Unset::Certificates(path) => {
            format!("les certificats de mail_ca, {}, ne peuvent pas être lus", path.display())
        }
        Unset::Tls => "aucune liaison TLS n’est possible avec l’hôte de mail_url".to_owned(),
    };
    Said::new(format!("Courriel : {fr}."), format!("Mail: {why}."))
}

/// A file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Said {
    let path = path.display();
    Said::new(
        format!(
            "Le fichier {path} n’a pas pu être lu ({error}). Rien n’a été fait. Vérifiez son nom et ses droits."
        ),
        format!(
            "The file {path} could not be read ({error}). Nothing was done. Check its name and permissions."
        ),
    )
}

/// A file that is too large.
pub(super) fn too_large(path: &Path, bytes_max: u64) -> Said {
    let (path, mega) = (path.display(), bytes_max / (1024 * 1024));
    Said::new(
        format!("Le fichier {path} dépasse {mega} Mo. Rien n’a été fait. Coupez-le en plusieurs."),
        format!("The file {path} exceeds {mega} MB. Nothing was done. Cut it into several."),
    )
}

/// A document would be written to a terminal.
pub(super) fn binary_on_terminal() -> Said {
    Said::new(
        "Un document automerge n’est pas du texte : dites où l’écrire avec --output FICHIER.",
        "An automerge document is no text: say where to write it with --output FILE.",
    )
}

/// A file that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Said {
    let path = path.display();
    Said::new(
        format!(
            "Le fichier {path} n’a pas pu être écrit ({error}). Vérifiez le dossier, ses droits et la place."
        ),
        format!(
            "The file {path} could not be written ({error}). Check the folder, its permissions and the room left."
        ),
    )
}

/// A data directory that cannot be made.
pub(super) fn no_directory(data: &Path, error: &io::Error) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Le dossier de données {data} ne peut pas être préparé ({error}). Vérifiez son chemin et ses droits."
        ),
        format!("The data directory {data} cannot be prepared ({error}). Check its path and permissions."),
    )
}

/// A data directory without data.
pub(super) fn nothing_there(data: &Path) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Il n’y a pas de données dans {data}. Vérifiez --data, ou créez un territoire : portrea-server territory \
             create --data {data} --name NOM --communes FICHIER.geojson"
        ),
        format!(
            "There is no data in {data}. Check --data, or make a territory: portrea-server territory create --data \
             {data} --name NAME --communes FILE.geojson"
        ),
    )
}

/// A data directory that holds something already.
pub(super) fn not_empty(data: &Path) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Le dossier {data} n’est pas vide. Rien n’a été restauré. Déplacez-le, ou choisissez un autre --data."
        ),
        format!(
            "The directory {data} is not empty. Nothing was restored. Move it, or choose another --data."
        ),
    )
}

/// What an earlier restoring left.
pub(super) fn left_over(fresh: &Path) -> Said {
    let fresh = fresh.display();
    Said::new(
        format!("Une restauration interrompue a laissé {fresh}. Supprimez ce dossier, puis recommencez."),
        format!("A restoring that was cut short left {fresh}. Remove that directory, then try again."),
    )
}

/// A backup that cannot be read to its end.
pub(super) fn broken_backup(file: &Path, error: &BackupError) -> Said {
    let file = file.display();
    let fr = match error {
        BackupError::NotOne => {
            "ce n’est pas une sauvegarde de PORTREA, ou elle vient d’une version plus récente".to_owned()
        }
        BackupError::Broken(pieces) => format!("elle est coupée ou abîmée après {pieces} morceaux"),
        BackupError::Io(error) => error.to_string(),
    };
    Said::new(
        format!(
            "{file} ne peut pas être restaurée : {fr}. Rien n’a été restauré. Essayez une sauvegarde plus ancienne."
        ),
        format!("{file} cannot be restored: {error}. Nothing was restored. Try an earlier backup."),
    )
}

/// A data directory that another process holds.
pub(super) fn busy(data: &Path) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Le dossier de données {data} est tenu par un autre processus, qui ne répond pas à {data}/admin.sock. \
             Rien n’a été fait. Attendez qu’il finisse, ou arrêtez-le, puis recommencez."
        ),
        format!(
            "The data directory {data} is held by another process, which does not answer at {data}/admin.sock. \
             Nothing was done. Wait until it ends, or stop it, then try again."
        ),
    )
}

/// A data directory that another server serves.
pub(super) fn served_already(data: &Path) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Le dossier de données {data} est déjà utilisé par un autre processus, sans doute un serveur déjà lancé. \
             Arrêtez-le d’abord, ou choisissez un autre dossier avec --data."
        ),
        format!(
            "The data directory {data} is in use by another process, probably a server that runs already. Stop it \
             first, or choose another directory with --data."
        ),
    )
}

/// Damaged data.
pub(super) fn damaged(data: &Path, error: &StoreError) -> Said {
    let data = data.display();
    Said::new(
        format!("Les données de {data} sont abîmées ({error})."),
        format!("The data in {data} are damaged ({error})."),
    )
}

/// A store that does not open.
pub(super) fn not_opened(data: &Path, error: &StoreError) -> Said {
    let data = data.display();
    Said::new(
        format!(
            "Les données de {data} n’ont pas pu être ouvertes ({error}). Vérifiez les droits et la place sur le disque."
        ),
        format!(
            "The data in {data} could not be opened ({error}). Check the permissions and the room on the disk."
        ),
    )
}

/// A running server that does not answer.
pub(super) fn not_answered(error: &io::Error) -> Said {
    Said::new(
        format!(
            "Le serveur en marche n’a pas répondu jusqu’au bout ({error}). Regardez son journal, puis recommencez."
        ),
        format!("The running server did not answer to the end ({error}). Look at its log, then try again."),
    )
}

/// An address where one cannot listen.
pub(super) fn not_listening(listen: SocketAddr, error: &io::Error) -> Said {
    if error.kind() != io::ErrorKind::AddrInUse {
        return Said::new(
            format!(
                "Impossible d’écouter sur {listen} ({error}). Choisissez une autre adresse avec --listen."
            ),
            format!("Cannot listen on {listen} ({error}). Choose another address with --listen."),
        );
    }
    let other = SocketAddr::new(listen.ip(), listen.port().checked_add(1).unwrap_or(8080));
    Said::new(
        format!(
            "L’adresse {listen} est déjà prise par un autre programme, peut-être un serveur PORTREA déjà lancé. \
             Arrêtez-le, ou choisissez un autre port : --listen {other}"
        ),
        format!(
            "The address {listen} is taken by another program, perhaps a PORTREA server that runs already. Stop it, \
             or choose another port: --listen {other}"
        ),
    )
}

/// The server ended by itself.
pub(super) fn ended(error: impl Display) -> Said {
    Said::new(
        format!("Le serveur s’est arrêté ({error}). Ce qui était confirmé est gardé."),
        format!("The server ended ({error}). What was acknowledged is kept."),
    )
}

/// The server serves.
pub(super) fn serving(url: &str) -> Said {
    Said::new(
        format!("PORTREA est prêt : {url}\nCtrl-C pour arrêter."),
        format!("PORTREA is ready: {url}\nCtrl-C stops it."),
    )
}

/// The server stops.
pub(super) fn stopping() -> Said {
    Said::new(
        "Arrêt : les appareils sont prévenus, ce qui est arrivé est gardé… (Ctrl-C encore : sans attendre)",
        "Stopping: devices are told, what arrived is kept… (Ctrl-C again: without waiting)",
    )
}
