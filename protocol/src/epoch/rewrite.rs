//! A document's history without what is to be forgotten.
//!
//! Every change is looked through twice or three times: first for what is left out, then it is written anew from the rest.
//! Who wrote what, when and on what is kept; a change of which nothing is left is gone, and what built on it builds on what
//! it built on. What a change says in words is left out where it touched what is forgotten, for it may tell of it.
//!
//! What was replaced before an instant goes too, where that is asked: nobody sees it any more. A character that
//! was deleted stays as a blank while others were typed behind it, for they say where they stand by naming it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange, ScalarValue};

use super::runs::{Head, Runs};
use super::seal::{self, Seal};
use super::{EpochError, Forget};
use crate::schema::document;
use crate::schema::path::Keys;
use crate::time::UnixMillis;

/// What stands in the place of a deleted character that others name.
const BLANK: &str = " ";

/// A document rewritten.
#[derive(Debug)]
pub struct Rewritten {
    /// The new document, under the actor of the old.
    pub document: Automerge,
    /// What stands for each change of the old document: the last change that was made of it, or, where nothing is left of
    /// it, what it built on.
    pub moved: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    /// How many operations were forgotten.
    pub forgotten: usize,
    /// How many more were left out because they were replaced long ago.
    pub replaced: usize,
}

/// Begins a new epoch: rewrites a document, and seals it as epoch `epoch` by the server's own `actor` at `at`.
///
/// `apart` tells up to which of their operations actors' changes are kept beside the document, because they were refused.
pub fn begin(
    doc: &Automerge,
    forget: &Forget,
    apart: &BTreeMap<ActorId, u64>,
    epoch: u32,
    actor: &ActorId,
    at: UnixMillis,
) -> Result<Rewritten, EpochError> {
    let rewritten = rewrite(doc, forget)?;
    let seal = Seal::after(doc, &rewritten.document, apart, epoch);
    let mut document = rewritten.document;
    seal.set(doc, &mut document, actor, at)?;
    Ok(Rewritten { document, ..rewritten })
}

/// Rewrites a document without what is to be forgotten. The same document and the same wish give the same, byte by byte.
pub fn rewrite(doc: &Automerge, forget: &Forget) -> Result<Rewritten, EpochError> {
    let changes = doc.get_changes(&[]);
    let mut plan = Plan::default();
    let forgotten = plan.forget(&changes, forget);
    let sealed = plan.dropped.len() - forgotten;
    if let Some(before) = forget.before {
        plan.trim(&changes, before);
    }
    let replaced = plan.dropped.len() - forgotten - sealed + plan.blank.len();
    let mut runs = Runs::default();
    let mut moved: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
    for change in &changes {
        let hash = change.hash();
        if change.seq() == 1 {
            runs.introduce(change.actor_id(), change.extra_bytes());
        }
        let (mut head, start, operations, deps) = Head::take(change.decode());
        let touched = (start..).zip(&operations).any(|(number, _)| plan.drops(number, &head.actor));
        if touched {
            head.message = None;
            head.extra = if change.seq() == 1 { head.extra } else { Vec::new() };
        }
        let actor = head.actor.clone();
        let rest = (start..)
            .zip(operations)
            .filter_map(|(number, op)| Some((number, plan.rest(number, &actor, op)?)));
        let deps = deps.iter().filter_map(|dep| moved.get(dep)).flatten().copied().collect();
        let standing = runs.write(head, rest, deps);
        moved.insert(hash, standing);
    }
    let mut document = document::blank(doc.get_actor().clone());
    document.apply_changes(runs.changes)?;
    document::spread(&mut document)?;
    Ok(Rewritten { document, moved, forgotten, replaced })
}

/// An operation, to be found: its number first, for actors are few.
type Id = (u64, ActorId);

fn key(id: &OpId) -> Id {
    (id.counter(), id.actor().clone())
}

/// What is left out, and what is blanked.
#[derive(Debug, Default)]
struct Plan {
    dropped: BTreeSet<Id>,
    blank: BTreeSet<Id>,
}

impl Plan {
    fn drops(&self, number: u64, actor: &ActorId) -> bool {
        self.dropped.contains(&(number, actor.clone()))
    }

