//! Collection days from seeds: sixty devices, one territory, all the trouble of a day, and everything converges.
//!
//! `PORTREA_SEED=17 cargo test -p portrea-tests --test simulation one_seed -- --nocapture` plays one seed again;
//! `PORTREA_SEEDS=1000..2000` chooses the seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use portrea_tests::day::{DEVICES, Evening, play};

/// Edits of each device in a day.
const EDITS_EACH: u64 = 2;

fn seeds() -> std::ops::Range<u64> {
    let chosen = std::env::var("PORTREA_SEEDS").unwrap_or_else(|_| "0..100".to_owned());
    let (from, to) = chosen.split_once("..").expect("PORTREA_SEEDS is a range such as 0..100");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// A hundred days, two at a time; the seeds that fail are printed.
#[test]
fn sixty_devices_converge_whatever_happens() {
    let seeds: Vec<u64> = seeds().collect();
    let halves: Vec<Vec<u64>> = seeds.chunks(seeds.len().div_ceil(2).max(1)).map(<[u64]>::to_vec).collect();
    let workers: Vec<_> =
        halves.into_iter().map(|half| std::thread::spawn(move || play_all(&half))).collect();
    let mut failed = Vec::new();
    let mut total = Evening::default();
    for worker in workers {
        let (days, wrong) = worker.join().expect("a worker reports");
        failed.extend(wrong);
        for day in days {
            total.structures += day.structures;
            total.changes += day.changes;
            total.events += day.events;
            total.conflicts += day.conflicts;
            total.crashes += day.crashes;
        }
    }
    println!("{} days: {total:?}", seeds.len());
    assert!(failed.is_empty(), "these seeds fail: {failed:?}; replay one with PORTREA_SEED=<seed>");
    assert!(total.conflicts > 0 && total.crashes > 0, "the days were too calm to show anything");
}

fn play_all(seeds: &[u64]) -> (Vec<Evening>, Vec<u64>) {
    let mut days = Vec::new();
    let mut failed = Vec::new();
    for seed in seeds {
        match catch_unwind(AssertUnwindSafe(|| play(*seed, DEVICES, EDITS_EACH))) {
            Ok(evening) => days.push(evening),
            Err(_) => failed.push(*seed),
        }
    }
    (days, failed)
}

/// One seed again, to look at.
#[test]
fn one_seed() {
    let seed = std::env::var("PORTREA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    println!("seed {seed}: {:?}", play(seed, DEVICES, EDITS_EACH));
}

/// The same seed gives the same day: without that, a failing seed would be worth nothing.
#[test]
fn a_seed_replays() {
    let [first, second] = [play(7, 12, 3), play(7, 12, 3)];
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
}
