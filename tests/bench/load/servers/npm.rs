//! The npm peers: installed by the benchmark itself, automerge-repo as a server, Hocuspocus as a server, and the Yjs
//! twin of the driver.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::{Served, rust};
use crate::drive::{CUT_OFF, Gauge, Load, Outcome, Place, WINDOW};
use crate::fixture::Made;
use crate::machine;
use crate::times::Times;

/// Where the peers stand.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peers")
}

/// Installs the pinned packages, unless that was done since the lock was written.
pub(crate) fn install() -> Result<(), String> {
    let folder = folder();
    let written = |name: &str| folder.join(name).metadata().and_then(|about| about.modified()).ok();
    if written("node_modules/.package-lock.json") >= written("package-lock.json") {
        return Ok(());
    }
    println!("installing npm packages in {}", folder.display());
    // `install` and not `ci`, as in the Makefile: it follows a lock whose optional packages a registry lacks.
    let words = ["install", "--no-save", "--no-audit", "--no-fund", "--silent"];
    let ran = Command::new("npm").args(words).current_dir(&folder).status();
    match ran {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("npm install: {status}")),
        Err(error) => Err(format!("npm is needed for the peers: {error}")),
    }
}

/// What is pinned, as `name version`.
pub(crate) fn pinned() -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("package.json")).expect("the peers' package.json");
    let all: Json = serde_json::from_str(&text).expect("JSON");
    let packages = all["dependencies"].as_object().expect("dependencies");
    packages
        .iter()
        .map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()))
        .collect()
}

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(folder().join(script));
    command
}

fn on_server_core(script: &str, bound: bool) -> Command {
    let mut command = machine::on_server_core(Path::new("node"), bound);
    command.arg(folder().join(script));
    command
}

/// Starts automerge-repo for a row.
pub(crate) fn automerge_repo(
    made: &Made,
    scratch: &Path,
    bound: bool,
) -> Result<(Served, Vec<Place>), String> {
    let data = scratch.join("automerge-repo");
    std::fs::create_dir_all(&data).map_err(|error| error.to_string())?;
    let mut command = on_server_core("automerge-repo.mjs", bound);
    command.arg(made.document()).arg(&data);
    let server = Served::start(command, &data)?;
    let place = rust::place(&server, made)?;
    Ok((server, vec![place]))
}

/// Starts Hocuspocus for a row, keeping its document in a file or not at all.
pub(crate) fn hocuspocus(made: &Made, scratch: &Path, keeps: bool, bound: bool) -> Result<Served, String> {
    let state = state(made);
    if !state.exists() {
        let edits = made.fixture.edits.to_string();
        let ran = node("yjs-document.mjs").arg(made.folder.join("base.json")).arg(edits).arg(&state).status();
        if !ran.is_ok_and(|status| status.success()) {
            return Err("the document cannot be made for Yjs".to_owned());
        }
    }
    let mut command = on_server_core("hocuspocus.mjs", bound);
    command.arg(state);
    if keeps {
        command.arg(scratch.join("document.yjs"));
    }
    Served::start(command, &scratch.join("hocuspocus"))
}

/// The document as a Yjs update.
fn state(made: &Made) -> PathBuf {
    made.folder.join("base.yjs")
}

/// Plays a load on Hocuspocus by the driver's twin; `meter` makes the gauge of its process.
pub(crate) fn play<G: Gauge>(
    server: &Served,
    made: &Made,
    load: Load,
    meter: impl FnOnce(u32) -> G,
) -> Result<(Outcome, G), String> {
    let load = match load {
        Load::Steady { clients, seconds } => {
            json!({ "kind": "steady", "clients": clients, "seconds": seconds })
        }
        Load::Burst { clients, edits } => json!({ "kind": "burst", "clients": clients, "edits": edits }),
        Load::Storm { clients, edits } => json!({ "kind": "storm", "clients": clients, "edits": edits }),
        Load::Cold { clients } => json!({ "kind": "cold", "clients": clients }),
        Load::Walk { .. } | Load::Besieged { .. } => return Err("not a load for others".to_owned()),
    };
    let cut_off = u64::try_from(CUT_OFF.as_millis()).expect("seconds");
    let words = json!({ "port": server.address.port(), "state": state(made), "load": load, "window": WINDOW, "cutOffMs": cut_off });
    let mut driver = node("yjs-driver.mjs")
        .arg(words.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("node: {error}"))?;
    let gauge = meter(driver.id());
    let out = BufReader::new(driver.stdout.take().expect("standard output was piped"));
    let mut outcome = Err("the driver said nothing at its end".to_owned());
    for line in out.lines().map_while(Result::ok) {
        let said: Json = serde_json::from_str(&line).unwrap_or_default();
        match said["event"].as_str() {
            Some("begin") => gauge.begin(),
            Some("end") => {
                gauge.end();
                outcome = read(&said);
                break;
            }
            _ => {}
        }
    }
    // It ends by itself, having said its last; an error means that it has.
    drop(driver.kill());
    drop(driver.wait());
    outcome.map(|outcome| (outcome, gauge))
}

fn read(said: &Json) -> Result<Outcome, String> {
    let number = |key: &str| said[key].as_u64().ok_or(format!("the driver does not say {key}"));
    let mut times = Times::default();
    for pair in said["times"].as_array().into_iter().flatten() {
        times.add(pair[0].as_u64().unwrap_or_default(), pair[1].as_u64().unwrap_or_default());
    }
    let failures = said["failures"].as_array().into_iter().flatten().map(ToString::to_string).collect();
    Ok(Outcome {
        times,
        expected: number("expected")?,
        complete: number("complete")?,
        seconds: said["seconds"].as_f64().unwrap_or(CUT_OFF.as_secs_f64()),
        bytes: Some(number("bytes")?).filter(|bytes| *bytes > 0),
        minutes: Vec::new(),
        frames: (number("heard")?, number("sent")?),
        sparing: 0,
        failures,
    })
}
