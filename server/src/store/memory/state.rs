//! The contents of a [`super::MemoryStore`] as a plain value: what a write does to it, what a reader finds.
//!
//! It decides nothing about durability, which is its owner's. Chunks and feed rows are reference counted,
//! so a copy costs the size of the maps and not of what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use automerge::ChangeHash;
use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Binding, Chunk, ChunkId, Damage, Epoch, FeedRow, Kept, Snapshot};
use portrea_territory::held::Held;

use crate::store::{KeyValue, Row, Table, Write};

/// Everything a store holds.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    logs: BTreeMap<TerritoryId, Log>,
    tables: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    /// Chunks that a test spoiled.
    pub(super) damaged: BTreeSet<ChunkId>,
}

/// One territory's log.
#[derive(Debug, Clone, Default)]
struct Log {
    epoch: u32,
    snapshots: BTreeMap<ChunkId, Chunk>,
    chunks: BTreeMap<ChunkId, Chunk>,
    bindings: BTreeMap<String, Binding>,
    feed: BTreeMap<u64, Arc<str>>,
    quarantine: BTreeMap<ChangeHash, Held>,
}

impl State {
    /// Does a write that was checked before.
    pub(super) fn apply(&mut self, write: &Write) {
        match write {
            Write::Append(territory, batch) => {
                if !batch.is_empty() {
                    // What is written again is sound again.
                    if let Some(chunk) = &batch.chunk {
                        self.damaged.remove(&chunk.id());
                    }
                    self.logs.entry(*territory).or_default().append(batch);
                }
            }
            Write::Compact(territory, snapshot) => self.logs.entry(*territory).or_default().compact(snapshot),
            Write::Epoch(territory, epoch, rows) => {
                self.damaged.remove(&epoch.document.id());
                self.logs.insert(*territory, Log::of(epoch));
                for row in rows {
                    self.put(row);
                }
            }
            Write::Put(rows) => rows.iter().for_each(|row| self.put(row)),
        }
    }

    pub(super) fn has_feed(&self, territory: TerritoryId, seq: u64) -> bool {
        self.logs.get(&territory).is_some_and(|log| log.feed.contains_key(&seq))
    }

    pub(super) fn territories(&self) -> Vec<TerritoryId> {
        self.logs.keys().copied().collect()
    }

    pub(super) fn load(&self, territory: TerritoryId) -> Option<Kept> {
        let log = self.logs.get(&territory)?;
        let sound = |chunks: &BTreeMap<ChunkId, Chunk>| {
            chunks.values().filter(|chunk| !self.damaged.contains(&chunk.id())).cloned().collect()
        };
        let spoiled = |chunks: &BTreeMap<ChunkId, Chunk>, damage: fn(String) -> Damage| {
            let ids = chunks.keys().filter(|id| self.damaged.contains(id));
            ids.map(|id| damage(format!("{id:?}"))).collect::<Vec<_>>()
        };
        Some(Kept {
            epoch: log.epoch,
            snapshots: sound(&log.snapshots),
            chunks: sound(&log.chunks),
            bindings: log.bindings.values().cloned().collect(),
            quarantine: log.quarantine.values().cloned().collect(),
            feed_last: log.feed.last_key_value().map_or(0, |(seq, _)| *seq),
            damaged: [spoiled(&log.snapshots, Damage::Snapshot), spoiled(&log.chunks, Damage::Chunk)]
                .concat(),
        })
    }

    pub(super) fn epoch(&self, territory: TerritoryId) -> u32 {
        self.logs.get(&territory).map_or(0, |log| log.epoch)
    }

    pub(super) fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Vec<FeedRow> {
        let Some(log) = self.logs.get(&territory) else { return Vec::new() };
        log.feed
            .range((Bound::Excluded(after), Bound::Unbounded))
            .take(limit)
            .map(|(seq, json)| FeedRow { seq: *seq, json: Arc::clone(json) })
            .collect()
    }

    pub(super) fn get(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        self.tables.get(&(table, key.to_vec())).cloned()
    }

    pub(super) fn scan(&self, table: Table) -> Vec<KeyValue> {
        self.tables
            .range((table, Vec::new())..)
            .take_while(|((of, _), _)| *of == table)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect()
    }

    fn put(&mut self, row: &Row) {
        let key = (row.table, row.key.clone());
        match &row.value {
            Some(value) => self.tables.insert(key, value.clone()),
            None => self.tables.remove(&key),
        };
    }
}

impl Log {
    fn of(epoch: &Epoch) -> Self {
        let Epoch { number, document, bindings, quarantine, feed } = epoch;
        Self {
            epoch: *number,
            snapshots: BTreeMap::from([(document.id(), document.clone())]),
            chunks: BTreeMap::new(),
            bindings: bindings.iter().map(|binding| (binding.actor.clone(), binding.clone())).collect(),
            feed: feed.iter().map(|row| (row.seq, Arc::clone(&row.json))).collect(),
            quarantine: quarantine.iter().map(|held| (held.hash, held.clone())).collect(),
        }
    }

    fn append(&mut self, batch: &Batch) {
        if let Some(chunk) = &batch.chunk {
            self.chunks.insert(chunk.id(), chunk.clone());
        }
        for row in &batch.feed {
            self.feed.insert(row.seq, Arc::clone(&row.json));
        }
        for held in &batch.quarantine {
            self.quarantine.insert(held.hash, held.clone());
        }
        for binding in &batch.bindings {
            self.bindings.entry(binding.actor.clone()).or_insert_with(|| binding.clone());
        }
    }

    fn compact(&mut self, snapshot: &Snapshot) {
        for id in &snapshot.supersedes {
            self.chunks.remove(id);
            self.snapshots.remove(id);
        }
        self.snapshots.insert(snapshot.chunk.id(), snapshot.chunk.clone());
    }
}
