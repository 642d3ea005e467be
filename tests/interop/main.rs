//! Stock automerge-repo clients against the real server: npm with automerge 3.2.6 and 3.5.0, and the Rust crate samod.
//!
//! They know nothing of PORTREA. They show a ticket, find the document, and write plain JavaScript into it; whatever
//! they do, nobody else may notice more of it than the edits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is odd"
)]

mod moved;
mod node;
mod oidc;
mod samod_repo;

use std::time::Instant;

use automerge::transaction::Transactable;
use automerge::{ChangeHash, ROOT, ReadDoc};
use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::web::{Person, request};
use serde_json::{Value as Json, json};

use node::{Node, Version};
use samod_repo::Samod;

/// A structure's id of their own making.
const ESPACE: &str = "0192aaaa-0000-7000-8000-000000000001";
const SERVICE: &str = "0192aaaa-0000-7000-8000-000000000002";

/// A stock client that is connected and has the document.
fn connected(live: &Live, version: Version, name: &str, role: Role) -> Node {
    let mut node = Node::start(version, name, None);
    node.online(&live.sign_in(role, name).ticket_url());
    node.find(live.document());
    node
}

/// The document's heads on the server.
fn heads(person: &Person) -> Json {
    person.read("/indicators")["heads"].clone()
}

