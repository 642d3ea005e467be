//! Stock clients from npm: a Node process each, spoken to in JSON lines (`client.mjs`).

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use portrea_tests::live::{DEADLINE, npm};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// Which release of `@automerge/automerge` a client has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.2.6.
    V32,
    /// 3.5.0.
    V35,
}

impl Version {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::V32, Self::V35];

    /// The folder with its packages.
    fn folder(self) -> &'static str {
        match self {
            Self::V32 => "automerge-3.2",
            Self::V35 => "automerge-3.5",
        }
    }
}

/// A stock client.
pub(crate) struct Node {
    name: String,
    child: Child,
    input: ChildStdin,
    lines: mpsc::Receiver<Json>,
    events: VecDeque<Json>,
    answers: BTreeMap<u64, Json>,
    asked: u64,
}

impl Node {
    /// Starts a client that keeps its documents in `storage`, if anywhere.
    pub(crate) fn start(version: Version, name: &str, storage: Option<&TempDir>) -> Self {
        Self::start_with(version, name, storage, false)
    }

    /// Starts a client that passes on, and listens to, what storages have.
    pub(crate) fn start_gossiping(version: Version, name: &str, storage: &TempDir) -> Self {
        Self::start_with(version, name, Some(storage), true)
    }

    fn start_with(version: Version, name: &str, storage: Option<&TempDir>, gossip: bool) -> Self {
        let mut node = Self::run(version.folder(), format!("{name}-{version:?}"));
        let storage = storage.map(|storage| storage.path().to_string_lossy());
        node.ask(json!({ "do": "open", "peer": node.name, "storage": storage, "gossip": gossip }));
        node
    }

    /// Runs `main.mjs` of a folder; nothing is asked of it yet.
    pub(crate) fn run(folder: &str, name: String) -> Self {
        npm::node_is_there();
        let mut child = Command::new("node")
            .current_dir(npm::folder(&format!("interop/{folder}")))
            .arg("main.mjs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let input = child.stdin.take().expect("standard input is piped");
        let output = child.stdout.take().expect("standard output is piped");
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    Ok(told) => drop(tell.send(told)),
                    // The library prints what it stumbles over.
                    Err(_) => eprintln!("a stock client says: {line}"),
                }
            }
        });
        Self { name, child, input, lines, events: VecDeque::new(), answers: BTreeMap::new(), asked: 0 }
    }

    /// Connects with this address.
    pub(crate) fn online(&mut self, url: &str) {
        self.ask(json!({ "do": "online", "url": url }));
    }

    /// Connects, finds the document and waits until it is there.
    pub(crate) fn find(&mut self, document: &str) -> Json {
        self.ask(json!({ "do": "find", "document": document }))
    }

    /// Asks for something and waits for the answer, which must be good.
    #[track_caller]
    pub(crate) fn ask(&mut self, command: Json) -> Json {
        let asked = self.send(command);
        self.answer(asked)
    }

    /// Asks for something; [`Node::answer`] waits for it.
    pub(crate) fn send(&mut self, mut command: Json) -> u64 {
        self.asked += 1;
        command["id"] = self.asked.into();
        writeln!(self.input, "{command}").expect("the client listens");
        self.asked
    }

    /// Waits for an answer, which must be good.
    #[track_caller]
    pub(crate) fn answer(&mut self, asked: u64) -> Json {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(told) = self.answers.remove(&asked) {
                assert!(told.get("error").is_none(), "{}: {}", self.name, told["error"]);
                return told["ok"].clone();
            }
            self.hear(deadline);
        }
    }

    /// Waits for something that the client tells unasked.
    #[track_caller]
    pub(crate) fn event(&mut self, fits: impl Fn(&Json) -> bool) -> Json {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.events.iter().position(&fits) {
                return self.events.remove(at).expect("it was just found");
            }
            self.hear(deadline);
        }
    }

    /// Takes one line, whatever it is about.
    #[track_caller]
    fn hear(&mut self, deadline: Instant) {
        let left = deadline.saturating_duration_since(Instant::now());
        let told = self.lines.recv_timeout(left);
        let told = told.unwrap_or_else(|error| panic!("{} says nothing: {error}", self.name));
        assert!(told["event"] != "uncaught", "{}: {}", self.name, told["message"]);
        match told["id"].as_u64() {
            Some(asked) => drop(self.answers.insert(asked, told)),
            None => self.events.push_back(told),
        }
    }

    /// Reads the value at a path; null when there is none.
    pub(crate) fn read(&mut self, path: &[&str]) -> Json {
        self.ask(json!({ "do": "read", "path": path }))
    }

    /// Gives the last key of a path a value.
    pub(crate) fn put(&mut self, path: &[&str], value: impl Into<Json>) {
        self.ask(json!({ "do": "put", "path": path, "value": value.into() }));
    }

    /// Waits until the document has exactly these heads.
    #[track_caller]
    pub(crate) fn until_heads(&mut self, heads: &Json) {
        self.ask(json!({ "do": "untilHeads", "heads": heads }));
    }

    /// Waits until the value at a path is this.
    #[track_caller]
    pub(crate) fn until(&mut self, path: &[&str], value: impl Into<Json>) {
        self.ask(json!({ "do": "untilValue", "path": path, "value": value.into() }));
    }

    /// Keeps everything and ends.
    pub(crate) fn quit(mut self) {
        self.ask(json!({ "do": "quit" }));
        let status = self.child.wait().expect("the client ends");
        assert!(status.success(), "{}: {status}", self.name);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
