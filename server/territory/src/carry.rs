//! A change that builds on others which were not merged, made anew on what was: its twin.
//!
//! Operation by operation: objects and elements of the document stay what they are; those of a change that has a twin itself are
//! the twin's; what a change without one replaced is what that one replaced. The twin builds on what its original
//! builds on, twins in the place of originals, so whatever was concurrent stays concurrent and nothing of anybody else's is
//! overwritten unseen. An original that writes into an object of a change without a twin has none.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, ChangeHash, ExpandedChange};

use crate::held::Twin;
use crate::merge::has_all;
use crate::quarantine::{Entry, Lineage, Quarantine};

/// What automerge writes behind a change that names its author: that it does, and how many bytes follow.
const AUTHOR: [u8; 2] = [1, 16];

/// Under which identity and number a twin is made.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The actor.
    pub actor: ActorId,
    /// The number of its change.
    pub seq: u64,
    /// The number of its first operation.
    pub start: NonZeroU64,
    /// The actor's change before.
    pub last: Option<ChangeHash>,
    /// The contributor's id, which the actor's first change names.
    pub author: [u8; 16],
}

/// A change made anew.
#[derive(Debug)]
pub struct Carried {
    /// The change; `None` when nothing is left of it to do.
    pub change: Option<ExpandedChange>,
    /// The original's operations that it leaves out, counted from its first.
    pub left_out: Vec<u64>,
}

/// Makes a change anew; `None` when it cannot do without what was not merged.
pub fn carry(quarantine: &Quarantine, doc: &Automerge, entry: &Entry, seat: &Seat) -> Option<Carried> {
    let original = entry.expanded()?;
    let lineage = quarantine.lineage(doc, &entry.deps);
    let mut moving = Moving {
        quarantine,
        doc,
        lineage,
        own: (original.actor_id.clone(), original.start_op.get()),
        seat,
        numbers: Vec::with_capacity(original.operations.len()),
        decoded: BTreeMap::new(),
    };
    let mut operations = Vec::with_capacity(original.operations.len());
    let mut left_out = Vec::new();
    for (index, op) in (0_u64..).zip(original.operations) {
        let moved = moving.operation(op).ok()?;
        if moved.is_none() {
            left_out.push(index);
        }
        moving.numbers.push(moved.as_ref().map(|_| seat.start.get() + operations.len() as u64));
        operations.extend(moved);
    }
    if operations.is_empty() {
        return Some(Carried { change: None, left_out });
    }
    let mut deps = moving.deps(&entry.deps);
    deps.extend(seat.last);
    let extra_bytes = if seat.seq == 1 { [AUTHOR.as_slice(), &seat.author].concat() } else { Vec::new() };
    let change = ExpandedChange {
        operations,
        actor_id: seat.actor.clone(),
        hash: None,
        seq: seat.seq,
        start_op: seat.start,
        time: original.time,
        message: original.message,
        deps: deps.into_iter().collect(),
        extra_bytes,
        author: None,
    };
    Some(Carried { change: Some(change), left_out })
}

/// A change cannot do without what was not merged.
struct Stuck;

/// What stands for an operation of the original's world.
enum Standing {
    /// This is not the place that knows.
    Unknown,
    /// Nothing: it had nothing left to do.
    Gone,
    /// An operation.
    At(OpId),
}

struct Moving<'a> {
    quarantine: &'a Quarantine,
    doc: &'a Automerge,
    lineage: Lineage,
    /// The original's actor and the number of its first operation.
    own: (ActorId, u64),
    seat: &'a Seat,
    /// Of the operations so far.
    numbers: Vec<Option<u64>>,
    decoded: BTreeMap<ChangeHash, ExpandedChange>,
}

