//! What is told of a territory's statistics: what files gave, what it has, how its figures are known.

use std::collections::BTreeMap;

use portrea_indicators::grade::{Grade, Mark, Words};
use portrea_indicators::recipe::Recipe;
use portrea_indicators::recipe::evaluate::Figures as Evaluated;
use portrea_indicators::series::{Covers, Level, Source, Unit, find};
use portrea_indicators::statistics::Options;
use portrea_protocol::ids::{InseeCode, TerritoryId};
use serde::{Deserialize, Serialize};

use super::found::Found;
use crate::description::Description;
use crate::exchange::needs::fit::FileReport;
use crate::exchange::needs::recipes;
use crate::exchange::statistics::figures;

/// Files of statistics that were taken in, or would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Where.
    pub territory: TerritoryId,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// Communes that have figures now.
    pub communes: usize,
    /// Communes of the territory that have none.
    pub without: usize,
    /// Where the figures come from.
    pub sources: Vec<String>,
    /// Whether some say that they were made up.
    pub invented: bool,
    /// What each file gave.
    pub files: Vec<FileReport>,
    /// How each dimension is known now.
    pub dimensions: Vec<DimensionShown>,
    /// What was odd in the files.
    pub findings: Vec<Found>,
}

/// A dimension, and in how many communes it is known how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DimensionShown {
    /// Its key.
    pub key: String,
    /// What it counts.
    pub words: Words,
    /// What it is a number of.
    pub unit: Unit,
    /// The ways to it, in the recipe's order.
    pub formulas: Vec<FormulaShown>,
    /// Communes whose figure is counted.
    pub counted: usize,
    /// Communes whose figure is estimated.
    pub estimated: usize,
    /// Communes without it.
    pub missing: usize,
}

/// A formula, and how many communes' figures it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormulaShown {
    /// Its key in the dimension.
    pub key: String,
    /// What is told of it.
    pub words: Words,
    /// Communes whose figure it gives.
    pub communes: usize,
}

/// What a territory has of statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NeedsShown {
    /// Where.
    pub territory: TerritoryId,
    /// Where the figures come from.
    pub sources: Vec<String>,
    /// Whether some say that they were made up.
    pub invented: bool,
    /// Whether the recipe is the territory's own.
    pub own_recipe: bool,
    /// Its series, the latest import last.
    pub series: Vec<SeriesShown>,
    /// Its dimensions, in the recipe's order.
    pub dimensions: Vec<DimensionShown>,
    /// Each commune's figures and how they are known, by the dimension's key.
    pub communes: BTreeMap<InseeCode, BTreeMap<String, FigureShown>>,
}

/// A series of a territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesShown {
    /// Its key.
    pub key: String,
    /// What it is.
    pub words: Words,
    /// Its unit.
    pub unit: Unit,
    /// What the file's rows were.
    pub level: Level,
    /// Its vintage.
    pub vintage: Option<u16>,
    /// Where it comes from.
    pub source: Source,
    /// How many of the communes it covers.
    pub covers: Covers,
}

/// A figure and its mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FigureShown {
    /// The figure.
    pub value: Option<f64>,
    /// How it is known.
    #[serde(flatten)]
    pub mark: Mark,
}

/// A territory's recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecipeShown {
    /// Where.
    pub territory: TerritoryId,
    /// Whether it is the territory's own.
    pub own: bool,
    /// The recipe, in TOML.
    pub text: String,
    /// How each dimension is known with it.
    pub dimensions: Vec<DimensionShown>,
}

/// What a territory tunes in its recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TuningShown {
    /// Whether the recipe is the territory's own.
    pub own: bool,
    /// The options in force.
    pub options: Options,
    /// The options where nothing is tuned.
    pub defaults: Options,
    /// The weight of each dimension, in the recipe's order; 1 where nothing is tuned.
    pub weights: Vec<WeightShown>,
}

/// The weight of a dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WeightShown {
    /// The dimension's key.
    pub key: String,
    /// What it counts.
    pub words: Words,
    /// The share of it that counts as concerned, from 0 to 1.
    pub weight: f64,
}

impl TuningShown {
    /// What a territory tunes. Its series are not needed.
    pub(super) fn of(description: &Description) -> Self {
        let recipe = description.recipe();
        let weights = recipe.dimensions.iter().map(|dimension| WeightShown {
            key: dimension.key.clone(),
            words: Words { fr: dimension.fr.clone(), en: dimension.en.clone() },
            weight: dimension.weight,
        });
        Self {
            own: description.needs.as_ref().is_some_and(|needs| needs.recipe.is_some()),
            options: description.statistics.options.sane(),
            defaults: Options::default(),
            weights: weights.collect(),
        }
    }
}

/// How each dimension is known in these communes.
pub(super) fn dimensions(recipe: &Recipe, figures: &BTreeMap<InseeCode, Evaluated>) -> Vec<DimensionShown> {
    let each = recipe.dimensions.iter().map(|dimension| {
        let marks: Vec<&Mark> = figures
            .values()
            .filter_map(|figures| figures.get(&dimension.key))
            .map(|graded| &graded.mark)
            .collect();
        let count = |grade| marks.iter().filter(|mark| mark.grade == grade).count();
        let words = dimension.words();
        let formulas = dimension.formulas.iter().enumerate().map(|(index, formula)| {
            let key = portrea_indicators::recipe::Dimension::formula_key(index);
            FormulaShown {
                communes: marks.iter().filter(|mark| mark.formula.as_ref() == Some(&key)).count(),
                words: Words { fr: formula.fr.clone(), en: formula.en.clone() },
                key,
            }
        });
        DimensionShown {
            key: words.key,
            words: words.words,
            unit: dimension.unit,
            formulas: formulas.collect(),
            counted: count(Grade::Counted),
            estimated: count(Grade::Estimated),
            missing: count(Grade::Missing),
        }
    });
    each.collect()
}

impl NeedsShown {
    /// What a territory has.
    pub(super) fn of(description: &Description) -> Self {
        let holdings = description.holdings();
        let recipe = description.recipe();
        let figures = figures(&description.shapes, &holdings, &recipe);
        let codes = || description.shapes.iter().map(|shape| &shape.code);
        let series = holdings.series.iter().map(|series| {
            let (fr, en) = find(&series.key).map_or(("", ""), |known| (known.fr, known.en));
            SeriesShown {
                key: series.key.clone(),
                words: Words { fr: fr.to_owned(), en: en.to_owned() },
                unit: series.unit,
                level: series.level,
                vintage: series.vintage,
                source: series.source.clone(),
                covers: series.covers(codes()),
            }
        });
        Self {
            territory: description.id,
            sources: description.statistics.sources.clone(),
            invented: description.statistics.invented,
            own_recipe: holdings.recipe.is_some(),
            series: series.collect(),
            dimensions: dimensions(&recipe, &figures),
            communes: figures.into_iter().map(|(code, figures)| (code, shown(figures))).collect(),
        }
    }
}

fn shown(figures: Evaluated) -> BTreeMap<String, FigureShown> {
    let each = figures.into_iter();
    each.map(|(key, graded)| (key, FigureShown { value: graded.value, mark: graded.mark })).collect()
}

impl RecipeShown {
    /// A territory's recipe.
    pub(super) fn of(description: &Description) -> Self {
        let holdings = description.holdings();
        let recipe = description.recipe();
        let figures = figures(&description.shapes, &holdings, &recipe);
        Self {
            territory: description.id,
            own: holdings.recipe.is_some(),
            text: holdings.recipe.unwrap_or_else(|| recipes::DEFAULT.to_owned()),
            dimensions: dimensions(&recipe, &figures),
        }
    }
}
