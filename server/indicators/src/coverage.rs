//! Who is near a service: a commune within 15 and within 30 minutes of one, and the share of the territory that is.
//!
//! A commune stands at its town hall's point; a structure at its own valid point, else at its commune's. A commune
//! without a point is neither covered nor not: it is unknown, left out of the shares, and counted as missing. Any
//! service counts, whatever its capacity: how much it can give is the gap's question.
//!
//! Counters of services, commune by family by threshold; when one leaves 0 or comes back to it, the commune's people
//! join or leave the covered ones. Integers, so that nothing drifts.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::fixed::{self, MilliPeople};
use crate::ground::{Ground, Spot};
use crate::resource::{Family, PerFamily};

/// One value a family, and one for any family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Coverage<T> {
    /// By family.
    #[serde(flatten)]
    pub families: PerFamily<T>,
    /// By a service of any family.
    pub any: T,
}

/// One value for each travel time; in JSON, an object keyed `within15`, `within30`, by the thresholds in force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Within<T> {
    /// The two thresholds, in minutes.
    pub minutes: [u32; 2],
    /// Within the shorter.
    pub near: T,
    /// Within the longer.
    pub far: T,
}

/// How much of the territory is within a travel time of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Covered {
    /// Communes covered.
    pub communes: u64,
    /// Share of the inhabitants, from 0 to 1, of the communes with a point and the figure.
    pub population: Option<f64>,
    /// Share of the people concerned, from 0 to 1, of the communes with a point and the figure.
    pub concerned: Option<f64>,
}

impl<T> Coverage<T> {
    /// The value of a family, or for none, of any.
    pub fn get(&self, family: Option<Family>) -> &T {
        family.map_or(&self.any, |family| self.families.get(family))
    }

    /// Computes each family's value, then that of any.
    pub fn from_fn(mut value: impl FnMut(Option<Family>) -> T) -> Self {
        Self { families: PerFamily::from_fn(|family| value(Some(family))), any: value(None) }
    }

    fn get_mut(&mut self, family: Option<Family>) -> &mut T {
        match family {
            Some(family) => self.families.get_mut(family),
            None => &mut self.any,
        }
    }
}

impl<T: Serialize> Serialize for Within<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [near, far] = self.minutes;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(&format!("within{near}"), &self.near)?;
        map.serialize_entry(&format!("within{far}"), &self.far)?;
        map.end()
    }
}

/// Services within the two travel times of one commune.
pub(crate) type CommuneTally = Coverage<Bands<i64>>;

/// People within the two travel times of a service.
pub(crate) type TerritoryTally = Coverage<Bands<CoveredTally>>;

/// One value for each threshold, as integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bands<T> {
    near: T,
    far: T,
}

/// What is covered, as integers; people in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CoveredTally {
    communes: i64,
    population: i64,
    concerned: i64,
}

/// Lets `services` of a family (or of any) come within reach of a commune, or, negative, leave it.
pub(crate) fn step(
    commune: &mut CommuneTally,
    territory: &mut TerritoryTally,
    spot: &Spot,
    family: Option<Family>,
    near: bool,
    services: i64,
) {
    let (counts, covered) = (commune.get_mut(family), territory.get_mut(family));
    covered.far.turn(spot, crossing(&mut counts.far, services));
    if near {
        covered.near.turn(spot, crossing(&mut counts.near, services));
    }
}

/// Changes a counter; 1 if it left 0, −1 if it came back to it, else 0.
fn crossing(counter: &mut i64, services: i64) -> i64 {
    let before = *counter > 0;
    *counter += services;
    i64::from(*counter > 0) - i64::from(before)
}

impl CoveredTally {
    fn turn(&mut self, spot: &Spot, sign: i64) {
        self.communes += sign;
        self.population += sign * spot.inhabitants.map_or(0, MilliPeople::milli);
        self.concerned += sign * spot.concerned.map_or(0, MilliPeople::milli);
    }

    fn shown(self, ground: &Ground) -> Covered {
        Covered {
            communes: fixed::count(self.communes),
            population: fixed::share(self.population, ground.placed_population),
            concerned: fixed::share(self.concerned, ground.placed_concerned),
        }
    }
}

/// The coverage of a commune as it is shown.
pub(crate) fn shown_commune(
    tally: &CommuneTally,
    spot: &Spot,
    ground: &Ground,
) -> Coverage<Within<Option<bool>>> {
    let shown = |services: i64| spot.position.map(|_| services > 0);
    Coverage::from_fn(|family| {
        let counts = tally.get(family);
        Within {
            minutes: ground.options.thresholds_minutes,
            near: shown(counts.near),
            far: shown(counts.far),
        }
    })
}

/// The coverage of the territory as it is shown.
pub(crate) fn shown_territory(tally: &TerritoryTally, ground: &Ground) -> Coverage<Within<Covered>> {
    Coverage::from_fn(|family| {
        let covered = tally.get(family);
        Within {
            minutes: ground.options.thresholds_minutes,
            near: covered.near.shown(ground),
            far: covered.far.shown(ground),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commune_turns_when_its_counter_leaves_zero_or_returns() {
        let mut counter = 0;
        for (services, sign, after) in [(2, 1, 2), (1, 0, 3), (-2, 0, 1), (0, 0, 1), (-1, -1, 0), (0, 0, 0)] {
            assert_eq!(crossing(&mut counter, services), sign, "{services}");
            assert_eq!(counter, after);
        }
    }

    #[test]
    fn thresholds_name_their_keys() {
        let within = Within { minutes: [10, 20], near: Some(true), far: None };
        let coverage = Coverage { families: PerFamily::from_fn(|_| 0), any: 1 };
        assert_eq!(
            serde_json::to_string(&within).ok().as_deref(),
            Some(r#"{"within10":true,"within20":null}"#)
        );
        assert_eq!(
            serde_json::to_string(&coverage).ok().as_deref(),
            Some(r#"{"inform":0,"equip":0,"assist":0,"train":0,"repair":0,"any":1}"#)
        );
    }
}
