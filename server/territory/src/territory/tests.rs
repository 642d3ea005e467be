//! The door: joins, pushes, broadcasts, refusals, gossip, upkeep and opening, with automerge alone as the peers.
//! `crate::tests::Hub` keeps what is to be kept and checks after each step that no heads run ahead of it.

mod damage;
mod hostile;
mod keeping;
mod peers;
mod returning;
mod reviewing;
