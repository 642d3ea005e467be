//! Loading the document afresh, beside the merging.
//!
//! A document that took thousands of changes holds several times the memory that it needs, until it is loaded from what
//! it was saved as. That takes longer than people who write should wait: the territory hands out what is to be loaded, goes
//! on merging, and takes the loaded document once it has everything that came meanwhile.

use std::sync::Arc;

use automerge::{ActorId, Automerge, Change, ChangeHash};
use portrea_protocol::schema::document;

/// A saved document that is to be loaded.
#[derive(Debug)]
pub struct Reload {
    saved: Arc<[u8]>,
    actor: ActorId,
    pushed: usize,
}

/// A document that was loaded afresh.
#[derive(Debug)]
pub struct Reloaded {
    doc: Option<Automerge>,
    /// How many recent changes had come when it was saved.
    pub(crate) pushed: usize,
}

impl Reload {
    /// A document as it was saved when so many recent changes had come, to be edited as `actor`.
    pub(crate) fn new(saved: Arc<[u8]>, actor: ActorId, pushed: usize) -> Self {
        Self { saved, actor, pushed }
    }

    /// Loads it; takes a tenth of a second for a thousand structures.
    pub fn load(self) -> Reloaded {
        // It was saved just now; should it not load, the document at hand still serves.
        Reloaded { doc: document::load(&self.saved, self.actor).ok(), pushed: self.pushed }
    }
}

impl Reloaded {
    /// The document with the changes that came since it was saved; `None` if that does not make these heads, as `actor`.
    pub(crate) fn caught_up<'a>(
        self,
        since: impl Iterator<Item = &'a Vec<u8>>,
        heads: &[ChangeHash],
        actor: &ActorId,
    ) -> Option<Automerge> {
        let mut doc = self.doc.filter(|doc| doc.get_actor() == actor)?;
        let changes: Result<Vec<Change>, _> = since.map(|bytes| Change::try_from(bytes.as_slice())).collect();
        doc.apply_changes(changes.ok()?).ok()?;
        (doc.get_heads() == heads).then_some(doc)
    }
}
