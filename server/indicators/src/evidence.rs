//! How well need is known: the grade of each figure of a commune, and how much of a territory's is counted.
//!
//! An indicator is as good as the worst figure that it needs. A territory's figure is a sum over communes: how many of
//! its people were counted and how many estimated is told beside it, and how many communes it leaves out.

use std::collections::BTreeMap;

use portrea_protocol::ids::InseeCode;
use serde::Serialize;

use crate::grade::{Evidence, Grade, Mark};
use crate::need::Need;
use crate::statistics::{Commune, known};

/// The dimensions that indicators are made of: a portrait tells these alone, for it is sent often.
const TOLD: [&str; 7] = [
    "population",
    "aged_65_or_over",
    "aged_15_or_over",
    "not_at_school_15_or_over",
    "no_diploma",
    "minimum_benefits",
    "job_seekers",
];

/// The grades of a commune's figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CommuneGrades {
    /// Fragility's people: the worst of the figures that it is made of.
    pub fragility: Grade,
    /// Exposure's people.
    pub exposure: Grade,
    /// Vulnerability's estimate: missing unless fragility and exposure are known.
    pub vulnerability: Grade,
    /// The marks of the figures that indicators are made of, by the dimension's key; the others stand with the series.
    pub dimensions: BTreeMap<String, Mark>,
}

/// How much of a territory's figure is counted, estimated, missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Communes whose figure is counted.
    pub counted_communes: u64,
    /// What they sum to.
    pub counted: f64,
    /// Communes whose figure is estimated.
    pub estimated_communes: u64,
    /// What they sum to.
    pub estimated: f64,
    /// Communes without the figure: the sum leaves them out.
    pub missing_communes: u64,
}

/// How well a territory's need is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TerritoryGrades {
    /// Inhabitants.
    pub population: Known,
    /// Fragility's people.
    pub fragility: Known,
    /// Exposure's people.
    pub exposure: Known,
    /// Vulnerability's estimate.
    pub vulnerability: Known,
}

impl CommuneGrades {
    /// The grades of a commune.
    pub fn of(code: &InseeCode, commune: &Commune, need: &Need, evidence: &Evidence) -> Self {
        let needs = &commune.needs;
        let grade = |dimension, figure| evidence.mark(code, dimension, known(figure)).grade;
        let worst = |figure: Option<f64>, grades: &[Grade]| {
            let worst = grades.iter().copied().max().unwrap_or_default();
            if figure.is_none() { Grade::Missing } else { worst.min(Grade::Estimated) }
        };
        let fragility = worst(
            need.fragility.people,
            &[
                grade("aged_65_or_over", needs.aged_65_or_over),
                grade("aged_15_or_over", needs.aged_15_or_over),
                grade("no_diploma", needs.no_diploma),
            ],
        );
        let detailed = [("rsa", needs.rsa), ("prime_activite", needs.prime_activite), ("aah", needs.aah)];
        let benefits = match known(needs.minimum_benefits) {
            Some(_) => grade("minimum_benefits", needs.minimum_benefits),
            None => detailed.iter().map(|(key, figure)| grade(key, *figure)).max().unwrap_or_default(),
        };
        let exposure = worst(need.exposure, &[benefits, grade("job_seekers", needs.job_seekers)]);
        let population = grade("population", commune.population);
        let vulnerability = worst(need.vulnerability.estimate, &[population, fragility, exposure]);
        let marks = evidence.communes.get(code).into_iter().flatten();
        let told = marks.filter(|(key, _)| TOLD.contains(&key.as_str()));
        let mut dimensions: BTreeMap<String, Mark> =
            told.map(|(key, mark)| (key.clone(), mark.clone())).collect();
        dimensions.entry("population".to_owned()).or_insert_with(|| Mark::plain(known(commune.population)));
        Self { fragility, exposure, vulnerability, dimensions }
    }

    fn population(&self) -> Grade {
        self.dimensions.get("population").map(|mark| mark.grade).unwrap_or_default()
    }
}

impl Known {
    /// Takes a commune's figure in.
    fn take(&mut self, grade: Grade, figure: Option<f64>) {
        match (grade, figure) {
            (Grade::Counted, Some(figure)) => {
                self.counted_communes += 1;
                self.counted += figure;
            }
            (Grade::Estimated, Some(figure)) => {
                self.estimated_communes += 1;
                self.estimated += figure;
            }
            (Grade::Missing, _) | (_, None) => self.missing_communes += 1,
        }
    }
}

impl TerritoryGrades {
    /// How well need is known, from the communes in their order: grades, inhabitants, need.
    pub fn total<'a>(communes: impl Iterator<Item = (&'a CommuneGrades, Option<f64>, &'a Need)>) -> Self {
        let mut total = Self::default();
        for (grades, population, need) in communes {
            total.population.take(grades.population(), population);
            total.fragility.take(grades.fragility, need.fragility.people);
            total.exposure.take(grades.exposure, need.exposure);
            total.vulnerability.take(grades.vulnerability, need.vulnerability.estimate);
        }
        total
    }
}

#[cfg(test)]
mod tests;
