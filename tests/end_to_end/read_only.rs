//! The file system under the server turns read-only, as ext4 does when the medium takes nothing more.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::web::request;
use portrea_tests::live::{DEADLINE, Live};
use portrea_tests::seed::Seed;
use serde_json::Value as Json;

use super::full_disk::edit_until_refused;

/// How much the medium takes in all.
const MEDIUM_BYTES: usize = 24 << 20;

/// Goal: a file system that turns read-only is told, costs nothing that was acknowledged, and once it is mounted afresh a
/// restarted server goes on. Method: the data directory on an ext4 whose medium is a file on a full file system in memory;
/// edits until its journal breaks off. Mounting needs root: elsewhere the test says that it did not run.
#[test]
fn a_file_system_that_turns_read_only_is_told() {
    let mut live = Live::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let person = live.sign_in(Role::Contributor, "Amina");
    assert!(live.stop().success());
    let Some(medium) = Medium::under(&live.data()) else { return };
    live.restart();
    let mut amina = runtime.block_on(Editor::connected(person, 1));
    let (id, holds) = runtime.block_on(amina.add("Mairie"));
    assert!(holds && runtime.block_on(amina.settle()));
    medium.fill();
    let acknowledged = runtime.block_on(edit_until_refused(&mut amina, &id, &mut Seed::new(7), 0));
    medium.turns_read_only();
    let ready = request("GET", &format!("{}/readyz", live.url()), &[], None);
    assert_eq!(ready.status, 503);
    assert!(ready.body.starts_with("not ready: "), "{}", ready.body);
    assert_eq!(request("GET", &format!("{}/healthz", live.url()), &[], None).status, 200);
    assert!(!runtime.block_on(amina.connect()), "nobody is let in that nothing can be taken from");

    live.kill();
    let refused = live.admin(&["verify"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("Read-only file system") && said.contains("room on the disk"), "{said}");
    medium.mend();
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
    live.restart();
    let lost = automerge::ReadDoc::get_missing_deps(&live.export(), amina.replica.server_heads());
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(runtime.block_on(async { amina.connect().await && amina.settle().await }));
    assert_eq!(live.export().get_heads(), amina.replica.heads(), "everything that was made is there");
    drop(live);
    println!("{acknowledged} edits until the file system was read-only");
}

/// An ext4 over a directory, with what the directory held, in a file on a small file system in memory.
struct Medium {
    memory: PathBuf,
    mounted: PathBuf,
}

impl Medium {
    /// `None`, with a word why, where this process may not mount or ext4 cannot be made.
    fn under(dir: &Path) -> Option<Self> {
        let aside = dir.with_extension("aside");
        fs::rename(dir, &aside).unwrap();
        let medium = Self { memory: dir.with_extension("memory"), mounted: dir.to_owned() };
        fs::create_dir(&medium.memory).unwrap();
        fs::create_dir(&medium.mounted).unwrap();
        let size = format!("size={MEDIUM_BYTES},mode=700");
        let made = run(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&medium.memory))
            .and_then(|()| run(Command::new("truncate").args(["-s", "64M"]).arg(medium.file())))
            .and_then(|()| run(Command::new("mkfs.ext4").arg("-q").arg(medium.file())))
            .and_then(|()| medium.mount());
        if let Err(why) = made {
            eprintln!(
                "a file system that turns read-only: DID NOT RUN, for there is none to be had here: {why}"
            );
            return None;
        }
        run(Command::new("cp").arg("-a").arg(aside.join(".")).arg(dir)).expect("the directory can be copied");
        run(Command::new("sync").arg("-f").arg(dir)).expect("what was copied can be made durable");
        Some(medium)
    }

    fn file(&self) -> PathBuf {
        self.memory.join("medium")
    }

    fn ballast(&self) -> PathBuf {
        self.memory.join("ballast")
    }

    fn mount(&self) -> Result<(), String> {
        run(Command::new("mount").args(["-o", "loop,errors=remount-ro"]).arg(self.file()).arg(&self.mounted))
    }

    /// The medium takes nothing more.
    fn fill(&self) {
        let written = fs::write(self.ballast(), vec![7; MEDIUM_BYTES]);
        assert!(written.is_err(), "there was room for more than the medium has");
    }

    /// It takes something again, and the file system is mounted afresh.
    fn mend(&self) {
        fs::remove_file(self.ballast()).unwrap();
        run(Command::new("umount").arg(&self.mounted)).expect("nobody uses it");
        self.mount().expect("its journal can be read");
    }

    /// Waits until the file system takes nothing more: it says so to whoever writes after its journal broke off.
    fn turns_read_only(&self) {
        let asked = Instant::now();
        loop {
            let written = fs::write(self.mounted.join("probe"), b"something");
            if written.is_err_and(|error| error.kind() == ErrorKind::ReadOnlyFilesystem) {
                return;
            }
            assert!(asked.elapsed() < DEADLINE, "it does not turn read-only");
        }
    }
}

impl Drop for Medium {
    fn drop(&mut self) {
        for place in [&self.mounted, &self.memory] {
            // At once, and for good when a server that still runs has let go of it.
            drop(Command::new("umount").arg("-l").arg(place).output());
        }
    }
}

/// Runs a command; what it said where it failed.
fn run(command: &mut Command) -> Result<(), String> {
    let ran = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if ran.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned()) }
}
