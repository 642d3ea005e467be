//! What a territory tells to those who read. Nothing here changes anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{ActorId, Automerge, ChangeHash};
use portrea_indicators::engine::Engine;
use portrea_protocol::ids::{ContributorId, RecordId, TerritoryId};
use portrea_protocol::schema::record::{Finding, Structure};
use portrea_protocol::wire::quarantine::Held;

use super::{Gaps, Territory};
use crate::attribution::Attribution;
use crate::chunk::{Binding, ChunkId};
use crate::findings;
use crate::quarantine::Entry;
use crate::quarantine::told::told;

impl Territory {
    /// The territory's id.
    pub fn id(&self) -> TerritoryId {
        self.id
    }

    /// Which of the territory's documents this is: 0 for the first, one more each time that something was erased.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Every record, as last merged.
    pub fn records(&self) -> &BTreeMap<RecordId, Structure> {
        &self.records
    }

    /// What looks odd in a record.
    pub fn findings(&self, structure: &Structure) -> BTreeSet<(String, Finding)> {
        findings::of(structure, self.engine.statistics())
    }

    /// The indicators.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The document's heads.
    pub fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }

    /// The document itself.
    pub fn document(&self) -> &Automerge {
        &self.doc
    }

    /// What the store had lost when the territory was opened.
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// Changes that were not merged, each after those that it builds on: all of them, or one contributor's.
    pub fn quarantine(&self, of: Option<ContributorId>) -> Vec<Held> {
        let own = |entry: &&Entry| of.is_none_or(|contributor| entry.held.note.contributor == contributor);
        let told = |entry| told(entry, &self.quarantine, &self.doc, &self.paths, &self.records);
        self.quarantine.iter().filter(own).filter_map(told).collect()
    }

    /// A change that was not merged, as it came, and on whose sign-in.
    pub fn quarantined(&self, hash: &ChangeHash) -> Option<(Arc<[u8]>, ContributorId)> {
        let held = &self.quarantine.get(hash)?.held;
        Some((Arc::clone(&held.bytes), held.note.contributor))
    }

    /// Who wrote what.
    pub fn attribution(&self) -> &Attribution {
        &self.attribution
    }

    /// Every actor of the document, with whom it belongs to; the one that made the document belongs to nobody.
    pub fn authors(&self) -> impl Iterator<Item = (&ActorId, Option<&Binding>)> {
        self.latest.keys().map(|actor| (actor, self.attribution.of(actor)))
    }

    /// The number of the feed's last event.
    pub fn feed_last(&self) -> u64 {
        self.feed.last()
    }

    /// How many changes wait for others that they build on.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// How many changes were merged since the document was renewed, large ones counted many times.
    pub fn merged_since_renewal(&self) -> usize {
        self.merged_since_renewal
    }

    /// Chunks that a snapshot replaced and that are still to be removed.
    pub fn to_remove(&self) -> &[ChunkId] {
        self.superseded.as_ref().map(|snapshot| snapshot.supersedes.as_slice()).unwrap_or_default()
    }

    /// How many peers are connected.
    pub fn peers(&self) -> usize {
        self.peers.len()
    }
}
