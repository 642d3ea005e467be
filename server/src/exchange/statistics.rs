//! Communes and figures as the indicators take them.

use std::collections::BTreeMap;

use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::InseeCode;

use super::needs::NeedFigures;
use super::needs::columns::Figure;
use super::territory_file::CommuneShape;

/// The statistics of a territory: its communes from one file, their figures from others, default options.
///
/// The population of the figures wins over that of the contours, for it is of the same vintage as the other figures.
/// `sources` and `invented` are the caller's to fill, from each file's report.
pub fn statistics(communes: &[CommuneShape], figures: &BTreeMap<InseeCode, NeedFigures>) -> Statistics {
    let commune = |shape: &CommuneShape| {
        let known = figures.get(&shape.code);
        let figure = |figure| known.and_then(|known| known.figures.get(&figure)).copied();
        let commune = Commune {
            name: shape.name.clone(),
            position: shape.town_hall.map(|point| Position { lat: point.lat, lon: point.lon }),
            population: figure(Figure::Population).or(shape.population),
            needs: needs(figure),
        };
        (shape.code.clone(), commune)
    };
    Statistics { communes: communes.iter().map(commune).collect(), ..Statistics::default() }
}

fn needs(figure: impl Fn(Figure) -> Option<f64>) -> Needs {
    Needs {
        aged_65_or_over: figure(Figure::Aged65OrOver),
        aged_15_or_over: figure(Figure::Aged15OrOver),
        not_at_school: figure(Figure::NotAtSchool),
        no_diploma: figure(Figure::NoDiploma),
        rsa: figure(Figure::Rsa),
        prime_activite: figure(Figure::PrimeActivite),
        aah: figure(Figure::Aah),
        minimum_benefits: figure(Figure::MinimumBenefits),
        job_seekers: figure(Figure::JobSeekers),
        unemployed: figure(Figure::Unemployed),
        active: figure(Figure::Active),
        births: figure(Figure::Births),
        deaths: figure(Figure::Deaths),
        households: figure(Figure::Households),
        households_living_alone: figure(Figure::HouseholdsLivingAlone),
        single_parent_families: figure(Figure::SingleParentFamilies),
        recently_moved_households: figure(Figure::RecentlyMovedHouseholds),
        poverty_rate: figure(Figure::PovertyRate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::needs;

    /// Goal: every figure of the file reaches the statistics. Method: a line with a different number in each column.
    #[test]
    fn every_figure_arrives() {
        let keys: Vec<&str> = needs::columns::FIGURES.iter().map(|recipe| recipe.key).collect();
        let cells: Vec<String> = (1..=keys.len()).map(|number| (number * 10_000).to_string()).collect();
        let csv = format!("code,{}\n35001,{}\n", keys.join(","), cells.join(","));
        let figures = needs::read(csv.as_bytes(), &[]).expect("read").communes;
        let shape = CommuneShape {
            code: "35001".into(),
            name: "A".to_owned(),
            population: Some(1.0),
            epci_code: None,
            epci_name: None,
            town_hall: None,
            contour: crate::exchange::geometry::Contour::default(),
        };
        let statistics = statistics(std::slice::from_ref(&shape), &figures);
        let json = serde_json::to_value(statistics.communes.values().next().expect("one")).expect("json");
        let mut numbers = Vec::new();
        collect(&json, &mut numbers);
        numbers.sort_by(f64::total_cmp);
        let expected: Vec<f64> = cells.iter().map(|cell| cell.parse().expect("number")).collect();
        assert_eq!(numbers, expected);
        assert_eq!(
            super::statistics(&[shape], &BTreeMap::new()).communes.values().next().expect("one").population,
            Some(1.0)
        );
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
