//! The headline figures of a territory at one moment, small enough to be kept for years: what progress is drawn from.
//!
//! A point holds what a portrait says first and what a collection moves: how much of the territory is described, how
//! much help is known and within reach, who is left out. What is missing stays missing. Not a computation: figures are
//! taken from a portrait as they stand; not a keeper: whoever keeps points says when.

use serde::{Deserialize, Serialize};

use crate::evidence::TerritoryGrades;
use crate::need::Interval;
use crate::portrait::Portrait;
use crate::resource::{Family, PerFamily};

/// The figures of one moment, and which moment it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// What a named point is known by; nothing for the point of a day.
    #[serde(default)]
    pub id: Option<String>,
    /// The day that it stands for, in the territory's time zone: `2026-11-28`.
    pub day: String,
    /// When it was drawn, by the server's clock (RFC 3339).
    pub at: String,
    /// What somebody called it; nothing for the point of a day.
    #[serde(default)]
    pub name: Option<String>,
    /// Who asked for it, by name.
    #[serde(default)]
    pub by: Option<String>,
    /// The heads of the document that it was drawn from.
    pub heads: Vec<String>,
    /// The figures.
    pub figures: Headlines,
}

/// The headline figures of a territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Headlines {
    /// Inhabitants.
    pub population: Option<f64>,
    /// People concerned, by the portrait's basis.
    pub concerned: Option<f64>,
    /// People concerned by at least one dimension.
    pub vulnerability: Interval,
    /// Communes of the territory.
    pub communes: u64,
    /// Of which have at least one structure: the coverage of the collection.
    pub described: u64,
    /// Structures, retired ones apart.
    pub structures: u64,
    /// People listed as helping.
    pub helpers: u64,
    /// The two travel times of coverage, in minutes, as they were in force.
    pub thresholds_minutes: [u32; 2],
    /// Share of the people concerned, from 0 to 1, within each of them of a service of any family.
    pub reachable: [Option<f64>; 2],
    /// Family by family.
    pub families: PerFamily<FamilyHeadlines>,
}

/// The headline figures of one family of help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FamilyHeadlines {
    /// Structures with a service of the family.
    pub structures: u64,
    /// Services of the family.
    pub services: u64,
    /// Of which nobody gave the capacity.
    pub unknown_capacity: u64,
    /// Hours a week of e-administrative help; missing if there are services and none says.
    pub weekly_hours: Option<f64>,
    /// Share of the people concerned, from 0 to 1, within each travel time of a service of the family.
    pub reachable: [Option<f64>; 2],
    /// Weekly hours within reach per 1,000 people concerned.
    pub hours_per_thousand: Option<f64>,
    /// People concerned beyond what the accessible capacity serves.
    pub gap: Option<f64>,
    /// The same over the people concerned in the same communes, from 0 to 1.
    pub gap_share: Option<f64>,
}

/// Figures per 1,000 inhabitants.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Rates {
    /// People concerned, by the portrait's basis.
    pub concerned: Option<f64>,
    /// People concerned by at least one dimension.
    pub vulnerability: Interval,
    /// Structures.
    pub structures: Option<f64>,
    /// Family by family.
    pub families: PerFamily<FamilyRates>,
}

/// Figures of one family per 1,000 inhabitants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FamilyRates {
    /// Hours a week of e-administrative help.
    pub weekly_hours: Option<f64>,
    /// People concerned beyond what the accessible capacity serves.
    pub gap: Option<f64>,
}

/// A territory's figures laid beside those of others on the same server.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// What it is called.
    pub name: String,
    /// Whether it is the asker's own.
    pub own: bool,
    /// Where its statistics come from.
    pub sources: Vec<String>,
    /// Whether they were made up.
    pub invented: bool,
    /// How well its need is known.
    pub grades: TerritoryGrades,
    /// The heads of its document.
    pub heads: Vec<String>,
    /// Its figures.
    pub figures: Headlines,
    /// The same per 1,000 inhabitants.
    pub per_thousand: Rates,
}

