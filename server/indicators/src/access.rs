//! Accessibility: hours of help within reach per thousand people concerned, by the enhanced two-step floating catchment
//! area method (E2SFCA; Luo & Qi 2009, Health & Place 15(4), 1100–1107).
//!
//! Step one, at each service j: its weekly hours of e-administrative help over the people concerned around it, each
//! weighted by the band of travel time they live in: `Rⱼ = Hⱼ / Σₖ wₖⱼ Dₖ`. Step two, at each commune i: the sum of the
//! ratios of the services that it reaches, weighted in the same way: `Aᵢ = Σⱼ wᵢⱼ Rⱼ`. What is conserved: Σ Aᵢ Dᵢ over
//! communes = Σ Hⱼ over the services that reach somebody.
//!
//! A service that does not say its hours adds nothing (the offer counts it as unknown); one that reaches nobody
//! concerned adds nothing either.
//!
//! Integers: a ratio is rounded once, to the pico-hour a person, so that what leaves is what entered; with weights in
//! thousandths, access is an exact sum of femto-hours a person.

use serde::{Deserialize, Serialize};

use crate::fixed::{self, CentiHours, MilliPeople};
use crate::ground::{Ground, Place, Spot};
use crate::resource::{PerFamily, Resource};

/// One hour a person, in femto-hours.
pub(crate) const FEMTO: i128 = 1_000_000_000_000_000;

/// What a commune, or the territory, has within reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Accessibility {
    /// Weekly hours of e-administrative help per 1,000 people concerned. For the territory, the mean over the people
    /// concerned; for a commune, missing only without a point.
    pub hours_per_thousand: Option<f64>,
    /// The weekly hours that fall to the people concerned here: the share of each reached service's hours that its
    /// catchment gives them. Missing without a point or a figure.
    pub reached_hours: Option<f64>,
}

/// Femto-hours within reach of a person concerned, by family.
pub(crate) type Access = PerFamily<i128>;

/// A service's hours over the weighted people concerned around it (thousandths of a person × thousandths), in
/// pico-hours a person, rounded to the nearest; 0 where nobody is concerned.
pub(crate) fn ratio(hours: CentiHours, need: i128) -> i128 {
    if need <= 0 {
        return 0;
    }
    // Hundredths of an hour over millionths of a person are ten thousand hours a person.
    (i128::from(hours.centi()) * 10_000 * 1_000_000_000_000 + need / 2) / need
}

/// A structure's ratios, family by family; each commune it reaches gets them by its weight.
pub(crate) fn ratios(resource: &Resource, place: &Place) -> PerFamily<i128> {
    let mut ratios = PerFamily::<i128>::default();
    for service in &resource.services {
        if let Some(hours) = service.weekly_eadmin_hours {
            *ratios.get_mut(service.family) += ratio(hours, place.need);
        }
    }
    ratios
}

/// What falls to a commune's people concerned, in femto-hours × thousandths of a person; 0 where nothing is known.
pub(crate) fn reached(spot: &Spot, access: i128) -> i128 {
    let (Some(_), Some(concerned)) = (spot.position, spot.concerned) else { return 0 };
    access * i128::from(MilliPeople::milli(concerned))
}

/// The accessibility of a commune as it is shown.
pub(crate) fn shown_commune(spot: &Spot, access: &Access) -> PerFamily<Accessibility> {
    PerFamily::from_fn(|family| {
        let access = *access.get(family);
        Accessibility {
            hours_per_thousand: spot.position.map(|_| fixed::wide(access) / 1e12),
            reached_hours: spot
                .position
                .and(spot.concerned)
                .map(|_| fixed::wide(reached(spot, access)) / 1e18),
        }
    })
}

/// The accessibility of the territory as it is shown, from the sum of [`reached`] over its communes.
pub(crate) fn shown_territory(reached: &PerFamily<i128>, ground: &Ground) -> PerFamily<Accessibility> {
    PerFamily::from_fn(|family| {
        let hours = fixed::wide(*reached.get(family)) / 1e18;
        let concerned = ground.placed_concerned;
        Accessibility {
            hours_per_thousand: (concerned > 0).then(|| hours / fixed::people(concerned) * 1000.0),
            reached_hours: ground.knows_a_gap().then_some(hours),
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_ratio_is_hours_over_weighted_people() {
        let pico = FEMTO / 1000;
        for (hours, need, expected) in [
            (1.0, 1_000_000, pico),
            (1.0, 2_000_000, pico / 2),
            (0.0, 1_000_000, 0),
            (5.0, 0, 0),
            (1.0, 3_000_000, 333_333_333_333),
            (2.0, 3_000_000, 666_666_666_667),
            (10_000.0, 1, 10_000_000_000 * pico),
        ] {
            assert_eq!(ratio(CentiHours::from_hours(hours).unwrap(), need), expected, "{hours} h, {need}");
        }
    }
}
