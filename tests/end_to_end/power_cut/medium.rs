//! A disk after a power cut: what was flushed is there, and of what was not, whatever chance left.
//!
//! The kernel writes out pages when it likes, so each sector of a file is as it was after some of the writes since the
//! file's last flush: none, all, or any number in between, and each sector stops at another one. A file is as long as
//! what it has. Names in a directory come and go in order, and stop anywhere since the directory's last flush. A flush
//! covers what ended before it began, and counts once it ended. `sync_file_range` promises nothing, so it is not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portrea_tests::seed::Seed;

use super::trace::Call;
use super::tree::Tree;

/// What is left of unflushed writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left {
    /// Nothing.
    Nothing,
    /// All of them.
    Everything,
    /// Sectors of this size, each until one of its writes is lost; so many percent are.
    Sectors { bytes: usize, lost: u64 },
}

/// A write that is not flushed, and the line at which it ended. Without bytes it sets the file's length.
#[derive(Debug)]
struct Write {
    at: usize,
    bytes: Option<Vec<u8>>,
    ended: usize,
}

#[derive(Debug, Default)]
struct Node {
    flushed: Vec<u8>,
    waiting: Vec<Write>,
}

#[derive(Debug)]
enum Naming {
    Given(String, usize),
    Taken(String),
    Moved(String, String, usize),
    Directory(String),
}

#[derive(Debug)]
struct Medium {
    root: String,
    directories: BTreeSet<String>,
    nodes: Vec<Node>,
    /// Names as programs see them, as they are flushed, and what happened between.
    names: BTreeMap<String, usize>,
    flushed: BTreeMap<String, usize>,
    flushed_directories: BTreeSet<String>,
    waiting: Vec<(Naming, usize)>,
    /// Where the next write without a place goes; at the end where there is nothing.
    cursors: BTreeMap<String, usize>,
}

/// The tree that a power cut before a line of the trace leaves of another one.
pub(super) fn cut(
    before: &Tree,
    root: &Path,
    calls: &[Call],
    line: usize,
    left: Left,
    seed: &mut Seed,
) -> Tree {
    let mut medium = Medium::new(before, root);
    for call in calls.iter().filter(|call| call.ended < line) {
        medium.take(call);
    }
    // Under way when the power went: they may have done something, but nobody flushed it.
    for call in
        calls.iter().filter(|call| call.began < line && call.ended >= line && !call.name.ends_with("sync"))
    {
        medium.take(call);
    }
    medium.left(left, seed)
}

impl Medium {
    fn new(tree: &Tree, root: &Path) -> Self {
        let mut names = BTreeMap::new();
        let mut nodes = Vec::new();
        for (path, bytes) in &tree.files {
            names.insert(path.clone(), nodes.len());
            nodes.push(Node { flushed: bytes.clone(), waiting: Vec::new() });
        }
        Self {
            root: root.to_string_lossy().into_owned(),
            directories: tree.directories.clone(),
            nodes,
            flushed: names.clone(),
            names,
            flushed_directories: tree.directories.clone(),
            waiting: Vec::new(),
            cursors: BTreeMap::new(),
        }
    }