impl Moving<'_> {
    /// The operation in its new place; `None` when there is nothing left that it would take away.
    fn operation(&mut self, op: Op) -> Result<Option<Op>, Stuck> {
        let obj = match op.obj {
            ObjectId::Root => ObjectId::Root,
            ObjectId::Id(id) => ObjectId::Id(self.standing(&id).ok_or(Stuck)?),
        };
        let key = match op.key {
            Key::Seq(ElementId::Id(id)) => Key::Seq(ElementId::Id(self.standing(&id).ok_or(Stuck)?)),
            key @ (Key::Map(_) | Key::Seq(ElementId::Head)) => key,
        };
        let mut pred = BTreeSet::new();
        for id in op.pred.iter() {
            pred.extend(self.replaced(id).ok_or(Stuck)?);
        }
        if pred.is_empty() && matches!(op.action, OpType::Delete | OpType::Increment(_)) {
            return Ok(None);
        }
        let pred = pred.into_iter().collect::<Vec<_>>().into();
        Ok(Some(Op { action: op.action, obj, key, pred, insert: op.insert }))
    }

    /// What stands for an operation whose object or element is written into.
    fn standing(&self, id: &OpId) -> Option<OpId> {
        let standing = match (self.own(id), self.lineage.find(id)) {
            (Standing::Unknown, None) => return Some(id.clone()),
            (Standing::Unknown, Some(hash)) => self.twin(hash, id),
            (own, _) => own,
        };
        if let Standing::At(id) = standing { Some(id) } else { None }
    }

    /// What an operation replaces that replaced this one.
    fn replaced(&mut self, id: &OpId) -> Option<Vec<OpId>> {
        match self.own(id) {
            Standing::At(id) => return Some(vec![id]),
            Standing::Gone => return Some(Vec::new()),
            Standing::Unknown => {}
        }
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut left = vec![id.clone()];
        while let Some(id) = left.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            let Some(hash) = self.lineage.find(&id) else {
                found.push(id);
                continue;
            };
            match self.twin(hash, &id) {
                Standing::At(id) => {
                    found.push(id);
                    continue;
                }
                Standing::Gone => continue,
                Standing::Unknown => {}
            }
            let replaced = self.decoded(hash, &id)?;
            if replaced.insert {
                return None;
            }
            left.extend(replaced.pred.iter().cloned());
        }
        Some(found)
    }

    /// An operation of the change itself, where it stands in the twin.
    fn own(&self, id: &OpId) -> Standing {
        let (actor, start) = &self.own;
        let index = id.counter().checked_sub(*start).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.numbers.get(index)).filter(|_| id.actor() == actor) {
            None => Standing::Unknown,
            Some(None) => Standing::Gone,
            Some(Some(number)) => Standing::At(OpId::new(*number, &self.seat.actor)),
        }
    }

    /// An operation of a change that has a twin, in that.
    fn twin(&self, hash: ChangeHash, id: &OpId) -> Standing {
        let Some(entry) = self.quarantine.get(&hash) else { return Standing::Unknown };
        let Some(twin) = standing_twin(entry, self.doc) else { return Standing::Unknown };
        let index = id.counter().checked_sub(entry.start);
        match index.and_then(|index| twin.operation(index)) {
            None => Standing::Gone,
            Some((number, actor)) => Standing::At(OpId::new(number, &actor)),
        }
    }

    /// An operation of a change without a twin.
    fn decoded(&mut self, hash: ChangeHash, id: &OpId) -> Option<Op> {
        let entry = self.quarantine.get(&hash)?;
        let index = usize::try_from(id.counter().checked_sub(entry.start)?).ok()?;
        let change = match self.decoded.entry(hash) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(vacant) => vacant.insert(entry.expanded()?),
        };
        change.operations.get(index).cloned()
    }

    /// What the twin builds on.
    fn deps(&self, deps: &[ChangeHash]) -> BTreeSet<ChangeHash> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut left = deps.to_vec();
        while let Some(hash) = left.pop() {
            if !seen.insert(hash) {
                continue;
            }
            match self.quarantine.get(&hash).filter(|_| self.lineage.hashes.contains(&hash)) {
                None => drop(found.insert(hash)),
                Some(entry) => match standing_twin(entry, self.doc).and_then(Twin::hash) {
                    Some(twin) => drop(found.insert(twin)),
                    None => left.extend(&entry.deps),
                },
            }
        }
        found
    }
}

/// A change's twin, if the document has it.
pub fn standing_twin<'a>(entry: &'a Entry, doc: &Automerge) -> Option<&'a Twin> {
    let twin = entry.held.note.twin.as_ref()?;
    has_all(doc, &[twin.hash()?]).then_some(twin)
}
