//! The engine against its oracle, against hand-computed figures, and against its own deltas.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// expect-test writes its literals so.
#![allow(clippy::needless_raw_string_hashes)]

use std::collections::BTreeMap;

use expect_test::expect;
use portrea_protocol::ids::{InseeCode, RecordId};
use proptest::prelude::*;

use super::*;
use crate::fixed::CentiHours;
use crate::ground::Place;
use crate::matrix::TravelTimes;
use crate::oracle::recompute;
use crate::resource::Service;
use crate::statistics::{Band, Commune, Needs, Options, Position, known};
use crate::what_if::{Permanence, Untried};

/// A commune of 1,000 in which 320 people are fragile and nothing else is known, so that figures are round.
fn commune(name: &str, lat: f64) -> Commune {
    Commune {
        name: name.into(),
        position: Some(Position { lat, lon: -2.0 }),
        population: Some(1000.0),
        needs: Needs {
            aged_65_or_over: Some(200.0),
            aged_15_or_over: Some(800.0),
            not_at_school: Some(640.0),
            no_diploma: Some(160.0),
            ..Needs::default()
        },
    }
}

/// Three communes on a meridian: the second at 12 minutes of the first, the third at 27 of the first and just over 15
/// of the second; and a fourth that nobody has placed.
fn statistics() -> Statistics {
    let mut communes = BTreeMap::new();
    for (code, commune) in [
        ("35001", commune("Un", 48.0)),
        ("35002", commune("Deux", 48.06)),
        ("35003", commune("Trois", 48.14)),
        ("35004", Commune { position: None, ..commune("Quatre", 0.0) }),
    ] {
        communes.insert(code.into(), commune);
    }
    Statistics { communes, sources: vec!["essai".into()], invented: true, ..Statistics::default() }
}

fn desk(commune: &str, hours: Option<f64>) -> Resource {
    let assist = Service {
        eadmin_staff: Some(2),
        weekly_eadmin_hours: hours.and_then(CentiHours::from_hours),
        ..Service::new(Family::Assist)
    };
    Resource { commune: Some(commune.into()), helpers: 1, services: vec![assist], ..Resource::default() }
}

/// The deltas of one edit, one a line.
fn lines(deltas: &[Delta]) -> String {
    let line = |delta: &Delta| {
        let place = delta.commune.as_ref().map_or("territory", InseeCode::as_str);
        let value = |value: Option<f64>| value.map_or("?".to_owned(), |value| value.to_string());
        format!("{place} {} {} → {}\n", delta.indicator, value(delta.before), value(delta.after))
    };
    deltas.iter().map(line).collect()
}

