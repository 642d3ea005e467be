//! A territory's log without what is to be forgotten: everything that is kept of it, rewritten.
//!
//! The document's history is rewritten by [`portrea_protocol::epoch`] and begins a new epoch; what the feed tells of it is
//! blanked, under the numbers that events have (`events`); changes that were not merged are made to fit the new document
//! (`waiting`). A person may be forgotten too: their name goes, and what they wrote stays, under the number that they
//! are known by. Figures that move with what is forgotten are told, as the feed's last event. Nothing here is kept: whoever asks has a store put the result in the place of all that there was.

mod events;
mod people;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, Automerge, Change};
use portrea_indicators::delta::Delta;
use portrea_indicators::engine::Engine;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::epoch::{self, EpochError, Forget, Rewritten, Seal};
use portrea_protocol::ids::ContributorId;
use portrea_protocol::schema::read;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::attribution::Attribution;
use crate::chunk::{Binding, Chunk, Epoch, FeedRow, Kept};
use crate::feed::Feed;
use crate::held::Held;
use crate::io::OpenError;
use crate::projection;
use crate::territory::assembly::assemble;

/// What stands in the place of the name of somebody who was erased.
pub const NOBODY: &str = "personne effacée";

/// What is to be forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// What of the directory.
    pub forget: Forget,
    /// Whom.
    pub person: Option<Whom>,
}

/// Somebody whose name is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// By what they are known.
    pub contributor: ContributorId,
    /// The names that they are known to have had; more are found in the log.
    pub names: BTreeSet<String>,
}

/// All that is kept of a territory.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Its log.
    pub kept: Kept,
    /// Its feed.
    pub feed: Vec<FeedRow>,
    /// What its figures are computed with.
    pub statistics: Statistics,
}

/// How much was found of what is to be forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Operations of the document, each a value, a member or a character that was written or removed.
    pub operations: usize,
    /// Operations that go because they were replaced long ago.
    pub replaced: usize,
    /// Events of the feed that are blanked.
    pub events: usize,
    /// Changes that wait, or waited, for somebody's decision and lose something.
    pub waiting: usize,
    /// Of these, how many go, for nothing is left of them.
    pub emptied: usize,
    /// Places beside these where a person's name stands.
    pub names: usize,
}

impl Counts {
    /// Whether there is nothing to forget.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A log without what is forgotten.
#[derive(Debug)]
pub struct Erased {
    /// What takes the place of all that was kept.
    pub epoch: Epoch,
    /// What was found.
    pub counts: Counts,
    /// The document's size before, in bytes.
    pub bytes_before: usize,
    /// The names that were forgotten.
    pub names: BTreeSet<String>,
}

/// Why a log cannot be rewritten. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Unerased {
    /// Something of it is damaged or lost: what cannot be read cannot be rewritten.
    #[error("something of the territory is damaged; restore it first")]
    Damaged,
    /// The document does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The document's history could not be rewritten.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// The rewritten directory would differ in what was not to be forgotten: a bug, noticed before anything was lost.
    #[error("the rewritten directory differs in what was not to be forgotten; nothing was done")]
    Differs,
}

