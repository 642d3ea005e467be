//! A thin client's mind: automerge's sync state machine as stock clients run it (`generate_sync_message`,
//! `receive_sync_message` of automerge 0.12), over the shared change graph and without a document.
//!
//! It answers what a stock client would answer to the same message: with its heads, a filter over what it has beyond
//! those in common, and the changes that the other side lacks. It never sends a whole document.

use automerge::sync::{BloomFilter, ChunkList, Have, Message, MessageFlags, MessageVersion};

use crate::graph::{Graph, Id, Known};
use crate::wire::{Sync, chunk_kind};

/// One client's knowledge, and where it stands with the server.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are automerge's own, one by one")]
pub(crate) struct Thin {
    known: Known,
    heads: Vec<Id>,
    /// Changes that came before what they build on.
    waiting: Vec<Id>,
    shared: Vec<Id>,
    last_sent: Vec<Id>,
    sent: Vec<Id>,
    in_flight: bool,
    has_responded: bool,
    theirs: Option<Theirs>,
    read_only: bool,
    /// Whether the server's last message asked for nothing, and all its heads are known here.
    calm: bool,
}

/// What the server last said. Heads are numbers of the graph; clients may not have them all.
struct Theirs {
    heads: Vec<Id>,
    need: Vec<Id>,
    have: Vec<(Vec<Id>, Option<BloomFilter>)>,
}

impl Thin {
    /// A client that has these, and knows that the server had them when they last spoke.
    pub(crate) fn new(heads: &[Id]) -> Self {
        let mut known = Known::default();
        for id in heads {
            known.insert(*id);
        }
        Self { known, heads: heads.to_vec(), shared: heads.to_vec(), ..Self::default() }
    }

    /// What it has, as heads.
    pub(crate) fn heads(&self) -> &[Id] {
        &self.heads
    }

