//! Refuses compressed changes that would unfold beyond a limit.
//!
//! automerge inflates compressed changes without a bound: a small frame could claim gigabytes. A change chunk is
//! magic (4 bytes), checksum (4), type (1), length (LEB128), body; a body of type 2 is raw deflate, a body of type 1
//! is plain. Other types (whole documents, bundles) are not changes and are refused here.

use std::io::Read;

use flate2::read::DeflateDecoder;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// Why a chunk is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// Not the shape of a change.
    NotAChange,
    /// Unfolds to more than the limit.
    TooLarge,
}

/// Checks that a chunk is one change and unfolds to at most `bytes_max`.
pub fn check(chunk: &[u8], bytes_max: usize) -> Result<(), Odd> {
    let body = body(chunk).ok_or(Odd::NotAChange)?;
    match body {
        (CHANGE, plain) if plain.len() > bytes_max => Err(Odd::TooLarge),
        (CHANGE, _) => Ok(()),
        (COMPRESSED_CHANGE, deflated) => {
            let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
            let mut inflated = DeflateDecoder::new(deflated).take(limit);
            match std::io::copy(&mut inflated, &mut std::io::sink()) {
                Ok(length) if length == limit => Err(Odd::TooLarge),
                Ok(_) => Ok(()),
                Err(_) => Err(Odd::NotAChange),
            }
        }
        _ => Err(Odd::NotAChange),
    }
}

fn body(chunk: &[u8]) -> Option<(u8, &[u8])> {
    let rest = chunk.strip_prefix(&MAGIC)?;
    let (&kind, rest) = rest.get(4..)?.split_first()?;
    let mut length = 0_u64;
    for (index, byte) in rest.iter().enumerate().take(5) {
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let body = rest.get(index + 1..)?;
            return (u64::try_from(body.len()).ok()? == length).then_some((kind, body));
        }
    }
    None
}

#[cfg(test)]
mod tests;
