//! What may not be left lying about: markers of unfinished work, sleeping tests, and the paths of one machine.
//!
//! The words sought are put together here, so that this file does not hold them itself.

use crate::rust::code;
use crate::tree::{File, files, root};
use crate::{complains, hold};

/// Unfinished work, wherever it is written.
const MARKERS: [&str; 7] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("#[ig", "nore"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("TO", "DO"),
    concat!("HA", "CK:"),
];

/// Beginnings of paths that exist on somebody's machine only.
const HOMES: [&str; 3] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

fn markers(files: &[&File]) -> Vec<String> {
    find(
        files,
        |_| true,
        |line| MARKERS.iter().find(|marker| as_a_word(line, marker)).map(|it| (*it).to_owned()),
    )
}

fn machine_paths(files: &[&File], checkout: &str) -> Vec<String> {
    let telling = checkout.matches('/').count() > 1;
    let named = |line: &str| {
        let home = HOMES.iter().find(|home| path_begins(line, home)).map(|it| (*it).to_owned());
        home.or_else(|| (telling && line.contains(checkout)).then(|| "the path of this checkout".to_owned()))
    };
    find(files, |_| true, named)
}

fn pinned_hosts(files: &[&File]) -> Vec<String> {
    let resolved = concat!("\"resolved\"", ": \"http");
    let lock = |file: &File| file.path.ends_with("package-lock.json");
    find(files, lock, |line| line.contains(resolved).then(|| "a host".to_owned()))
}

fn sleeps(files: &[&File]) -> Vec<String> {
    let sleep = concat!("sle", "ep(");
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| ["rs", "ts", "js", "mjs"].iter().any(|ending| file.is(ending))) {
        let code = code(&file.text);
        let first = if file.is_test() { Some(0) } else { code.find("#[cfg(test)]") };
        let Some(first) = first else { continue };
        for (at, _) in code.match_indices(sleep).filter(|(at, _)| *at >= first) {
            let before = code.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let line = code.get(..at).unwrap_or_default().lines().count().max(1);
            complaints.push(format!("{}:{line}: a test waits for time to pass", file.path));
        }
    }
    complaints
}

/// Complains about each line of the wanted files in which something is found.
fn find(
    files: &[&File],
    wanted: impl Fn(&File) -> bool,
    found: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| wanted(file)) {
        for (index, line) in file.text.lines().enumerate() {
            complaints.extend(found(line).map(|what| format!("{}:{}: {what}", file.path, index + 1)));
        }
    }
    complaints
}

fn as_a_word(line: &str, word: &str) -> bool {
    let letter = |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || it == '_');
    line.match_indices(word).any(|(at, _)| {
        let (before, rest) = line.split_at(at);
        let after = rest.strip_prefix(word).unwrap_or_default();
        let open_end = word.ends_with(|last: char| !last.is_alphanumeric());
        !letter(before.chars().next_back()) && (open_end || !letter(after.chars().next()))
    })
}

/// Whether a path begins here: not in the middle of another one, nor in a URL.
fn path_begins(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || "-_.}/".contains(letter))
    })
}

fn all() -> Vec<&'static File> {
    files().iter().collect()
}

#[test]
fn nothing_is_left_unfinished() {
    hold(&markers(&all()), "finish it, or write an issue; a test asserts today's wrong answer and says so");
}

#[test]
fn nothing_names_one_machine() {
    let checkout = root().to_string_lossy();
    hold(&machine_paths(&all(), &checkout), "it does not exist elsewhere, and it tells whose machine it was");
}

#[test]
fn locks_name_no_host() {
    hold(
        &pinned_hosts(&all()),
        "a lock that names a host cannot be installed from a mirror; write it with the npm \
         setting omit-lockfile-registry-resolved=true",
    );
}

#[test]
fn tests_do_not_sleep() {
    hold(
        &sleeps(&all()),
        "a test that sleeps is slow when it passes and wrong when it fails; wait for the event",
    );
}

#[test]
fn these_rules_can_fail() {
    let bad = |text: &str| [File::new("a/src/b.rs", text), File::new("a/tests/package-lock.json", text)];
    for marker in MARKERS {
        let files = bad(&format!("// before\n{marker}\n"));
        assert!(complains(&markers(&files.iter().collect::<Vec<_>>()), "b.rs:2"), "{marker}");
    }
    let good = bad(concat!("m", "XX", "X and ", "to", "do and TO", "DOS"));
    assert_eq!(markers(&good.iter().collect::<Vec<_>>()), Vec::<String>::new());

    for path in [format!("open(\"{}me/x\")", HOMES[0]), "cd /srv/there/house/src".to_owned()] {
        assert_eq!(
            machine_paths(&bad(&path).iter().collect::<Vec<_>>(), "/srv/there/house").len(),
            2,
            "{path}"
        );
    }
    let relative = format!("x{}y and $HOME/z", HOMES[0]);
    assert!(machine_paths(&bad(&relative).iter().collect::<Vec<_>>(), "/app").is_empty());

    let lock = bad(concat!("\"resolved\"", ": \"https://registry.example/a.tgz\""));
    assert_eq!(pinned_hosts(&lock.iter().collect::<Vec<_>>()).len(), 1);

    let nap = concat!("fn f() { tokio::time::sle", "ep(d).await }");
    let naps = [
        File::new("a/src/b.rs", nap),
        File::new("a/src/c.rs", &format!("{nap}\n#[cfg(test)]\nmod tests {{ {nap} }}")),
        File::new("a/src/d/tests.rs", nap),
        File::new("tests/interop/e.mjs", concat!("await sle", "ep(5)")),
    ];
    let naps: Vec<&File> = naps.iter().collect();
    assert_eq!(sleeps(&naps).len(), 3);
}
