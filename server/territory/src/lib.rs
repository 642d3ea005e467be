//! One territory as a state machine. A mind: no I/O, no `async`, no clock, no randomness.
//!
//! Read in this order:
//!
//! 1. [`io`]: what goes in and what comes out.
//! 2. [`territory`]: `Territory::handle(now, inputs) -> Outcome`, the only door.
//! 3. [`peer`]: where each peer stands in the sync protocol.
//! 4. [`recent`]: the latest changes as they came, for peers that come back.
//! 5. [`order`]: in which order what came at once is handled.
//! 6. [`merge`]: bytes from a peer → changes → document; what lacks its dependencies waits, bounded.
//! 7. [`soundness`]: whether automerge can take a change, and give it back; [`past`]: what it builds on.
//! 8. [`attribution`]: which contributor an automerge actor belongs to.
//! 9. [`inspection`]: what a change would do, and whether its author may.
//! 10. [`quarantine`]: changes that were not merged; [`held`]: one of them, as it is kept; [`carry`]: one of them made anew.
//! 11. [`changes`]: what that which a change touched did to the records.
//! 12. [`findings`]: what looks wrong in a record, given the territory.
//! 13. [`projection`]: a record as the indicators see it.
//! 14. [`feed`]: what happened, numbered.
//! 15. [`chunk`]: what a territory asks to have kept.
//! 16. [`saving`]: saving the document, beside the merging.
//! 17. [`erasure`]: a territory's log without what is to be forgotten.

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
pub mod order;
pub mod past;
pub mod peer;
pub mod projection;
pub mod quarantine;
pub mod recent;
pub mod saving;
pub mod soundness;
pub mod territory;

#[cfg(test)]
mod tests;
