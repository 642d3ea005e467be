//! Looking into folded changes before the territory hears of them.
//!
//! A few kilobytes may unfold to many megabytes, and take ten milliseconds to be known for a bomb. The territory checks
//! every change, but while it does nobody else is heard: what may be large is looked at here first, on a thread of its
//! own, one at a time, so that many bombs at once cost no more than a share of a core.

use portrea_protocol::wire::inflate::is_folded;
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync::peek;
use portrea_territory::merge;
use tokio::sync::Semaphore;

/// Folded chunks up to this size unfold to a megabyte at most, for deflate never does better than one to a thousand.
const SMALL: usize = 1_024;

/// A sync message, given back unless it brings a change that unfolds to too much.
pub(super) async fn check(unfolding: &Semaphore, message: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let large = |chunk: &[u8]| chunk.len() > SMALL && is_folded(chunk);
    if !peek(&message).is_some_and(|said| said.contents().any(large)) {
        return Ok(message);
    }
    let permit = unfolding.acquire().await.expect("the semaphore is never closed");
    let looked_at = tokio::task::spawn_blocking(move || {
        let odd = peek(&message).and_then(|said| said.contents().find_map(|chunk| merge::check(chunk).err()));
        (message, odd)
    });
    let looked_at = looked_at.await;
    drop(permit);
    match looked_at {
        Ok((message, None)) => Ok(message),
        Ok((_, Some(refusal))) => Err(refusal),
        // The check came upon something that nobody thought of.
        Err(_) => Err(Refusal::MalformedChange),
    }
}