impl Compared {
    /// A territory by its portrait.
    pub fn of(name: String, own: bool, heads: Vec<String>, portrait: &Portrait) -> Self {
        let figures = Headlines::of(portrait);
        Self {
            name,
            own,
            sources: portrait.sources.clone(),
            invented: portrait.invented,
            grades: portrait.territory.grades,
            heads,
            per_thousand: figures.rates(),
            figures,
        }
    }
}

/// A figure to the millionth: it is read back as it was written, so that points compare, and takes less room.
fn rounded(figure: Option<f64>) -> Option<f64> {
    figure.map(|figure| (figure * 1e6).round() / 1e6)
}

#[expect(clippy::cast_precision_loss, clippy::unnecessary_wraps, reason = "counts; a figure may be missing")]
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

impl Headlines {
    /// The headline figures of a portrait, to the millionth.
    pub fn of(portrait: &Portrait) -> Self {
        let territory = &portrait.territory;
        let vulnerability = territory.need.vulnerability;
        let reachable = |family: Option<Family>| {
            let within = territory.coverage.get(family);
            [within.near.concerned, within.far.concerned].map(rounded)
        };
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Self {
            population: rounded(territory.population),
            concerned: rounded(territory.concerned),
            vulnerability: Interval {
                low: rounded(vulnerability.low),
                estimate: rounded(vulnerability.estimate),
                high: rounded(vulnerability.high),
            },
            communes: count(portrait.communes.len()),
            described: count(portrait.communes.values().filter(|commune| commune.structures > 0).count()),
            structures: territory.structures,
            helpers: territory.helpers,
            thresholds_minutes: portrait.options.thresholds_minutes,
            reachable: reachable(None),
            families: PerFamily::from_fn(|family| {
                let (offer, gap) = (territory.offer.get(family), territory.gap.get(family));
                FamilyHeadlines {
                    structures: offer.structures,
                    services: offer.services,
                    unknown_capacity: offer.unknown_capacity,
                    weekly_hours: rounded(offer.weekly_eadmin_hours),
                    reachable: reachable(Some(family)),
                    hours_per_thousand: rounded(territory.accessibility.get(family).hours_per_thousand),
                    gap: rounded(gap.people),
                    gap_share: rounded(gap.share),
                }
            }),
        }
    }

    /// Every figure with its path, in a fixed order: the columns of a table of points.
    pub fn figures(&self) -> Vec<(String, Option<f64>)> {
        let mut figures: Vec<(String, Option<f64>)> = Vec::new();
        let mut one = |path: &str, value: Option<f64>| figures.push((path.to_owned(), value));
        one("population", self.population);
        one("concerned", self.concerned);
        one("need.vulnerability.low", self.vulnerability.low);
        one("need.vulnerability.estimate", self.vulnerability.estimate);
        one("need.vulnerability.high", self.vulnerability.high);
        one("communes", count(self.communes));
        one("described", count(self.described));
        one("structures", count(self.structures));
        one("helpers", count(self.helpers));
        let mut within = |item: &str, shares: [Option<f64>; 2]| {
            for (minutes, share) in self.thresholds_minutes.iter().zip(shares) {
                figures.push((format!("coverage.{item}.within{minutes}.concerned"), share));
            }
        };
        within("any", self.reachable);
        for family in Family::ALL {
            within(family.key(), self.families.get(family).reachable);
        }
        for family in Family::ALL {
            let (key, of) = (family.key(), self.families.get(family));
            for (path, value) in [
                (format!("offer.{key}.structures"), count(of.structures)),
                (format!("offer.{key}.services"), count(of.services)),
                (format!("offer.{key}.weeklyEadminHours"), of.weekly_hours),
                (format!("offer.{key}.unknownCapacity"), count(of.unknown_capacity)),
                (format!("accessibility.{key}.hoursPerThousand"), of.hours_per_thousand),
                (format!("gap.{key}.people"), of.gap),
                (format!("gap.{key}.share"), of.gap_share),
            ] {
                figures.push((path, value));
            }
        }
        figures
    }

