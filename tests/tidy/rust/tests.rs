//! Goal: the rules see code and nothing else. Method: small texts in which everything that misleads is present.

use super::{code, declared, functions, mentions_in, shipped};

fn named(text: &str) -> Vec<String> {
    let module = ["store".to_owned(), "memory".to_owned()];
    mentions_in(&shipped(text), &module).into_iter().map(|mention| mention.path).collect()
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = "a(\"std::fs \\\" b\"); // std::net\n/* x /* y */ z */ b('\"', r#\"c\"d\"#, b'x', \"é\"); fn f<'a>() {}";
    let blank = code(text);
    assert_eq!(blank.len(), text.len());
    for gone in ["std", "x", "z", "c", "é", "\""] {
        assert!(!blank.contains(gone), "{gone} in {blank}");
    }
    assert!(blank.contains("fn f<'a>() {}"));
}

#[test]
fn tests_do_not_ship() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { x[0]; } }\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}";
    let left = shipped(text);
    for (name, stays) in [("fn a", true), ("fn b", false), ("fn c", true), ("more", false), ("fn d", true)] {
        assert_eq!(left.contains(name), stays, "{name} in {left}");
    }
}

#[test]
fn paths_are_written_out() {
    let text = "use std::{fs, time::{self, Instant as Now}};\nuse super::sled::Engine;\nuse crate::http;\n\
                mod part;\nfn f() { fs::read(); Now::now(); time::SystemTime::now(); http::router::new();\n\
                part::go(); Engine::open(); uuid::Uuid::new_v4(); a.b::<u8>(); Vec::<u8>::new(); }";
    let found = named(text);
    for path in [
        "std::fs",
        "std::fs::read",
        "std::time",
        "std::time::Instant::now",
        "std::time::SystemTime::now",
        "crate::store::sled::Engine",
        "crate::store::sled::Engine::open",
        "crate::http::router::new",
        "crate::store::memory::part::go",
        "uuid::Uuid::new_v4",
    ] {
        assert!(found.iter().any(|it| it == path), "{path} in {found:?}");
    }
}

#[test]
fn a_mention_names_what_it_leads_through() {
    let names = |text: &str, wanted: &str| mentions_in(text, &[]).iter().any(|mention| mention.names(wanted));
    assert!(names("use tokio::sync::mpsc;", "tokio"));
    assert!(names("use std::time::*;", "std::time::Instant"));
    assert!(names("fn f() { Uuid::new_v4(); }", "Uuid::new_v4"));
    assert!(names("fn f() { uuid::Uuid::new_v4(); }", "Uuid::new_v4"));
    assert!(names("fn f() { ::sled::open(); }", "sled"));
    assert!(!names("use std::time::Duration;", "std::time::Instant"));
    assert!(!names("use crate::store::sled::Engine;", "sled"));
    assert!(!names("use tokio_util::codec;", "tokio"));
}

#[test]
fn functions_and_modules_are_found() {
    let text = "mod a;\npub mod b;\nmod c { }\nfn long<T: Into<u8>>(\n    x: T,\n) {\n    if y {\n\n    }\n}\nfn none();";
    assert_eq!(declared(text), ["a", "b"]);
    assert_eq!(functions(text), [("long".to_owned(), 4, 6), ("none".to_owned(), 11, 1)]);
}
