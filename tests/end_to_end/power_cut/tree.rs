//! A directory held in memory, to be put back as often as needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files and the directories that name them, by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    pub(super) directories: BTreeSet<String>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// What stands in a directory now.
    pub(super) fn read(root: &Path) -> Self {
        let mut tree = Self::default();
        tree.gather(root);
        tree
    }

    fn gather(&mut self, dir: &Path) {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let (kind, path) = (entry.file_type().unwrap(), entry.path());
            let name = path.to_string_lossy().into_owned();
            if kind.is_dir() {
                self.directories.insert(name);
                self.gather(&path);
            } else if kind.is_file() {
                self.files.insert(name, fs::read(&path).unwrap());
            }
        }
    }

    /// Makes the directory this tree.
    pub(super) fn write(&self, root: &Path) {
        fs::remove_dir_all(root).unwrap();
        fs::create_dir(root).unwrap();
        for directory in &self.directories {
            fs::create_dir_all(directory).unwrap();
        }
        for (path, bytes) in &self.files {
            // A file whose directory was not flushed is lost with it.
            if Path::new(path).parent().is_some_and(Path::exists) {
                fs::write(path, bytes).unwrap();
            }
        }
    }
}