#[test]
fn one_desk_changes_what_it_reaches() {
    let mut engine = Engine::new(statistics());
    assert_eq!(engine.settle(), vec![]);
    engine.set(&"a".into(), Some(desk("35003", Some(20.0))));
    // 20 h × 23 = 460 served over 960 concerned: an access of 0.479 for each of the three.
    expect![[r#"
        territory structures 0 → 1
        territory helpers 0 → 1
        territory offer.assist.structures 0 → 1
        territory offer.assist.services 0 → 1
        territory offer.assist.staff 0 → 2
        territory offer.assist.weeklyEadminHours 0 → 20
        territory offer.assist.weeklyHours 0 → ?
        territory offer.assist.weeklyOpeningHours 0 → ?
        territory coverage.assist.within15.communes 0 → 1
        territory coverage.assist.within15.population 0 → 0.3333333333333333
        territory coverage.assist.within15.concerned 0 → 0.3333333333333333
        territory coverage.assist.within30.communes 0 → 3
        territory coverage.assist.within30.population 0 → 1
        territory coverage.assist.within30.concerned 0 → 1
        territory coverage.any.within15.communes 0 → 1
        territory coverage.any.within15.population 0 → 0.3333333333333333
        territory coverage.any.within15.concerned 0 → 0.3333333333333333
        territory coverage.any.within30.communes 0 → 3
        territory coverage.any.within30.population 0 → 1
        territory coverage.any.within30.concerned 0 → 1
        territory accessibility.assist.hoursPerThousand 0 → 20.83333333312
        territory accessibility.assist.reachedHours 0 → 19.9999999997952
        territory gap.assist.people 960 → 500
        territory gap.assist.share 1 → 0.5208333333333334
        35001 coverage.assist.within30 0 → 1
        35001 coverage.any.within30 0 → 1
        35001 accessibility.assist.hoursPerThousand 0 → 14.26630434768
        35001 accessibility.assist.reachedHours 0 → 4.5652173912576
        35001 gap.assist.people 320 → 215
        35001 gap.assist.access 0 → 0.32812499999664
        35002 coverage.assist.within30 0 → 1
        35002 coverage.any.within30 0 → 1
        35002 accessibility.assist.hoursPerThousand 0 → 14.26630434768
        35002 accessibility.assist.reachedHours 0 → 4.5652173912576
        35002 gap.assist.people 320 → 215
        35002 gap.assist.access 0 → 0.32812499999664
        35003 structures 0 → 1
        35003 helpers 0 → 1
        35003 offer.assist.structures 0 → 1
        35003 offer.assist.services 0 → 1
        35003 offer.assist.staff 0 → 2
        35003 offer.assist.weeklyEadminHours 0 → 20
        35003 offer.assist.weeklyHours 0 → ?
        35003 offer.assist.weeklyOpeningHours 0 → ?
        35003 coverage.assist.within15 0 → 1
        35003 coverage.assist.within30 0 → 1
        35003 coverage.any.within15 0 → 1
        35003 coverage.any.within30 0 → 1
        35003 accessibility.assist.hoursPerThousand 0 → 33.967391304
        35003 accessibility.assist.reachedHours 0 → 10.86956521728
        35003 gap.assist.people 320 → 70
        35003 gap.assist.access 0 → 0.781249999992
    "#]]
    .assert_eq(&lines(&engine.settle()));
    assert_eq!(engine.settle(), vec![]);
    engine.set(&"a".into(), Some(desk("35003", Some(20.0))));
    assert_eq!(engine.settle(), vec![], "an unchanged view changes nothing");
    engine.set(&"b".into(), Some(desk("35001", None)));
    engine.set(&"b".into(), None);
    assert_eq!(engine.settle(), vec![], "what came and went left nothing");
    engine.set(&"a".into(), Some(Resource { archived: true, ..desk("35003", Some(20.0)) }));
    assert_eq!(engine.portrait(), Engine::new(statistics()).portrait());
}

#[test]
fn a_hole_in_the_collection_shows() {
    let mut engine = Engine::new(statistics());
    engine.set(&"a".into(), Some(desk("35001", None)));
    engine.set(&"b".into(), Some(desk("99999", Some(3.0))));
    let territory = engine.territory();
    assert_eq!((territory.structures, territory.unplaced_structures), (2, 1));
    assert_eq!(territory.offer.assist.unknown_capacity, 1);
    assert_eq!(territory.offer.assist.weekly_eadmin_hours, Some(3.0));
    assert_eq!(territory.missing.position, 1);
    let commune = engine.commune(&"35001".into()).unwrap();
    assert_eq!(commune.offer.assist.weekly_eadmin_hours, None);
    assert_eq!(commune.offer.train.weekly_eadmin_hours, Some(0.0));
    assert_eq!(commune.gap.assist.people, Some(320.0));
    let unplaced = engine.commune(&"35004".into()).unwrap();
    assert_eq!((unplaced.coverage.any.far, unplaced.gap.assist.people), (None, None));
    assert_eq!(engine.commune(&"99999".into()), None);
}

#[test]
fn new_statistics_tell_what_came_and_went() {
    let mut engine = Engine::new(statistics());
    engine.set(&"a".into(), Some(desk("35001", Some(4.0))));
    let mut other = statistics();
    other.communes.remove(&InseeCode::from("35002"));
    other.communes.insert("35009".into(), commune("Neuf", 48.01));
    other.options.thresholds_minutes = [10, 30];
    engine.set_statistics(other.clone());
    let deltas = engine.settle();
    for delta in &deltas {
        match delta.commune.as_ref().map(InseeCode::as_str) {
            Some("35002") => assert_eq!(delta.after, None, "{delta:?}"),
            Some("35009") => assert_eq!(delta.before, None, "{delta:?}"),
            _ => assert_ne!(delta.before, delta.after, "{delta:?}"),
        }
    }
    assert!(deltas.iter().any(|delta| delta.indicator == "coverage.assist.within10.communes"));
    engine.set_statistics(other);
    assert_eq!(engine.settle(), vec![], "the same statistics change nothing");
}

/// A portrait in JSON, and every figure's path leading to its value in it.
#[test]
fn paths_lead_to_figures() {
    let mut engine = Engine::new(statistics());
    engine.set(&"a".into(), Some(desk("35001", Some(2.5))));
    let portrait = engine.portrait();
    let json = serde_json::to_value(&portrait).unwrap();
    let mut all = vec![("/territory".to_owned(), portrait.territory.figures())];
    for (code, commune) in &portrait.communes {
        all.push((format!("/communes/{code}"), commune.figures()));
    }
    for (root, figures) in all {
        for (path, value) in figures {
            let found = json.pointer(&format!("{root}/{}", path.replace('.', "/")));
            let found = found.unwrap_or_else(|| panic!("{root} has no {path}"));
            let number = found.as_f64().or(found.as_bool().map(|yes| f64::from(u8::from(yes))));
            assert_eq!(number, value, "{root} {path}");
            assert_eq!(found.is_null(), value.is_none(), "{root} {path}");
        }
    }
    let one = &json["communes"]["35001"];
    expect![[r#"
        1000.0
        {"events":{"births":null,"deaths":null,"recentMoves":null},"exposure":null,"fragility":{"denominator":640.0,"people":320.0,"share":0.5},"vulnerability":{"estimate":null,"high":1000.0,"low":320.0}}
        {"services":1,"staff":2.0,"structures":1,"unknownCapacity":0,"weeklyEadminHours":2.5,"weeklyHours":null,"weeklyOpeningHours":null}
        {"within15":true,"within30":true}
        {"access":0.074251033055,"people":296.24}
    "#]]
    .assert_eq(&format!(
        "{}\n",
        ["population", "need"]
            .map(|key| one[key].to_string())
            .into_iter()
            .chain(["offer", "coverage", "gap"].map(|key| one[key]["assist"].to_string()))
            .collect::<Vec<_>>()
            .join("\n")
    ));
}

/// Σ(access × need) = Σ(reached capacity) (Luo & Qi 2009), by hours and by people served.
fn check_conservation(engine: &Engine) {
    let portrait = engine.portrait();
    let per_hour = portrait.options.people_served_per_weekly_hour;
    // A service's hours a person are rounded to the pico-hour, for everybody whom it reaches.
    let people: f64 = portrait.communes.values().filter_map(|commune| commune.concerned).sum();
    let rounded = engine.held.values().map(|held| held.view.services.len()).sum::<usize>();
    let rounding = 1e-12 * people * f64::from(u32::try_from(rounded).unwrap());
    for family in Family::ALL {
        let mut given = 0.0;
        for held in engine.held.values().filter(|held| !held.view.archived && held.place.need > 0) {
            let services = held.view.services.iter().filter(|service| service.family == family);
            given += services
                .filter_map(|service| service.weekly_eadmin_hours)
                .map(CentiHours::hours)
                .sum::<f64>();
        }
        let communes = || portrait.communes.values();
        let received: f64 =
            communes().filter_map(|commune| commune.accessibility.get(family).reached_hours).sum();
        let allowed = 1e-9 * (1.0 + given) + rounding;
        assert!((given - received).abs() <= allowed, "{family:?}: {given} ≠ {received}");
        let whole = portrait.territory.accessibility.get(family).reached_hours.unwrap_or(0.0);
        assert!((whole - received).abs() <= allowed, "{family:?}: {whole} ≠ {received}");
        let served: f64 =
            communes().filter_map(|commune| Some(commune.gap.get(family).access? * commune.concerned?)).sum();
        // Concerned people are rounded to the thousandth, once.
        let given = given * per_hour;
        let allowed = 1e-3 * (1.0 + given) + rounding * per_hour;
        assert!((served - given).abs() <= allowed, "{family:?}: {served} ≠ {given}");
    }
}

/// Accessibility in floats, straight from the paper: hours a thousand people, by commune.
fn paper(engine: &Engine, family: Family) -> BTreeMap<InseeCode, f64> {
    let ground = engine.ground();
    let options = &ground.options;
    let weight = |spot: &crate::ground::Spot, place: &Place| -> f64 {
        let minutes = place.stand.and_then(|stand| ground.minutes_within(spot, &stand, f64::INFINITY));
        let band =
            minutes.and_then(|minutes| options.bands.iter().find(|band| minutes <= f64::from(band.minutes)));
        band.map_or(0.0, |band| (band.weight * 1000.0).round() / 1000.0)
    };
    let need = |spot: &crate::ground::Spot| spot.concerned.map_or(0.0, crate::fixed::MilliPeople::people);
    let mut access = BTreeMap::new();
    for spot in ground.spots.iter().filter(|spot| spot.position.is_some()) {
        let mut hours_a_person = 0.0;
        for held in engine.held.values().filter(|held| !held.view.archived) {
            let around: f64 = ground.spots.iter().map(|other| weight(other, &held.place) * need(other)).sum();
            let services = held.view.services.iter().filter(|service| service.family == family);
            for hours in services.filter_map(|service| service.weekly_eadmin_hours).filter(|_| around > 0.0) {
                hours_a_person += weight(spot, &held.place) * hours.hours() / around;
            }
        }
        access.insert(spot.code.clone(), 1000.0 * hours_a_person);
    }
    access
}

fn check_paper(engine: &Engine) {
    for family in Family::ALL {
        for (code, expected) in paper(engine, family) {
            let found = engine.commune(&code).unwrap().accessibility.get(family).hours_per_thousand.unwrap();
            assert!((found - expected).abs() <= 1e-9 * (1.0 + expected), "{code}: {found}, not {expected}");
        }
    }
}

fn figure() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        1 => Just(None),
        1 => prop::sample::select(vec![0.0, -1.0, f64::NAN, f64::INFINITY]).prop_map(Some),
        12 => (1.0..2000.0f64).prop_map(Some),
    ]
}

fn position() -> impl Strategy<Value = Option<Position>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Position { lat: 0.0, lon: 0.0 })),
        1 => Just(Some(Position { lat: f64::NAN, lon: 1.0 })),
        9 => (47.9..48.4f64, -2.3..-1.9f64).prop_map(|(lat, lon)| Some(Position { lat, lon })),
    ]
}

