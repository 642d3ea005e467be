//! The hands of PORTREA: what performs the decisions of `portrea-territory` on sockets, disks and tasks.
//!
//! Read in this order:
//!
//! 1. [`settings`], [`clock`]: every knob; the only reader of time and randomness.
//! 2. [`store`], [`commit`]: where territories are kept; group commit.
//! 3. [`keeper`], [`registry`]: one task a territory; who opens them. [`progress`]: the history of its indicators.
//! 4. [`deciding`]: everything of one person that waits, decided about in one go.
//! 5. [`access`], [`accounts`], [`oidc`]: who may come in (pure), who may right now, and whom a provider vouches for.
//! 6. [`session`], [`patience`], [`pace`], [`crowd`], [`http`]: one websocket; how long whoever was turned away waits, how fast
//!    somebody may ask, and how often be here; every other address.
//! 7. [`exchange`], [`opening`], [`demo`]: open-data formats in and out; when doors are open; the demonstration.
//! 8. [`mail`]: letters with links.
//! 9. [`admin`], [`backup`], [`cli`]: what operators do, on a running server or beside it.

pub mod access;
pub mod accounts;
pub mod admin;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod commit;
pub mod crowd;
pub mod deciding;
pub mod demo;
pub mod description;
pub mod exchange;
pub mod http;
pub mod keeper;
pub mod mail;
pub mod meters;
pub mod moved;
pub mod oidc;
pub mod opening;
pub mod pace;
pub mod patience;
pub mod progress;
pub mod registry;
pub mod scenarios;
pub mod session;
pub mod settings;
pub mod siting;
pub mod state;
pub mod store;
