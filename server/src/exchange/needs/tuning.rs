//! What a territory tunes in its recipe without writing TOML: thresholds, capacities, weights.
//!
//! Pure: a recipe's text in, another out, in which everything else, comments included, stays as it was written.

use std::collections::BTreeMap;

use portrea_indicators::statistics::Options;
use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, Item, Table, value};

/// What is tuned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tuning {
    /// Thresholds, bands, capacities, the weights of the ranking.
    pub options: Options,
    /// The share of a dimension that counts as concerned, from 0 to 1, by its key; those left out stay.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
}

/// Why a recipe is not tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.said())]
pub enum Untuned {
    /// The recipe is no TOML any more.
    Recipe,
    /// Travel times that are no two, or not in order.
    Thresholds,
    /// Bands that are none.
    Bands,
    /// A capacity out of bounds.
    Capacity,
    /// A detour out of bounds.
    Detour,
    /// A speed out of bounds.
    Speed,
    /// A weight of the ranking out of bounds.
    Priority,
    /// A dimension that the recipe does not have.
    Dimension,
    /// A weight of a dimension out of bounds.
    Weight,
}

impl Untuned {
    /// What the tuning must be instead.
    pub fn said(self) -> &'static str {
        match self {
            Self::Recipe => "the recipe in force cannot be read",
            Self::Thresholds => {
                "`thresholdsMinutes` takes two travel times in minutes, the shorter first, up to a day"
            }
            Self::Bands => {
                "`bands` takes 1 to 12 bands, each farther than the one before, with weights above 0 and up to 1"
            }
            Self::Capacity => "`peopleServedPerWeeklyHour` takes a number from 0.001 to 10,000",
            Self::Detour => "`detourFactor` takes a number from 1 to 10",
            Self::Speed => "`speedKmh` takes a number from 1 to 300",
            Self::Priority => "`priority` takes weights from 0 to 100",
            Self::Dimension => "`weights` names a dimension that the recipe does not have",
            Self::Weight => "`weights` takes numbers from 0 to 1",
        }
    }
}

impl Tuning {
    /// The first thing that the engine would not count with.
    pub fn check(&self) -> Result<(), Untuned> {
        let (asked, sane) = (&self.options, self.options.sane());
        let holds = |counts: bool, fault: Untuned| if counts { Ok(()) } else { Err(fault) };
        holds(asked.thresholds_minutes == sane.thresholds_minutes, Untuned::Thresholds)?;
        holds(asked.bands == sane.bands, Untuned::Bands)?;
        let alike = |one: f64, other: f64| one.to_bits() == other.to_bits();
        let served = |options: &Options| options.people_served_per_weekly_hour;
        holds(alike(served(asked), served(&sane)), Untuned::Capacity)?;
        holds(alike(asked.detour_factor, sane.detour_factor), Untuned::Detour)?;
        holds(alike(asked.speed_kmh, sane.speed_kmh), Untuned::Speed)?;
        holds(asked.priority == sane.priority, Untuned::Priority)?;
        holds(self.weights.values().all(|weight| (0.0..=1.0).contains(weight)), Untuned::Weight)
    }

    /// The recipe with this tuning written into it.
    pub fn written_into(&self, recipe: &str) -> Result<String, Untuned> {
        self.check()?;
        let mut document = parsed(recipe)?;
        let options = toml::to_string(&self.options).map_err(|_| Untuned::Recipe)?;
        let options = parsed(&options)?.into_table();
        document.insert("options", Item::Table(options));
        for (key, weight) in &self.weights {
            let dimension = dimension(&mut document, key).ok_or(Untuned::Dimension)?;
            if weight.to_bits() == 1.0_f64.to_bits() {
                dimension.remove("weight");
            } else {
                dimension.insert("weight", value(*weight));
            }
        }
        Ok(document.to_string())
    }
}

