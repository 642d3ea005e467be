//! A week away: a device that is revoked while it is offline comes back by a new invitation, and nothing of it is lost.

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
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