    /// Drops everything under the forgotten keys, and the last epoch's seal; says how many operations are forgotten.
    fn forget(&mut self, changes: &[Change], forget: &Forget) -> usize {
        let mut forgotten = 0;
        let mut made: BTreeMap<Id, Keys> = BTreeMap::new();
        for change in changes {
            let ExpandedChange { operations, actor_id, start_op, .. } = change.decode();
            for (number, op) in (start_op.get()..).zip(operations) {
                let parent: Keys = match &op.obj {
                    ObjectId::Root => Arc::from([]),
                    ObjectId::Id(id) => made.get(&key(id)).cloned().unwrap_or_else(|| Arc::from([])),
                };
                let keys: Keys = match &op.key {
                    Key::Map(key) => parent.iter().cloned().chain([Arc::from(key.as_str())]).collect(),
                    Key::Seq(_) => parent,
                };
                let held = forget.holds(&keys);
                if held || seal::is_here(&keys) {
                    self.dropped.insert((number, actor_id.clone()));
                    forgotten += usize::from(held);
                }
                if matches!(op.action, OpType::Make(_)) {
                    made.insert((number, actor_id.clone()), keys);
                }
            }
        }
        forgotten
    }

    /// Drops what was replaced before an instant, and blanks what is named by what stays.
    fn trim(&mut self, changes: &[Change], before: UnixMillis) {
        let replaced = replaced(changes, before);
        // Whatever stands in an object that was replaced is gone with it.
        let mut doomed: BTreeSet<Id> = BTreeSet::new();
        for change in changes {
            let ExpandedChange { operations, actor_id, start_op, .. } = change.decode();
            for (number, op) in (start_op.get()..).zip(operations) {
                let id = (number, actor_id.clone());
                let inside =
                    if let ObjectId::Id(object) = &op.obj { doomed.contains(&key(object)) } else { false };
                let replaced = replaced.contains(&id);
                if matches!(op.action, OpType::Make(_)) && (inside || replaced) {
                    doomed.insert(id.clone());
                }
                if inside || (replaced && !op.insert) {
                    self.dropped.insert(id);
                } else if replaced && !self.dropped.contains(&id) {
                    self.blank.insert(id);
                }
            }
        }
        self.prune(changes);
    }

    /// Drops blanks that nothing names, from the last to the first: a blank may have been named by another alone.
    fn prune(&mut self, changes: &[Change]) {
        let mut named: BTreeSet<Id> = BTreeSet::new();
        for change in changes.iter().rev() {
            let ExpandedChange { operations, actor_id, start_op, .. } = change.decode();
            let mut number = start_op.get() + operations.len() as u64;
            for op in operations.into_iter().rev() {
                number -= 1;
                let id = (number, actor_id.clone());
                let takes = matches!(op.action, OpType::Increment(_))
                    && op.pred.iter().all(|id| self.dropped.contains(&key(id)));
                if takes || self.dropped.contains(&id) || matches!(op.action, OpType::Delete) {
                    continue;
                }
                if self.blank.contains(&id) && !named.contains(&id) {
                    self.blank.remove(&id);
                    self.dropped.insert(id);
                    continue;
                }
                if let Key::Seq(ElementId::Id(element)) = &op.key {
                    named.insert(key(element));
                }
            }
        }
    }

    /// What is left of an operation; `None` when it is left out or has nothing left to take away.
    fn rest(&self, number: u64, actor: &ActorId, op: Op) -> Option<Op> {
        let id = (number, actor.clone());
        if self.dropped.contains(&id) {
            return None;
        }
        let pred: Vec<OpId> = op.pred.iter().filter(|id| !self.dropped.contains(&key(id))).cloned().collect();
        if pred.is_empty() && matches!(op.action, OpType::Delete | OpType::Increment(_)) {
            return None;
        }
        let action = if self.blank.contains(&id) { OpType::Put(ScalarValue::from(BLANK)) } else { op.action };
        Some(Op { action, pred: pred.into(), ..op })
    }
}

/// What was replaced or removed before an instant, and whatever that had replaced itself: by a clock that is wrong it may
/// have been replaced later, and would stand again.
fn replaced(changes: &[Change], before: UnixMillis) -> BTreeSet<Id> {
    let mut replaced = BTreeSet::new();
    let old = |change: &&Change| change.timestamp().saturating_mul(1000) < before.0;
    for change in changes.iter().filter(old) {
        for op in change.decode().operations {
            match op.action {
                // What counts on goes on from what it counts on.
                OpType::Increment(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => {}
                OpType::Put(_) | OpType::Make(_) | OpType::Delete => {
                    replaced.extend(op.pred.iter().map(key));
                }
            }
        }
    }
    // From the last to the first: each comes after what it replaces.
    for change in changes.iter().rev() {
        let ExpandedChange { operations, actor_id, start_op, .. } = change.decode();
        let mut number = start_op.get() + operations.len() as u64;
        for op in operations.into_iter().rev() {
            number -= 1;
            if replaced.contains(&(number, actor_id.clone())) {
                replaced.extend(op.pred.iter().map(key));
            }
        }
    }
    replaced
}
