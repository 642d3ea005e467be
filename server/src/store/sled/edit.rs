//! One atomic change of the tree under construction: rows to write and to remove.
//!
//! Long values are cut into parts here and nowhere else. Of two writes to one key the last counts.

use std::collections::BTreeMap;

use portrea_protocol::ids::TerritoryId;

use super::layout::{self, Head};

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Fate {
    /// These bytes will stand at its key.
    Written(Vec<u8>),
    /// Nothing will.
    Removed,
}

/// Rows by their keys, and what becomes of each.
#[derive(Debug, Default)]
pub(super) struct Edit {
    rows: BTreeMap<Vec<u8>, Fate>,
    bytes: usize,
}

impl Edit {
    /// The first edit of all: it says which layout follows.
    pub(super) fn version() -> Self {
        let mut edit = Self::default();
        edit.set(layout::VERSION_KEY.to_vec(), Fate::Written(layout::VERSION.to_vec()));
        edit
    }

    /// Makes sure that a territory is listed.
    pub(super) fn list(&mut self, territory: TerritoryId) {
        self.set(layout::index(territory), Fate::Written(Vec::new()));
    }

    /// Counts a batch.
    pub(super) fn count(&mut self, batches: u64) {
        self.insert(layout::COUNTER_KEY, &batches.to_be_bytes());
    }

    /// Writes a value with its checksum, in parts when it is long.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) {
        let head = Head::of(value).to_summed_bytes(layout::sum(key, value));
        self.insert_parts(key, value);
        self.set(key.to_vec(), Fate::Written(head));
    }

    /// Writes a value whose key says what it must be.
    pub(super) fn insert_named(&mut self, key: &[u8], value: &[u8]) {
        self.insert_parts(key, value);
        self.set(key.to_vec(), Fate::Written(Head::of(value).to_bytes()));
    }

    fn insert_parts(&mut self, key: &[u8], value: &[u8]) {
        let head = Head::of(value);
        if let Head::Long(count) = head {
            for (number, part) in (0..count).zip(value.chunks(layout::PART_BYTES)) {
                self.set(layout::part(key, number), Fate::Written(part.to_vec()));
            }
        }
    }

    /// Removes a value with the parts that its head speaks of.
    pub(super) fn remove(&mut self, key: &[u8], head: &[u8]) {
        if let Some(Head::Long(count)) = Head::read(head) {
            (0..count).for_each(|number| self.set(layout::part(key, number), Fate::Removed));
        }
        self.set(key.to_vec(), Fate::Removed);
    }

    /// Removes exactly what stands at a key.
    pub(super) fn erase(&mut self, key: &[u8]) {
        self.set(key.to_vec(), Fate::Removed);
    }

    /// Does `next` after this edit.
    pub(super) fn then(&mut self, next: Self) {
        next.into_rows().for_each(|(key, fate)| self.set(key, fate));
    }

    /// The keys that it touches.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.keys().map(Vec::as_slice)
    }

    /// What becomes of a row, if this edit touches it.
    pub(super) fn row(&self, key: &[u8]) -> Option<&Fate> {
        self.rows.get(key)
    }

    /// How much memory its rows take; a row that was written twice counts twice.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it does nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the order of keys.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (Vec<u8>, Fate)> {
        self.rows.into_iter()
    }

    fn set(&mut self, key: Vec<u8>, fate: Fate) {
        let value = if let Fate::Written(value) = &fate { value.len() } else { 0 };
        self.bytes = self.bytes.saturating_add(key.len() + value);
        self.rows.insert(key, fate);
    }
}
