//! How well a figure is known: counted by a source, estimated by a formula, or missing; and in which words that is told.
//!
//! A grade goes with a figure from the files to the screen. It says how the figure came about, not how good it is: a
//! count may be old, an estimate may be close.

use std::collections::BTreeMap;

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

/// How a figure is known, the best first: of several figures, the last in this order grades what is made of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Grade {
    /// A source publishes it for this commune.
    Counted,
    /// A formula of the recipe gives it, from other figures.
    Estimated,
    /// Nobody gives it. It is never read as 0.
    #[default]
    Missing,
}

/// The grade of one figure, and where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Mark {
    /// How it is known.
    pub grade: Grade,
    /// The formula that gave it, by its key in its dimension; none where it is missing or no formula was asked.
    pub formula: Option<String>,
    /// The vintages of the series that it was made of, oldest first.
    pub vintages: Vec<u16>,
}

impl Mark {
    /// The mark of a figure that no recipe was asked for: counted where it is known.
    pub fn plain(figure: Option<f64>) -> Self {
        let grade = if figure.is_some() { Grade::Counted } else { Grade::Missing };
        Self { grade, ..Self::default() }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Words {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// A dimension as it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct DimensionWords {
    /// Its key: the name of a figure of the communes.
    pub key: String,
    /// What it counts.
    pub words: Words,
    /// Its formulas by key, in words; the recipe has their order.
    pub formulas: BTreeMap<String, Words>,
}

/// How the figures of a territory are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Evidence {
    /// The dimensions, in the recipe's order.
    pub dimensions: Vec<DimensionWords>,
    /// The marks of each commune, by the dimension's key.
    pub communes: BTreeMap<InseeCode, BTreeMap<String, Mark>>,
}

impl Evidence {
    /// The mark of a commune's figure; that of a plain figure where no recipe made it.
    pub fn mark(&self, commune: &InseeCode, dimension: &str, figure: Option<f64>) -> Mark {
        let marked = self.communes.get(commune).and_then(|marks| marks.get(dimension));
        marked.cloned().unwrap_or_else(|| Mark::plain(figure))
    }
}
