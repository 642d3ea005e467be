//! Bytes from a peer → changes → document.
//!
//! Every change passes here, one by one: it is bounded, decoded, applied once its dependencies are there, and its
//! bytes are kept as they came. Changes that lack a dependency wait in a bounded pool; they are neither kept nor
//! acknowledged, so their device sends them again if the server forgets them. automerge's own queue stays empty.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use portrea_protocol::people::Person;
use portrea_protocol::wire::inflate::{self, Odd};
use portrea_protocol::wire::refusal::Refusal;

/// The most bytes that one change may unfold to.
pub const CHANGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most changes that may wait for others.
pub const PENDING_MAX: usize = 20_000;
/// The most bytes that waiting changes may take together.
pub const PENDING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A change as it came, and who brought it.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The change, decoded.
    pub change: Change,
    /// Its bytes as they came, to be kept and passed on.
    pub bytes: Vec<u8>,
    /// On whose connection it came.
    pub person: Person,
}

/// Whether a chunk is a change that unfolds to no more than is taken.
pub fn check(chunk: &[u8]) -> Result<(), Refusal> {
    inflate::check(chunk, CHANGE_BYTES_MAX).map_err(|odd| match odd {
        Odd::NotAChange => Refusal::MalformedChange,
        Odd::TooLarge => Refusal::ChangeTooLarge,
    })
}

/// Reads chunks of changes; the first that cannot be read refuses them all.
pub fn read<'a>(chunks: impl Iterator<Item = &'a [u8]>, person: &Person) -> Result<Vec<Incoming>, Refusal> {
    chunks
        .map(|bytes| {
            check(bytes)?;
            let change = Change::try_from(bytes).map_err(|_| Refusal::MalformedChange)?;
            // Reading a single change does not compare its checksum, which begins its hash; loading a document does,
            // and what is kept must load.
            if bytes.get(4..8) != change.hash().0.get(..4) {
                return Err(Refusal::MalformedChange);
            }
            Ok(Incoming { change, bytes: bytes.to_vec(), person: person.clone() })
        })
        .collect()
}

/// Whether the document has all of these changes.
pub fn has_all(doc: &Automerge, hashes: &[ChangeHash]) -> bool {
    hashes.is_empty() || doc.get_missing_deps(hashes).is_empty()
}

/// Changes that wait for their dependencies.
#[derive(Debug, Default)]
pub struct Pending {
    waiting: BTreeMap<ChangeHash, Incoming>,
    bytes: usize,
}

impl Pending {
    /// Takes a change that is not ready; one that waits already is whose it was.
    pub fn wait(&mut self, incoming: Incoming) -> Result<(), Refusal> {
        if self.waiting.contains_key(&incoming.change.hash()) {
            return Ok(());
        }
        if self.waiting.len() >= PENDING_MAX || self.bytes + incoming.bytes.len() > PENDING_BYTES_MAX {
            return Err(Refusal::TooManyPending);
        }
        self.bytes += incoming.bytes.len();
        self.waiting.insert(incoming.change.hash(), incoming);
        Ok(())
    }

    /// A waiting change that has become ready, if there is one; `ready` tells whether these changes have come.
    pub fn take_ready(&mut self, ready: impl Fn(&[ChangeHash]) -> bool) -> Option<Incoming> {
        let hash = *self.waiting.iter().find(|(_, incoming)| ready(incoming.change.deps()))?.0;
        let incoming = self.waiting.remove(&hash)?;
        self.bytes -= incoming.bytes.len();
        Some(incoming)
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What must be asked for so that `wanted` can be applied: changes that neither stand nor wait, nor are held.
    pub fn missing(
        &self,
        doc: &Automerge,
        wanted: &[ChangeHash],
        is_held: impl Fn(&ChangeHash) -> bool,
    ) -> Vec<ChangeHash> {
        let mut missing = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut stack = doc.get_missing_deps(wanted);
        while let Some(hash) = stack.pop() {
            if is_held(&hash) || !seen.insert(hash) {
                continue;
            }
            match self.waiting.get(&hash) {
                Some(incoming) => stack.extend(doc.get_missing_deps(incoming.change.deps())),
                None => drop(missing.insert(hash)),
            }
        }
        missing.into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
