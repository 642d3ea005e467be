//! What a change would do, before it does: where its operations write, which objects it makes, and whether its author's
//! role allows it.
//!
//! One pass over the decoded operations. An object's path comes from the document, or, for a change that builds on others
//! which were not merged, from those; whoever asks says where to look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{Automerge, ChangeHash, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc};
use portrea_protocol::people::Role;
use portrea_protocol::policy::{Act, Ground, decide};
use portrea_protocol::schema::path::{Keys, Paths, Target};
use portrea_protocol::wire::quarantine::Reason;

/// What a change would do.
#[derive(Debug, Default)]
pub struct Inspection {
    /// What it touches, in the words of the schema.
    pub targets: BTreeSet<Target>,
    /// The objects that it makes, by the number of the operation, with their paths.
    pub made: BTreeMap<u64, Keys>,
    /// Why its author may not do it.
    pub refused: Option<Reason>,
}

/// Who wants to write, having seen what.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The role of whoever brought the change.
    pub role: Role,
    /// The changes of the document that it builds on.
    pub deps: &'a [ChangeHash],
}

impl Inspection {
    /// The objects that the change made stand in the document from now on.
    pub fn remember(&self, paths: &mut Paths, change: &ExpandedChange) {
        for (counter, keys) in &self.made {
            paths.remember(*counter, &change.actor_id, Arc::clone(keys));
        }
    }
}

/// Looks through a change that is not in the document yet. Without a judge nothing is refused.
pub fn inspect(
    doc: &Automerge,
    change: &ExpandedChange,
    judge: Option<Judge<'_>>,
    locate: impl FnMut(&OpId) -> Option<Keys>,
) -> Inspection {
    let mut inspection = Inspection::default();
    let mut text: Option<&ObjectId> = None;
    let made = walk(change, locate, |op, keys, own| {
        // Of a run of operations in one text the first tells everything: they stand at one path, and whoever may write
        // there may remove.
        let inside = matches!(op.key, Key::Seq(_)) && !matches!(op.action, OpType::Make(_));
        if inside && text == Some(&op.obj) {
            return;
        }
        text = inside.then_some(&op.obj);
        inspection.targets.insert(Target::of(keys));
        if let (Some(judge), None) = (judge, inspection.refused) {
            let ground = Ground::of(keys);
            let act = act(doc, judge.deps, op, ground, own);
            inspection.refused = decide(judge.role, ground, act).err();
        }
    });
    Inspection { made, ..inspection }
}

/// Gives every operation with its path and whether its object is the change's own; returns the objects made, by number.
pub fn walk<'c>(
    change: &'c ExpandedChange,
    mut locate: impl FnMut(&OpId) -> Option<Keys>,
    mut each: impl FnMut(&'c Op, &Keys, bool),
) -> BTreeMap<u64, Keys> {
    let start = change.start_op.get();
    let mut made: BTreeMap<u64, Keys> = BTreeMap::new();
    let mut last: Option<(&ObjectId, Keys, bool)> = None;
    for (offset, op) in (0_u64..).zip(&change.operations) {
        let (parent, own) = match &last {
            Some((object, keys, own)) if *object == &op.obj => (Arc::clone(keys), *own),
            Some(_) | None => match &op.obj {
                ObjectId::Root => (Arc::from([]), false),
                ObjectId::Id(id) => {
                    let own = (*id.actor() == change.actor_id).then(|| made.get(&id.counter())).flatten();
                    let keys = own.cloned().or_else(|| locate(id));
                    (keys.unwrap_or_else(|| Arc::from([Arc::from("?")])), own.is_some())
                }
            },
        };
        let keys = match &op.key {
            Key::Map(key) => parent.iter().cloned().chain([Arc::from(key.as_str())]).collect(),
            Key::Seq(_) => Arc::clone(&parent),
        };
        last = Some((&op.obj, parent, own));
        if matches!(op.action, OpType::Make(_)) {
            made.insert(start.saturating_add(offset), Arc::clone(&keys));
        }
        each(op, &keys, own);
    }
    made
}

/// What an operation does to what stands where it writes.
fn act(doc: &Automerge, deps: &[ChangeHash], op: &Op, ground: Ground, own: bool) -> Act {
    match op.action {
        OpType::Delete => Act::Remove,
        OpType::Make(ObjType::Map)
            if op.pred.is_empty() && (own || !ground.is_shared() || !stands(doc, deps, op, ground)) =>
        {
            Act::Create
        }
        OpType::Make(_)
        | OpType::Put(_)
        | OpType::Increment(_)
        | OpType::MarkBegin(_)
        | OpType::MarkEnd(_) => Act::Write,
    }
}

/// Whether something stands already where a map is to be made.
///
/// An honest change names what it replaces; one that names nothing may pretend not to have seen it. Two devices may
/// make a record's inner maps at the same time, for these are read together; a record's id is drawn once, and a second
/// record under it could hide the first.
fn stands(doc: &Automerge, deps: &[ChangeHash], op: &Op, ground: Ground) -> bool {
    let Key::Map(key) = &op.key else { return true };
    let object = match &op.obj {
        ObjectId::Root => ROOT,
        ObjectId::Id(id) => ObjId::Id(id.counter(), id.actor().clone(), 0),
    };
    let any = doc.get_all(&object, key.as_str()).is_ok_and(|standing| !standing.is_empty());
    any && (ground == Ground::Record
        || doc.get_all_at(&object, key.as_str(), deps).is_ok_and(|standing| !standing.is_empty()))
}
