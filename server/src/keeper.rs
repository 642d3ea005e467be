//! One task a territory: inbox → `Territory::handle` → perform what it says, in its order.
//!
//! While a batch is being made durable the next one gathers in the inbox, so that a burst costs few flushes and few
//! frames, and a lone edit waits for nobody. After news to many peers the keeper rests for as long as writing to them
//! takes several times over: each edit of four hundred people would otherwise cost four hundred frames. If persisting fails, everybody is told, the keeper ends, and the territory is
//! opened again from what is on disk: devices greet again and send what was not acknowledged.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use automerge::ChangeHash;
use portrea_protocol::ids::{PeerId, StorageId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::write::{Edit, EditError};
use portrea_protocol::wire::quarantine::Decision;
use portrea_protocol::wire::refusal::Refusal;
use portrea_territory::chunk::FeedRow;
use portrea_territory::io::{Input, Outcome, Reply, Undecided};
use portrea_territory::territory::Territory;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

pub use self::told::{Outgoing, Reading, Told};
use crate::clock;
use crate::commit::Committer;
use crate::meters;
use crate::progress::{self, Diary};
use crate::settings::Settings;
use crate::store::StoreError;

/// Feed rows that a live reader may lag behind before it reads from the store again.
const FEED_LIVE_ROWS: usize = 1_024;

/// How long the keeper gathers after news, for each peer that was sent them. Writing a frame and reading its answer
/// takes some 8 µs, so that a third of a core carries the news of a territory, however many edit.
const REST_A_PEER: Duration = Duration::from_micros(25);
/// The longest that it gathers after news.
const REST_MAX: Duration = Duration::from_millis(25);

/// Storages whose heads some peer wants to hear of.
pub type Listened = Arc<BTreeSet<StorageId>>;

/// The way to a keeper. Cheap to clone; the keeper ends when it idles out or fails, and the registry opens another.
#[derive(Clone)]
pub struct Keeper {
    epoch: u32,
    inbox: mpsc::Sender<Told>,
    feed: broadcast::Sender<FeedRow>,
    listened: watch::Receiver<Listened>,
    life: watch::Receiver<Life>,
}

/// The keeper has ended; ask the registry for another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// Nobody needed it, or its server stops.
    #[error("the territory is being opened again")]
    Closed,
    /// What it was told could not be kept.
    #[error("the store failed; what was acknowledged is kept")]
    StoreFailed,
}

impl Ended {
    /// What a peer is told.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Closed => Refusal::Stopping,
            Self::StoreFailed => Refusal::StoreFailed,
        }
    }
}

/// How far a keeper's task has come.
#[derive(Debug, Clone, Copy, Default)]
struct Life {
    /// The store failed: it takes nothing more.
    failed: bool,
    /// It let go of the territory.
    over: bool,
}

impl Keeper {
    /// Starts the task of an opened territory.
    pub fn spawn(territory: Territory, diary: Diary, committer: Committer, settings: &Arc<Settings>) -> Self {
        let epoch = territory.epoch();
        let (inbox, told) = mpsc::channel(settings.inbox_inputs_max);
        let (feed, _) = broadcast::channel(FEED_LIVE_ROWS);
        let (living, life) = watch::channel(Life::default());
        let (listening, listened) = watch::channel(Listened::default());
        let task = Task {
            territory,
            diary,
            committer,
            settings: Arc::clone(settings),
            feed: feed.clone(),
            listening,
            outboxes: BTreeMap::new(),
            answers: BTreeMap::new(),
            decisions: BTreeMap::new(),
            tickets: 0,
            rested: Instant::now(),
            ending: false,
            inbox: inbox.downgrade(),
        };
        tokio::spawn(async move {
            task.run(told, &living).await;
            living.send_modify(|life| life.over = true);
        });
        Self { epoch, inbox, feed, listened, life }
    }

    /// Which of the territory's documents it keeps; another epoch has another keeper.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Tells the keeper something; waits while its inbox is full.
    pub async fn tell(&self, told: Told) -> Result<(), Ended> {
        self.inbox.send(told).await.map_err(|_| self.why_ended())
    }

