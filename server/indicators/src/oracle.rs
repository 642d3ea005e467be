//! The portrait computed naively, from nothing: what the engine's must equal to the last bit.
//!
//! It loops over communes, families and structures, and over communes again, and adds as it goes; it keeps no tally,
//! no order and no shortcut, and shares with the engine only the definitions that have no increment: the need of one
//! commune, the minutes between two points, and the integers that sums are made of. Slow on purpose
//! (communes² × structures); for tests, and for whoever doubts a figure.

use std::collections::BTreeMap;
use std::sync::Arc;

use portrea_protocol::ids::{InseeCode, RecordId};

use crate::access::Accessibility;
use crate::coverage::{Coverage, Covered, Within};
use crate::evidence::{CommuneGrades, TerritoryGrades};
use crate::fixed::{CentiHours, MilliPeople};
use crate::gap::{CommuneGap, TerritoryGap};
use crate::missing::Missing;
use crate::need::{Basis, Need};
use crate::offer::FamilyOffer;
use crate::portrait::{CommunePortrait, Portrait, TerritoryPortrait};
use crate::resource::{Family, PerFamily, Resource, Service};
use crate::statistics::{Commune, Options, Position, Statistics, known};
use crate::travel;

/// The portrait of a territory with these structures.
pub fn recompute(statistics: &Statistics, resources: &BTreeMap<RecordId, Resource>) -> Portrait {
    let needs: BTreeMap<_, _> = statistics
        .communes
        .iter()
        .map(|(code, commune)| (code, Need::of(commune.population, &commune.needs)))
        .collect();
    let naive = Naive {
        statistics,
        options: statistics.options.sane(),
        basis: Basis::best(&needs.values()),
        needs,
        present: resources.values().filter(|resource| !resource.archived).collect(),
    };
    Portrait {
        sources: statistics.sources.clone(),
        invented: statistics.invented,
        dimensions: statistics.evidence.dimensions.clone(),
        options: naive.options.clone(),
        basis: naive.basis,
        territory: naive.territory(),
        communes: statistics.communes.keys().map(|code| (code.clone(), naive.commune(code))).collect(),
    }
}

struct Naive<'a> {
    statistics: &'a Statistics,
    options: Options,
    basis: Option<Basis>,
    needs: BTreeMap<&'a InseeCode, Need>,
    present: Vec<&'a Resource>,
}

