//! Our own server: the release build, a real `serve` on a data directory, people signed in by invitation.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::OnceLock;

use portrea_tests::live::web::Person;
use serde_json::Value as Json;

use super::Served;
use crate::drive::Place;
use crate::fixture::{Made, Territory};
use crate::machine;
use crate::socket::Door;

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

/// Starts it for a row: on a copy of the fixture's data, with a token for each client of each territory.
pub(crate) fn serve(
    made: &Made,
    scratch: &Path,
    clients: usize,
    bound: bool,
) -> Result<(Served, Vec<Place>), String> {
    let data = scratch.join("data");
    let copied = Command::new("cp").arg("-a").arg(made.folder.join("data")).arg(&data).status();
    if !copied.is_ok_and(|status| status.success()) {
        return Err("the fixture cannot be copied".to_owned());
    }
    // With many territories those that nobody works on close soon, so that what they leave behind is seen.
    let settings: &[(&str, &str)] =
        if made.territories.len() > 1 { &[("PORTREA_IDLE_MS", "2000")] } else { &[] };
    let server = start(&data, settings, bound)?;
    let (busy, idle): (Vec<_>, Vec<_>) =
        made.territories.iter().partition(|territory| territory.base.is_some());
    for territory in idle {
        let visitor = Person::accept(&server.http(), &territory.invitation, "Visiteur");
        visitor.read("/indicators");
    }
    let each = clients / busy.len();
    let places: Result<Vec<Place>, String> =
        busy.into_iter().map(|territory| place(&server, territory, each)).collect();
    Ok((server, places?))
}

/// Signs clients in to a territory.
pub(crate) fn place(server: &Served, territory: &Territory, clients: usize) -> Result<Place, String> {
    let base = territory.base.as_ref().map(Rc::clone).ok_or("a territory whose document is known")?;
    let people =
        (0..clients).map(|number| Person::accept(&server.http(), &territory.invitation, &name(number)).token);
    let tokens = people.collect();
    let door = Door { address: server.address, path: "/sync", document: territory.document.clone() };
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
