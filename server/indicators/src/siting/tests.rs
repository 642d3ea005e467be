//! Questions put in numbers, and answers put in words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::float_cmp)]

use super::*;
use crate::engine::Engine;
use crate::resource::{Resource, Service};
use crate::statistics::{Commune, Needs, Statistics};

/// Communes on a meridian, 6.9 minutes a hundredth of two degrees apart, each with so many inhabitants.
fn engine(people: &[f64], existing: &[&str]) -> Engine {
    let communes = (0..).zip(people).map(|(number, people)| {
        let position = Some(Position { lat: 48.0 + 0.05 * f64::from(number), lon: -2.0 });
        let needs =
            Needs { minimum_benefits: Some(people / 2.0), job_seekers: Some(0.0), ..Needs::default() };
        let commune = Commune { name: format!("C{number}"), position, population: Some(*people), needs };
        (InseeCode::from(format!("3500{number}")), commune)
    });
    let mut engine = Engine::new(Statistics { communes: communes.collect(), ..Statistics::default() });
    for code in existing {
        let services = vec![Service::new(Family::Assist)];
        let view = Resource { commune: Some((*code).into()), services, ..Resource::default() };
        engine.set(&(*code).into(), Some(view));
    }
    engine
}

fn question(method: Method, count: u32) -> Question {
    Question { family: Family::Assist, count, hours: 7.0, minutes: 15.0, method, demand: Demand::Population }
}

fn by_greed(survey: &Survey, question: Question) -> Proposal {
    let instance = survey.siting(question);
    let sites = instance.gains().greedy(instance.count());
    survey.proposal(&instance, &Solved { sites, bound: None, proven: false })
}

#[test]
fn covering_counts_whom_no_place_covers() {
    let survey = engine(&[100.0, 50.0, 10.0, 30.0, 20.0, 5.0], &["35000"]).survey();
    // The place in 35000 covers 35001, 9.6 minutes away, and not 35002.
    let answer = by_greed(&survey, question(Method::Covering, 1));
    assert_eq!((answer.people, answer.before), (215.0, Some(150.0)));
    assert_eq!(answer.best.sites.len(), 1);
    assert_eq!(answer.best.sites[0].commune.as_str(), "35003", "it covers its neighbours on both sides");
    assert_eq!((answer.best.gained, answer.best.after), (60.0, 210.0));
    assert!(!answer.proven);
    assert!(answer.bound >= 60.0 && answer.shortfall >= 0.0);
    let effect = answer.effect.unwrap();
    assert!(effect.after.gap.assist.people < effect.before.gap.assist.people);
    let more = by_greed(&survey, question(Method::Covering, 5));
    assert_eq!((more.best.sites.len(), more.best.gained), (2, 65.0), "a third would gain nothing");
}

#[test]
fn median_counts_minutes_saved() {
    let survey = engine(&[100.0, 50.0, 10.0, 30.0], &["35000"]).survey();
    let answer = by_greed(&survey, question(Method::Median, 1));
    let step = answer.before.unwrap() / (50.0 + 2.0 * 10.0 + 3.0 * 30.0);
    assert!((step - 9.64).abs() < 0.01, "{step} minutes between neighbours");
    assert_eq!(answer.best.sites[0].commune.as_str(), "35003");
    assert!((answer.best.gained - step * (3.0 * 30.0 + 10.0)).abs() < 1e-6);
    assert!((answer.best.after - (answer.before.unwrap() - answer.best.gained)).abs() < 1e-9);
    let nobody = by_greed(&engine(&[100.0, 50.0, 10.0, 30.0], &[]).survey(), question(Method::Median, 2));
    assert_eq!(nobody.before, None, "where nobody reaches a service there is no sum");
    assert!((nobody.best.after - step * 60.0).abs() < 1e-6, "{}", nobody.best.after);
}

#[test]
fn demand_is_what_was_asked() {
    let survey = engine(&[100.0, 50.0], &[]).survey();
    for (demand, people) in [(Demand::Population, 150.0), (Demand::Concerned, 75.0), (Demand::Gap, 75.0)] {
        let asked = Question { demand, ..question(Method::Covering, 1) };
        assert_eq!(by_greed(&survey, asked).people, people, "{demand:?}");
    }
}
