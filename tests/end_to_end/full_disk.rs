//! The server's disk takes nothing more, and has room again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_protocol::wire::frame::Frame;
use portrea_protocol::wire::refusal::Refusal;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::Heard;
use portrea_tests::live::web::{Person, request};
use portrea_tests::seed::Seed;
use serde_json::Value as Json;
use serde_json::json;

/// How often the disk fills and has room again.
const ROUNDS: u64 = 3;
/// Edits after which the disk must be full; each has some kilobytes.
const EDITS_MAX: u32 = 2_000;
/// How large the file system is that is filled.
pub(super) const MOUNTED_BYTES: usize = 16 << 20;

/// Goal: a full disk costs no acknowledged edit and no restart: peers and requests are refused with words and a code,
/// `/readyz` says why, and service goes on by itself once there is room. Method: a limit on the size of files, which needs
/// no rights and makes writes fail as a full disk does; edits until it is reached; the limit lifted, from outside.
#[test]
fn a_full_disk_is_told_and_outlived() {
    let mut live = Live::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let mut seed = Seed::new(5);
    let mut amina = runtime.block_on(Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1));
    let (id, holds) = runtime.block_on(amina.add("Mairie"));
    assert!(holds && runtime.block_on(amina.settle()));
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let length = fs::metadata(live.data().join("db")).unwrap().len();
        limit(&live, &(length + seed.between(0, 60_000)).to_string());
        acknowledged = runtime.block_on(edit_until_refused(&mut amina, &id, &mut seed, acknowledged));
        assert!(amina.replica.waiting() > 0, "round {round}: the last edit waits on its device");

        refused_over_http(&live, &rose);
        let again = runtime.block_on(async { amina.connect().await });
        assert!(!again, "round {round}: nobody is let in that nothing can be taken from");

        limit(&live, "unlimited");
        while request("GET", &format!("{}/readyz", live.url()), &[], None).status != 200 {}
        assert!(live.is_alive());
        runtime.block_on(async {
            assert!(amina.connect().await && amina.settle().await, "round {round}: it goes on by itself");
        });
        assert_eq!(amina.replica.waiting(), 0);
        let verified = live.admin_json(&["verify"]);
        assert_eq!(verified["sound"], Json::Bool(true), "round {round}: {verified}");
    }
    let made = rose.post("/invitations", &json!({ "role": "reader" }));
    assert_eq!(made.status, 201, "{}", made.body);
    live.kill();
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
    live.restart();
    assert_eq!(live.export().get_heads(), amina.replica.heads(), "everything that was made is there");
    let numbers: Vec<u64> = rose.feed_all().iter().map(|event| event.id).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    println!("{acknowledged} edits over {ROUNDS} full disks");
}

/// Goal: a file system that is really full (not a limit of one process) is told and outlived too. Method: the data
/// directory in a small file system in memory, which a file of somebody else fills while a client edits; then that file is
/// gone. Mounting needs root: elsewhere the test says that it did not run.
#[test]
fn a_full_file_system_is_told_and_outlived() {
    let mut live = Live::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let person = live.sign_in(Role::Contributor, "Amina");
    assert!(live.stop().success());
    let Some(mounted) = Mounted::over(&live.data()) else { return };
    live.restart();
    let mut seed = Seed::new(6);
    let mut amina = runtime.block_on(Editor::connected(person, 1));
    let (id, holds) = runtime.block_on(amina.add("Mairie"));
    assert!(holds && runtime.block_on(amina.settle()));
    let ballast = live.data().join("ballast");
    let written = fs::write(&ballast, vec![7; MOUNTED_BYTES]);
    assert!(written.is_err(), "there was room for more than the file system has");
    let acknowledged = runtime.block_on(edit_until_refused(&mut amina, &id, &mut seed, 0));
    let ready = request("GET", &format!("{}/readyz", live.url()), &[], None);
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("No space left"), "{}", ready.body);
    assert!(!runtime.block_on(amina.connect()), "nobody is let in that nothing can be taken from");

    fs::remove_file(&ballast).unwrap();
    while request("GET", &format!("{}/readyz", live.url()), &[], None).status != 200 {}
    assert!(
        runtime.block_on(async { amina.connect().await && amina.settle().await }),
        "it goes on by itself"
    );
    live.kill();
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
    assert_eq!(live.export().get_heads(), amina.replica.heads(), "everything that was made is there");
    drop(mounted);
    println!("{acknowledged} edits until the file system was full");
}

