//! What people wrote never reaches the log: names, phones and mails of helpers are personal data, and a log outlives
//! every erasure. The rule reads each call of a logging macro; tests of the server prove it on real lines.

use crate::rust::code;
use crate::tree::{File, rust_files};
use crate::{complains, hold};

/// The macros that log.
const MACROS: [&str; 12] = [
    "error",
    "warn",
    "info",
    "debug",
    "trace",
    "event",
    "error_span",
    "warn_span",
    "info_span",
    "debug_span",
    "trace_span",
    "span",
];

/// Words that stand for what people wrote, for secrets, or for something that holds either.
const PRIVATE: [&str; 38] = [
    "name",
    "display_name",
    "phone",
    "email",
    "mail",
    "address",
    "summary",
    "description",
    "notes",
    "note",
    "text",
    "value",
    "values",
    "before",
    "after",
    "fields",
    "record",
    "structure",
    "service",
    "helper",
    "edit",
    "edits",
    "outcome",
    "output",
    "input",
    "batch",
    "event",
    "frame",
    "body",
    "payload",
    "headers",
    "cookie",
    "token",
    "secret",
    "ticket",
    "password",
    "query",
    "uri",
];

/// The last part of a word that gives it away: `session_token`.
const PRIVATE_ENDINGS: [&str; 5] = ["_token", "_secret", "_phone", "_email", "_password"];

fn rule(files: &[&File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let code = code(&file.text);
        for (at, arguments) in calls(&code) {
            let line = code.get(..at).unwrap_or_default().matches('\n').count() + 1;
            let written = file.text.get(at..at + arguments.len()).unwrap_or_default();
            let say = |what: String| format!("{}:{line}: {what}", file.path);
            complaints.extend(private(arguments).map(|word| say(format!("logs `{word}`"))));
            if written.contains(['{', '}']) {
                complaints.push(say("the phrase is not constant; put values in fields".to_owned()));
            }
        }
        for (index, line) in code.lines().enumerate() {
            let instrument = line.trim_start().starts_with("#[") && line.contains("instrument");
            if instrument && !line.contains("instrument(skip_all") {
                complaints.push(format!(
                    "{}:{}: `instrument` without `skip_all` first",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    complaints
}

/// Calls of logging macros: where their arguments begin, and the arguments without literals.
fn calls(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("!(") {
        let (before, rest) = code.split_at(at);
        let name = before.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
        if MACROS.contains(&name.unwrap_or_default()) {
            let inside = rest.get(2..).unwrap_or_default();
            found.push((at + 2, inside.get(..closing(inside)).unwrap_or(inside)));
        }
    }
    found
}

/// Where the parenthesis that is open at the beginning closes.
fn closing(inside: &str) -> usize {
    let mut depth = 1_usize;
    for (at, letter) in inside.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    inside.len()
}

/// Words among the arguments that stand for something private; a length or a count of it is not.
fn private(arguments: &str) -> impl Iterator<Item = &str> {
    let mut rest = arguments;
    std::iter::from_fn(move || {
        let start = rest.find(|letter: char| letter.is_alphabetic() || letter == '_')?;
        let word = rest.get(start..).unwrap_or_default();
        let end = word.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        rest = after;
        Some((word, after))
    })
    .filter(|(word, _)| PRIVATE.contains(word) || PRIVATE_ENDINGS.iter().any(|ending| word.ends_with(ending)))
    .filter(|(_, after)| {
        !after.starts_with(".len()") && !after.starts_with(".id") && !after.starts_with("::")
    })
    .map(|(word, _)| word)
}

#[test]
fn records_are_never_logged() {
    hold(
        &rule(&rust_files()),
        "log identifiers, counts, codes and durations, each in its field beside a constant \
         phrase; what people wrote, and secrets, stay out, for a log outlives every erasure",
    );
}

#[test]
fn this_rule_can_fail() {
    let check = |text: &str| rule(&[&File::new("server/src/a.rs", text)]);
    for (text, what) in [
        ("fn f() { tracing::info!(name = %x, \"joined\"); }", "`name`"),
        ("fn f() { warn!(%email, \"refused\"); }", "`email`"),
        ("fn f() { debug!(\n  id = 1,\n  what = ?record.fields, \"merged\"); }", "a.rs:1: logs `record`"),
        ("fn f() { error!(session_token, \"bad\"); }", "`session_token`"),
        ("fn f() { info_span!(\"session\", peer = %headers.get(0)); }", "`headers`"),
        ("fn f() { info!(\"joined: {who}\"); }", "not constant"),
        ("#[tracing::instrument]\n#[instrument(skip(x))]\nfn f() {}", "skip_all"),
    ] {
        assert!(complains(&check(text), what), "{text}");
    }
    for text in [
        "fn f() { tracing::info!(%territory, changes = batch.len(), \"name kept\"); }",
        "fn f() { info!(peer = %session.peer, bytes = frame.len(), ms, \"merged\"); }",
        "fn f() { println!(\"{name}\"); }",
        "#[instrument(skip_all, fields(id))]\nfn f() {}",
    ] {
        assert_eq!(check(text), Vec::<String>::new(), "{text}");
    }
}
