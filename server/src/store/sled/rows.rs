//! What the rows of the tree mean: the [`Store`] contract in terms of single rows.
//!
//! Every write is one edit: it is built while the writer is held, from what is kept and staged, and staged at the end.
//! Whatever is read back is checked: a chunk against the SHA-256 that is its name, everything else against its checksum.
//! What does not fit is set aside, and the rest is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Binding, Chunk, ChunkId, Damage, Epoch, FeedRow, Kept, Snapshot};
use portrea_territory::held::Held;
use sha2::{Digest, Sha256};

use super::edit::{Edit, Fate};
use super::layout::{self, Kind};
use super::survey::{self, Found, seq_of};
use super::{SledStore, Writer, damaged};
use crate::store::{KeyValue, Loss, Row, Store, StoreError, Table, check_keys};

/// How many numbers are skipped when the end of a feed cannot be read. A page holds some twenty rows.
const FEED_SKIPPED: u64 = 10_000;

impl SledStore {
    /// The value at a key.
    pub(super) fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.head(key)?.map(|head| self.whole(key, &head)).transpose()
    }

    /// The chunks of one kind; what is not what its SHA-256 says is set aside.
    fn chunks(&self, territory: TerritoryId, kind: Kind, kept: &mut Kept) -> Result<Vec<Chunk>, StoreError> {
        let prefix = layout::log(territory, kind, &[]);
        let mut chunks = Vec::new();
        for found in self.survey(&prefix, &prefix) {
            let damaged = match found? {
                Found::Row(key, bytes) => {
                    let chunk = Chunk::new(bytes);
                    if key.ends_with(&chunk.id().0) {
                        chunks.push(chunk);
                        continue;
                    }
                    key
                }
                Found::Damaged(key) => key,
                Found::Stretch => {
                    kept.damaged.push(Damage::Stretch);
                    continue;
                }
            };
            let name = survey::name(&prefix, &damaged);
            kept.damaged.push(match kind {
                Kind::Snapshot => Damage::Snapshot(name),
                Kind::Chunk | Kind::Binding | Kind::Feed | Kind::Quarantine | Kind::Epoch => {
                    Damage::Chunk(name)
                }
            });
        }
        Ok(chunks)
    }

    fn bindings(&self, territory: TerritoryId, kept: &mut Kept) -> Result<Vec<Binding>, StoreError> {
        let prefix = layout::log(territory, Kind::Binding, &[]);
        let mut bindings = Vec::new();
        for found in self.survey(&prefix, &prefix) {
            match found? {
                Found::Row(key, json) => match serde_json::from_slice(&json) {
                    Ok(binding) => bindings.push(binding),
                    Err(_) => kept.damaged.push(Damage::Binding(survey::name(&prefix, &key))),
                },
                Found::Damaged(key) => kept.damaged.push(Damage::Binding(survey::name(&prefix, &key))),
                Found::Stretch => kept.damaged.push(Damage::Stretch),
            }
        }
        Ok(bindings)
    }

    fn quarantine(&self, territory: TerritoryId, kept: &mut Kept) -> Result<Vec<Held>, StoreError> {
        let prefix = layout::log(territory, Kind::Quarantine, &[]);
        let mut quarantine = Vec::new();
        for found in self.survey(&prefix, &prefix) {
            match found? {
                Found::Row(key, bytes) => match Held::read(&bytes) {
                    Some(held) => quarantine.push(held),
                    None => kept.damaged.push(Damage::Quarantine(survey::name(&prefix, &key))),
                },
                Found::Damaged(key) => kept.damaged.push(Damage::Quarantine(survey::name(&prefix, &key))),
                Found::Stretch => kept.damaged.push(Damage::Stretch),
            }
        }
        Ok(quarantine)
    }

    /// The number of the last row, damaged or not: a number is used once. Where the end cannot be read it goes on well
    /// beyond what may have stood there.
    fn feed_last(&self, territory: TerritoryId, kept: &mut Kept) -> Result<u64, StoreError> {
        let prefix = layout::log(territory, Kind::Feed, &[]);
        match self.prefixed(&prefix).next_back() {
            Some(Ok((key, _))) => return seq_of(&key),
            None => return Ok(0),
            Some(Err(StoreError::Damaged(_))) => {}
            Some(Err(error)) => return Err(error),
        }
        let mut last = 0;
        for found in self.survey(&prefix, &prefix) {
            if let Found::Row(key, _) | Found::Damaged(key) = found? {
                last = seq_of(&key)?;
            }
        }
        kept.damaged.push(Damage::Stretch);
        Ok(last.saturating_add(FEED_SKIPPED))
    }

    /// The epoch; where its row is lost, the document still tells.
    fn epoch_kept(&self, territory: TerritoryId, kept: &mut Kept) -> Result<u32, StoreError> {
        match self.epoch(territory) {
            Err(StoreError::Damaged(_)) => {
                kept.damaged.push(Damage::Stretch);
                Ok(0)
            }
            read => read,
        }
    }

    /// Whether anything of a territory is kept. What lost its place in the index is found by its log.
    fn is_kept(&self, territory: TerritoryId) -> Result<bool, StoreError> {
        let listed = self.head(&layout::index(territory));
        match listed {
            Ok(Some(_)) => return Ok(true),
            Ok(None) | Err(StoreError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
        let prefix = layout::territory(territory);
        Ok(self.survey(&prefix, &prefix).next().transpose()?.is_some())
    }

    /// Inserts a value unless it is there, or will be: chunks are named by their content. One that is damaged is written
    /// again, for whoever sends it is told that it is kept.
    fn insert_named(
        &self,
        writer: &Writer,
        edit: &mut Edit,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        if edit.row(key).is_some()
            || writer.staged.row(key).is_some_and(|fate| matches!(fate, Fate::Written(_)))
        {
            return Ok(());
        }
        if let Some(head) = self.staged_head(writer, key)? {
            if self.whole(key, &head).is_ok_and(|kept| kept == value) {
                return Ok(());
            }
            edit.remove(key, &head);
        }
        edit.insert_named(key, value);
        Ok(())
    }

    /// Inserts a binding unless there is one that can be read, or will be: the first one stands.
    fn insert_binding(
        &self,
        writer: &Writer,
        edit: &mut Edit,
        key: &[u8],
        json: &[u8],
    ) -> Result<(), StoreError> {
        if edit.row(key).is_some() || writer.staged.row(key).is_some() {
            return Ok(());
        }
        if let Some(head) = self.head(key)? {
            let kept =
                self.whole(key, &head).is_ok_and(|kept| serde_json::from_slice::<Binding>(&kept).is_ok());
            if kept {
                return Ok(());
            }
            edit.remove(key, &head);
        }
        edit.insert(key, json);
        Ok(())
    }

    /// Removes a value with the parts it may have.
    fn remove(&self, writer: &Writer, edit: &mut Edit, key: &[u8]) -> Result<(), StoreError> {
        if let Some(head) = self.staged_head(writer, key)? {
            edit.remove(key, &head);
        }
        Ok(())
    }

    /// Writes and removes rows of tables.
    fn insert_rows(&self, writer: &Writer, edit: &mut Edit, rows: &[Row]) -> Result<(), StoreError> {
        // Of two rows with one key the last counts, and the first may leave no parts behind.
        let last: BTreeMap<_, _> = rows.iter().map(|row| ((row.table, &row.key), &row.value)).collect();
        for ((table, key), value) in last {
            let key = layout::table(table, key);
            self.remove(writer, edit, &key)?;
            if let Some(value) = value {
                edit.insert(&key, value);
            }
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

impl Store for SledStore {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        self.usable()?;
        let mut territories = Vec::new();
        for found in self.survey(layout::index_prefix(), layout::index_prefix()) {
            // An index row has no value, hence no head that could be read.
            match found? {
                Found::Row(key, _) | Found::Damaged(key) => territories.extend(layout::territory_of(&key)),
                Found::Stretch => tracing::error!("a part of the list of territories cannot be read"),
            }
        }
        Ok(territories)
    }

    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        self.usable()?;
        if !self.is_kept(territory)? {
            return Ok(None);
        }
        let mut kept = Kept::default();
        kept.epoch = self.epoch_kept(territory, &mut kept)?;
        kept.snapshots = self.chunks(territory, Kind::Snapshot, &mut kept)?;
        kept.chunks = self.chunks(territory, Kind::Chunk, &mut kept)?;
        kept.bindings = self.bindings(territory, &mut kept)?;
        kept.quarantine = self.quarantine(territory, &mut kept)?;
        kept.feed_last = self.feed_last(territory, &mut kept)?;
        Ok(Some(kept))
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
            self.insert_named(&writer, &mut edit, &key, chunk.bytes())?;
        }
        for binding in &batch.bindings {
            let key = layout::log(territory, Kind::Binding, &Sha256::digest(&binding.actor));
            let json = serde_json::to_vec(binding).map_err(|e| StoreError::engine("write a binding", e))?;
            self.insert_binding(&writer, &mut edit, &key, &json)?;
        }
        for held in &batch.quarantine {
            let key = layout::log(territory, Kind::Quarantine, &held.hash.0);
            self.remove(&writer, &mut edit, &key)?;
            edit.insert(&key, &held.to_bytes());
        }
        self.list(&writer, &mut edit, territory)?;
        self.stage(&mut writer, edit)
    }

    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        let kept = snapshot.chunk.id();
        let key = layout::log(territory, Kind::Snapshot, &kept.0);
        self.insert_named(&writer, &mut edit, &key, snapshot.chunk.bytes())?;
        for ChunkId(id) in &snapshot.supersedes {
            self.remove(&writer, &mut edit, &layout::log(territory, Kind::Chunk, id))?;
            if *id != kept.0 {
                self.remove(&writer, &mut edit, &layout::log(territory, Kind::Snapshot, id))?;
            }
        }
        self.list(&writer, &mut edit, territory)?;
        self.stage(&mut writer, edit)
    }

    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError> {
        check_keys(rows)?;
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        for prefix in layout::all_of(territory) {
            for row in self.prefixed(&prefix) {
                edit.erase(&row?.0);
            }
            let staged = writer.staged.keys().filter(|key| key.starts_with(&prefix));
            staged.for_each(|key| edit.erase(key));
        }
        let Epoch { number, document, bindings, quarantine, feed } = epoch;
        edit.insert(&layout::epoch(territory), &number.to_be_bytes());
        edit.insert_named(&layout::log(territory, Kind::Snapshot, &document.id().0), document.bytes());
        for binding in bindings {
            let json = serde_json::to_vec(binding).map_err(|e| StoreError::engine("write a binding", e))?;
            edit.insert(&layout::log(territory, Kind::Binding, &Sha256::digest(&binding.actor)), &json);
        }
        for held in quarantine {
            edit.insert(&layout::log(territory, Kind::Quarantine, &held.hash.0), &held.to_bytes());
        }
        for row in feed {
            edit.insert(&layout::feed(territory, row.seq), row.json.as_bytes());
        }
        edit.list(territory);
        self.insert_rows(&writer, &mut edit, rows)?;
        self.stage(&mut writer, edit)
    }

    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError> {
        let Some(bytes) = self.value(&layout::epoch(territory))? else { return Ok(0) };
        let bytes = bytes.try_into().map_err(|_| damaged("a territory's epoch cannot be read"))?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        self.usable()?;
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let prefix = layout::log(territory, Kind::Feed, &[]);
        let mut rows = Vec::new();
        for found in self.survey(&prefix, &layout::feed(territory, first)) {
            if rows.len() >= limit {
                break;
            }
            let text = match found? {
                Found::Row(key, value) => String::from_utf8(value).map(|json| (key, json)).ok(),
                Found::Damaged(_) | Found::Stretch => None,
            };
            if let Some((key, json)) = text {
                rows.push(FeedRow { seq: seq_of(&key)?, json: Arc::from(json) });
            } else {
                tracing::warn!(%territory, "the feed has a gap: an event is damaged");
            }
        }
        Ok(rows)
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(&layout::table(table, key))
    }

    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError> {
        self.usable()?;
        let prefix = layout::table(table, &[]);
        let bare = |key: &[u8]| key.strip_prefix(prefix.as_slice()).unwrap_or_default().to_vec();
        self.sound(&prefix).map(|row| row.map(|(key, value)| (bare(&key), value))).collect()
    }

    fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        self.usable()?;
        let batches = self.counter.losses().map_err(|e| StoreError::engine("read what was lost", e))?;
        let mut losses: Vec<Loss> = batches.into_iter().map(Loss::Batches).collect();
        for table in Table::ALL {
            let prefix = layout::table(table, &[]);
            for found in self.survey(&prefix, &prefix) {
                match found? {
                    Found::Row(..) => {}
                    Found::Damaged(key) => losses.push(Loss::Row(table, survey::name(&prefix, &key))),
                    Found::Stretch => losses.push(Loss::Rows(table)),
                }
            }
        }
        Ok(losses)
    }

    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        check_keys(rows)?;
        let mut writer = self.writer()?;
        let mut edit = Edit::default();
        self.insert_rows(&writer, &mut edit, rows)?;
        self.stage(&mut writer, edit)
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        self.keep(&mut *self.writer()?)
    }

    fn rebuild(&self, tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        self.copy_beside(tell)
    }
}
