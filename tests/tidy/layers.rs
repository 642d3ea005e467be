//! Who may name what. Arrows point down: the face and the hands know the minds, the minds know only each other.

use crate::rust::mentions;
use crate::tree::{File, rust_files};
use crate::{complains, hold};

const CLOCK: &str = "time is handed in, so that a day with sixty devices runs in milliseconds from a seed";
const CHANCE: &str = "randomness is handed in, so that a failing run can be run again";
const ORDER: &str = "the order of a hash map is randomness; use BTreeMap or BTreeSet";
const WORLD: &str = "a mind decides and returns what is to be done; hands do it";
const UP: &str = "arrows point down only; move what is shared to the floor below";

/// A part of the house and what it may not name.
struct Layer {
    /// How people call it.
    who: &'static str,
    /// Where it stands: beginnings of paths.
    stands: &'static [&'static str],
    /// Paths it may not name, with the reason.
    must_not: &'static [(&'static str, &'static str)],
}

const LAYERS: &[Layer] = &[
    Layer {
        who: "a mind",
        stands: &[
            "protocol/src/",
            "server/indicators/src/",
            "server/territory/src/",
            "client-core/src/replica",
            "client-core/src/link",
            "client-core/src/status",
        ],
        must_not: &[
            ("tokio", WORLD),
            ("futures_util", WORLD),
            ("async_std", WORLD),
            ("std::fs", WORLD),
            ("std::net", WORLD),
            ("std::process", WORLD),
            ("std::env", WORLD),
            ("std::thread", WORLD),
            ("tracing", "a mind's outcome says what happened; hands log it"),
            ("std::time::SystemTime", CLOCK),
            ("std::time::Instant", CLOCK),
            ("time::OffsetDateTime::now_utc", CLOCK),
            ("OffsetDateTime::now_utc", CLOCK),
            ("rand", CHANCE),
            ("getrandom", CHANCE),
            ("Uuid::new_v4", CHANCE),
            ("Uuid::now_v7", CHANCE),
            ("ActorId::random", CHANCE),
            ("std::collections::HashMap", ORDER),
            ("std::collections::HashSet", ORDER),
            ("std::hash::RandomState", ORDER),
        ],
    },
    Layer {
        who: "the protocol",
        stands: &["protocol/src/"],
        must_not: &[
            ("portrea_indicators", UP),
            ("portrea_territory", UP),
            ("portrea_server", UP),
            ("portrea_client_core", UP),
        ],
    },
    Layer {
        who: "the indicators",
        stands: &["server/indicators/src/"],
        must_not: &[
            ("automerge", "indicators count plain records; how a document keeps them is not their concern"),
            ("portrea_territory", UP),
            ("portrea_server", UP),
            ("portrea_client_core", UP),
        ],
    },
    Layer {
        who: "the territory",
        stands: &["server/territory/src/"],
        must_not: &[("portrea_server", UP), ("portrea_client_core", UP)],
    },
    Layer {
        who: "a device",
        stands: &["client-core/src/"],
        must_not: &[
            ("portrea_server", "a device meets the server on the wire and nowhere else"),
            ("portrea_territory", "a device meets the server on the wire and nowhere else"),
            ("portrea_indicators", "a device asks the server for figures"),
        ],
    },
    Layer {
        who: "the server",
        stands: &["server/src/"],
        must_not: &[("portrea_client_core", "the server meets devices on the wire and nowhere else")],
    },
    Layer {
        who: "the store",
        stands: &["server/src/store"],
        must_not: &[
            ("crate::http", UP),
            ("crate::session", UP),
            ("crate::keeper", UP),
            ("crate::registry", UP),
            ("axum", "a store keeps bytes; what asked for them is above it"),
        ],
    },
];

/// The hands' readers of time and randomness.
const CLOCKS: &[&str] = &["server/src/clock.rs", "client-core/src/device/clock.rs"];
/// Where documents are made and loaded.
const DOCUMENT: &[&str] = &["protocol/src/schema/document.rs"];

/// Things that few files may name, and why.
const ALONE: &[(&str, &[&str], &str)] = &[
    ("sled", &["server/src/store/sled.rs"], "so that another engine is another file and not a rewrite"),
    ("Automerge::load", DOCUMENT, "loaded elsewhere it is not spread, and edits in order take gigabytes"),
    ("Automerge::new_with_encoding", DOCUMENT, "documents are made with the actor that is handed in"),
    ("SystemTime::now", CLOCKS, "one place to look when a clock is wrong, one place to fake it"),
    ("getrandom", CLOCKS, "secrets come from one place"),
    ("Uuid::new_v4", &[], "identifiers are made by the clock's uuid, in the order of creation"),
    ("Uuid::now_v7", &[], "identifiers are made by the clock's uuid"),
    ("ActorId::random", &[], "an actor is handed in, or authorship is lost"),
];

/// The engines of the store: they do not know each other.
const ENGINES: &str = "server/src/store/";

fn layer_rule(layer: &Layer, files: &[&File]) -> Vec<String> {
    let stands =
        |file: &&&File| layer.stands.iter().any(|place| file.path.starts_with(place)) && !file.is_test();
    let mut complaints = Vec::new();
    for file in files.iter().filter(stands) {
        for mention in mentions(file) {
            if let Some((what, why)) = layer.must_not.iter().find(|(what, _)| mention.names(what)) {
                complaints.push(format!("{}:{}: {} names {what}: {why}", file.path, mention.line, layer.who));
            }
        }
    }
    complaints
}

