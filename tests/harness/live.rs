//! The real `portrea-server` and `portrea`: on a port and in directories of their own, cleaned up on drop.
//!
//! 1. [`Live`]: a server with one territory; it can be killed and started again. 2. [`binaries`]: what is run, built
//!    once a process. 3. [`web`]: people over HTTP, and the feed. 4. [`device`]: the `portrea` command with a home of
//!    its own. 5. [`socket`]: a bare websocket, for saying what no client says. 6. [`editor`]: a replica on such a
//!    socket, for load. 7. [`malice`]: what no client of good will says, in bytes. 8. [`post`]: a mail server, with
//!    [`npm`]: the packages of such programs.
//!
//! Nothing here waits for time to pass: every wait is for something that happens, and ends at [`DEADLINE`].

pub mod binaries;
pub mod device;
pub mod editor;
pub mod malice;
pub mod npm;
pub mod post;
pub mod socket;
pub mod web;

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::TerritoryId;
use serde_json::Value as Json;
use tempfile::TempDir;

use device::Device;
use web::Person;

/// The longest that anything may take, on a machine that has much else to do.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The communes that the demonstration uses, and nothing invented: 17 communes of Ille-et-Vilaine.
pub fn communes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/demo/communes.geojson")
}

/// A running server with one territory, or the place where one ran.
pub struct Live {
    home: TempDir,
    listen: SocketAddr,
    variables: Vec<(String, String)>,
    /// What the next server is started by, when somebody watches it.
    watched_by: Vec<String>,
    running: Option<(Child, JoinHandle<()>)>,
    log: Arc<Mutex<String>>,
    url: String,
    territory: TerritoryId,
    document: String,
    invitation: String,
}

impl Live {
    /// Starts a server with the demonstration's communes as its territory.
    pub fn start() -> Self {
        Self::start_with(&[], &communes(), &[])
    }

    /// Starts a server with these settings (`PORTREA_…`).
    pub fn start_set(variables: &[(&str, &str)]) -> Self {
        Self::start_with(variables, &communes(), &[])
    }

    /// Starts a server with these settings, communes and figures.
    pub fn start_with(variables: &[(&str, &str)], communes: &Path, needs: &[&Path]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut live = Self {
            home: tempfile::tempdir().expect("a directory can be made"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            variables: variables.collect(),
            watched_by: Vec::new(),
            running: None,
            log: Arc::default(),
            url: String::new(),
            territory: TerritoryId(uuid::Uuid::nil()),
            document: String::new(),
            invitation: String::new(),
        };
        live.serve().unwrap_or_else(|why| panic!("the server does not start: {why}"));
        let created = live.create("CC de Saint-Méen Montauban", communes, needs);
        let text = |key: &str| created.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        live.territory = text("territory").parse().expect("a territory's uuid");
        (live.document, live.invitation) = (text("document"), text("invitation"));
        live
    }

    /// Makes another territory on the same server; gives what the command printed.
    pub fn create(&self, name: &str, communes: &Path, needs: &[&Path]) -> Json {
        let communes = communes.to_string_lossy();
        let mut words = vec!["territory", "create", "--name", name, "--communes", &communes];
        let needs: Vec<_> = needs.iter().map(|path| path.to_string_lossy()).collect();
        for path in &needs {
            words.extend(["--needs", path]);
        }
        self.admin_json(&words)
    }

    /// The server's address, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens, whatever address people are told.
    pub fn address(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The territory.
    pub fn territory(&self) -> TerritoryId {
        self.territory
    }

    /// The territory's document, as `automerge:…`.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The référent·e's invitation that came with the territory.
    pub fn invitation(&self) -> &str {
        &self.invitation
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Everything that the server wrote on its standard error so far, over all its lives.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the server's process still lives.
    pub fn is_alive(&mut self) -> bool {
        self.running.as_mut().is_some_and(|(child, _)| child.try_wait().is_ok_and(|exit| exit.is_none()))
    }

    /// The server's process, while it runs.
    pub fn process(&self) -> Option<u32> {
        Some(self.running.as_ref()?.0.id())
    }

    /// The server's resident memory, in bytes; `None` where the system does not say it this way.
    pub fn memory(&self) -> Option<u64> {
        self.status("VmRSS:")
    }

    /// The most that [`Live::memory`] ever was.
    pub fn memory_peak(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, what: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(what))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Ends the server's process at once, as a crash or a power cut would (SIGKILL on unix).
    pub fn kill(&mut self) {
        if let Some((mut child, log)) = self.running.take() {
            // An error means that it ended by itself.
            drop(child.kill());
            child.wait().expect("a killed process ends");
            log.join().expect("the log is read to its end");
        }
    }

    /// Asks the server to stop, as its service manager would (SIGTERM), and gives how it ended.
    pub fn stop(&mut self) -> ExitStatus {
        let (mut child, log) = self.running.take().expect("the server runs");
        let told = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "the server cannot be told");
        let exit = child.wait().expect("the server ends");
        log.join().expect("the log is read to its end");
        exit
    }

    /// Starts the server again on the same port and data.
    pub fn restart(&mut self) {
        self.kill();
        let deadline = Instant::now() + DEADLINE;
        // Another process may hold the port or the directory for a moment yet; each try takes a process's time.
        while let Err(why) = self.serve() {
            assert!(Instant::now() < deadline, "the server does not start again: {why}");
        }
    }

    /// Starts the server again, and has strace write every call of these names to a file, with all bytes. The file is
    /// whole once the server was killed or stopped: strace holds its standard error open until then.
    pub fn restart_watched(&mut self, calls: &str, trace: &Path) {
        let trace = trace.to_string_lossy();
        // `-D`: the server stays our child, and strace becomes a process apart.
        let words = ["strace", "-D", "-f", "-y", "-xx", "-s", "16000000", "-e", calls, "-o", &trace];
        self.watched_by = words.map(str::to_owned).to_vec();
        self.restart();
        self.watched_by.clear();
    }

    /// Runs an administrative command; `--data` and `--json` are added.
    pub fn admin(&self, words: &[&str]) -> Output {
        self.command().args(words).arg("--json").output().expect("portrea-server runs")
    }

    /// Begins an administrative command, for whoever does something to the server meanwhile.
    pub fn begin(&self, words: &[&str]) -> JoinHandle<Output> {
        let mut command = self.command();
        command.args(words).arg("--json");
        thread::spawn(move || command.output().expect("portrea-server runs"))
    }

    /// Runs an administrative command that must do its work, and gives what it printed.
    pub fn admin_json(&self, words: &[&str]) -> Json {
        let output = self.admin(words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "portrea-server {words:?}: {}\n{told}", output.status);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("portrea-server {words:?}: {error} in {}", String::from_utf8_lossy(&output.stdout))
        })
    }

