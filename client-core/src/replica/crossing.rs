//! From one document of a territory to the next: what was written here and the server does not have comes along.
//!
//! Something was erased, and the territory goes on with a document whose history does not hold it. Both replicas
//! are of one device: the earlier one, and one that has received the later document and nothing else.

use automerge::{Change, ReadDoc};
use portrea_protocol::epoch::{Crossing, Forget, Left, carry_over};

use super::{Replica, ReplicaError, merge};

/// What a replica has after it took over another's edits.
#[derive(Debug)]
pub struct Arrival {
    /// The whole document with them, to be kept in the place of the earlier one before anything is sent.
    pub snapshot: Vec<u8>,
    /// How many edits came along.
    pub carried: usize,
    /// What could not: it was written where nothing is any more.
    pub left: Vec<Left>,
}

impl Replica {
    /// Whether everything is here that the server says it has.
    pub fn is_level(&self) -> bool {
        self.has_document() && self.doc.get_missing_deps(&self.server_heads).is_empty()
    }

    /// Takes over what was written into the earlier document and the server is not known to have.
    pub fn take_over(&mut self, earlier: &Self) -> Result<Arrival, ReplicaError> {
        let unsent: Vec<Change> = earlier
            .doc
            .get_changes(&earlier.known_server_heads())
            .into_iter()
            .filter(|change| earlier.waiting.contains(&change.hash()))
            .collect();
        let forget = Forget::default();
        let crossing = Crossing { old: &earlier.doc, new: &self.doc, forget: &forget, maybe_taken: true };
        let over = carry_over(&crossing, &unsent);
        let hashes: Vec<_> = over.changes.iter().map(Change::hash).collect();
        self.doc.apply_changes(over.changes).map_err(merge)?;
        self.waiting.extend(hashes);
        self.kept = self.doc.get_heads();
        let stranded = |change: &&Change| over.left.iter().any(|left| left.change == change.hash());
        let carried = unsent.len() - unsent.iter().filter(stranded).count();
        Ok(Arrival { snapshot: self.doc.save(), carried, left: over.left })
    }
}
