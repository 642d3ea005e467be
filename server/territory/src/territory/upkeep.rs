//! What is done when nothing else waits: compacting what was kept, and loading the document afresh.

use std::sync::Arc;

use super::Territory;
use crate::chunk::{Chunk, Snapshot};
use crate::io::Outcome;
use crate::past::Past;
use crate::reload::{Reload, Reloaded};

/// Loose chunks that call for a snapshot.
pub const LOOSE_CHUNKS_MAX: usize = 512;
/// Bytes of loose chunks that call for a snapshot.
pub const LOOSE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Changes merged since the document was loaded that call for loading it afresh; a large directory takes as many as
/// it has structures.
pub const MERGED_MAX: usize = 2_000;

/// What calls for upkeep. Chunks of any number are correct; how many is a matter of speed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// Loose chunks that call for a snapshot.
    pub loose_chunks_max: usize,
    /// Bytes of loose chunks that call for a snapshot.
    pub loose_bytes_max: usize,
    /// Changes merged since the document was loaded that call for loading it afresh, at the next snapshot.
    pub merged_max: usize,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self { loose_chunks_max: LOOSE_CHUNKS_MAX, loose_bytes_max: LOOSE_BYTES_MAX, merged_max: MERGED_MAX }
    }
}

impl Territory {
    /// Whether upkeep waits for no good moment any longer: under a load that never pauses there is none.
    pub(super) fn is_overdue(&self) -> bool {
        let Upkeep { loose_chunks_max, loose_bytes_max, .. } = self.limits;
        self.loose.len() >= 4 * loose_chunks_max || self.loose_bytes >= 4 * loose_bytes_max
    }

    /// Compacts what was kept, and asks for the document to be loaded afresh when it has taken many changes since.
    pub(super) fn upkeep(&mut self, outcome: &mut Outcome) {
        let limits = self.limits;
        if self.loose.len() < limits.loose_chunks_max && self.loose_bytes < limits.loose_bytes_max {
            return;
        }
        let chunk = Chunk::new(self.doc.save());
        let pushed = self.recent.pushed();
        self.saved = Some((Arc::clone(chunk.bytes()), pushed));
        let mut supersedes = std::mem::replace(&mut self.loose, vec![chunk.id()]);
        supersedes.retain(|id| *id != chunk.id());
        self.loose_bytes = 0;
        if self.merged_since_load > self.records.len().max(limits.merged_max) && !self.reloading {
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
