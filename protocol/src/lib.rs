//! What crosses the wire and what a document means. A mind: no I/O, no `async`, no clock, no randomness.
//!
//! Read in this order:
//!
//! 1. [`ids`] and [`time`]: the newtypes everything speaks in.
//! 2. [`people`]: roles, and who wrote something.
//! 3. [`schema`]: what a territory's document holds; reading it tolerantly, writing it strictly.
//! 4. [`wire`]: the automerge-repo frames, the steady sync message, the feed's events, refusals.
//! 5. [`policy`]: who may change what.
//! 6. [`epoch`]: a document without what must be forgotten, and edits carried into it.
//! 7. [`actor`]: the actor under which somebody begins to write.

pub mod actor;
pub mod epoch;
pub mod ids;
pub mod people;
pub mod policy;
pub mod schema;
pub mod time;
pub mod wire;

#[cfg(test)]
mod tests;
