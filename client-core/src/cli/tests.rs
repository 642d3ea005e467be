//! Goal: the commands do what they say, with a network and without. Method: whole command lines against a small server;
//! what they did is read from the device's own directory.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Structure, members, text};

use super::*;
use crate::device::Device;
use crate::device::tests::server::{Mood, Server};
use crate::status::State;

/// A directory for a device, and a way to type commands that is not the test's own thread.
struct Desk {
    dir: Arc<tempfile::TempDir>,
}

impl Desk {
    fn new() -> Self {
        Self { dir: Arc::new(tempfile::tempdir().unwrap()) }
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("device")
    }

    /// Types a command; gives the exit status it would end with.
    async fn types(&self, line: &[&str]) -> u8 {
        let data = self.data();
        let mut typed: Vec<OsString> = vec!["portrea".into(), "--data".into(), data.into()];
        typed.extend(line.iter().map(Into::into));
        let ended = tokio::task::spawn_blocking(move || run(&typed, Lang::Fr)).await.unwrap();
        match ended {
            Ok(()) | Err(Failure::Gone) => 0,
            Err(Failure::Failed(_) | Failure::SignedOut(_)) => 1,
            Err(Failure::Wrong(_)) => 2,
        }
    }

    fn device(&self) -> Device {
        Device::open(&self.data()).unwrap()
    }

    fn structure(&self, name: &str) -> Structure {
        let all = read::structures(self.device().replica().doc());
        all.into_values().find(|structure| structure.name() == name).unwrap()
    }
}

async fn joined() -> (Server, Desk) {
    let (server, desk) = (Server::start().await, Desk::new());
    assert_eq!(desk.types(&["join", &format!("{}/join#good", server.address), "--name", "A"]).await, 0);
    (server, desk)
}

#[tokio::test]
async fn joining_makes_a_device_once() {
    let (server, desk) = joined().await;
    let device = desk.device();
    assert_eq!((device.identity().display_name.as_str(), device.status().state), ("Amina", State::Safe));
    drop(device);
    let link = format!("{}/join#good", server.address);
    assert_eq!(desk.types(&["join", &link, "--name", "A"]).await, 1, "a device is here already");
    let other = Desk::new();
    assert_eq!(other.types(&["join", &format!("{}/join#bad", server.address), "--name", "A"]).await, 1);
    assert_eq!(other.types(&["join", "nonsense"]).await, 2);
    assert!(!other.data().exists(), "a refused invitation leaves nothing behind");
    assert_eq!(other.types(&["list"]).await, 1);
}

#[tokio::test]
async fn edits_reach_the_server_or_wait_for_it() {
    let (server, desk) = joined().await;
    let add = [
        "add",
        "Médiathèque",
        "--commune",
        "35184",
        "--family",
        "assist,train",
        "--set",
        "assist/weekly_hours=12,5",
    ];
    assert_eq!(desk.types(&add).await, 0);
    assert_eq!(server.names(), ["Médiathèque"]);
    for line in [
        &["--offline", "set", "Médiathèque", "phone", "02 99 00 00 00"][..],
        &["--offline", "set", "mediatheque", "publics", "Jeunes", "--add"],
        &["--offline", "set", "Médiathèque", "publics", "Seniors", "--add"],
        &["--offline", "set", "Médiathèque", "publics", "Jeunes", "--remove"],
        &["--offline", "set", "Médiathèque", "train/price", "free"],
        &["--offline", "add-service", "Médiathèque", "repair", "--set", "onsite=oui"],
        &["--offline", "add-helper", "Médiathèque", "Bruno", "--set", "role=médiateur"],
        &["--offline", "confirm", "Médiathèque", "--how", "visit"],
    ] {
        assert_eq!(desk.types(line).await, 0, "{line:?}");
    }
    let archive = ["--offline", "archive", "Médiathèque", "--why", "fermée"];
    assert_eq!(desk.types(&archive).await, 2, "archiving is a référent·e's");
    assert_eq!(desk.device().status().waiting, 8);
    assert_eq!(desk.types(&["sync"]).await, 0);
    assert_eq!(desk.device().status().state, State::Safe);
    let structure = desk.structure("Médiathèque");
    assert_eq!(text(&structure.fields, "phone"), "02 99 00 00 00");
    assert_eq!(members(&structure.fields, "publics").collect::<Vec<_>>(), ["Seniors"]);
    assert_eq!((structure.services.len(), structure.helpers.len()), (3, 1));
    assert_eq!(text(&structure.confirmed, "by"), "Amina");
    assert!(!structure.is_archived());
    let there = read::structures(&server.doc.lock().unwrap());
    assert_eq!(there.into_values().next().unwrap(), structure);
}

#[tokio::test]
async fn calls_end_with_their_status() {
    let (server, desk) = joined().await;
    assert_eq!(desk.types(&["add", "Mairie"]).await, 0);
    let file = desk.dir.path().join("out.csv");
    let file = file.to_str().unwrap();
    for (line, expected) in [
        (&["status"][..], 0),
        (&["status", "--json"], 0),
        (&["list", "--q", "mairie", "--json"], 0),
        (&["show", "Mairie"], 0),
        (&["show", "Gare"], 1),
        (&["set", "Mairie", "colour", "red"], 2),
        (&["set", "Mairie", "latitude", "far"], 2),
        (&["set", "Mairie", "phone", "1", "--add"], 2),
        (&["set", "Mairie", "assist/price", "free"], 1),
        (&["add", " "], 2),
        (&["--offline", "sync"], 2),
        (&["--offline", "watch"], 2),
        (&["export", "--format", "csv", "--output", file], 0),
        (&["export", "--format", "csv", "--output", "/nowhere/at/all.csv"], 1),
        (&["completions", "bash"], 0),
        (&["fly"], 2),
        (&["--help"], 0),
    ] {
        assert_eq!(desk.types(line).await, expected, "{line:?}");
    }
    let csv = std::fs::read_to_string(file).unwrap();
    assert!(csv.starts_with("id,name,kind") && csv.contains(",Mairie,"), "{csv}");
    server.is(Mood::Forgetful);
    assert_eq!(desk.types(&["--offline", "set", "Mairie", "phone", "1"]).await, 0);
    assert_eq!(desk.types(&["sync", "--within", "1"]).await, 1);
    assert_eq!(desk.device().status().waiting, 1);
}

#[tokio::test]
async fn a_signed_out_device_makes_room_for_a_new_one_and_is_kept() {
    let (server, desk) = joined().await;
    desk.types(&["--offline", "add", "Mairie"]).await;
    server.is(Mood::Refusing(portrea_protocol::wire::refusal::Refusal::SignedOut));
    assert_eq!(desk.types(&["sync"]).await, 1);
    server.is(Mood::Kind);
    let link = format!("{}/join/good", server.address);
    assert_eq!(desk.types(&["join", &link, "--name", "A"]).await, 0);
    assert_eq!(desk.device().status().waiting, 0);
    let aside = |entry: &Path| entry.file_name().unwrap().to_string_lossy().starts_with("device.");
    let former =
        std::fs::read_dir(desk.dir.path()).unwrap().map(|entry| entry.unwrap().path()).find(|it| aside(it));
    assert_eq!(Device::open(&former.unwrap()).unwrap().status().waiting, 1);
}
