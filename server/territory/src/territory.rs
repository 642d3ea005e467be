//! `Territory::handle(now, inputs) -> Outcome`: the only door.
//!
//! A territory takes what happened, merges it, and says what must be done about it: first kept, then answered, then
//! published. It performs nothing itself. Inputs come in batches, and a batch ends with one message for all steady
//! peers, so that a burst of changes costs each peer one frame.
//!
//! Invariant: whatever an `Outcome` sends speaks of heads that its `persist`, or an earlier one, contains.

pub(crate) mod assembly;
mod broadcast;
mod deciding;
mod gossip;
mod hearing;
mod merging;
mod reviewing;
mod setting_aside;
mod upkeep;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{ActorId, Automerge, Change, ChangeHash};
use portrea_indicators::engine::Engine;
use portrea_protocol::epoch::Seal;
use portrea_protocol::ids::{ContributorId, PeerId, StorageId, TerritoryId};
use portrea_protocol::schema::path::Paths;
use portrea_protocol::schema::read;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::Event;
use portrea_protocol::wire::quarantine::Reason;
use portrea_protocol::wire::sync;

use self::assembly::Assembly;
pub use self::assembly::Gaps;
use self::setting_aside::Aside;
use crate::attribution::Attribution;
use crate::changes::{Objects, Records};
use crate::chunk::{Chunk, ChunkId, Damage, Snapshot};
use crate::feed::{Feed, signed};
use crate::io::{Input, OpenError, Opening, Outcome, Reply};
use crate::merge::Pending;
use crate::order::ordered;
use crate::past::Past;
use crate::peer::Peer;
use crate::projection;
use crate::quarantine::Quarantine;
use crate::recent::Recent;

use self::upkeep::Underway;
pub use self::upkeep::{
    LOOSE_BYTES_MAX, LOOSE_CHUNKS_MAX, MERGED_MAX, OPERATIONS_A_CHUNK, REMOVED_AT_ONCE, Upkeep,
};

/// Changes merged since the last whole save that a cold peer may be given loose, behind it.
const SINCE_SAVE_MAX: usize = 256;

/// One territory: its document, records, indicators, feed and connected peers.
#[derive(Debug)]
pub struct Territory {
    id: TerritoryId,
    /// Which of the territory's documents this is.
    epoch: u32,
    storage: StorageId,
    actor: ActorId,
    doc: Automerge,
    heads: Vec<ChangeHash>,
    paths: Paths,
    records: Records,
    objects: Objects,
    engine: Engine,
    attribution: Attribution,
    feed: Feed,
    pending: Pending,
    quarantine: Quarantine,
    /// Changes that others which were merged build on, and that the store lost: their hashes vouch for them.
    wanted: BTreeSet<ChangeHash>,
    /// Whether bindings were lost: an actor that belongs to nobody may then be whoever brings it.
    lost_bindings: bool,
    /// Under which actor changes of another are made anew, by that and the contributor.
    seats: BTreeMap<(ActorId, ContributorId), ActorId>,
    /// The last change of each such actor.
    seated: BTreeMap<ActorId, ChangeHash>,
    /// What the store had lost when the territory was opened.
    gaps: Gaps,
    peers: BTreeMap<PeerId, Peer>,
    known_heads: BTreeMap<StorageId, Vec<ChangeHash>>,
    /// Storages that connected peers asked about, and how many did.
    listened: BTreeMap<StorageId, usize>,
    limits: Upkeep,
    loose: Vec<ChunkId>,
    loose_bytes: usize,
    /// What is being saved.
    underway: Option<Underway>,
    /// The latest snapshot, and what is to be removed because of it.
    superseded: Option<Snapshot>,
    merged_since_renewal: usize,
    /// Whether some of that came in large pieces.
    in_pieces: bool,
    /// The highest number that an operation has.
    operations: u64,
    /// Each actor's last change.
    latest: BTreeMap<ActorId, Last>,
    past: Past,
    recent: Recent,
    /// The document as it was saved last, and how many recent changes had come by then.
    saved: Option<(Arc<[u8]>, usize)>,
    batch: Merged,
}

/// The numbers of an actor's last change.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    /// Which of its changes it is, from 1.
    seq: u64,
    /// Its last operation.
    operation: u64,
    /// Its hash.
    hash: Option<ChangeHash>,
}

impl Last {
    fn of(change: &Change) -> Self {
        Self { seq: change.seq(), operation: change.max_op(), hash: Some(change.hash()) }
    }
}

/// What the batch at hand merged.
#[derive(Debug, Default)]
struct Merged {
    changes: Vec<(Vec<u8>, Option<PeerId>)>,
    acknowledge: BTreeSet<PeerId>,
    /// How many changes were set aside, by whom they came and why.
    aside: BTreeMap<(ContributorId, Reason), Aside>,
}

