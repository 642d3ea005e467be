//! The `portrea` command with a home of its own: one more device, as a person at a keyboard or a script has it.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::binaries;

/// A device of the `portrea` command.
pub struct Device {
    name: String,
    home: TempDir,
}

impl Device {
    /// A device that joined nothing yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), home: tempfile::tempdir().expect("a directory can be made") }
    }

    /// Where the device keeps everything.
    pub fn home(&self) -> PathBuf {
        self.home.path().join("device")
    }

    /// Runs the command with `--json`.
    pub fn run(&self, words: &[&str]) -> Ran {
        let output = binaries::command("portrea")
            .env("PORTREA_HOME", self.home())
            .args(words)
            .arg("--json")
            .output()
            .expect("portrea runs");
        Ran { said: format!("{}: portrea {}", self.name, words.join(" ")), output }
    }

    /// Adds a structure; gives its id.
    pub fn add(&self, name: &str, words: &[&str]) -> String {
        let added = self.run(&[&["add", name], words].concat()).done();
        added.get("id").and_then(Json::as_str).expect("a structure's id").to_owned()
    }

    /// Sets a field.
    pub fn set(&self, id: &str, path: &str, value: &str, words: &[&str]) {
        self.run(&[&["set", id, path, value], words].concat()).done();
    }

    /// Synchronises; everything made here is on the server's disk after it.
    pub fn sync(&self) {
        let synced = self.run(&["sync", "--within", "60"]).done();
        assert_eq!(synced.get("waiting"), Some(&Json::from(0)), "{}: {synced}", self.name);
    }

    /// A structure as this device has it.
    pub fn show(&self, id: &str) -> Json {
        self.run(&["show", id]).done()
    }

    /// The document's heads on this device.
    pub fn heads(&self) -> Json {
        self.run(&["status"]).done().get("heads").cloned().unwrap_or_default()
    }
}

/// A command that ran.
#[derive(Debug)]
pub struct Ran {
    /// What was run, for messages.
    pub said: String,
    /// How it ended.
    pub output: Output,
}

impl Ran {
    /// What it printed as JSON; it must have done its work.
    #[track_caller]
    pub fn done(self) -> Json {
        let told = String::from_utf8_lossy(&self.output.stderr);
        assert!(self.output.status.success(), "{}: {}\n{told}", self.said, self.output.status);
        serde_json::from_slice(&self.output.stdout)
            .unwrap_or_else(|error| panic!("{}: {error} in {:?}", self.said, self.output.stdout))
    }

    /// What it complained about; it must have ended with this exit status.
    #[track_caller]
    pub fn failed(self, status: i32) -> String {
        assert_eq!(self.output.status.code(), Some(status), "{}: {:?}", self.said, self.output);
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}
