//! The laboratory: whole collection days on one core, and the real server with real devices.
//!
//! 1. [`seed`]: the one source of chance; the same seed gives the same day.
//! 2. [`world`]: a simulated network, a virtual clock, a territory with its store, and devices made of the same minds
//!    that the real ones run.
//! 3. [`day`]: a collection day as a story, and what must hold after it.
//! 4. [`live`]: the real `portrea-server` and `portrea`, on a port of their own, cleaned up on drop.
//! 5. [`transport`]: what the stock Rust library speaks through.

pub mod day;
pub mod live;
pub mod seed;
pub mod transport;
pub mod world;
