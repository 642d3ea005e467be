//! Choices by sums and exchanges against all choices there are.
#![allow(clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

fn gains() -> impl Strategy<Value = Gains> {
    // Few different gains, so that many choices are equal.
    let gain = prop_oneof![Just(0.0), Just(1.0), Just(2.0), 0.5..3.0f64];
    let row = prop::collection::btree_map(0..7usize, gain, 0..6);
    (prop::collection::vec(row, 0..9))
        .prop_map(|rows| Gains::new(7, rows.into_iter().map(|row| row.into_iter().collect())))
}

/// Every choice of so many sites of seven.
fn choices(count: usize) -> Vec<Vec<usize>> {
    (0..1u32 << 7)
        .filter(|set| set.count_ones() as usize == count)
        .map(|set| (0..7).filter(|site| set >> site & 1 == 1).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Greedy ≤ exchanged ≤ the best of all choices ≤ the bound; tidying keeps the value and lowers the numbers.
    #[test]
    fn choices_stand_in_order(gains in gains(), count in 1..5usize) {
        let best = choices(count).iter().map(|sites| gains.value(sites)).fold(0.0, f64::max);
        let greedy = gains.greedy(count);
        let exchanged = gains.exchanged(&greedy);
        prop_assert!(greedy.len() <= count);
        prop_assert!(gains.value(&greedy) <= gains.value(&exchanged));
        prop_assert!(gains.value(&exchanged) <= best + 1e-9);
        prop_assert!(gains.value(&greedy) >= (1.0 - 1.0 / std::f64::consts::E) * best - 1e-9);
        for sites in [&greedy, &exchanged, &vec![]] {
            prop_assert!(gains.bound(sites, count) >= best - 1e-9, "{:?}", sites);
        }
        for sites in choices(count).iter().take(12) {
            let tidy = gains.tidied(sites);
            prop_assert!((gains.value(&tidy) - gains.value(sites)).abs() <= 1e-6 * (1.0 + best), "{:?} {:?}", sites, tidy);
            prop_assert!(tidy.iter().sum::<usize>() <= sites.iter().sum::<usize>());
            prop_assert!(tidy.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(&gains.tidied(&tidy), &tidy);
            let added: f64 = gains.ordered(sites).iter().map(|(_, gain)| gain).sum();
            prop_assert!((added - gains.value(sites)).abs() <= 1e-9 * (1.0 + added));
        }
    }
}

#[test]
fn greed_is_blind_where_exchange_sees() {
    // The middle site covers most at once, and the other two cover everybody together.
    let rows = [(vec![0], 3.0), (vec![0, 1], 2.5), (vec![1, 2], 2.5), (vec![2], 3.0)];
    let gains = Gains::new(3, rows.map(|(sites, gain)| sites.into_iter().map(|site| (site, gain)).collect()));
    assert_eq!(gains.greedy(1), [0], "of two that add as much the first is taken");
    assert_eq!(gains.greedy(2), [0, 2]);
    assert_eq!(gains.value(&[0, 2]).to_bits(), 11.0f64.to_bits());
    assert_eq!(gains.exchanged(&[1, 2]), [0, 2]);
    assert_eq!(gains.tidied(&[2]), [0]);
    assert_eq!(gains.ordered(&[1, 2]), [(2, 5.5), (1, 2.5)]);
    assert_eq!(gains.greedy(9).len(), 2, "a third adds nothing");
}

#[test]
fn rows_alike_are_one() {
    let rows = vec![
        vec![(0, 1.0), (2, 1.0)],
        vec![(0, 4.0), (2, 4.0)],
        vec![(1, 0.0)],
        vec![(0, 1.0), (1, 2.0)],
        vec![(9, 1.0)],
    ];
    let gains = Gains::new(3, rows);
    assert_eq!(gains.rows(), [vec![(0, 5.0), (2, 5.0)], vec![(0, 1.0), (1, 2.0)]]);
}