impl Naive<'_> {
    fn commune(&self, code: &InseeCode) -> CommunePortrait {
        let commune = self.get(code);
        let home: Vec<_> =
            self.present.iter().copied().filter(|resource| resource.commune.as_ref() == Some(code)).collect();
        CommunePortrait {
            name: commune.name.clone(),
            population: known(commune.population),
            concerned: self.concerned(code),
            need: *self.need(code),
            grades: Arc::new(self.grades(code)),
            structures: home.len() as u64,
            helpers: home.iter().map(|resource| u64::from(resource.helpers)).sum(),
            offer: offer(&home),
            coverage: self.coverage(|family, minutes| self.covered(code, family, minutes)),
            gap: PerFamily::from_fn(|family| CommuneGap {
                people: self.gap(code, family).map(|milli| float(milli) / 1000.0),
                access: place(commune).map(|_| wide(self.access(code, family) * self.served_milli()) / 1e18),
            }),
            accessibility: PerFamily::from_fn(|family| Accessibility {
                hours_per_thousand: place(commune).map(|_| wide(self.access(code, family)) / 1e12),
                reached_hours: self.reached_hours(code, family).map(|hours| wide(hours) / 1e18),
            }),
        }
    }

    fn territory(&self) -> TerritoryPortrait {
        let communes = || self.statistics.communes.iter();
        let lacks = |lacks: &dyn Fn(&InseeCode, &Commune) -> bool| {
            communes().filter(|(code, commune)| lacks(code, commune)).count() as u64
        };
        let add = |figures: Vec<f64>| figures.into_iter().reduce(|total, figure| total + figure);
        TerritoryPortrait {
            population: add(communes().filter_map(|(_, commune)| known(commune.population)).collect()),
            concerned: add(communes().filter_map(|(code, _)| self.concerned(code)).collect()),
            need: Need::total(self.needs.values()),
            grades: self.territory_grades(),
            missing: Missing {
                position: lacks(&|_, commune| place(commune).is_none()),
                population: lacks(&|_, commune| known(commune.population).is_none()),
                fragility: lacks(&|code, _| self.need(code).fragility.people.is_none()),
                exposure: lacks(&|code, _| self.need(code).exposure.is_none()),
                vulnerability: lacks(&|code, _| self.need(code).vulnerability.estimate.is_none()),
                concerned: lacks(&|code, _| self.concerned(code).is_none()),
            },
            structures: self.present.len() as u64,
            unplaced_structures: self.present.iter().filter(|resource| self.point(resource).is_none()).count()
                as u64,
            helpers: self.present.iter().map(|resource| u64::from(resource.helpers)).sum(),
            offer: offer(&self.present),
            coverage: self.coverage(|family, minutes| Covered {
                communes: communes()
                    .filter(|(code, _)| self.covered(code, family, minutes) == Some(true))
                    .count() as u64,
                population: self.covered_share(family, minutes, |code| known(self.get(code).population)),
                concerned: self.covered_share(family, minutes, |code| self.concerned(code)),
            }),
            accessibility: PerFamily::from_fn(|family| self.territory_access(family)),
            gap: PerFamily::from_fn(|family| self.territory_gap(family)),
        }
    }

    fn grades(&self, code: &InseeCode) -> CommuneGrades {
        CommuneGrades::of(code, self.get(code), self.need(code), &self.statistics.evidence)
    }

    fn territory_grades(&self) -> TerritoryGrades {
        let each = self.statistics.communes.iter();
        let graded: Vec<_> = each
            .map(|(code, commune)| (self.grades(code), known(commune.population), self.need(code)))
            .collect();
        TerritoryGrades::total(graded.iter().map(|(grades, population, need)| (grades, *population, *need)))
    }

    fn territory_gap(&self, family: Family) -> TerritoryGap {
        let gaps: Vec<_> = self
            .statistics
            .communes
            .keys()
            .filter_map(|code| Some((self.gap(code, family)?, milli(self.concerned(code)?))))
            .collect();
        let left_out: i64 = gaps.iter().map(|(gap, _)| gap).sum();
        let concerned: i64 = gaps.iter().map(|(_, concerned)| concerned).sum();
        TerritoryGap {
            people: (!gaps.is_empty()).then(|| float(left_out) / 1000.0),
            share: (concerned > 0).then(|| float(left_out) / float(concerned)),
        }
    }

    fn covered_share(
        &self,
        family: Option<Family>,
        minutes: u32,
        people: impl Fn(&InseeCode) -> Option<f64>,
    ) -> Option<f64> {
        let (mut part, mut whole) = (0, 0);
        for code in self.statistics.communes.keys() {
            if let (Some(covered), Some(people)) = (self.covered(code, family, minutes), people(code)) {
                whole += milli(people);
                part += if covered { milli(people) } else { 0 };
            }
        }
        (whole > 0).then(|| float(part) / float(whole))
    }

    /// Whether any service of the family (or any at all) is that near; nothing for a commune without a point.
    fn covered(&self, code: &InseeCode, family: Option<Family>, minutes: u32) -> Option<bool> {
        place(self.get(code))?;
        Some(self.present.iter().any(|resource| {
            self.reaches(resource, code, minutes)
                && resource
                    .services
                    .iter()
                    .any(|service| family.is_none_or(|family| service.family == family))
        }))
    }

    fn territory_access(&self, family: Family) -> Accessibility {
        let communes = self.statistics.communes.keys();
        let reached: Vec<_> = communes
            .filter_map(|code| Some((self.reached_hours(code, family)?, milli(self.concerned(code)?))))
            .collect();
        let hours = wide(reached.iter().map(|(hours, _)| hours).sum()) / 1e18;
        let concerned: i64 = reached.iter().map(|(_, concerned)| concerned).sum();
        Accessibility {
            hours_per_thousand: (concerned > 0).then(|| hours / (float(concerned) / 1000.0) * 1000.0),
            reached_hours: (!reached.is_empty()).then_some(hours),
        }
    }

    /// What falls to a commune's people concerned, in femto-hours × thousandths of a person.
    fn reached_hours(&self, code: &InseeCode, family: Family) -> Option<i128> {
        place(self.get(code))?;
        Some(self.access(code, family) * i128::from(milli(self.concerned(code)?)))
    }

    /// The gap of a commune in thousandths of a person.
    fn gap(&self, code: &InseeCode, family: Family) -> Option<i64> {
        const WHOLE: i128 = 1_000_000_000_000_000_000;
        place(self.get(code))?;
        let concerned = i128::from(milli(self.concerned(code)?));
        let served = self.access(code, family) * self.served_milli();
        let left_out = if served >= WHOLE { 0 } else { nearest(concerned * (WHOLE - served), WHOLE) };
        Some(i64::try_from(left_out).expect("at most the people concerned"))
    }

    /// The access of a commune in femto-hours a person.
    fn access(&self, code: &InseeCode, family: Family) -> i128 {
        let mut access = 0;
        for resource in &self.present {
            let own = self.weight(resource, code);
            if own == 0 {
                continue;
            }
            let communes = self.statistics.communes.keys();
            let need: i128 = communes
                .filter_map(|other| {
                    Some(i128::from(milli(self.concerned(other)?)) * self.weight(resource, other))
                })
                .sum();
            for service in resource.services.iter().filter(|service| service.family == family) {
                if let Some(hours) = service.weekly_eadmin_hours.filter(|_| need > 0) {
                    access += own * nearest(i128::from(hours.centi()) * 10_000_000_000_000_000, need);
                }
            }
        }
        access
    }

    /// The weight of the band that a commune is in, seen from a structure, in thousandths.
    fn weight(&self, resource: &Resource, code: &InseeCode) -> i128 {
        let Some(minutes) = self.minutes(resource, code) else { return 0 };
        let band = self.options.bands.iter().find(|band| minutes <= f64::from(band.minutes));
        band.map_or(0, |band| i128::from(crate::fixed::round(band.weight * 1000.0)))
    }

    fn served_milli(&self) -> i128 {
        i128::from(crate::fixed::round(self.options.people_served_per_weekly_hour * 1000.0))
    }

    fn reaches(&self, resource: &Resource, code: &InseeCode, minutes: u32) -> bool {
        self.minutes(resource, code).is_some_and(|there| there <= f64::from(minutes))
    }

    /// Minutes from a commune to a structure, by the territory's matrix or by the great circle.
    fn minutes(&self, resource: &Resource, code: &InseeCode) -> Option<f64> {
        let (to, from) = (self.point(resource)?, place(self.get(code))?);
        if let Some(travel) = &self.statistics.travel
            && let Some(own) = travel.place(code)
            && let Some(there) = travel.place(&self.commune_of(resource, to)?)
        {
            return travel.minutes(own, there);
        }
        Some(travel::minutes(from, to, &self.options))
    }

    /// The commune that a structure counts for: its own, or else the nearest.
    fn commune_of(&self, resource: &Resource, at: Position) -> Option<InseeCode> {
        let own = resource.commune.clone().filter(|code| self.statistics.communes.contains_key(code));
        own.or_else(|| {
            let mut nearest: Option<(f64, &InseeCode)> = None;
            for (code, commune) in &self.statistics.communes {
                let Some(there) = place(commune) else { continue };
                let far = travel::great_circle_km(at, there);
                if nearest.is_none_or(|(least, _)| far < least) {
                    nearest = Some((far, code));
                }
            }
            nearest.map(|(_, code)| code.clone())
        })
    }

    fn point(&self, resource: &Resource) -> Option<Position> {
        let home = || self.statistics.communes.get(resource.commune.as_ref()?).and_then(place);
        resource.position.and_then(Position::valid).or_else(home)
    }

    fn concerned(&self, code: &InseeCode) -> Option<f64> {
        self.need(code).concerned(self.basis?)
    }

    fn coverage<T>(&self, value: impl Fn(Option<Family>, u32) -> T) -> Coverage<Within<T>> {
        let minutes = self.options.thresholds_minutes;
        let [near, far] = minutes;
        Coverage::from_fn(|family| Within { minutes, near: value(family, near), far: value(family, far) })
    }

    fn get(&self, code: &InseeCode) -> &Commune {
        self.statistics.communes.get(code).expect("only listed communes are asked for")
    }

    fn need(&self, code: &InseeCode) -> &Need {
        self.needs.get(code).expect("every listed commune has its need")
    }
}

