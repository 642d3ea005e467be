//! A week away: a device that is revoked while it is offline comes back by a new invitation, and nothing of it is lost.

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::frame::Frame;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::{Heard, Socket};
use portrea_tests::live::web::Person;
use serde_json::{Value as Json, json};

const RECORDS: usize = 20;
const EDITS: usize = 200;

fn waiting(rose: &Person) -> Vec<Json> {
    let all = rose.read("/quarantine");
    all.as_array().unwrap().iter().filter(|held| held["state"] == "waiting").cloned().collect()
}

/// Goal: two hundred edits of a device that was revoked meanwhile wait as they are, under the name it comes back by, and
/// a référent·e takes them in one go. Method: twenty records, ten edits each, offline; a new sign-in of the same device.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_week_loses_nothing() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let mut records: Vec<RecordId> = Vec::new();
    for number in 0..RECORDS {
        records.push(amina.add(&format!("Lieu {number}")).await.0);
    }
    assert!(amina.settle().await);
    amina.hang_up();

    let path = format!("/territories/{}/contributors/{}", live.territory(), amina.person.contributor);
    assert_eq!(rose.call("DELETE", &path, &[], None).status, 204);
    for number in 0..EDITS {
        amina.set(&records[number % RECORDS], "phone", &format!("02 61 91 {number:04}")).await;
    }
    assert!(!amina.connect().await, "its sign-in is over");

    amina.person = live.sign_in(Role::Contributor, "Amina, de retour");
    assert!(amina.connect().await);
    while waiting(&rose).len() < EDITS {
        assert!(amina.step().await, "nobody is cut off for what waits");
    }
    let held = waiting(&rose);
    assert!(held.iter().all(|held| held["name"] == "Amina, de retour"));
    let shown = rose.read(&format!("/resources/{}", records[0].as_str()));
    assert!(shown["phone"].is_null(), "nothing of it stands yet");

    let all = json!({ "decision": "accept", "contributor": amina.person.contributor });
    assert_eq!(amina.person.post("/quarantine", &all).problem(403), "not-allowed");
    for odd in [json!({ "decision": "withdraw", "contributor": amina.person.contributor }), json!({})] {
        assert_eq!(rose.post("/quarantine", &odd).problem(400), "bad-request");
    }
    assert_eq!(rose.post("/quarantine", &all).done(), json!({ "decided": EDITS, "left": 0 }));
    assert!(amina.settle().await, "the device has nothing that the server lacks");
    for (number, record) in records.iter().enumerate() {
        let last = format!("02 61 91 {:04}", EDITS - RECORDS + number);
        assert_eq!(rose.read(&format!("/resources/{}", record.as_str()))["phone"], last.as_str());
    }
    assert_eq!(rose.post("/quarantine", &all).done(), json!({ "decided": 0, "left": 0 }));
}

/// Goal: a device whose edits were set aside is told so at once, and not when its time is over; the operator sees and
/// decides from the command line. Method: somebody archives offline, is no référent·e any more, and comes back.
#[test]
fn a_refused_edit_is_told_at_once() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let paul = live.device(Role::Referent, "Paul");
    let (id, other) = (paul.add("Lieu de Paul", &[]), paul.add("Autre lieu", &[]));
    paul.sync();
    for id in [&id, &other] {
        paul.run(&["archive", id, "--why", "fermé", "--offline"]).done();
    }
    let people = rose.read("/contributors");
    let contributor = people.as_array().unwrap().iter().find(|one| one["displayName"] == "Paul").unwrap();
    let contributor = contributor["contributor"].as_str().unwrap();
    let path = format!("/territories/{}/contributors/{contributor}", live.territory());
    let lowered = Some("{\"role\":\"contributor\"}");
    rose.call("PATCH", &path, &[("content-type", "application/json")], lowered).done();

    // An hour: the test would be given up before.
    let said = paul.run(&["sync", "--within", "3600"]).failed(1);
    assert!(said.contains("2 changes wait for the référent·e"), "{said}");
    assert_eq!(waiting(&rose).len(), 2);

    let territory = live.territory().to_string();
    let listed = live.admin_json(&["quarantine", "list", "--territory", &territory]);
    let first = waiting(&rose).iter().find(|held| held["needs"] == json!([])).unwrap()["id"].clone();
    let first = first.as_str().unwrap()[..12].to_owned();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let shown = live.admin_json(&["quarantine", "show", "--territory", &territory, &first]);
    assert_eq!(shown[0]["reason"], "needs-referent");
    let rejected = live.admin_json(&["quarantine", "reject", "--territory", &territory, &first]);
    assert_eq!(rejected, json!({ "decided": 1, "left": 0 }));
    let words = ["quarantine", "accept", "--territory", &territory, "--contributor", contributor];
    assert_eq!(live.admin_json(&words), json!({ "decided": 1, "left": 0 }));
    assert!(waiting(&rose).is_empty());
    let said = paul.run(&["sync", "--within", "3600"]).failed(1);
    assert!(said.contains("1 change: not taken"), "{said}");
}