prop_compose! {
    fn any_commune()(position in position(), population in figure(), figures in prop::array::uniform9(figure())) -> Commune {
        let [aged_65_or_over, aged_15_or_over, not_at_school, no_diploma, rsa, minimum_benefits, job_seekers, births, deaths] = figures;
        let needs = Needs {
            aged_65_or_over, aged_15_or_over, not_at_school, no_diploma, rsa, minimum_benefits, job_seekers, births, deaths,
            ..Needs::default()
        };
        Commune { name: "Quelque part".into(), position, population, needs }
    }
}

fn code() -> impl Strategy<Value = InseeCode> {
    (0..8u32).prop_map(|number| format!("3500{number}").as_str().into())
}

prop_compose! {
    fn any_statistics()(
        communes in prop::collection::btree_map(code(), any_commune(), 0..8),
        options in prop::sample::select(vec![
            Options::default(),
            Options::default(),
            Options { thresholds_minutes: [10, 15], people_served_per_weekly_hour: 0.7, ..Options::default() },
            Options { thresholds_minutes: [30, 60], people_served_per_weekly_hour: f64::NAN, ..Options::default() },
            Options { bands: vec![band(10, 1.0), band(20, 0.68), band(40, 0.2204)], ..Options::default() },
        ]),
        travel in prop::option::of(travel()),
    ) -> Statistics {
        Statistics { communes, options, travel, ..Statistics::default() }
    }
}

