//! Folders of Node programs, with their packages installed once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The oldest Node that the packages run on.
const NODE_MAJOR_MIN: u32 = 20;

/// The folder of that name under `tests/`, with its packages installed.
pub fn folder(name: &str) -> PathBuf {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if !folder.join("node_modules/.package-lock.json").exists() {
        node_is_there();
        let npm = Command::new("npm")
            .current_dir(&folder)
            .args(["install", "--no-save", "--no-audit", "--no-fund"])
            .status();
        assert!(npm.is_ok_and(|status| status.success()), "`npm install` fails in {}", folder.display());
    }
    folder
}

/// Stops a test that cannot be run here, saying what is missing.
pub fn node_is_there() {
    let output = Command::new("node").arg("--version").output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = said.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    assert!(
        major.is_some_and(|major: u32| major >= NODE_MAJOR_MIN),
        "Node {NODE_MAJOR_MIN} or later is needed: these tests start programs from npm (found: {said:?}). \
         Install it from https://nodejs.org"
    );
}
