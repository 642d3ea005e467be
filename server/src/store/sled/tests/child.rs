//! A process of its own that appends numbered batches and acknowledges each one: this test binary, called again.
//!
//! It must be a process, for one test kills it and the other watches its system calls.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::store::Store;
use crate::store::contract::{batch, territory};
use crate::store::sled::SledStore;

const DIR: &str = "STORE_TEST_CHILD_DIR";
const APPENDS: &str = "STORE_TEST_CHILD_APPENDS";

/// What stands in the bytes of append `number`, and nowhere else.
pub(super) fn marker(number: u64) -> String {
    format!("<append {number:06}>")
}

/// What the child prints once append `number` is durable.
pub(super) fn acknowledgement(number: u64) -> String {
    format!("<ack {number:06}>")
}

/// A command that runs the child over `dir`, started by `before` (a tracer, or nothing).
pub(super) fn command(before: &[&str], dir: &Path, appends: u64) -> Command {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let words = [before, &[this, "--exact", "store::sled::tests::child::child", "--nocapture"]].concat();
    let (program, arguments) = words.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).env(DIR, dir).env(APPENDS, appends.to_string());
    command
}

/// Not a test but the child's work, which is none unless the parent asked for it.
#[test]
fn child() {
    let (Ok(dir), Ok(appends)) = (std::env::var(DIR), std::env::var(APPENDS)) else { return };
    let store = SledStore::open(Path::new(&dir)).unwrap();
    for number in 1..=appends.parse().unwrap() {
        store.append(territory(1), &batch(&marker(number), [number])).unwrap();
        store.make_durable().unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", acknowledgement(number)).unwrap();
        out.flush().unwrap();
    }
}