fn band(minutes: u32, weight: f64) -> Band {
    Band { minutes, weight }
}

/// A matrix over some of the communes, with holes.
fn travel() -> impl Strategy<Value = Arc<TravelTimes>> {
    let time = (code(), code(), prop_oneof![1 => Just(900.0), 1 => Just(1800.0), 6 => 0.0..4000.0f64]);
    prop::collection::vec(time, 0..40).prop_map(|times| Arc::new(TravelTimes::new([], &times).unwrap()))
}

fn hours() -> impl Strategy<Value = Option<CentiHours>> {
    prop::option::of(prop_oneof![Just(0.0), Just(-1.0), Just(f64::NAN), 0.0..40.0f64])
        .prop_map(|hours| hours.and_then(CentiHours::from_hours))
}

prop_compose! {
    fn service()(
        family in prop::sample::select(Family::ALL.to_vec()),
        eadmin_staff in prop::option::of(0..5u32),
        weekly_hours in hours(),
        weekly_eadmin_hours in hours(),
        opening_hours_weekly in hours(),
    ) -> Service {
        Service { family, eadmin_staff, weekly_hours, weekly_eadmin_hours, opening_hours_weekly }
    }
}

prop_compose! {
    fn resource()(
        commune in prop::option::of(code()),
        position in position(),
        archived in prop::bool::weighted(0.2),
        helpers in 0..4u32,
        services in prop::collection::vec(service(), 0..4),
    ) -> Resource {
        Resource { commune, position, archived, helpers, services }
    }
}

