//! What the server knows of a territory beside its document: its name, communes and figures. Kept as one row.

use portrea_indicators::recipe::Recipe;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::exchange::needs::holdings::Holdings;
use crate::exchange::needs::recipes;
use crate::exchange::statistics::statistics;
use crate::exchange::territory_file::CommuneShape;
use crate::store::{Row, StoreError, Table};

/// A territory's description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The territory.
    pub id: TerritoryId,
    /// What it is called.
    pub name: String,
    /// The code of its EPCI, or "" when its communes belong to several.
    pub code: String,
    /// When it was made, by the server's clock.
    pub created_at: UnixMillis,
    /// Its communes with their contours.
    pub shapes: Vec<CommuneShape>,
    /// The communes' figures.
    pub statistics: Statistics,
    /// The series and the recipe that they were put together from; none where an earlier version kept figures alone.
    #[serde(default)]
    pub needs: Option<Holdings>,
}

impl Description {
    /// What the territory has of statistics.
    pub fn holdings(&self) -> Holdings {
        self.needs.clone().unwrap_or_else(|| Holdings::of_statistics(&self.statistics))
    }

    /// The recipe in force: the territory's own, or the default one.
    pub fn recipe(&self) -> Recipe {
        let own = self.needs.as_ref().and_then(|needs| needs.recipe.as_ref());
        // It was checked when it came; one that an earlier version took and this one does not gives way.
        own.and_then(|text| recipes::read(text).ok()).unwrap_or_else(recipes::default)
    }

    /// The description with its figures put together anew. Options that the recipe does not say stay.
    #[must_use]
    pub fn recomputed(mut self) -> Self {
        let (recipe, options) = (self.recipe(), self.statistics.options.clone());
        let fresh = statistics(&self.shapes, &self.holdings(), &recipe);
        self.statistics = Statistics { options: recipe.options.unwrap_or(options), ..fresh };
        self
    }

    /// The row to be kept.
    pub fn row(&self) -> Row {
        let value = serde_json::to_vec(self).expect("a description has a JSON form");
        Row { table: Table::Territory, key: self.id.0.as_bytes().to_vec(), value: Some(value) }
    }

    /// Reads a kept row.
    pub fn read(value: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(value).map_err(|error| {
            StoreError::Damaged(format!("a territory's description cannot be read: {error}"))
        })
    }
}
