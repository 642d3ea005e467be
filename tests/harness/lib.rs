//! The laboratory: whole collection days on one core, and the real server with real devices.
//!
//! 1. [`seed`]: the one source of chance; the same seed gives the same day.
//! 2. [`plan`]: what happens on a day, drawn from a seed as a list; [`fault`]: the table of what goes wrong;
//!    [`script`]: what people write.
//! 3. [`world`]: a simulated network, virtual clocks, a territory with its disk, and devices made of the same minds
//!    that the real ones run.
//! 4. [`day`]: a plan played to its [`evening`], where everything is checked; [`check`] names the checks.
//! 5. [`shrink`]: a failing plan made short. [`bug`]: mistakes made on purpose, which the checks must catch.
//! 6. [`live`]: the real `portrea-server` and `portrea`, on a port of their own, cleaned up on drop.
//! 7. [`places`]: territories to compute on, real ones where they are.
//! 8. [`transport`]: what the stock Rust library speaks through.

pub mod bug;
pub mod check;
pub mod day;
pub mod evening;
pub mod fault;
pub mod live;
pub mod places;
pub mod plan;
pub mod script;
pub mod seed;
pub mod shrink;
pub mod transport;
pub mod world;
