//! Communes and figures as the indicators take them: series put together by a recipe.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::grade::{Evidence, Mark};
use portrea_indicators::recipe::evaluate::{Figures, evaluate};
use portrea_indicators::recipe::{Dimension, Recipe};
use portrea_indicators::series::{Level, Series, Source, Unit};
use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::InseeCode;

use super::needs::holdings::Holdings;
use super::territory_file::CommuneShape;

/// The statistics of a territory: its communes, and their figures by the recipe, with how each is known.
///
/// The contours' inhabitants stand where no file has any. Options are the recipe's, or else the default ones.
pub fn statistics(communes: &[CommuneShape], holdings: &Holdings, recipe: &Recipe) -> Statistics {
    let mut figures = figures(communes, holdings, recipe);
    let evidence = Evidence {
        dimensions: recipe.dimensions.iter().map(Dimension::words).collect(),
        communes: figures.iter().map(|(code, figures)| (code.clone(), marks(figures))).collect(),
    };
    let commune = |shape: &CommuneShape| {
        let known = figures.remove(&shape.code).unwrap_or_default();
        let figure = |key: &str| known.get(key).and_then(|graded| graded.value);
        let commune = Commune {
            name: shape.name.clone(),
            position: shape.town_hall.map(|point| Position { lat: point.lat, lon: point.lon }),
            population: figure("population").or(shape.population),
            needs: needs(figure),
        };
        (shape.code.clone(), commune)
    };
    Statistics {
        travel: None,
        communes: communes.iter().map(commune).collect(),
        options: recipe.options.clone().unwrap_or_default(),
        sources: holdings.sources(),
        invented: holdings.invented(),
        evidence,
    }
}

/// Every dimension of every commune.
pub fn figures(
    communes: &[CommuneShape],
    holdings: &Holdings,
    recipe: &Recipe,
) -> BTreeMap<InseeCode, Figures> {
    let places = communes
        .iter()
        .map(|shape| (shape.code.clone(), shape.epci_code.as_deref().map(InseeCode::from)))
        .collect();
    let mut series = holdings.series.clone();
    series.push(contours(communes));
    evaluate(recipe, &series, &places)
}

fn marks(figures: &Figures) -> BTreeMap<String, Mark> {
    figures.iter().map(|(key, graded)| (key.clone(), graded.mark.clone())).collect()
}

/// The inhabitants that the contours' file gives, as the oldest of series: any other stands before it.
fn contours(communes: &[CommuneShape]) -> Series {
    let inhabitants = communes.iter().filter_map(|shape| Some((shape.code.clone(), shape.population?)));
    Series {
        key: "population".to_owned(),
        unit: Unit::People,
        level: Level::Commune,
        vintage: Some(0),
        source: Source::default(),
        values: inhabitants.collect(),
        partial: BTreeSet::new(),
        secret: BTreeSet::new(),
        moved: BTreeSet::new(),
    }
}

fn needs(figure: impl Fn(&str) -> Option<f64>) -> Needs {
    Needs {
        aged_65_or_over: figure("aged_65_or_over"),
        aged_15_or_over: figure("aged_15_or_over"),
        not_at_school: figure("not_at_school_15_or_over"),
        no_diploma: figure("no_diploma"),
        rsa: figure("rsa"),
        prime_activite: figure("prime_activite"),
        aah: figure("aah"),
        minimum_benefits: figure("minimum_benefits"),
        job_seekers: figure("job_seekers"),
        unemployed: figure("unemployed"),
        active: figure("active"),
        births: figure("births"),
        deaths: figure("deaths"),
        households: figure("households"),
        households_living_alone: figure("households_living_alone"),
        single_parent_families: figure("single_parent_families"),
        recently_moved_households: figure("recently_moved_households"),
        poverty_rate: figure("poverty_rate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::needs::{self, Told, recipes};

    /// Goal: every figure of a file reaches the statistics. Method: a line with a different number in each column.
    #[test]
    fn every_figure_arrives() {
        let json = serde_json::to_value(Needs::default()).expect("json");
        let known = portrea_indicators::series::KNOWN.iter().map(|known| known.key);
        let of_needs = |key: &&str| {
            *key == "population" || *key == "not_at_school_15_or_over" || json.get(camel(key)).is_some()
        };
        let keys: Vec<&str> = known.filter(of_needs).collect();
        assert_eq!(keys.len(), 19);
        let cells: Vec<String> = (1..=keys.len()).map(|number| (number * 10_000).to_string()).collect();
        let csv = format!("code,{}\n35001,{}\n", keys.join(","), cells.join(","));
        let file = needs::read(csv.as_bytes(), &Told::default()).expect("read");
        let shape = CommuneShape {
            code: "35001".into(),
            name: "A".to_owned(),
            population: Some(1.0),
            epci_code: None,
            epci_name: None,
            town_hall: None,
            contour: crate::exchange::geometry::Contour::default(),
        };
        let mut holdings = Holdings::default();
        holdings.take(vec![file], std::slice::from_ref(&shape));
        let recipe = recipes::default();
        let statistics = statistics(std::slice::from_ref(&shape), &holdings, &recipe);
        let json = serde_json::to_value(statistics.communes.values().next().expect("one")).expect("json");
        let mut numbers = Vec::new();
        collect(&json, &mut numbers);
        numbers.sort_by(f64::total_cmp);
        let expected: Vec<f64> = cells.iter().map(|cell| cell.parse().expect("number")).collect();
        assert_eq!(numbers, expected);
        let bare = super::statistics(&[shape], &Holdings::default(), &recipe);
        assert_eq!(bare.communes.values().next().expect("one").population, Some(1.0));
    }

    fn camel(key: &str) -> String {
        let mut parts = key.split('_');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + &part[..1].to_uppercase() + &part[1..])
    }

    fn collect(json: &serde_json::Value, numbers: &mut Vec<f64>) {
        match json {
            serde_json::Value::Number(number) => numbers.extend(number.as_f64()),
            serde_json::Value::Object(object) => object.values().for_each(|value| collect(value, numbers)),
            serde_json::Value::Array(_)
            | serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::String(_) => {}
        }
    }
}
