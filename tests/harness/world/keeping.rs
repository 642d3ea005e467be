//! The keeper's work, in the keeper's order: gather, merge, persist, reply, publish, compact. Planted bugs that the
//! real keeper could have are here.

use portrea_protocol::ids::{DocumentId, PeerId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync;
use portrea_server::store::StoreError;
use portrea_territory::chunk::{FeedRow, Snapshot};
use portrea_territory::io::{Input, Outcome, Reply};
use portrea_territory::saving::Saved;
use portrea_territory::territory::Territory;

use super::network::Packet;
use super::server::{Step, Told};
use super::{Event, World};
use crate::bug::Bug;
use crate::check::Check;
use crate::fault::Fault;
use crate::script;
use crate::seed::Seed;

/// The territory idles out after so long without a peer; sooner than in the server's settings.
const IDLE_MS: u64 = 60_000;
/// Inputs that may wait, as in the server's settings.
const INBOX_INPUTS_MAX: usize = 4_096;

impl World {
    /// Tells the keeper something; whoever asks for a territory that is not open has it opened.
    pub(super) fn tells(&mut self, told: Told) {
        let leaves = matches!(told, Told::Leave { .. });
        if self.server.open.is_none() && (leaves || !self.opens()) {
            return;
        }
        self.server.inbox.push(told);
        if self.server.inbox.len() > INBOX_INPUTS_MAX {
            self.fails(Check::Bounded, "the keeper's inbox has no bound");
        }
        self.gathers();
    }

    fn opens(&mut self) -> bool {
        if !self.server.is_up || matches!(self.server.step, Step::Erasing(_)) {
            return false;
        }
        match self.server.opens() {
            Ok(territory) => {
                self.note(|| format!("the territory is opened: {} events", territory.feed_last()));
                self.server.open = Some(territory);
                self.server.step = Step::Waiting;
                true
            }
            Err(failure) => {
                self.fails(failure.check, failure.seen);
                false
            }
        }
    }

    fn gathers(&mut self) {
        if matches!(self.server.step, Step::Waiting) && !self.server.inbox.is_empty() {
            self.server.step = Step::Gathering;
            let delay = self.server.chance.between(0, 3);
            self.after(delay, Event::Merge);
        }
    }

    /// An import, or a form: edits on the server.
    pub(super) fn imports(&mut self, draw: u64) {
        let now = self.server_now();
        if self.server.open.is_none() && !self.opens() {
            return;
        }
        let person = Person::importer(self.server.territory);
        let Some(territory) = &self.server.open else { return };
        let mut edits = script::edits(draw, &person, territory.document(), now);
        // A file vouches for nothing.
        edits.retain(|edit| !matches!(edit, Edit::Validate { .. }));
        if !edits.is_empty() {
            self.tells(Told::Input(Input::Command { ticket: draw, person, edits, reverts: None }));
        }
    }

    pub(super) fn signs_in(&mut self, device: usize) {
        let person = self.device(device).person.clone();
        self.tells(Told::Input(Input::Joined { person }));
    }

    /// Takes what has gathered.
    pub(super) fn merges(&mut self) {
        if !matches!(self.server.step, Step::Gathering) || self.server.open.is_none() {
            return;
        }
        let gathered = std::mem::take(&mut self.server.inbox);
        let mut inputs: Vec<Input> = gathered.into_iter().filter_map(|told| self.input(told)).collect();
        inputs.push(Input::Tick);
        let now = self.server_now();
        let Some(territory) = self.server.open.as_mut() else { return };
        let before = territory.merged_since_renewal();
        let gave = inputs.iter().any(|input| matches!(input, Input::Saved(_)));
        let mut outcome = territory.handle(now, inputs);
        let renewed = territory.merged_since_renewal() < before;
        self.server.counts.renewals += usize::from(renewed);
        self.server.counts.reloads += usize::from(renewed && gave);
        self.server.counts.waiting_most = self.server.counts.waiting_most.max(territory.waiting());
        self.note(|| {
            let bytes = outcome.persist.chunk.as_ref().map_or(0, |chunk| chunk.bytes().len());
            format!("merged: {bytes} bytes, {} events", outcome.persist.feed.len())
        });
        self.spoils(&mut outcome);
        self.persists(outcome);
    }

    fn input(&mut self, told: Told) -> Option<Input> {
        match told {
            Told::Input(input) => Some(input),
            Told::Join { connection, person } => {
                let peer = self.server.connections.get(&connection)?.peer.clone();
                if let Some(old) = self.server.outboxes.insert(peer.clone(), connection)
                    && old != connection
                {
                    self.closes(old, Refusal::Replaced);
                }
                Some(Input::Connected { peer, person, storage: None })
            }
            Told::Leave { connection } => {
                let peer = self.server.outboxes.iter().find(|(_, at)| **at == connection)?.0.clone();
                self.server.outboxes.remove(&peer);
                Some(Input::Disconnected { peer })
            }
        }
    }

    fn persists(&mut self, outcome: Outcome) {
        if outcome.persist.is_empty() {
            self.performs(outcome);
            return;
        }
        let heads = self.server.open.as_ref().map(|territory| territory.heads().to_vec());
        let fails = self.server.takes(Fault::FailedWrite).is_some();
        let written = self.server.disk.append(&outcome.persist, &heads.unwrap_or_default(), fails);
        if let Err(error) = written
            && !self.goes_on(&error)
        {
            return;
        }
        self.server.batches += 1;
        let batch = self.server.batches;
        self.server.step = Step::Flushing(batch, Box::new(outcome));
        let delay = self.server.chance.between(1, 12);
        self.after(delay, Event::Flush(batch));
    }

    pub(super) fn flushes(&mut self, batch: u64) {
        if !matches!(self.server.step, Step::Flushing(current, _) if current == batch) {
            return;
        }
        let Step::Flushing(_, outcome) = std::mem::replace(&mut self.server.step, Step::Waiting) else {
            return;
        };
        if let Some(draw) = self.server.takes(Fault::TornWrite) {
            self.server_dies(draw);
            return;
        }
        let fails = self.server.takes(Fault::FailedFlush).is_some();
        if let Err(error) = self.server.disk.flush(fails)
            && !self.goes_on(&error)
        {
            return;
        }
        if self.server.takes(Fault::DiesBeforeReply).is_some() {
            self.server_dies(0);
            return;
        }
        self.performs(*outcome);
    }

    /// Reply, then publish, then compact.
    fn performs(&mut self, outcome: Outcome) {
        let Outcome { persist, snapshot, saving, send, refuse, answers, decided: _ } = outcome;
        if let Some(saving) = saving {
            let delay = self.server.chance.between(1, 400);
            self.after(delay, Event::Saved(Box::new(saving.save())));
        }
        for (peers, reply) in send {
            self.replies(&peers, &reply);
        }
        for (peer, refusal) in refuse {
            self.turns_away(&peer, refusal);
        }
        for (_, answer) in answers {
            match answer {
                Ok(hash) => self.server.told.extend(hash),
                Err(error) => self.fails(Check::NobodyRefused, format!("an import was refused: {error}")),
            }
        }
        self.publishes(&persist.feed);
        match snapshot {
            Some(snapshot) => self.compacts(snapshot),
            None => self.ends_batch(),
        }
    }

    fn compacts(&mut self, snapshot: Snapshot) {
        if let Err(error) = self.server.disk.compact(snapshot) {
            self.keeper_fails(&error);
            return;
        }
        let batch = self.server.batches;
        self.server.step = Step::Compacting(batch);
        let delay = self.server.chance.between(1, 12);
        self.after(delay, Event::Compacted(batch));
    }

    pub(super) fn compacted(&mut self, batch: u64) {
        if !matches!(self.server.step, Step::Compacting(current) if current == batch) {
            return;
        }
        let dies = self.server.takes(Fault::DiesCompacting);
        if let Some(draw) = dies.filter(|draw| draw % 2 == 0) {
            self.server_dies(draw / 2);
            return;
        }
        if let Err(error) = self.server.disk.flush(false) {
            self.keeper_fails(&error);
            return;
        }
        self.server.counts.snapshots += 1;
        self.note(|| "a snapshot is kept".to_owned());
        if dies.is_some() {
            self.server_dies(0);
            return;
        }
        self.ends_batch();
    }

    /// The keeper that asked may be gone: its successor is given a document that is not its own.
    pub(super) fn saved(&mut self, saved: Box<Saved>) {
        if self.server.open.is_some() {
            self.tells(Told::Input(Input::Saved(saved)));
        }
    }

    fn ends_batch(&mut self) {
        self.server.step = Step::Waiting;
        if self.server.outboxes.is_empty() {
            self.after(IDLE_MS, Event::Idle);
        }
        self.shuts();
        self.gathers();
    }

    pub(super) fn idles(&mut self) {
        let needed = !self.server.outboxes.is_empty() || !self.server.is_at_rest();
        if !needed && self.server.open.take().is_some() {
            self.note(|| "the territory idles out".to_owned());
        }
    }

    fn replies(&mut self, peers: &[PeerId], reply: &Reply) {
        let Some(data) = reply.sync() else { return };
        let told = sync::peek(data).map(|told| told.hashes()).unwrap_or_default();
        if let Some(territory) = &self.server.open
            && self.server.disk.durable() != territory.heads()
        {
            let beyond = territory.document().get_changes_meta(self.server.disk.durable());
            if let Some(ahead) = beyond.iter().find(|change| told.contains(&change.hash)) {
                let seen = format!("{peers:?} were told of {}, which is not on disk", ahead.hash);
                self.fails(Check::ToldIsDurable, seen);
            }
        }
        self.server.told.extend(told);
        let epoch = self.server.open.as_ref().map_or(0, Territory::epoch);
        let document = DocumentId::of(self.server.territory, epoch).to_string();
        for peer in peers {
            if let Some(connection) = self.server.outboxes.get(peer).copied() {
                let bytes = codec::encode_sync("server", peer.as_str(), &document, data);
                self.sends_down(connection, Packet::Frame(bytes));
            }
        }
    }

    fn publishes(&mut self, rows: &[FeedRow]) {
        for row in rows {
            let before = self.server.published.insert(row.seq, row.json.clone());
            if before.is_some_and(|before| before != row.json) {
                self.fails(Check::FeedSingle, format!("event {} was published twice", row.seq));
            }
        }
    }

    /// A peer's queue is full: the territory is told at once.
    pub(super) fn falls_behind(&mut self, peer: &PeerId) {
        self.server.counts.behind += 1;
        if let Some(territory) = self.server.open.as_mut() {
            territory.falls_behind(peer);
        }
    }

    /// Whether the keeper overlooks that its store failed, which is a bug; without it, it ends.
    fn goes_on(&mut self, error: &StoreError) -> bool {
        let overlooks = self.has(Bug::ReplyAfterFailure);
        if !overlooks {
            self.keeper_fails(error);
        }
        overlooks
    }

    /// The store failed: the territory is dropped, its sessions end, and whoever comes next has it opened again.
    pub(super) fn keeper_fails(&mut self, error: &StoreError) {
        if matches!(error, StoreError::FeedConflict { .. }) {
            self.fails(Check::FeedSingle, error.to_string());
        }
        self.note(|| format!("the store failed: {error}"));
        self.server.counts.failures += 1;
        self.closes_territory();
        let connections: Vec<u64> = self.server.connections.keys().copied().collect();
        for connection in connections {
            self.closes(connection, Refusal::Stopping);
        }
        self.shuts();
    }

    pub(super) fn closes_territory(&mut self) {
        self.server.open = None;
        self.server.step = Step::Waiting;
        self.server.inbox.clear();
        self.server.outboxes.clear();
    }

    /// The process dies. Of what was written and not flushed, the disk has the first part.
    pub(super) fn server_dies(&mut self, draw: u64) {
        if !self.server.is_up {
            return;
        }
        let mut chance = Seed::new(draw);
        let written = chance.below(self.server.disk.staged() as u64 + 1);
        self.note(|| format!("the server dies; {written} writes reached the disk unflushed"));
        self.server.counts.crashes += 1;
        self.server.disk.crashes(usize::try_from(written).unwrap_or(0));
        self.server.is_up = false;
        self.server.purge = None;
        self.closes_territory();
        for (connection, line) in std::mem::take(&mut self.server.connections) {
            if !line.dark_down {
                self.after(chance.between(1, 60), Event::Broken(line.device, connection));
            }
        }
        self.after(chance.between(500, 20_000), Event::StartServer);
    }

    pub(super) fn starts_server(&mut self) {
        self.note(|| "the server starts".to_owned());
        self.server.is_up = true;
    }

    /// What planted bugs do to an outcome before it is performed.
    fn spoils(&mut self, outcome: &mut Outcome) {
        let again = std::mem::take(&mut self.server.came_again);
        match self.bug {
            Some(Bug::AckBeforeFlush) => {
                for (peers, reply) in std::mem::take(&mut outcome.send) {
                    self.replies(&peers, &reply);
                }
            }
            Some(Bug::HeadsAhead) if outcome.persist.chunk.is_some() => {
                let heads = self.server.open.as_ref().map(|territory| territory.heads().to_vec());
                let told = sync::steady(&heads.unwrap_or_default(), Vec::new(), false);
                let peers: Vec<PeerId> = self.server.outboxes.keys().cloned().collect();
                self.replies(&peers, &Reply::Sync(told.into()));
            }
            Some(Bug::PublishFirst) => {
                let rows = outcome.persist.feed.clone();
                self.publishes(&rows);
            }
            Some(Bug::FigureUntold) => outcome.persist.feed.iter_mut().for_each(leave_one_out),
            Some(Bug::ToldTwice) => self.tells_twice(again, outcome),
            _ => {}
        }
    }

    /// Rows of the last batch come again behind those of this one, and all that follow are numbered on from them.
    fn tells_twice(&mut self, again: bool, outcome: &mut Outcome) {
        let numbered = |row: &FeedRow, seq: u64| {
            let mut event: serde_json::Value = serde_json::from_str(&row.json).expect("a row is JSON");
            if let Some(id) = event.get_mut("id") {
                *id = seq.into();
            }
            FeedRow { seq, json: event.to_string().into() }
        };
        let shift = self.server.shift;
        let mut rows: Vec<FeedRow> =
            outcome.persist.feed.iter().map(|row| numbered(row, row.seq + shift)).collect();
        if again {
            let last = rows.last().or(self.server.last_rows.last()).map_or(0, |row| row.seq);
            let repeated: Vec<FeedRow> =
                (last + 1..).zip(&self.server.last_rows).map(|(seq, row)| numbered(row, seq)).collect();
            self.server.shift += repeated.len() as u64;
            rows.extend(repeated);
        }
        if !rows.is_empty() {
            self.server.last_rows.clone_from(&rows);
        }
        outcome.persist.feed = rows;
    }
}

/// Leaves one moved figure out of a row that tells of several.
fn leave_one_out(row: &mut FeedRow) {
    let mut event: serde_json::Value = serde_json::from_str(&row.json).expect("a row is JSON");
    let changes = event.get_mut("changes").and_then(serde_json::Value::as_array_mut);
    if changes.is_some_and(|changes| changes.len() > 1 && changes.pop().is_some()) {
        row.json = event.to_string().into();
    }
}
