//! What a territory's document holds.
//!
//! 1. [`field`]: the tables of fields; the only place that knows their names and kinds.
//! 2. [`record`]: structures, services and helpers as plain values.
//! 3. [`path`]: where in the document something stands.
//! 4. [`read`]: document → records; tolerant, never fails on content.
//! 5. [`mod@write`]: edits → document; strict.
//! 6. [`document`]: a new document, and the only way to load one.
//!
//! Invariant: `read`, `write` and `path` alone know how records are laid out in automerge.

pub mod document;
pub mod field;
pub mod path;
pub mod read;
pub mod record;
pub mod revert;
pub mod write;

/// The schema's version, as it stands at the document's root under `schema`.
pub const SCHEMA_VERSION: i64 = 1;

#[cfg(test)]
pub(crate) mod tests;