/// A place where nothing stands any more guards nothing.
fn places_rule(layer: &Layer, files: &[&File]) -> Vec<String> {
    let empty = |place: &&&str| !files.iter().any(|file| file.path.starts_with(**place));
    layer
        .stands
        .iter()
        .filter(empty)
        .map(|place| format!("{}: nothing stands at {place}", layer.who))
        .collect()
}

fn alone_rule(files: &[&File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        for mention in mentions(file) {
            let taken = ALONE
                .iter()
                .find(|(what, homes, _)| mention.names(what) && !homes.contains(&file.path.as_str()));
            if let Some((what, homes, why)) = taken {
                let homes = if homes.is_empty() { "nobody".to_owned() } else { homes.join(" and ") };
                complaints.push(format!("{}:{}: {what} is for {homes}: {why}", file.path, mention.line));
            }
        }
    }
    complaints
}

fn engines_rule(files: &[&File]) -> Vec<String> {
    let engine = |file: &File| -> Option<String> {
        let name = file.path.strip_prefix(ENGINES)?.split(['/', '.']).next()?;
        Some(name.to_owned())
    };
    let engines: Vec<String> = files.iter().filter_map(|file| engine(file)).collect();
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let Some(own) = engine(file) else { continue };
        for mention in mentions(file) {
            let other = engines
                .iter()
                .filter(|other| **other != own)
                .find(|other| mention.path.starts_with(&format!("crate::store::{other}::")));
            if let Some(other) = other {
                complaints.push(format!("{}:{}: the engine {own} names {other}", file.path, mention.line));
            }
        }
    }
    complaints
}

#[test]
fn arrows_point_down() {
    let complaints: Vec<String> = LAYERS.iter().flat_map(|layer| layer_rule(layer, &rust_files())).collect();
    hold(
        &complaints,
        "a pure middle is worth its price only while nothing leaks into it (docs/architecture.md)",
    );
}

#[test]
fn every_layer_stands_somewhere() {
    let complaints: Vec<String> = LAYERS.iter().flat_map(|layer| places_rule(layer, &rust_files())).collect();
    hold(&complaints, "a rule for a folder that moved away passes for ever; name the new place in LAYERS");
}

#[test]
fn some_things_are_named_in_one_place() {
    hold(&alone_rule(&rust_files()), "what one file knows can be replaced by writing one file");
}

#[test]
fn engines_do_not_know_each_other() {
    hold(&engines_rule(&rust_files()), "an engine that leans on another cannot be removed alone");
}

#[test]
fn these_rules_can_fail() {
    let bad = |path: &str, text: &str| {
        let file = File::new(path, text);
        let files = [&file];
        let by_layer = LAYERS.iter().flat_map(|layer| layer_rule(layer, &files));
        by_layer.chain(alone_rule(&files)).collect::<Vec<_>>()
    };
    for (path, text, what) in [
        ("protocol/src/a.rs", "use std::{fs, io};", "std::fs"),
        ("protocol/src/a.rs", "use portrea_territory::chunk;", "portrea_territory"),
        ("server/territory/src/a.rs", "fn f() { tokio::spawn(g()); }", "tokio"),
        ("server/territory/src/a.rs", "use std::time; fn f() { time::Instant::now(); }", "Instant"),
        ("server/territory/src/a.rs", "use std::collections::{BTreeMap, HashMap};", "HashMap"),
        ("server/indicators/src/a.rs", "use automerge::ObjId;", "automerge"),
        ("client-core/src/link/a.rs", "fn f() { uuid::Uuid::new_v4(); }", "new_v4"),
        ("client-core/src/device.rs", "use portrea_server::store;", "portrea_server"),
        ("server/src/keeper.rs", "fn f() { sled::open(); }", "sled"),
        ("server/src/keeper.rs", "use automerge::Automerge; fn f() { Automerge::load(b); }", "load"),
        ("server/src/store/memory.rs", "use crate::session::Session;", "session"),
        ("server/src/keeper.rs", "use std::time::SystemTime; fn f() { SystemTime::now(); }", "SystemTime"),
        ("server/src/keeper.rs", "fn f() { uuid::Uuid::now_v7(); }", "for nobody"),
    ] {
        assert!(complains(&bad(path, text), what), "{path}: {text}");
    }
    for (path, text) in [
        ("protocol/src/a.rs", "// std::fs\n#[cfg(test)]\nmod tests { use std::fs; }"),
        ("protocol/src/a/tests.rs", "use std::fs;"),
        ("client-core/src/device.rs", "use tokio::net::TcpStream;"),
        ("server/src/store.rs", "pub mod sled; fn f() { sled::Engine::open(); }"),
        ("server/src/main.rs", "use portrea_server::store::sled; fn f() { sled::Engine::open(); }"),
    ] {
        assert_eq!(bad(path, text), Vec::<String>::new(), "{path}: {text}");
    }
    let sled = File::new("server/src/store/sled.rs", "use super::memory::Memory;");
    let memory = File::new("server/src/store/memory.rs", "use super::StoreError;");
    assert_eq!(engines_rule(&[&sled, &memory]).len(), 1);
    assert_eq!(LAYERS.iter().flat_map(|layer| places_rule(layer, &[&sled])).count(), 10);
}
