//! Edits that the old document had and the new one lacks, made to fit the new one.
//!
//! What a device wrote and the server never had is kept under its own numbers: objects and characters are the same in
//! both documents. What it replaced and is forgotten, is replaced no more. What it wrote into something that is no more
//! cannot be carried; it is given back in words, for a person to read. What stood behind that takes lower numbers: a server
//! takes no change that leaves numbers out, and nobody else knows of them yet.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ReadDoc, ScalarValue};

use super::Forget;
use super::runs::{Head, Runs};
use super::seal::{Seal, last_operations};
use crate::schema::path::{Keys, Paths};
use crate::time::UnixMillis;

/// From which document to which, and what must not cross.
#[derive(Debug, Clone, Copy)]
pub struct Crossing<'a> {
    /// The document of the earlier epoch, with everything that the edits build on.
    pub old: &'a Automerge,
    /// The document of the later epoch.
    pub new: &'a Automerge,
    /// What is left out without a word. A device leaves out nothing.
    pub forget: &'a Forget,
    /// Whether the server may have had some of the edits before the new epoch began, unknown to whoever asks. Those are
    /// not brought again.
    pub maybe_taken: bool,
}

/// What became of edits.
#[derive(Debug, Default)]
pub struct CarriedOver {
    /// Changes for the new document, in order.
    pub changes: Vec<Change>,
    /// What stands for each of the changes in the new document.
    pub moved: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    /// What could not be carried.
    pub left: Vec<Left>,
}

/// Something written where nothing is any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The change that wrote it.
    pub change: ChangeHash,
    /// When, by its author's clock.
    pub at: UnixMillis,
    /// Where: keys from the root.
    pub keys: Keys,
    /// What, as text.
    pub said: String,
}

/// Makes changes of the old document, each behind those that it builds on, fit the new one.
pub fn carry_over(crossing: &Crossing<'_>, changes: &[Change]) -> CarriedOver {
    let mut carrying = Carrying::new(crossing);
    for change in changes {
        carrying.carry(change);
    }
    let Carrying { runs, moved, left, .. } = carrying;
    CarriedOver { changes: runs.changes, moved, left }
}

type Id = (u64, ActorId);

fn key(id: &OpId) -> Id {
    (id.counter(), id.actor().clone())
}

struct Carrying<'a> {
    crossing: &'a Crossing<'a>,
    /// Up to which of its operations each actor's are in the new document, or were in the old on the server.
    taken: BTreeMap<ActorId, u64>,
    old: Ancestry,
    new: Ancestry,
    runs: Runs,
    paths: Paths,
    /// The numbers that the operations so far have in the new document; `None` for those that are not carried.
    numbers: BTreeMap<Id, Option<u64>>,
    /// The highest number in the new document so far.
    highest: u64,
    /// The objects of the changes so far.
    made: BTreeMap<Id, Keys>,
    decoded: BTreeMap<ChangeHash, ExpandedChange>,
    /// What stands for changes of the old document that were asked about.
    standing: BTreeMap<Vec<ChangeHash>, Vec<ChangeHash>>,
    moved: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    left: Vec<Left>,
}

/// What becomes of an operation.
enum Fate {
    Carried(Op),
    /// It has nothing left to take away.
    Gone,
    /// What it writes into is no more.
    Stranded,
}

impl<'a> Carrying<'a> {
    fn new(crossing: &'a Crossing<'a>) -> Self {
        let last = last_operations(crossing.new);
        let highest = last.values().copied().max().unwrap_or_default();
        let mut taken = BTreeMap::new();
        if crossing.maybe_taken {
            taken = Seal::of(crossing.new).taken;
            for (actor, last) in last {
                let known = taken.entry(actor).or_default();
                *known = last.max(*known);
            }
        }
        Self {
            crossing,
            taken,
            old: Ancestry::of(crossing.old),
            new: Ancestry::of(crossing.new),
            runs: Runs::after(crossing.new),
            paths: Paths::of(crossing.old),
            numbers: BTreeMap::new(),
            highest,
            made: BTreeMap::new(),
            decoded: BTreeMap::new(),
            standing: BTreeMap::new(),
            moved: BTreeMap::new(),
            left: Vec::new(),
        }
    }

