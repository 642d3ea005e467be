//! The recipe: how each dimension of need is put together from series, as an ordered list of formulas.
//!
//! Nobody publishes every figure for every commune. For each dimension and commune the first formula that can be
//! computed is used: usually the count itself, else a rate times a population, else what is known of the communes
//! around. [`evaluate`] computes; here is what may be written. The language is small on purpose: series, sums,
//! products, quotients and shares, no script. Units are checked, so that a rate is not taken for people, and an index
//! never becomes any.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::grade::{DimensionWords, Words};
use crate::series::{Level, Unit, find};
use crate::statistics::Options;

pub mod evaluate;
mod units;

/// The most dimensions, formulas a dimension, and nested expressions that a recipe may have.
const DIMENSIONS_MAX: usize = 60;
const FORMULAS_MAX: usize = 20;
const DEPTH_MAX: usize = 8;

/// How the figures of a territory are put together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Thresholds and capacities; those of the territory stay where the recipe says nothing.
    #[serde(default)]
    pub options: Option<Options>,
    /// The dimensions; a formula may name dimensions above its own.
    #[serde(rename = "dimension")]
    pub dimensions: Vec<Dimension>,
}

/// A figure of the communes, and the ways to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Its key: a figure of the communes (`aged_65_or_over`), or a name of its own.
    pub key: String,
    /// What it counts, in French.
    pub fr: String,
    /// What it counts, in English.
    pub en: String,
    /// What it is a number of.
    pub unit: Unit,
    /// The share of it that counts as concerned, from 0 to 1; a share below 1 makes every figure an estimate.
    #[serde(default = "whole")]
    pub weight: f64,
    /// The ways to it, the best first.
    #[serde(rename = "formula")]
    pub formulas: Vec<Formula>,
}

fn whole() -> f64 {
    1.0
}

/// A way to a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// What is told of a figure that it gave, in French.
    pub fr: String,
    /// What is told of a figure that it gave, in English.
    pub en: String,
    /// What is computed.
    pub value: Expr,
    /// At least that much, whatever the value: here figures for a part of a commune are taken.
    #[serde(default)]
    pub at_least: Option<Expr>,
    /// Whether a figure is an estimate although it is a mere count: of something else.
    #[serde(default)]
    pub estimate: bool,
}

/// A series, by its key or with particulars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SeriesRef {
    /// The newest vintage that has the commune.
    Newest(String),
    /// One vintage, or the area that the commune is in.
    Of(Particular),
}

/// A series with particulars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Particular {
    /// The key.
    pub series: String,
    /// The vintage; the newest where none is said.
    #[serde(default)]
    pub vintage: Option<u16>,
    /// The rows: the commune's own, or its EPCI's or département's.
    #[serde(default)]
    pub level: Option<Level>,
}

impl SeriesRef {
    /// The key.
    pub fn key(&self) -> &str {
        match self {
            Self::Newest(key) => key,
            Self::Of(particular) => &particular.series,
        }
    }

    fn particulars(&self) -> (Option<u16>, Option<Level>) {
        match self {
            Self::Newest(_) => (None, None),
            Self::Of(particular) => (particular.vintage, particular.level),
        }
    }
}

/// What is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expr {
    /// A share or factor without a unit.
    Number(f64),
    /// A series.
    Series(SeriesRef),
    /// An operation.
    Operation(Box<Operation>),
}

/// An operation: one key and what it works on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A dimension above, for the same commune.
    Dimension(String),
    /// All of them added.
    Sum(Vec<Expr>),
    /// The first without the second.
    Difference(Expr, Expr),
    /// All of them multiplied; at most one has a unit.
    Product(Vec<Expr>),
    /// The first over the second.
    Quotient(Expr, Expr),
    /// A series in percent, as a share from 0 to 1.
    Percent(SeriesRef),
    /// What a series in percent leaves of 1.
    Rest(SeriesRef),
    /// A share over the communes around: the sum of one over the sum of another, in the communes that have both.
    Pooled(Pooled),
}

