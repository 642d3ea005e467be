//! Proof that an acknowledged append was flushed to the medium, by watching what the kernel was asked for.

#![allow(clippy::unwrap_used)]

use std::process::Stdio;

use tempfile::TempDir;

use super::{child, trace};

const STRACE: &str = "/usr/bin/strace";

/// Of twenty appends each one is written, flushed with `fdatasync` and only then acknowledged: seen with strace.
#[test]
fn every_append_is_flushed_before_it_is_acknowledged() {
    assert!(std::path::Path::new(STRACE).exists(), "strace is missing: apt-get install strace");
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("trace");
    let watched = "trace=pwrite64,write,fdatasync,fsync";
    let before = [STRACE, "-f", "-y", "-s", "1000000", "-e", watched, "-o", log.to_str().unwrap()];
    let output =
        child::command(&before, &dir.path().join("data"), 20).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    trace::judge(&seen, 20).unwrap();

    // The judge does judge: without the flushes of the log, or with failed ones, nothing counts as kept.
    let without = seen.lines().filter(|line| !line.contains("sync")).collect::<Vec<_>>().join("\n");
    assert_eq!(trace::judge(&without, 20), Err("append 1 was acknowledged before it was flushed".to_owned()));
    assert!(trace::judge(&seen, 21).is_err());
}

/// The judge tells the orders apart, interrupted calls included.
#[test]
fn the_judge_knows_the_orders() {
    let write = "1 pwrite64(3</d/db>, \"<append 000001>\", 15, 0) = 15\n";
    let flush = "1 fdatasync(4</d/db>) = 0\n";
    let ack = "1 write(1</p>, \"<ack 000001>\\n\", 13) = 13\n";
    let begun = "1 fdatasync(4</d/db> <unfinished ...>\n";
    let ended = "1 <... fdatasync resumed>) = 0\n";
    let failed = "1 fdatasync(4</d/db>) = -1 EIO (Input/output error)\n";
    let other = "1 fdatasync(5</d/conf>) = 0\n";
    let judge = |lines: &[&str]| trace::judge(&lines.concat(), 1);
    assert_eq!(judge(&[write, flush, ack]), Ok(()));
    assert_eq!(judge(&[write, begun, ended, ack]), Ok(()));
    let late = Err("append 1 was acknowledged before it was flushed".to_owned());
    for lines in [
        [flush, write, ack].as_slice(),
        &[write, ack, flush],
        &[begun, write.replacen('1', "2", 1).as_str(), ended, ack],
        &[write, begun, ack.replacen('1', "2", 1).as_str(), ended],
        &[write, failed, ack],
        &[write, other, ack],
    ] {
        assert_eq!(judge(lines), late, "{lines:?}");
    }
}