    /// The same per 1,000 inhabitants, so that territories of different sizes can be laid side by side.
    pub fn rates(&self) -> Rates {
        let inhabitants = self.population.filter(|population| *population > 0.0);
        let rate = |figure: Option<f64>| Some(figure? * 1_000.0 / inhabitants?);
        Rates {
            concerned: rate(self.concerned),
            vulnerability: Interval {
                low: rate(self.vulnerability.low),
                estimate: rate(self.vulnerability.estimate),
                high: rate(self.vulnerability.high),
            },
            structures: rate(count(self.structures)),
            families: PerFamily::from_fn(|family| {
                let of = self.families.get(family);
                FamilyRates { weekly_hours: rate(of.weekly_hours), gap: rate(of.gap) }
            }),
        }
    }

    /// Services of any family, and of how many of them nobody gave the capacity.
    pub fn services(&self) -> (u64, u64) {
        Family::ALL.into_iter().fold((0, 0), |(all, unknown), family| {
            let family = self.families.get(family);
            (all + family.services, unknown + family.unknown_capacity)
        })
    }
}

#[cfg(test)]
mod tests {
    use portrea_protocol::ids::InseeCode;

    use super::*;
    use crate::engine::Engine;
    use crate::fixed::CentiHours;
    use crate::resource::{Resource, Service};
    use crate::statistics::{Commune, Needs, Position, Statistics};

    fn engine() -> Engine {
        let commune = |lat| Commune {
            name: format!("{lat}"),
            position: Some(Position { lat, lon: -2.0 }),
            population: Some(1_000.0),
            needs: Needs { job_seekers: Some(50.0), minimum_benefits: Some(50.0), ..Needs::default() },
        };
        let communes = [("35001", 48.0), ("35002", 49.5)].map(|(code, lat)| (code.into(), commune(lat)));
        Engine::new(Statistics { communes: communes.into_iter().collect(), ..Statistics::default() })
    }

    /// Goal: a point says what its portrait says, and is read back as it was kept. Method: one service whose hours are
    /// known, one whose are not, in one of two communes that are far apart.
    #[test]
    fn a_point_is_what_the_portrait_says() {
        let mut engine = engine();
        let before = Headlines::of(&engine.portrait());
        assert_eq!((before.communes, before.described, before.services()), (2, 0, (0, 0)));
        let known =
            Service { weekly_eadmin_hours: CentiHours::from_hours(2.0), ..Service::new(Family::Assist) };
        engine.set(
            &"a".into(),
            Some(Resource {
                commune: Some(InseeCode::from("35001".to_owned())),
                services: vec![known, Service::new(Family::Train)],
                ..Resource::default()
            }),
        );
        let portrait = engine.portrait();
        let after = Headlines::of(&portrait);
        assert_eq!((after.described, after.structures, after.services()), (1, 1, (2, 1)));
        assert_eq!(after.reachable, [Some(0.5), Some(0.5)]);
        assert_eq!(after.families.assist.weekly_hours, Some(2.0));
        assert_eq!(after.families.train.weekly_hours, None, "a missing figure stays missing");
        assert_eq!(after.families.assist.gap, rounded(portrait.territory.gap.assist.people));
        let told: std::collections::BTreeMap<_, _> = portrait.territory.figures().into_iter().collect();
        for (path, value) in
            after.figures().iter().filter(|(path, _)| path != "communes" && path != "described")
        {
            assert_eq!(
                told.get(path).map(|told| rounded(*told)),
                Some(*value),
                "{path} is called as in the portrait"
            );
        }
        let rates = after.rates();
        assert_eq!((rates.structures, rates.families.assist.weekly_hours), (Some(0.5), Some(1.0)));
        assert_eq!(rates.families.train.weekly_hours, None);
        assert_eq!(Headlines { population: None, ..after.clone() }.rates().structures, None);
        let kept = serde_json::to_vec(&after).expect("written");
        assert_eq!(serde_json::from_slice::<Headlines>(&kept).expect("read"), after);
        assert!(kept.len() < 2_000, "{} bytes a point", kept.len());
    }
}
