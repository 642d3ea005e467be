//! What is done when nothing else waits: compacting what was kept, and giving back what edits hold for nothing.

use std::sync::Arc;

use automerge::ReadDoc;
use portrea_protocol::schema::document;

use super::Territory;
use crate::chunk::Snapshot;
use crate::io::Outcome;
use crate::past::Past;
use crate::saving::{Saved, Saving};

/// Loose chunks that call for a snapshot of a small document.
pub const LOOSE_CHUNKS_MAX: usize = 512;
/// A large document takes a loose chunk for so many of its operations before a snapshot is called for. To copy it for
/// that takes some 0.2 µs an operation, and nothing is merged meanwhile: this way its share of the time does not grow
/// with the document.
pub const OPERATIONS_A_CHUNK: usize = 128;
/// Bytes of loose chunks that call for a snapshot.
pub const LOOSE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Changes after which the document is renewed at the next snapshot: what came before is not told apart any more, and
/// where some came in large pieces it is loaded afresh. A large directory takes as many as it has structures.
pub const MERGED_MAX: usize = 2_000;

/// Chunks that a snapshot supersedes are removed so many at a time, batch by batch: hundreds at once would hold up
/// everybody who waits for the disk.
pub const REMOVED_AT_ONCE: usize = 64;

/// What calls for upkeep. Chunks of any number are correct; how many is a matter of speed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// Loose chunks that call for a snapshot of a small document.
    pub loose_chunks_max: usize,
    /// A large document takes one loose chunk for so many of its operations, if that is more.
    pub operations_a_chunk: usize,
    /// Bytes of loose chunks that call for a snapshot.
    pub loose_bytes_max: usize,
    /// Changes merged since the document was renewed that call for renewing it, at the next snapshot.
    pub merged_max: usize,
    /// The longest change, in bytes, that leaves the document's values spread well enough. A longer one counts as
    /// `merged_max` more of them.
    pub piece_max: usize,
    /// Chunks that are removed at once when a snapshot supersedes them.
    pub removed_at_once: usize,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            loose_chunks_max: LOOSE_CHUNKS_MAX,
            operations_a_chunk: OPERATIONS_A_CHUNK,
            loose_bytes_max: LOOSE_BYTES_MAX,
            merged_max: MERGED_MAX,
            piece_max: document::PIECE_MAX,
            removed_at_once: REMOVED_AT_ONCE,
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

/// What is being saved: so many of the loose chunks, the first, with so many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Underway {
    chunks: usize,
    bytes: usize,
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
        let swells = self.in_pieces && self.calls_for_renewals() >= 2;
        let enough = |chunks: usize| swells || chunks >= times * limits.loose_chunks_of(&self.doc);
        let chunks = self.loose.len();
        self.loose_bytes >= times * limits.loose_bytes_max
            || (chunks >= times * limits.loose_chunks_max && enough(chunks))
    }

    /// How often the document has taken what calls for renewing it, since it was.
    fn calls_for_renewals(&self) -> usize {
        self.merged_since_renewal / (self.records.len().max(self.limits.merged_max) + 1)
    }

    /// A change of so many bytes was merged.
    pub(super) fn grew(&mut self, bytes: usize) {
        // What came in one piece lies in one piece of memory. An edit cuts it, and its first part keeps the room of all.
        let whole = bytes > self.limits.piece_max;
        let weight = if whole { self.limits.merged_max } else { 0 };
        self.in_pieces |= whole;
        self.merged_since_renewal = self.merged_since_renewal.saturating_add(1).saturating_add(weight);
    }

    /// Asks for the document to be saved, and goes on with a copy of it; if it took many changes since it was renewed,
    /// it is so now.
    pub(super) fn upkeep(&mut self, outcome: &mut Outcome) {
        if self.underway.is_some() || !self.calls_for_snapshots(1) {
            return;
        }
        let copy = self.doc.clone();
        let doc = std::mem::replace(&mut self.doc, copy);
        let renews = self.calls_for_renewals() > 0;
        if renews && !self.in_pieces {
            self.renewed();
        }
        self.underway = Some(Underway { chunks: self.loose.len(), bytes: self.loose_bytes });
        let loads = renews && self.in_pieces;
        outcome.saving = Some(Saving::new(doc, self.actor.clone(), loads, self.recent.pushed()));
    }

    /// Takes what the document was saved as: it replaces the chunks that are in it. If it was loaded afresh and can be
    /// brought to where the one at hand is, that is the document from now on.
    pub(super) fn saved(&mut self, saved: Saved) {
        if !saved.is_of(&self.actor) {
            return;
        }
        let Some(Underway { chunks, bytes }) = self.underway.take() else { return };
        let chunk = saved.chunk().clone();
        let mut supersedes = self.superseded.take().map(|rest| rest.supersedes).unwrap_or_default();
        supersedes.extend(self.loose.splice(..chunks.min(self.loose.len()), [chunk.id()]));
        supersedes.retain(|id| *id != chunk.id());
        self.loose_bytes = self.loose_bytes.saturating_sub(bytes);
        let pushed = saved.pushed();
        if self.saved.as_ref().is_none_or(|(_, known)| *known < pushed) {
            self.saved = Some((Arc::clone(chunk.bytes()), pushed));
        }
        self.superseded = Some(Snapshot { chunk, supersedes });
        let Some(since) = self.recent.after(pushed) else { return };
        let since: Vec<Vec<u8>> = since.cloned().collect();
        if let Some(doc) = saved.caught_up(&since, &self.doc.get_heads()) {
            self.doc = doc;
            self.renewed();
            for bytes in since {
                self.grew(bytes.len());
            }
        }
    }

    /// The latest snapshot with the next part of what it supersedes, if some is left. That it is kept already does no harm.
    pub(super) fn removes(&mut self) -> Option<Snapshot> {
        let Snapshot { chunk, mut supersedes } = self.superseded.take()?;
        let rest = supersedes.split_off(supersedes.len().min(self.limits.removed_at_once));
        if !rest.is_empty() {
            self.superseded = Some(Snapshot { chunk: chunk.clone(), supersedes: rest });
        }
        Some(Snapshot { chunk, supersedes })
    }

    /// The document was renewed. What came before need not be told apart any more.
    fn renewed(&mut self) {
        self.past = Past::of(&self.doc);
        self.merged_since_renewal = 0;
        self.in_pieces = false;
    }
}