    fn carry(&mut self, change: &Change) {
        let hash = change.hash();
        self.introduce(change);
        let (mut head, start, operations, deps) = Head::take(change.decode());
        let deps = self.deps(&head.actor, deps);
        let taken = self.taken.get(&head.actor).copied().unwrap_or_default();
        let at = UnixMillis(head.time.saturating_mul(1000));
        let count = operations.len();
        let mut kept = Vec::with_capacity(count);
        for (number, op) in (start..).zip(operations) {
            let (id, keys) = ((number, head.actor.clone()), self.keys(&op));
            if matches!(op.action, OpType::Make(_)) {
                self.made.insert(id.clone(), Arc::clone(&keys));
            }
            // What is in the new document already is found there, and what was forgotten is not.
            if number <= taken {
                continue;
            }
            let said = said(&op);
            let fate = if self.crossing.forget.holds(&keys) { Fate::Gone } else { self.fate(op) };
            let next = number.min(self.highest + 1);
            self.numbers.insert(id, matches!(fate, Fate::Carried(_)).then_some(next));
            match fate {
                Fate::Carried(op) => {
                    self.highest = self.highest.max(next);
                    kept.push((next, op));
                }
                Fate::Gone => {}
                Fate::Stranded => self.strand(hash, at, keys, &said),
            }
        }
        if kept.len() < count {
            head.message = None;
        }
        let standing = self.runs.write(head, kept, deps);
        self.moved.insert(hash, standing);
    }

    /// An actor's first change names its author; should it be another one now, that names it.
    fn introduce(&mut self, change: &Change) {
        if change.seq() == 1 {
            self.runs.introduce(change.actor_id(), change.extra_bytes());
        } else if self.runs.last(change.actor_id()).is_none()
            && let Some(author) = self.crossing.old.get_author_for_actor(change.actor_id())
        {
            let bytes = author.as_bytes();
            let length = u8::try_from(bytes.len()).ok().filter(|length| *length < 0x80);
            if let Some(length) = length {
                self.runs.introduce(change.actor_id(), &[&[1, length], bytes].concat());
            }
        }
    }

    /// What an operation becomes in the new document.
    fn fate(&mut self, op: Op) -> Fate {
        let pred: Vec<OpId> = op.pred.iter().filter_map(|id| self.standing(id)).collect();
        if pred.is_empty() && matches!(op.action, OpType::Delete | OpType::Increment(_)) {
            return Fate::Gone;
        }
        let obj = match &op.obj {
            ObjectId::Root => Some(ObjectId::Root),
            ObjectId::Id(object) => self.standing(object).map(ObjectId::Id),
        };
        let key = match &op.key {
            Key::Seq(ElementId::Id(element)) if op.insert => self.anchor(element).map(Key::Seq),
            Key::Seq(ElementId::Id(element)) => self.standing(element).map(ElementId::Id).map(Key::Seq),
            Key::Map(_) | Key::Seq(ElementId::Head) => Some(op.key.clone()),
        };
        match (obj, key) {
            (Some(obj), Some(key)) => Fate::Carried(Op { obj, key, pred: pred.into(), ..op }),
            (None, _) | (_, None) => Fate::Stranded,
        }
    }

    /// What stands for an operation in the new document.
    fn standing(&self, id: &OpId) -> Option<OpId> {
        if let Some(number) = self.numbers.get(&key(id)) {
            return number.map(|number| OpId::new(number, id.actor()));
        }
        let object = ObjId::Id(id.counter(), id.actor().clone(), 0);
        self.crossing.new.hash_for_opid(&object).map(|_| id.clone())
    }

