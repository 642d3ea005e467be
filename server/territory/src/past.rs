//! What a change builds on: whether what it names was there for whoever made it.
//!
//! automerge lets a change wait for its dependencies alone. One that names what none of them has is applied wherever it
//! comes first, also before what it names: there it fails. And a change that does not build on its actor's last one is
//! counted as if it did.
//!
//! To ask automerge what a change does not build on costs as much as that is, and while many edit at once it is what all
//! the others just did. So it is remembered of each actor, and of the states that devices were told, up to where
//! everything that came is part of it: its floor. And of the latest change, for which automerge was asked, what it does
//! not build on: a device that was away for long sends many, one behind the other.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::{ActorId, Automerge, ChangeHash, ObjId};

/// How many states are remembered. A device mostly edits one that it was told within the last second.
const STATES_MAX: usize = 64;

/// In which order changes came since the document was loaded, and how much of that is known to each actor's last change.
#[derive(Debug, Default)]
pub struct Past {
    /// The places of changes, from 1. Those that were there before have none, which counts as nought.
    places: BTreeMap<ChangeHash, usize>,
    /// The floors of actors' last changes.
    floors: BTreeMap<ActorId, usize>,
    /// The heads of states of the document, with their floors.
    states: VecDeque<(Vec<ChangeHash>, usize)>,
    /// The latest change for which automerge was asked, or one of a row behind it.
    latest: Option<Latest>,
}

/// What a change builds on, as far as it was found out.
#[derive(Debug, Default)]
pub struct Known {
    floor: usize,
    unseen: Option<BTreeSet<ChangeHash>>,
}

/// A change, and what it does not build on of everything with a place below.
#[derive(Debug)]
struct Latest {
    change: ChangeHash,
    below: usize,
    unseen: BTreeSet<ChangeHash>,
}

impl Past {
    /// Of a document that was just loaded.
    pub fn of(doc: &Automerge) -> Self {
        let mut past = Self::default();
        past.stands(&doc.get_heads());
        past
    }

    /// What a change with these dependencies, all of which the document has, builds on; `None` if its actor's last change
    /// is not part of that.
    pub fn seen<'a>(
        &'a self,
        doc: &'a Automerge,
        deps: &'a [ChangeHash],
        actor: &ActorId,
        last: Option<&ChangeHash>,
    ) -> Option<Seen<'a>> {
        let state = self.states.iter().rev().find(|(heads, _)| heads == deps);
        let floor = state.map(|(_, floor)| *floor).unwrap_or_default();
        let latest = self.latest.as_ref().filter(|latest| deps.contains(&latest.change));
        let mut seen = Seen { doc, deps, places: &self.places, floor, latest, unseen: OnceCell::new() };
        if !last.is_none_or(|last| seen.has(last)) {
            return None;
        }
        seen.floor = floor.max(self.floors.get(actor).copied().unwrap_or_default());
        Some(seen)
    }

    /// An actor's change was applied; so much is known of what it builds on.
    pub fn came(&mut self, hash: ChangeHash, deps: &[ChangeHash], actor: ActorId, known: Known) {
        let Known { floor, unseen } = known;
        match (unseen, &mut self.latest) {
            (Some(unseen), _) => {
                self.latest = Some(Latest { change: hash, below: self.above(), unseen });
            }
            (None, Some(latest)) if deps.contains(&latest.change) => latest.change = hash,
            (None, _) => {}
        }
        self.places.insert(hash, self.above());
        if self.floors.insert(actor, floor).is_none() {
            // Many begin where they were told the same.
            self.state(deps, floor);
        }
    }

    /// Devices are told these heads, which are the document's.
    pub fn stands(&mut self, heads: &[ChangeHash]) {
        self.state(heads, self.above());
    }

    /// What a change is known to build on that builds on everything there is.
    pub fn everything(&self) -> Known {
        Known { floor: self.above(), unseen: None }
    }

    /// The place of the next change.
    fn above(&self) -> usize {
        self.places.len() + 1
    }

    fn state(&mut self, heads: &[ChangeHash], floor: usize) {
        if self.states.iter().any(|(known, _)| known == heads) {
            return;
        }
        if self.states.len() == STATES_MAX {
            self.states.pop_front();
        }
        self.states.push_back((heads.to_vec(), floor));
    }
}

/// What one change builds on.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The document that it comes to.
    pub doc: &'a Automerge,
    deps: &'a [ChangeHash],
    places: &'a BTreeMap<ChangeHash, usize>,
    floor: usize,
    latest: Option<&'a Latest>,
    unseen: OnceCell<BTreeSet<ChangeHash>>,
}

impl Seen<'_> {
    /// Whether a change of the document is part of it.
    pub fn has(&self, hash: &ChangeHash) -> bool {
        let place = self.place(hash);
        place < self.floor
            || self.deps.contains(hash)
            || self.latest.is_some_and(|latest| place < latest.below && !latest.unseen.contains(hash))
            || !self.unseen().contains(hash)
    }

    /// Whether the change that an operation is of is part of it.
    pub fn has_operation(&self, id: &ObjId) -> bool {
        self.doc.hash_for_opid(id).is_some_and(|hash| self.has(&hash))
    }

    /// What was found out of it.
    pub fn known(self) -> Known {
        let first = |unseen: &BTreeSet<ChangeHash>| unseen.iter().map(|hash| self.place(hash)).min();
        let found = self.unseen.get().map(|unseen| first(unseen).unwrap_or(self.places.len() + 1));
        Known { floor: self.floor.max(found.unwrap_or_default()), unseen: self.unseen.into_inner() }
    }

    fn place(&self, hash: &ChangeHash) -> usize {
        self.places.get(hash).copied().unwrap_or_default()
    }

    fn unseen(&self) -> &BTreeSet<ChangeHash> {
        self.unseen.get_or_init(|| {
            self.doc.get_changes_meta(self.deps).into_iter().map(|change| change.hash).collect()
        })
    }
}

#[cfg(test)]
mod tests;
