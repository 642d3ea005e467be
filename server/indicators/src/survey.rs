//! The indicators at one moment, taken away from the engine so that long questions hold up nobody.
//!
//! Small beside an engine: tallies, and where the services of each family stand; no structure. What is asked of it is
//! in [`crate::priority`], [`crate::siting`] and [`crate::what_if`].

use std::collections::BTreeSet;

use crate::engine::Engine;
use crate::ground::{Ground, Stand};
use crate::portrait::Portrait;
use crate::resource::{Family, PerFamily};
use crate::statistics::Options;

/// A territory's indicators at one moment.
#[derive(Debug, Clone)]
pub struct Survey {
    engine: Engine,
    /// Where the services of each family stand.
    stands: PerFamily<Vec<Stand>>,
}

impl Engine {
    /// The indicators as of the last edit.
    pub fn survey(&self) -> Survey {
        let mut stands = PerFamily::<Vec<Stand>>::default();
        for held in self.held().filter(|held| !held.view.archived) {
            let Some(stand) = held.place.stand else { continue };
            for family in Family::ALL {
                if held.view.services.iter().any(|service| service.family == family) {
                    stands.get_mut(family).push(stand);
                }
            }
        }
        Survey { engine: self.sketch(), stands }
    }
}

impl Survey {
    /// The portrait as of that moment.
    pub fn portrait(&self) -> Portrait {
        self.engine.portrait()
    }

    /// The options that are counted with.
    pub fn options(&self) -> &Options {
        &self.ground().options
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn ground(&self) -> &Ground {
        self.engine.ground()
    }

    /// Minutes from each commune, in the order of codes, to the nearest service of a family; nothing where the commune
    /// has no point or no service can be reached.
    pub(crate) fn nearest(&self, family: Family) -> Vec<Option<f64>> {
        let ground = self.ground();
        let mut seen = BTreeSet::new();
        let stands: Vec<&Stand> =
            self.stands.get(family).iter().filter(|stand| seen.insert(stand.key())).collect();
        let nearest = |spot| {
            stands.iter().fold(None, |best: Option<f64>, stand| {
                ground.minutes_within(spot, stand, best.unwrap_or(f64::INFINITY)).or(best)
            })
        };
        ground.spots.iter().map(nearest).collect()
    }
}
