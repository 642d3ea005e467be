//! Collection days from seeds: all the trouble of a day, and in the evening everything holds.
//!
//! `PORTREA_SEED=17 cargo test -p portrea-tests --test simulation one_seed -- --nocapture` plays one seed again and
//! prints what happens; `PORTREA_SEEDS=1000..2000` chooses the seeds, and so does `make simulate SEEDS=1000..2000`.

mod bugs;
mod days;
mod docs;
mod epochs;

use std::ops::Range;
use std::time::Duration;

/// The seeds that are asked for.
fn seeds(usual: Range<u64>) -> Range<u64> {
    let Ok(chosen) = std::env::var("PORTREA_SEEDS") else { return usual };
    let (from, to) = chosen.split_once("..").expect("PORTREA_SEEDS is a range such as 0..100");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// How many days a minute that makes.
#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn a_minute(days: usize, took: Duration) -> f64 {
    days as f64 * 60.0 / took.as_secs_f64().max(0.001)
}
