//! Where each row lies in the one tree: pure functions from names to keys and back.
//!
//! ```text
//! v                                        → the layout's version
//! a                                        → how many batches were kept
//! i ‖ territory                            → nothing: one small row a territory, so that listing reads no log
//! r ‖ territory ‖ kind ‖ name              → a chunk, a snapshot, a binding, a feed row, a change not merged, the epoch
//! t ‖ table ‖ key                          → a row of a table
//! p ‖ length of key ‖ key ‖ number of part → a part of a long value
//! ```
//!
//! A value carries a checksum over its key and itself, unless its key is its checksum already (chunks, snapshots) or it
//! was written by layout 1, which had none.
//!
//! A long value is cut into parts of [`PART_BYTES`]. sled gathers up to some twenty rows in a page and rewrites the
//! page as a whole; a page above a quarter of a segment goes to a file of its own that sled never flushes. Parts of
//! 4 KiB keep every page far below that, and keep a small row from dragging a snapshot of megabytes along.

use portrea_protocol::ids::TerritoryId;
use sha2::{Digest, Sha256};

use crate::store::Table;

/// The layout described here.
pub(super) const VERSION: &[u8] = &[2];
/// The layout before: without checksums and counter, else the same. It is read, and written on in the present one.
pub(super) const VERSION_BEFORE: &[u8] = &[1];
/// Where the layout's version stands.
pub(super) const VERSION_KEY: &[u8] = b"v";
/// Where the number of batches stands: written with each batch, hence beside rows that are small.
pub(super) const COUNTER_KEY: &[u8] = b"a";
/// The length of a checksum, in bytes.
const SUM_BYTES: usize = 8;
/// The longest part of a value, in bytes.
pub(super) const PART_BYTES: usize = 4096;

/// What a territory's row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// A whole document, by the SHA-256 of its bytes.
    Snapshot = 1,
    /// Changes, by the SHA-256 of their bytes.
    Chunk = 2,
    /// An actor's binding, by the SHA-256 of the actor: a peer chooses the actor, hence its length too.
    Binding = 3,
    /// A feed row, by its number, highest byte first so that the tree's order is the feed's.
    Feed = 4,
    /// A change that was not merged, by its hash; its note is written anew when it changes.
    Quarantine = 5,
    /// The number of the epoch, under an empty name; none for a territory that never began another.
    Epoch = 6,
}

/// The row that says a territory has a log.
pub(super) fn index(territory: TerritoryId) -> Vec<u8> {
    [index_prefix(), territory.0.as_bytes()].concat()
}

/// What every index row starts with.
pub(super) fn index_prefix() -> &'static [u8] {
    b"i"
}

/// The territory an index row speaks of.
pub(super) fn territory_of(index_key: &[u8]) -> Option<TerritoryId> {
    let bytes = index_key.strip_prefix(index_prefix())?.try_into().ok()?;
    Some(TerritoryId(uuid::Uuid::from_bytes(bytes)))
}

/// What every row of a territory's log starts with.
pub(super) fn territory(territory: TerritoryId) -> Vec<u8> {
    [b"r", territory.0.as_bytes().as_slice()].concat()
}

/// A row of a territory's log.
pub(super) fn log(territory: TerritoryId, kind: Kind, name: &[u8]) -> Vec<u8> {
    [b"r", territory.0.as_bytes().as_slice(), &[kind as u8], name].concat()
}

/// The row of a feed number.
pub(super) fn feed(territory: TerritoryId, seq: u64) -> Vec<u8> {
    log(territory, Kind::Feed, &seq.to_be_bytes())
}

/// The row of a territory's epoch.
pub(super) fn epoch(territory: TerritoryId) -> Vec<u8> {
    log(territory, Kind::Epoch, &[])
}

