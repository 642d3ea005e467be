//! Days from seeds, one after the other; those that fail are shrunk and printed.

use std::thread;
use std::time::{Duration, Instant};

use portrea_tests::check::Failure;
use portrea_tests::day::{play, play_logged};
use portrea_tests::evening::Evening;
use portrea_tests::plan::Plan;
use portrea_tests::shrink::{command, shrink};
use portrea_tests::world::Counts;

use crate::{a_minute, seeds};

/// Failing seeds that are shrunk; the others are named.
const SHRUNK_MAX: usize = 3;

/// What some days came to.
#[derive(Default)]
struct Days {
    count: usize,
    took: Duration,
    total: Evening,
    failed: Vec<(Plan, Failure)>,
}

fn play_all(plans: impl Iterator<Item = Plan>) -> Days {
    let mut days = Days::default();
    let began = Instant::now();
    for plan in plans {
        days.count += 1;
        match play(&plan, None) {
            Ok(evening) => days.total.add(&evening),
            Err(failure) => days.failed.push((plan, failure)),
        }
    }
    days.took = began.elapsed();
    days
}

/// Prints what was seen, and fails when a seed did.
fn report(days: &Days) {
    println!("{} days on one core, {:.0} a minute", days.count, a_minute(days.count, days.took));
    println!("{:?}", days.total);
    for (plan, failure) in days.failed.iter().take(SHRUNK_MAX) {
        let short = shrink(plan, failure.check, None);
        println!("\nseed {} fails {failure}", plan.seed);
        println!("{} of {} entries are enough:\n{short}", short.entries.len(), plan.entries.len());
        println!("{}", command(&short));
    }
    let seeds: Vec<u64> = days.failed.iter().map(|(plan, _)| plan.seed).collect();
    assert!(seeds.is_empty(), "these seeds fail: {seeds:?}; replay one with PORTREA_SEED=<seed>");
}

/// Goal: whatever happens on a day, everything holds in the evening. Plays days from seeds, on one core.
#[test]
fn whatever_happens_everything_holds() {
    let days = play_all(seeds(0..700).map(Plan::of));
    report(&days);
    let total = &days.total;
    let Counts {
        crashes, failures, snapshots, renewals, reloads, behind, epochs, carried, turned_away, ..
    } = total.server;
    let faults =
        [crashes, failures, snapshots, renewals - reloads, reloads, behind, epochs, carried, turned_away];
    let directory = [total.conflicts, total.validated, total.to_review];
    let seen = faults.iter().chain(&directory).all(|count| *count > 0);
    assert!(days.count < 100 || seen, "the days were too calm: {total:?}");
}

/// Goal: days that failed once pass. In each a value was replaced by somebody whose clock was wrong, and stood again where
/// what was replaced before was to go.
#[test]
fn days_that_failed_once_pass() {
    report(&play_all([1_727].into_iter().map(Plan::of)));
}

/// Goal: the same with sixty devices at once.
#[test]
fn sixty_devices_converge() {
    report(&play_all((0..4).map(Plan::big)));
}

/// Goal: the same seed gives the same day, line by line: without that, a failing seed would be worth nothing.
#[test]
fn a_seed_replays() {
    for seed in [7, 63] {
        let plan = Plan::of(seed);
        let [(first, one), (second, two)] = [play_logged(&plan, None), play_logged(&plan, None)];
        assert_eq!(first, second);
        assert_eq!(one, two);
        assert!(one.len() > plan.entries.len());
    }
}

/// One seed again, to look at: `PORTREA_SEED` names it, `PORTREA_ENTRIES` the entries of a shortened plan.
#[test]
fn one_seed() {
    let seed = std::env::var("PORTREA_SEED").ok().map(|seed| seed.parse().expect("a seed is a number"));
    let whole = Plan::of(seed.unwrap_or(0));
    let plan = match std::env::var("PORTREA_ENTRIES") {
        Ok(entries) => {
            let numbers = entries.split(',').map(|number| number.parse().expect("entries are numbers"));
            whole.only(&numbers.collect::<Vec<usize>>())
        }
        Err(_) => whole,
    };
    let (ended, log) = thread::scope(|scope| {
        scope.spawn(|| play_logged(&plan, None)).join().expect("a panic of a day is a failure of it")
    });
    if seed.is_some() {
        println!("{plan}");
        for line in &log {
            println!("{line}");
        }
    }
    match ended {
        Ok(evening) => println!("seed {}: {evening:?}", plan.seed),
        Err(failure) => panic!("seed {} fails {failure}", plan.seed),
    }
}