/// A share over the communes around.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pooled {
    /// The communes around.
    pub over: Area,
    /// What is above the line.
    pub of: Expr,
    /// What is below it.
    pub per: Expr,
}

/// Communes around a commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Those of its EPCI.
    Epci,
    /// Those of its département, beside the territory too where files have them.
    Departement,
    /// Those of the territory.
    Territory,
}

/// What is wrong with a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: the dimension and the formula's number, from 1.
    pub at: (String, Option<usize>),
    /// What, in both languages, without a full stop.
    pub what: Words,
}

impl Fault {
    fn new(dimension: &str, formula: Option<usize>, fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at: (dimension.to_owned(), formula), what: Words { fr: fr.into(), en: en.into() } }
    }
}

impl Dimension {
    /// A formula's key: its number, from 1.
    pub fn formula_key(index: usize) -> String {
        (index + 1).to_string()
    }

    /// The dimension as it is told.
    pub fn words(&self) -> DimensionWords {
        let words = |fr: &str, en: &str| Words { fr: fr.to_owned(), en: en.to_owned() };
        let formulas = self.formulas.iter().enumerate();
        DimensionWords {
            key: self.key.clone(),
            words: words(&self.fr, &self.en),
            formulas: formulas
                .map(|(index, formula)| (Self::formula_key(index), words(&formula.fr, &formula.en)))
                .collect(),
        }
    }
}

impl Recipe {
    /// The recipe with the formulas alone that count: what they do not give stays missing.
    #[must_use]
    pub fn counts(mut self) -> Self {
        for dimension in &mut self.dimensions {
            dimension
                .formulas
                .retain(|formula| !formula.estimate && formula.at_least.is_none() && formula.value.counts());
        }
        self
    }

    /// The first thing that is wrong with it: unknown names, units that do not fit, bounds.
    pub fn check(&self) -> Result<(), Fault> {
        if self.dimensions.len() > DIMENSIONS_MAX {
            let (fr, en) = ("trop de dimensions", "too many dimensions");
            return Err(Fault::new(
                "",
                None,
                format!("{fr} (au plus {DIMENSIONS_MAX})"),
                format!("{en} ({DIMENSIONS_MAX} at most)"),
            ));
        }
        let mut above: BTreeMap<&str, Unit> = BTreeMap::new();
        for dimension in &self.dimensions {
            let key = dimension.key.as_str();
            if above.contains_key(key) || key.is_empty() {
                return Err(Fault::new(
                    key,
                    None,
                    "la dimension est sans clé ou en double",
                    "the dimension has no key or comes twice",
                ));
            }
            if !(0.0..=1.0).contains(&dimension.weight) {
                return Err(Fault::new(
                    key,
                    None,
                    "le poids (weight) va de 0 à 1",
                    "the weight goes from 0 to 1",
                ));
            }
            if dimension.formulas.len() > FORMULAS_MAX {
                return Err(Fault::new(
                    key,
                    None,
                    format!("plus de {FORMULAS_MAX} formules"),
                    format!("more than {FORMULAS_MAX} formulas"),
                ));
            }
            for (index, formula) in dimension.formulas.iter().enumerate() {
                units::check(formula, dimension.unit, &above)
                    .map_err(|Words { fr, en }| Fault::new(key, Some(index + 1), fr, en))?;
            }
            above.insert(key, dimension.unit);
        }
        Ok(())
    }
}

impl Expr {
    /// Whether it reads counts as they are published: a series, or a sum of such.
    pub fn counts(&self) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Series(series) => {
                matches!(series.particulars().1, None | Some(Level::Commune | Level::Iris))
            }
            Self::Operation(operation) => match operation.as_ref() {
                Operation::Sum(parts) => parts.iter().all(Self::counts),
                Operation::Difference(whole, part) => whole.counts() && part.counts(),
                Operation::Dimension(_)
                | Operation::Product(_)
                | Operation::Quotient(..)
                | Operation::Percent(_)
                | Operation::Rest(_)
                | Operation::Pooled(_) => false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
