//! A device: what a contributor holds in their hand, whatever it is made of.
//!
//! Read in this order:
//!
//! 1. [`replica`], a mind: one territory's document here. The document is the outbox: nothing else queues edits.
//! 2. [`link`], a mind: when to dial, when to give up, how long to wait.
//! 3. [`status`], a mind: what is safe and what is not, in one word.
//! 4. [`shelf`]: what is kept on this device, on disk or in memory.
//! 5. [`device`], the hand (feature `tokio`): drives the three minds and the shelf over a websocket.
//! 6. `cli` (feature `cli`): the `portrea` command.
//!
//! Edits are values of [`protocol::schema::write::Edit`](portrea_protocol::schema::write::Edit); there is no other
//! way to write. An edit is on the shelf before it is shown as done, and before a byte of it is sent.

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "tokio")]
pub mod device;
pub mod link;
pub mod replica;
pub mod shelf;
pub mod status;
