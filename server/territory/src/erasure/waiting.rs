//! Changes that were not merged, without what is forgotten, and such that they fit the new document.
//!
//! They are carried over as those of a device are. One that loses something in its middle becomes several, each with the
//! same note; one of which nothing is left is gone. What stands for it in the document keeps its number there.

use std::collections::BTreeMap;

use automerge::{Automerge, Change, ChangeHash};
use portrea_protocol::epoch::{Crossing, Forget, Rewritten, carry_over};
use portrea_protocol::schema::path::Paths;

use super::Counts;
use crate::held::{Held, Twin};
use crate::quarantine::Quarantine;

/// The changes, for the document that was rewritten.
pub(super) fn carried(
    held: Vec<Held>,
    old: &Automerge,
    rewritten: &Rewritten,
    forget: &Forget,
    counts: &mut Counts,
) -> Vec<Held> {
    let crossing = Crossing { old, new: &rewritten.document, forget, maybe_taken: false };
    carry(held, &crossing, &|hash| rewritten.moved.get(hash)?.last().copied(), counts)
}

/// The changes, where the document stays: they are as they were unless one of them holds what is forgotten.
pub(super) fn carried_within(
    held: Vec<Held>,
    doc: &Automerge,
    forget: &Forget,
    counts: &mut Counts,
) -> Vec<Held> {
    if held.is_empty() || forget.subjects.is_empty() {
        return held;
    }
    let crossing = Crossing { old: doc, new: doc, forget, maybe_taken: false };
    let mut found = Counts::default();
    let carried = carry(held.clone(), &crossing, &|hash| Some(*hash), &mut found);
    if found.waiting == 0 {
        return held;
    }
    (counts.waiting, counts.emptied) = (found.waiting, found.emptied);
    carried
}

fn carry(
    held: Vec<Held>,
    crossing: &Crossing<'_>,
    moved: &dyn Fn(&ChangeHash) -> Option<ChangeHash>,
    counts: &mut Counts,
) -> Vec<Held> {
    // In an order in which each comes after what it builds on.
    let ordered = Quarantine::load(held, crossing.old, &mut Paths::of(crossing.old));
    let entries: Vec<(&Held, Change)> = ordered
        .iter()
        .filter_map(|entry| Some((&entry.held, Change::try_from(&*entry.held.bytes).ok()?)))
        .collect();
    let changes: Vec<Change> = entries.iter().map(|(_, change)| change.clone()).collect();
    let over = carry_over(crossing, &changes);
    let places: BTreeMap<ChangeHash, usize> =
        over.changes.iter().enumerate().map(|(place, change)| (change.hash(), place)).collect();
    let mut next = 0;
    let mut carried = Vec::new();
    for (held, original) in entries {
        // Where something is left of it, the last of its pieces stands for it.
        let stands = over.moved.get(&held.hash).and_then(|standing| standing.last());
        let last = stands.and_then(|hash| places.get(hash)).filter(|place| **place >= next);
        let pieces = last.and_then(|last| over.changes.get(next..=*last)).unwrap_or_default();
        next += pieces.len();
        let left: usize = pieces.iter().map(Change::len).sum();
        counts.waiting += usize::from(left < original.len());
        counts.emptied += usize::from(pieces.is_empty());
        for piece in pieces {
            let offset = piece.start_op().get().saturating_sub(original.start_op().get());
            let mut note = held.note.clone();
            note.twin = note.twin.and_then(|twin| part(&twin, offset, piece.len() as u64, moved));
            carried.push(Held { hash: piece.hash(), bytes: piece.raw_bytes().into(), note });
        }
    }
    carried
}

/// The part of a twin that stands for a piece of its original: `len` operations from `offset` on.
fn part(
    twin: &Twin,
    offset: u64,
    len: u64,
    moved: &dyn Fn(&ChangeHash) -> Option<ChangeHash>,
) -> Option<Twin> {
    let before = twin.left_out.iter().filter(|index| **index < offset).count() as u64;
    let inside = offset..offset.saturating_add(len);
    let left_out = twin.left_out.iter().filter(|index| inside.contains(index));
    Some(Twin {
        change: moved(&twin.hash()?)?.to_string(),
        actor: twin.actor.clone(),
        start: twin.start + offset - before,
        left_out: left_out.map(|index| index - offset).collect(),
    })
}
