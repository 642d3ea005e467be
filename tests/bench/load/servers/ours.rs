//! Our own server: the release build, a real `serve` on a data directory, people signed in by invitation.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use portrea_tests::live::web::{Person, request};
use serde_json::Value as Json;

use super::{Besides, Served};
use crate::drive::Place;
use crate::fixture::{Made, Territory};
use crate::machine;
use crate::socket::Door;

/// Where there are many territories, those that nobody works on close after this long.
const CLOSED_AFTER: Duration = Duration::from_secs(2);
/// For how long an idle server is looked at.
const LOOKED_AT_FOR: Duration = Duration::from_secs(5);
/// How long a server may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Builds `portrea-server` as it is released, into the folder that the benchmark itself was built into. `SERVER` names
/// one that was built before, for comparing two versions.
pub(crate) fn program() -> Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM
        .get_or_init(|| {
            if let Some(built) = std::env::var_os("SERVER") {
                return Ok(built.into());
            }
            let here = std::env::current_exe().map_err(|error| error.to_string())?;
            // target/release/deps/load
            let target = here.ancestors().nth(3).ok_or("a benchmark stands in a target folder")?;
            let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .args(["build", "--release", "--locked", "-p", "portrea-server", "--target-dir"])
                .arg(target)
                .status()
                .map_err(|error| error.to_string())?;
            if !built.success() {
                return Err("portrea-server does not build".to_owned());
            }
            Ok(target.join("release/portrea-server"))
        })
        .clone()
}

/// Starts it on this data directory, with these settings.
pub(crate) fn start(data: &Path, settings: &[(&str, &str)], bound: bool) -> Result<Served, String> {
    let mut command = machine::on_server_core(&program()?, bound);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PORTREA_") {
            command.env_remove(name);
        }
    }
    command.env("PORTREA_DATA", data).envs(settings.iter().copied());
    command.args(["serve", "--json", "--listen", "127.0.0.1:0"]);
    Served::start(command, data)
}

/// Starts it for a row: on a copy of the fixture's data, with a token for each client of each territory; also gives
/// what was seen before anybody connected.
pub(crate) fn serve(
    made: &Made,
    scratch: &Path,
    (clients, sparing): (usize, bool),
    bound: bool,
) -> Result<(Served, Vec<Place>, Besides), String> {
    let data = scratch.join("data");
    let copied = Command::new("cp").arg("-a").arg(made.folder.join("data")).arg(&data).status();
    if !copied.is_ok_and(|status| status.success()) {
        return Err("the fixture cannot be copied".to_owned());
    }
    // With many territories those that nobody works on close soon, so that what they leave behind is seen.
    let close_ms = CLOSED_AFTER.as_millis().to_string();
    let settings = [("PORTREA_IDLE_MS", close_ms.as_str())];
    let settings = if made.territories.len() > 1 { &settings[..] } else { &[] };
    let asked = Instant::now();
    let server = start(&data, settings, bound)?;
    server.until_ready()?;
    let ready = asked.elapsed().as_secs_f64() * 1e3;
    let bare = machine::resident_bytes(server.pid()) / 1e6;
    let mut besides = Besides::from([("ready ms", ready), ("bare MB", bare)]);
    let (busy, idle): (Vec<_>, Vec<_>) =
        made.territories.iter().partition(|territory| territory.base.is_some());
    if !idle.is_empty() {
        let visiting = Instant::now();
        for territory in idle {
            let visitor = Person::accept(&server.http(), &territory.invitation, "Visiteur");
            visitor.read("/indicators");
        }
        besides.insert("visits s", visiting.elapsed().as_secs_f64());
        besides.append(&mut idleness(&server));
    }
    let each = clients / busy.len();
    let places: Result<Vec<Place>, String> =
        busy.into_iter().map(|territory| place(&server, territory, (each, sparing))).collect();
    Ok((server, places?, besides))
}

/// What the server needs when nobody is there any more: its visitors' territories are closed by then.
fn idleness(server: &Served) -> Besides {
    std::thread::park_timeout(2 * CLOSED_AFTER);
    let (cpu, since) = (machine::cpu_seconds(server.pid()), Instant::now());
    std::thread::park_timeout(LOOKED_AT_FOR);
    let cpu = (machine::cpu_seconds(server.pid()) - cpu) / since.elapsed().as_secs_f64();
    Besides::from([("idle MB", machine::resident_bytes(server.pid()) / 1e6), ("idle CPU %", cpu * 100.0)])
}

/// Signs clients in to a territory.
pub(crate) fn place(
    server: &Served,
    territory: &Territory,
    (clients, sparing): (usize, bool),
) -> Result<Place, String> {
    let base = territory.base.as_ref().map(Rc::clone).ok_or("a territory whose document is known")?;
    let people =
        (0..clients).map(|number| Person::accept(&server.http(), &territory.invitation, &name(number)).token);
    let tokens = people.collect();
    let door = Door { address: server.address, path: "/sync", document: territory.document.clone(), sparing };
    Ok(Place { door, base, tokens })
}

fn name(number: usize) -> String {
    format!("Collecte {number}")
}

impl Served {
    /// The server's address for HTTP.
    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until `/readyz` says so.
    fn until_ready(&self) -> Result<(), String> {
        let asked = Instant::now();
        while request("GET", &format!("{}/readyz", self.http()), &[], None).status != 200 {
            if asked.elapsed() > READY_WITHIN {
                return Err("the server does not become ready".to_owned());
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Runs an administrative command and gives what it printed.
    pub(crate) fn admin(&self, words: &[&str]) -> Result<Json, String> {
        let bytes = self.run(&[words, &["--json"]].concat())?;
        serde_json::from_slice(&bytes).map_err(|error| format!("portrea-server {words:?}: {error}"))
    }

    /// A territory in one of the formats of `export`.
    pub(crate) fn export(&self, territory: &str, format: &str) -> Result<Vec<u8>, String> {
        self.run(&["export", "--territory", territory, "--format", format])
    }

    fn run(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new(program()?);
        command.env("PORTREA_DATA", &self.data).args(words);
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(format!("portrea-server {words:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
