//! Goal: what is said is said in both languages, with French typography, and honestly. Method: tables and examples.

use expect_test::expect;
use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::FeedEvent;
use serde_json::json;

use super::help::{LINES, wrong_call};
use super::{Lang, typography};
use crate::cli::args::command;
use crate::replica::Replica;
use crate::shelf::identity::Role;
use crate::shelf::{Crossed, Remnant};
use crate::status::{State, Status};

fn status(state: State, waiting: usize) -> Status {
    let refused = (state == State::Refused).then(|| "change-too-large".into());
    Status { state, waiting, server: "https://h".into(), since: UnixMillis(0), refused }
}

#[test]
fn the_language_is_chosen() {
    for (typed, environment, expected) in [
        (&["portrea"][..], &[][..], Lang::Fr),
        (&["portrea"], &[("LANG", "en_GB.UTF-8")], Lang::En),
        (&["portrea"], &[("LANG", "fr_FR.UTF-8")], Lang::Fr),
        (&["portrea"], &[("LANG", "C.UTF-8")], Lang::Fr),
        (&["portrea"], &[("LC_ALL", "fr_FR"), ("LANG", "en_US")], Lang::Fr),
        (&["portrea"], &[("LC_ALL", ""), ("LANG", "en_US")], Lang::En),
        (&["portrea", "status", "--lang", "en"], &[("LANG", "fr_FR")], Lang::En),
        (&["portrea", "--lang=fr", "status"], &[("LANG", "en_US")], Lang::Fr),
        (&["portrea", "--lang"], &[], Lang::Fr),
    ] {
        let typed: Vec<_> = typed.iter().map(Into::into).collect();
        let told =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, it)| (*it).to_owned());
        assert_eq!(Lang::choose(&typed, told), expected, "{typed:?} {environment:?}");
    }
}

#[test]
fn french_spaces_are_put_and_typed_text_is_left_alone() {
    assert_eq!(typography("« a » ; b : c ! d ?"), "«\u{a0}a\u{a0}»\u{202f}; b\u{a0}: c\u{202f}! d\u{202f}?");
    assert_eq!(Lang::Fr.say("{} : {}", "{}: {}", &[&"a : b", &"{}"]), "a : b\u{a0}: {}");
}

