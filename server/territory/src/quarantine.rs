//! Changes that were not merged: kept whole, bounded, and known by their hashes when they come again.
//!
//! A device that made one goes on from it, and an automerge change cannot be applied without those that it builds on. So
//! what comes after is here too, and [`carry`](crate::carry) makes changes of it that can be merged. Here is what that needs
//! to know of each: what it builds on, which operations it has, and where its objects would stand.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::OpId;
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange};
use portrea_protocol::ids::ContributorId;
use portrea_protocol::schema::path::{Keys, Paths};
use portrea_protocol::wire::quarantine::State;

use crate::held::{Held, Note};
use crate::inspection::inspect;
use crate::merge::has_all;

pub mod told;

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most changes of one contributor.
    pub each: usize,
    /// The most bytes of one contributor's changes.
    pub each_bytes: usize,
    /// The most changes in all.
    pub all: usize,
    /// The most bytes in all.
    pub all_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { each: 4_000, each_bytes: 16 * 1024 * 1024, all: 20_000, all_bytes: 64 * 1024 * 1024 }
    }
}

/// A change that was not merged, with what is known of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What is kept.
    pub held: Held,
    /// The actor who made it.
    pub actor: ActorId,
    /// The number of its first operation.
    pub start: u64,
    /// The number of its last operation.
    pub end: u64,
    /// What it builds on.
    pub deps: Vec<ChangeHash>,
    /// The latest changes of the document that it builds on, over whatever is not there.
    pub base: Vec<ChangeHash>,
    /// The objects it makes, by number, with their paths.
    pub made: BTreeMap<u64, Keys>,
    order: usize,
}

impl Entry {
    /// The change, decoded; it was read before it was kept.
    pub fn expanded(&self) -> Option<ExpandedChange> {
        Some(Change::try_from(&*self.held.bytes).ok()?.decode())
    }

    /// Whether somebody has yet to decide about it.
    pub fn waits(&self) -> bool {
        self.held.note.state == State::Waiting
    }
}

/// Everything that was not merged.
#[derive(Debug, Default)]
pub struct Quarantine {
    entries: BTreeMap<ChangeHash, Entry>,
    taken: BTreeMap<ContributorId, (usize, usize)>,
    bytes: usize,
    /// What is to be kept anew.
    fresh: BTreeSet<ChangeHash>,
    order: usize,
    /// How much may be kept.
    pub limits: Limits,
}

/// Changes in quarantine that a change builds on, and the numbers of their operations.
#[derive(Debug, Default)]
pub struct Lineage {
    /// Their hashes.
    pub hashes: BTreeSet<ChangeHash>,
    ranges: BTreeMap<(ActorId, u64), (u64, ChangeHash)>,
}

impl Lineage {
    /// Which of them an operation belongs to.
    pub fn find(&self, id: &OpId) -> Option<ChangeHash> {
        let below = ..=(id.actor().clone(), id.counter());
        let ((actor, _), (end, hash)) = self.ranges.range(below).next_back()?;
        (actor == id.actor() && id.counter() <= *end).then_some(*hash)
    }
}

impl Quarantine {
    /// What was kept, in an order in which each comes after what it builds on.
    pub fn load(kept: Vec<Held>, doc: &Automerge, paths: &mut Paths) -> Self {
        let mut quarantine = Self::default();
        let mut left: BTreeMap<ChangeHash, (Held, Change)> = kept
            .into_iter()
            .filter_map(|held| {
                let change = Change::try_from(&*held.bytes).ok()?;
                Some((change.hash(), (held, change)))
            })
            .collect();
        while !left.is_empty() {
            let ready =
                |(_, change): &(Held, Change)| !change.deps().iter().any(|dep| left.contains_key(dep));
            let now: Vec<ChangeHash> =
                left.iter().filter(|(_, one)| ready(one)).map(|(hash, _)| *hash).collect();
            for hash in &now {
                if let Some((held, change)) = left.remove(hash) {
                    quarantine.read(held, &change, doc, paths);
                }
            }
            // Hashes cannot build on each other in a circle.
            if now.is_empty() {
                break;
            }
        }
        quarantine.fresh.clear();
        quarantine
    }

    fn read(&mut self, held: Held, change: &Change, doc: &Automerge, paths: &mut Paths) {
        let lineage = self.lineage(doc, change.deps());
        let made = inspect(doc, &change.decode(), None, |id| self.locate(&lineage, id, doc, paths)).made;
        self.add(held, change, made, doc);
    }

    /// Whether a change is here.
    pub fn holds(&self, hash: &ChangeHash) -> bool {
        self.entries.contains_key(hash)
    }

    /// A change that is here.
    pub fn get(&self, hash: &ChangeHash) -> Option<&Entry> {
        self.entries.get(hash)
    }

