//! What crosses the wire and what a document means. A mind: no I/O, no `async`, no clock, no randomness.
//!
//! Read in this order:
//!
//! 1. [`ids`] and [`time`]: the newtypes everything speaks in.
//! 2. [`schema`]: what a territory's document holds; reading it tolerantly, writing it strictly.
//! 3. [`wire`]: the automerge-repo frames, the steady sync message, the feed's events, refusals.

pub mod ids;
pub mod schema;
pub mod time;
pub mod wire;