    /// Reads the territory between two batches.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Territory) -> T + Send + 'static,
    ) -> Result<T, Ended> {
        let (answer, answered) = oneshot::channel();
        self.tell(Told::Read(Box::new(move |territory| drop(answer.send(read(territory)))))).await?;
        answered.await.map_err(|_| self.why_ended())
    }

    /// Returns once everything that it was told is kept, and the figures of the day with it.
    pub async fn rest(&self) -> Result<(), Ended> {
        let (answer, answered) = oneshot::channel();
        self.tell(Told::Rest(answer)).await?;
        answered.await.map_err(|_| self.why_ended())
    }

    /// Writes edits as one change; answers once they are durable.
    pub async fn command(
        &self,
        person: Person,
        edits: Vec<Edit>,
    ) -> Result<Result<Option<ChangeHash>, EditError>, Ended> {
        self.written(person, edits, None).await
    }

    /// Writes an edit that goes back on an event of the feed, as [`Keeper::command`] does.
    pub async fn revert(
        &self,
        person: Person,
        edit: Edit,
        event: u64,
    ) -> Result<Result<Option<ChangeHash>, EditError>, Ended> {
        self.written(person, vec![edit], Some(event)).await
    }

    async fn written(
        &self,
        person: Person,
        edits: Vec<Edit>,
        reverts: Option<u64>,
    ) -> Result<Result<Option<ChangeHash>, EditError>, Ended> {
        let (answer, answered) = oneshot::channel();
        self.tell(Told::Command { person, edits, reverts, answer }).await?;
        answered.await.map_err(|_| self.why_ended())
    }

    /// Decides about a change that was not merged; answers once that is durable.
    pub async fn decide(
        &self,
        person: Person,
        change: ChangeHash,
        decision: Decision,
        through: bool,
    ) -> Result<Result<(), Undecided>, Ended> {
        let (answer, answered) = oneshot::channel();
        self.tell(Told::Decide { person, change, decision, through, answer }).await?;
        answered.await.map_err(|_| self.why_ended())
    }

    /// The feed's rows as they become durable.
    pub fn feed(&self) -> broadcast::Receiver<FeedRow> {
        self.feed.subscribe()
    }

    /// Storages whose heads some peer wants to hear of, as they change.
    pub fn listened(&self) -> watch::Receiver<Listened> {
        self.listened.clone()
    }

    /// Whether the task takes nothing any more.
    pub fn has_ended(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Ends the task: it keeps what it was told so far, turns its peers away, and lets go of the territory.
    pub async fn end(&self) {
        // An error means that it has ended.
        drop(self.tell(Told::End).await);
        self.wait_ended().await;
    }

    /// Returns once the task has let go of the territory.
    pub fn wait_ended(&self) -> impl Future<Output = ()> + use<> {
        let mut life = self.life.clone();
        async move {
            // An error means that the task is gone without a word, after a panic: it has ended all the same.
            drop(life.wait_for(|life| life.over).await);
        }
    }

    /// Why it takes nothing any more.
    pub fn why_ended(&self) -> Ended {
        if self.life.borrow().failed { Ended::StoreFailed } else { Ended::Closed }
    }
}

struct Task {
    territory: Territory,
    /// Which day's figures are to be kept.
    diary: Diary,
    committer: Committer,
    settings: Arc<Settings>,
    feed: broadcast::Sender<FeedRow>,
    listening: watch::Sender<Listened>,
    outboxes: BTreeMap<PeerId, (u64, mpsc::Sender<Outgoing>)>,
    answers: BTreeMap<u64, oneshot::Sender<Result<Option<ChangeHash>, EditError>>>,
    decisions: BTreeMap<u64, oneshot::Sender<Result<(), Undecided>>>,
    tickets: u64,
    /// When it may send news again.
    rested: Instant,
    /// Whether it was told to end.
    ending: bool,
    /// Its own inbox, for what is done beside it.
    inbox: mpsc::WeakSender<Told>,
}

/// What a keeper was told at once.
struct Gathered {
    inputs: Vec<Input>,
    readings: Vec<Reading>,
    rests: Vec<oneshot::Sender<()>>,
}

