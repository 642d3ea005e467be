//! The people concerned whom the reachable capacity does not serve: an unweighted two-step floating catchment.
//!
//! Step one, at each service: the people it can serve (its e-administrative hours a week × people served an hour a
//! week) over the people concerned within the longer travel time of it. Step two, at each commune: the sum of those
//! ratios over the services within that time is its *access*; 1 means that everybody can be served. The gap is
//! `concerned × max(0, 1 − access)`. What is conserved: Σ(access × concerned) over communes = Σ(served) over services
//! that reach somebody, within half a nano-unit a service and commune.
//!
//! Integers: ratios are nano-units, rounded service by service, so that a ratio that leaves is the ratio that entered. A service that does not say its hours adds nothing (the offer counts it as unknown). Weights by travel-time
//! band (E2SFCA, Luo & Qi 2009) will multiply the need in step one and the ratio in step two.

use serde::{Deserialize, Serialize};

use crate::fixed::{self, CentiHours, MilliPeople, NANO};
use crate::ground::{Ground, Place, Spot, Yield};
use crate::resource::{PerFamily, Resource};

/// The gap of a commune for one family; missing without a point or without a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CommuneGap {
    /// People concerned beyond what the accessible capacity serves.
    pub people: Option<f64>,
    /// Capacity within reach per person concerned, in people served: 0 nobody, 1 everybody, more is slack. Missing only
    /// without a point.
    pub access: Option<f64>,
}

/// The gap of the territory for one family, over the communes that have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TerritoryGap {
    /// The sum of the communes' gaps, in people.
    pub people: Option<f64>,
    /// Over the people concerned in the same communes, from 0 to 1.
    pub share: Option<f64>,
}

/// Access, the same for every family until a structure enters.
pub(crate) type Access = PerFamily<i128>;

/// A service's ratio of people served to people concerned in its catchment, in nano-units, rounded to the nearest.
/// Where nobody is concerned, nobody is left out, and the ratio is 0.
pub(crate) fn ratio(hours: CentiHours, per_hour: Yield, need: i64) -> i128 {
    if need <= 0 {
        return 0;
    }
    // Hundredths of an hour × thousandths of a person = a hundred times thousandths of a person.
    let people = 100 * i128::from(need);
    (i128::from(hours.centi()) * i128::from(per_hour.milli()) * NANO + people / 2) / people
}

/// What a structure adds to the access of each commune it reaches, family by family.
pub(crate) fn ratios(resource: &Resource, place: &Place, per_hour: Yield) -> Access {
    let mut access = Access::default();
    for service in &resource.services {
        if let Some(hours) = service.weekly_eadmin_hours {
            *access.get_mut(service.family) += ratio(hours, per_hour, place.need);
        }
    }
    access
}

/// A commune's gap in thousandths of a person, 0 where nothing is known: what the territory sums.
pub(crate) fn left_out(spot: &Spot, access: i128) -> i64 {
    let (Some(_), Some(concerned)) = (spot.position, spot.concerned) else { return 0 };
    let concerned = i128::from(MilliPeople::milli(concerned));
    i64::try_from((concerned * (NANO - access).max(0) + NANO / 2) / NANO)
        .expect("a gap is at most the people concerned")
}

/// The gap of a commune as it is shown.
pub(crate) fn shown_commune(spot: &Spot, access: &Access) -> PerFamily<CommuneGap> {
    PerFamily::from_fn(|family| {
        let access = *access.get(family);
        CommuneGap {
            people: spot.position.and(spot.concerned).map(|_| fixed::people(left_out(spot, access))),
            access: spot.position.map(|_| fixed::ratio(access)),
        }
    })
}

/// The gap of the territory as it is shown.
pub(crate) fn shown_territory(left_out: &PerFamily<i64>, ground: &Ground) -> PerFamily<TerritoryGap> {
    let some = ground.spots.iter().any(|spot| spot.position.is_some() && spot.concerned.is_some());
    PerFamily::from_fn(|family| {
        let people = *left_out.get(family);
        TerritoryGap {
            people: some.then(|| fixed::people(people)),
            share: fixed::share(people, ground.placed_concerned),
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::Options;

    #[test]
    fn a_ratio_is_people_served_over_people_concerned() {
        let per_hour = Yield::of(&Options::default());
        for (hours, need, nano) in [
            (1.0, 23_000, NANO),
            (2.0, 23_000, 2 * NANO),
            (1.0, 46_000, NANO / 2),
            (0.0, 46_000, 0),
            (1.0, 0, 0),
            (1.0, 69_000, 333_333_333),
            (2.0, 69_000, 666_666_667),
            (10_000.0, 1, 230_000_000 * NANO),
        ] {
            assert_eq!(
                ratio(CentiHours::from_hours(hours).unwrap(), per_hour, need),
                nano,
                "{hours} h, {need}"
            );
        }
    }
}
