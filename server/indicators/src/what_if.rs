//! What if there were a *permanence* of so many hours here: every indicator as it would be, the directory untouched.
//!
//! A permanence is a structure with one service at its commune's point, so that it counts as a real one would.

use portrea_protocol::ids::{InseeCode, RecordId};
use serde::{Deserialize, Serialize};

use crate::delta::Delta;
use crate::fixed::{CentiHours, WEEKLY_HOURS_MAX};
use crate::portrait::TerritoryPortrait;
use crate::resource::{Family, Resource, Service};
use crate::survey::Survey;

/// The most permanences that are tried at once.
pub const PERMANENCES_MAX: usize = 100;

/// A permanence that is thought of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Permanence {
    /// The INSEE code of its commune.
    #[cfg_attr(test, ts(type = "string"))]
    pub commune: InseeCode,
    /// What it gives.
    pub family: Family,
    /// Hours a week of e-administrative help.
    pub hours: f64,
}

/// A plan that was kept to be compared with others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it consists of.
    pub permanences: Vec<Permanence>,
    /// When it was kept (RFC 3339).
    pub created_at: String,
    /// Who kept it, by name.
    pub by: String,
}

/// What permanences would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct WhatIf {
    /// What was tried.
    pub permanences: Vec<Permanence>,
    /// The territory as it is.
    pub before: TerritoryPortrait,
    /// The territory as it would be.
    pub after: TerritoryPortrait,
    /// Every figure that would change, the territory's first.
    pub deltas: Vec<Delta>,
}

/// Why permanences cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untried {
    /// There is none, or more than [`PERMANENCES_MAX`].
    Number,
    /// The territory does not list the commune.
    Commune(InseeCode),
    /// The commune has no point, so that nobody knows whom a permanence there would reach.
    Unplaced(InseeCode),
    /// The hours are not above 0, or above what a week holds for any service.
    Hours,
}

impl Survey {
    /// Every indicator with these permanences beside the structures.
    pub fn what_if(&self, permanences: &[Permanence]) -> Result<WhatIf, Untried> {
        if permanences.is_empty() || permanences.len() > PERMANENCES_MAX {
            return Err(Untried::Number);
        }
        let mut engine = self.engine().clone();
        let before = engine.territory();
        for (number, permanence) in permanences.iter().enumerate() {
            let view = self.view(permanence)?;
            engine.set(&RecordId::from(format!("permanence {number}")), Some(view));
        }
        let deltas = engine.settle();
        Ok(WhatIf { permanences: permanences.to_vec(), before, after: engine.territory(), deltas })
    }

    fn view(&self, permanence: &Permanence) -> Result<Resource, Untried> {
        let Permanence { commune, family, hours } = permanence;
        let ground = self.ground();
        let spot = ground.find(commune).and_then(|commune| ground.spots.get(commune));
        let spot = spot.ok_or_else(|| Untried::Commune(commune.clone()))?;
        if spot.position.is_none() {
            return Err(Untried::Unplaced(commune.clone()));
        }
        let positive = Some(*hours).filter(|hours| *hours > 0.0 && *hours <= WEEKLY_HOURS_MAX);
        let hours = positive.and_then(CentiHours::from_hours).ok_or(Untried::Hours)?;
        let service =
            Service { weekly_hours: Some(hours), weekly_eadmin_hours: Some(hours), ..Service::new(*family) };
        Ok(Resource { commune: Some(commune.clone()), services: vec![service], ..Resource::default() })
    }
}