impl Task {
    async fn run(mut self, mut told: mpsc::Receiver<Told>, living: &watch::Sender<Life>) {
        meters::territory_opened();
        let idle = Duration::from_millis(self.settings.idle_ms);
        let mut failed = false;
        loop {
            let first = match tokio::time::timeout(idle, told.recv()).await {
                Ok(Some(first)) => first,
                Ok(None) => break,
                // Whoever follows the feed is a reason to stay, as a connected peer is.
                Err(_) if self.outboxes.is_empty() && self.feed.receiver_count() == 0 => {
                    told.close();
                    continue;
                }
                Err(_) => {
                    self.keep_figures(self.diary.over(clock::now())).await;
                    continue;
                }
            };
            let mut gathered = vec![first];
            while gathered.len() < self.settings.batch_inputs_max {
                let next = match told.try_recv() {
                    Ok(next) => next,
                    Err(_) if Instant::now() >= self.rested => break,
                    Err(_) => match timeout_at(self.rested, told.recv()).await {
                        Ok(Some(next)) => next,
                        Ok(None) | Err(_) => break,
                    },
                };
                gathered.push(next);
            }
            let quiet = told.is_empty();
            if let Err(error) = self.take(gathered, quiet).await {
                tracing::error!(territory = %self.territory.id(), %error, "the store failed; opening again from disk");
                // Before the inbox closes, so that whoever finds it closed learns why.
                living.send_modify(|life| life.failed = true);
                failed = true;
                self.turn_away(Refusal::StoreFailed);
                break;
            }
            if self.ending {
                self.turn_away(Refusal::Stopping);
                break;
            }
        }
        if !failed {
            self.keep_figures(self.diary.last()).await;
        }
        meters::territory_closed();
    }

    fn turn_away(&self, refusal: Refusal) {
        for (_, outbox) in self.outboxes.values() {
            // A full queue ends with the task, and its session asks why.
            drop(outbox.try_send(Outgoing::Refuse(refusal)));
        }
    }

    /// Keeps the figures of a day in the territory's history. A history with a hole is no reason to stop: what failed is
    /// tried again with the next change, or when the territory is opened again.
    async fn keep_figures(&mut self, day: Option<chrono::NaiveDate>) {
        let Some(day) = day else { return };
        let (id, point) = (self.territory.id(), progress::point(&self.territory, day, clock::now()));
        match progress::keep_day(&self.committer, id, day, point).await {
            Ok(_) => self.diary.kept(day),
            Err(error) => tracing::warn!(territory = %id, %error, "a day's figures were not kept"),
        }
    }

    async fn take(&mut self, gathered: Vec<Told>, quiet: bool) -> Result<(), StoreError> {
        let Gathered { mut inputs, readings, rests } = self.sorted(gathered);
        if !inputs.is_empty() {
            if quiet {
                inputs.push(Input::Tick);
            }
            let asks = |input: &Input| matches!(input, Input::Subscribe { .. } | Input::Disconnected { .. });
            let asked = inputs.iter().any(asks);
            let now = clock::now();
            self.keep_figures(self.diary.over(now)).await;
            let outcome = self.territory.handle(now, inputs);
            if !outcome.persist.is_empty() {
                self.diary.changed(now);
            }
            self.perform(outcome).await?;
            if asked {
                // A change wakes every session, and few who come or go make one.
                let territory = &self.territory;
                self.listening.send_if_modified(|told| {
                    let differs = !territory.listened().eq(told.iter());
                    if differs {
                        *told = Arc::new(territory.listened().cloned().collect());
                    }
                    differs
                });
            }
        }
        for reading in readings {
            reading(&self.territory);
        }
        if !rests.is_empty() {
            self.keep_figures(self.diary.last()).await;
            for answer in rests {
                // An error means that whoever asked is gone.
                let _ = answer.send(());
            }
        }
        Ok(())
    }

