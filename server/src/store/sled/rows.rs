//! What the rows of the tree mean: the [`Store`] contract in terms of single rows.
//!
//! Every write is one edit: it is built while the writer is held, from what is kept and staged, and staged at the end.
//! Whatever is read back is checked: a chunk against the SHA-256 that is its name, everything else for its form.

use std::collections::BTreeMap;
use std::sync::Arc;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Binding, Chunk, ChunkId, FeedRow, Kept, Snapshot};
use sha2::{Digest, Sha256};

use super::edit::Edit;
use super::layout::{self, Kind};
use super::{SledStore, Writer, damaged};
use crate::store::{KeyValue, Row, Store, StoreError, Table, check_keys};

impl SledStore {
    /// The value at a key.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.head(key)?.map(|head| self.whole(key, &head)).transpose()
    }

    /// The values of one kind in a territory's log, with their keys.
    fn values(
        &self,
        territory: TerritoryId,
        kind: Kind,
    ) -> impl Iterator<Item = Result<KeyValue, StoreError>> {
        self.prefixed(&layout::log(territory, kind, &[])).map(|row| {
            let (key, head) = row?;
            let value = self.whole(&key, &head)?;
            Ok((key, value))
        })
    }

    fn chunks(&self, territory: TerritoryId, kind: Kind) -> Result<Vec<Chunk>, StoreError> {
        self.values(territory, kind)
            .map(|row| {
                let (key, bytes) = row?;
                let chunk = Chunk::new(bytes);
                if key.ends_with(&chunk.id().0) {
                    return Ok(chunk);
                }
                Err(damaged(&format!("a chunk of territory {territory} is not what its SHA-256 says")))
            })
            .collect()
    }

    fn bindings(&self, territory: TerritoryId) -> Result<Vec<Binding>, StoreError> {
        self.values(territory, Kind::Binding)
            .map(|row| serde_json::from_slice(&row?.1).map_err(|_| damaged("a binding that cannot be read")))
            .collect()
    }

    fn feed_last(&self, territory: TerritoryId) -> Result<u64, StoreError> {
        match self.prefixed(&layout::log(territory, Kind::Feed, &[])).next_back() {
            Some(row) => seq_of(&row?.0),
            None => Ok(0),
        }
    }

    /// Inserts a value unless there is one, or will be: chunks are named by their content, first bindings stand.
    fn insert_once(
        &self,
        writer: &Writer,
        edit: &mut Edit,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        if edit.row(key).is_none() && self.staged_head(writer, key)?.is_none() {
            edit.insert(key, value);
        }
        Ok(())
    }

    /// Removes a value with the parts it may have.
    fn remove(&self, writer: &Writer, edit: &mut Edit, key: &[u8]) -> Result<(), StoreError> {
        if let Some(head) = self.staged_head(writer, key)? {
            edit.remove(key, &head);
        }
        Ok(())
    }

    /// Lists a territory that is not listed yet.
    fn list(&self, writer: &Writer, edit: &mut Edit, territory: TerritoryId) -> Result<(), StoreError> {
        if self.staged_head(writer, &layout::index(territory))?.is_none() {
            edit.list(territory);
        }
        Ok(())
    }
}

#[cfg(test)]
impl SledStore {
    /// Spoils a chunk, as a failing disk would.
    pub(in crate::store) fn damage(&self, territory: TerritoryId, chunk: ChunkId) {
        let mut edit = Edit::default();
        edit.insert(&layout::log(territory, Kind::Chunk, &chunk.0), b"not what it was");
        let mut writer = self.writer().expect("the store is usable");
        self.stage(&mut writer, edit).expect("the store is usable");
        self.keep(&mut writer).expect("the store is usable");
    }
}

fn seq_of(feed_key: &[u8]) -> Result<u64, StoreError> {
    layout::seq_of(feed_key).ok_or_else(|| damaged("a feed row without a number"))
}

impl Store for SledStore {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        self.usable()?;
        let named = |key: &[u8]| {
            layout::territory_of(key).ok_or_else(|| damaged("an index row that names no territory"))
        };
        self.prefixed(layout::index_prefix()).map(|row| named(&row?.0)).collect()
    }

    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        if self.head(&layout::index(territory))?.is_none() {
            return Ok(None);
        }
        Ok(Some(Kept {
            snapshots: self.chunks(territory, Kind::Snapshot)?,
            chunks: self.chunks(territory, Kind::Chunk)?,
            bindings: self.bindings(territory)?,
            feed_last: self.feed_last(territory)?,
        }))
    }

    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        for row in &batch.feed {
            let key = layout::feed(territory, row.seq);
            if edit.row(&key).is_some() || self.staged_head(&writer, &key)?.is_some() {
                return Err(StoreError::FeedConflict { territory, seq: row.seq });
            }
            edit.insert(&key, row.json.as_bytes());
        }
        if let Some(chunk) = &batch.chunk {
            let key = layout::log(territory, Kind::Chunk, &chunk.id().0);
            self.insert_once(&writer, &mut edit, &key, chunk.bytes())?;
        }
        for binding in &batch.bindings {
            let key = layout::log(territory, Kind::Binding, &Sha256::digest(&binding.actor));
            let json = serde_json::to_vec(binding).map_err(|e| StoreError::engine("write a binding", e))?;
            self.insert_once(&writer, &mut edit, &key, &json)?;
        }
        self.list(&writer, &mut edit, territory)?;
        self.stage(&mut writer, edit)
    }

    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        let kept = snapshot.chunk.id();
        let key = layout::log(territory, Kind::Snapshot, &kept.0);
        self.insert_once(&writer, &mut edit, &key, snapshot.chunk.bytes())?;
        for ChunkId(id) in &snapshot.supersedes {
            self.remove(&writer, &mut edit, &layout::log(territory, Kind::Chunk, id))?;
            if *id != kept.0 {
                self.remove(&writer, &mut edit, &layout::log(territory, Kind::Snapshot, id))?;
            }
        }
        self.list(&writer, &mut edit, territory)?;
        self.stage(&mut writer, edit)
    }

    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        self.usable()?;
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        self.range(layout::feed(territory, first)..=layout::feed(territory, u64::MAX))
            .take(limit)
            .map(|row| {
                let (key, head) = row?;
                let json = String::from_utf8(self.whole(&key, &head)?).map_err(|_| damaged("a feed row"))?;
                Ok(FeedRow { seq: seq_of(&key)?, json: Arc::from(json) })
            })
            .collect()
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(&layout::table(table, key))
    }

    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError> {
        self.usable()?;
        let prefix = layout::table(table, &[]);
        let bare = |key: &[u8]| key.strip_prefix(prefix.as_slice()).unwrap_or_default().to_vec();
        self.prefixed(&prefix)
            .map(|row| {
                let (key, head) = row?;
                Ok((bare(&key), self.whole(&key, &head)?))
            })
            .collect()
    }

    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        check_keys(rows)?;
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        // Of two rows with one key the last counts, and the first may leave no parts behind.
        let last: BTreeMap<_, _> = rows.iter().map(|row| ((row.table, &row.key), &row.value)).collect();
        for ((table, key), value) in last {
            let key = layout::table(table, key);
            self.remove(&writer, &mut edit, &key)?;
            if let Some(value) = value {
                edit.insert(&key, value);
            }
        }
        self.stage(&mut writer, edit)
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        self.keep(&mut *self.writer()?)
    }
}