    /// Makes an invitation for any number of devices; gives its link.
    pub fn invite(&self, role: Role) -> String {
        let territory = self.territory.to_string();
        let made = self.admin_json(&["invite", "--territory", &territory, "--role", role.code()]);
        made.get("invitation").and_then(Json::as_str).expect("an invitation's link").to_owned()
    }

    /// Signs somebody in over HTTP.
    pub fn sign_in(&self, role: Role, name: &str) -> Person {
        Person::accept(&self.url, &self.invite(role), name)
    }

    /// A device of the `portrea` command that joined the territory.
    pub fn device(&self, role: Role, name: &str) -> Device {
        let device = Device::new(name);
        device.run(&["join", &self.invite(role), "--name", name]).done();
        device
    }

    /// The document as the server has it, history included.
    pub fn export(&self) -> automerge::Automerge {
        let file = self.home.path().join("export.automerge");
        let (territory, path) = (self.territory.to_string(), file.to_string_lossy());
        let words = ["export", "--territory", &territory, "--format", "automerge", "--output", &path];
        let output = self.command().args(words).output().expect("portrea-server runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = std::fs::read(&file).expect("the export was written");
        automerge::Automerge::load(&bytes).expect("the export is a document")
    }

    /// Starts the process and waits until it says where it listens.
    fn serve(&mut self) -> Result<(), String> {
        let mut child = self
            .watched(self.command())
            .args(["serve", "--json", "--listen", &self.listen.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let stderr = child.stderr.take().expect("standard error was piped");
        let log = gather(stderr, Arc::clone(&self.log));
        let stdout = child.stdout.take().expect("standard output was piped");
        let said = lines(stdout).recv_timeout(DEADLINE).unwrap_or_default();
        let said: Json = serde_json::from_str(&said).unwrap_or_default();
        let text = |key: &str| said.get(key).and_then(Json::as_str);
        let (Some(url), Some(Ok(listen))) = (text("url"), text("listen").map(str::parse)) else {
            drop(child.kill());
            let exit = child.wait();
            drop(log.join());
            return Err(format!("{exit:?}, having logged: {}", self.log()));
        };
        (self.url, self.listen, self.running) = (url.to_owned(), listen, Some((child, log)));
        Ok(())
    }

    /// The same command, started by whoever watches it.
    fn watched(&self, command: Command) -> Command {
        let Some((watcher, words)) = self.watched_by.split_first() else { return command };
        let mut watching = Command::new(watcher);
        watching.args(words).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => watching.env(name, value),
                None => watching.env_remove(name),
            };
        }
        watching
    }

    /// `portrea-server`, knowing nothing of the variables of whoever runs the tests.
    fn command(&self) -> Command {
        let mut command = binaries::command("portrea-server");
        command.env("PORTREA_DATA", self.data()).envs(self.variables.iter().cloned());
        command
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(6_000).map_or(0, |(at, _)| at);
            eprintln!("what the server logged last:\n{}", log.get(from..).unwrap_or_default());
        }
    }
}

/// The lines of a stream, which is read to its end so that the writer is never held up.
fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // Later lines interest nobody.
            drop(tell.send(line));
        }
    });
    told
}

/// Collects everything that is written.
fn gather(from: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let mut into = into.lock().unwrap_or_else(PoisonError::into_inner);
            into.push_str(&String::from_utf8_lossy(&line));
            into.push('\n');
        }
    })
}
