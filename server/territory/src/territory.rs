//! `Territory::handle(now, inputs) -> Outcome`: the only door.
//!
//! A territory takes what happened, merges it, and says what must be done about it: first kept, then answered, then
//! published. It performs nothing itself. Inputs come in batches, and a batch ends with one message for all steady
//! peers, so that a burst of changes costs each peer one frame.
//!
//! Invariant: whatever an `Outcome` sends speaks of heads that its `persist`, or an earlier one, contains.

mod assembly;
mod broadcast;
mod gossip;
mod upkeep;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::sync::{ChunkList, Message};
use automerge::{ActorId, Automerge, ChangeHash, ReadDoc};
use portrea_indicators::engine::Engine;
use portrea_protocol::ids::{PeerId, StorageId, TerritoryId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::path::{Paths, Target};
use portrea_protocol::schema::read;
use portrea_protocol::schema::revert;
use portrea_protocol::schema::write::{Edit, EditError, perform_saying};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::{Author, Event, IndicatorChange};
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync;

use self::assembly::Assembly;
pub use self::assembly::Gaps;
use crate::attribution::Attribution;
use crate::changes::{Records, reread, touched};
use crate::chunk::{Chunk, ChunkId};
use crate::feed::{Feed, Signature, author, subject};
use crate::io::{Input, OpenError, Opening, Outcome, Reply};
use crate::merge::{self, Incoming, Pending, has_all, has_named};
use crate::peer::{Peer, Standing};
use crate::projection;
use crate::recent::Recent;

pub use self::upkeep::{LOOSE_BYTES_MAX, LOOSE_CHUNKS_MAX, MERGED_MAX, Upkeep};

/// Changes merged since the last whole save that a cold peer may be given loose, behind it.
const SINCE_SAVE_MAX: usize = 256;

/// One territory: its document, records, indicators, feed and connected peers.
#[derive(Debug)]
pub struct Territory {
    id: TerritoryId,
    storage: StorageId,
    actor: ActorId,
    doc: Automerge,
    heads: Vec<ChangeHash>,
    paths: Paths,
    records: Records,
    engine: Engine,
    attribution: Attribution,
    feed: Feed,
    pending: Pending,
    /// What the store had lost when the territory was opened.
    gaps: Gaps,
    peers: BTreeMap<PeerId, Peer>,
    known_heads: BTreeMap<StorageId, Vec<ChangeHash>>,
    /// Storages that connected peers asked about, and how many did.
    listened: BTreeMap<StorageId, usize>,
    limits: Upkeep,
    loose: Vec<ChunkId>,
    loose_bytes: usize,
    merged_since_load: usize,
    /// Whether the document is being loaded afresh.
    reloading: bool,
    /// The highest number that an operation has.
    operations: u64,
    /// How many changes each actor made.
    sequences: BTreeMap<ActorId, u64>,
    recent: Recent,
    /// The document as it was saved last, and how many recent changes had come by then.
    saved: Option<(Arc<[u8]>, usize)>,
    batch: Merged,
}

/// What the batch at hand merged.
#[derive(Debug, Default)]
struct Merged {
    changes: Vec<(Vec<u8>, Option<PeerId>)>,
    acknowledge: BTreeSet<PeerId>,
}

impl Territory {
    /// Opens a territory from what was kept of it; where something is lost, from the greatest part that hangs together.
    pub fn open(opening: Opening) -> Result<Self, OpenError> {
        let Opening { id, actor, storage, kept, statistics } = opening;
        let attribution = Attribution::load(kept.bindings.clone());
        let Assembly { doc, loose, pending, gaps } = assembly::assemble(&kept, &actor, &attribution)?;
        let operations =
            doc.get_changes_meta(&[]).iter().map(|change| change.max_op).max().unwrap_or_default();
        let mut sequences = BTreeMap::new();
        for change in doc.get_changes_meta(&[]) {
            let last = sequences.entry(change.actor.into_owned()).or_default();
            *last = change.seq.max(*last);
        }
        let records = read::structures(&doc);
        let mut engine = Engine::new(statistics);
        for (id, structure) in &records {
            engine.set(id, Some(projection::of(structure)));
        }
        engine.settle();
        let loose_bytes = kept.chunks.iter().map(|chunk| chunk.bytes().len()).sum();
        Ok(Self {
            id,
            storage,
            actor,
            recent: Recent::since(&doc.get_heads()),
            heads: doc.get_heads(),
            paths: Paths::of(&doc),
            doc,
            records,
            engine,
            attribution,
            feed: Feed::after(kept.feed_last),
            pending,
            gaps,
            peers: BTreeMap::new(),
            known_heads: BTreeMap::new(),
            listened: BTreeMap::new(),
            limits: Upkeep::default(),
            loose,
            loose_bytes,
            merged_since_load: kept.chunks.len(),
            reloading: false,
            operations,
            sequences,
            saved: None,
            batch: Merged::default(),
        })
    }

    /// The territory with other limits of upkeep than the usual ones.
    #[must_use]
    pub fn with_upkeep(self, limits: Upkeep) -> Self {
        Self { limits, ..self }
    }

    /// Takes what happened and says what must be done. Inputs are handled in order.
    pub fn handle(&mut self, now: UnixMillis, inputs: impl IntoIterator<Item = Input>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut upkeep = false;
        for input in inputs {
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
                Input::Behind { peer } => {
                    if let Some(peer) = self.peers.get_mut(&peer) {
                        peer.standing = Standing::Behind;
                    }
                }
                Input::Drained { peer } => self.bring_up(&peer, &mut outcome),
                Input::Disconnected { peer } => self.leave(&peer),
                Input::Command { ticket, person, edits, reverts } => {
                    outcome.answers.push((ticket, self.command(now, &person, &edits, reverts)));
                }
                Input::Joined { person } => {
                    let author = Author {
                        contributor: person.contributor,
                        name: person.name,
                        device: person.device,
                        clock: None,
                        change: None,
                        reverts: None,
                    };
                    self.feed.push(now, Some(author), None, Event::Joined);
                }
                Input::Statistics(statistics) => self.engine.set_statistics(*statistics),
                Input::Reloaded(reloaded) => self.reloaded(*reloaded),
                Input::Tick => upkeep = true,
            }
        }
        self.settle(now, &mut outcome);
        if upkeep || self.is_overdue() {
            self.upkeep(&mut outcome);
        }
        outcome
    }

    fn message(
        &mut self,
        now: UnixMillis,
        id: &PeerId,
        data: &[u8],
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        let Some(peer) = self.peers.get_mut(id) else { return Ok(()) };
        let told = sync::peek(data).ok_or(Refusal::MalformedSync)?;
        let reader = peer.is_reader();
        if told.document && told.chunks > 0 && !reader {
            // We never say that we take whole documents: their changes could not be attributed.
            return Err(Refusal::MalformedSync);
        }
        let heads = told.hashes();
        peer.heads.clone_from(&heads);
        let opens = !peer.has_opened();
        let behind = matches!(peer.standing, Standing::Behind);
        let steady = peer.takes_news() && !told.reset && !heads.is_empty();
        if steady
            && sync::adds_nothing(&told)
            && (reader || heads == self.heads || has_all(&self.doc, &heads))
        {
            peer.standing = Standing::Steady;
            self.heard(id, outcome);
            return Ok(());
        }
        let mut message = Message::decode(data).map_err(|_| Refusal::MalformedSync)?;
        let chunks = std::mem::replace(&mut message.changes, ChunkList::empty());
        if !reader && !chunks.is_empty() {
            let person = peer.person.clone();
            let incoming = merge::read(chunks.iter(), &person)?;
            self.merge(now, incoming, Some(id))?;
            if !behind {
                self.batch.acknowledge.insert(id.clone());
            }
        }
        if behind {
            // Its heads are noted; it is answered when its queue has drained.
            self.heard(id, outcome);
            return Ok(());
        }
        let Some(peer) = self.peers.get_mut(id) else { return Ok(()) };
        if steady && (reader || has_all(&self.doc, &heads)) {
            peer.standing = Standing::Steady;
            if !message.need.is_empty() {
                let reply = sync::steady(&self.heads, self.asked(&message.need), reader);
                outcome.send.push((vec![id.clone()], Reply::Sync(reply.into())));
            }
        } else if heads.is_empty() && message.flags.is_some() {
            peer.standing = Standing::Steady;
            let reply = self.whole(reader);
            outcome.send.push((vec![id.clone()], Reply::Sync(reply.into())));
        } else if let Some(reply) = self.returning(&message, opens, reader) {
            if let Some(peer) = self.peers.get_mut(id) {
                peer.standing = Standing::Steady;
            }
            outcome.send.push((vec![id.clone()], Reply::Sync(reply.into())));
        } else if let Some(peer) = self.peers.get_mut(id) {
            let afresh = matches!(peer.standing, Standing::Steady);
            peer.catch_up(&mut self.doc, message, afresh);
        }
        self.heard(id, outcome);
        if opens {
            self.opened(id, outcome);
        }
        Ok(())
    }

    /// Merges changes in an order that their dependencies allow; what is not ready waits.
    fn merge(
        &mut self,
        now: UnixMillis,
        incoming: Vec<Incoming>,
        from: Option<&PeerId>,
    ) -> Result<(), Refusal> {
        for change in incoming {
            if has_all(&self.doc, &[change.change.hash()]) {
                continue;
            }
            if !has_all(&self.doc, change.change.deps()) {
                self.pending.wait(change)?;
                continue;
            }
            self.apply(now, change, from)?;
        }
        while let Some(change) =
            if self.pending.is_empty() { None } else { self.pending.take_ready(&self.doc) }
        {
            // It may have come again meanwhile, or be refused now: then it is dropped, for whoever brought what it
            // waited for has no part in it.
            if !has_all(&self.doc, &[change.change.hash()]) {
                let _ = self.apply(now, change, None);
            }
        }
        Ok(())
    }

    fn apply(&mut self, now: UnixMillis, incoming: Incoming, from: Option<&PeerId>) -> Result<(), Refusal> {
        let Incoming { change, bytes, person } = incoming;
        // automerge counts operations in 32 bits: a change that jumped ahead would leave none for anybody else.
        let start = change.start_op().get();
        // Nor does it look whether an actor's changes are numbered without a gap, and panics when they are not.
        let due = self.sequences.get(change.actor_id()).map_or(1, |last| last + 1);
        let expanded = change.decode();
        // And it panics over an actor that is listed and that no change was made by, named in an operation or not.
        let listed = change.other_actor_ids().iter().all(|actor| self.sequences.contains_key(actor));
        if start > self.operations + 1 || change.seq() > due || !listed || !has_named(&self.doc, &expanded) {
            return Err(Refusal::MalformedChange);
        }
        let targets = touched(&mut self.paths, &self.doc, &expanded);
        let (hash, operations, sequence) = (change.hash(), change.max_op(), change.seq());
        let signature = Signature::of(&change);
        if self.doc.apply_changes([change]).is_err() {
            // The change told where its objects stand, and there are none.
            self.paths.forget(start, expanded.operations.len() as u64, &expanded.actor_id);
            return Err(Refusal::SequenceReused);
        }
        let binding = self.attribution.bind(&expanded.actor_id, &person, now);
        self.operations = self.operations.max(operations);
        self.sequences.insert(expanded.actor_id, sequence);
        self.merged(now, &author(&binding, &signature), &targets);
        self.keep(hash, expanded.deps, bytes, from);
        Ok(())
    }

    /// Everything that follows from a change that stands in the document.
    fn merged(&mut self, now: UnixMillis, author: &Author, targets: &BTreeSet<Target>) {
        for (id, events) in reread(&self.doc, &mut self.records, targets) {
            let structure = self.records.get(&id);
            self.engine.set(&id, structure.map(projection::of));
            let subject = subject(&id, structure);
            for event in events {
                self.feed.push(now, Some(author.clone()), Some(subject.clone()), event);
            }
        }
    }

    /// A change's bytes are to be kept, told and remembered.
    fn keep(&mut self, hash: ChangeHash, deps: Vec<ChangeHash>, bytes: Vec<u8>, from: Option<&PeerId>) {
        self.merged_since_load += 1;
        self.recent.push(hash, deps, bytes.clone());
        self.batch.changes.push((bytes, from.cloned()));
    }

    fn command(
        &mut self,
        now: UnixMillis,
        person: &Person,
        edits: &[Edit],
        reverts: Option<u64>,
    ) -> Result<Option<ChangeHash>, EditError> {
        let message = reverts.map(revert::message);
        let Some(hash) = perform_saying(&mut self.doc, edits, now, message)? else { return Ok(None) };
        let change =
            self.doc.get_change_by_hash(&hash).ok_or(EditError::Document("the change is gone".into()))?;
        let targets = touched(&mut self.paths, &self.doc, &change.decode());
        self.operations = self.operations.max(change.max_op());
        self.sequences.insert(change.actor_id().clone(), change.seq());
        let mut author =
            author(&self.attribution.bind(change.actor_id(), person, now), &Signature::of(&change));
        // The server's own actor writes for whoever asks: who asked counts, not who asked first.
        (author.contributor, author.device) = (person.contributor, person.device);
        author.name.clone_from(&person.name);
        self.merged(now, &author, &targets);
        self.keep(hash, change.deps().to_vec(), change.raw_bytes().to_vec(), None);
        Ok(Some(hash))
    }

    /// Ends a batch: what was merged is to be kept, and every peer hears of it once.
    fn settle(&mut self, now: UnixMillis, outcome: &mut Outcome) {
        let Merged { changes, mut acknowledge } = std::mem::take(&mut self.batch);
        let merged = !changes.is_empty();
        if merged {
            self.heads = self.doc.get_heads();
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
            if let Some(message) = peer.next_message(&self.doc, &self.pending) {
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
        let deltas = self.engine.settle();
        self.feed.push_indicators(
            now,
            deltas
                .into_iter()
                .map(|delta| IndicatorChange {
                    commune: delta.commune,
                    indicator: delta.indicator,
                    before: delta.before,
                    after: delta.after,
                })
                .collect(),
        );
        outcome.persist.feed = self.feed.take();
        outcome.persist.bindings = self.attribution.take_fresh();
    }
}

#[cfg(test)]
mod tests;
