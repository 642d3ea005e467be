//! A process killed while it appends loses nothing that it acknowledged.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use tempfile::TempDir;

use super::child;
use crate::store::Store;
use crate::store::contract::{chunk, feed, territory};
use crate::store::sled::SledStore;

/// Every acknowledged append is found after a kill, the feed is dense, and each row has its chunk. The moment of
/// the kill is a count of acknowledgements, so that no clock decides.
#[test]
fn killed_processes_lose_nothing_acknowledged() {
    for kill_at in [1, 7, 23, 60, 111] {
        let dir = TempDir::new().unwrap();
        let mut child = child::command(&[], dir.path(), 1_000_000)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut acknowledged = 0;
        for line in lines {
            if line.contains(&child::acknowledgement(acknowledged + 1)) {
                acknowledged += 1;
            }
            if acknowledged == kill_at {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success(), "it was killed");
        assert!(acknowledged >= kill_at);

        let store = SledStore::open(dir.path()).unwrap();
        let kept = store.load(territory(1)).unwrap().unwrap();
        assert!(kept.feed_last >= acknowledged, "{} of {acknowledged} acknowledged", kept.feed_last);
        assert_eq!(store.feed(territory(1), 0, usize::MAX).unwrap(), feed(1..=kept.feed_last));
        assert_eq!(kept.chunks.len(), usize::try_from(kept.feed_last).unwrap());
        for number in 1..=kept.feed_last {
            assert!(kept.chunks.contains(&chunk(&child::marker(number))), "chunk {number}");
        }
    }
}
