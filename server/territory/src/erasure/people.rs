//! Where a person's name stands in a territory's log: with who an actor belongs to, in the feed, in notes of changes that
//! were not merged, and in the marks of records, which say by whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{Key, ObjectId, OpType};
use automerge::{Automerge, ScalarValue};
use portrea_protocol::epoch::Subject;
use portrea_protocol::ids::{ContributorId, RecordId};
use portrea_protocol::schema::path::Keys;
use portrea_protocol::wire::feed::FeedEvent;

use super::{Counts, NOBODY, Whom};
use crate::chunk::{Binding, FeedRow, Kept};
use crate::held::Held;

/// Somebody with all the names that they had.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) contributor: ContributorId,
    pub(super) names: BTreeSet<String>,
}

/// Looks for every name that somebody had.
pub(super) fn known(whom: &Whom, kept: &Kept, feed: &[FeedRow]) -> Known {
    let contributor = whom.contributor;
    let mut names = whom.names.clone();
    names.extend(kept.bindings.iter().filter(|it| it.contributor == contributor).map(|it| it.name.clone()));
    for held in &kept.quarantine {
        let decided = held.note.decided.iter().map(|(who, name, _)| (*who, name));
        let all = decided.chain([(held.note.contributor, &held.note.name)]);
        names.extend(all.filter(|(who, _)| *who == contributor).map(|(_, name)| name.clone()));
    }
    for row in feed {
        let author = serde_json::from_str::<FeedEvent>(&row.json).ok().and_then(|event| event.author);
        names.extend(author.filter(|author| author.contributor == contributor).map(|author| author.name));
    }
    names.retain(|name| !name.is_empty() && name != NOBODY);
    Known { contributor, names }
}

/// The marks of records that one of these names ever stood in.
pub(super) fn signatures(doc: &Automerge, names: &BTreeSet<String>) -> BTreeSet<Subject> {
    let mut found = BTreeSet::new();
    let mut made: BTreeMap<(u64, automerge::ActorId), Keys> = BTreeMap::new();
    for change in doc.get_changes(&[]) {
        let change = change.decode();
        for (number, op) in (change.start_op.get()..).zip(&change.operations) {
            let parent: Keys = match &op.obj {
                ObjectId::Root => Arc::from([]),
                ObjectId::Id(id) => {
                    made.get(&(id.counter(), id.actor().clone())).cloned().unwrap_or_else(|| Arc::from([]))
                }
            };
            let Key::Map(key) = &op.key else { continue };
            let keys: Keys = parent.iter().cloned().chain([Arc::from(key.as_str())]).collect();
            match &op.action {
                OpType::Put(ScalarValue::Str(name)) if names.contains(name.as_str()) => {
                    found.extend(signature(&keys));
                }
                OpType::Make(_) => {
                    made.insert((number, change.actor_id.clone()), keys);
                }
                OpType::Put(_)
                | OpType::Delete
                | OpType::Increment(_)
                | OpType::MarkBegin(_)
                | OpType::MarkEnd(_) => {}
            }
        }
    }
    found
}

fn signature(keys: &[Arc<str>]) -> Option<Subject> {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    match keys.as_slice() {
        ["structures", id, mark @ ("confirmed" | "archived" | "validation"), "by"] => {
            Subject::parse(&RecordId::from(*id), &format!("{mark}/by"))
        }
        _ => None,
    }
}

/// A binding without the name.
pub(super) fn binding(mut binding: Binding, whom: Option<&Known>, counts: &mut Counts) -> Binding {
    if whom.is_some_and(|whom| whom.contributor == binding.contributor) {
        counts.names += usize::from(renamed(&mut binding.name));
    }
    binding
}

/// A change that was not merged, without the name.
pub(super) fn held(mut held: Held, whom: Option<&Known>, counts: &mut Counts) -> Held {
    let Some(whom) = whom else { return held };
    if held.note.contributor == whom.contributor {
        counts.names += usize::from(renamed(&mut held.note.name));
    }
    if let Some((_, name, _)) = held.note.decided.as_mut().filter(|(who, ..)| *who == whom.contributor) {
        counts.names += usize::from(renamed(name));
    }
    held
}

/// Takes a name away; whether it was another one.
pub(super) fn renamed(name: &mut String) -> bool {
    let differs = name != NOBODY;
    if differs {
        NOBODY.clone_into(name);
    }
    differs
}
