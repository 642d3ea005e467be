//! A backup of a running server, and a server made of it.

use std::path::Path;

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::schema::write::Edit;
use portrea_tests::live::Live;
use portrea_tests::live::binaries;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::web::Person;
use serde_json::{Value as Json, json};

fn command(words: &[&str]) -> (Option<i32>, Json) {
    let output = binaries::command("portrea-server").args(words).arg("--json").output().unwrap();
    let said = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code(), serde_json::from_slice(said).unwrap_or_default())
}

/// Goal: a backup made while people write has all that was acknowledged before it, and makes the same server again:
/// directory, feed, people, who wrote what. Method: a device writes, a backup is taken beside the running server, the
/// device writes more; the restored server answers to the same sign-ins, and the device brings it what it lacks.
#[test]
fn a_backup_makes_the_same_server_again() {
    let mut live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    let structure = amina.add("Mairie de Gaël", &["--commune", "35117"]);
    amina.sync();
    let (resources, feed) = (rose.read("/resources"), rose.feed_all());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portrea.backup");
    let path = file.to_str().unwrap();
    let made = live.admin_json(&["backup", path]);
    assert_eq!((&made["territories"], &made["damaged"]), (&1.into(), &0.into()));
    assert!(!live.admin(&["backup", path]).status.success(), "a backup is never written over");
    amina.set(&structure, "phone", "02 99 00 00 01", &[]);
    amina.sync();

    let data = live.data();
    live.stop();
    let lost = folder.path().join("lost");
    std::fs::rename(&data, &lost).unwrap();
    let (status, restored) = command(&["restore", "--data", data.to_str().unwrap(), path]);
    assert_eq!((status, &restored["territories"]), (Some(0), &1.into()), "{restored}");
    live.restart();
    assert_eq!(rose.read("/resources"), resources);
    assert_eq!(rose.feed_all(), feed);
    amina.sync();
    let now = rose.until(|rose| rose.read("/resources")[0]["phone"].as_str().map(str::to_owned));
    assert_eq!(now, "02 99 00 00 01", "a device that is ahead brings what the backup lacks");
    assert_eq!(rose.feed_all().last().unwrap().author.as_ref().unwrap().name, "Amina");
    let verified = live.admin_json(&["verify"]);
    assert_eq!(verified["sound"], true, "{verified}");
}

/// Goal: who may do what, who may not any more, and what waits for a référent·e, are the same after a restoring. Method:
/// somebody made a reader, somebody signed out, an edit that waits and one that was rejected; what was decided stays so,
/// and what waits can be decided about.
#[tokio::test(flavor = "multi_thread")]
async fn people_and_what_waits_outlive_a_restoring() {
    let mut live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let (bruno, chloe) = (live.sign_in(Role::Contributor, "Bruno"), live.sign_in(Role::Contributor, "Chloé"));
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let (structure, _) = amina.add("Mairie de Gaël").await;
    assert!(amina.settle().await);
    let waits_or_not = |rose: &Person| -> Vec<(String, String)> {
        let text = |held: &Json, key: &str| held[key].as_str().unwrap_or_default().to_owned();
        let all = rose.read("/quarantine");
        all.as_array().unwrap().iter().map(|held| (text(held, "id"), text(held, "state"))).collect()
    };
    for number in 1..=2 {
        let edit = Edit::Validate { structure: structure.clone(), by: format!("Amina {number}") };
        amina.edit(&[edit]).await;
        while waits_or_not(&rose).len() < number {
            assert!(amina.step().await);
        }
    }
    let second = "Amina 2";
    let held = rose.read("/quarantine");
    let of = |by: &str| {
        held.as_array().unwrap().iter().find(|held| held["edits"].to_string().contains(by)).cloned()
    };
    let rejected = of(second).unwrap()["id"].as_str().unwrap().to_owned();
    let decide = |rose: &Person, id: &str, decision: &str| {
        rose.post(&format!("/quarantine/{id}"), &json!({ "decision": decision })).status
    };
    assert_eq!(decide(&rose, &rejected, "reject"), 204);
    let path = |whom: &Person| format!("/territories/{}/contributors/{}", live.territory(), whom.contributor);
    let as_json = [("content-type", "application/json")];
    rose.call("PATCH", &path(&bruno), &as_json, Some("{\"role\":\"reader\"}")).done();
    assert_eq!(rose.call("DELETE", &path(&chloe), &[], None).status, 204);
    let before = [rose.read("/contributors"), rose.read("/acts"), rose.read("/quarantine")];

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portrea.backup");
    let file = file.to_str().unwrap();
    live.admin_json(&["backup", file]);
    let data = live.data();
    live.stop();
    std::fs::rename(&data, folder.path().join("lost")).unwrap();
    let (status, restored) = command(&["restore", "--data", data.to_str().unwrap(), file]);
    assert_eq!(status, Some(0), "{restored}");
    live.restart();

    assert_eq!([rose.read("/contributors"), rose.read("/acts"), rose.read("/quarantine")], before);
    assert_eq!(bruno.call("GET", "/me", &[], None).done()["role"], "reader");
    assert_eq!(chloe.call("GET", "/me", &[], None).status, 401);
    assert_eq!(decide(&rose, &rejected, "accept"), 409, "what was decided stays decided");
    let waits = waits_or_not(&rose).into_iter().find(|(_, state)| state == "waiting").unwrap().0;
    assert_eq!(
        amina.person.post(&format!("/quarantine/{waits}"), &json!({ "decision": "accept" })).status,
        403
    );
    assert_eq!(decide(&rose, &waits, "accept"), 204);
    let shown = rose.read(&format!("/resources/{}", structure.as_str()));
    assert_eq!(shown["validation"]["by"], "Amina 1", "{shown}");
}

/// Goal: a restoring that cannot be done leaves nothing behind and says why. Method: a directory that is not empty, no
/// backup, a broken one, one that was cut short before.
#[test]
fn a_restoring_is_done_whole_or_not_at_all() {
    let live = Live::start();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    live.admin_json(&["backup", &text(&at("whole"))]);
    let whole = std::fs::read(at("whole")).unwrap();
    std::fs::write(at("short"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(at("letter"), "Bonjour").unwrap();
    std::fs::create_dir(at("full")).unwrap();
    std::fs::write(at("full").join("thesis"), "").unwrap();
    let restore = |data: &str, file: &str| {
        let (status, said) = command(&["restore", "--data", &text(&at(data)), &text(&at(file))]);
        assert_eq!(status, Some(1), "{data} {file}");
        said["error"]["code"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(restore("full", "whole"), "not-empty");
    for file in ["short", "letter"] {
        assert_eq!(restore("fresh", file), "broken-backup");
    }
    assert_eq!(restore("fresh", "nothing"), "unreadable-file");
    assert!(!at("fresh").exists() && !at("fresh.restoring").exists());
    std::fs::create_dir(at("fresh.restoring")).unwrap();
    assert_eq!(restore("fresh", "whole"), "not-empty");
}
