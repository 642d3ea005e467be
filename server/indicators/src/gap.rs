//! The people concerned whom the reachable capacity does not serve.
//!
//! [`crate::access`] says how many weekly hours are within reach of a person concerned; an hour a week serves so many
//! people ([`Options::people_served_per_weekly_hour`](crate::statistics::Options)). Their product is the share of the
//! people concerned that can be served: 1 means everybody. The gap is `concerned × max(0, 1 − share)`.

use serde::{Deserialize, Serialize};

use crate::access::{Access, FEMTO};
use crate::fixed::{self, MilliPeople};
use crate::ground::{Ground, Spot, Yield};
use crate::resource::PerFamily;

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

/// One person served a person concerned: femto-hours a person × thousandths of a person an hour.
const WHOLE: i128 = FEMTO * 1000;

/// A commune's gap in thousandths of a person, 0 where nothing is known: what the territory sums.
pub(crate) fn left_out(spot: &Spot, access: i128, per_hour: Yield) -> i64 {
    let (Some(_), Some(concerned)) = (spot.position, spot.concerned) else { return 0 };
    let concerned = i128::from(MilliPeople::milli(concerned));
    let unserved = (WHOLE - access * i128::from(per_hour.milli())).max(0);
    i64::try_from((concerned * unserved + WHOLE / 2) / WHOLE).expect("a gap is at most the people concerned")
}

/// The gap of a commune as it is shown.
pub(crate) fn shown_commune(spot: &Spot, access: &Access, per_hour: Yield) -> PerFamily<CommuneGap> {
    PerFamily::from_fn(|family| {
        let access = *access.get(family);
        let known = spot.position.and(spot.concerned);
        CommuneGap {
            people: known.map(|_| fixed::people(left_out(spot, access, per_hour))),
            access: spot.position.map(|_| fixed::wide(access * i128::from(per_hour.milli())) / 1e18),
        }
    })
}

/// The gap of the territory as it is shown.
pub(crate) fn shown_territory(left_out: &PerFamily<i64>, ground: &Ground) -> PerFamily<TerritoryGap> {
    let some = ground.knows_a_gap();
    PerFamily::from_fn(|family| {
        let people = *left_out.get(family);
        TerritoryGap {
            people: some.then(|| fixed::people(people)),
            share: fixed::share(people, ground.placed_concerned),
        }
    })
}
