//! A collection day from its plan to its evening.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bug::Bug;
use crate::check::{Check, Failure};
use crate::evening::{Evening, check};
use crate::plan::{DAY_MS, Plan};
use crate::world::World;

/// How long everything may take to come to rest once nothing goes wrong any more.
const EVENING_MS: u64 = 600_000;

/// Plays a day, with a bug planted or none.
pub fn play(plan: &Plan, bug: Option<Bug>) -> Result<Evening, Failure> {
    watched(|| {
        let mut world = World::new(plan, bug, false);
        through(&mut world, plan)
    })
}

/// Plays a day and gives what happened too, line by line.
pub fn play_logged(plan: &Plan, bug: Option<Bug>) -> (Result<Evening, Failure>, Vec<String>) {
    let mut world = World::new(plan, bug, true);
    let ended = watched(|| through(&mut world, plan));
    (ended, world.log())
}

fn through(world: &mut World, plan: &Plan) -> Result<Evening, Failure> {
    world.day(DAY_MS)?;
    world.evening(EVENING_MS)?;
    check(world, plan)
}

/// A panic of the code under test is a failure like any other.
fn watched(day: impl FnOnce() -> Result<Evening, Failure>) -> Result<Evening, Failure> {
    catch_unwind(AssertUnwindSafe(day)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Failure::new(Check::NoPanic, text.unwrap_or_else(|| "a panic without words".to_owned())))
    })
}