    /// The nearest element before one, itself if it stands, that the new document has.
    fn anchor(&mut self, element: &OpId) -> Option<ElementId> {
        let mut element = element.clone();
        loop {
            if let Some(standing) = self.standing(&element) {
                return Some(ElementId::Id(standing));
            }
            let object = ObjId::Id(element.counter(), element.actor().clone(), 0);
            let hash = self.crossing.old.hash_for_opid(&object)?;
            let change = match self.decoded.entry(hash) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(self.crossing.old.get_change_by_hash(&hash)?.decode()),
            };
            let index = usize::try_from(element.counter().checked_sub(change.start_op.get())?).ok()?;
            element = match &change.operations.get(index)?.key {
                Key::Seq(ElementId::Id(before)) => before.clone(),
                Key::Seq(ElementId::Head) => return Some(ElementId::Head),
                Key::Map(_) => return None,
            };
        }
    }

    /// Where an operation writes, in keys from the root.
    fn keys(&self, op: &Op) -> Keys {
        let parent: Keys = match &op.obj {
            ObjectId::Root => Arc::from([]),
            ObjectId::Id(id) => {
                let made = self.made.get(&key(id)).cloned();
                let found = made.or_else(|| self.paths.find(self.crossing.old, id.counter(), id.actor()));
                found.unwrap_or_else(|| Arc::from([Arc::from("?")]))
            }
        };
        match &op.key {
            Key::Map(key) => parent.iter().cloned().chain([Arc::from(key.as_str())]).collect(),
            Key::Seq(_) => parent,
        }
    }

    fn strand(&mut self, change: ChangeHash, at: UnixMillis, keys: Keys, said: &str) {
        match self.left.last_mut() {
            Some(last) if last.change == change && last.keys == keys => last.said.push_str(said),
            Some(_) | None => self.left.push(Left { change, at, keys, said: said.to_owned() }),
        }
    }

    /// What a change builds on in the new document.
    fn deps(&mut self, actor: &ActorId, deps: Vec<ChangeHash>) -> Vec<ChangeHash> {
        let (own, mut others): (Vec<ChangeHash>, Vec<ChangeHash>) =
            deps.into_iter().partition(|dep| self.moved.contains_key(dep));
        let mut found: Vec<ChangeHash> =
            own.iter().filter_map(|dep| self.moved.get(dep)).flatten().copied().collect();
        others.sort_unstable();
        let (old, new) = (&self.old, &self.new);
        let standing = self.standing.entry(others).or_insert_with_key(|deps| new.up_to(&old.clock(deps)));
        found.extend(standing.iter().copied());
        found.extend(self.runs.last(actor));
        found
    }
}

/// What an operation wrote, as a person would read it.
fn said(op: &Op) -> String {
    match (&op.action, &op.key) {
        (OpType::Put(ScalarValue::Boolean(true)), Key::Map(member)) => member.to_string(),
        (OpType::Put(ScalarValue::Str(text)), _) => text.to_string(),
        (OpType::Put(value), _) => value.to_string(),
        (
            OpType::Make(_)
            | OpType::Delete
            | OpType::Increment(_)
            | OpType::MarkBegin(_)
            | OpType::MarkEnd(_),
            _,
        ) => String::new(),
    }
}

/// Which change builds on which, and up to which operation of their actors.
struct Ancestry {
    changes: BTreeMap<ChangeHash, Ancestor>,
    /// Each actor's changes by the number of their last operation.
    actors: BTreeMap<ActorId, BTreeMap<u64, ChangeHash>>,
}

struct Ancestor {
    actor: ActorId,
    last: u64,
    deps: Vec<ChangeHash>,
}

impl Ancestry {
    fn of(doc: &Automerge) -> Self {
        let mut actors: BTreeMap<ActorId, BTreeMap<u64, ChangeHash>> = BTreeMap::new();
        let mut changes = BTreeMap::new();
        for change in doc.get_changes_meta(&[]) {
            let actor = change.actor.into_owned();
            actors.entry(actor.clone()).or_default().insert(change.max_op, change.hash);
            changes.insert(change.hash, Ancestor { actor, last: change.max_op, deps: change.deps });
        }
        Self { changes, actors }
    }

    /// All that changes build on, and they themselves.
    fn reach(&self, changes: &[ChangeHash]) -> BTreeSet<ChangeHash> {
        let mut seen = BTreeSet::new();
        let mut left = changes.to_vec();
        while let Some(hash) = left.pop() {
            if let Some(change) = self.changes.get(&hash)
                && seen.insert(hash)
            {
                left.extend(&change.deps);
            }
        }
        seen
    }

    /// Up to which operation of each actor changes know.
    fn clock(&self, changes: &[ChangeHash]) -> BTreeMap<ActorId, u64> {
        let mut clock: BTreeMap<ActorId, u64> = BTreeMap::new();
        for change in self.reach(changes).iter().filter_map(|hash| self.changes.get(hash)) {
            let known = clock.entry(change.actor.clone()).or_default();
            *known = change.last.max(*known);
        }
        clock
    }

    /// The last changes that know no more than that.
    fn up_to(&self, clock: &BTreeMap<ActorId, u64>) -> Vec<ChangeHash> {
        let known = clock.iter().filter_map(|(actor, last)| {
            self.actors.get(actor)?.range(..=*last).next_back().map(|(_, hash)| *hash)
        });
        let known: BTreeSet<ChangeHash> = known.collect();
        let builds: Vec<ChangeHash> =
            known.iter().filter_map(|hash| self.changes.get(hash)).flat_map(|it| it.deps.clone()).collect();
        let behind = self.reach(&builds);
        known.difference(&behind).copied().collect()
    }
}
