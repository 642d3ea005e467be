//! What is checked on every simulated day, by name, and what a failure says.

use std::fmt;

/// Something that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Heads that are told are on disk by then.
    ToldIsDurable,
    /// Whatever was acknowledged is there whenever the territory is opened.
    AcknowledgedStays,
    /// What the store kept opens.
    Opens,
    /// Nobody honest is turned away.
    NobodyRefused,
    /// Once the network is good, the world comes to rest.
    ComesToRest,
    /// Every device has the server's heads, was told so, and waits for nothing.
    ReplicasEqual,
    /// No change that a shelf took is missing.
    ShelvesMerged,
    /// No change that a device made and that was not merged is missing from quarantine.
    QuarantineKept,
    /// Nothing that its author may not write is merged.
    OnlyAllowed,
    /// A record that stands as validated reads as the référent·e saw it.
    ValidatedAsSeen,
    /// The records kept up by edits equal a full reading.
    RecordsEqual,
    /// The indicators kept up by edits equal a full recomputation, to the last bit.
    IndicatorsEqual,
    /// The feed is numbered from 1 without a gap.
    FeedDense,
    /// One number is one event, for whoever follows and for whoever reads later.
    FeedSingle,
    /// The feed tells each structure once, no event twice, and of each field what it is now.
    FeedTrue,
    /// Figures moved by the feed lead to the portrait.
    FiguresLead,
    /// Every change belongs to whoever made it.
    AuthorsRight,
    /// What was erased is nowhere any more.
    ErasedIsGone,
    /// Queues, waiting changes and chunks stay within their bounds.
    Bounded,
    /// Opened again, the territory is the same.
    ReopensSame,
    /// No code panics.
    NoPanic,
}

/// Every check with its line in `docs/testing.md`.
pub const CHECKS: [(Check, &str); 21] = [
    (Check::ToldIsDurable, "heads in a frame to a device are on disk when it leaves"),
    (Check::AcknowledgedStays, "whatever was acknowledged is there whenever the territory is opened"),
    (Check::Opens, "what the store kept opens"),
    (Check::NobodyRefused, "no honest device is turned away"),
    (Check::ComesToRest, "once the network is good, everything comes to rest within ten minutes"),
    (Check::ReplicasEqual, "every device has the server's heads, was told so, and waits for nothing"),
    (Check::ShelvesMerged, "no change that an honest device's shelf took is missing"),
    (Check::QuarantineKept, "what a dishonest device made is merged or in quarantine"),
    (Check::OnlyAllowed, "no mark stands that its author may not give, and no forged change is merged"),
    (Check::ValidatedAsSeen, "a record that stands as validated reads as the référent·e saw it"),
    (Check::RecordsEqual, "records kept up edit by edit equal a full reading"),
    (Check::IndicatorsEqual, "the portrait equals the oracle's, to the last bit"),
    (Check::FeedDense, "the feed is numbered from 1 without a gap"),
    (Check::FeedSingle, "one number is one event, for who follows and for who reads later"),
    (Check::FeedTrue, "each structure is announced once, no event comes twice, each field is told as it is"),
    (Check::FiguresLead, "figures moved by the feed are chained and lead to the portrait"),
    (Check::AuthorsRight, "every change belongs to whoever made it"),
    (
        Check::ErasedIsGone,
        "what was erased is in no replica that moved, no kept chunk, no feed row, not in quarantine",
    ),
    (Check::Bounded, "queues, waiting changes and kept chunks are within their bounds"),
    (Check::ReopensSame, "opened again from its store, the territory is the same"),
    (Check::NoPanic, "no code panics"),
];

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub check: Check,
    /// What was seen.
    pub seen: String,
}

impl Failure {
    /// A failure, with what was seen.
    pub fn new(check: Check, seen: impl Into<String>) -> Self {
        Self { check, seen: seen.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.check, self.seen)
    }
}

/// Fails a check unless something holds.
pub fn hold(check: Check, holds: bool, seen: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(check, seen())) }
}
