//! The change graph, shared by all thin clients of one document: every change of a row is made here, so a client that
//! is sent one has to look no further than its checksum.
//!
//! Changes are numbered in the order of their making, which is after all they build on: a number says who can be whose
//! ancestor, and a walk goes from high numbers to low ones. What the document held before the row began is one node
//! for each of its heads.

use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;
use std::time::Instant;

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

/// A change's number.
pub(crate) type Id = u32;

/// What clients know of a change.
pub(crate) struct Node {
    /// Its hash.
    pub(crate) hash: ChangeHash,
    /// What it builds on.
    pub(crate) deps: Vec<Id>,
    /// The highest number of an operation in it and before it.
    pub(crate) max_op: u64,
    /// Its chunk; nothing for what the document held before.
    pub(crate) bytes: Rc<[u8]>,
    /// When it was made.
    pub(crate) made: Instant,
    /// How many clients have it, its maker aside.
    pub(crate) seen: u32,
}

/// All changes of a row on one document.
#[derive(Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    by_hash: HashMap<[u8; 8], Id>,
    by_checksum: HashMap<[u8; 4], Vec<Id>>,
    /// Of what the document held before.
    before: Rc<BTreeSet<[u8; 4]>>,
}

impl Graph {
    /// A document with these heads, whose operations are numbered up to `max_op`, and the checksums of its changes.
    pub(crate) fn new(heads: &[ChangeHash], max_op: u64, before: Rc<BTreeSet<[u8; 4]>>) -> Self {
        let mut graph = Self { before, ..Self::default() };
        for head in heads {
            graph.add(*head, Vec::new(), max_op, Rc::from([]));
        }
        graph
    }

    /// Takes a change in.
    pub(crate) fn add(&mut self, hash: ChangeHash, deps: Vec<Id>, max_op: u64, bytes: Rc<[u8]>) -> Id {
        let id = Id::try_from(self.nodes.len()).expect("fewer changes than that");
        self.by_hash.insert(hash.0[..8].try_into().unwrap(), id);
        self.by_checksum.entry(hash.0[..4].try_into().unwrap()).or_default().push(id);
        self.nodes.push(Node { hash, deps, max_op, bytes, made: Instant::now(), seen: 0 });
        id
    }

    /// A change.
    pub(crate) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// A change, to be counted.
    pub(crate) fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    /// Counts all changes as made now: offline edits are seen from the moment that their makers are back.
    pub(crate) fn made_now(&mut self) {
        let now = Instant::now();
        self.nodes.iter_mut().for_each(|node| node.made = now);
    }

    /// The change of a hash.
    pub(crate) fn find(&self, hash: &[u8]) -> Option<Id> {
        self.by_hash.get(&hash[..8]).copied()
    }

    /// The change of a chunk, by its checksum: the first bytes of its hash, also where the chunk is compressed.
    pub(crate) fn of_chunk(&self, chunk: &[u8]) -> Option<Id> {
        match self.by_checksum.get(chunk.get(4..8)?)?.as_slice() {
            [only] => Some(*only),
            several => {
                let hash = Sha256::digest(&chunk[8..]);
                several.iter().copied().find(|id| self.node(*id).hash.0 == *hash)
            }
        }
    }

    /// Whether the document held a chunk's change before: everybody has it, and servers may send it again, for clients
    /// name only the heads of what was before. Where a change of the row has the same checksum it is that one: with
    /// 170,000 changes before, one in 25,000 has.
    pub(crate) fn was_before(&self, chunk: &[u8]) -> bool {
        let before = |sum: &[u8; 4]| self.before.contains(sum) && !self.by_checksum.contains_key(sum);
        chunk.get(4..8).and_then(<[u8]>::first_chunk).is_some_and(before)
    }

    /// The hashes of changes, ascending.
    pub(crate) fn hashes(&self, ids: &[Id]) -> Vec<ChangeHash> {
        let mut hashes: Vec<ChangeHash> = ids.iter().map(|id| self.node(*id).hash).collect();
        hashes.sort_unstable();
        hashes
    }

    /// What `heads` have and `frontier` does not, lowest number first. Both must be known to the asker.
    pub(crate) fn beyond(&self, heads: &[Id], frontier: &[Id]) -> Vec<Id> {
        if heads.iter().all(|head| frontier.contains(head)) {
            return Vec::new();
        }
        let mut waiting: BinaryHeap<(Id, bool)> = heads.iter().map(|id| (*id, false)).collect();
        waiting.extend(frontier.iter().map(|id| (*id, true)));
        let mut ours_left = heads.len();
        let mut found = Vec::new();
        while ours_left > 0 {
            // Of equal numbers `true` comes first: what the frontier has is not ours alone.
            let Some((id, mut theirs)) = waiting.pop() else { break };
            ours_left -= usize::from(!theirs);
            while let Some((_, also)) = waiting.peek().copied().filter(|(next, _)| *next == id) {
                waiting.pop();
                ours_left -= usize::from(!also);
                theirs |= also;
            }
            if !theirs {
                found.push(id);
            }
            for dep in &self.node(id).deps {
                waiting.push((*dep, theirs));
                ours_left += usize::from(!theirs);
            }
        }
        found.reverse();
        found
    }

    /// Every change up to these.
    pub(crate) fn ancestors(&self, heads: &[Id]) -> Vec<Id> {
        self.beyond(heads, &[])
    }
}

/// A set of changes.
#[derive(Default, Clone)]
pub(crate) struct Known(Vec<u64>);

impl Known {
    /// Whether it is in.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    /// Puts it in.
    pub(crate) fn insert(&mut self, id: Id) {
        let word = id as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (id % 64);
    }
}
