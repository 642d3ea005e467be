//! Goal: a power cut at any moment costs nothing that was reported as kept. Method: real files, cut at every byte.

use std::fs;

use super::super::identity::tests::identity;
use super::*;

fn made(dir: &Path) -> DiskShelf {
    DiskShelf::create(dir, &identity("http://localhost")).unwrap()
}

#[test]
fn what_was_kept_is_read_again_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = made(dir.path());
    assert_eq!(shelf.read().unwrap(), Kept::default());
    shelf.keep(b"one").unwrap();
    shelf.compact(b"whole").unwrap();
    shelf.keep(b"two").unwrap();
    shelf.keep(b"three").unwrap();
    let known = ServerKnown {
        heads: vec![ChangeHash([5; 32])],
        at: Some(UnixMillis(9)),
        refused: Some("malformed-change".into()),
        signed_out: true,
    };
    shelf.note(&known).unwrap();
    assert_eq!(shelf.loose(), 2);
    drop(shelf);
    let (mut shelf, found) = DiskShelf::open(dir.path()).unwrap();
    assert_eq!(found, identity("http://localhost"));
    let kept = shelf.read().unwrap();
    assert_eq!(kept.chunks().collect::<Vec<_>>(), [b"whole".to_vec(), b"two".into(), b"three".into()]);
    assert_eq!(kept.server, known);
}

#[test]
fn a_log_cut_at_any_byte_opens_and_takes_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = made(dir.path());
    let all: Vec<Vec<u8>> = (1..6_u8).map(|number| vec![number; usize::from(number) * 3]).collect();
    for bytes in &all {
        shelf.keep(bytes).unwrap();
    }
    drop(shelf);
    let log = dir.path().join("changes.log");
    let whole = fs::read(&log).unwrap();
    for cut in 0..=whole.len() {
        // A cut file, and one whose lost blocks came back as zeros.
        for zeros in [0, 20] {
            let mut torn = whole[..cut].to_vec();
            torn.resize(cut + zeros, 0);
            fs::write(&log, &torn).unwrap();
            let (mut shelf, _) = DiskShelf::open(dir.path()).unwrap();
            let found = shelf.read().unwrap().changes;
            assert!(all.starts_with(&found), "cut at {cut}");
            shelf.keep(b"more").unwrap();
            drop(shelf);
            let (mut shelf, _) = DiskShelf::open(dir.path()).unwrap();
            let after = shelf.read().unwrap().changes;
            assert_eq!(after.split_last().unwrap(), (&b"more".to_vec(), found.as_slice()), "cut at {cut}");
        }
    }
}

#[test]
fn a_damaged_note_of_the_server_is_no_note() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = made(dir.path());
    for damage in ["", "{", "[]", r#"{"heads":["zz"]}"#] {
        fs::write(dir.path().join("server.json"), damage).unwrap();
        assert_eq!(shelf.read().unwrap().server, ServerKnown::default());
    }
}

#[test]
fn a_directory_is_a_device_once() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nothing");
    assert!(matches!(DiskShelf::open(&missing), Err(ShelfError::NoDevice(_))));
    assert!(!missing.exists());
    drop(made(dir.path()));
    let again = DiskShelf::create(dir.path(), &identity("http://elsewhere"));
    assert!(matches!(again, Err(ShelfError::Exists(_))));
    fs::write(dir.path().join(DEVICE), "{\"token\": secret}").unwrap();
    let error = DiskShelf::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("line 1") && !error.contains("secret"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_stood() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = made(dir.path());
    shelf.compact(b"before").unwrap();
    std::os::unix::fs::symlink("/dev/full", dir.path().join("snapshot.new")).unwrap();
    assert!(matches!(shelf.compact(b"after"), Err(ShelfError::Full { .. })));
    assert_eq!(shelf.read().unwrap().snapshot.unwrap(), b"before");
    shelf.compact(b"after").unwrap();
    assert_eq!(shelf.read().unwrap().snapshot.unwrap(), b"after");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = made(&dir.path().join("device"));
    shelf.compact(b"whole").unwrap();
    for name in ["device", "device/device.json", "device/snapshot", "device/changes.log"] {
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} {mode:o}");
    }
}

