//! What is shown: the portrait of a territory and of each of its communes, ready to be written as JSON.
//!
//! Plain values; missing is `null`. Every number in it, grades apart, is also a figure with a path, the one that deltas
//! name; a test reads each path back from the JSON. Not a computation: tallies draw themselves into it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use portrea_protocol::ids::InseeCode;
use serde::Serialize;

use crate::access::Accessibility;
use crate::coverage::{Coverage, Covered, Within};
use crate::evidence::{CommuneGrades, TerritoryGrades};
use crate::gap::{CommuneGap, TerritoryGap};
use crate::grade::DimensionWords;
use crate::missing::Missing;
use crate::need::{Basis, Need};
use crate::offer::FamilyOffer;
use crate::resource::{Family, PerFamily};
use crate::statistics::Options;

/// The portrait of a territory.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Portrait {
    /// Where the statistics come from.
    pub sources: Vec<String>,
    /// Whether the statistics were made up.
    pub invented: bool,
    /// The dimensions of need and the formulas that gave them, in words; the grades of communes name them.
    pub dimensions: Vec<DimensionWords>,
    /// The options that were counted with.
    pub options: Options,
    /// Which figure stands for the people concerned, everywhere in the portrait.
    pub basis: Option<Basis>,
    /// The whole territory.
    pub territory: TerritoryPortrait,
    /// Each commune.
    #[cfg_attr(test, ts(type = "Record<string, CommunePortrait>"))]
    pub communes: BTreeMap<InseeCode, CommunePortrait>,
}

/// The portrait of the whole territory. Sums over communes leave out those that lack the figure; `missing` counts them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TerritoryPortrait {
    /// Inhabitants.
    pub population: Option<f64>,
    /// People concerned, by the portrait's basis.
    pub concerned: Option<f64>,
    /// The need.
    pub need: Need,
    /// How well need is known.
    pub grades: TerritoryGrades,
    /// How many communes lack each figure.
    pub missing: Missing,
    /// Structures, retired ones apart, in a listed commune or not.
    pub structures: u64,
    /// Of which neither their own position nor their commune's is known: they reach nobody.
    pub unplaced_structures: u64,
    /// People listed as helping.
    pub helpers: u64,
    /// The offer, by family.
    pub offer: PerFamily<FamilyOffer>,
    /// Who is near a service, by family.
    #[cfg_attr(test, ts(type = "Coverage<Within<Covered>>"))]
    pub coverage: Coverage<Within<Covered>>,
    /// Hours within reach per thousand people concerned, by family.
    pub accessibility: PerFamily<Accessibility>,
    /// Who is left out, by family.
    pub gap: PerFamily<TerritoryGap>,
}

/// The portrait of a commune.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CommunePortrait {
    /// Its name.
    pub name: String,
    /// Inhabitants.
    pub population: Option<f64>,
    /// People concerned, by the portrait's basis.
    pub concerned: Option<f64>,
    /// The need.
    pub need: Need,
    /// How well need is known.
    pub grades: Arc<CommuneGrades>,
    /// Structures, retired ones apart.
    pub structures: u64,
    /// People listed as helping.
    pub helpers: u64,
    /// The offer, by family.
    pub offer: PerFamily<FamilyOffer>,
    /// Whether it is near a service, by family; missing without a point.
    #[cfg_attr(test, ts(type = "Coverage<Within<boolean | null>>"))]
    pub coverage: Coverage<Within<Option<bool>>>,
    /// Hours within reach per thousand people concerned, by family.
    pub accessibility: PerFamily<Accessibility>,
    /// Who is left out, by family.
    pub gap: PerFamily<CommuneGap>,
}

/// The figures of one portrait, in the portrait's order.
pub(crate) type Figures = Vec<(Path, Option<f64>)>;

/// A figure's path in the JSON of a portrait: `group.item.within15.leaf`, without the parts that are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    group: &'static str,
    item: &'static str,
    minutes: u32,
    leaf: &'static str,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.group)?;
        if !self.item.is_empty() {
            write!(f, ".{}", self.item)?;
        }
        if self.minutes > 0 {
            write!(f, ".within{}", self.minutes)?;
        }
        if !self.leaf.is_empty() {
            write!(f, ".{}", self.leaf)?;
        }
        Ok(())
    }
}

/// A list of figures being written.
struct Walk(Figures);

impl Walk {
    fn new() -> Self {
        // A territory has 112 figures, a commune 81.
        Self(Figures::with_capacity(112))
    }

    fn one(&mut self, group: &'static str, item: &'static str, leaf: &'static str, value: Option<f64>) {
        self.0.push((Path { group, item, minutes: 0, leaf }, value));
    }

    fn band(&mut self, item: &'static str, minutes: u32, leaf: &'static str, value: Option<f64>) {
        self.0.push((Path { group: "coverage", item, minutes, leaf }, value));
    }