/// What every row of a territory starts with: those of its log, and the parts of their long values.
pub(super) fn all_of(territory: TerritoryId) -> Vec<Vec<u8>> {
    let own = self::territory(territory);
    // Names are hashes, numbers of events, or nothing.
    let kinds = [32, 8, 0].map(|name| own.len() + 1 + name);
    let of_parts = kinds.into_iter().map(|length| {
        let length = u32::try_from(length).expect("keys are some hundred bytes long");
        [b"p", length.to_be_bytes().as_slice(), &own].concat()
    });
    std::iter::once(own.clone()).chain(of_parts).collect()
}

/// The key whose value a part belongs to, and the part's number.
pub(super) fn whole_of(part_key: &[u8]) -> Option<(&[u8], u32)> {
    let (length, rest) = part_key.strip_prefix(b"p")?.split_first_chunk()?;
    let (key, number) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((key, u32::from_be_bytes(number.try_into().ok()?)))
}

/// The number of a feed row.
pub(super) fn seq_of(feed_key: &[u8]) -> Option<u64> {
    feed_key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// A row of a table.
pub(super) fn table(table: Table, key: &[u8]) -> Vec<u8> {
    [b"t", [table as u8].as_slice(), key].concat()
}

/// What the parts of a long value start with. The key's length comes first, so that no key is another's prefix.
pub(super) fn parts(key: &[u8]) -> Vec<u8> {
    let length = u32::try_from(key.len()).expect("keys are some hundred bytes long");
    [b"p", length.to_be_bytes().as_slice(), key].concat()
}

/// One part of a long value.
pub(super) fn part(key: &[u8], number: u32) -> Vec<u8> {
    [parts(key).as_slice(), &number.to_be_bytes()].concat()
}

/// What stands at a value's own key: the value when it is short, or how many parts it was cut into.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head<'a> {
    /// The value.
    Short(&'a [u8]),
    /// The number of parts.
    Long(u32),
}

impl<'a> Head<'a> {
    /// How a value is kept.
    pub(super) fn of(value: &'a [u8]) -> Self {
        if value.len() <= PART_BYTES {
            return Self::Short(value);
        }
        Self::Long(u32::try_from(value.len().div_ceil(PART_BYTES)).expect("values are below 16 TiB"))
    }

    /// Reads what [`Head::to_bytes`] or [`Head::to_summed_bytes`] wrote.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let long = |count: &[u8]| Some(Self::Long(u32::from_be_bytes(count.try_into().ok()?)));
        match bytes.split_first()? {
            (0, value) => Some(Self::Short(value)),
            (1, count) => long(count),
            (2, summed) => Some(Self::Short(summed.get(SUM_BYTES..)?)),
            (3, summed) => long(summed.get(SUM_BYTES..)?),
            _ => None,
        }
    }

    /// The bytes that stand at the key, for a value whose key says what it must be.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Short(value) => [&[0], *value].concat(),
            Self::Long(count) => [[1].as_slice(), &count.to_be_bytes()].concat(),
        }
    }

    /// The bytes that stand at the key, with the value's checksum.
    pub(super) fn to_summed_bytes(&self, sum: [u8; SUM_BYTES]) -> Vec<u8> {
        match self {
            Self::Short(value) => [&[2], sum.as_slice(), *value].concat(),
            Self::Long(count) => [[3].as_slice(), &sum, &count.to_be_bytes()].concat(),
        }
    }
}

/// The checksum of a value at a key: the beginning of a SHA-256.
pub(super) fn sum(key: &[u8], value: &[u8]) -> [u8; SUM_BYTES] {
    let digest: [u8; 32] = Sha256::new().chain_update(key).chain_update(value).finalize().into();
    let mut sum = [0; SUM_BYTES];
    sum.iter_mut().zip(digest).for_each(|(digit, byte)| *digit = byte);
    sum
}

/// The checksum that a head carries, if it carries one.
pub(super) fn sum_of(head: &[u8]) -> Option<[u8; SUM_BYTES]> {
    match head.split_first()? {
        (2 | 3, summed) => summed.first_chunk().copied(),
        _ => None,
    }
}
