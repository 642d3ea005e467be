//! A failing day made short: entries are taken out of its plan as long as the same check still fails.
//!
//! Delta debugging (Zeller & Hildebrandt 2002, "Simplifying and isolating failure-inducing input"): halves are left
//! out, then quarters, down to single entries. The number of tries is bounded, for a short plan found late is worth less than a
//! long one now.

use crate::bug::Bug;
use crate::check::Check;
use crate::day::play;
use crate::plan::Plan;

/// Days that are played at most to make one short.
pub const TRIES_MAX: usize = 400;

/// The shortest plan found that still fails this check.
pub fn shrink(plan: &Plan, check: Check, bug: Option<Bug>) -> Plan {
    let mut tries = TRIES_MAX;
    let mut fails = |plan: &Plan| {
        tries = tries.saturating_sub(1);
        let failed = play(plan, bug).err();
        (failed.is_some_and(|failure| failure.check == check), tries > 0)
    };
    let mut short = plan.clone();
    let mut size = short.entries.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut left_out = false;
        while from < short.entries.len() {
            let without = short.entries.iter().enumerate();
            let without = without.filter(|(index, _)| !(from..from + size).contains(index));
            let candidate = short.with(without.map(|(_, entry)| entry.clone()).collect());
            let (still, more) = fails(&candidate);
            if still {
                short = candidate;
                left_out = true;
            } else {
                from += size;
            }
            if !more {
                return short;
            }
        }
        // Single entries are tried until none can go.
        size = if size == 1 && left_out { 1 } else { size / 2 };
    }
    short
}

/// The command that plays a shortened plan again.
pub fn command(plan: &Plan) -> String {
    let numbers: Vec<String> = plan.entries.iter().map(|entry| entry.number.to_string()).collect();
    format!(
        "PORTREA_SEED={} PORTREA_ENTRIES={} cargo test -p portrea-tests --test simulation one_seed -- --nocapture",
        plan.seed,
        numbers.join(",")
    )
}
