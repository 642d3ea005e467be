//! A backup of a running server, and a server made of it.

use std::path::Path;

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::binaries;
use portrea_tests::live::web::Person;
use serde_json::Value as Json;

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
