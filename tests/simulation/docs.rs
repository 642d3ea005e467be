//! The page on testing shows the tables of faults, checks and planted bugs as the code has them.

use portrea_tests::bug::BUGS;
use portrea_tests::check::CHECKS;
use portrea_tests::fault::FAULTS;

const PAGE: &str = include_str!("../../docs/testing.md");

/// Goal: the page is in step with the code. Every row must stand in it, word for word.
#[test]
fn the_page_shows_the_tables() {
    let faults = FAULTS.iter().map(|row| {
        format!("| {} | {} % of days, up to {} |", row.what, row.days_percent, times(row.times_max))
    });
    let checks = CHECKS.iter().map(|(check, what)| format!("| `{check:?}` | {what} |"));
    let bugs = BUGS.iter().map(|planted| format!("| {} | `", planted.what));
    let missing: Vec<String> =
        faults.chain(checks).chain(bugs).filter(|row| !PAGE.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/testing.md lacks:\n{}", missing.join("\n"));
}

fn times(most: u64) -> String {
    if most == 1 { "once".to_owned() } else { format!("{most} times") }
}