/// The recipe without any tuning: its options and the weights of its dimensions are the default ones.
pub fn untuned(recipe: &str) -> Result<String, Untuned> {
    let mut document = parsed(recipe)?;
    document.remove("options");
    let dimensions = document.get_mut("dimension").and_then(Item::as_array_of_tables_mut);
    for dimension in dimensions.into_iter().flat_map(|all| all.iter_mut()) {
        dimension.remove("weight");
    }
    Ok(document.to_string())
}

fn parsed(text: &str) -> Result<DocumentMut, Untuned> {
    text.parse().map_err(|_| Untuned::Recipe)
}

fn dimension<'a>(document: &'a mut DocumentMut, key: &str) -> Option<&'a mut Table> {
    let mut dimensions = document.get_mut("dimension")?.as_array_of_tables_mut()?.iter_mut();
    dimensions.find(|table| table.get("key").and_then(Item::as_str) == Some(key))
}

#[cfg(test)]
mod tests {
    use portrea_indicators::statistics::{Band, Weights};

    use super::*;
    use crate::exchange::needs::recipes;

    fn tuning() -> Tuning {
        Tuning {
            options: Options {
                thresholds_minutes: [10, 25],
                bands: vec![Band { minutes: 25, weight: 0.5 }],
                people_served_per_weekly_hour: 12.5,
                priority: Weights { assist: 2.0, ..Weights::default() },
                ..Options::default()
            },
            weights: [("no_diploma".to_owned(), 0.5)].into(),
        }
    }

    /// Goal: what is tuned is in force, everything else stays as it was written, and taking it back leaves the recipe as
    /// it was to the letter. Method: the default recipe.
    #[test]
    fn a_recipe_is_tuned_and_its_words_stay() {
        let text = tuning().written_into(recipes::DEFAULT).expect("written");
        let (before, after) = (recipes::default(), recipes::read(&text).expect("a recipe"));
        assert_eq!(after.options, Some(tuning().options));
        for (one, other) in before.dimensions.iter().zip(&after.dimensions) {
            let weight = if one.key == "no_diploma" { 0.5 } else { one.weight };
            assert_eq!((&one.formulas, weight), (&other.formulas, other.weight), "{}", one.key);
        }
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&text), comments(recipes::DEFAULT));
        let again = Tuning { weights: [("no_diploma".to_owned(), 1.0)].into(), ..tuning() };
        let again = again.written_into(&text).expect("written twice");
        assert!(recipes::read(&again).expect("a recipe").dimensions.iter().all(|one| one.weight >= 1.0));
        assert_eq!(untuned(&text).expect("taken back"), recipes::DEFAULT);
        assert_eq!(untuned(recipes::DEFAULT).expect("nothing to take back"), recipes::DEFAULT);
    }

    /// Goal: what the engine would not count with is refused and told. Method: one fault each.
    #[test]
    fn impossible_tunings_are_refused() {
        type Fault = (fn(&mut Tuning), Untuned);
        let faults: [Fault; 10] = [
            (|it| it.options.thresholds_minutes = [30, 15], Untuned::Thresholds),
            (|it| it.options.thresholds_minutes = [0, 15], Untuned::Thresholds),
            (|it| it.options.bands.clear(), Untuned::Bands),
            (|it| it.options.bands = vec![Band { minutes: 15, weight: 1.5 }], Untuned::Bands),
            (|it| it.options.people_served_per_weekly_hour = 0.0, Untuned::Capacity),
            (|it| it.options.detour_factor = 0.9, Untuned::Detour),
            (|it| it.options.speed_kmh = f64::NAN, Untuned::Speed),
            (|it| it.options.priority.repair = -1.0, Untuned::Priority),
            (|it| it.weights.extend([("no_diploma".to_owned(), 1.1)]), Untuned::Weight),
            (|it| it.weights.extend([("nobody".to_owned(), 0.5)]), Untuned::Dimension),
        ];
        for (spoil, fault) in faults {
            let mut tuning = tuning();
            spoil(&mut tuning);
            assert_eq!(tuning.written_into(recipes::DEFAULT), Err(fault));
        }
        assert_eq!(tuning().written_into("dimension = ["), Err(Untuned::Recipe));
    }
}
