//! Recipes on small territories, and what holds for all of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use portrea_protocol::ids::InseeCode;
use proptest::prelude::*;

use super::evaluate::{Figures, evaluate};
use super::*;
use crate::grade::Grade;
use crate::series::{Series, Source};

fn series(key: &str, vintage: Option<u16>, values: &[(&str, f64)]) -> Series {
    Series {
        key: key.to_owned(),
        unit: find(key).unwrap().unit,
        level: Level::Commune,
        vintage,
        source: Source::default(),
        values: values.iter().map(|(code, value)| ((*code).into(), *value)).collect(),
        partial: BTreeSet::new(),
        secret: BTreeSet::new(),
        moved: BTreeSet::new(),
    }
}

fn recipe(key: &str, unit: Unit, formulas: &[&str]) -> Recipe {
    let formulas = formulas.iter().map(|value| Formula {
        fr: String::new(),
        en: String::new(),
        value: serde_json::from_str(value).unwrap(),
        at_least: None,
        estimate: false,
    });
    let dimension = Dimension {
        key: key.to_owned(),
        fr: String::new(),
        en: String::new(),
        unit,
        weight: 1.0,
        formulas: formulas.collect(),
    };
    Recipe { options: None, dimensions: vec![dimension] }
}

fn communes(codes: &[&str]) -> BTreeMap<InseeCode, Option<InseeCode>> {
    codes.iter().map(|code| ((*code).into(), Some("E".into()))).collect()
}

/// Value, grade and formula of one commune's dimension.
fn told(
    figures: &BTreeMap<InseeCode, Figures>,
    code: &str,
    key: &str,
) -> (Option<f64>, Grade, Option<String>) {
    let graded = &figures[&InseeCode::from(code)][key];
    (graded.value, graded.mark.grade, graded.mark.formula.clone())
}

const BENEFITS: [&str; 3] = [
    r#""minimum_benefits""#,
    r#"{"product": ["unemployed", {"pooled": {"over": "epci", "of": "minimum_benefits", "per": "unemployed"}}]}"#,
    r#"{"product": ["population", {"pooled": {"over": "departement", "of": "minimum_benefits", "per": "population"}}]}"#,
];

/// Goal: the first formula that can be computed is used, and says so. Method: communes that lack more and more.
#[test]
fn the_first_computable_formula_is_used() {
    let all = [
        series("minimum_benefits", Some(2021), &[("35001", 60.0), ("35999", 10.0)]),
        series("unemployed", Some(2020), &[("35001", 30.0), ("35002", 10.0)]),
        series("population", Some(2021), &[("35001", 500.0), ("35003", 100.0), ("35999", 200.0)]),
    ];
    let recipe = recipe("minimum_benefits", Unit::People, &BENEFITS);
    recipe.check().unwrap();
    let figures = evaluate(&recipe, &all, &communes(&["35001", "35002", "35003", "35004"]));
    let of = |code: &str| told(&figures, code, "minimum_benefits");
    assert_eq!(of("35001"), (Some(60.0), Grade::Counted, Some("1".to_owned())));
    assert_eq!(of("35002"), (Some(20.0), Grade::Estimated, Some("2".to_owned())));
    // A commune beside the territory counts in its département's share: (60 + 10) / (500 + 200).
    assert_eq!(of("35003"), (Some(10.0), Grade::Estimated, Some("3".to_owned())));
    assert_eq!(of("35004"), (None, Grade::Missing, None));
    assert_eq!(figures.len(), 4);
    assert_eq!(figures[&"35002".into()]["minimum_benefits"].mark.vintages, [2020, 2021]);
}

