//! A real mail server on this machine, which tells what it is given (`tests/mail`).

#![allow(
    clippy::indexing_slicing,
    reason = "values of JSON are looked up, and a test may stop at what is missing"
)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{DEADLINE, npm};

/// A mail server.
pub struct Post {
    home: TempDir,
    child: Child,
    told: mpsc::Receiver<Json>,
    unread: VecDeque<Json>,
    port: u16,
}

impl Post {
    /// Starts one: `tls` (`none`, `starttls`, `wrapped`), `user` and `password` it knows, addresses to `refuse`.
    pub fn start(mut wishes: Json) -> Self {
        let home = tempfile::tempdir().expect("a directory can be made");
        let asked = wishes.as_object_mut().expect("wishes are an object");
        asked.insert("ca".to_owned(), json!(home.path().join("ca.pem")));
        npm::node_is_there();
        let mut child = Command::new("node")
            .current_dir(npm::folder("mail"))
            .args(["main.mjs", &wishes.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let output = child.stdout.take().expect("standard output is piped");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str(&line) else { continue };
                // Later events interest nobody.
                drop(tell.send(event));
            }
        });
        let mut post = Self { home, child, told, unread: VecDeque::new(), port: 0 };
        let listening = post.event("listening");
        let number = listening.get("port").and_then(Json::as_u64);
        post.port = number.and_then(|number| number.try_into().ok()).expect("a port");
        post
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file with the certificate that it shows.
    pub fn certificate(&self) -> PathBuf {
        self.home.path().join("ca.pem")
    }

    /// The next letter that it was given.
    pub fn letter(&mut self) -> Json {
        self.event("letter")
    }

    /// The next event of a kind.
    #[track_caller]
    pub fn event(&mut self, kind: &str) -> Json {
        loop {
            if let Some(at) =
                self.unread.iter().position(|event| event.get("event").is_some_and(|own| own == kind))
            {
                return self.unread.remove(at).expect("it was just found");
            }
            let event = self.told.recv_timeout(DEADLINE);
            self.unread.push_back(event.unwrap_or_else(|error| panic!("no {kind}: {error}")));
        }
    }

    /// Ends it, and gives everything that nobody asked for.
    pub fn end(mut self) -> Vec<Json> {
        self.stop();
        let mut rest: Vec<Json> = std::mem::take(&mut self.unread).into();
        rest.extend(self.told.iter());
        rest
    }

    fn stop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.stop();
    }
}
