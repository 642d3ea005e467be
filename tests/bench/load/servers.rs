//! The servers that are compared: how each is started, stopped, and looked at from outside.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::drive::Gauge;
use crate::machine;

pub(crate) mod npm;
pub(crate) mod ours;
pub(crate) mod rust;

/// Who is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// This project's server with stock clients, which answer every frame.
    Portrea,
    /// This project's server with clients as ours are, which answer sparingly.
    PortreaSparing,
    /// The Rust crate samod with its file storage.
    Samod,
    /// npm's automerge-repo with its file storage.
    AutomergeRepo,
    /// npm's Hocuspocus, keeping nothing.
    Hocuspocus,
    /// The same, writing its document to a file as its database extension does.
    HocuspocusFile,
}

impl Who {
    /// All of them, in the order in which they are measured: first what the others are compared with.
    pub(crate) const ALL: [Self; 6] = [
        Self::Hocuspocus,
        Self::HocuspocusFile,
        Self::Portrea,
        Self::PortreaSparing,
        Self::AutomergeRepo,
        Self::Samod,
    ];

    /// What `PEERS` calls it; the beginning is enough.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Portrea => "portrea-stock",
            Self::PortreaSparing => "portrea-sparing",
            Self::Samod => "samod",
            Self::AutomergeRepo => "automerge-repo",
            Self::Hocuspocus => "hocuspocus-memory",
            Self::HocuspocusFile => "hocuspocus-file",
        }
    }

    /// How tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portrea => "PORTREA",
            Self::PortreaSparing => "PORTREA, sparing",
            Self::Samod => "samod",
            Self::AutomergeRepo => "automerge-repo",
            Self::Hocuspocus => "Hocuspocus",
            Self::HocuspocusFile => "Hocuspocus, file",
        }
    }

    /// Whether it is this project's server.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Portrea | Self::PortreaSparing)
    }

    /// Whether it speaks the protocol of automerge-repo.
    pub(crate) fn speaks_automerge(self) -> bool {
        !matches!(self, Self::Hocuspocus | Self::HocuspocusFile)
    }
}

/// Figures that not every row has, by name and unit: `ready ms`.
pub(crate) type Besides = BTreeMap<&'static str, f64>;

/// A server that runs.
pub(crate) struct Served {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it said when it was ready.
    pub(crate) said: Json,
    /// The data directory.
    pub(crate) data: PathBuf,
}

impl Served {
    /// Starts a program that says in one line of JSON, with a `listen` or a `port`, that it is ready.
    fn start(mut command: Command, data: &Path) -> Result<Self, String> {
        let log = std::fs::File::create(data.with_extension("log")).map_err(|error| error.to_string())?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let mut out = BufReader::new(child.stdout.take().expect("standard output was piped"));
        let mut line = String::new();
        out.read_line(&mut line).map_err(|error| error.to_string())?;
        let said: Json = serde_json::from_str(&line).map_err(|_| {
            format!("{command:?} does not start; see {}", data.with_extension("log").display())
        })?;
        let listen = said.get("listen").and_then(Json::as_str).and_then(|text| text.parse().ok());
        let port = said.get("port").and_then(Json::as_u64).and_then(|port| u16::try_from(port).ok());
        let address = listen.or_else(|| Some(SocketAddr::from(([127, 0, 0, 1], port?))));
        let address = address.ok_or("the server does not say where it listens")?;
        Ok(Self { child, address, said, data: data.to_owned() })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop and waits; one that does not is killed.
    pub(crate) fn stop(mut self) {
        // The process may be gone already, and then there is nobody to tell.
        drop(Command::new("kill").args(["-s", "TERM", &self.pid().to_string()]).status());
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // An error means that it ended before.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What nobody measures.
pub(crate) struct NoGauge;

impl Gauge for NoGauge {
    fn begin(&self) {}
    fn end(&self) {}
    fn resident_bytes(&self) -> f64 {
        0.0
    }
}

/// What a server and its driver used between the beginning and the end of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Seconds of the server's processor.
    pub(crate) server_seconds: f64,
    /// The server's memory when the row began, in bytes.
    pub(crate) before_bytes: f64,
    /// The most memory of the server, in bytes.
    pub(crate) peak_bytes: f64,
    /// The share of its core that the driver used.
    pub(crate) driver_share: f64,
}

/// Looks at a server, and at a driver, from outside.
pub(crate) struct Meter {
    server: u32,
    driver: u32,
    begun: Cell<(f64, f64, f64, Option<Instant>)>,
    usage: Cell<Usage>,
}

impl Meter {
    /// A meter of these processes.
    pub(crate) fn new(server: u32, driver: u32) -> Self {
        Self { server, driver, begun: Cell::default(), usage: Cell::default() }
    }

    /// What was used.
    pub(crate) fn usage(&self) -> Usage {
        self.usage.get()
    }
}

impl Gauge for Meter {
    fn resident_bytes(&self) -> f64 {
        machine::resident_bytes(self.server)
    }

    fn begin(&self) {
        machine::forget_peak(self.server);
        let now = Some(Instant::now());
        let before = machine::resident_bytes(self.server);
        self.begun.set((before, machine::cpu_seconds(self.server), machine::cpu_seconds(self.driver), now));
    }

    fn end(&self) {
        let (before_bytes, server, driver, begun) = self.begun.get();
        let seconds = begun.map_or(1.0, |begun| begun.elapsed().as_secs_f64()).max(1e-3);
        self.usage.set(Usage {
            server_seconds: machine::cpu_seconds(self.server) - server,
            before_bytes,
            peak_bytes: machine::peak_bytes(self.server),
            driver_share: (machine::cpu_seconds(self.driver) - driver) / seconds,
        });
    }
}