#[derive(Debug, Clone)]
enum Edit {
    Set(RecordId, Option<Resource>),
    /// One field taken from another view, as people edit.
    Amend(RecordId, u8, Resource),
    Statistics(Statistics),
    Settle,
}

fn edit() -> impl Strategy<Value = Edit> {
    let id = || (0..9u32).prop_map(|id| RecordId::from(format!("r{id}")));
    prop_oneof![
        10 => (id(), resource()).prop_map(|(id, view)| Edit::Set(id, Some(view))),
        2 => id().prop_map(|id| Edit::Set(id, None)),
        8 => (id(), 0..5u8, resource()).prop_map(|(id, field, from)| Edit::Amend(id, field, from)),
        1 => any_statistics().prop_map(Edit::Statistics),
        4 => Just(Edit::Settle),
    ]
}

type Board = BTreeMap<(Option<InseeCode>, String), f64>;

/// Every known figure of a portrait, as somebody who only reads deltas would hold them.
fn board(portrait: &Portrait) -> Board {
    let mut board = Board::new();
    let mut put = |commune: Option<&InseeCode>, figures: Vec<(String, Option<f64>)>| {
        for (indicator, value) in figures {
            if let Some(value) = value {
                board.insert((commune.cloned(), indicator), value);
            }
        }
    };
    put(None, portrait.territory.figures());
    for (code, commune) in &portrait.communes {
        put(Some(code), commune.figures());
    }
    board
}

