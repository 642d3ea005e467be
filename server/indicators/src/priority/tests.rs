//! The ranking, its terms, its ties, and what hangs on its weights.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use super::*;
use crate::engine::Engine;
use crate::fixed::CentiHours;
use crate::resource::{Resource, Service};
use crate::statistics::{Commune, Needs, Options, Position, Statistics};

/// Communes far from each other, with so many people fragile and exposed.
fn statistics(communes: &[(&str, f64, f64)]) -> Statistics {
    let commune = |(number, (code, fragile, exposed)): (u32, &(&str, f64, f64))| {
        let needs = Needs {
            aged_65_or_over: Some(*fragile),
            aged_15_or_over: Some(8_000.0),
            no_diploma: Some(0.0),
            minimum_benefits: Some(*exposed),
            job_seekers: Some(0.0),
            ..Needs::default()
        };
        let position = Some(Position { lat: 45.0 + f64::from(number), lon: 1.0 });
        let commune =
            Commune { name: format!("Commune {code}"), position, population: Some(10_000.0), needs };
        (InseeCode::from(*code), commune)
    };
    Statistics { communes: (0..).zip(communes).map(commune).collect(), ..Statistics::default() }
}

fn codes(priority: &Priority) -> Vec<&str> {
    priority.ranks.iter().map(|rank| rank.commune.as_str()).collect()
}

#[test]
fn the_widest_gap_comes_first_and_says_why() {
    let mut all = statistics(&[("1", 100.0, 0.0), ("2", 500.0, 0.0), ("3", 500.0, 0.0), ("4", 0.0, 0.0)]);
    all.communes.insert("9".into(), Commune::default());
    let mut engine = Engine::new(all);
    let desk = Service { weekly_eadmin_hours: CentiHours::from_hours(10.0), ..Service::new(Family::Assist) };
    let view = Resource { commune: Some("3".into()), services: vec![desk], ..Resource::default() };
    engine.set(&"desk".into(), Some(view));
    let assist = engine.survey().priority(Some(Family::Assist));
    assert_eq!(codes(&assist), ["2", "3", "1", "4"]);
    assert_eq!(assist.unranked, ["9".into()]);
    let rank = &assist.ranks[1];
    let term = &rank.terms[0];
    assert_eq!((rank.rank, rank.concerned, rank.terms.len()), (2, 500.0, 1));
    assert_eq!((term.left_out, term.reached_hours, term.hours_per_thousand), (270.0, 10.0, 20.0));
    assert!((term.share_served.unwrap() - 0.46).abs() < 1e-12);
    assert_eq!(term.minutes_to_nearest, Some(0.0));
    assert_eq!(rank.score.to_bits(), term.left_out.to_bits());
    assert!(assist.ranks[0].terms[0].minutes_to_nearest.unwrap() > 100.0);
    assert_eq!(assist.ranks[3].terms[0].share_served, None, "nobody is concerned");
    let train = engine.survey().priority(Some(Family::Train));
    assert_eq!(codes(&train), ["2", "3", "1", "4"], "equal gaps go by code");
    assert_eq!(train.ranks[0].terms[0].minutes_to_nearest, None);
    let overall = engine.survey().priority(None);
    assert_eq!(codes(&overall), ["2", "3", "1", "4"]);
    for rank in &overall.ranks {
        let scores: f64 =
            rank.terms.iter().map(|term| rank.weight * term.family_weight * term.left_out).sum();
        assert!((scores - rank.score).abs() < 1e-9, "{rank:?}");
    }
    assert!(overall.sensitivity.holds, "there are but four");
}

#[test]
fn weights_count_and_what_hangs_on_them_is_told() {
    // Five communes are fragile, the sixth is exposed and just behind them.
    let mut all = statistics(&[
        ("1", 1000.0, 0.0),
        ("2", 1000.0, 0.0),
        ("3", 1000.0, 0.0),
        ("4", 1000.0, 0.0),
        ("5", 950.0, 0.0),
        ("6", 0.0, 900.0),
    ]);
    let even = Engine::new(all.clone()).survey().priority(None);
    assert_eq!(codes(&even), ["1", "2", "3", "4", "5", "6"]);
    assert!(!even.sensitivity.holds);
    let moves: BTreeMap<_, _> = even
        .sensitivity
        .changes
        .iter()
        .map(|change| ((change.weight.as_str(), change.factor > 1.0), (&change.enter, &change.leave)))
        .collect();
    let (enter, leave) = (vec!["6".into()], vec!["5".into()]);
    let expected = [(("exposure", true), (&enter, &leave)), (("fragility", false), (&enter, &leave))];
    assert_eq!(moves, BTreeMap::from(expected));
    all.options = Options { priority: Weights { exposure: 2.0, ..Weights::default() }, ..Options::default() };
    let exposed = Engine::new(all).survey().priority(None);
    assert_eq!(codes(&exposed)[0], "6");
    assert_eq!((exposed.ranks[0].weight, exposed.ranks[1].weight), (2.0, 1.0));
    assert!(exposed.sensitivity.holds);
}
