//! Group commit over a store whose flush waits for the test, so that the order of things is the test's.

#![allow(clippy::unwrap_used)]

use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Chunk, Epoch, FeedRow, Kept, Snapshot};
use uuid::Uuid;

use super::{CommitCounts, Committer};
use crate::store::memory::MemoryStore;
use crate::store::{Row, Store, StoreError, Table};

const TERRITORY: TerritoryId = TerritoryId(Uuid::from_u128(1));

/// Tells the test that a flush began, and begins it when the test says so.
struct Gated {
    store: MemoryStore,
    began: SyncSender<()>,
    go: Mutex<Receiver<()>>,
}

impl Store for Gated {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        self.store.territories()
    }
    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        self.store.load(territory)
    }
    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError> {
        self.store.append(territory, batch)
    }
    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.store.compact(territory, snapshot)
    }
    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError> {
        self.store.begin_epoch(territory, epoch, rows)
    }
    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError> {
        self.store.epoch(territory)
    }
    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        self.store.feed(territory, after, limit)
    }
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(table, key)
    }
    fn scan(&self, table: Table) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        self.store.scan(table)
    }
    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        self.store.put(rows)
    }
    fn make_durable(&self) -> Result<(), StoreError> {
        self.began.send(()).unwrap();
        self.go.lock().unwrap().recv().unwrap();
        self.store.make_durable()
    }
}

fn batch(seq: u64) -> Batch {
    let feed = vec![FeedRow { seq, json: Arc::from("{}") }];
    Batch { chunk: Some(Chunk::new(seq.to_be_bytes().to_vec())), feed, ..Batch::default() }
}

fn spawn_append(committer: &Committer, seq: u64) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let committer = committer.clone();
    tokio::spawn(async move { committer.append(TERRITORY, batch(seq)).await })
}

/// A gated store, when its flushes began, and the key to its gate.
fn gated() -> (MemoryStore, Committer, Receiver<()>, Sender<()>) {
    let (began_send, began) = mpsc::sync_channel(16);
    let (go_send, go) = mpsc::channel();
    let store = MemoryStore::new();
    let gated = Gated { store: store.clone(), began: began_send, go: Mutex::new(go) };
    (store, Committer::spawn(Arc::new(gated)), began, go_send)
}

/// Lets the tasks run until a flush has begun, which then waits at the gate.
async fn until_flushing(began: &Receiver<()>) {
    while began.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
}

/// Lets the tasks run until `waiting` messages lie in the queue.
async fn until_queued(committer: &Committer, waiting: usize) {
    while committer.queue.max_capacity() - committer.queue.capacity() < waiting {
        tokio::task::yield_now().await;
    }
}

/// What arrives during a flush goes together in the next one; an answer waits for its own flush; a write that is
/// refused is told so and fails nobody else.
#[tokio::test]
async fn writes_gather_while_the_disk_is_busy() {
    let (store, committer, began, go) = gated();
    let first = spawn_append(&committer, 1);
    until_flushing(&began).await;
    let rest: Vec<_> = (2..=11).map(|seq| spawn_append(&committer, seq)).collect();
    let twice = spawn_append(&committer, 1);
    until_queued(&committer, 11).await;
    assert!(!first.is_finished(), "no answer before the flush");
    assert_eq!(store.surviving().load(TERRITORY).unwrap(), None);

    go.send(()).unwrap();
    first.await.unwrap().unwrap();
    until_flushing(&began).await;
    assert!(rest.iter().all(|task| !task.is_finished()));
    assert_eq!(store.surviving().load(TERRITORY).unwrap().unwrap().feed_last, 1);
    go.send(()).unwrap();
    for task in rest {
        task.await.unwrap().unwrap();
    }
    assert!(matches!(twice.await.unwrap(), Err(StoreError::FeedConflict { seq: 1, .. })));
    assert_eq!(store.surviving().load(TERRITORY).unwrap().unwrap().feed_last, 11);
    assert_eq!(committer.counts(), CommitCounts { flushes: 2, requests: 12, group_max: 10 });
}

/// A failed flush is everybody's failure in its round, and the next round is served.
#[tokio::test]
async fn a_failed_flush_is_told_to_all() {
    let store = MemoryStore::new();
    store.faults().fail_flushes(1);
    let committer = Committer::spawn(Arc::new(store.clone()));
    let error = committer.append(TERRITORY, batch(1)).await.unwrap_err();
    let expected = "the store could not make a write durable: the store could not make its writes durable: \
                    a fault was ordered by a test";
    assert_eq!(error.to_string(), expected);
    committer.append(TERRITORY, batch(1)).await.unwrap();
    assert_eq!(store.surviving().load(TERRITORY).unwrap().unwrap().feed_last, 1);
}

/// Nothing to write needs no flush; compaction, tables and reads go through the same door.
#[tokio::test]
async fn every_kind_of_write_is_durable_on_return() {
    let store = MemoryStore::new();
    let committer = Committer::spawn(Arc::new(store.clone()));
    committer.append(TERRITORY, Batch::default()).await.unwrap();
    committer.put(Vec::new()).await.unwrap();
    assert_eq!(store.faults().flushes(), 0);
    committer.append(TERRITORY, batch(1)).await.unwrap();
    let supersedes = vec![Chunk::new(1_u64.to_be_bytes().to_vec()).id()];
    let snapshot = Snapshot { chunk: Chunk::new(*b"all"), supersedes };
    committer.compact(TERRITORY, snapshot).await.unwrap();
    let row = Row { table: Table::Server, key: b"k".to_vec(), value: Some(b"v".to_vec()) };
    committer.put(vec![row]).await.unwrap();
    assert_eq!(store.staged(), 0);
    let kept = committer.read(|store| store.load(TERRITORY)).await.unwrap().unwrap();
    assert_eq!((kept.snapshots.len(), kept.chunks.len()), (1, 0));
    assert_eq!(committer.counts().flushes, 3);
}

/// Closing does what waits, refuses what comes later from any clone, and ends the thread; so does dropping.
#[tokio::test]
async fn closing_drains_the_queue() {
    let (store, committer, began, go) = gated();
    let first = spawn_append(&committer, 1);
    until_flushing(&began).await;
    let waiting: Vec<_> = (2..=50).map(|seq| spawn_append(&committer, seq)).collect();
    until_queued(&committer, 49).await;
    let closer = committer.clone();
    let closing = tokio::spawn(async move { closer.close().await });
    until_queued(&committer, 50).await;
    go.send(()).unwrap();
    go.send(()).unwrap();
    closing.await.unwrap();
    first.await.unwrap().unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(store.surviving().load(TERRITORY).unwrap().unwrap().feed_last, 50);
    assert!(committer.clone().append(TERRITORY, batch(99)).await.is_err());
    committer.close().await;

    let committer = Committer::spawn(Arc::new(store));
    let thread = committer.shared.thread.lock().unwrap().take().unwrap();
    drop(committer);
    thread.join().unwrap();
}

/// A thousand appends from many tasks all come back durable, in fewer flushes than appends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_share_flushes_on_disk() {
    let dir = tempfile::TempDir::new().unwrap();
    let store: Arc<dyn Store> = Arc::new(crate::store::sled::SledStore::open(dir.path()).unwrap());
    let committer = Committer::spawn(store);
    let tasks: Vec<_> = (1..=1_000).map(|seq| spawn_append(&committer, seq)).collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let kept = committer.read(|store| store.load(TERRITORY)).await.unwrap().unwrap();
    assert_eq!((kept.feed_last, kept.chunks.len()), (1_000, 1_000));
    assert!(committer.counts().flushes < 1_000);
}
