//! What others read and we write: files in the repository that must say what the code says.

use std::path::Path;

use ts_rs::{Config, TS};

mod odd;
mod schema;
mod wire;

/// What writes these files.
const COMMAND: &str = "PORTREA_WRITE=1 cargo test -p portrea-protocol checked_in";

/// Compares a checked-in file, by its path from the repository's root, with what it must be; or writes it.
#[expect(clippy::disallowed_methods, reason = "a test reads what is checked in, and writes it when told to")]
pub(crate) fn checked_in(path: &str, fresh: &[u8]) {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var("PORTREA_WRITE").is_ok() {
        std::fs::create_dir_all(at.parent().expect("a file stands in a folder")).expect("the folder is made");
        std::fs::write(&at, fresh).expect("the file is written");
    }
    let same = std::fs::read(&at).is_ok_and(|stored| stored == fresh);
    assert!(same, "{path} is not what the code says; to write it: {COMMAND}");
}

/// Checks a TypeScript file of the web application.
fn typescript(name: &str, body: &str) {
    let text = format!("// Generated from the Rust code, never edited: {COMMAND}\n\n{}\n", body.trim_end());
    checked_in(&format!("server/web/src/domain/generated/{name}"), text.as_bytes());
}

/// A type's declaration with its comments, a member a line.
fn declared<T: TS>(config: &Config) -> String {
    let short = |text: String| text.replace("/**\n * ", "/** ").replace("\n */\n", " */\n");
    let body = short(T::decl(config));
    let indent = |(index, line): (usize, &str)| {
        let margin = if index == 0 || line.starts_with('}') { "" } else { "  " };
        format!("{margin}{}\n", line.trim_end())
    };
    let lines: String =
        body.replace(", };", ",\n};").replace(", } & ", ",\n} & ").lines().enumerate().map(indent).collect();
    format!("{}export {lines}\n", short(T::docs().unwrap_or_default()))
}