#[test]
fn where_an_edit_is_is_said_honestly() {
    let mut said = String::new();
    for (state, waiting) in [
        (State::Safe, 0),
        (State::Waiting, 1),
        (State::Sending, 3),
        (State::Refused, 1),
        (State::SignedOut, 2),
    ] {
        for lang in [Lang::Fr, Lang::En] {
            said.push_str(&lang.after_edit(&status(state, waiting)).replace(['\u{a0}', '\u{202f}'], "_"));
            said.push('\n');
        }
    }
    expect![[r"
        Enregistré sur cet appareil et sur le serveur.
        Saved on this device and on the server.
        Gardé sur cet appareil_; 1 modification partira au retour du réseau.
        Kept on this device; 1 change will leave when the network is back.
        Gardé sur cet appareil_; 3 modifications partiront au retour du réseau.
        Kept on this device; 3 changes will leave when the network is back.
        Le serveur n’a pas accepté 1 modification (change-too-large). Rien n’est perdu_: tout reste sur cet appareil.
        The server did not take 1 change (change-too-large). Nothing is lost: all of it stays on this device.
        Cet appareil n’est plus relié. Rien n’est perdu_: 2 modifications sur cet appareil seul. Demandez une nouvelle invitation.
        This device is no longer signed in. Nothing is lost: 2 changes on this device alone. Ask for a new invitation.
    "]].assert_eq(&said);
}

#[test]
fn each_state_has_its_sentence() {
    let mut said = String::new();
    for (state, waiting) in
        [(State::Safe, 0), (State::Offline, 0), (State::Waiting, 1), (State::Waiting, 2), (State::Sending, 1)]
    {
        for lang in [Lang::Fr, Lang::En] {
            said.push_str(&lang.state(&status(state, waiting)).replace(['\u{a0}', '\u{202f}'], "_"));
            said.push('\n');
        }
    }
    expect![[r"
        Tout est enregistré.
        Everything is saved.
        Hors ligne. Rien n’attend d’être envoyé.
        Offline. Nothing waits to be sent.
        Hors ligne. 1 modification gardée sur cet appareil.
        Offline. 1 change kept on this device.
        Hors ligne. 2 modifications gardées sur cet appareil.
        Offline. 2 changes kept on this device.
        Envoi de 1 modification…
        Sending 1 change…
    "]]
    .assert_eq(&said);
}

#[test]
fn each_role_has_its_word() {
    let roles = [Role::Reader, Role::Contributor, Role::Referent];
    let said = |lang: Lang| roles.map(|role| lang.role(role));
    assert_eq!(said(Lang::Fr), ["lecture seule", "contribution", "référent·e"]);
    assert_eq!(said(Lang::En), ["reading only", "contributor", "coordinator"]);
}

#[test]
fn every_event_is_one_sentence() {
    let author = json!({
        "contributor": "00000000-0000-0000-0000-000000000001", "name": "Amina",
        "device": "00000000-0000-0000-0000-000000000002",
    });
    let events = [
        json!({"kind": "created"}),
        json!({"kind": "field_changed", "path": "phone", "before": null, "after": "02"}),
        json!({"kind": "field_changed", "path": "phone", "before": "02", "after": "03"}),
        json!({"kind": "field_changed", "path": "services/x/onsite", "before": true, "after": null}),
        json!({"kind": "field_changed", "path": "publics", "before": ["a"], "after": ["a", "b"]}),
        json!({"kind": "conflict", "path": "phone", "values": ["02", "03"]}),
        json!({"kind": "resolved", "path": "phone", "value": "02"}),
        json!({"kind": "part_added", "path": "services/x", "what": "assist"}),
        json!({"kind": "part_added", "path": "helpers/x", "what": "Bruno"}),
        json!({"kind": "confirmed", "how": "call"}),
        json!({"kind": "validated"}),
        json!({"kind": "archived", "why": "fermé"}),
        json!({"kind": "quarantined", "reason": "needs-referent", "changes": 2}),
        json!({"kind": "quarantine_accepted", "whose": "Bruno"}),
        json!({"kind": "quarantine_rejected", "whose": "Bruno"}),
        json!({"kind": "quarantine_withdrawn"}),
        json!({"kind": "joined"}),
        json!({"kind": "indicators", "changes": []}),
    ];
    let mut said = String::new();
    for (number, event) in events.into_iter().enumerate() {
        let mut whole = json!({
            "id": number + 1, "at": "2026-05-12T09:00:00Z", "author": author,
            "subject": {"structure": "s", "name": "Médiathèque"},
        });
        whole.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
        let event: FeedEvent = serde_json::from_value(whole).unwrap();
        for lang in [Lang::Fr, Lang::En] {
            said.push_str(lang.event(&event).replace(['\u{a0}', '\u{202f}'], "_").trim_start());
            said.push('\n');
        }
    }
    expect![[r"
        1  2026-05-12T09:00:00Z  Amina a ajouté «_Médiathèque_».
        1  2026-05-12T09:00:00Z  Amina added “Médiathèque”.
        2  2026-05-12T09:00:00Z  Amina a rempli «_Téléphone_» de «_Médiathèque_»_: 02
        2  2026-05-12T09:00:00Z  Amina filled “Phone” of “Médiathèque”: 02
        3  2026-05-12T09:00:00Z  Amina a changé «_Téléphone_» de «_Médiathèque_»_: 02 → 03
        3  2026-05-12T09:00:00Z  Amina changed “Phone” of “Médiathèque”: 02 → 03
        4  2026-05-12T09:00:00Z  Amina a vidé «_Sur place_» de «_Médiathèque_».
        4  2026-05-12T09:00:00Z  Amina emptied “On site” of “Médiathèque”.
        5  2026-05-12T09:00:00Z  Amina a changé «_Publics_» de «_Médiathèque_»_: a → a, b
        5  2026-05-12T09:00:00Z  Amina changed “Publics” of “Médiathèque”: a → a, b
        6  2026-05-12T09:00:00Z  Plusieurs réponses pour «_Téléphone_» de «_Médiathèque_»_: 02 | 03
        6  2026-05-12T09:00:00Z  Several answers for “Phone” of “Médiathèque”: 02 | 03
        7  2026-05-12T09:00:00Z  Amina a choisi pour «_Téléphone_» de «_Médiathèque_»_: 02
        7  2026-05-12T09:00:00Z  Amina chose for “Phone” of “Médiathèque”: 02
        8  2026-05-12T09:00:00Z  Amina a ajouté un service à «_Médiathèque_»_: Être aidé·e
        8  2026-05-12T09:00:00Z  Amina added a service to “Médiathèque”: Get help
        9  2026-05-12T09:00:00Z  Amina a ajouté Bruno parmi les personnes qui aident à «_Médiathèque_».
        9  2026-05-12T09:00:00Z  Amina added Bruno to the people who help at “Médiathèque”.
        10  2026-05-12T09:00:00Z  Amina a vérifié «_Médiathèque_» par téléphone.
        10  2026-05-12T09:00:00Z  Amina checked “Médiathèque” by phone.
        11  2026-05-12T09:00:00Z  Amina a validé «_Médiathèque_».
        11  2026-05-12T09:00:00Z  Amina validated “Médiathèque”.
        12  2026-05-12T09:00:00Z  Amina a archivé «_Médiathèque_»_: fermé
        12  2026-05-12T09:00:00Z  Amina archived “Médiathèque”: fermé
        13  2026-05-12T09:00:00Z  En attente de la personne référente_: 2 modifications de Amina (réservée à la personne référente).
        13  2026-05-12T09:00:00Z  Waiting for the référent·e: 2 changes by Amina (only the référent·e may do this).
        14  2026-05-12T09:00:00Z  Amina a accepté une modification de Bruno.
        14  2026-05-12T09:00:00Z  Amina accepted a change by Bruno.
        15  2026-05-12T09:00:00Z  Amina n’a pas retenu une modification de Bruno.
        15  2026-05-12T09:00:00Z  Amina did not take a change by Bruno.
        16  2026-05-12T09:00:00Z  Amina a retiré sa modification qui attendait.
        16  2026-05-12T09:00:00Z  Amina took back a change that waited.
        17  2026-05-12T09:00:00Z  Amina a rejoint le territoire.
        17  2026-05-12T09:00:00Z  Amina joined the territory.
        18  2026-05-12T09:00:00Z  Indicateurs modifiés_: 0.
        18  2026-05-12T09:00:00Z  Figures that moved: 0.
    "]]
    .assert_eq(&said);
}

#[test]
fn the_help_is_whole_in_both_languages_and_has_nothing_left_over() {
    let mut used = Vec::new();
    let root = command(Lang::Fr);
    for sub in std::iter::once(&root).chain(root.get_subcommands()) {
        let name = sub.get_name();
        used.push(name.to_owned());
        for argument in sub.get_arguments() {
            let shared = format!(".{}", argument.get_id());
            let own = format!("{name}{shared}");
            used.push(if LINES.iter().any(|(key, ..)| *key == own) { own } else { shared });
        }
    }
    for key in &used {
        assert!(LINES.iter().any(|(known, ..)| known == key), "no help for {key}");
    }
    for (key, fr, en) in LINES {
        assert!(used.iter().any(|used| used == key), "nothing needs the help {key}");
        assert!(!fr.is_empty() && !en.is_empty(), "{key}");
    }
}

#[test]
fn wrong_calls_are_explained() {
    let mut said = String::new();
    for line in [
        &["portrea", "fly"][..],
        &["portrea", "add"],
        &["portrea", "add", "x", "--family", "dance"],
        &["portrea", "list", "--colour"],
        &["portrea", "sync", "--within", "never"],
    ] {
        let error = command(Lang::Fr).try_get_matches_from(line).unwrap_err();
        for lang in [Lang::Fr, Lang::En] {
            said.push_str(&wrong_call(lang, &error).replace(['\u{a0}', '\u{202f}'], "_"));
            said.push('\n');
        }
    }
    expect![[r"
        «_fly_» n’est pas une commande.
        Aide_: portrea --help
        `fly` is no command.
        Help: portrea --help
        Il manque_: <NAME>
        Aide_: portrea --help
        Missing: <NAME>
        Help: portrea --help
        «_dance_» ne convient pas pour --family <FAMILY>. Choix_: inform, equip, assist, train, repair.
        Aide_: portrea --help
        `dance` does not fit --family <FAMILY>. Choices: inform, equip, assist, train, repair.
        Help: portrea --help
        «_--colour_» n’est pas connu ici.
        Aide_: portrea --help
        `--colour` is not known here.
        Help: portrea --help
        «_never_» ne convient pas pour --within <SECONDS>.
        Aide_: portrea --help
        `never` does not fit --within <SECONDS>.
        Help: portrea --help
    "]]
    .assert_eq(&said);
}

#[test]
fn a_move_is_told_with_what_could_not_come_along() {
    let left = |path: &str, said: &str| Remnant {
        path: path.to_owned(),
        said: said.to_owned(),
        at: UnixMillis(0),
        epoch: 1,
    };
    let left = vec![
        left("ailleurs/notes", "de plus"),
        left("ailleurs/publics/jeunes", "jeunes"),
        left("ailleurs", ""),
    ];
    let crossed = Crossed { epoch: 1, at: UnixMillis(0), carried: 3, left };
    let (actor, author) = (automerge::ActorId::from([1; 16]), ContributorId(uuid::Uuid::nil()));
    let replica = Replica::empty(TerritoryId(uuid::Uuid::nil()), actor, author);
    let mut said = String::new();
    for lang in [Lang::Fr, Lang::En] {
        for line in [vec![lang.moved(&crossed)], lang.left_behind(&crossed, &replica)].concat() {
            said.push_str(&line.replace(['\u{a0}', '\u{202f}'], "_"));
            said.push('\n');
        }
    }
    expect![[r"
        Quelque chose a été effacé_: l’annuaire continue dans un nouveau document, déjà sur cet appareil. Ce qui n’était pas encore envoyé a suivi_: 3 modifications.
        ▲ N’ont pas pu suivre, car l’endroit où c’était écrit a été effacé (le texte reste sur cet appareil)_:
          ailleurs, Notes_: de plus
          ailleurs, Publics_: jeunes
        Something was erased: the directory goes on in a new document, which is on this device by now. What was not sent yet came along: 3 changes.
        ▲ Could not come along, for the place where it was written was erased (the text stays on this device):
          ailleurs, Notes: de plus
          ailleurs, Publics: jeunes
    "]]
    .assert_eq(&said);
    let everything = Crossed { carried: 0, left: Vec::new(), ..crossed };
    assert!(Lang::En.left_behind(&everything, &replica).is_empty());
    assert!(!Lang::En.moved(&everything).contains("came along"));
}
