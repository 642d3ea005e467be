//! Whether automerge can take a change, and give it back.
//!
//! automerge takes for granted that whoever made a change kept its rules. Over some that were not kept it panics; over
//! others it goes on, with a document that it saves and can never load again. So every change is held against them before it
//! is applied: it is written as automerge writes it, its numbers come after those of what it builds on, and what its
//! operations name is there, of the right kind, in the same place, and was there for whoever made it.
//!
//! The document gives an operation back by the change that made it. So what a change names is noted first, and each
//! change that made some of it is decoded once.

use std::collections::BTreeMap;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{Automerge, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ReadDoc};

use crate::past::Seen;

/// The largest number of seconds before or after 1970: the largest that JavaScript counts. automerge keeps the
/// differences of times, and those of times that are further apart overflow.
const SECONDS_MAX: u64 = (1 << 53) - 1;

/// Whether a change can be applied to the document that it comes to; `last` is the number of the last operation of its
/// actor there, nought without one.
///
/// Marks are not taken, for a directory has no formatted text, and one that ends before it begins cannot be loaded.
pub fn is_sound(seen: &Seen<'_>, change: &Change, expanded: &ExpandedChange, last: u64) -> bool {
    change.timestamp().unsigned_abs() <= SECONDS_MAX
        && follows(seen.doc, change, last)
        && is_canonical(change, expanded)
        && names_its_past(seen, expanded)
        && Naming::of(seen.doc, expanded).holds()
}

/// Whether a change names operations of its own and of what it builds on, and no others.
fn names_its_past(seen: &Seen<'_>, change: &ExpandedChange) -> bool {
    let start = change.start_op.get();
    let own = |id: &OpId| *id.actor() == change.actor_id && id.counter() >= start;
    let known = |id: &OpId| own(id) || seen.has_operation(&object(id));
    let mut last = None;
    change.operations.iter().all(|op| {
        // Most operations write into the object that the one before wrote into.
        let same = last.replace(&op.obj) == Some(&op.obj);
        let object = if let ObjectId::Id(id) = &op.obj { (!same).then_some(id) } else { None };
        let element = if let Key::Seq(ElementId::Id(id)) = &op.key { Some(id) } else { None };
        object.into_iter().chain(element).chain(op.pred.iter()).all(known)
    })
}

/// Whether the numbers of a change's operations come after those of what it builds on, and its actor's last change is
/// part of that. A saved document does not say where a change's numbers begin: whoever loads it counts from there. Of a
/// change without operations it says only the number before its own, which must be one that is there.
fn follows(doc: &Automerge, change: &Change, last: u64) -> bool {
    let highest = |dep: &ChangeHash| doc.get_change_meta_by_hash(dep).map(|dep| dep.max_op);
    let below = change.deps().iter().filter_map(highest).max().unwrap_or_default();
    let start = change.start_op().get();
    last <= below && below < start && (!change.is_empty() || start == below + 1)
}

/// Whether a change is written as automerge would write it. A document keeps what changes say and not their bytes, and
/// a change's hash is of its bytes.
fn is_canonical(change: &Change, expanded: &ExpandedChange) -> bool {
    Change::from(expanded.clone()).hash() == change.hash()
}

/// An operation by its number and its actor.
type Id<'a> = (u64, &'a [u8]);

fn key(id: &OpId) -> Id<'_> {
    (id.counter(), id.actor().to_bytes())
}

fn object(id: &OpId) -> ObjId {
    ObjId::Id(id.counter(), id.actor().clone(), 0)
}

/// What is to be known of an operation that others name.
struct Named {
    obj: ObjectId,
    /// The key or the element whose value it gives.
    place: Key,
    /// Whether it made its element.
    insert: bool,
    /// Whether it can be replaced.
    stays: bool,
}

impl Named {
    fn new(op: &Op, id: &OpId) -> Self {
        let place = if op.insert { Key::Seq(ElementId::Id(id.clone())) } else { op.key.clone() };
        let stays = match op.action {
            OpType::Make(_) | OpType::Put(_) | OpType::Increment(_) => true,
            OpType::Delete | OpType::MarkBegin(_) | OpType::MarkEnd(_) => false,
        };
        Self { obj: op.obj.clone(), place, insert: op.insert, stays }
    }
}

/// A change, and those operations of the document that it names.
struct Naming<'a> {
    doc: &'a Automerge,
    change: &'a ExpandedChange,
    start: u64,
    named: BTreeMap<Id<'a>, Named>,
}

