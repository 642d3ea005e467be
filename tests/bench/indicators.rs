//! What the indicators cost: one edit among 20,000 structures in 1,202 communes, everything from nothing, and the search
//! for sites. Prints a table and writes `target/bench/indicators.json`.
//!
//! The territories are Bretagne and Ille-et-Vilaine with their France Services places where the shared folder of data is,
//! made-up ones of the same size elsewhere; the structures are made up. Times are medians on the clock: one thread works,
//! and nothing else should. A thread's own processor time is told in ticks of 4 ms, longer than most of this.

use std::time::{Duration, Instant};

use portrea_indicators::engine::Engine;
use portrea_indicators::fixed::CentiHours;
use portrea_indicators::resource::{Family, Resource};
use portrea_indicators::siting::{Demand, Method, Question};
use portrea_indicators::statistics::Statistics;
use portrea_indicators::what_if::Permanence;
use portrea_protocol::ids::RecordId;
use portrea_server::siting::solve;
use portrea_tests::places;
use portrea_tests::seed::Seed;
use serde_json::{Value as Json, json};

const STRUCTURES: usize = 20_000;
const EDITS: usize = 2_000;
const RUNS: usize = 5;

fn main() {
    let mut chance = Seed::new(1);
    let bretagne = territory("bretagne", 1_202, &mut chance);
    let mut rows = Vec::new();
    edits(&bretagne.0, &mut chance, &mut rows);
    for territory in [territory("ille-et-vilaine", 332, &mut chance), bretagne] {
        siting(&territory, &mut rows);
    }
    println!("{:<58} {:>12} {:>12}", "what", "ms", "promised");
    for row in &rows {
        let number = |key: &str| row.get(key).and_then(Json::as_f64).unwrap_or_default();
        let what = row.get("what").and_then(Json::as_str).unwrap_or_default();
        println!("{what:<58} {:>12.3} {:>12}", number("ms"), number("promisedMs"));
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench");
    std::fs::create_dir_all(folder).expect("target/bench can be made");
    let text = serde_json::to_string_pretty(&rows).expect("figures have a JSON form");
    std::fs::write(format!("{folder}/indicators.json"), text).expect("target/bench can be written");
}

/// A territory with the places that exist in it.
fn territory(name: &str, communes: usize, chance: &mut Seed) -> (Statistics, Vec<Resource>) {
    places::real(name).unwrap_or_else(|| {
        let statistics = places::made_up(communes, chance);
        let existing = places::structures(&statistics, communes / 10, chance);
        (statistics, existing)
    })
}

fn engine(statistics: &Statistics, structures: &[Resource]) -> Engine {
    let mut engine = Engine::new(statistics.clone());
    for (number, structure) in structures.iter().enumerate() {
        engine.set(&RecordId::from(number.to_string()), Some(structure.clone()));
    }
    engine.settle();
    engine
}

/// One edit after the other, and everything from nothing.
fn edits(statistics: &Statistics, chance: &mut Seed, rows: &mut Vec<Json>) {
    let structures = places::structures(statistics, STRUCTURES, chance);
    let mut standing = engine(statistics, &structures);
    let mut hours = Vec::new();
    let mut moves = Vec::new();
    for edit in 0..EDITS {
        let number = chance.below(STRUCTURES as u64);
        let id = RecordId::from(number.to_string());
        let mut view =
            structures.get(usize::try_from(number).expect("a small number")).expect("it is there").clone();
        if edit % 4 == 0 {
            let there = chance.pick(&structures).expect("there are structures").clone();
            (view.commune, view.position) = (there.commune, there.position);
        } else if let Some(service) = view.services.first_mut() {
            let half = u32::try_from(edit % 60).expect("a small number");
            service.weekly_eadmin_hours = CentiHours::from_hours(f64::from(half) / 2.0);
        }
        let begun = Instant::now();
        standing.set(&id, Some(view));
        let deltas = standing.settle();
        let nanos = nanos_since(begun);
        drop(deltas);
        if edit % 4 == 0 { moves.push(nanos) } else { hours.push(nanos) }
    }
    let named =
        |what: &str| format!("{what}, {} communes, {STRUCTURES} structures", statistics.communes.len());
    rows.push(row(&named("an edit of hours: every indicator"), &mut hours, 1.0));
    rows.push(row(&named("a structure moves: every indicator"), &mut moves, 1.0));
    let mut whole = timed(|| drop(engine(statistics, &structures).portrait()));
    rows.push(row(&named("everything from nothing"), &mut whole, 500.0));
    let mut taken = timed(|| drop(standing.survey()));
    rows.push(row(&named("a survey is taken"), &mut taken, 0.0));
    let survey = standing.survey();
    let mut ranked = timed(|| drop(survey.priority(None)));
    rows.push(row(&named("communes are ranked"), &mut ranked, 0.0));
    let commune = statistics.communes.keys().next().expect("there are communes").clone();
    let permanences = [Permanence { commune, family: Family::Assist, hours: 7.0 }];
    let mut tried = timed(|| drop(survey.what_if(&permanences)));
    rows.push(row(&named("a permanence is tried"), &mut tried, 0.0));
}

/// The search for sites, beside the places that exist.
fn siting((statistics, existing): &(Statistics, Vec<Resource>), rows: &mut Vec<Json>) {
    let communes = statistics.communes.len();
    let survey = engine(statistics, existing).survey();
    let large = communes > 1_000;
    for (method, count, promised) in [
        (Method::Covering, 10, if large { 50.0 } else { 10.0 }),
        (Method::Median, 5, if large { 1_000.0 } else { 200.0 }),
    ] {
        let question = Question {
            family: Family::Assist,
            count,
            hours: 7.0,
            minutes: 15.0,
            method,
            demand: Demand::Population,
        };
        let instance = survey.siting(question);
        let name = match method {
            Method::Covering => format!("MCLP, p = {count}, {communes} communes"),
            Method::Median => format!("p-median, p = {count}, {communes} communes"),
        };
        let mut put = timed(|| drop(survey.siting(question)));
        rows.push(row(&format!("{name}: put in numbers"), &mut put, 0.0));
        let mut found = timed(|| {
            let solved = solve(instance.gains(), instance.count(), Duration::from_secs(60));
            assert!(solved.proven, "{name} is proven");
        });
        rows.push(row(&format!("{name}: solved and proven"), &mut found, promised));
    }
}

fn timed(mut work: impl FnMut()) -> Vec<f64> {
    let once = |_| {
        let begun = Instant::now();
        work();
        nanos_since(begun)
    };
    (0..RUNS).map(once).collect()
}

/// The median of times; a promise of 0 is none.
fn row(what: &str, nanos: &mut [f64], promised_ms: f64) -> Json {
    nanos.sort_by(f64::total_cmp);
    let at = |share: usize| nanos.get(nanos.len() * share / 100).copied().unwrap_or_default() / 1e6;
    json!({ "what": what, "ms": at(50), "p99Ms": at(99), "promisedMs": promised_ms })
}

fn nanos_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e9
}
