//! What is done when nothing else waits: compacting what was kept, and loading the document afresh.

use std::sync::Arc;

use automerge::ReadDoc;

use super::Territory;
use crate::chunk::{Chunk, Snapshot};
use crate::io::Outcome;
use crate::past::Past;
use crate::reload::{Reload, Reloaded};

/// Loose chunks that call for a snapshot of a small document.
pub const LOOSE_CHUNKS_MAX: usize = 512;
/// A large document takes a loose chunk for so many of its operations before a snapshot is called for. A snapshot costs
/// some 0.4 to 0.9 µs an operation, and nothing is merged meanwhile: this way its share of the time does not grow with
/// the document.
pub const OPERATIONS_A_CHUNK: usize = 128;
/// Bytes of loose chunks that call for a snapshot.
pub const LOOSE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Changes merged since the document was loaded that call for loading it afresh; a large directory takes as many as
/// it has structures.
pub const MERGED_MAX: usize = 2_000;

/// What calls for upkeep. Chunks of any number are correct; how many is a matter of speed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// Loose chunks that call for a snapshot of a small document.
    pub loose_chunks_max: usize,
    /// A large document takes one loose chunk for so many of its operations, if that is more.
    pub operations_a_chunk: usize,
    /// Bytes of loose chunks that call for a snapshot.
    pub loose_bytes_max: usize,
    /// Changes merged since the document was loaded that call for loading it afresh, at the next snapshot.
    pub merged_max: usize,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            loose_chunks_max: LOOSE_CHUNKS_MAX,
            operations_a_chunk: OPERATIONS_A_CHUNK,
            loose_bytes_max: LOOSE_BYTES_MAX,
            merged_max: MERGED_MAX,
        }
    }
}

impl Upkeep {
    /// Loose chunks that call for a snapshot of a document.
    pub fn loose_chunks_of(&self, doc: &impl ReadDoc) -> usize {
        let operations = usize::try_from(doc.stats().num_ops).unwrap_or(usize::MAX);
        self.loose_chunks_max.max(operations.checked_div(self.operations_a_chunk).unwrap_or_default())
    }
}

impl Territory {
    /// Whether upkeep waits for no good moment any longer: under a load that never pauses there is none.
    pub(super) fn is_overdue(&self) -> bool {
        self.calls_for_snapshots(4)
    }

    /// Whether what was kept loose calls for so many snapshots.
    fn calls_for_snapshots(&self, times: usize) -> bool {
        let limits = self.limits;
        // A document that swells waits no longer than a small one.
        let enough = |chunks: usize| {
            self.calls_for_loads() >= 2 || chunks >= times * limits.loose_chunks_of(&self.doc)
        };
        let chunks = self.loose.len();
        self.loose_bytes >= times * limits.loose_bytes_max
            || (chunks >= times * limits.loose_chunks_max && enough(chunks))
    }

    /// How often the document has taken what calls for loading it afresh, since it was.
    fn calls_for_loads(&self) -> usize {
        self.merged_since_load / (self.records.len().max(self.limits.merged_max) + 1)
    }

    /// Compacts what was kept, and asks for the document to be loaded afresh when it has taken many changes since.
    pub(super) fn upkeep(&mut self, outcome: &mut Outcome) {
        if !self.calls_for_snapshots(1) {
            return;
        }
        let chunk = Chunk::new(self.doc.save());
        let pushed = self.recent.pushed();
        self.saved = Some((Arc::clone(chunk.bytes()), pushed));
        let mut supersedes = std::mem::replace(&mut self.loose, vec![chunk.id()]);
        supersedes.retain(|id| *id != chunk.id());
        self.loose_bytes = 0;
        if self.calls_for_loads() > 0 && !self.reloading {
            self.reloading = true;
            outcome.reload = Some(Reload::new(Arc::clone(chunk.bytes()), self.actor.clone(), pushed));
        }
        outcome.snapshot = Some(Snapshot { chunk, supersedes });
    }

    /// Takes a document that was loaded afresh. If it cannot be brought to where this one is, this one goes on.
    pub(super) fn reloaded(&mut self, reloaded: Reloaded) {
        self.reloading = false;
        let since_save = self.recent.pushed().saturating_sub(reloaded.pushed);
        let Some(since) = self.recent.after(reloaded.pushed) else { return };
        if let Some(doc) = reloaded.caught_up(since, &self.doc.get_heads(), &self.actor) {
            self.doc = doc;
            // What came before it was loaded need not be told apart any more.
            self.past = Past::of(&self.doc);
            self.merged_since_load = since_save;
        }
    }
}
