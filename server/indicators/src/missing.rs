//! What a territory's figures lack: how many communes each of them leaves out, so that a hole in the statistics is seen.

use serde::{Deserialize, Serialize};

/// How many communes lack a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// A point: they are in no coverage and no gap.
    pub position: u64,
    /// Inhabitants.
    pub population: u64,
    /// Fragility's people.
    pub fragility: u64,
    /// Exposure's people.
    pub exposure: u64,
    /// Vulnerability's estimate.
    pub vulnerability: u64,
    /// People concerned by the portrait's basis: they are in no gap.
    pub concerned: u64,
}
