//! The disk gave back other bytes than it was given: what `verify` says, and what a server makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use automerge::{Automerge, ChangeHash};
use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::seed::Seed;
use serde_json::Value as Json;
use tokio::runtime::Runtime;

/// Directories that are harmed.
const SEEDS: u64 = 3;
/// Edits that are made before.
const EDITS: usize = 120;

/// Goal: damage is told, and never served as if it were whole. Method: a server takes a hundred and twenty edits and stops; bytes
/// of its files are flipped by a seed, or their end is cut off; `verify` looks, and a server starts. Either the store
/// does not open and both say so, or the server serves nothing but changes that were made, all of them unless `verify`
/// says that something is lost.
#[test]
fn flipped_bytes_are_told() {
    let mut live = Live::start();
    let runtime = Runtime::new().unwrap();
    let amina = live.sign_in(Role::Contributor, "Amina");
    let made = runtime.block_on(async {
        let mut editor = Editor::connected(amina, 1).await;
        let (id, _) = editor.add("Mairie").await;
        for number in 1..EDITS {
            assert!(editor.set(&id, "phone", &number.to_string()).await);
        }
        assert!(editor.settle().await);
        changes(editor.replica.doc())
    });
    assert!(live.stop().success());
    let sound = tempfile::tempdir().unwrap();
    copy(&live.data(), sound.path());
    let (mut lost, mut shut) = (0, 0);
    for seed in 0..SEEDS {
        copy(sound.path(), &live.data());
        let harm = harm(&live.data().join("db"), &mut Seed::new(seed));
        let harm = format!("seed {seed}: {harm}");
        let verified = live.admin(&["verify"]);
        let told = String::from_utf8_lossy(&verified.stderr).into_owned();
        let verified: Json = serde_json::from_slice(&verified.stdout).unwrap_or_default();
        let Some(whole) = verified["sound"].as_bool() else {
            assert!(told.contains("damaged data in the store"), "{harm}: {told}");
            shut += 1;
            continue;
        };
        live.restart();
        assert!(!live.log().contains("panicked"), "{harm}: {}", live.log());
        let served = served(&live, sound.path());
        assert!(served.is_subset(&made), "{harm}: a change that nobody made");
        assert!(
            served == made || !whole,
            "{harm}: {} changes are gone in silence",
            made.len() - served.len()
        );
        lost += usize::from(!whole);
        assert!(live.stop().success(), "{harm}");
    }
    println!("{SEEDS} harmed directories: {shut} did not open, {lost} lost something");
}

fn changes(doc: &Automerge) -> BTreeSet<ChangeHash> {
    doc.get_changes(&[]).iter().map(automerge::Change::hash).collect()
}

/// What the server has; nothing when the territory is lost.
fn served(live: &Live, scratch: &Path) -> BTreeSet<ChangeHash> {
    let file = scratch.join("export.automerge");
    drop(fs::remove_file(&file));
    let (territory, path) = (live.territory().to_string(), file.to_string_lossy());
    live.admin(&["export", "--territory", &territory, "--format", "automerge", "--output", &path]);
    let Ok(bytes) = fs::read(&file) else { return BTreeSet::new() };
    changes(&Automerge::load(&bytes).unwrap())
}

fn harm(db: &Path, seed: &mut Seed) -> String {
    let mut bytes = fs::read(db).unwrap();
    let length = bytes.len() as u64;
    let harm = if seed.chance(20) {
        let left = seed.between(length / 2, length);
        bytes.truncate(usize::try_from(left).unwrap());
        format!("{left} of {length} bytes are left")
    } else {
        let places: Vec<u64> = (0..seed.between(1, 3)).map(|_| seed.below(length)).collect();
        for at in &places {
            bytes[usize::try_from(*at).unwrap()] ^= 1 << seed.below(8);
        }
        format!("bytes {places:?} are others")
    };
    fs::write(db, bytes).unwrap();
    harm
}

/// Makes the files of one directory those of another.
fn copy(from: &Path, to: &Path) {
    let files = |dir: &Path| {
        let all = fs::read_dir(dir).unwrap().map(Result::unwrap);
        all.filter(|file| file.file_type().unwrap().is_file()).collect::<Vec<_>>()
    };
    for file in files(to) {
        fs::remove_file(file.path()).unwrap();
    }
    for file in files(from) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
