//! What meets the fuzzer's bytes, one module a target. Each says what must hold whatever the bytes are, and whether they
//! came further than the door.
//!
//! The modules belong to two packages: this one, built on a nightly compiler by `make fuzz`, and the tests of the
//! workspace (`replay.rs`), which give the corpus to the same functions on a stable one.

pub mod changes;
pub mod files;
pub mod frames;
pub mod ground;
pub mod hours;
