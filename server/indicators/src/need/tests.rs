//! Each case is a commune's figures and what must come out, missing figures first of all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

/// A commune of 1,000 with every figure that the indicators use.
fn full() -> Needs {
    Needs {
        aged_65_or_over: Some(200.0),
        aged_15_or_over: Some(800.0),
        not_at_school: Some(700.0),
        no_diploma: Some(160.0),
        rsa: Some(30.0),
        prime_activite: Some(50.0),
        aah: Some(20.0),
        job_seekers: Some(100.0),
        births: Some(10.0),
        ..Needs::default()
    }
}

#[test]
fn a_full_commune_has_every_figure() {
    let need = Need::of(Some(1000.0), &full());
    // 200 + 160 × 600 / 800; 30 + 50 + 20 + 100; 1000 × (1 − 0.68 × 0.8).
    assert_eq!(need.fragility.people, Some(320.0));
    assert_eq!(need.fragility.share, Some(320.0 / 700.0));
    assert_eq!(need.exposure, Some(200.0));
    assert_eq!(need.vulnerability.low, Some(320.0));
    assert!((need.vulnerability.estimate.unwrap() - 456.0).abs() < 1e-9);
    assert_eq!(need.vulnerability.high, Some(520.0));
    assert_eq!(need.events, Events { births: Some(10.0), ..Events::default() });
}

#[test]
fn a_missing_figure_takes_away_what_needs_it_and_nothing_else() {
    type Change = fn(&mut Needs);
    let cases: [(&str, Change, bool, bool, bool); 9] = [
        ("aged_65", |n| n.aged_65_or_over = None, false, false, true),
        ("aged_15", |n| n.aged_15_or_over = None, false, false, true),
        ("no_diploma", |n| n.no_diploma = Some(f64::NAN), false, false, true),
        ("not_at_school", |n| n.not_at_school = None, true, false, true),
        ("rsa", |n| n.rsa = None, true, true, false),
        ("aah", |n| n.aah = Some(-1.0), true, true, false),
        ("job_seekers", |n| n.job_seekers = None, true, true, false),
        ("total of benefits", |n| (n.rsa, n.minimum_benefits) = (None, Some(90.0)), true, true, true),
        ("nothing", |_| (), true, true, true),
    ];
    for (what, change, fragility, share, exposure) in cases {
        let mut needs = full();
        change(&mut needs);
        let need = Need::of(Some(1000.0), &needs);
        assert_eq!(need.fragility.people.is_some(), fragility, "{what}");
        assert_eq!(need.fragility.share.is_some(), share, "{what}");
        assert_eq!(need.exposure.is_some(), exposure, "{what}");
        assert_eq!(need.vulnerability.estimate.is_some(), fragility && exposure, "{what}");
        assert!(need.vulnerability.low.is_some(), "{what}");
        assert_eq!(need.vulnerability.high == Some(1000.0), !(fragility && exposure), "{what}");
    }
    assert_eq!(Need::of(Some(1000.0), &Needs::default()).vulnerability, Interval::default());
}

#[test]
fn bounds_hold_at_the_edges() {
    type Case<'a> = (Option<f64>, &'a [Option<f64>], [Option<f64>; 3]);
    let cases: [Case<'_>; 9] = [
        (Some(100.0), &[], [None, None, None]),
        (Some(100.0), &[None, None], [None, None, None]),
        (Some(100.0), &[Some(30.0), None], [Some(30.0), None, Some(100.0)]),
        (None, &[Some(30.0), None], [Some(30.0), None, None]),
        (None, &[Some(30.0), Some(20.0)], [Some(30.0), None, Some(50.0)]),
        (Some(100.0), &[Some(0.0), Some(0.0)], [Some(0.0), Some(0.0), Some(0.0)]),
        (Some(100.0), &[Some(150.0), Some(20.0)], [Some(100.0), Some(100.0), Some(100.0)]),
        (Some(0.0), &[Some(5.0), Some(5.0)], [Some(0.0), Some(0.0), Some(0.0)]),
        (Some(100.0), &[Some(60.0), Some(60.0)], [Some(60.0), Some(84.0), Some(100.0)]),
    ];
    for (population, dimensions, [low, estimate, high]) in cases {
        let found = Interval::of(population, dimensions);
        assert_eq!(found, Interval { low, estimate, high }, "{population:?} {dimensions:?}");
    }
}

#[test]
fn fragility_survives_odd_ages() {
    for (aged_65, aged_15, expected) in [(0.0, 0.0, 0.0), (900.0, 800.0, 900.0), (0.0, 800.0, 160.0)] {
        let needs = Needs { aged_65_or_over: Some(aged_65), aged_15_or_over: Some(aged_15), ..full() };
        assert_eq!(Need::of(None, &needs).fragility.people, Some(expected), "{aged_65} {aged_15}");
    }
}

#[test]
fn a_territory_sums_what_its_communes_have() {
    let whole = Need::of(Some(1000.0), &full());
    let partial = Need::of(Some(500.0), &Needs { rsa: None, not_at_school: None, ..full() });
    let nothing = Need::default();
    let total = Need::total([whole, partial, nothing].iter());
    assert_eq!(total.fragility.people, Some(640.0));
    assert_eq!(total.fragility.share, whole.fragility.share);
    assert_eq!(total.exposure, Some(200.0));
    assert_eq!(total.vulnerability, Interval { low: Some(640.0), estimate: None, high: Some(1020.0) });
    assert_eq!(Need::total([whole, nothing].iter()).vulnerability, whole.vulnerability);
    assert_eq!(Need::total([nothing].iter()), nothing);
}

#[test]
fn the_basis_is_what_most_communes_have() {
    let whole = Need::of(Some(1000.0), &full());
    let no_exposure = Need::of(Some(1000.0), &Needs { rsa: None, ..full() });
    let no_fragility = Need::of(Some(1000.0), &Needs { no_diploma: None, ..full() });
    let cases: [(&[Need], Option<Basis>); 5] = [
        (&[], None),
        (&[Need::default()], None),
        (&[whole, Need::default()], Some(Basis::Vulnerability)),
        (&[whole, no_exposure], Some(Basis::Fragility)),
        (&[no_fragility, no_fragility, no_exposure], Some(Basis::Exposure)),
    ];
    for (needs, basis) in cases {
        assert_eq!(Basis::best(&needs.iter()), basis, "{needs:?}");
    }
}

proptest! {
    /// Whatever the figures, the estimate is between the bounds and the bounds are people of the commune.
    #[test]
    fn low_estimate_high(population in 0.0..1e6f64, dimensions in prop::collection::vec(0.0..1e6f64, 1..4)) {
        let dimensions: Vec<_> = dimensions.into_iter().map(Some).collect();
        let Interval { low, estimate, high } = Interval::of(Some(population), &dimensions);
        let (low, estimate, high) = (low.unwrap(), estimate.unwrap(), high.unwrap());
        prop_assert!(0.0 <= low && low <= estimate && estimate <= high && high <= population);
    }
}