    /// Whether the server said that it has the same.
    pub(crate) fn is_settled(&self) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| same(&theirs.heads, &self.heads))
    }

    /// How many changes were sent that the server's heads do not cover yet.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.sent.len()
    }

    /// Whether the server's last message leaves nothing to tell but one's own heads: our own clients may keep silent.
    pub(crate) fn may_be_silent(&self, graph: &Graph) -> bool {
        self.calm && self.to_send(graph).is_some_and(|due| due.is_empty())
    }

    /// Takes a change that is its own.
    pub(crate) fn make(&mut self, graph: &Graph, id: Id) {
        let mut fresh = Vec::new();
        self.apply(graph, id, &mut fresh);
    }

    /// Takes the server's message; what is new goes to `fresh`. `None` when it is about changes that nobody made here.
    pub(crate) fn receive(&mut self, graph: &Graph, bytes: &[u8], fresh: &mut Vec<Id>) -> Option<()> {
        let message = Sync::read(bytes)?;
        let ids = |hashes: &[u8]| hashes.chunks_exact(32).map(|hash| graph.find(hash)).collect::<Option<_>>();
        let heads: Vec<Id> = ids(message.heads)?;
        self.in_flight = false;
        self.read_only = message.read_only;
        let before = self.heads.clone();
        for chunk in &message.chunks {
            if chunk_kind(chunk) == 0 {
                // A whole document has everything up to the heads that come with it.
                graph.ancestors(&heads).into_iter().for_each(|id| self.apply(graph, id, fresh));
            } else if !graph.was_before(chunk) {
                self.apply(graph, graph.of_chunk(chunk)?, fresh);
            }
        }
        if !message.chunks.is_empty() {
            let kept = |id: &Id| if before.contains(id) { self.shared.contains(id) } else { true };
            self.shared = self.heads.iter().copied().filter(kept).collect();
        }
        let known: Vec<Id> = heads.iter().copied().filter(|id| self.known.has(*id)).collect();
        if !self.sent.is_empty() {
            let lacking = graph.beyond(&self.heads, &known);
            self.sent.retain(|id| lacking.contains(id));
        }
        if message.chunks.is_empty() && same(&heads, &before) {
            self.last_sent.clone_from(&heads);
        }
        self.calm = known.len() == heads.len() && message.asks_nothing();
        if known.len() == heads.len() {
            self.shared = known;
            if heads.is_empty() {
                (self.last_sent, self.sent) = (Vec::new(), Vec::new());
            }
        } else {
            let more: Vec<Id> = known.into_iter().filter(|id| !self.shared.contains(id)).collect();
            self.shared.extend(more);
        }
        let have = message.have.iter().map(|(last_sync, filter)| {
            let filter = if filter.is_empty() { None } else { Some(BloomFilter::try_from(*filter).ok()?) };
            Some((ids(last_sync)?, filter))
        });
        let need = message.need.chunks_exact(32).filter_map(|hash| graph.find(hash)).collect();
        self.theirs = Some(Theirs { heads, need, have: have.collect::<Option<_>>()? });
        Some(())
    }

    /// The message that is due, if one is.
    pub(crate) fn generate(&mut self, graph: &Graph) -> Option<Vec<u8>> {
        let need = self.missing(graph);
        let their_heads = self.theirs.as_ref().map_or(&[][..], |theirs| &theirs.heads);
        let have = if need.iter().all(|id| their_heads.contains(id)) {
            let since = graph.hashes(&graph.beyond(&self.heads, &self.shared));
            vec![Have {
                last_sync: graph.hashes(&self.shared),
                bloom: BloomFilter::from_hashes(since.iter()),
            }]
        } else {
            Vec::new()
        };
        let Some(to_send) = self.to_send(graph) else {
            return Some(self.message(graph, &[], vec![Have::default()], &[]));
        };
        let is_equal = self.is_settled();
        if same(&self.last_sent, &self.heads)
            && self.has_responded
            && (self.in_flight || (is_equal && to_send.is_empty()))
        {
            return None;
        }
        self.has_responded = true;
        self.last_sent.clone_from(&self.heads);
        self.sent.extend(&to_send);
        self.in_flight = true;
        Some(self.message(graph, &need, have, &to_send))
    }

    fn message(&self, graph: &Graph, need: &[Id], have: Vec<Have>, send: &[Id]) -> Vec<u8> {
        let chunks: Vec<Vec<u8>> = send.iter().map(|id| graph.node(*id).bytes.to_vec()).collect();
        let mut flags = MessageFlags::new();
        flags.set(MessageFlags::SUPPORTS_SYNC_RESET);
        Message {
            heads: graph.hashes(&self.heads),
            need: graph.hashes(need),
            have,
            changes: ChunkList::from(chunks),
            flags: Some(flags),
            version: MessageVersion::V1,
        }
        .encode()
    }

    /// What the server lacks and was not sent; `None` when it speaks of what is not known here.
    fn to_send(&self, graph: &Graph) -> Option<Vec<Id>> {
        let Some(theirs) = self.theirs.as_ref().filter(|_| !self.read_only) else { return Some(Vec::new()) };
        if theirs.have.first().is_some_and(|(last_sync, _)| !last_sync.iter().all(|id| self.known.has(*id))) {
            return None;
        }
        let mut send: Vec<Id> = theirs.need.iter().copied().filter(|id| self.known.has(*id)).collect();
        if !theirs.have.is_empty() {
            let known =
                |ids: &Vec<Id>| ids.iter().copied().filter(|id| self.known.has(*id)).collect::<Vec<_>>();
            let last_sync: Vec<Id> = theirs.have.iter().flat_map(|(ids, _)| known(ids)).collect();
            let mut lacking: Vec<Id> = Vec::new();
            for id in graph.beyond(&self.heads, &last_sync) {
                let node = graph.node(id);
                let passes = |filter: &Option<BloomFilter>| {
                    !filter.as_ref().is_some_and(|filter| filter.contains_hash(&node.hash))
                };
                // What builds on something that is sent is sent too: the filter was wrong about it.
                if theirs.have.iter().all(|(_, filter)| passes(filter))
                    || node.deps.iter().any(|dep| lacking.contains(dep))
                {
                    lacking.push(id);
                }
            }
            send.retain(|id| !lacking.contains(id));
            send.extend(lacking);
        }
        send.retain(|id| !self.sent.contains(id) && !graph.node(*id).bytes.is_empty());
        Some(send)
    }

    /// What is missing to reach the server's heads.
    fn missing(&self, graph: &Graph) -> Vec<Id> {
        let mut found = Vec::new();
        let mut looked_at: Vec<Id> = self.theirs.iter().flat_map(|theirs| theirs.heads.clone()).collect();
        while let Some(id) = looked_at.pop() {
            if self.waiting.contains(&id) {
                looked_at.extend(&graph.node(id).deps);
            } else if !self.known.has(id) && !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    fn apply(&mut self, graph: &Graph, id: Id, fresh: &mut Vec<Id>) {
        if self.known.has(id) || self.waiting.contains(&id) {
            return;
        }
        if !self.take(graph, id, fresh) {
            self.waiting.push(id);
            return;
        }
        while let Some(at) = self.waiting.iter().position(|id| self.is_ready(graph, *id)) {
            let next = self.waiting.swap_remove(at);
            self.take(graph, next, fresh);
        }
    }

    fn is_ready(&self, graph: &Graph, id: Id) -> bool {
        graph.node(id).deps.iter().all(|dep| self.known.has(*dep))
    }

    fn take(&mut self, graph: &Graph, id: Id, fresh: &mut Vec<Id>) -> bool {
        if !self.is_ready(graph, id) {
            return false;
        }
        let deps = &graph.node(id).deps;
        self.heads.retain(|head| !deps.contains(head));
        self.heads.push(id);
        self.known.insert(id);
        fresh.push(id);
        true
    }
}

/// Whether two lists hold the same heads, in whatever order.
fn same(one: &[Id], other: &[Id]) -> bool {
    one.len() == other.len() && one.iter().all(|id| other.contains(id))
}
