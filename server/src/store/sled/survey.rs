//! Reads every row under a prefix that can be read, and says where others were.
//!
//! A row whose checksum does not fit is one; a page of the tree that sled cannot read takes a stretch of rows with it.
//! The next row behind the stretch is found by bisection: within it every position fails, behind it they do not.

use super::{RowRead, SledStore, damaged, layout};
use crate::store::{KeyValue, StoreError};

/// How many bytes behind the prefix are bisected: enough to tell hashes and numbers apart.
const BISECTED_BYTES: usize = 16;

/// What stood at a place.
#[derive(Debug)]
pub(super) enum Found {
    /// A sound row.
    Row(Vec<u8>, Vec<u8>),
    /// A row that is not what was written, by its key.
    Damaged(Vec<u8>),
    /// An unknown number of rows.
    Stretch,
}

/// Reads on from row to row.
pub(super) struct Survey<'a> {
    store: &'a SledStore,
    prefix: Vec<u8>,
    end: Vec<u8>,
    rows: Box<dyn Iterator<Item = RowRead>>,
    last: Vec<u8>,
    done: bool,
}

impl SledStore {
    /// Every row under `prefix` from `first` on, whatever became of the others. An error is the world's.
    pub(super) fn survey(&self, prefix: &[u8], first: &[u8]) -> Survey<'_> {
        let end = successor(prefix);
        let rows = Box::new(self.between(first, &end));
        Survey { store: self, prefix: prefix.to_vec(), end, rows, last: first.to_vec(), done: false }
    }

    /// Every sound row under `prefix`.
    pub(super) fn sound(&self, prefix: &[u8]) -> impl Iterator<Item = Result<KeyValue, StoreError>> {
        self.survey(prefix, prefix).filter_map(|found| match found {
            Ok(Found::Row(key, value)) => Some(Ok((key, value))),
            Ok(Found::Damaged(_) | Found::Stretch) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

impl Iterator for Survey<'_> {
    type Item = Result<Found, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.rows.next()? {
            Ok((key, head)) => {
                self.last.clone_from(&key);
                Some(match self.store.whole(&key, &head) {
                    Ok(value) => Ok(Found::Row(key, value)),
                    Err(StoreError::Damaged(_)) => Ok(Found::Damaged(key)),
                    Err(error) => Err(error),
                })
            }
            Err(StoreError::Damaged(_)) => {
                match self.beyond() {
                    Some(next) => {
                        self.rows = Box::new(self.store.between(&next, &self.end));
                        self.last = next;
                    }
                    None => self.done = true,
                }
                Some(Ok(Found::Stretch))
            }
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}

impl Survey<'_> {
    /// The first position behind the stretch that cannot be read.
    fn beyond(&self) -> Option<Vec<u8>> {
        let at = |position: u128| [self.prefix.as_slice(), &position.to_be_bytes()].concat();
        let tail = self.last.get(self.prefix.len()..).unwrap_or_default();
        let mut start = [0; BISECTED_BYTES];
        start.iter_mut().zip(tail).for_each(|(digit, byte)| *digit = *byte);
        let (mut bad, mut good) = (u128::from_be_bytes(start), u128::MAX);
        if !self.is_readable(&at(good)) {
            return None;
        }
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            if self.is_readable(&at(middle)) { good = middle } else { bad = middle }
        }
        // A row whose key ends here stands before the same key with zeros behind it.
        let mut next = at(good);
        while let Some((0, shorter)) = next.split_last().map(|(last, shorter)| (*last, shorter.to_vec())) {
            if shorter.len() < self.prefix.len() || !self.is_readable(&shorter) {
                break;
            }
            next = shorter;
        }
        Some(next)
    }

    fn is_readable(&self, position: &[u8]) -> bool {
        position >= self.end.as_slice()
            || !matches!(self.store.between(position, &self.end).next(), Some(Err(_)))
    }
}

/// The least key above everything that starts with `prefix`.
fn successor(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    // Every prefix starts with a letter.
    vec![u8::MAX]
}

/// The beginning of a row's name, for whoever looks for it.
pub(super) fn name(prefix: &[u8], key: &[u8]) -> String {
    let mut bytes = [0; 8];
    bytes
        .iter_mut()
        .zip(key.strip_prefix(prefix).unwrap_or_default())
        .for_each(|(digit, byte)| *digit = *byte);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// The number of a feed row.
pub(super) fn seq_of(feed_key: &[u8]) -> Result<u64, StoreError> {
    layout::seq_of(feed_key).ok_or_else(|| damaged("a feed row without a number"))
}