impl Territory {
    /// Opens a territory from what was kept of it; where something is lost, from the greatest part that hangs together.
    pub fn open(opening: Opening) -> Result<Self, OpenError> {
        let Opening { id, actor, storage, kept, statistics } = opening;
        let attribution = Attribution::load(kept.bindings.clone());
        let Assembly { doc, loose, pending, gaps } = assembly::assemble(&kept, &actor, &attribution)?;
        let operations =
            doc.get_changes_meta(&[]).iter().map(|change| change.max_op).max().unwrap_or_default();
        let mut latest: BTreeMap<ActorId, Last> = BTreeMap::new();
        for change in doc.get_changes_meta(&[]) {
            let last = latest.entry(change.actor.into_owned()).or_default();
            if change.seq > last.seq {
                *last = Last { seq: change.seq, operation: change.max_op, hash: Some(change.hash) };
            }
        }
        let records = read::structures(&doc);
        let mut engine = Engine::new(statistics);
        for (id, structure) in &records {
            engine.set(id, Some(projection::of(structure)));
        }
        engine.settle();
        let mut paths = Paths::of(&doc);
        let lost_bindings =
            kept.damaged.iter().any(|damage| matches!(damage, Damage::Binding(_) | Damage::Stretch));
        let loose_bytes = kept.chunks.iter().map(|chunk| chunk.bytes().len()).sum();
        Ok(Self {
            id,
            // Whatever the store lost, the document tells.
            epoch: kept.epoch.max(Seal::of(&doc).epoch),
            storage,
            actor,
            past: Past::of(&doc),
            recent: Recent::since(&doc.get_heads()),
            heads: doc.get_heads(),
            records,
            objects: Objects::default(),
            engine,
            attribution,
            feed: Feed::after(kept.feed_last),
            pending,
            quarantine: Quarantine::load(kept.quarantine, &doc, &mut paths),
            wanted: gaps.lost.iter().copied().collect(),
            lost_bindings,
            seats: BTreeMap::new(),
            seated: BTreeMap::new(),
            gaps,
            paths,
            doc,
            peers: BTreeMap::new(),
            known_heads: BTreeMap::new(),
            listened: BTreeMap::new(),
            limits: Upkeep::default(),
            loose,
            loose_bytes,
            underway: None,
            superseded: None,
            merged_since_renewal: kept.chunks.len(),
            in_pieces: false,
            operations,
            latest,
            saved: None,
            batch: Merged::default(),
        })
    }

    /// The territory with other limits of upkeep than the usual ones.
    #[must_use]
    pub fn with_upkeep(self, limits: Upkeep) -> Self {
        Self { limits, ..self }
    }

    /// Sets how much may wait in quarantine.
    #[cfg(test)]
    pub(crate) fn limit_quarantine(&mut self, limits: crate::quarantine::Limits) {
        self.quarantine.limits = limits;
    }

    /// Takes what happened and says what must be done. Each peer's inputs are handled in order; see [`crate::order`].
    pub fn handle(&mut self, now: UnixMillis, inputs: impl IntoIterator<Item = Input>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut upkeep = false;
        for input in ordered(inputs.into_iter().collect(), |actor| self.latest.contains_key(actor)) {
            match input {
                Input::Connected { peer, person, storage } => {
                    self.leave(&peer);
                    self.peers.insert(peer, Peer::new(person, storage));
                }
                Input::Message { peer, data } => {
                    if let Err(refusal) = self.message(now, &peer, &data, &mut outcome) {
                        self.leave(&peer);
                        outcome.refuse.push((peer, refusal));
                    }
                }
                Input::Subscribe { peer, add, remove } => self.subscribe(&peer, add, &remove, &mut outcome),
                Input::Ephemeral { peer, message } => self.ephemeral(&peer, message, &mut outcome),
                Input::Drained { peer } => self.bring_up(&peer, &mut outcome),
                Input::Disconnected { peer } => self.leave(&peer),
                Input::Command { ticket, person, edits, reverts } => {
                    outcome.answers.push((ticket, self.command(now, &person, &edits, reverts)));
                }
                Input::Decide { ticket, person, change, decision, through } => {
                    let decided = self.decide(now, &person, change, decision, through);
                    outcome.decided.push((ticket, decided));
                }
                Input::Joined { person } => {
                    self.feed.push(now, Some(signed(&person)), None, Event::Joined);
                }
                Input::Statistics(statistics) => self.engine.set_statistics(*statistics),
                Input::Saved(saved) => self.saved(*saved),
                Input::Tick => upkeep = true,
            }
        }
        self.settle(now, &mut outcome);
        outcome.snapshot = self.removes();
        if upkeep || self.is_overdue() {
            self.upkeep(&mut outcome);
        }
        outcome
    }

    /// Ends a batch: what was merged is to be kept, and every peer hears of it once.
    fn settle(&mut self, now: UnixMillis, outcome: &mut Outcome) {
        let Merged { changes, mut acknowledge, aside } = std::mem::take(&mut self.batch);
        self.tell_aside(now, aside);
        let merged = !changes.is_empty();
        if merged {
            self.heads = self.doc.get_heads();
            self.past.stands(&self.heads);
            let chunk =
                Chunk::new(changes.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect::<Vec<u8>>());
            self.loose.push(chunk.id());
            self.loose_bytes += chunk.bytes().len();
            outcome.persist.chunk = Some(chunk);
            // Whoever takes news hears of the batch, and with it that its own changes are kept.
            self.broadcast(&changes, outcome);
            acknowledge.retain(|id| !self.takes_news(id));
        }
        for (id, peer) in &mut self.peers {
            if let Some(message) = peer.next_message(&self.doc, &self.pending, &self.quarantine) {
                acknowledge.remove(id);
                outcome.send.push((vec![id.clone()], Reply::Sync(message.into())));
            }
        }
        // What came again, or came while catching up, is acknowledged all the same: automerge itself would not.
        if !acknowledge.is_empty() {
            let again = acknowledge.into_iter().collect();
            outcome.send.push((again, Reply::Sync(sync::steady(&self.heads, Vec::new(), false).into())));
        }
        if merged {
            self.tell_heads(&BTreeMap::from([(self.storage.clone(), self.heads.clone())]), None, outcome);
        }
        self.feed.push_indicators(now, self.engine.settle());
        outcome.persist.feed = self.feed.take();
        outcome.persist.bindings = self.attribution.take_fresh();
        outcome.persist.quarantine = self.quarantine.take_fresh();
        self.tell_quarantine(outcome);
    }
}

#[cfg(test)]
mod tests;