/// A device of somebody that agreed to hear of their quarantine, in step with the server.
async fn listening(person: &Person, number: u16) -> Editor {
    let mut editor = Editor::new(person.clone(), number);
    let mut socket = Socket::dial(person).await.unwrap();
    socket.hears_quarantine = true;
    assert!(editor.greet(socket).await && editor.settle().await);
    editor
}

/// Whether the next of the two that comes over a line is word of the quarantine, and not somebody's presence.
async fn hears_of_quarantine(editor: &mut Editor) -> bool {
    loop {
        let heard = editor.socket.as_mut().unwrap().hear().await;
        match heard {
            Heard::Frame(Frame::QuarantineChanged { .. }) => return true,
            Heard::Frame(Frame::Ephemeral { .. }) => return false,
            other @ (Heard::Frame(_) | Heard::Closed(..) | Heard::Lost) => assert!(editor.take(other).await),
        }
    }
}

/// Goal: what is set aside, and what is decided about it, reaches each device of its author that asked to hear of it, at
/// once; no client that did not ask is sent such a frame, and nobody else learns of it. Method: an edit of one device of
/// Amina’s, accepted; another one, rejected; a presence from Rose, which everybody hears, ends what came before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_reaches_its_authors_devices_and_nobody_else() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.sign_in(Role::Contributor, "Amina");
    let mut writes = Editor::connected(amina.clone(), 1).await;
    let (structure, _) = writes.add("Mairie").await;
    assert!(writes.settle().await);
    let mut listens = listening(&amina, 2).await;
    let mut bruno = listening(&live.sign_in(Role::Contributor, "Bruno"), 3).await;
    for (decision, becomes) in [("accept", "accepted"), ("reject", "rejected")] {
        writes.edit(&[Edit::Validate { structure: structure.clone(), by: becomes.to_owned() }]).await;
        assert!(hears_of_quarantine(&mut listens).await, "it was set aside");
        let own = writes.person.read("/quarantine");
        let held = own.as_array().unwrap().iter().find(|held| held["state"] == "waiting").unwrap();
        let path = format!("/quarantine/{}", held["id"].as_str().unwrap());
        assert_eq!(rose.post(&path, &json!({ "decision": decision })).status, 204);
        assert!(hears_of_quarantine(&mut listens).await, "it was decided about");
        let own = writes.person.read("/quarantine");
        assert!(own.as_array().unwrap().iter().any(|now| now["id"] == held["id"] && now["state"] == becomes));
    }
    let mut desk = Socket::join(&rose, "desk").await;
    let Frame::Sync { sender, target, document, .. } = desk.sync_frame(Vec::new(), false) else {
        unreachable!()
    };
    let (count, session, data) = (1, "s".to_owned(), vec![0xf6]);
    assert!(desk.send(Frame::Ephemeral { sender, target, document, count, session, data }).await);
    assert!(!hears_of_quarantine(&mut bruno).await, "what waits of others is none of his");
    assert!(!hears_of_quarantine(&mut writes).await, "a client that did not ask");
}
