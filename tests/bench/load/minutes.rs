//! A long row, minute by minute: does the server need more memory, or more time, than it did?

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, interval_at};

use crate::tally::Tally;

/// Rows that last at least so long are looked at minute by minute.
pub(crate) const LONG: Duration = Duration::from_secs(180);
const MINUTE: Duration = Duration::from_secs(60);

/// A minute of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minute {
    /// The time within which 99 of 100 pairs of edit and client came, in milliseconds.
    pub(crate) p99_ms: Option<f64>,
    /// The server's memory at its end, in bytes.
    pub(crate) resident_bytes: f64,
}

/// Looks at each minute until it is dropped.
pub(crate) async fn watch(
    began: Instant,
    tally: &Tally,
    resident_bytes: impl Fn() -> f64,
    minutes: &mut Vec<Minute>,
) {
    let mut ticks = interval_at(began + MINUTE, MINUTE);
    let mut before = tally.times.borrow().clone();
    loop {
        ticks.tick().await;
        let now = tally.times.borrow().clone();
        let minute = now.since(&before);
        let p99_ms = minute.within(0.99, minute.count());
        minutes.push(Minute { p99_ms, resident_bytes: resident_bytes() });
        before = now;
    }
}

/// The first minutes beside the last ones. Nobody is warm in the first, and nobody edits for all of the last.
pub(crate) fn compared(minutes: &[Minute]) -> BTreeMap<&'static str, f64> {
    let mut besides = BTreeMap::new();
    let [_, early, .., late, _] = minutes else { return besides };
    besides.insert("MB in minute 2", early.resident_bytes / 1e6);
    besides.insert("MB at the end", late.resident_bytes / 1e6);
    for (name, minute) in [("p99 ms in minute 2", early), ("p99 ms at the end", late)] {
        besides.extend(minute.p99_ms.map(|p99| (name, p99)));
    }
    besides
}
