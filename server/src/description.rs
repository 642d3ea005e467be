//! What the server knows of a territory beside its document: its name, communes and figures. Kept as two rows: the series
//! that figures are put together from are large, and read by whoever asks for them alone.

use std::collections::BTreeMap;
use std::mem;

use portrea_indicators::recipe::Recipe;
use portrea_indicators::series::Series;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{InseeCode, TerritoryId};
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
    /// Whether its totals may be laid beside those of the server's other territories.
    #[serde(default)]
    pub comparable: bool,
}

/// What is large of a territory's statistics and seldom read, in a row of its own.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Shelved {
    series: Vec<Series>,
    weights: BTreeMap<InseeCode, f64>,
}

impl Description {
    /// What the territory has of statistics; of a whole description.
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

    /// The rows to be kept: the description, and its series beside it. Only of a whole description, or series are lost.
    pub fn rows(&self) -> Vec<Row> {
        let mut own = self.clone();
        let shelved = own.needs.as_mut().map(|needs| Shelved {
            series: mem::take(&mut needs.series),
            weights: mem::take(&mut needs.weights),
        });
        let row = |table, value| Row { table, key: self.id.0.as_bytes().to_vec(), value: Some(value) };
        let own = serde_json::to_vec(&own).expect("a description has a JSON form");
        let shelved = serde_json::to_vec(&shelved.unwrap_or_default()).expect("series have a JSON form");
        vec![row(Table::Territory, own), row(Table::Series, shelved)]
    }

    /// The description with its series, as their row has them; an earlier version kept them in the description.
    pub fn whole(mut self, series: Option<&[u8]>) -> Result<Self, StoreError> {
        let (Some(needs), Some(row)) = (self.needs.as_mut().filter(|needs| needs.series.is_empty()), series)
        else {
            return Ok(self);
        };
        let Shelved { series, weights } = serde_json::from_slice(row)
            .map_err(|error| StoreError::Damaged(format!("a territory's series cannot be read: {error}")))?;
        (needs.series, needs.weights) = (series, weights);
        Ok(self)
    }

    /// Reads a kept row.
    pub fn read(value: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(value).map_err(|error| {
            StoreError::Damaged(format!("a territory's description cannot be read: {error}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;

    /// Goal: series go into a row of their own and come back; a row that an earlier version kept is read as it is. Method:
    /// the demonstration's, written both ways.
    #[test]
    fn series_are_shelved_and_found_again() {
        let shapes = demo::territory().communes;
        let (statistics, holdings) = demo::figures(&shapes);
        let description = Description {
            id: TerritoryId(uuid::Uuid::nil()),
            name: "Ici".to_owned(),
            code: String::new(),
            created_at: UnixMillis(0),
            shapes,
            statistics,
            needs: Some(holdings),
            comparable: false,
        };
        let rows = description.rows();
        let value = |table| {
            rows.iter().find(|row| row.table == table).and_then(|row| row.value.clone()).expect("a row")
        };
        let (own, series) = (value(Table::Territory), value(Table::Series));
        let read = Description::read(&own).expect("read");
        assert_eq!(read.needs.as_ref().map(|needs| needs.series.len()), Some(0));
        assert_eq!(read.recipe(), description.recipe());
        let earlier = serde_json::to_vec(&description).expect("written");
        let earlier = Description::read(&earlier).expect("read").whole(None).expect("read");
        assert!(earlier.needs.as_ref().is_some_and(|needs| needs.series.len() > 10));
        assert!(read.whole(Some(&series)).expect("read") == earlier, "both ways keep the same");
        assert!(Description::read(&own).expect("read").whole(Some(b"{")).is_err());
    }
}
