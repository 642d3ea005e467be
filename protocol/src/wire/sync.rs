//! automerge's sync message: a guard, a peek that decodes next to nothing, and the steady message.
//!
//! In the steady state every peer has the same heads. A change then costs one message for all peers: the new
//! changes, the new heads, and a `have` that says "you have all of this". A peer answers each such message with its
//! heads and no changes; [`peek`] reads such an answer without decoding its filter.
//!
//! [`peek`] is also the guard: automerge divides by zero on an empty filter that claims entries, reserves as many
//! probes as a filter claims, and panics when a change is asked for twice. No message reaches automerge before it
//! passed here.

use automerge::ChangeHash;
use automerge::sync::{ChunkList, Have, Message, MessageFlags, MessageVersion};

/// The most probes and bits an entry that a filter may claim; automerge's own are 7 and 10.
const FILTER_CLAIM_MAX: u64 = 32;
/// The most bits that a filter may have: automerge adds positions in 32 bits.
const FILTER_BITS_MAX: u64 = 1 << 31;
/// The most summaries that a message may bring; automerge sends one. Each is looked up for each change.
const HAVES_MAX: u64 = 16;

/// What a sync message says, without its filters and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peek<'a> {
    /// The sender's heads, 32 bytes each, ascending.
    pub heads: &'a [u8],
    /// The heads behind their count, as they stand in the message from its second byte on.
    opening: &'a [u8],
    /// How many changes the sender asks for.
    pub needs: usize,
    /// How many chunks of changes it brings.
    pub chunks: usize,
    /// Bytes of those chunks together.
    pub chunk_bytes: usize,
    /// The chunks, each behind its length.
    content: &'a [u8],
    /// Whether the chunks are whole documents (version 2 of the message).
    pub document: bool,
    /// Whether the sender starts afresh: it has heads, and an empty filter over its whole history; or it says so in
    /// automerge's flags.
    pub reset: bool,
}

impl<'a> Peek<'a> {
    /// The chunks that it brings.
    pub fn contents(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.content;
        (0..self.chunks).map_while(move |_| {
            let (chunk, after) = prefixed(rest)?;
            rest = after;
            Some(chunk)
        })
    }

    /// Whether another sync message begins by the same heads: a comparison of bytes, without reading that one.
    pub fn has_heads_of(&self, other: &[u8]) -> bool {
        other.get(1..).is_some_and(|rest| rest.starts_with(self.opening))
    }

    /// The sender's heads.
    pub fn hashes(&self) -> Vec<ChangeHash> {
        self.heads.chunks_exact(32).filter_map(|hash| ChangeHash::try_from(hash).ok()).collect()
    }
}

/// Reads what a message says and checks that automerge can decode it in bounded memory and without a fault.
/// `None` when the bytes are no sync message, or claim too much.
pub fn peek(bytes: &[u8]) -> Option<Peek<'_>> {
    let (&kind, rest) = bytes.split_first()?;
    let document = match kind {
        0x42 => false,
        0x43 => true,
        _ => return None,
    };
    let (heads, after) = hashes(rest)?;
    let (opening, _) = rest.split_at_checked(rest.len() - after.len())?;
    let rest = after;
    let (needs, rest) = hashes(rest)?;
    let (haves, mut rest) = number(rest)?;
    if haves > HAVES_MAX {
        return None;
    }
    let mut afresh = false;
    for _ in 0..haves {
        let (last_sync, after) = hashes(rest)?;
        let (filter, after) = prefixed(after)?;
        if !filter_is_sound(filter) {
            return None;
        }
        afresh = haves == 1 && last_sync.is_empty() && filter.is_empty() && !heads.is_empty();
        rest = after;
    }
    let (chunks, content) = number(rest)?;
    let (mut rest, mut chunk_bytes) = (content, 0);
    for _ in 0..chunks {
        let (chunk, after) = prefixed(rest)?;
        chunk_bytes += chunk.len();
        rest = after;
    }
    // A bitfield of flags has its highest bit set; a byte without it is from before there were bitfields.
    let flags = if rest.is_empty() { rest } else { prefixed(rest)?.0 };
    let said = flags.iter().any(|byte| byte & 0x80 != 0 && byte & MessageFlags::SYNC_RESET != 0);
    Some(Peek {
        heads,
        opening,
        needs: needs.len() / 32,
        chunks: usize::try_from(chunks).ok()?,
        chunk_bytes,
        content,
        document,
        reset: afresh || said,
    })
}

/// Whether a message of a peer tells its heads and nothing more: no changes, nothing asked, no fresh start.
pub fn adds_nothing(message: &Peek<'_>) -> bool {
    message.chunks == 0 && message.needs == 0 && !message.reset && !message.heads.is_empty()
}

/// The message that serves every peer which had `heads`' predecessors: these changes, these heads, nothing asked.
///
/// `read_only` tells a reader that nothing of theirs will be taken. Without the flag the message carries no flags
/// at all, so that peers send their changes one by one and never a whole document, which could not be attributed.
pub fn steady(heads: &[ChangeHash], changes: Vec<Vec<u8>>, read_only: bool) -> Vec<u8> {
    message(heads, changes, read_only, MessageVersion::V1)
}

/// The message that gives a whole saved document, with changes since, to a peer that has nothing.
pub fn whole(heads: &[ChangeHash], saved: Vec<Vec<u8>>, read_only: bool) -> Vec<u8> {
    message(heads, saved, read_only, MessageVersion::V2)
}

fn message(heads: &[ChangeHash], chunks: Vec<Vec<u8>>, read_only: bool, version: MessageVersion) -> Vec<u8> {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    let have = Have { last_sync: heads.clone(), ..Have::default() };
    Message {
        heads,
        need: Vec::new(),
        have: vec![have],
        changes: ChunkList::from(chunks),
        flags: flags(read_only),
        version,
    }
    .encode()
}

/// The flags that this server sends; see [`steady`].
pub fn flags(read_only: bool) -> Option<MessageFlags> {
    read_only.then(|| {
        let mut flags = MessageFlags::new();
        flags.set(MessageFlags::READ_ONLY);
        flags
    })
}

fn filter_is_sound(filter: &[u8]) -> bool {
    if filter.is_empty() {
        return true;
    }
    let claims = || {
        let (entries, rest) = number(filter)?;
        let (bits_an_entry, rest) = number(rest)?;
        let (probes, bits) = number(rest)?;
        let bytes = (entries * bits_an_entry).div_ceil(8);
        let sound = bits_an_entry <= FILTER_CLAIM_MAX
            && (1..=FILTER_CLAIM_MAX).contains(&probes)
            && (entries == 0 || bytes > 0)
            && bytes < FILTER_BITS_MAX / 8
            && bytes == bits.len() as u64;
        Some(sound)
    };
    claims().unwrap_or(false)
}

/// An unsigned LEB128 number below 2^32, in its shortest form.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            if index > 0 && *byte == 0 {
                return None;
            }
            let value = u32::try_from(value).ok()?;
            return Some((u64::from(value), bytes.get(index + 1..)?));
        }
    }
    None
}

fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// Hashes in ascending order, none of them twice.
fn hashes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = number(bytes)?;
    let (hashes, rest) = rest.split_at_checked(usize::try_from(count).ok()?.checked_mul(32)?)?;
    let mut pairs = hashes.chunks_exact(32).zip(hashes.chunks_exact(32).skip(1));
    pairs.all(|(one, next)| one < next).then_some((hashes, rest))
}

#[cfg(test)]
mod tests;