/// A file system in memory over a directory, with what the directory held.
pub(super) struct Mounted(PathBuf);

impl Mounted {
    /// `None`, with a word why, where this process may not mount.
    pub(super) fn over(dir: &Path) -> Option<Self> {
        let aside = dir.with_extension("aside");
        fs::rename(dir, &aside).unwrap();
        fs::create_dir(dir).unwrap();
        let size = format!("size={MOUNTED_BYTES},mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir).output();
        let why = match mounted {
            Ok(mounted) if mounted.status.success() => {
                let copied = Command::new("cp").arg("-a").arg(aside.join(".")).arg(dir).status();
                assert!(copied.is_ok_and(|copied| copied.success()), "the directory cannot be copied");
                return Some(Self(dir.to_owned()));
            }
            Ok(mounted) => String::from_utf8_lossy(&mounted.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        eprintln!("a full file system: DID NOT RUN, for nothing may be mounted here: {}", why.trim());
        None
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // At once, and for good when a server that still runs has let go of it.
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Sets how large the server's files may grow.
pub(super) fn limit(live: &Live, bytes: &str) {
    let process = live.process().expect("the server runs").to_string();
    // The hard limit stays, or only root could lift it.
    let set = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:")]).status();
    assert!(
        set.is_ok_and(|set| set.success()),
        "prlimit of util-linux is missing, or may not limit a process of ours"
    );
}

/// Edits with noise that no compression takes away, each acknowledged before the next; how many were.
pub(super) async fn edit_until_refused(
    editor: &mut Editor,
    id: &RecordId,
    seed: &mut Seed,
    mut acknowledged: u32,
) -> u32 {
    for _ in 0..EDITS_MAX {
        let noise: String =
            (0..3_000).map(|_| char::from(b'!' + u8::try_from(seed.below(94)).unwrap())).collect();
        let mut holds = editor.set(id, "summary", &noise).await;
        while holds && editor.replica.waiting() > 0 {
            let heard = editor.socket.as_mut().expect("the line holds").hear().await;
            if let Heard::Frame(Frame::Error { message, .. }) = &heard {
                assert_eq!(*message, Refusal::StoreFailed.to_string());
                let (_, code, reason) = editor.socket.as_mut().expect("it closes in order").end().await;
                assert_eq!((code, reason.as_str()), (1013, "store-failed"));
                editor.hang_up();
                return acknowledged;
            }
            holds = editor.take(heard).await;
        }
        assert!(holds, "the line goes with a word");
        acknowledged += 1;
    }
    panic!("the limit was never reached");
}

/// What asks for the disk is refused with a problem that says so, in the asker's language; the process answers.
fn refused_over_http(live: &Live, rose: &Person) {
    let refused = rose.post("/invitations", &json!({ "role": "reader" }));
    assert_eq!(refused.problem(503), "store-failed");
    assert!(refused.body.contains("your edits stay on your device"), "{}", refused.body);
    let bearer = rose.bearer();
    let french =
        [("authorization", bearer.as_str()), ("content-type", "application/json"), ("accept-language", "fr")];
    let path = format!("{}/api/v1/territories/{}/invitations", live.url(), rose.territory);
    let refused = request("POST", &path, &french, Some("{\"role\":\"reader\"}"));
    assert_eq!(refused.problem(503), "store-failed");
    assert!(refused.body.contains("Le disque du serveur ne prend plus rien"), "{}", refused.body);
    let ready = request("GET", &format!("{}/readyz", live.url()), &[], None);
    assert_eq!(ready.status, 503);
    assert!(ready.body.starts_with("not ready: ") && ready.body.contains("File too large"), "{}", ready.body);
    assert_eq!(request("GET", &format!("{}/healthz", live.url()), &[], None).status, 200);
}
