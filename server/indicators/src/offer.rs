//! What there is on the ground: structures, services, people and hours, a commune and a family at a time.
//!
//! A tally that structures enter and leave; integers, so that leaving undoes entering. Retired structures never enter.
//! A figure that nobody gave is not 0: a sum over services of which none has the figure is missing, and the number of
//! services without a capacity stands beside the capacity, so that a hole in the collection shows.

use serde::{Deserialize, Serialize};

use crate::fixed::{self, CentiHours};
use crate::resource::{Family, PerFamily, Resource};

/// The offer of one family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FamilyOffer {
    /// Structures with at least one service of the family.
    pub structures: u64,
    /// Services of the family.
    pub services: u64,
    /// People who give e-administrative help; missing if there are services and none says.
    pub staff: Option<f64>,
    /// Capacity: hours a week of e-administrative help; missing if there are services and none says.
    pub weekly_eadmin_hours: Option<f64>,
    /// Hours a week in all; missing if there are services and none says.
    pub weekly_hours: Option<f64>,
    /// Hours a week of open doors; missing if there are services and none says.
    pub weekly_opening_hours: Option<f64>,
    /// Services whose capacity nobody gave: what the capacity above leaves out.
    pub unknown_capacity: u64,
}

/// The offer of a commune or of the territory, as integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OfferTally {
    /// Structures, services or not.
    pub(crate) structures: i64,
    /// People listed by name.
    pub(crate) helpers: i64,
    pub(crate) families: PerFamily<FamilyTally>,
}

/// The offer of one family, as integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FamilyTally {
    structures: i64,
    services: i64,
    staff: Sum,
    eadmin_hours: Sum,
    hours: Sum,
    opening_hours: Sum,
}

/// A sum of the figures that are known, with how many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    total: i64,
    known: i64,
}

impl OfferTally {
    /// What one structure offers.
    pub(crate) fn of(resource: &Resource) -> Self {
        let mut tally = Self { structures: 1, helpers: i64::from(resource.helpers), ..Self::default() };
        for service in &resource.services {
            let family = tally.families.get_mut(service.family);
            family.structures = 1;
            family.services += 1;
            family.staff.count(service.eadmin_staff.map(i64::from));
            family.eadmin_hours.count(service.weekly_eadmin_hours.map(CentiHours::centi));
            family.hours.count(service.weekly_hours.map(CentiHours::centi));
            family.opening_hours.count(service.opening_hours_weekly.map(CentiHours::centi));
        }
        tally
    }

    /// Lets a structure's offer in (`sign` 1) or out (`sign` −1).
    pub(crate) fn add(&mut self, other: &Self, sign: i64) {
        self.structures += sign * other.structures;
        self.helpers += sign * other.helpers;
        for family in Family::ALL {
            let (mine, theirs) = (self.families.get_mut(family), other.families.get(family));
            mine.structures += sign * theirs.structures;
            mine.services += sign * theirs.services;
            mine.staff.add(theirs.staff, sign);
            mine.eadmin_hours.add(theirs.eadmin_hours, sign);
            mine.hours.add(theirs.hours, sign);
            mine.opening_hours.add(theirs.opening_hours, sign);
        }
    }

    /// The tally as it is shown.
    pub(crate) fn shown(&self) -> PerFamily<FamilyOffer> {
        PerFamily::from_fn(|family| self.families.get(family).shown())
    }
}

impl FamilyTally {
    /// How many services there are.
    pub(crate) fn services(&self) -> i64 {
        self.services
    }

    fn shown(&self) -> FamilyOffer {
        // Of no services, the sum is 0; of services that do not say, it is unknown.
        let said = |sum: Sum| (self.services == 0 || sum.known > 0).then_some(sum.total);
        FamilyOffer {
            structures: fixed::count(self.structures),
            services: fixed::count(self.services),
            staff: said(self.staff).map(fixed::float),
            weekly_eadmin_hours: said(self.eadmin_hours).map(fixed::hours),
            weekly_hours: said(self.hours).map(fixed::hours),
            weekly_opening_hours: said(self.opening_hours).map(fixed::hours),
            unknown_capacity: fixed::count(self.services - self.eadmin_hours.known),
        }
    }
}

impl Sum {
    fn count(&mut self, figure: Option<i64>) {
        if let Some(figure) = figure {
            self.total += figure;
            self.known += 1;
        }
    }

    fn add(&mut self, other: Self, sign: i64) {
        self.total += sign * other.total;
        self.known += sign * other.known;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Service;

    fn service(staff: Option<u32>, eadmin_hours: Option<f64>) -> Service {
        Service {
            eadmin_staff: staff,
            weekly_eadmin_hours: eadmin_hours.and_then(CentiHours::from_hours),
            ..Service::new(Family::Assist)
        }
    }

    #[test]
    fn a_sum_is_missing_only_when_there_are_services_and_none_says() {
        type Case<'a> = (&'a [Service], u64, u64, Option<f64>, Option<f64>, u64);
        let cases: [Case<'_>; 4] = [
            (&[], 0, 0, Some(0.0), Some(0.0), 0),
            (&[service(None, None)], 1, 1, None, None, 1),
            (&[service(None, Some(2.25)), service(Some(2), None)], 1, 2, Some(2.0), Some(2.25), 1),
            (&[service(Some(1), Some(1.0)), service(Some(2), Some(0.0))], 1, 2, Some(3.0), Some(1.0), 0),
        ];
        for (services, structures, count, staff, hours, unknown) in cases {
            let resource = Resource { services: services.to_vec(), ..Resource::default() };
            let assist = OfferTally::of(&resource).shown().assist;
            assert_eq!((assist.structures, assist.services), (structures, count), "{services:?}");
            assert_eq!((assist.staff, assist.weekly_eadmin_hours), (staff, hours), "{services:?}");
            assert_eq!(assist.unknown_capacity, unknown, "{services:?}");
        }
    }

    #[test]
    fn leaving_undoes_entering() {
        let resource = Resource {
            helpers: 3,
            services: vec![service(Some(2), Some(0.1)), Service::new(Family::Train)],
            ..Resource::default()
        };
        let mut tally = OfferTally::default();
        tally.add(&OfferTally::of(&resource), 1);
        tally.add(&OfferTally::of(&resource), 1);
        assert_eq!((tally.structures, tally.helpers, tally.families.assist.services()), (2, 6, 2));
        tally.add(&OfferTally::of(&resource), -1);
        assert_eq!(tally, OfferTally::of(&resource));
        tally.add(&OfferTally::of(&resource), -1);
        assert_eq!(tally, OfferTally::default());
    }
}
