//! Stories with the real server, real sockets, real directories and the real commands.
//!
//! 1. [`devices`]: people with the `portrea` command. 2. [`feed`]: what a référent·e sees. 3. [`crash`]: the server
//!    dies under load. 4. [`hostile`]: what no client would say. 5. [`access`]: who may come in, everywhere.
//! 6. [`slow`]: one who does not read. 7. [`logs`]: what the log does not hold. 8. [`real_input`]: real files.
//! 9. [`face`]: what the web application asks for. 10. [`full_disk`]: a disk that takes nothing more. 11. [`lines`]: connections
//!    that only take room. 12. [`damage`]: a disk that gives back other bytes. 13. [`people`]: who is signed out by
//!    somebody else. 14. [`power_cut`]: a disk that has only what was flushed to it. 15. [`backup`]: a server made
//!    again. 16. [`erasure`]: what is erased is nowhere. 17. [`mail`]: links that go by mail.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is odd"
)]

mod access;
mod backup;
mod crash;
mod damage;
mod devices;
mod doors;
mod erasure;
mod face;
mod feed;
mod full_disk;
mod hostile;
mod lines;
mod logs;
mod mail;
mod people;
mod power_cut;
mod progress;
mod read_only;
mod real_input;
mod slow;
mod study;
mod week;