impl<'a> Naming<'a> {
    fn of(doc: &'a Automerge, change: &'a ExpandedChange) -> Self {
        let mut naming = Self { doc, change, start: change.start_op.get(), named: BTreeMap::new() };
        let mut by_change: BTreeMap<ChangeHash, Vec<&OpId>> = BTreeMap::new();
        for op in &change.operations {
            let element = if let Key::Seq(ElementId::Id(id)) = &op.key { Some(id) } else { None };
            for id in element.into_iter().chain(op.pred.iter()) {
                if naming.own(id).is_some() {
                    continue;
                }
                if stands(doc, op, id) {
                    let (obj, place) = (op.obj.clone(), op.key.clone());
                    naming.named.insert(key(id), Named { obj, place, insert: false, stays: true });
                } else if let Some(hash) = doc.hash_for_opid(&object(id)) {
                    by_change.entry(hash).or_default().push(id);
                }
            }
        }
        for (hash, ids) in by_change {
            let Some(made) = doc.get_change_by_hash(&hash).map(|change| change.decode()) else { continue };
            for id in ids {
                if let Some(op) = nth(&made, id) {
                    naming.named.insert(key(id), Named::new(op, id));
                }
            }
        }
        naming
    }

    /// Where an operation stands in the change, if it is one of its own.
    fn own(&self, id: &OpId) -> Option<usize> {
        let index = usize::try_from(id.counter().checked_sub(self.start)?).ok()?;
        (*id.actor() == self.change.actor_id).then_some(index)
    }

    fn holds(&self) -> bool {
        // Most operations write into the object that the one before wrote into.
        let mut last: Option<(&ObjectId, ObjType)> = None;
        (0..).zip(&self.change.operations).all(|(index, op)| {
            let known = last.filter(|(obj, _)| *obj == &op.obj).map(|(_, kind)| kind);
            let Some(kind) = known.or_else(|| self.kind(&op.obj, index)) else { return false };
            last = Some((&op.obj, kind));
            self.may_be(index, op, kind)
        })
    }

    /// Whether the operation with this index, which writes into an object of this kind, keeps the rules.
    fn may_be(&self, index: usize, op: &Op, kind: ObjType) -> bool {
        let in_sequence = kind.is_sequence();
        let placed = match &op.key {
            Key::Map(_) => !in_sequence && !op.insert,
            Key::Seq(ElementId::Head) => in_sequence && op.insert,
            Key::Seq(ElementId::Id(id)) => {
                in_sequence && self.satisfies(id, index, |named| named.insert && named.obj == op.obj)
            }
        };
        let acts = match op.action {
            OpType::Make(ObjType::Table) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => false,
            OpType::Make(_) | OpType::Put(_) => !op.insert || op.pred.is_empty(),
            OpType::Delete | OpType::Increment(_) => !op.insert && !op.pred.is_empty(),
        };
        let replaces = |named: &Named| named.stays && named.obj == op.obj && named.place == op.key;
        placed && acts && op.pred.iter().all(|id| self.satisfies(id, index, replaces))
    }

    /// What an object is; `None` for what is none, or none yet, or cannot be written into.
    fn kind(&self, obj: &ObjectId, before: usize) -> Option<ObjType> {
        let ObjectId::Id(id) = obj else { return Some(ObjType::Map) };
        let made = |op: &Op| if let OpType::Make(kind) = op.action { Some(kind) } else { None };
        let kind = match self.own(id) {
            None => self.doc.object_type(object(id)).ok(),
            Some(index) => self.change.operations.get(index).filter(|_| index < before).and_then(made),
        };
        kind.filter(|kind| *kind != ObjType::Table)
    }

    /// Whether an operation is of the document, or an earlier one of the change, and is like that.
    fn satisfies(&self, id: &OpId, before: usize, like: impl Fn(&Named) -> bool) -> bool {
        match self.own(id) {
            None => self.named.get(&key(id)).is_some_and(like),
            Some(index) => {
                let op = self.change.operations.get(index).filter(|_| index < before);
                op.is_some_and(|op| like(&Named::new(op, id)))
            }
        }
    }
}

/// Whether an operation is a value of the key that another would give one. Most are, and the document tells at once.
fn stands(doc: &Automerge, op: &Op, id: &OpId) -> bool {
    let Key::Map(key) = &op.key else { return false };
    let obj = match &op.obj {
        ObjectId::Root => ObjId::Root,
        ObjectId::Id(id) => object(id),
    };
    let is_it = |at: &ObjId| matches!(at, ObjId::Id(counter, actor, _) if *counter == id.counter() && actor == id.actor());
    let values = doc.get_all(&obj, key.as_str()).unwrap_or_default();
    values.iter().any(|(_, at)| is_it(at))
}

/// The operation of a change that has this number.
fn nth<'c>(change: &'c ExpandedChange, id: &OpId) -> Option<&'c Op> {
    let index = id.counter().checked_sub(change.start_op.get())?;
    change.operations.get(usize::try_from(index).ok()?)
}

#[cfg(test)]
mod tests;