/// Rewrites a log at `now`; the new document is sealed by `actor`, which must be fresh.
pub fn erase(past: Past, wish: &Wish, now: UnixMillis, actor: &ActorId) -> Result<Erased, Unerased> {
    let Past { kept, feed, statistics } = past;
    let last = feed.last().map_or(0, |row| row.seq);
    if !kept.damaged.is_empty() || last != kept.feed_last {
        return Err(Unerased::Damaged);
    }
    let assembly = assemble(&kept, actor, &Attribution::load(kept.bindings.clone()))?;
    if !assembly.gaps.lost.is_empty() {
        return Err(Unerased::Damaged);
    }
    let old = assembly.doc;
    let whom = wish.person.as_ref().map(|whom| people::known(whom, &kept, &feed));
    let mut forget = wish.forget.clone();
    if let Some(whom) = &whom {
        forget.subjects.extend(people::signatures(&old, &whom.names));
    }
    let standing = kept.epoch.max(Seal::of(&old).epoch);
    let mut counts = Counts::default();
    let apart = apart(&kept.quarantine, &kept.bindings);
    let rewritten = rewritten(&old, &forget, &apart, (standing + 1, actor, now))?;
    let quarantine = match &rewritten {
        Some(rewritten) => {
            counts.operations = rewritten.forgotten;
            counts.replaced = rewritten.replaced;
            waiting::carried(kept.quarantine, &old, rewritten, &forget, &mut counts)
        }
        // What waits may hold it though the document does not.
        None => waiting::carried_within(kept.quarantine, &old, &forget, &mut counts),
    };
    let quarantine =
        quarantine.into_iter().map(|held| people::held(held, whom.as_ref(), &mut counts)).collect();
    let bindings =
        kept.bindings.into_iter().map(|it| people::binding(it, whom.as_ref(), &mut counts)).collect();
    let feed = feed.into_iter().map(|row| events::blanked(row, &forget, whom.as_ref(), &mut counts));
    let mut feed = feed.collect::<Option<Vec<FeedRow>>>().ok_or(Unerased::Damaged)?;
    if let Some(rewritten) = &rewritten {
        let mut last = Feed::after(last);
        last.push_indicators(now, moved(&old, &rewritten.document, statistics));
        feed.extend(last.take());
    }
    let bytes_before = old.save().len();
    let (number, document) = match rewritten {
        Some(Rewritten { document, .. }) => (standing + 1, document.save()),
        None => (standing, old.save()),
    };
    let epoch = Epoch { number, document: Chunk::new(document), bindings, quarantine, feed };
    Ok(Erased { epoch, counts, bytes_before, names: whom.map(|whom| whom.names).unwrap_or_default() })
}

/// The figures that are others than they were.
fn moved(old: &Automerge, new: &Automerge, statistics: Statistics) -> Vec<Delta> {
    let (old, mut new) = (read::structures(old), read::structures(new));
    let mut engine = Engine::new(statistics);
    for (id, structure) in &old {
        engine.set(id, Some(projection::of(structure)));
    }
    engine.settle();
    for id in old.keys() {
        engine.set(id, new.remove(id).as_ref().map(projection::of));
    }
    engine.settle()
}

/// Up to which of their operations actors' changes are kept apart: their devices need not bring them again, and would
/// bring back what is forgotten of them. A change under somebody else's actor says nothing of what that one's device has.
fn apart(quarantine: &[Held], bindings: &[Binding]) -> BTreeMap<ActorId, u64> {
    let owners: BTreeMap<&str, ContributorId> =
        bindings.iter().map(|binding| (binding.actor.as_str(), binding.contributor)).collect();
    let mut apart: BTreeMap<ActorId, u64> = BTreeMap::new();
    for Held { bytes, note, .. } in quarantine {
        let Ok(change) = Change::try_from(&**bytes) else { continue };
        let actor = change.actor_id();
        if owners.get(actor.to_hex_string().as_str()) == Some(&note.contributor) {
            let known = apart.entry(actor.clone()).or_default();
            *known = change.max_op().max(*known);
        }
    }
    apart
}

/// The document of the next epoch, under its number, sealed by an actor at a time; none where it has nothing to forget.
fn rewritten(
    old: &Automerge,
    forget: &Forget,
    apart: &BTreeMap<ActorId, u64>,
    (number, actor, now): (u32, &ActorId, UnixMillis),
) -> Result<Option<Rewritten>, Unerased> {
    if forget.subjects.is_empty() && forget.before.is_none() {
        return Ok(None);
    }
    let rewritten = epoch::begin(old, forget, apart, number, actor, now)?;
    if rewritten.forgotten == 0 && rewritten.replaced == 0 {
        return Ok(None);
    }
    if is_as_it_was(old, &rewritten.document, forget) { Ok(Some(rewritten)) } else { Err(Unerased::Differs) }
}

/// Whether the records that nothing is forgotten of are the same: looked at once more, for what is lost now is lost.
fn is_as_it_was(old: &Automerge, new: &Automerge, forget: &Forget) -> bool {
    let touched: BTreeSet<_> = forget.subjects.iter().map(epoch::Subject::structure_id).collect();
    let untouched = |doc: &Automerge| {
        let mut records = read::structures(doc);
        records.retain(|id, _| !touched.contains(id));
        records
    };
    let (old, new) = (untouched(old), untouched(new));
    // What is no number is not equal to itself.
    old == new || format!("{old:?}") == format!("{new:?}")
}

#[cfg(test)]
mod tests;