    fn need(&mut self, need: &Need) {
        self.one("need", "fragility", "people", need.fragility.people);
        self.one("need", "fragility", "denominator", need.fragility.denominator);
        self.one("need", "fragility", "share", need.fragility.share);
        self.one("need", "exposure", "", need.exposure);
        self.one("need", "vulnerability", "low", need.vulnerability.low);
        self.one("need", "vulnerability", "estimate", need.vulnerability.estimate);
        self.one("need", "vulnerability", "high", need.vulnerability.high);
        self.one("need", "events", "births", need.events.births);
        self.one("need", "events", "deaths", need.events.deaths);
        self.one("need", "events", "recentMoves", need.events.recent_moves);
    }

    fn offer(&mut self, offer: &PerFamily<FamilyOffer>) {
        for family in Family::ALL {
            let (key, offer) = (family.key(), offer.get(family));
            self.one("offer", key, "structures", count(offer.structures));
            self.one("offer", key, "services", count(offer.services));
            self.one("offer", key, "staff", offer.staff);
            self.one("offer", key, "weeklyEadminHours", offer.weekly_eadmin_hours);
            self.one("offer", key, "weeklyHours", offer.weekly_hours);
            self.one("offer", key, "weeklyOpeningHours", offer.weekly_opening_hours);
            self.one("offer", key, "unknownCapacity", count(offer.unknown_capacity));
        }
    }

    fn accessibility(&mut self, accessibility: &PerFamily<Accessibility>) {
        for family in Family::ALL {
            let (key, accessibility) = (family.key(), accessibility.get(family));
            self.one("accessibility", key, "hoursPerThousand", accessibility.hours_per_thousand);
            self.one("accessibility", key, "reachedHours", accessibility.reached_hours);
        }
    }

    fn coverage<T>(&mut self, coverage: &Coverage<Within<T>>, each: fn(&mut Self, &'static str, u32, &T)) {
        for family in Family::ALL.into_iter().map(Some).chain([None]) {
            let (key, within) = (family.map_or("any", Family::key), coverage.get(family));
            let [near, far] = within.minutes;
            each(self, key, near, &within.near);
            each(self, key, far, &within.far);
        }
    }
}

impl TerritoryPortrait {
    /// Every figure with its path, in the portrait's order.
    pub fn figures(&self) -> Vec<(String, Option<f64>)> {
        named(&self.walk())
    }

    pub(crate) fn walk(&self) -> Figures {
        let mut walk = Walk::new();
        walk.one("population", "", "", self.population);
        walk.one("concerned", "", "", self.concerned);
        walk.need(&self.need);
        walk.one("missing", "position", "", count(self.missing.position));
        walk.one("missing", "population", "", count(self.missing.population));
        walk.one("missing", "fragility", "", count(self.missing.fragility));
        walk.one("missing", "exposure", "", count(self.missing.exposure));
        walk.one("missing", "vulnerability", "", count(self.missing.vulnerability));
        walk.one("missing", "concerned", "", count(self.missing.concerned));
        walk.one("structures", "", "", count(self.structures));
        walk.one("unplacedStructures", "", "", count(self.unplaced_structures));
        walk.one("helpers", "", "", count(self.helpers));
        walk.offer(&self.offer);
        walk.coverage(&self.coverage, |walk, key, minutes, covered| {
            walk.band(key, minutes, "communes", count(covered.communes));
            walk.band(key, minutes, "population", covered.population);
            walk.band(key, minutes, "concerned", covered.concerned);
        });
        walk.accessibility(&self.accessibility);
        for family in Family::ALL {
            let gap = self.gap.get(family);
            walk.one("gap", family.key(), "people", gap.people);
            walk.one("gap", family.key(), "share", gap.share);
        }
        walk.0
    }
}

impl CommunePortrait {
    /// Every figure with its path, in the portrait's order.
    pub fn figures(&self) -> Vec<(String, Option<f64>)> {
        named(&self.walk())
    }

    pub(crate) fn walk(&self) -> Figures {
        let mut walk = Walk::new();
        walk.one("population", "", "", self.population);
        walk.one("concerned", "", "", self.concerned);
        walk.need(&self.need);
        walk.one("structures", "", "", count(self.structures));
        walk.one("helpers", "", "", count(self.helpers));
        walk.offer(&self.offer);
        walk.coverage(&self.coverage, |walk, key, minutes, within| {
            walk.band(key, minutes, "", within.map(|within| f64::from(u8::from(within))));
        });
        walk.accessibility(&self.accessibility);
        for family in Family::ALL {
            let gap = self.gap.get(family);
            walk.one("gap", family.key(), "people", gap.people);
            walk.one("gap", family.key(), "access", gap.access);
        }
        walk.0
    }
}

fn named(figures: &Figures) -> Vec<(String, Option<f64>)> {
    figures.iter().map(|(path, value)| (path.to_string(), *value)).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::unnecessary_wraps,
    reason = "counts of structures; a figure may be missing"
)]
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}
