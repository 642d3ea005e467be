//! One territory as a state machine. Read in this order:
//!
//! 1. [`chunk`]: what a territory asks to have kept.
#![doc = ""]

pub mod chunk;
