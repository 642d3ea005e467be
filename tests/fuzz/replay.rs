//! The corpus of the fuzzer once more, on a stable compiler: whatever was found stays mended.
//!
//! Goal: no file under `corpus/` breaks what its target promises, and honest inputs come through the door, so that the
//! fuzzer has something to change. Method: the very functions that the fuzzer calls, given every file, and every seed.

#![expect(unreachable_pub, reason = "the modules belong to the fuzzer's own package too")]

use std::fs;
use std::path::PathBuf;

mod changes;
mod files;
mod frames;
mod ground;
mod hours;
mod seeds;

/// The most files that a target's corpus may have: more is for the working corpus, which is not kept here.
const FILES_MAX: usize = 60;
/// The most bytes that one of them may have.
const FILE_BYTES_MAX: u64 = 8_192;

/// The files of a target's corpus, in the order of their names.
fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).expect("each target has a corpus");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the corpus can be read").path()).collect();
    paths.sort();
    paths
}

/// Gives a target its corpus, and its seeds, all of which it must take.
fn replay(target: &str, meet: fn(&[u8]) -> bool, seeds: &[(String, Vec<u8>)]) {
    for (name, bytes) in seeds {
        println!("{target}: the seed {name}");
        assert!(meet(bytes), "{target}: {name} stays at the door");
    }
    if std::env::var_os("PORTREA_WRITE").is_some() {
        seeds::write(target, seeds);
    }
    let paths = corpus(target);
    assert!((1..=FILES_MAX).contains(&paths.len()), "{target} has {} files", paths.len());
    for path in paths {
        println!("{}", path.display());
        let bytes = fs::read(&path).expect("the corpus can be read");
        assert!(bytes.len() as u64 <= FILE_BYTES_MAX, "{} is large", path.display());
        meet(&bytes);
    }
}

#[test]
fn frames_stay_mended() {
    replay("frames", frames::meet, &seeds::frames());
}

#[test]
fn changes_stay_mended() {
    replay("changes", changes::meet, &seeds::changes());
}

#[test]
fn files_stay_mended() {
    replay("files", files::meet, &seeds::files());
}

#[test]
fn hours_stay_mended() {
    replay("hours", hours::meet, &seeds::hours());
}