    fn is_ours(&self, path: &str) -> bool {
        path.strip_prefix(&self.root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn take(&mut self, call: &Call) {
        if call.failed() {
            return;
        }
        let file = call.file.trim_end_matches(" (deleted)").to_owned();
        let ours = self.is_ours(&file);
        match call.name.as_str() {
            "write" | "writev" if ours => self.write(&file, None, call),
            "pwrite64" | "pwritev" if ours => self.write(&file, call.last_number(), call),
            "ftruncate" if ours => self.resize(&file, call.last_number(), call.ended),
            "fsync" | "fdatasync" if ours => self.flush(&file, call.began),
            "fallocate" | "sendmsg" if ours => panic!("a call that this model does not know: {}", call.text),
            "openat" | "creat" => self.open(call),
            "rename" | "renameat" | "renameat2" | "unlink" | "unlinkat" | "mkdir" | "mkdirat" => {
                self.name(call);
            }
            _ => {}
        }
    }

    fn open(&mut self, call: &Call) {
        let Some(path) = call.paths().into_iter().next().filter(|path| self.is_ours(path)) else { return };
        if call.text.contains("O_CREAT") && !self.names.contains_key(&path) {
            self.names.insert(path.clone(), self.nodes.len());
            self.waiting.push((Naming::Given(path.clone(), self.nodes.len()), call.ended));
            self.nodes.push(Node::default());
        }
        if call.text.contains("O_APPEND") {
            self.cursors.remove(&path);
        } else if !call.text.contains("O_RDONLY") {
            self.cursors.insert(path.clone(), 0);
        }
        if call.text.contains("O_TRUNC") {
            self.resize(&path, Some(0), call.ended);
        }
    }

    fn name(&mut self, call: &Call) {
        let paths: Vec<String> = call.paths().into_iter().filter(|path| self.is_ours(path)).collect();
        let naming = match (call.name.as_str(), paths.as_slice()) {
            ("mkdir" | "mkdirat", [path]) => {
                self.directories.insert(path.clone());
                Naming::Directory(path.clone())
            }
            ("unlink" | "unlinkat", [path]) => match self.names.remove(path) {
                Some(_) => Naming::Taken(path.clone()),
                None => return,
            },
            // Sockets are moved too, and are nothing that stays.
            (_, [from, to]) => match self.names.remove(from) {
                Some(node) => {
                    self.names.insert(to.clone(), node);
                    Naming::Moved(from.clone(), to.clone(), node)
                }
                None => return,
            },
            _ => return,
        };
        self.waiting.push((naming, call.ended));
    }

    fn write(&mut self, file: &str, at: Option<u64>, call: &Call) {
        let Some(node) = self.names.get(file).and_then(|node| self.nodes.get_mut(*node)) else { return };
        let bytes = call.bytes();
        let at = match (at, self.cursors.get_mut(file)) {
            (Some(at), _) => usize::try_from(at).unwrap(),
            (None, Some(cursor)) => std::mem::replace(cursor, *cursor + bytes.len()),
            (None, None) => node.length(),
        };
        node.waiting.push(Write { at, bytes: Some(bytes), ended: call.ended });
    }

    fn resize(&mut self, file: &str, length: Option<u64>, ended: usize) {
        let Some(node) = self.names.get(file).and_then(|node| self.nodes.get_mut(*node)) else { return };
        let at = usize::try_from(length.expect("a length")).unwrap();
        node.waiting.push(Write { at, bytes: None, ended });
    }

    /// A flush that began at this line ended well.
    fn flush(&mut self, file: &str, began: usize) {
        if let Some(node) = self.names.get(file).and_then(|node| self.nodes.get_mut(*node)) {
            let waiting = std::mem::take(&mut node.waiting);
            let (covered, waiting): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|write| write.ended < began);
            for write in &covered {
                write.apply(&mut node.flushed);
            }
            node.waiting = waiting;
        }
        if file == self.root || self.directories.contains(file) {
            let waiting = std::mem::take(&mut self.waiting);
            let (covered, waiting): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(naming, ended)| naming.directory() == file && *ended < began);
            for (naming, _) in covered {
                self.settle(naming);
            }
            self.waiting = waiting;
        }
    }

    fn settle(&mut self, naming: Naming) {
        match naming {
            Naming::Given(path, node) => drop(self.flushed.insert(path, node)),
            Naming::Taken(path) => drop(self.flushed.remove(&path)),
            Naming::Moved(from, to, node) => {
                self.flushed.remove(&from);
                self.flushed.insert(to, node);
            }
            Naming::Directory(path) => drop(self.flushed_directories.insert(path)),
        }
    }

    fn left(mut self, left: Left, seed: &mut Seed) -> Tree {
        let waiting = std::mem::take(&mut self.waiting);
        let settled = match left {
            Left::Nothing => 0,
            Left::Everything => waiting.len(),
            Left::Sectors { .. } => usize::try_from(seed.between(0, waiting.len() as u64)).unwrap(),
        };
        for (naming, _) in waiting.into_iter().take(settled) {
            self.settle(naming);
        }
        let files = self.flushed.iter();
        let files = files.map(|(path, node)| (path.clone(), self.nodes[*node].left(left, seed))).collect();
        Tree { directories: self.flushed_directories, files }
    }
}

impl Naming {
    /// The directory whose flush makes it stay.
    fn directory(&self) -> &str {
        let (Self::Given(path, _) | Self::Taken(path) | Self::Moved(_, path, _) | Self::Directory(path)) =
            self;
        path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

impl Write {
    fn apply(&self, to: &mut Vec<u8>) {
        match &self.bytes {
            Some(bytes) => put(to, self.at, bytes),
            None => to.resize(self.at, 0),
        }
    }
}

fn put(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if to.len() < end {
        to.resize(end, 0);
    }
    to[at..end].copy_from_slice(bytes);
}

impl Node {
    /// How long programs see it.
    fn length(&self) -> usize {
        self.waiting.iter().fold(self.flushed.len(), |length, write| match &write.bytes {
            Some(bytes) => length.max(write.at + bytes.len()),
            None => write.at,
        })
    }

    fn left(&self, left: Left, seed: &mut Seed) -> Vec<u8> {
        let mut all = self.flushed.clone();
        let (size, lost) = match left {
            Left::Nothing => return all,
            Left::Everything => {
                for write in &self.waiting {
                    write.apply(&mut all);
                }
                return all;
            }
            Left::Sectors { bytes, lost } => (bytes, lost),
        };
        let mut stopped = BTreeSet::new();
        for write in &self.waiting {
            let Some(bytes) = &write.bytes else {
                // A length that did not come stays away, or it would cut off what came later.
                if seed.chance(100 - lost) {
                    all.resize(write.at, 0);
                }
                continue;
            };
            let (mut at, end) = (write.at, write.at + bytes.len());
            while at < end {
                let sector = at / size;
                let next = end.min((sector + 1) * size);
                if !stopped.contains(&sector) && seed.chance(lost) {
                    stopped.insert(sector);
                }
                if !stopped.contains(&sector) {
                    put(&mut all, at, &bytes[at - write.at..next - write.at]);
                }
                at = next;
            }
        }
        all
    }
}
