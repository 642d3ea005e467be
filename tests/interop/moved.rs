//! A territory that has moved to another document, because something was erased: stock clients of every kind are told,
//! lose nothing, do not loop, and find the new document on the same connection. Our own command follows by itself.

use std::collections::BTreeMap;

use portrea_protocol::epoch::{Forget, Subject, begin};
use portrea_protocol::ids::{DocumentId, RecordId};
use portrea_protocol::schema::document;
use portrea_protocol::time::UnixMillis;
use portrea_server::store::Store;
use portrea_server::store::sled::SledStore;
use portrea_territory::chunk::{Chunk, Epoch};

use super::*;

/// What is erased.
const SECRET: &str = "SECRET-0299";

/// The server ends; a new epoch begins without the phone of a structure; the server starts again. Gives the new document.
fn moves(live: &mut Live, id: &str) -> String {
    live.kill();
    let store = SledStore::open(&live.data()).unwrap();
    let territory = live.territory();
    let kept = store.load(territory).unwrap().unwrap();
    let bytes: Vec<u8> =
        kept.snapshots.iter().chain(&kept.chunks).flat_map(|chunk| chunk.bytes().to_vec()).collect();
    let actor = automerge::ActorId::from([77; 16]);
    let old = document::load(&bytes, actor.clone()).unwrap();
    let phone = Subject::parse(&RecordId::from(id), "phone").unwrap();
    let forget = Forget { subjects: [phone].into(), before: None };
    let number = kept.epoch + 1;
    let next = begin(&old, &forget, &BTreeMap::new(), number, &actor, UnixMillis(1_790_000_000_000))
        .unwrap()
        .document;
    let feed = store.feed(territory, 0, usize::MAX).unwrap();
    let document = Chunk::new(next.save());
    let epoch = Epoch { number, document, bindings: kept.bindings, quarantine: Vec::new(), feed };
    store.begin_epoch(territory, &epoch, &[]).unwrap();
    store.make_durable().unwrap();
    drop(store);
    live.restart();
    DocumentId::of(territory, number).url()
}

/// Goal: stock clients that hold the earlier document are told where it moved, keep it and what they wrote, and find the
/// new one on the connection that they have. Method: each version edits, goes offline, edits again; the territory
/// moves; then it comes back with its storage, and the frames of twenty more edits are counted.
#[test]
fn stock_clients_find_the_new_document() {
    for version in Version::ALL {
        let mut live = Live::start();
        let referent = Person::accept(live.url(), live.invitation(), "Rose");
        let command = live.device(Role::Contributor, "Amina");
        let id = command.add("Médiathèque", &["--set", &format!("phone={SECRET}")]);
        let home = tempfile::tempdir().unwrap();
        let mut node = Node::start(version, "moving", Some(&home));
        let person = live.sign_in(Role::Contributor, "stock");
        node.online(&person.ticket_url());
        node.find(live.document());
        node.put(&["structures", &id, "summary"], "avant");
        referent.until(|person| (heads(person) == node.ask(json!({ "do": "heads" }))).then_some(()));
        node.ask(json!({ "do": "offline" }));
        node.put(&["structures", &id, "website"], "https://hors-ligne.example");
        let own = node.ask(json!({ "do": "heads" }));

        let document = moves(&mut live, &id);
        assert_eq!(referent.read("")["document"], document);
        assert_eq!(referent.read("")["epoch"], 1);
        node.online(&live.sign_in(Role::Contributor, "stock again").ticket_url());
        node.ask(json!({ "do": "server" }));
        // What it has, it keeps.
        assert_eq!(node.ask(json!({ "do": "heads" })), own);
        assert_eq!(node.read(&["structures", &id, "website"]), "https://hors-ligne.example");
        node.find(&document);
        node.until_heads(&heads(&referent));
        assert_eq!(node.read(&["structures", &id, "summary"]), "avant");
        assert!(node.read(&["structures", &id, "phone"]).is_null());
        assert_eq!(node.read(&["epoch", "number"]), 1);
        node.put(&["structures", &id, "summary"], "après");
        referent
            .until(|person| (person.read(&format!("/resources/{id}"))["summary"] == "après").then_some(()));
        let before = frames(&live);
        for number in 0..20 {
            command.set(&id, "address", &format!("{number} rue"), &[]);
            node.until(&["structures", &id, "address"], format!("{number} rue"));
        }
        let cost = frames(&live) - before;
        assert!(cost <= 20 * 14, "twenty edits cost {cost} frames: the traffic does not end");
        node.quit();
        // The earlier document is on its storage still, with what it wrote.
        let mut node = Node::start(version, "moving", Some(&home));
        node.find(live.document());
        assert_eq!(node.read(&["structures", &id, "website"]), "https://hors-ligne.example");
        node.quit();
        let exported = live.export();
        let bytes = exported.save_nocompress();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
        nobody_was_turned_away(live);
    }
}

/// Goal: the same from Rust, and our own command carries what it had not sent. Method: samod and `portrea` hold the earlier
/// document; `portrea` edits offline, also in what is erased.
#[test]
fn samod_finds_the_new_document_and_our_command_follows() {
    let mut live = Live::start();
    let referent = Person::accept(live.url(), live.invitation(), "Rose");
    let command = live.device(Role::Contributor, "Amina");
    let id = command.add("Médiathèque", &["--set", &format!("phone={SECRET}")]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let person = live.sign_in(Role::Contributor, "samod");
    let rust = runtime.block_on(Samod::start(&person, live.document()));
    command.set(&id, "summary", "écrit hors ligne", &["--offline"]);
    command.set(&id, "phone", "02 99 00 00 00", &["--offline"]);

    let document = moves(&mut live, &id);
    let synced = command.run(&["sync", "--within", "60"]).done();
    assert_eq!((&synced["state"], &synced["waiting"]), (&json!("safe"), &json!(0)));
    assert_eq!((&synced["moved"]["epoch"], &synced["moved"]["carried"]), (&json!(1), &json!(2)));
    assert_eq!(command.run(&["status"]).done()["document"], document);
    let record = referent.read(&format!("/resources/{id}"));
    assert_eq!(
        (&record["summary"], &record["phone"]),
        (&json!("écrit hors ligne"), &json!("02 99 00 00 00"))
    );

    // samod dials again by itself and holds what it held.
    let word: samod::DocumentId = document.trim_start_matches("automerge:").parse().unwrap();
    let found = runtime.block_on(async {
        tokio::time::timeout(portrea_tests::live::DEADLINE, async {
            loop {
                if let Ok(Some(found)) = rust.repo.find(word.clone()).await {
                    return found;
                }
            }
        })
        .await
        .expect("the new document is found in time")
    });
    let moved = Samod { repo: rust.repo.clone(), handle: found };
    let server = heads(&referent);
    let hashes = server.as_array().unwrap().iter().map(|it| it.as_str().unwrap().parse().unwrap());
    runtime.block_on(moved.until_heads(&hashes.collect::<Vec<ChangeHash>>()));
    moved.handle.with_document(|doc| summarise(doc, &id));
    referent.until(|person| {
        (person.read(&format!("/resources/{id}"))["summary"] == "Mairie et poste").then_some(())
    });
    runtime.block_on(rust.repo.stop());
    nobody_was_turned_away(live);
}
