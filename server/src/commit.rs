//! Group commit: many writers share one flush, without a timer.
//!
//! One thread takes every write that waits, does each, flushes once, and then answers all of them. What arrives
//! while it flushes waits for the next round. So a lone write is durable after one flush, and under load a flush
//! serves as many as came during the one before: no delay is ever chosen, the disk sets the pace.
//!
//! A write that the store refuses gets its own error and disturbs nobody. A flush that fails is the failure of
//! everybody in its round, for nobody knows whose bytes are on the disk. No answer leaves before its flush.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Epoch, Snapshot};
use tokio::sync::{mpsc, oneshot};

use crate::store::{Row, Store, StoreError, Write};

/// How many writes may wait; a writer beyond that waits for room. It bounds a round too.
pub const QUEUE_MAX: usize = 1024;

/// The door to a store for async tasks. Cloning shares the thread, which ends with the last clone.
#[derive(Clone)]
pub struct Committer {
    queue: mpsc::Sender<Message>,
    store: Arc<dyn Store>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    counters: Arc<Counters>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Write(Request),
    Rebuild(Progress, oneshot::Sender<Result<(), StoreError>>),
    Close,
}

/// Hears how many rows of how many were copied.
pub type Progress = Box<dyn FnMut(u64, u64) + Send>;

struct Request {
    write: Write,
    reply: oneshot::Sender<Result<(), StoreError>>,
}

/// What the committing thread has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitCounts {
    /// Flushes asked of the store.
    pub flushes: u64,
    /// Writes taken from the queue.
    pub requests: u64,
    /// The most writes that one flush served.
    pub group_max: u64,
}

#[derive(Debug, Default)]
struct Counters {
    flushes: AtomicU64,
    requests: AtomicU64,
    group_max: AtomicU64,
}

impl Committer {
    /// Starts the committing thread over a store.
    pub fn spawn(store: Arc<dyn Store>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let counters = Arc::new(Counters::default());
        let round = Round { store: Arc::clone(&store), counters: Arc::clone(&counters) };
        let thread = thread::Builder::new()
            .name("commit".to_owned())
            .spawn(move || round.run(waiting))
            .expect("the operating system grants one thread at start");
        let shared = Arc::new(Shared { counters, thread: Mutex::new(Some(thread)) });
        Self { queue, store, shared }
    }

    /// Appends a batch; returns once it is durable. An empty batch returns at once.
    pub async fn append(&self, territory: TerritoryId, batch: Batch) -> Result<(), StoreError> {
        self.write(Write::Append(territory, batch)).await
    }

    /// Replaces chunks by a snapshot; returns once that is durable.
    pub async fn compact(&self, territory: TerritoryId, snapshot: Snapshot) -> Result<(), StoreError> {
        self.write(Write::Compact(territory, snapshot)).await
    }

    /// Begins a territory's epoch, and writes rows of tables with it; returns once both are durable.
    pub async fn begin_epoch(
        &self,
        territory: TerritoryId,
        epoch: Epoch,
        rows: Vec<Row>,
    ) -> Result<(), StoreError> {
        self.write(Write::Epoch(territory, Box::new(epoch), rows)).await
    }

    /// Has the store rebuilt: see [`Store::rebuild`]. Writes wait meanwhile, reads only for a moment at its end.
    pub async fn rebuild(&self, tell: Progress) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Rebuild(tell, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Writes rows of tables; returns once they are durable. No rows return at once.
    pub async fn put(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        self.write(Write::Put(rows)).await
    }

    /// Runs a short read where it stands, and blocks whoever stands there.
    pub fn look<T>(&self, read: impl FnOnce(&dyn Store) -> T) -> T {
        read(self.store.as_ref())
    }

    /// Runs a read where it may block. It is shown what is kept.
    pub async fn read<T, F>(&self, read: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&dyn Store) -> T + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || read(store.as_ref())).await {
            Ok(found) => found,
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    }

    /// What was done so far, for the metrics.
    pub fn counts(&self) -> CommitCounts {
        let counters = &self.shared.counters;
        CommitCounts {
            flushes: counters.flushes.load(Ordering::Relaxed),
            requests: counters.requests.load(Ordering::Relaxed),
            group_max: counters.group_max.load(Ordering::Relaxed),
        }
    }

    /// Refuses further writes, does those that wait, and returns when the thread has ended.
    pub async fn close(&self) {
        // When the thread has ended already there is nobody left to tell.
        drop(self.queue.send(Message::Close).await);
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of the thread has been reported where it happened.
            drop(tokio::task::spawn_blocking(move || drop(thread.join())).await);
        }
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        if write.is_empty() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Write(Request { write, reply })).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

impl fmt::Debug for Committer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committer").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

/// What the thread owns.
struct Round {
    store: Arc<dyn Store>,
    counters: Arc<Counters>,
}

impl Round {
    fn run(&self, mut waiting: mpsc::Receiver<Message>) {
        while let Some(first) = waiting.blocking_recv() {
            let (mut group, mut rebuild) = (Vec::new(), None);
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Write(request) => group.push(request),
                    // What waits already is still taken; then the queue says that it has ended.
                    Message::Close => waiting.close(),
                    Message::Rebuild(tell, reply) => rebuild = Some((tell, reply)),
                }
                next =
                    if group.len() < QUEUE_MAX && rebuild.is_none() { waiting.try_recv().ok() } else { None };
            }
            self.commit(group);
            if let Some((mut tell, reply)) = rebuild {
                answer(reply, self.store.rebuild(&mut *tell));
            }
        }
    }

    /// Does every write, flushes once, answers all.
    fn commit(&self, group: Vec<Request>) {
        self.counters.requests.fetch_add(count(group.len()), Ordering::Relaxed);
        let mut written = Vec::with_capacity(group.len());
        for Request { write, reply } in group {
            match write.perform(self.store.as_ref()) {
                Ok(()) => written.push(reply),
                Err(refused) => answer(reply, Err(refused)),
            }
        }
        if written.is_empty() {
            return;
        }
        self.counters.flushes.fetch_add(1, Ordering::Relaxed);
        self.counters.group_max.fetch_max(count(written.len()), Ordering::Relaxed);
        match self.store.make_durable() {
            Ok(()) => written.into_iter().for_each(|reply| answer(reply, Ok(()))),
            Err(failure) => {
                tracing::error!(error = %failure, writes = written.len(), "writes could not be made durable");
                let failure = Arc::new(failure);
                for reply in written {
                    let source = GroupFailure(Arc::clone(&failure));
                    let told = if matches!(*failure, StoreError::NoRoom { .. }) {
                        StoreError::no_room("make a write durable", source)
                    } else {
                        StoreError::engine("make a write durable", source)
                    };
                    answer(reply, Err(told));
                }
            }
        }
    }
}

fn closed() -> StoreError {
    StoreError::engine("accept a write", "it is closed")
}

/// Whoever asked may be gone; the write stands all the same.
fn answer(reply: oneshot::Sender<Result<(), StoreError>>, result: Result<(), StoreError>) {
    drop(reply.send(result));
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// One flush's failure, told to everybody in its round.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct GroupFailure(Arc<StoreError>);
