//! Sizes and introductions: a file is a page to be read, and says first what it is.

use crate::rust::{functions, shipped};
use crate::tree::{File, files};
use crate::{complains, hold};

/// The most lines that a file may have, its tests aside.
const FILE_LINES_MAX: usize = 500;
/// The most lines of code that a function may have: a screen.
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of a file without its inline tests, which grow as they please.
fn lines(file: &File) -> usize {
    let all = file.text.lines().count();
    if !file.is("rs") {
        return all;
    }
    let tests = file.text.find("#[cfg(test)]\nmod tests {");
    tests.map_or(all, |at| file.text.get(..at).unwrap_or_default().lines().count())
}

fn long_files(files: &[&File]) -> Vec<String> {
    let written = |file: &&&File| (file.is("rs") || file.is("ts") || file.is("svelte")) && !file.is_test();
    let sizes = files.iter().filter(written).map(|file| (file, lines(file)));
    sizes
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(file, n)| format!("{}: {n} lines", file.path))
        .collect()
}

fn long_functions(files: &[&File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.is("rs") && !file.is_test()) {
        let long = functions(&shipped(&file.text)).into_iter().filter(|(_, _, n)| *n > FUNCTION_LINES_MAX);
        complaints.extend(long.map(|(name, line, n)| format!("{}:{line}: {name} has {n} lines", file.path)));
    }
    complaints
}

fn without_introduction(files: &[&File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is("rs") && !file.is_test());
    rust.filter(|file| !file.text.starts_with("//! ")).map(|file| file.path.clone()).collect()
}

/// `foo.rs` beside `foo/`, never `foo/mod.rs`, and no name that hides the noun.
fn misnamed(files: &[&File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is("rs"));
    let hiding = |file: &&&File| {
        let name = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        ["mod", "util", "utils", "helper", "helpers", "manager", "common", "misc"].contains(&name)
    };
    rust.filter(hiding).map(|file| file.path.clone()).collect()
}

fn all() -> Vec<&'static File> {
    files().iter().collect()
}

#[test]
fn files_are_pages() {
    hold(
        &long_files(&all()),
        "above 500 lines a file holds two thoughts; find the seam and give each its name",
    );
}

#[test]
fn functions_fit_a_screen() {
    hold(
        &long_functions(&all()),
        "what does not fit a screen is not read; the parent branches, the leaves compute",
    );
}

#[test]
fn files_introduce_themselves() {
    hold(
        &without_introduction(&all()),
        "begin with `//! `: what it is, what it is not, which invariant it keeps",
    );
}

#[test]
fn files_are_named_after_what_they_hold() {
    hold(
        &misnamed(&all()),
        "files are foo.rs and foo/; Utils and Manager are where things go to be forgotten",
    );
}

#[test]
fn these_rules_can_fail() {
    let long = File::new("a/src/long.rs", &"fn f() {}\n".repeat(501));
    let tested = File::new(
        "a/src/t.rs",
        &format!("{}#[cfg(test)]\nmod tests {{{}}}", "\n".repeat(400), "\n".repeat(200)),
    );
    let page = File::new("a/src/Page.svelte", &"\n".repeat(501));
    assert_eq!(long_files(&[&long, &tested, &page]).len(), 2);

    let body = "    go();\n".repeat(70);
    let function = File::new("a/src/f.rs", &format!("fn f() {{\n{body}}}\nfn g() {{ /*\n\n\n*/ }}\n"));
    assert!(complains(&long_functions(&[&function]), "f.rs:1: f has 72 lines"));
    assert_eq!(long_functions(&[&function]).len(), 1);

    let bare = File::new("a/src/bare.rs", "use std::fmt;\n");
    let introduced = File::new("a/src/good.rs", "//! Good.\n");
    assert_eq!(without_introduction(&[&bare, &introduced]), ["a/src/bare.rs"]);
    assert_eq!(misnamed(&[&File::new("a/src/b/mod.rs", ""), &introduced]), ["a/src/b/mod.rs"]);
}