/// Nobody was turned away in all the server's lives.
fn nobody_was_turned_away(mut live: Live) {
    live.kill();
    let log = live.log();
    assert!(!log.contains("turned away"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

/// Goal: five stock clients of three kinds and our own command edit the same records, one of them offline for a while,
/// one restarted with its storage, the server killed in between; all end with the same document. Method: plain
/// strings and nested objects from JavaScript, and the heads of everybody at the end.
#[test]
fn stock_clients_of_three_kinds_converge_with_ours() {
    let mut live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let mairie = command.add("Mairie de Médréac", &["--commune", "35171"]);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rust = runtime.block_on(Samod::start(&live.sign_in(Role::Contributor, "samod"), live.document()));
    let mut bruno = connected(&live, Version::V32, "bruno", Role::Contributor);
    let mut chloe = connected(&live, Version::V35, "chloe", Role::Contributor);
    let mut away = connected(&live, Version::V32, "away", Role::Contributor);
    let storage = tempfile::tempdir().unwrap();
    let door = live.sign_in(Role::Contributor, "again").ticket_url();
    let mut again = Node::start(Version::V35, "again", Some(&storage));
    again.online(&door);
    again.find(live.document());

    let espace = json!({
        "name": "Espace numérique",
        "commune": "35184",
        "phone": "02 99 00 00 00",
        "description": "Ouvert à tous",
        "emails": { "accueil@example.org": true },
        "services": { SERVICE: { "family": "assist", "weekly_eadmin_hours": 12, "topics": { "caf": true } } },
    });
    bruno.put(&["structures", ESPACE], espace);
    for node in [&mut chloe, &mut away, &mut again] {
        node.until(&["structures", ESPACE, "phone"], "02 99 00 00 00");
    }

    // One is offline, one is switched off; the others write at the same time while the server dies under them.
    away.ask(json!({ "do": "offline" }));
    away.put(&["structures", &mairie, "phone"], "02 99 33 33 33");
    again.quit();
    command.set(&mairie, "phone", "02 99 44 44 44", &[]);
    let describe = ["structures", ESPACE, "description"];
    let first =
        bruno.send(json!({ "do": "splice", "path": describe, "index": 0, "remove": 0, "insert": "Ici. " }));
    let second = chloe
        .send(json!({ "do": "splice", "path": describe, "index": 13, "remove": 0, "insert": ", même tard" }));
    bruno.put(&["structures", &mairie, "website"], "https://example.org");
    chloe.put(&["structures", &mairie, "opening_hours"], "Mo-Fr 09:00-12:00");
    rust.handle.with_document(|doc| summarise(doc, &mairie));
    live.kill();
    bruno.answer(first);
    chloe.answer(second);
    chloe.put(&["structures", ESPACE, "website"], "https://espace.example.org");
    command.set(&mairie, "address", "1 place de l’Église", &["--offline"]);
    live.restart();

    let mut again = Node::start(Version::V35, "again", Some(&storage));
    again.online(&door);
    again.find(live.document());
    assert_eq!(again.read(&["structures", ESPACE, "services", SERVICE, "family"]), "assist");
    again.put(&["structures", &mairie, "postcode"], "35360");
    away.online(&live.sign_in(Role::Contributor, "away again").ticket_url());
    command.sync();

    let town_hall = referent.until(|person| {
        let [town, place] = [&mairie, ESPACE].map(|id| person.read(&format!("/resources/{id}")));
        let keys = ["website", "opening_hours", "summary", "address", "postcode"];
        let there = keys.iter().all(|key| !town[key].is_null());
        let two_phones = town["conflicts"].as_array().is_some_and(|all| all.len() == 1);
        (there && two_phones && !place["website"].is_null()).then_some(town)
    });
    assert_eq!(town_hall["website"], "https://example.org", "a text is read as a plain string");
    assert_eq!(town_hall["summary"], "Mairie et poste");
    assert_eq!(town_hall["conflicts"][0]["path"], "phone");
    let space = referent.read(&format!("/resources/{ESPACE}"));
    assert_eq!(space["description"], "Ici. Ouvert à tous, même tard", "prose merges by character");
    assert_eq!(space["emails"], json!(["accueil@example.org"]));
    assert_eq!(space["services"][0]["weekly_eadmin_hours"].as_f64(), Some(12.0));
    assert_eq!(space["services"][0]["topics"], json!(["caf"]));

    let server = heads(&referent);
    for node in [&mut bruno, &mut chloe, &mut away, &mut again] {
        node.until_heads(&server);
    }
    let hashes: Vec<ChangeHash> =
        server.as_array().unwrap().iter().map(|it| it.as_str().unwrap().parse().unwrap()).collect();
    runtime.block_on(rust.until_heads(&hashes));
    command.sync();
    assert_eq!(command.heads(), server);
    assert_eq!(heads(&referent), server, "nobody writes anything when all have the same");
    runtime.block_on(rust.repo.stop());
    nobody_was_turned_away(live);
}

/// What samod's client writes: a scalar, as our own clients do.
fn summarise(doc: &mut automerge::Automerge, id: &str) {
    let (_, structures) = doc.get(ROOT, "structures").unwrap().unwrap();
    let (_, structure) = doc.get(&structures, id).unwrap().unwrap();
    let mut change = doc.transaction();
    change.put(&structure, "summary", "Mairie et poste").unwrap();
    change.commit();
}

/// Goal: whoever asks for the document with nothing gets it whole, with the loose changes behind it. Method: a first
/// cold client makes the server save; edits follow; a second cold client of each version must have all of it.
#[test]
fn a_cold_client_reads_a_whole_document_and_the_changes_behind_it() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &["--commune", "35184"]);
    for version in Version::ALL {
        connected(&live, version, "first", Role::Contributor).quit();
        for number in 0..5 {
            command.set(&id, "summary", &format!("{version:?} {number}"), &[]);
        }
        let mut cold = connected(&live, version, "cold", Role::Reader);
        assert_eq!(cold.read(&["structures", &id, "summary"]), format!("{version:?} 4"));
        assert_eq!(cold.ask(json!({ "do": "heads" })), heads(&referent));
        cold.quit();
    }
    nobody_was_turned_away(live);
}

/// Goal: a thousand edits made offline arrive, one by one, and quickly. Method: a client of each version, and the time.
#[test]
fn a_thousand_offline_edits_get_across() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &[]);
    for version in Version::ALL {
        let mut node = connected(&live, version, "away", Role::Contributor);
        node.ask(json!({ "do": "offline" }));
        let path = ["structures", &id, "summary"];
        let own = node.ask(json!({ "do": "many", "path": path, "count": 1_000, "value": "fiche" }));
        let began = Instant::now();
        node.online(&live.sign_in(Role::Contributor, "back").ticket_url());
        referent.until(|person| (heads(person) == own).then_some(()));
        println!("{version:?}: 1,000 offline edits in {:?}", began.elapsed());
        let summary = referent.read(&format!("/resources/{id}"))["summary"].clone();
        assert_eq!(summary, "fiche 1000");
        node.quit();
    }
    nobody_was_turned_away(live);
}

