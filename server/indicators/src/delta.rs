//! What changed in a portrait, figure by figure.
//!
//! A delta is a replacement, not a difference: it says the figure before and after, so that whoever holds a figure can
//! check it and whoever holds none can start. Applied in order to an older portrait's figures, deltas give the newer
//! one's, to the last bit. A figure that appears comes from nothing; one that disappears becomes nothing.

use std::collections::BTreeMap;

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use crate::portrait::Path;

/// One figure that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Delta {
    /// The commune; nothing for the territory.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub commune: Option<InseeCode>,
    /// The figure's path in the portrait's JSON (`offer.assist.weeklyEadminHours`).
    pub indicator: String,
    /// Its value before, `true` as 1 and `false` as 0; nothing for a missing figure.
    pub before: Option<f64>,
    /// Its value after.
    pub after: Option<f64>,
}

/// Adds to `deltas` what changed between two portraits of one place under the same statistics: the same figures in the
/// same order.
pub(crate) fn compare_alike(
    commune: Option<&InseeCode>,
    before: &[(Path, Option<f64>)],
    after: &[(Path, Option<f64>)],
    deltas: &mut Vec<Delta>,
) {
    debug_assert!(before.len() == after.len(), "portraits of one place have the same figures");
    // Most figures of a touched commune stay as they were.
    for ((path, before), (_, after)) in before.iter().zip(after).filter(|(before, after)| before.1 != after.1)
    {
        push(commune, *path, *before, *after, deltas);
    }
}

/// Adds to `deltas` what changed between two portraits of one place whose figures may differ: a commune that came or
/// went, or thresholds that gave figures other names.
pub(crate) fn compare(
    commune: Option<&InseeCode>,
    before: &[(Path, Option<f64>)],
    after: &[(Path, Option<f64>)],
    deltas: &mut Vec<Delta>,
) {
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (before.iter().copied().collect(), after.iter().copied().collect());
    for (path, value) in before {
        push(commune, *path, *value, new.get(path).copied().flatten(), deltas);
    }
    for (path, value) in after.iter().filter(|(path, _)| !old.contains_key(path)) {
        push(commune, *path, None, *value, deltas);
    }
}

fn push(
    commune: Option<&InseeCode>,
    path: Path,
    before: Option<f64>,
    after: Option<f64>,
    deltas: &mut Vec<Delta>,
) {
    if before != after {
        deltas.push(Delta { commune: commune.cloned(), indicator: path.to_string(), before, after });
    }
}
