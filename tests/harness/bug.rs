//! Planted bugs: deliberate mistakes in the harness's server half, its disk and its devices.
//!
//! Each is a mistake that the real hands could make. `tests/simulation` plays days with each and asserts that a check
//! catches it, and that the same days pass without. What no day can tell from the truth is not checked at all.

/// A mistake made on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// Replies leave before the flush.
    AckBeforeFlush,
    /// A write fails, and the replies leave all the same.
    ReplyAfterFailure,
    /// Peers hear of the new heads as soon as a change is merged.
    HeadsAhead,
    /// A snapshot's deletions are durable before the snapshot is.
    DeletesFirst,
    /// A snapshot is written late, and deletes a chunk that was merged meanwhile too.
    DeletesTooMuch,
    /// Snapshots are forgotten: chunks pile up.
    NeverCompacts,
    /// Opening forgets a chunk.
    ForgetsChunk,
    /// Opening begins one feed number too low, so that it is used twice.
    NumberTwice,
    /// The feed is published before it is kept.
    PublishFirst,
    /// Chunk and feed rows are two writes, and a crash may part them.
    TornBatch,
    /// A frame that comes again is told again in the feed.
    ToldTwice,
    /// One moved figure is left out of the feed.
    FigureUntold,
    /// Who an actor belongs to is not kept.
    ForgetsBinding,
    /// A device's own edits are not put on its shelf.
    ForgetsOutbox,
    /// A peer that was behind is never brought up to date.
    NeverDrained,
    /// A slow peer is never taken for behind: its queue grows.
    NeverBehind,
    /// A device moves to another epoch without what it had not sent.
    ForgetsCarried,
    /// What was kept of the earlier epoch is kept beside the later one.
    KeepsOldChunk,
    /// The feed of the earlier epoch stays as it was.
    KeepsOldFeed,
}

/// A planted bug with what it is.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// The bug.
    pub bug: Bug,
    /// What is wrong, in a line.
    pub what: &'static str,
}

const fn planted(bug: Bug, what: &'static str) -> Planted {
    Planted { bug, what }
}

/// Every planted bug; `docs/testing.md` shows the same list, and a test compares them.
pub const BUGS: [Planted; 19] = [
    planted(Bug::AckBeforeFlush, "replies leave before the flush"),
    planted(Bug::ReplyAfterFailure, "a write fails, and the replies leave all the same"),
    planted(Bug::HeadsAhead, "peers hear of new heads as soon as a change is merged"),
    planted(Bug::DeletesFirst, "a compaction's deletions are durable before its snapshot"),
    planted(Bug::DeletesTooMuch, "a compaction deletes a chunk that was merged meanwhile"),
    planted(Bug::NeverCompacts, "snapshots are forgotten, and chunks pile up"),
    planted(Bug::ForgetsChunk, "opening forgets a chunk"),
    planted(Bug::NumberTwice, "a feed number is used twice"),
    planted(Bug::PublishFirst, "the feed is published before it is kept"),
    planted(Bug::TornBatch, "a crash may part a chunk from its feed rows"),
    planted(Bug::ToldTwice, "a frame that comes again is told again in the feed"),
    planted(Bug::FigureUntold, "a moved figure is left out of the feed"),
    planted(Bug::ForgetsBinding, "who an actor belongs to is not kept"),
    planted(Bug::ForgetsOutbox, "a device's edits are not on its shelf"),
    planted(Bug::NeverDrained, "a peer that was behind is never brought up to date"),
    planted(Bug::NeverBehind, "a slow peer's queue grows without bound"),
    planted(Bug::ForgetsCarried, "a device moves to another epoch without what it had not sent"),
    planted(Bug::KeepsOldChunk, "changes of the earlier epoch are kept beside the later one"),
    planted(Bug::KeepsOldFeed, "the feed of the earlier epoch stays as it was"),
];
