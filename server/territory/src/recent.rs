//! The latest changes, as they came, for peers that come back.
//!
//! automerge keeps no bytes of a change: it puts each together again from its columns, for each peer anew. A device that
//! was away for an hour lacks what others wrote meanwhile, and so do two hundred that were away together; what they
//! lack is found here, and is already encoded.

use std::collections::{BTreeSet, VecDeque};

use automerge::ChangeHash;
use automerge::sync::Have;

/// The most changes that are remembered.
const CHANGES_MAX: usize = 4_096;
/// The most bytes that they may have together.
const BYTES_MAX: usize = 1024 * 1024;

/// The document's latest changes, in an order in which they can be applied.
#[derive(Debug)]
pub struct Recent {
    /// The heads of the document without them.
    base: BTreeSet<ChangeHash>,
    changes: VecDeque<Remembered>,
    bytes: usize,
    /// How many were forgotten.
    forgotten: usize,
}

#[derive(Debug)]
struct Remembered {
    hash: ChangeHash,
    deps: Vec<ChangeHash>,
    bytes: Vec<u8>,
}

impl Recent {
    /// Nothing new since the document had these heads.
    pub fn since(heads: &[ChangeHash]) -> Self {
        Self { base: heads.iter().copied().collect(), changes: VecDeque::new(), bytes: 0, forgotten: 0 }
    }

    /// A change was applied; these are what it builds on and its bytes.
    pub fn push(&mut self, hash: ChangeHash, deps: Vec<ChangeHash>, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        self.changes.push_back(Remembered { hash, deps, bytes });
        while self.changes.len() > CHANGES_MAX || self.bytes > BYTES_MAX {
            let Some(Remembered { hash, deps, bytes }) = self.changes.pop_front() else { break };
            self.bytes -= bytes.len();
            self.forgotten += 1;
            for dep in deps {
                self.base.remove(&dep);
            }
            self.base.insert(hash);
        }
    }

    /// How many changes were ever pushed.
    pub fn pushed(&self) -> usize {
        self.forgotten + self.changes.len()
    }

    /// Those that came after the first `pushed`; `None` when some of them are forgotten.
    pub fn after(&self, pushed: usize) -> Option<impl ExactSizeIterator<Item = &Vec<u8>>> {
        let skipped = pushed.checked_sub(self.forgotten)?;
        (skipped <= self.changes.len()).then(|| self.changes.range(skipped..).map(|change| &change.bytes))
    }

    /// One of them.
    pub fn get(&self, hash: ChangeHash) -> Option<&Vec<u8>> {
        self.changes.iter().rev().find(|change| change.hash == hash).map(|change| &change.bytes)
    }

    /// What a peer lacks that says what it has, as automerge's sync protocol finds it: what neither comes before its
    /// `last_sync` nor is in its filter, and what builds on that. `None` when it may lack older changes as well.
    ///
    /// A filter is wrong about one change in a hundred. The peer then finds that something is missing, and asks.
    pub fn lacking(&self, have: &Have) -> Option<Vec<Vec<u8>>> {
        let mut had: BTreeSet<ChangeHash> = have.last_sync.iter().copied().collect();
        if !had.is_empty() {
            for change in self.changes.iter().rev() {
                if had.contains(&change.hash) {
                    had.extend(&change.deps);
                }
            }
        }
        // Whoever has a change has what it builds on.
        if !self.base.iter().all(|hash| had.contains(hash) || have.bloom.contains_hash(hash)) {
            return None;
        }
        let mut lacking = BTreeSet::new();
        let lacks = |change: &&Remembered| {
            let lacks = !had.contains(&change.hash)
                && (!have.bloom.contains_hash(&change.hash)
                    || change.deps.iter().any(|dep| lacking.contains(dep)));
            if lacks {
                lacking.insert(change.hash);
            }
            lacks
        };
        Some(self.changes.iter().filter(lacks).map(|change| change.bytes.clone()).collect())
    }
}

#[cfg(test)]
mod tests;
