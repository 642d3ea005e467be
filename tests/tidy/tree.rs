//! The repository's files, read once. Built, fetched and generated folders are not part of the house.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Folders that are never read.
const ELSEWHERE: [&str; 7] =
    [".git", "target", "node_modules", "dist", "build", "portrea-demo", "portrea-data"];

/// Endings of files that people write.
const WRITTEN: [&str; 17] = [
    "rs", "toml", "md", "ts", "js", "mjs", "svelte", "json", "html", "css", "yml", "yaml", "sh", "Makefile",
    "run", "csv", "geojson",
];

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path from the repository's root, with `/`.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
}

impl File {
    /// A file that exists in a test only.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the file's name ends in `.ending`, or is `ending`.
    pub(crate) fn is(&self, ending: &str) -> bool {
        self.path.rsplit(['.', '/']).next() == Some(ending)
    }

    /// Whether the file only serves tests: under `tests/`, or a unit test beside its module.
    pub(crate) fn is_test(&self) -> bool {
        let inside = |folder: &str| self.path.split('/').rev().skip(1).any(|part| part == folder);
        let name = self.path.rsplit('/').next().unwrap_or_default();
        inside("tests") || name == "tests.rs" || name.contains(".test.") || name.contains(".spec.")
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests' package stands in the repository")
}

/// Every written file of the repository, in the order of paths.
pub(crate) fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut found = Vec::new();
        walk(root(), &mut found);
        found.sort();
        found.iter().filter_map(|path| read(path)).collect()
    })
}

/// Every Rust file.
pub(crate) fn rust_files() -> Vec<&'static File> {
    files().iter().filter(|file| file.is("rs")).collect()
}

/// The text of a file that must exist.
pub(crate) fn text(path: &str) -> Result<&'static str, String> {
    files()
        .iter()
        .find(|file| file.path == path)
        .map(|file| file.text.as_str())
        .ok_or_else(|| format!("{path} is missing"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the repository can be read");
    for entry in entries.map(|entry| entry.expect("the folder can be read")) {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            if !ELSEWHERE.contains(&name.as_ref()) {
                walk(&path, found);
            }
        } else if WRITTEN.contains(&name.rsplit('.').next().unwrap_or_default()) {
            found.push(path);
        }
    }
}

/// A file's text; `None` for one that is not text, or that went away while the folder was read.
fn read(path: &Path) -> Option<File> {
    let relative = path.strip_prefix(root()).expect("walked from the root");
    let path_text = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>();
    Some(File { path: path_text.join("/"), text: fs::read_to_string(path).ok()? })
}

#[test]
fn the_repository_is_read() {
    assert!(rust_files().len() > 20);
    assert!(files().iter().any(|file| file.path == "Makefile"));
    assert!(files().iter().all(|file| !file.path.starts_with("target/")));
    assert!(File::new("protocol/src/wire/codec/tests.rs", "").is_test());
    assert!(File::new("tests/harness/lib.rs", "").is_test());
    assert!(!File::new("protocol/src/wire/codec.rs", "").is_test());
}