    /// Every change that is here, each after those that it builds on.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        let mut all: Vec<&Entry> = self.entries.values().collect();
        all.sort_unstable_by_key(|entry| entry.order);
        all.into_iter()
    }

    /// How many changes are here.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is here.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether anything of this contributor is here.
    pub fn has_of(&self, contributor: ContributorId) -> bool {
        self.taken.contains_key(&contributor)
    }

    /// Whether there is room for a change of so many bytes that this contributor brings.
    pub fn has_room(&self, contributor: ContributorId, bytes: usize) -> bool {
        let (count, own) = self.taken.get(&contributor).copied().unwrap_or_default();
        let Limits { each, each_bytes, all, all_bytes } = self.limits;
        count < each
            && own + bytes <= each_bytes
            && self.entries.len() < all
            && self.bytes + bytes <= all_bytes
    }

    /// Takes a change, to be kept; `made` are the objects that it makes.
    pub fn add(&mut self, held: Held, change: &Change, made: BTreeMap<u64, Keys>, doc: &Automerge) {
        let hash = change.hash();
        let (count, bytes) = self.taken.entry(held.note.contributor).or_default();
        *count += 1;
        *bytes += held.bytes.len();
        self.bytes += held.bytes.len();
        self.order += 1;
        let entry = Entry {
            actor: change.actor_id().clone(),
            start: change.start_op().get(),
            end: change.start_op().get().saturating_add((change.len() as u64).saturating_sub(1)),
            base: self.known(doc, change.deps()),
            deps: change.deps().to_vec(),
            made,
            order: self.order,
            held,
        };
        self.entries.insert(hash, entry);
        self.fresh.insert(hash);
    }

    /// Notes something about a change, to be kept.
    pub fn note(&mut self, hash: &ChangeHash, write: impl FnOnce(&mut Note)) {
        if let Some(entry) = self.entries.get_mut(hash) {
            write(&mut entry.held.note);
            self.fresh.insert(*hash);
        }
    }

    /// What is to be kept since the last call.
    pub fn take_fresh(&mut self) -> Vec<Held> {
        let fresh = std::mem::take(&mut self.fresh);
        fresh.iter().filter_map(|hash| Some(self.entries.get(hash)?.held.clone())).collect()
    }

    /// Heads as the document knows them: a change that is here and not there counts for what it builds on there.
    pub fn known(&self, doc: &Automerge, heads: &[ChangeHash]) -> Vec<ChangeHash> {
        if self.entries.is_empty() {
            return heads.to_vec();
        }
        let mut known = BTreeSet::new();
        for head in heads {
            match self.entries.get(head) {
                Some(entry) if !has_all(doc, &[*head]) => known.extend(&entry.base),
                Some(_) | None => drop(known.insert(*head)),
            }
        }
        known.into_iter().collect()
    }

    /// Whether all of these changes are in the document or here.
    pub fn completes(&self, doc: &Automerge, deps: &[ChangeHash]) -> bool {
        deps.iter().all(|dep| self.entries.contains_key(dep) || has_all(doc, &[*dep]))
    }

    /// What a change with these dependencies builds on that is not in the document.
    pub fn lineage(&self, doc: &Automerge, deps: &[ChangeHash]) -> Lineage {
        let mut lineage = Lineage::default();
        let mut left: Vec<ChangeHash> = deps.to_vec();
        while let Some(hash) = left.pop() {
            let Some(entry) = self.entries.get(&hash) else { continue };
            if lineage.hashes.contains(&hash) || has_all(doc, &[hash]) {
                continue;
            }
            lineage.hashes.insert(hash);
            lineage.ranges.insert((entry.actor.clone(), entry.start), (entry.end, hash));
            left.extend(&entry.deps);
        }
        lineage
    }

    /// The highest number of an operation in a lineage.
    pub fn last_operation(&self, lineage: &Lineage) -> u64 {
        lineage
            .hashes
            .iter()
            .filter_map(|hash| self.entries.get(hash))
            .map(|entry| entry.end)
            .max()
            .unwrap_or(0)
    }

    /// Where an object stands, or would, for a change of this lineage.
    pub fn locate(&self, lineage: &Lineage, id: &OpId, doc: &Automerge, paths: &mut Paths) -> Option<Keys> {
        match lineage.find(id) {
            Some(hash) => self.entries.get(&hash)?.made.get(&id.counter()).cloned(),
            None => paths.resolve(doc, id.counter(), id.actor()),
        }
    }

    /// Those that build on a change, each after those that it builds on itself.
    pub fn dependents(&self, hash: ChangeHash) -> Vec<ChangeHash> {
        let mut found = BTreeSet::from([hash]);
        let mut ordered = Vec::new();
        for entry in self.iter() {
            if entry.deps.iter().any(|dep| found.contains(dep)) {
                found.insert(entry.held.hash);
                ordered.push(entry.held.hash);
            }
        }
        ordered
    }
}

#[cfg(test)]
mod tests;