fn offer(resources: &[&Resource]) -> PerFamily<FamilyOffer> {
    PerFamily::from_fn(|family| {
        let of = |resource: &Resource| -> Vec<Service> {
            resource.services.iter().copied().filter(|service| service.family == family).collect()
        };
        let services: Vec<Service> = resources.iter().flat_map(|resource| of(resource)).collect();
        let add = |figures: Vec<i64>| {
            (services.is_empty() || !figures.is_empty()).then(|| float(figures.iter().sum()))
        };
        let hours = |each: fn(&Service) -> Option<CentiHours>| {
            add(services.iter().filter_map(each).map(CentiHours::centi).collect()).map(|centi| centi / 100.0)
        };
        FamilyOffer {
            structures: resources.iter().filter(|resource| !of(resource).is_empty()).count() as u64,
            services: services.len() as u64,
            staff: add(services.iter().filter_map(|service| service.eadmin_staff).map(i64::from).collect()),
            weekly_eadmin_hours: hours(|service| service.weekly_eadmin_hours),
            weekly_hours: hours(|service| service.weekly_hours),
            weekly_opening_hours: hours(|service| service.opening_hours_weekly),
            unknown_capacity: services.iter().filter(|service| service.weekly_eadmin_hours.is_none()).count()
                as u64,
        }
    })
}

fn place(commune: &Commune) -> Option<Position> {
    commune.position.and_then(Position::valid)
}

/// A division of what is not negative, rounded half up.
fn nearest(part: i128, whole: i128) -> i128 {
    let (down, rest) = (part / whole, part % whole);
    if 2 * rest >= whole { down + 1 } else { down }
}

fn milli(people: f64) -> i64 {
    MilliPeople::from_people(people).map_or(0, MilliPeople::milli)
}

#[expect(clippy::cast_precision_loss, reason = "drawn once, never summed")]
fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "drawn once, never summed")]
fn wide(sum: i128) -> f64 {
    sum as f64
}
