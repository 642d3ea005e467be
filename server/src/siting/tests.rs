//! The solver against all choices there are, and against the clock.

use proptest::prelude::*;

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn gains() -> impl Strategy<Value = Gains> {
    let gain = prop_oneof![Just(1.0), Just(2.0), 0.5..3.0f64];
    let row = prop::collection::btree_map(0..8usize, gain, 0..6);
    prop::collection::vec(row, 0..14)
        .prop_map(|rows| Gains::new(8, rows.into_iter().map(|row| row.into_iter().collect())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// What is called proven is the best of all choices.
    #[test]
    fn the_best_is_found(gains in gains(), count in 1..5usize) {
        let best = (0..1u32 << 8)
            .filter(|set| set.count_ones() as usize <= count)
            .map(|set| gains.value(&(0..8).filter(|site| set >> site & 1 == 1).collect::<Vec<_>>()))
            .fold(0.0, f64::max);
        let solved = solve(&gains, count, LONG);
        prop_assert!(solved.proven);
        prop_assert!(solved.sites.len() <= count);
        prop_assert!((gains.value(&solved.sites) - best).abs() <= 1e-6, "{:?}, not {}", solved, best);
        prop_assert!(solved.bound.is_some_and(|bound| bound >= best - 1e-6));
    }
}

/// Goal: a question that takes too long is answered all the same, and honestly. Method: no time at all.
#[test]
fn without_time_there_is_an_answer_and_a_bound() {
    // Three rows around each of 30 corners, so that greed proves nothing.
    let row =
        |number: usize| vec![(number % 30, 1.0), ((number * 7 + 3) % 30, 1.0), ((number * 11 + 5) % 30, 1.0)];
    let gains = Gains::new(30, (0..90).map(row));
    let solved = solve(&gains, 6, Duration::ZERO);
    let value = gains.value(&solved.sites);
    assert!(!solved.proven && value > 0.0);
    assert!(solved.bound.is_some_and(|bound| bound > value));
    let slow = solve(&gains, 6, LONG);
    assert!(slow.proven && gains.value(&slow.sites) >= value);
    assert!(solved.bound >= Some(gains.value(&slow.sites)));
}
