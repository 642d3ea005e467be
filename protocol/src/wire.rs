//! What crosses the wire. `docs/protocol.md` describes all of it and carries a hash of these files.
//!
//! 1. [`frame`]: automerge-repo's messages, both ways, in one closed enum.
//! 2. [`codec`]: bytes ↔ frames, nothing else.
//! 3. [`sync`]: automerge's sync message: guard, peek, and the steady message that serves every peer.
//! 4. [`inflate`]: refuses compressed changes that would unfold beyond a limit.
//! 5. [`feed`]: the feed's events as référent·es see them.
//! 6. [`resource`]: a structure in JSON.
//! 7. [`refusal`]: why a peer is turned away.
//! 8. [`quarantine`]: changes that were not merged, and why.

pub mod codec;
pub mod feed;
pub mod frame;
pub mod inflate;
pub mod quarantine;
pub mod refusal;
pub mod resource;
pub mod sync;

/// The bytes of a fixture that is written in hexadecimal.
#[cfg(test)]
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks_exact(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).expect("two digits"))
        .collect()
}