/// Goal: the newest vintage that has the commune is read, unless the recipe says one. Method: two vintages and a typed
/// figure.
#[test]
fn the_newest_vintage_comes_first() {
    let mut all = vec![
        series("population", Some(2015), &[("1", 15.0), ("2", 15.0)]),
        series("population", Some(2021), &[("1", 21.0)]),
    ];
    let newest = recipe("population", Unit::People, &[r#""population""#]);
    let fixed = recipe("population", Unit::People, &[r#"{"series": "population", "vintage": 2015}"#]);
    let of = |recipe: &Recipe, all: &[Series], code| {
        told(&evaluate(recipe, all, &communes(&[code])), code, "population").0
    };
    assert_eq!((of(&newest, &all, "1"), of(&newest, &all, "2")), (Some(21.0), Some(15.0)));
    assert_eq!(of(&fixed, &all, "1"), Some(15.0));
    all.push(series("population", None, &[("1", 30.0)]));
    assert_eq!(of(&newest, &all, "1"), Some(30.0));
}

/// Goal: a figure for a part of a commune is no count, but a lower bound. Method: a partial sum, alone and as `at_least`.
#[test]
fn a_part_is_no_count() {
    let mut rsa = series("rsa", Some(2021), &[("1", 40.0), ("2", 5.0)]);
    rsa.partial.extend(["1".into(), "2".into()]);
    let all = [rsa, series("unemployed", None, &[("1", 20.0), ("2", 20.0)])];
    let mut recipe = recipe("rsa", Unit::People, &[r#""rsa""#, r#"{"product": ["unemployed", 0.5]}"#]);
    recipe.dimensions[0].formulas[1].at_least =
        Some(serde_json::from_str(r#"{"sum": ["rsa", "aah"]}"#).unwrap());
    recipe.check().unwrap();
    let figures = evaluate(&recipe, &all, &communes(&["1", "2"]));
    assert_eq!(told(&figures, "1", "rsa"), (Some(40.0), Grade::Estimated, Some("2".to_owned())));
    assert_eq!(told(&figures, "2", "rsa").0, Some(10.0));
}

/// Goal: dimensions build on dimensions, weights and stand-ins make estimates. Method: hand-computed.
#[test]
fn dimensions_build_on_dimensions() {
    let all = [
        series("aged_15_64", Some(2021), &[("1", 600.0)]),
        series("rate_aged_65_or_over", Some(2017), &[("1", 25.0)]),
    ];
    let mut whole = recipe(
        "aged_15_or_over",
        Unit::People,
        &[r#"{"quotient": ["aged_15_64", {"rest": "rate_aged_65_or_over"}]}"#],
    );
    let old = recipe(
        "aged_65_or_over",
        Unit::People,
        &[r#"{"product": [{"percent": "rate_aged_65_or_over"}, {"dimension": "aged_15_or_over"}]}"#],
    );
    whole.dimensions.extend(old.dimensions);
    whole.dimensions[1].weight = 0.5;
    whole.check().unwrap();
    let figures = evaluate(&whole, &all, &communes(&["1"]));
    assert_eq!(told(&figures, "1", "aged_15_or_over").0, Some(800.0));
    assert_eq!(told(&figures, "1", "aged_65_or_over"), (Some(100.0), Grade::Estimated, Some("1".to_owned())));
}

/// Goal: what makes no sense is refused, and says where. Method: one recipe a mistake.
#[test]
fn nonsense_is_refused() {
    for (value, expected) in [
        (r#""popluation""#, "is not known"),
        (r#""ifn_score""#, "unit"),
        (r#"{"product": ["ifn_score", 2]}"#, "one count at most"),
        (r#"{"product": ["population", "unemployed"]}"#, "one count at most"),
        (r#"{"product": ["population", "poverty_rate"]}"#, "one count at most"),
        (r#"{"sum": ["population", "households"]}"#, "mixes"),
        (r#"{"percent": "population"}"#, "no percentage"),
        (r#"{"dimension": "later"}"#, "not defined above"),
        (r#"{"product": ["population", -1]}"#, "negative"),
        (r#"{"quotient": ["population", "median_income"]}"#, "divides"),
        (r#"{"quotient": ["population", "households"]}"#, "unit"),
        (
            r#"{"product": ["population", {"pooled": {"over": "epci", "of": "median_income", "per": "population"}}]}"#,
            "counts",
        ),
    ] {
        let fault = recipe("population", Unit::People, &[value]).check().unwrap_err();
        assert!(fault.what.en.contains(expected), "{value}: {}", fault.what.en);
        assert_eq!(fault.at, ("population".to_owned(), Some(1)));
    }
    let mut twice = recipe("population", Unit::People, &[]);
    twice.dimensions.extend(twice.dimensions.clone());
    assert!(twice.check().is_err());
}

#[test]
fn counts_alone_leave_estimates_out() {
    let counts = recipe("minimum_benefits", Unit::People, &BENEFITS).counts();
    assert_eq!(counts.dimensions[0].formulas.len(), 1);
}

fn codes() -> Vec<String> {
    (1..7).map(|number| format!("3500{number}")).collect()
}

prop_compose! {
    fn any_series()(
        key in prop::sample::select(vec!["minimum_benefits", "unemployed", "population"]),
        vintage in prop::option::of(2015..2022u16),
        values in prop::collection::btree_map(prop::sample::select(codes()), prop_oneof![Just(f64::NAN), Just(-1.0), 0.0..5000.0f64], 0..6),
        partial in prop::collection::btree_set(prop::sample::select(codes()), 0..3),
    ) -> Series {
        let values: Vec<(&str, f64)> = values.iter().map(|(code, value)| (code.as_str(), *value)).collect();
        Series { partial: partial.iter().map(|code| code.as_str().into()).collect(), ..series(key, vintage, &values) }
    }
}

proptest! {
    /// Goal: the first computable formula gives the figure, and missing stays missing. Method: any series; each
    /// formula on its own says what it would give.
    #[test]
    fn a_figure_is_that_of_the_first_formula_that_gives_one(all in prop::collection::vec(any_series(), 0..6)) {
        let codes = codes();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let communes = communes(&codes);
        let whole = evaluate(&recipe("minimum_benefits", Unit::People, &BENEFITS), &all, &communes);
        let alone: Vec<_> = BENEFITS
            .iter()
            .map(|formula| evaluate(&recipe("minimum_benefits", Unit::People, &[formula]), &all, &communes))
            .collect();
        for code in codes {
            let (value, grade, formula) = told(&whole, code, "minimum_benefits");
            let first = alone.iter().position(|figures| told(figures, code, "minimum_benefits").0.is_some());
            prop_assert_eq!(formula, first.map(Dimension::formula_key));
            prop_assert_eq!(value, first.and_then(|first| told(&alone[first], code, "minimum_benefits").0));
            prop_assert_eq!(grade == Grade::Missing, value.is_none());
            prop_assert_eq!(grade == Grade::Counted, first == Some(0));
            prop_assert!(value.is_none_or(|value| value.is_finite() && value >= 0.0));
        }
    }

    /// Goal: nothing comes from nothing. Method: without a series that has the commune's own figures, all is missing.
    #[test]
    fn missing_is_never_nought(all in prop::collection::vec(any_series(), 0..6)) {
        let figures = evaluate(&recipe("minimum_benefits", Unit::People, &BENEFITS), &all, &communes(&["35009"]));
        prop_assert_eq!(told(&figures, "35009", "minimum_benefits"), (None, Grade::Missing, None));
    }
}