    /// What was told, by what is to be done with it; who comes and goes is noted.
    fn sorted(&mut self, gathered: Vec<Told>) -> Gathered {
        let mut inputs = Vec::with_capacity(gathered.len() + 1);
        let mut readings = Vec::new();
        let mut rests = Vec::new();
        for told in gathered {
            match told {
                Told::Input(input) => inputs.push(input),
                Told::Join { peer, connection, person, storage, outbox } => {
                    if let Some((_, old)) = self.outboxes.insert(peer.clone(), (connection, outbox)) {
                        drop(old.try_send(Outgoing::Refuse(Refusal::Replaced)));
                    }
                    inputs.push(Input::Connected { peer, person, storage });
                }
                Told::Leave { peer, connection } => {
                    if self.outboxes.get(&peer).is_some_and(|(current, _)| *current == connection) {
                        self.outboxes.remove(&peer);
                        inputs.push(Input::Disconnected { peer });
                    }
                }
                Told::Command { person, edits, reverts, answer } => {
                    self.tickets += 1;
                    self.answers.insert(self.tickets, answer);
                    inputs.push(Input::Command { ticket: self.tickets, person, edits, reverts });
                }
                Told::Decide { person, change, decision, through, answer } => {
                    self.tickets += 1;
                    let ticket = self.tickets;
                    self.decisions.insert(ticket, answer);
                    inputs.push(Input::Decide { ticket, person, change, decision, through });
                }
                Told::Rest(answer) => rests.push(answer),
                Told::Read(reading) => readings.push(reading),
                Told::End => self.ending = true,
            }
        }
        Gathered { inputs, readings, rests }
    }

    /// Persist, then reply, then publish: nothing is acknowledged before it is kept.
    async fn perform(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        let Outcome { persist, snapshot, saving, send, refuse, answers, decided } = outcome;
        let rows = persist.feed.clone();
        let id = self.territory.id();
        if !persist.is_empty() {
            meters::merged(persist.chunk.as_ref().map_or(0, |chunk| chunk.bytes().len()), rows.len());
            self.committer.append(id, persist).await?;
        }
        let news = send.iter().filter(|(_, reply)| matches!(reply, Reply::News(_)));
        let told = u32::try_from(news.map(|(peers, _)| peers.len()).sum::<usize>()).unwrap_or(u32::MAX);
        self.rested = Instant::now() + REST_A_PEER.saturating_mul(told).min(REST_MAX);
        for (peers, reply) in send {
            for peer in peers {
                self.send(&peer, Outgoing::Reply(reply.clone()));
            }
        }
        for (peer, refusal) in refuse {
            meters::refused(refusal);
            self.send(&peer, Outgoing::Refuse(refusal));
            self.outboxes.remove(&peer);
        }
        for (ticket, result) in answers {
            if let Some(answer) = self.answers.remove(&ticket) {
                drop(answer.send(result));
            }
        }
        for (ticket, result) in decided {
            if let Some(answer) = self.decisions.remove(&ticket) {
                // An error means that whoever asked is gone.
                let _ = answer.send(result);
            }
        }
        for row in rows {
            // An error means that nobody listens.
            drop(self.feed.send(row));
        }
        if let Some(snapshot) = snapshot {
            self.committer.compact(id, snapshot).await?;
        }
        if let Some(saving) = saving {
            let inbox = self.inbox.clone();
            tokio::spawn(async move {
                let Ok(saved) = tokio::task::spawn_blocking(move || saving.save()).await else {
                    tracing::error!(territory = %id, "the document was not saved; changes stay loose until it opens again");
                    return;
                };
                // Once the keeper is gone, what is loose serves whoever opens the territory again.
                if let Some(inbox) = inbox.upgrade() {
                    drop(inbox.send(Told::Input(Input::Saved(Box::new(saved)))).await);
                }
            });
        }
        Ok(())
    }

    fn send(&mut self, peer: &PeerId, outgoing: Outgoing) {
        let Some((_, outbox)) = self.outboxes.get(peer) else { return };
        if let Err(TrySendError::Full(_)) = outbox.try_send(outgoing) {
            meters::peer_behind();
            // Told to the territory at once, so that nothing more is encoded for this peer.
            self.territory.falls_behind(peer);
        }
    }
}
