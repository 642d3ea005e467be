//! What the minds pull in: no runtime, no socket, no disk, by any way round.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value as Json;

use crate::{complains, hold, tree};

/// The minds' packages.
const MINDS: [&str; 3] = ["portrea-protocol", "portrea-indicators", "portrea-territory"];

/// Packages that are a runtime, a socket, a disk or a log. `getrandom` is not here: automerge draws on it, and the
/// lints see to it that we do not.
const WORLDLY: [&str; 26] = [
    "async-io",
    "async-std",
    "axum",
    "fjall",
    "fs2",
    "hyper",
    "memmap2",
    "metrics",
    "mio",
    "notify",
    "polling",
    "redb",
    "reqwest",
    "rusqlite",
    "rustls",
    "samod",
    "sled",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tokio-tungstenite",
    "tokio-util",
    "tracing-subscriber",
    "tungstenite",
    "ureq",
];

/// What cargo knows about the workspace on this platform. Offline first: a build has fetched what it needs.
fn metadata() -> Json {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let run = |arguments: &[&str]| {
        Command::new(&cargo).args(arguments).current_dir(tree::root()).output().expect("cargo can be started")
    };
    let version = String::from_utf8(run(&["-vV"]).stdout).expect("cargo writes UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo knows its host");
    let ask = ["metadata", "--format-version", "1", "--filter-platform", host];
    let mut answer = run(&[&ask[..], &["--offline"]].concat());
    if !answer.status.success() {
        answer = run(&ask);
    }
    assert!(answer.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).expect("cargo writes JSON")
}

/// Every package that ships with `package`, with the one through which it came.
fn pulled_in(metadata: &Json, package: &str) -> BTreeMap<String, String> {
    let names: BTreeMap<&str, &str> = list(metadata, "packages")
        .iter()
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let called = |id: &str| names.get(id).copied().unwrap_or_default();
    let nodes = metadata.get("resolve").map(|resolve| list(resolve, "nodes")).unwrap_or_default();
    let ships = |dep: &&Json| list(dep, "dep_kinds").iter().any(|kind| text(kind, "kind") != "dev");
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = names.keys().copied().filter(|id| called(id) == package).collect();
    while let Some(id) = waiting.pop() {
        let own = nodes.iter().filter(|node| text(node, "id") == id);
        for dep in own.flat_map(|node| list(node, "deps")).filter(ships).map(|dep| text(dep, "pkg")) {
            if seen.insert(dep) {
                found.insert(called(dep).to_owned(), called(id).to_owned());
                waiting.push(dep);
            }
        }
    }
    found
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn rule(metadata: &Json, package: &str) -> Vec<String> {
    let pulled_in = pulled_in(metadata, package);
    if pulled_in.is_empty() {
        return vec![format!("cargo knows no dependencies of {package}")];
    }
    let worldly = pulled_in.iter().filter(|(name, _)| WORLDLY.contains(&name.as_str()));
    worldly.map(|(name, by)| format!("{package} pulls in {name}, through {by}")).collect()
}

#[test]
fn minds_pull_in_no_runtime_socket_or_disk() {
    let metadata = metadata();
    let complaints: Vec<String> = MINDS.iter().flat_map(|mind| rule(&metadata, mind)).collect();
    hold(
        &complaints,
        "the wall between minds and hands is their Cargo.toml, and a dependency can have a door in it",
    );
}

#[test]
fn this_rule_can_fail() {
    let metadata = serde_json::json!({
        "packages": [
            {"id": "m", "name": "mind"}, {"id": "a", "name": "innocent"},
            {"id": "t", "name": "tokio"}, {"id": "s", "name": "sled"},
        ],
        "resolve": {"nodes": [
            {"id": "m", "deps": [
                {"pkg": "a", "dep_kinds": [{"kind": null}]},
                {"pkg": "s", "dep_kinds": [{"kind": "dev"}]},
            ]},
            {"id": "a", "deps": [{"pkg": "t", "dep_kinds": [{"kind": null}]}]},
        ]},
    });
    let complaints = rule(&metadata, "mind");
    assert!(complains(&complaints, "tokio, through innocent"));
    assert!(!complains(&complaints, "sled"));
    assert!(complains(&rule(&metadata, "nobody"), "nobody"));
}