/// Goal: a reader follows, writes nothing, and is not cut for trying. Method: a reader of each version writes; then
/// somebody else does, and the reader sees it.
#[test]
fn a_reader_follows_and_changes_nothing() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &["--set", "phone=1"]);
    for version in Version::ALL {
        let mut reader = connected(&live, version, "reader", Role::Reader);
        let before = heads(&referent);
        reader.put(&["structures", &id, "website"], "https://wrong.example");
        reader.put(&["structures", &id, "notes"], "wrong");
        command.set(&id, "phone", &format!("for {version:?}"), &[]);
        reader.until(&["structures", &id, "phone"], format!("for {version:?}"));
        command.set(&id, "phone", &format!("again for {version:?}"), &[]);
        reader.until(&["structures", &id, "phone"], format!("again for {version:?}"));
        let record = referent.read(&format!("/resources/{id}"));
        assert!(record["website"].is_null() && record["notes"].is_null(), "{record}");
        assert_ne!(heads(&referent), before);
        reader.quit();
    }
    nobody_was_turned_away(live);
}

/// Goal: a validated record that a stock client edits is to be reviewed again, for every client, and stays so. Method:
/// each version, a référent·e's and a contributor's, which know nothing of the rule.
#[test]
fn what_a_stock_client_edits_is_to_be_reviewed_again() {
    let live = Live::start();
    let command = live.device(Role::Contributor, "Amina");
    for version in Version::ALL {
        let id = command.add(&format!("Lieu {version:?}"), &[]);
        let mut rose = connected(&live, version, "rose", Role::Referent);
        let mut node = connected(&live, version, "amina", Role::Contributor);
        rose.put(&["structures", &id, "validation"], json!({ "by": "Rose", "at": "2026-05-12T08:00:00Z" }));
        node.until(&["structures", &id, "validation", "by"], "Rose");
        node.put(&["structures", &id, "phone"], "02 99 00 00 00");
        for client in [&mut rose, &mut node] {
            client.until(&["structures", &id, "validation", "review"], true);
        }
        rose.quit();
        node.quit();
    }
    nobody_was_turned_away(live);
}

