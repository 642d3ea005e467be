//! From what was kept to a document: all of it, or the greatest part that hangs together.
//!
//! A change whose dependencies were lost is left out of the document, and its chunk is left alone: no snapshot
//! contains it, so none may supersede it. The change waits with those that came early, as if its device had just sent it,
//! and takes its place when somebody sends what it builds on. Until then the heads do not speak of it, so nobody is
//! told that it is kept.

use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc, SaveOptions};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::document;

use crate::attribution::Attribution;
use crate::chunk::{Chunk, ChunkId, Kept};
use crate::io::OpenError;
use crate::merge::{Incoming, PENDING_BYTES_MAX, PENDING_MAX, Pending, has_all};

/// What a document is begun with, so that it is told from a single change.
const HEADER_BYTES: usize = 8;
/// The type of a saved document in automerge's format.
const DOCUMENT: u8 = 0;

/// What could not be brought into the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Changes that others build on and that nothing kept contains.
    pub lost: Vec<ChangeHash>,
    /// How many kept changes wait for them.
    pub waiting: usize,
}

/// A document with what it was made of.
pub(crate) struct Assembly {
    pub(crate) doc: Automerge,
    /// The chunks that it contains.
    pub(super) loose: Vec<ChunkId>,
    pub(super) pending: Pending,
    pub(crate) gaps: Gaps,
}

/// Puts together what was kept.
pub(crate) fn assemble(
    kept: &Kept,
    actor: &ActorId,
    attribution: &Attribution,
) -> Result<Assembly, OpenError> {
    let parts: Vec<&Chunk> = kept.snapshots.iter().chain(&kept.chunks).collect();
    // Chunks come in any order, and only one that holds the first change loads by itself: the latest snapshot,
    // or before there is one the document as it was made.
    let (base, mut doc) = parts
        .iter()
        .enumerate()
        .find_map(|(base, chunk)| Some((base, document::load(chunk.bytes(), actor.clone()).ok()?)))
        .ok_or(OpenError::NoDocument)?;
    let behind = parts.iter().enumerate().filter(|(index, _)| *index != base);
    document::load_behind(&mut doc, behind.map(|(_, chunk)| &**chunk.bytes()))?;
    let lost = doc.get_missing_deps(&[]);
    if lost.is_empty() {
        let loose = parts.into_iter().map(Chunk::id).collect();
        return Ok(Assembly { doc, loose, pending: Pending::default(), gaps: Gaps::default() });
    }
    // What waits inside automerge would enter the document unseen: the document is made again without it.
    let whole = doc.save_with_options(SaveOptions { retain_orphans: false, ..SaveOptions::default() });
    let doc = document::load(&whole, actor.clone())?;
    let mut assembly =
        Assembly { doc, loose: Vec::new(), pending: Pending::default(), gaps: Gaps::default() };
    assembly.gaps.lost = lost;
    for chunk in parts {
        assembly.sort(chunk, attribution);
    }
    Ok(assembly)
}

impl Assembly {
    /// A chunk that is in the document is loose; the changes of another wait.
    fn sort(&mut self, chunk: &Chunk, attribution: &Attribution) {
        let mut apart = 0;
        for change in changes(chunk.bytes(), self.doc.get_actor()) {
            let Some(change) = change else {
                apart += 1;
                continue;
            };
            if !has_all(&self.doc, &[change.hash()]) {
                apart += 1;
                self.wait(change, attribution);
            }
        }
        self.gaps.waiting += apart;
        if apart == 0 {
            self.loose.push(chunk.id());
        }
    }

    /// Lets a change wait if it is known whose it is and devices are left most of the room.
    fn wait(&mut self, mut change: Change, attribution: &Attribution) {
        let Some(binding) = attribution.of(change.actor_id()) else { return };
        if self.pending.len() >= PENDING_MAX / 4 || self.pending.bytes() >= PENDING_BYTES_MAX / 4 {
            return;
        }
        let person = Person {
            contributor: binding.contributor,
            name: binding.name.clone(),
            // It was let in before.
            role: Role::Referent,
            device: binding.device,
        };
        let bytes = change.bytes().to_vec();
        // There is room: it was just looked at.
        let _ = self.pending.wait(Incoming { change, bytes, person });
    }
}

/// The changes in a chunk; `None` for bytes that are none.
fn changes(bytes: &[u8], actor: &ActorId) -> Vec<Option<Change>> {
    if bytes.get(HEADER_BYTES) == Some(&DOCUMENT) {
        return match document::load(bytes, actor.clone()) {
            Ok(doc) => doc.get_changes(&[]).into_iter().map(Some).collect(),
            Err(_) => vec![None],
        };
    }
    let mut rest = bytes;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some((one, after)) = split(rest) else {
            found.push(None);
            break;
        };
        found.push(Change::try_from(one).ok());
        rest = after;
    }
    found
}

/// The first of several changes that stand one behind the other: a header with its type, its length, and that many
/// bytes.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    let mut at = HEADER_BYTES + 1;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return bytes.split_at_checked(at.checked_add(length)?);
        }
    }
    None
}