fn apply(board: &mut Board, deltas: Vec<Delta>) {
    for Delta { commune, indicator, before, after } in deltas {
        let key = (commune, indicator);
        assert_ne!(before, after, "{key:?}");
        assert_eq!(board.get(&key).copied(), before, "{key:?}");
        match after {
            Some(after) => board.insert(key, after),
            None => board.remove(&key),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Any sequence of edits ends with the oracle's portrait, with a fresh engine's, and with its own deltas' board.
    #[test]
    fn edits_one_by_one_equal_everything_at_once(
        start in any_statistics(),
        edits in prop::collection::vec(edit(), 0..40),
    ) {
        let (mut statistics, mut present) = (start.clone(), BTreeMap::new());
        let mut engine = Engine::new(start);
        let mut seen = board(&engine.portrait());
        for edit in edits {
            match edit {
                Edit::Set(id, Some(view)) => {
                    engine.set(&id, Some(view.clone()));
                    present.insert(id, view);
                }
                Edit::Set(id, None) => {
                    engine.set(&id, None);
                    present.remove(&id);
                }
                Edit::Amend(id, field, from) => {
                    if let Some(view) = present.get_mut(&id) {
                        match field {
                            0 => view.archived = !view.archived,
                            1 => view.commune = from.commune,
                            2 => view.position = from.position,
                            3 => view.helpers = from.helpers,
                            _ => view.services = from.services,
                        }
                        engine.set(&id, Some(view.clone()));
                    }
                }
                Edit::Statistics(new) => {
                    statistics = new.clone();
                    engine.set_statistics(new);
                }
                Edit::Settle => {
                    apply(&mut seen, engine.settle());
                    prop_assert_eq!(&seen, &board(&engine.portrait()));
                    prop_assert_eq!(engine.settle(), vec![]);
                }
            }
        }
        apply(&mut seen, engine.settle());
        let portrait = engine.portrait();
        prop_assert_eq!(&portrait, &recompute(&statistics, &present));
        let mut fresh = Engine::new(statistics);
        for (id, view) in present.into_iter().rev() {
            fresh.set(&id, Some(view));
        }
        prop_assert_eq!(&portrait, &fresh.portrait());
        prop_assert_eq!((engine.territory, &engine.communes), (fresh.territory, &fresh.communes));
        prop_assert_eq!(seen, board(&portrait));
        check_conservation(&engine);
        check_paper(&engine);
    }

    /// One more service leaves nobody worse off: no gap grows, no coverage falls, nobody has less within reach.
    #[test]
    fn more_capacity_never_widens_a_gap(statistics in any_statistics(), desks in prop::collection::vec(resource(), 1..6)) {
        let mut engine = Engine::new(statistics);
        for (id, desk) in desks.into_iter().enumerate() {
            engine.settle();
            engine.set(&format!("r{id}").as_str().into(), Some(desk));
            for delta in engine.settle() {
                if delta.indicator.starts_with("gap.") && delta.indicator.ends_with(".people") {
                    prop_assert!(delta.after <= delta.before, "{:?}", delta);
                }
                if delta.indicator.starts_with("coverage.") || delta.indicator.starts_with("accessibility.") {
                    prop_assert!(delta.after >= delta.before, "{:?}", delta);
                }
            }
        }
    }

    /// Ten times the people and ten times the hours are the same accessibility and the same share left out.
    #[test]
    fn accessibility_is_a_ratio(statistics in any_statistics(), desks in prop::collection::vec(resource(), 1..6)) {
        let mut large = statistics.clone();
        for commune in large.communes.values_mut() {
            let needs = &mut commune.needs;
            for figure in [
                &mut commune.population, &mut needs.aged_65_or_over, &mut needs.aged_15_or_over, &mut needs.no_diploma,
                &mut needs.not_at_school, &mut needs.rsa, &mut needs.minimum_benefits, &mut needs.job_seekers,
            ] {
                *figure = figure.map(|people| people * 10.0);
            }
        }
        let (mut one, mut ten) = (Engine::new(statistics), Engine::new(large));
        for (id, desk) in desks.into_iter().enumerate() {
            let id = format!("r{id}").as_str().into();
            let mut more = desk.clone();
            for service in &mut more.services {
                service.weekly_eadmin_hours =
                    service.weekly_eadmin_hours.and_then(|hours| CentiHours::from_hours(hours.hours() * 10.0));
            }
            one.set(&id, Some(desk));
            ten.set(&id, Some(more));
        }
        for (code, commune) in one.portrait().communes {
            let other = ten.commune(&code).unwrap();
            for family in Family::ALL {
                let hours = |portrait: &CommunePortrait| portrait.accessibility.get(family).hours_per_thousand;
                let (one, ten) = (hours(&commune), hours(&other));
                prop_assert_eq!(one.is_some(), ten.is_some());
                let (one, ten) = (one.unwrap_or(0.0), ten.unwrap_or(0.0));
                // People are rounded to the thousandth before.
                prop_assert!((one - ten).abs() <= 1e-2 * (1.0 + one), "{} {}: {} ≠ {}", code, family.key(), one, ten);
            }
        }
    }

    /// What a permanence would change is what it changes once it is there; trying it changes nothing.
    #[test]
    fn what_if_tells_the_truth(statistics in any_statistics(), desks in prop::collection::vec(resource(), 0..6), at in code(), hours in 0.1..40.0f64) {
        let mut engine = Engine::new(statistics);
        for (id, desk) in desks.into_iter().enumerate() {
            engine.set(&format!("r{id}").as_str().into(), Some(desk));
        }
        engine.settle();
        let before = engine.portrait();
        let permanence = Permanence { commune: at.clone(), family: Family::Assist, hours };
        let tried = engine.survey().what_if(&[permanence]);
        prop_assert_eq!(&engine.portrait(), &before);
        prop_assert_eq!(&engine.survey().portrait(), &before);
        let placed = engine.statistics().communes.get(&at).map(|commune| commune.position.and_then(Position::valid));
        match (tried, placed) {
            (Ok(tried), Some(Some(_))) => {
                let hours = CentiHours::from_hours(hours);
                let service = Service { weekly_hours: hours, weekly_eadmin_hours: hours, ..Service::new(Family::Assist) };
                let real = Resource { commune: Some(at), services: vec![service], ..Resource::default() };
                engine.set(&"real".into(), Some(real));
                prop_assert_eq!(tried.before, before.territory);
                prop_assert_eq!(tried.after, engine.territory());
                prop_assert_eq!(tried.deltas, engine.settle());
            }
            (Err(Untried::Commune(_)), None) | (Err(Untried::Unplaced(_)), Some(None)) => {}
            (tried, placed) => prop_assert!(false, "{:?} at {:?}", tried, placed),
        }
    }

    /// The nearest service is the nearest of all structures', one by one.
    #[test]
    fn the_nearest_is_the_nearest(statistics in any_statistics(), desks in prop::collection::vec(resource(), 0..8)) {
        let mut engine = Engine::new(statistics);
        for (id, desk) in desks.into_iter().enumerate() {
            engine.set(&format!("r{id}").as_str().into(), Some(desk));
        }
        let survey = engine.survey();
        for family in Family::ALL {
            for (spot, found) in engine.ground.spots.iter().zip(survey.nearest(family)) {
                let gives = |held: &&Held| !held.view.archived && held.view.services.iter().any(|one| one.family == family);
                let stands = engine.held.values().filter(gives).filter_map(|held| held.place.stand);
                let minutes = stands.filter_map(|stand| engine.ground.minutes_within(spot, &stand, f64::INFINITY));
                prop_assert_eq!(found, minutes.reduce(f64::min));
            }
        }
    }

    /// Figures stay within what they count: nobody is left out twice.
    #[test]
    fn gaps_are_at_most_the_concerned(statistics in any_statistics(), desk in resource()) {
        let mut engine = Engine::new(statistics.clone());
        engine.set(&"r".into(), Some(desk));
        for (code, commune) in &engine.portrait().communes {
            prop_assert_eq!(commune.population, known(statistics.communes[code].population));
            if let (Some(gap), Some(concerned)) = (commune.gap.assist.people, commune.concerned) {
                prop_assert!(gap <= concerned + 0.001);
            }
        }
    }
}
