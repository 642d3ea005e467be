//! What the server knows of a territory beside its document: its name, communes and figures. Kept as one row.

use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

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
}

impl Description {
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
