//! The table of faults: everything that goes wrong on simulated days, and how often.
//!
//! A fault is a kind of entry in a day's [plan](crate::plan). Most wait for their next occasion: `TornWrite` for the
//! next write, `DiesUnsent` for the next edit on that device. The world does what is said here in `world/trouble.rs`.

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A frame takes seconds instead of milliseconds.
    Delayed,
    /// A frame arrives twice.
    Duplicated,
    /// A frame overtakes the one before it.
    Overtaking,
    /// A connection breaks, with what was under way; both ends notice.
    Cut,
    /// A connection goes dead, upwards, downwards or both ways, and nobody is told.
    HalfOpen,
    /// A device reads nothing for a while, and its queue on the server fills.
    SlowReader,
    /// A device is out of reach for a while, or until the evening.
    Away,
    /// A device is switched off and on.
    SwitchedOff,
    /// A device dies between keeping its next edit and sending it.
    DiesUnsent,
    /// A device dies between its next edit and keeping it.
    DiesUnkept,
    /// A device's own disk refuses the next write.
    ShelfFull,
    /// A device's clock is wrong by up to years, from now on.
    DeviceClock,
    /// The server's clock jumps, by up to years.
    ServerClock,
    /// The server's process dies.
    ServerDies,
    /// The server dies after its next write is durable, before anybody is told.
    DiesBeforeReply,
    /// The server dies in its next flush, and the disk has the first part of what was written.
    TornWrite,
    /// The server dies in its next compaction, before or after the snapshot is durable.
    DiesCompacting,
    /// The server's next write fails.
    FailedWrite,
    /// The server's next flush fails.
    FailedFlush,
    /// The server's disk is full for a while: every write is refused.
    DiskFull,
    /// Everybody leaves for long enough that the territory idles out.
    IdleOut,
}

/// A fault's row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The fault.
    pub fault: Fault,
    /// On how many of a hundred days it happens.
    pub days_percent: u64,
    /// How often it happens on such a day, at most.
    pub times_max: u64,
    /// Whether it happens around an edit rather than at any time.
    pub near_edit: bool,
    /// What happens, in a line.
    pub what: &'static str,
}

const fn row(fault: Fault, days_percent: u64, times_max: u64, near_edit: bool, what: &'static str) -> Row {
    Row { fault, days_percent, times_max, near_edit, what }
}

/// Every fault; `docs/testing.md` shows the same table, and a test compares them.
pub const FAULTS: [Row; 21] = [
    row(Fault::Delayed, 60, 6, true, "a frame takes up to eight seconds"),
    row(Fault::Duplicated, 60, 4, true, "a frame arrives twice"),
    row(Fault::Overtaking, 40, 3, true, "a frame overtakes the one before it"),
    row(Fault::Cut, 50, 4, true, "a connection breaks with what was under way"),
    row(Fault::HalfOpen, 30, 2, true, "a connection goes dead in one direction or both, and nobody is told"),
    row(Fault::SlowReader, 40, 4, true, "a device reads nothing for up to 40 seconds and its queue fills"),
    row(Fault::Away, 40, 3, false, "a device is out of reach for minutes, or until the evening"),
    row(Fault::SwitchedOff, 40, 3, true, "a device is switched off and on; its shelf is all it has"),
    row(Fault::DiesUnsent, 30, 2, false, "a device dies between keeping an edit and sending it"),
    row(Fault::DiesUnkept, 20, 2, false, "a device dies between an edit and keeping it"),
    row(Fault::ShelfFull, 20, 2, false, "a device's disk refuses a write"),
    row(Fault::DeviceClock, 40, 3, false, "a device's clock shows 1970, is years off, or jumps back"),
    row(Fault::ServerClock, 20, 2, false, "the server's clock jumps, back or ahead, by up to years"),
    row(Fault::ServerDies, 40, 2, true, "the server's process dies"),
    row(Fault::DiesBeforeReply, 25, 2, false, "the server dies between its disk and its replies"),
    row(Fault::TornWrite, 25, 2, false, "the server dies in a flush, and the first part is on disk"),
    row(Fault::DiesCompacting, 25, 2, false, "the server dies in a compaction, before or after its flush"),
    row(Fault::FailedWrite, 20, 2, false, "a write of the server fails"),
    row(Fault::FailedFlush, 20, 2, false, "a flush of the server fails, and forgets what was written"),
    row(Fault::DiskFull, 15, 1, false, "the server's disk is full for minutes, then there is room again"),
    row(Fault::IdleOut, 20, 2, false, "everybody leaves, and the territory idles out"),
];
