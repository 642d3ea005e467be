//! Bugs are planted, and days must catch them.

use std::collections::BTreeMap;
use std::ops::Range;

use portrea_tests::bug::{BUGS, Bug};
use portrea_tests::check::{Check, Failure};
use portrea_tests::day::play;
use portrea_tests::plan::Plan;
use portrea_tests::shrink::shrink;

/// The days on which bugs are looked for: the same for every bug, and for no bug at all.
const DAYS: Range<u64> = 0..100;

/// The first day that catches a bug, and by what.
fn caught(bug: Bug) -> Option<(Plan, Failure)> {
    DAYS.map(Plan::of).find_map(|plan| {
        let failure = play(&plan, Some(bug)).err()?;
        Some((plan, failure))
    })
}

/// Goal: each planted bug is caught within some days. That the days pass without is another test's, on more days.
#[test]
fn each_planted_bug_is_caught() {
    let mut missed = Vec::new();
    for planted in BUGS {
        match caught(planted.bug) {
            Some((plan, failure)) => println!("{:?}: seed {}, {failure}", planted.bug, plan.seed),
            None => missed.push(planted.bug),
        }
    }
    assert_eq!(missed, [], "no day notices these");
}

/// Goal: the days on which bugs are caught pass without them.
#[test]
fn without_a_bug_the_same_days_pass() {
    let failed: BTreeMap<u64, Failure> =
        DAYS.filter_map(|seed| Some((seed, play(&Plan::of(seed), None).err()?))).collect();
    assert_eq!(failed, BTreeMap::new());
}

/// Goal: a failing day is made short, still fails the same check, and its entries alone say so again.
#[test]
fn a_failing_day_shrinks() {
    for bug in [Bug::AckBeforeFlush, Bug::NeverCompacts] {
        let (plan, failure) = caught(bug).expect("the bug is caught");
        let short = shrink(&plan, failure.check, Some(bug));
        assert!(2 * short.entries.len() < plan.entries.len(), "{} entries are left", short.entries.len());
        let numbers: Vec<usize> = short.entries.iter().map(|entry| entry.number).collect();
        let again = play(&Plan::of(plan.seed).only(&numbers), Some(bug));
        assert_eq!(again.err().map(|failure| failure.check), Some(failure.check));
        println!("{bug:?}: {} of {} entries\n{short}", short.entries.len(), plan.entries.len());
    }
}

/// Goal: nothing happens on an empty day, and that is no failure.
#[test]
fn an_empty_day_passes() {
    let plan = Plan::of(0).only(&[]);
    assert_eq!(play(&plan, None).err().map(|failure| failure.check), None::<Check>);
}
