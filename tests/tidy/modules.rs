//! Files that nothing includes, and modules that import each other in a circle: both are how a house decays first.

use std::collections::{BTreeMap, BTreeSet};

use crate::rust::{code, declared, mentions, module};
use crate::tree::{File, files, rust_files};
use crate::{complains, hold};

/// Modules by name, with those each of them names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Where compilation begins: `lib.rs`, `main.rs`, `src/bin/*.rs`, `build.rs` beside a `Cargo.toml`, a package's `tests/*.rs`, and what a `Cargo.toml`
/// names with `path`.
fn roots(all: &[File]) -> Vec<String> {
    let mut roots: Vec<String> = all
        .iter()
        .filter(|file| {
            let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            let of_a_package = folder == "src" || folder.ends_with("/src");
            let beside = folder.strip_suffix("/tests").map(|package| format!("{package}/src/lib.rs"));
            let tests = beside.is_some_and(|library| all.iter().any(|file| file.path == library));
            (of_a_package && (name == "lib.rs" || name == "main.rs")) || folder.ends_with("/src/bin") || tests
        })
        .map(|file| file.path.clone())
        .collect();
    let manifests = all.iter().filter_map(|file| file.path.strip_suffix("Cargo.toml"));
    roots.extend(manifests.map(|folder| format!("{folder}build.rs")));
    for manifest in all.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let named = manifest.text.lines().filter_map(|line| line.trim().strip_prefix("path = \""));
        roots.extend(named.filter_map(|rest| rest.strip_suffix('"')).map(|path| format!("{folder}{path}")));
    }
    roots
}

fn dead_files(all: &[File]) -> Vec<String> {
    let rust: BTreeMap<&str, &File> =
        all.iter().filter(|file| file.is("rs")).map(|file| (file.path.as_str(), file)).collect();
    let mut alive = BTreeSet::new();
    let mut waiting: Vec<(String, bool)> = roots(all).into_iter().map(|root| (root, true)).collect();
    while let Some((path, is_root)) = waiting.pop() {
        let Some(file) = rust.get(path.as_str()) else { continue };
        if !alive.insert(path.clone()) {
            continue;
        }
        let bare = path.trim_end_matches(".rs");
        let folder = if is_root { bare.rsplit_once('/').map_or("", |(folder, _)| folder) } else { bare };
        waiting.extend(declared(&code(&file.text)).iter().map(|name| (format!("{folder}/{name}.rs"), false)));
    }
    let dead = rust.keys().filter(|path| !alive.contains(**path));
    dead.map(|path| format!("{path}: no `mod` leads here")).collect()
}

/// The folder of the package that a file belongs to.
fn package(path: &str) -> &str {
    path.split_once("/src/").map_or("", |(package, _)| package)
}

/// For each module with children, which child names which.
fn graphs(package_files: &[&File]) -> BTreeMap<String, Graph> {
    let known: BTreeSet<Vec<String>> = package_files.iter().map(|file| module(&file.path)).collect();
    let mut graphs: BTreeMap<String, Graph> = BTreeMap::new();
    for file in package_files {
        let from = module(&file.path);
        for mention in mentions(file) {
            let Some(path) = mention.path.strip_prefix("crate::") else { continue };
            let mut to: Vec<String> = path.split("::").map(str::to_owned).collect();
            while !to.is_empty() && !known.contains(&to) {
                to.pop();
            }
            let shared = from.iter().zip(&to).take_while(|(here, there)| here == there).count();
            if let (Some(here), Some(there)) = (from.get(shared), to.get(shared)) {
                let parent = from.get(..shared).unwrap_or_default().join("::");
                graphs.entry(parent).or_default().entry(here.clone()).or_default().insert(there.clone());
            }
        }
    }
    graphs
}

/// A circle in the graph, as the names along it.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    graph.keys().find_map(|start| back_to(graph, start, start, &mut BTreeSet::new()))
}

/// A way from `here` to `start`.
fn back_to(graph: &Graph, start: &str, here: &str, seen: &mut BTreeSet<String>) -> Option<Vec<String>> {
    for next in graph.get(here)? {
        if next == start {
            return Some(vec![here.to_owned(), start.to_owned()]);
        }
        if seen.insert(next.clone())
            && let Some(mut way) = back_to(graph, start, next, seen)
        {
            way.insert(0, here.to_owned());
            return Some(way);
        }
    }
    None
}

fn circles(files: &[&File]) -> Vec<String> {
    let mut packages: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.contains("/src/") && !file.is_test()) {
        packages.entry(package(&file.path)).or_default().push(file);
    }
    let mut complaints = Vec::new();
    for (package, package_files) in packages {
        for (parent, graph) in graphs(&package_files) {
            let at = if parent.is_empty() { String::new() } else { format!(" ({parent})") };
            complaints.extend(circle(&graph).map(|way| format!("{package}{at}: {}", way.join(" → "))));
        }
    }
    complaints
}

#[test]
fn no_file_is_dead() {
    hold(&dead_files(files()), "a file that is not compiled is read, kept and believed all the same");
}

#[test]
fn no_module_imports_in_a_circle() {
    hold(&circles(&rust_files()), "modules in a circle can only be understood, tested and moved all at once");
}

#[test]
fn these_rules_can_fail() {
    let all = [
        File::new("a/Cargo.toml", "[[test]]\npath = \"tidy/main.rs\""),
        File::new("a/tidy/main.rs", "mod rule;"),
        File::new("a/tidy/rule.rs", ""),
        File::new("a/src/lib.rs", "pub mod b;\n// mod lost;"),
        File::new("a/src/b.rs", "mod c;\n#[cfg(test)]\nmod tests;"),
        File::new("a/src/b/c.rs", ""),
        File::new("a/src/b/tests.rs", ""),
        File::new("a/src/lost.rs", ""),
    ];
    assert_eq!(dead_files(&all), ["a/src/lost.rs: no `mod` leads here"]);

    let circular = [
        File::new("a/src/lib.rs", "mod b; mod c; mod d;"),
        File::new("a/src/b.rs", "use crate::c::C;"),
        File::new("a/src/c.rs", "use super::d; fn f() { d::go(); }"),
        File::new("a/src/d/e.rs", "fn f() { crate::b::go(); }"),
        File::new("a/src/d.rs", "#[cfg(test)]\nmod tests { use crate::b; }"),
    ];
    let circular: Vec<&File> = circular.iter().collect();
    assert!(complains(&circles(&circular), "b → c → d → b"));
    assert!(circles(circular.get(..3).unwrap_or_default()).is_empty());
}