/// Goal: a contributor's stock client that writes what only a référent·e may is not cut off: what it writes besides reaches
/// everybody, nothing loops, also after a reconnection, and the référent·e decides. Method: each version writes a
/// validation, then honest fields; then it comes back; the quarantine and the frames that the server counts.
#[test]
fn what_a_stock_client_may_not_write_waits() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    for version in Version::ALL {
        let id = command.add(&format!("Lieu {version:?}"), &[]);
        let home = tempfile::tempdir().unwrap();
        let person = live.sign_in(Role::Contributor, &format!("stock {version:?}"));
        let mut node = Node::start(version, "trying", Some(&home));
        node.online(&person.ticket_url());
        node.find(live.document());
        let mut other = connected(&live, version, "other", Role::Contributor);
        node.put(&["structures", &id, "validation"], json!({ "by": "stock", "at": "2026-05-12T08:00:00Z" }));
        node.put(&["structures", &id, "phone"], "02 99 00 00 00");
        other.until(&["structures", &id, "phone"], "02 99 00 00 00");
        node.put(&["structures", &id, "description"], "Ouvert à tous");
        other.until(&["structures", &id, "description"], "Ouvert à tous");
        other.put(&["structures", &id, "website"], "https://example.org");
        node.until(&["structures", &id, "website"], "https://example.org");
        let record = referent.read(&format!("/resources/{id}"));
        assert!(record["validation"].is_null(), "{record}");
        assert_eq!(record["conflicts"], json!([]));
        let states = |person: &Person| -> Vec<(Json, Json)> {
            let held = person.read("/quarantine");
            held.as_array().unwrap().iter().map(|one| (one["state"].clone(), one["reason"].clone())).collect()
        };
        let own = states(&person);
        assert_eq!(own[0], (json!("waiting"), json!("needs-referent")));
        assert!(own[1..].iter().all(|one| *one == (json!("carried"), json!("builds-on-refused"))), "{own:?}");
        assert!(states(&live.sign_in(Role::Contributor, "nobody")).is_empty());

        // It comes back with what it keeps, and everything comes to rest.
        node.quit();
        let mut node = Node::start(version, "trying", Some(&home));
        node.online(&person.ticket_url());
        node.find(live.document());
        other.put(&["structures", &id, "postcode"], "35360");
        node.until(&["structures", &id, "postcode"], "35360");
        node.put(&["structures", &id, "summary"], "Sans rendez-vous");
        other.until(&["structures", &id, "summary"], "Sans rendez-vous");
        other.until_heads(&heads(&referent));
        // Three lines are open: an edit costs each of them a frame and an answer, and not more.
        let before = frames(&live);
        for number in 0..20 {
            let name = format!("Lieu {number}");
            other.put(&["structures", &id, "name"], name.as_str());
            node.until(&["structures", &id, "name"], name.as_str());
        }
        let cost = frames(&live) - before;
        assert!(cost <= 20 * 8, "twenty edits cost {cost} frames: the traffic does not end");

        let waiting = person.read("/quarantine")[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/quarantine/{waiting}");
        assert_eq!(person.post(&path, &json!({ "decision": "accept" })).problem(403), "not-allowed");
        assert_eq!(referent.post(&path, &json!({ "decision": "accept" })).status, 204);
        let record = referent.read(&format!("/resources/{id}"));
        assert_eq!(record["validation"]["by"], "stock");
        assert_eq!(record["description"], "Ouvert à tous");
        assert_eq!(referent.post(&path, &json!({ "decision": "reject" })).problem(409), "decided");
        node.quit();
        other.quit();
    }
    // The same from Rust.
    let id = command.add("Lieu samod", &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rust = runtime.block_on(Samod::start(&live.sign_in(Role::Contributor, "samod"), live.document()));
    let server = heads(&referent);
    let hashes = server.as_array().unwrap().iter().map(|it| it.as_str().unwrap().parse().unwrap());
    runtime.block_on(rust.until_heads(&hashes.collect::<Vec<ChangeHash>>()));
    rust.handle.with_document(|doc| validate(doc, &id));
    rust.handle.with_document(|doc| summarise(doc, &id));
    let record = referent.until(|person| {
        let record = person.read(&format!("/resources/{id}"));
        (record["summary"] == "Mairie et poste").then_some(record)
    });
    assert!(record["validation"].is_null(), "{record}");
    runtime.block_on(rust.repo.stop());
    nobody_was_turned_away(live);
}

/// What a contributor may not write.
fn validate(doc: &mut automerge::Automerge, id: &str) {
    let (_, structures) = doc.get(ROOT, "structures").unwrap().unwrap();
    let (_, structure) = doc.get(&structures, id).unwrap().unwrap();
    let mut change = doc.transaction();
    let mark = change.put_object(&structure, "validation", automerge::ObjType::Map).unwrap();
    change.put(&mark, "by", "samod").unwrap();
    change.commit();
}

/// How many frames the server has taken and sent.
fn frames(live: &Live) -> u64 {
    let told = request("GET", &format!("{}/metrics", live.url()), &[], None).body;
    let counted = told.lines().filter(|line| line.starts_with("portrea_frames_"));
    counted.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

/// Goal: clients hear what storages have, as automerge-repo's own servers tell it. Method: one client subscribes to
/// the server's storage, before it has the document, and another to the first one's.
#[test]
fn clients_hear_what_storages_have() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &[]);
    for version in Version::ALL {
        let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut first = Node::start_gossiping(version, "first", &homes[0]);
        first.online(&live.sign_in(Role::Contributor, "first").ticket_url());
        let server = first.ask(json!({ "do": "server" }))["storage"].clone();
        assert!(server.is_string(), "the server has a storage");
        first.ask(json!({ "do": "subscribe", "storages": [server] }));
        first.find(live.document());
        let own = first.ask(json!({ "do": "storage" }));

        let mut second = Node::start_gossiping(version, "second", &homes[1]);
        second.online(&live.sign_in(Role::Contributor, "second").ticket_url());
        second.ask(json!({ "do": "subscribe", "storages": [own, server] }));
        second.find(live.document());

        command.set(&id, "phone", &format!("for {version:?}"), &[]);
        let now = heads(&referent);
        first.event(|event| event["storage"] == server && event["heads"] == now);
        second.event(|event| event["storage"] == server && event["heads"] == now);
        second.event(|event| event["storage"] == own && event["heads"] == now);
        assert_eq!(second.ask(json!({ "do": "syncInfo", "storage": own })), now);
        first.quit();
        second.quit();
    }
    nobody_was_turned_away(live);
}

