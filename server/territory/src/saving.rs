//! Saving the document, beside the merging.
//!
//! To save a document takes longer than people who write should wait, and longer the more it holds. The territory goes
//! on with a copy, hands out the document that it had, and learns later what it was saved as. The copy costs a third of
//! saving, and gives back the room that edits held for nothing.
//!
//! What came in one piece, an import, lies in one piece of memory: edits hold as much for nothing until the document
//! is loaded from what it was saved as. That takes ten times as long as saving, and is done here too. The territory takes
//! the loaded document once it has everything that came meanwhile.

use automerge::{ActorId, Automerge, Change, ChangeHash};
use portrea_protocol::schema::document;

use crate::chunk::Chunk;

/// A document that is to be saved.
#[derive(Debug)]
pub struct Saving {
    // An outcome mostly holds none, and is moved about.
    doc: Box<Automerge>,
    actor: ActorId,
    /// Whether it is to be loaded as well.
    loads: bool,
    pushed: usize,
}

/// What a document was saved as.
#[derive(Debug)]
pub struct Saved {
    chunk: Chunk,
    /// As whom it is edited: every opening of a territory has another.
    actor: ActorId,
    /// What was saved, loaded afresh.
    doc: Option<Automerge>,
    /// How many recent changes had come by then.
    pushed: usize,
}

impl Saving {
    /// A document that `actor` edits, as it was when so many recent changes had come; to be loaded afresh too if it
    /// `loads`.
    pub(crate) fn new(doc: Automerge, actor: ActorId, loads: bool, pushed: usize) -> Self {
        Self { doc: Box::new(doc), actor, loads, pushed }
    }

    /// Whether it is to be loaded afresh too.
    pub fn loads(&self) -> bool {
        self.loads
    }

    /// Saves it. A document of a thousand structures takes a hundredth of a second, and a tenth more if it is loaded.
    pub fn save(self) -> Saved {
        let Self { doc, actor, loads, pushed } = self;
        let chunk = Chunk::new(doc.save());
        drop(doc);
        // It was saved just now; should it not load, the document at hand still serves.
        let doc = loads.then(|| document::load(chunk.bytes(), actor.clone()).ok()).flatten();
        Saved { chunk, actor, doc, pushed }
    }
}

impl Saved {
    /// What is to be kept.
    pub(crate) fn chunk(&self) -> &Chunk {
        &self.chunk
    }

    /// How many recent changes are in it.
    pub(crate) fn pushed(&self) -> usize {
        self.pushed
    }

    /// Whether it is of the territory's opening that edits as `actor`.
    pub(crate) fn is_of(&self, actor: &ActorId) -> bool {
        self.actor == *actor
    }

    /// The document that was loaded, with the changes that came since it was saved; `None` if there is none, or if that
    /// does not make these heads.
    pub(crate) fn caught_up(self, since: &[Vec<u8>], heads: &[ChangeHash]) -> Option<Automerge> {
        let mut doc = self.doc?;
        let changes: Result<Vec<Change>, _> =
            since.iter().map(|bytes| Change::try_from(bytes.as_slice())).collect();
        doc.apply_changes(changes.ok()?).ok()?;
        (doc.get_heads() == heads).then_some(doc)
    }
}