#[test]
fn two_processes_wait_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = made(dir.path());
    let other = OpenOptions::new().write(true).open(dir.path().join(LOCK)).unwrap();
    assert!(other.try_lock().is_err());
    drop(shelf);
    other.try_lock().unwrap();
}

fn crossed(epoch: u32) -> Crossed {
    Crossed { epoch, at: UnixMillis(5), carried: 1, left: Vec::new() }
}

/// Goal: a power cut while a device moves leaves it where it was or where it goes, whole, with nothing of the other one.
/// Method: a shelf is opened after each step.
#[test]
fn a_move_is_made_whole_or_not_at_all() {
    let files = |dir: &Path| {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.filter(|name| !["device.json", "lock"].contains(&&**name)).collect();
        names.sort();
        names
    };
    for steps in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let mut shelf = made(dir.path());
        shelf.compact(b"before").unwrap();
        shelf.keep(b"edit").unwrap();
        fs::write(dir.path().join("snapshot.new"), b"torn").unwrap();
        match steps {
            0 => drop(shelf.prepare(1, b"after").unwrap()),
            1 => {
                drop(shelf.prepare(1, b"after").unwrap());
                fs::write(dir.path().join("epoch.new"), b"{").unwrap();
            }
            2 => {
                drop(shelf.prepare(1, b"after").unwrap());
                shelf.settle(&crossed(1)).unwrap();
            }
            _ => {
                shelf.cross(&crossed(1), b"after").unwrap();
                shelf.keep(b"later").unwrap();
            }
        }
        drop(shelf);
        let (mut shelf, _) = DiskShelf::open(dir.path()).unwrap();
        let kept = shelf.read().unwrap();
        let chunks: Vec<Vec<u8>> = kept.chunks().collect();
        if steps < 2 {
            assert_eq!((kept.crossed, chunks), (None, vec![b"before".to_vec(), b"edit".to_vec()]));
            assert!(files(dir.path()).iter().all(|name| !name.contains("-1")), "{steps}");
        } else {
            let later =
                if steps == 3 { vec![b"after".to_vec(), b"later".to_vec()] } else { vec![b"after".to_vec()] };
            assert_eq!((kept.crossed, chunks), (Some(crossed(1)), later));
            assert_eq!(files(dir.path()), ["changes-1.log", "epoch.json", "snapshot-1"], "{steps}");
        }
        // Once more, or a second time.
        let next = if steps < 2 { 1 } else { 2 };
        shelf.note(&ServerKnown { signed_out: true, ..ServerKnown::default() }).unwrap();
        shelf.cross(&crossed(next), b"last").unwrap();
        shelf.keep(b"more").unwrap();
        drop(shelf);
        let kept = DiskShelf::open(dir.path()).unwrap().0.read().unwrap();
        assert_eq!(kept.chunks().collect::<Vec<_>>(), [b"last".to_vec(), b"more".to_vec()]);
        assert_eq!(kept.server, ServerKnown::default());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_a_move_before_it_begins() {
    for name in ["snapshot-1.new", "epoch.new"] {
        let dir = tempfile::tempdir().unwrap();
        let mut shelf = made(dir.path());
        shelf.compact(b"before").unwrap();
        std::os::unix::fs::symlink("/dev/full", dir.path().join(name)).unwrap();
        assert!(matches!(shelf.cross(&crossed(1), b"after"), Err(ShelfError::Full { .. })), "{name}");
        shelf.keep(b"edit").unwrap();
        drop(shelf);
        let kept = DiskShelf::open(dir.path()).unwrap().0.read().unwrap();
        assert_eq!((kept.crossed.clone(), kept.chunks().count()), (None, 2), "{name}");
    }
}