/// Goal: what clients say to each other without keeping it arrives, across versions, and readers are not heard.
/// Method: presence from one to all.
#[test]
fn clients_tell_each_other_where_they_are() {
    let live = Live::start();
    let mut bruno = connected(&live, Version::V32, "bruno", Role::Contributor);
    let mut chloe = connected(&live, Version::V35, "chloe", Role::Contributor);
    let mut lea = connected(&live, Version::V35, "lea", Role::Reader);
    lea.ask(json!({ "do": "say", "message": { "at": "nowhere" } }));
    for number in 0..3 {
        bruno.ask(json!({ "do": "say", "message": { "at": "Mairie", "number": number } }));
        let said = |event: &Json| event["event"] == "heard" && event["message"]["number"] == number;
        assert_eq!(chloe.event(said)["message"]["at"], "Mairie");
        assert_eq!(lea.event(said)["message"]["at"], "Mairie");
    }
    chloe.ask(json!({ "do": "say", "message": { "last": true } }));
    let first = bruno.event(|event| event["event"] == "heard");
    assert_eq!(first["message"], json!({ "last": true }), "a reader is not heard, and nobody hears himself");
    nobody_was_turned_away(live);
}

/// Goal: a client that holds other documents is served like any other, and its documents stay its own. Method: it
/// offers one of its own, asks for one that nobody has, and edits ours.
#[test]
fn other_documents_are_not_ours_and_no_fault() {
    let live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &[]);
    for version in Version::ALL {
        let mut node = Node::start(version, "other", None);
        node.ask(json!({ "do": "hold", "value": { "private": "diary" } }));
        node.online(&live.sign_in(Role::Contributor, "other").ticket_url());
        node.find(live.document());
        node.ask(json!({ "do": "hold", "value": { "private": "second diary" } }));
        let sought = node.ask(json!({ "do": "findNothing" }));
        assert!(sought.as_str().unwrap().contains("unavailable"), "{sought}");
        node.put(&["structures", &id, "phone"], format!("from {version:?}"));
        referent.until(|person| {
            let record = person.read(&format!("/resources/{id}"));
            (record["phone"] == format!("from {version:?}")).then_some(())
        });
        node.quit();
    }
    nobody_was_turned_away(live);
}
