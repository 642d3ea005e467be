//! The hands of PORTREA: what performs the decisions of `portrea-territory` on sockets, disks and tasks.

pub mod store;
