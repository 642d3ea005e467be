//! Refuses changes that would unfold beyond a limit, and tells who wrote one without unfolding it.
//!
//! automerge unfolds without a bound, twice: it inflates a compressed change whatever its size, and it walks as many
//! operations as a change's run-length columns claim, which ten bytes can put at billions. Both are counted here
//! before automerge sees the change. It also takes each operation's actor from the change's list without looking whether
//! the list is that long, and puts the numbers of operations into 32 bits; it panics when that cannot be.
//!
//! A change chunk is magic (4 bytes), checksum (4), type (1), length (LEB128), body; a body of type 2 is raw deflate, a
//! body of type 1 is plain. Other types (whole documents, bundles) are not changes and are refused here.

use std::io::Read;

use flate2::read::DeflateDecoder;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// The most operations that a change may hold, and the most operations that they may replace.
pub const OPERATIONS_MAX: u64 = 1_000_000;
/// The most columns that a change may have; automerge writes fewer than twenty.
const COLUMNS_MAX: u64 = 64;

/// The columns that say how much there is: what each operation does, and how many operations each replaces.
const ACTIONS: u64 = 0x42;
const REPLACED: u64 = 0x70;
/// The lowest three bits of every column that holds actors, as places in the change's own list.
const ACTORS: u64 = 1;
/// The columns that hold numbers of operations: those of objects as they are, those of elements and of what is replaced each
/// as the difference from the one before.
const OBJECTS: u64 = 0x02;
const ELEMENTS: u64 = 0x13;
const REPLACED_EACH: u64 = 0x73;
/// The highest number that automerge has room for.
const NUMBER_MAX: u64 = u32::MAX as u64;

/// Why a chunk is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// Not the shape of a change.
    NotAChange,
    /// Unfolds to more than the limit.
    TooLarge,
}

/// Whether a chunk says that it is a compressed change.
pub fn is_folded(chunk: &[u8]) -> bool {
    chunk.get(8) == Some(&COMPRESSED_CHANGE)
}

/// The actor of a change, without decoding the rest; `None` for whatever else a chunk is, and for a compressed change.
pub fn writer(chunk: &[u8]) -> Option<&[u8]> {
    let (CHANGE, plain) = chunk_body(chunk)? else { return None };
    Reader::behind_dependencies(plain)?.prefixed()
}

/// Checks that a chunk is one change and unfolds to at most `bytes_max`.
pub fn check(chunk: &[u8], bytes_max: usize) -> Result<(), Odd> {
    match chunk_body(chunk).ok_or(Odd::NotAChange)? {
        (CHANGE, plain) if plain.len() > bytes_max => Err(Odd::TooLarge),
        (CHANGE, plain) => operations(plain),
        (COMPRESSED_CHANGE, deflated) => {
            let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
            let mut inflated = Vec::new();
            let read = DeflateDecoder::new(deflated).take(limit).read_to_end(&mut inflated);
            read.map_err(|_| Odd::NotAChange)?;
            if inflated.len() > bytes_max { Err(Odd::TooLarge) } else { operations(&inflated) }
        }
        _ => Err(Odd::NotAChange),
    }
}

fn chunk_body(chunk: &[u8]) -> Option<(u8, &[u8])> {
    let rest = chunk.strip_prefix(&MAGIC)?;
    let (&kind, rest) = rest.get(4..)?.split_first()?;
    let mut reader = Reader(rest);
    let length = reader.number()?;
    (u64::try_from(reader.0.len()).ok()? == length).then_some((kind, reader.0))
}

/// Checks how many operations a change claims.
fn operations(body: &[u8]) -> Result<(), Odd> {
    let (operations, replaced) = claims(body).ok_or(Odd::NotAChange)?;
    if operations > OPERATIONS_MAX || replaced > OPERATIONS_MAX { Err(Odd::TooLarge) } else { Ok(()) }
}

/// How many operations a change holds, and how many they replace together.
fn claims(body: &[u8]) -> Option<(u64, u64)> {
    let mut reader = Reader::behind_dependencies(body)?;
    reader.prefixed()?; // actor
    reader.number()?; // sequence
    reader.number()?; // first operation's number
    reader.signed()?; // time
    reader.prefixed()?; // message
    let others = reader.number()?;
    for _ in 0..others {
        reader.prefixed()?; // another actor
    }
    let count = reader.number()?;
    if count > COLUMNS_MAX {
        return None;
    }
    let mut columns = Vec::new();
    for _ in 0..count {
        columns.push((reader.number()?, reader.number()?));
    }
    let (mut operations, mut replaced) = (0_u64, 0_u64);
    for (column, length) in columns {
        let data = Reader(reader.take(length)?);
        match column {
            ACTIONS => operations = operations.saturating_add(data.runs(|_| 1)?),
            REPLACED => replaced = replaced.saturating_add(data.runs(|count| count)?),
            OBJECTS if data.highest()? > NUMBER_MAX => return None,
            ELEMENTS | REPLACED_EACH if data.highest_sum()? > NUMBER_MAX => return None,
            _ if column & 7 == ACTORS && data.highest()? > others => return None,
            _ => {}
        }
    }
    Some((operations, replaced))
}

/// Reads numbers and bytes from the front.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Of a change's body, from the actor on.
    fn behind_dependencies(body: &'a [u8]) -> Option<Self> {
        let mut reader = Self(body);
        let dependencies = reader.number()?;
        reader.take(dependencies.checked_mul(32)?)?;
        Some(reader)
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// An unsigned LEB128 number below 2^63.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A signed LEB128 number between -2^62 and 2^62.
    fn signed(&mut self) -> Option<i64> {
        let before = self.0;
        let bits = i64::try_from(self.number()?).ok()?;
        let width = 7 * (before.len() - self.0.len());
        let negative = bits >> (width - 1) & 1 == 1;
        Some(if negative && width < 63 { bits - (1 << width) } else { bits })
    }

    /// Adds up a run-length column.
    fn runs(self, weight: impl Fn(u64) -> u64) -> Option<u64> {
        let mut sum = 0_u64;
        self.each(Self::number, |times, value| {
            sum = sum.saturating_add(times.saturating_mul(value.map_or(1, &weight)));
        })?;
        Some(sum)
    }

    /// The highest value of a run-length column; nought when there is none.
    fn highest(self) -> Option<u64> {
        let mut highest = 0;
        self.each(Self::number, |_, value| highest = highest.max(value.unwrap_or_default()))?;
        Some(highest)
    }

    /// The highest that a run-length column of differences comes to; nought when it stays below.
    fn highest_sum(self) -> Option<u64> {
        let (mut sum, mut highest) = (0_i64, 0);
        self.each(Self::signed, |times, value| {
            let times = i64::try_from(times).unwrap_or(i64::MAX);
            sum = sum.saturating_add(value.unwrap_or_default().saturating_mul(times));
            highest = highest.max(sum);
        })?;
        u64::try_from(highest).ok()
    }

    /// Reads a run-length column: so many times a value, so many values as they come, or so many times nothing.
    fn each<T>(
        mut self,
        value: impl Fn(&mut Self) -> Option<T>,
        mut seen: impl FnMut(u64, Option<T>),
    ) -> Option<()> {
        while !self.0.is_empty() {
            let length = self.signed()?;
            match length {
                1.. => seen(length.unsigned_abs(), Some(value(&mut self)?)),
                0 => seen(self.number()?, None),
                ..=-1 => {
                    for _ in 0..length.unsigned_abs() {
                        seen(1, Some(value(&mut self)?));
                    }
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
