//! One territory as a state machine. A mind: no I/O, no `async`, no clock, no randomness.
//!
//! Read in this order:
//!
//! 1. [`io`]: what goes in and what comes out.
//! 2. [`territory`]: `Territory::handle(now, inputs) -> Outcome`, the only door.
//! 3. [`peer`]: where each peer stands in the sync protocol.
//! 4. [`recent`]: the latest changes as they came, for peers that come back.
//! 5. [`merge`]: bytes from a peer → changes → document; what lacks its dependencies waits, bounded.
//! 6. [`soundness`]: whether automerge can take a change, and give it back.
//! 7. [`attribution`]: which contributor an automerge actor belongs to.
//! 8. [`inspection`]: what a change would do, and whether its author may.
//! 9. [`quarantine`]: changes that were not merged; [`held`]: one of them, as it is kept; [`carry`]: one of them made anew.
//! 10. [`changes`]: what that which a change touched did to the records.
//! 11. [`findings`]: what looks wrong in a record, given the territory.
//! 12. [`projection`]: a record as the indicators see it.
//! 13. [`feed`]: what happened, numbered.
//! 14. [`chunk`]: what a territory asks to have kept.
//! 15. [`reload`]: loading the document afresh, beside the merging.
//! 16. [`erasure`]: a territory's log without what is to be forgotten.

pub mod attribution;
pub mod carry;
pub mod changes;
pub mod chunk;
pub mod erasure;
pub mod feed;
pub mod findings;
pub mod held;
pub mod inspection;
pub mod io;
pub mod merge;
pub mod peer;
pub mod projection;
pub mod quarantine;
pub mod recent;
pub mod reload;
pub mod soundness;
pub mod territory;

#[cfg(test)]
mod tests;
