//! The figures of a territory's communes, as INSEE, the CAF and France Travail publish them, and the options they are
//! read with.
//!
//! Every figure is optional, and a missing one (statistical secrecy, a source without it) stays missing to the end: it
//! is never read as 0. Whoever reads the files decides what is missing; here an impossible figure (negative, infinite,
//! NaN, above a billion) is missing too. Not a reader of CSV: that is the exchange's.

use std::collections::BTreeMap;
use std::sync::Arc;

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use crate::fixed::PEOPLE_MAX;
use crate::grade::Evidence;
use crate::matrix::TravelTimes;

/// What is known of a territory apart from its structures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Statistics {
    /// The communes of the territory, by INSEE code; the order of every sum over communes.
    pub communes: BTreeMap<InseeCode, Commune>,
    /// How travel and capacity are counted.
    pub options: Options,
    /// Where the figures come from, for people to read, with their vintage ("INSEE, recensement 2021").
    pub sources: Vec<String>,
    /// Whether the figures were made up for a demonstration, so that nobody takes them for real ones.
    pub invented: bool,
    /// Travel times of its own, instead of the great circle. Kept apart from the rest, for a matrix may be large.
    #[serde(skip)]
    pub travel: Option<Arc<TravelTimes>>,
    /// How the figures are known, where a recipe put them together.
    pub evidence: Evidence,
}

/// A commune of the territory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Commune {
    /// Its name.
    pub name: String,
    /// Its town hall, or the middle of its main village: where its inhabitants are taken to start from.
    pub position: Option<Position>,
    /// Inhabitants (`PYY_POP`).
    pub population: Option<f64>,
    /// The figures that need is computed from.
    pub needs: Needs,
}

/// A point on the map, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Latitude in degrees, north positive.
    pub lat: f64,
    /// Longitude in degrees, east positive.
    pub lon: f64,
}

impl Position {
    /// The point if it is one: finite, on the globe, and not 0° 0°, which is where empty coordinates end up.
    pub fn valid(self) -> Option<Self> {
        let on_globe = (-90.0..=90.0).contains(&self.lat) && (-180.0..=180.0).contains(&self.lon);
        let empty = self.lat == 0.0 && self.lon == 0.0;
        (on_globe && !empty).then_some(self)
    }
}

/// The published figures of one commune. People, unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Needs {
    /// Aged 65 or over (`PYY_POP65P`, or `PYY_POP6579` + `PYY_POP80P`).
    pub aged_65_or_over: Option<f64>,
    /// Aged 15 or over (`PYY_POP15P`).
    pub aged_15_or_over: Option<f64>,
    /// Aged 15 or over and no longer at school (`PYY_NSCOL15P`): fragility's denominator.
    pub not_at_school: Option<f64>,
    /// No longer at school, with no diploma or at most the CEP (`PYY_NSCOL15P_DIPLMIN`).
    pub no_diploma: Option<f64>,
    /// Recipients of the RSA (CAF).
    pub rsa: Option<f64>,
    /// Recipients of the prime d'activité (CAF).
    pub prime_activite: Option<f64>,
    /// Recipients of the AAH (CAF).
    pub aah: Option<f64>,
    /// Recipients of minimum benefits in all, where the source gives a total; it wins over the three above.
    pub minimum_benefits: Option<f64>,
    /// Registered job seekers, categories A to E (France Travail).
    pub job_seekers: Option<f64>,
    /// Unemployed in the census's sense, 15 to 64 (`PYY_CHOM1564`); context, in no indicator.
    pub unemployed: Option<f64>,
    /// Active, 15 to 64 (`PYY_ACT1564`); context, in no indicator.
    pub active: Option<f64>,
    /// Births in a year (`NAISDYY`).
    pub births: Option<f64>,
    /// Deaths in a year (`DECESDYY`).
    pub deaths: Option<f64>,
    /// Households; context.
    pub households: Option<f64>,
    /// Households of one person (`CYY_MENPSEUL`); context.
    pub households_living_alone: Option<f64>,
    /// Single-parent families (`CYY_FAMMONO`); context.
    pub single_parent_families: Option<f64>,
    /// Households settled for under two years (`PYY_MEN_ANEM0002`).
    pub recently_moved_households: Option<f64>,
    /// Poverty rate at 60 % of the median, in percent (`TP60YY`); context.
    pub poverty_rate: Option<f64>,
}

/// How travel and capacity are counted. An impossible option counts as its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// The two travel times of coverage, in minutes, the shorter first.
    pub thresholds_minutes: [u32; 2],
    /// The bands of accessibility, from the nearest to the farthest; the last one ends the catchment of a service.
    pub bands: Vec<Band>,
    /// How many concerned people an hour a week of e-administrative help serves. 23 by default: an hour a week is about
    /// 46 open hours a year, and a concerned person is counted as needing 2 hours of help a year (a procedure or two).
    pub people_served_per_weekly_hour: f64,
    /// Road distance over great-circle distance.
    pub detour_factor: f64,
    /// Mean road speed, in km/h.
    pub speed_kmh: f64,
    /// What counts how much when communes are ranked.
    pub priority: Weights,
}

/// A band of travel time: people within it, and in no nearer one, count and are served by its weight.
///
/// By default 1 up to 15 minutes and 0.42 up to 30. Luo & Qi (2009, Health & Place 15) give 1, 0.68 and 0.22 for 10, 20
/// and 30 minutes; averaged over our two bands and set to 1 in the first, that is 0.418 in the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Band {
    /// Up to this many minutes, included.
    pub minutes: u32,
    /// From 0 (excluded) to 1; counted to the thousandth.
    pub weight: f64,
}

/// What counts how much when communes are ranked, each from 0 to 100, 1 by default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Weights {
    /// Being informed and oriented.
    pub inform: f64,
    /// Equipment and network.
    pub equip: f64,
    /// Help with a procedure.
    pub assist: f64,
    /// Learning.
    pub train: f64,
    /// Repair.
    pub repair: f64,
    /// People who are fragile.
    pub fragility: f64,
    /// People who are exposed.
    pub exposure: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { inform: 1.0, equip: 1.0, assist: 1.0, train: 1.0, repair: 1.0, fragility: 1.0, exposure: 1.0 }
    }
}

impl Weights {
    fn sane(self) -> Self {
        let one = |weight: f64| if (0.0..=100.0).contains(&weight) { weight } else { 1.0 };
        Self {
            inform: one(self.inform),
            equip: one(self.equip),
            assist: one(self.assist),
            train: one(self.train),
            repair: one(self.repair),
            fragility: one(self.fragility),
            exposure: one(self.exposure),
        }
    }
}

/// The most bands there may be.
pub const BANDS_MAX: usize = 12;

/// The longest travel time that a threshold or a band may name, in minutes: a day.
const MINUTES_MAX: u32 = 24 * 60;

impl Default for Options {
    fn default() -> Self {
        Self {
            thresholds_minutes: [15, 30],
            bands: vec![Band { minutes: 15, weight: 1.0 }, Band { minutes: 30, weight: 0.42 }],
            people_served_per_weekly_hour: 23.0,
            detour_factor: 1.3,
            speed_kmh: 45.0,
            priority: Weights::default(),
        }
    }
}

impl Options {
    /// The options with every impossible one replaced by its default: what the engine counts with.
    #[must_use]
    pub fn sane(&self) -> Self {
        let default = Self::default();
        let [near, far] = self.thresholds_minutes;
        let within = |value: f64, low: f64, high: f64, otherwise: f64| {
            if (low..=high).contains(&value) { value } else { otherwise }
        };
        Self {
            thresholds_minutes: if 0 < near && near < far && far <= MINUTES_MAX {
                self.thresholds_minutes
            } else {
                default.thresholds_minutes
            },
            bands: if are_bands(&self.bands) { self.bands.clone() } else { default.bands },
            people_served_per_weekly_hour: within(
                self.people_served_per_weekly_hour,
                0.001,
                10_000.0,
                default.people_served_per_weekly_hour,
            ),
            detour_factor: within(self.detour_factor, 1.0, 10.0, default.detour_factor),
            speed_kmh: within(self.speed_kmh, 1.0, 300.0, default.speed_kmh),
            priority: self.priority.sane(),
        }
    }
}

/// Whether these are bands: each farther than the one before it, each with a weight that is not lost in rounding.
fn are_bands(bands: &[Band]) -> bool {
    let weighted = |band: &Band| (0.001..=1.0).contains(&band.weight) && band.minutes <= MINUTES_MAX;
    let farther = bands.windows(2).all(|pair| matches!(pair, [near, far] if near.minutes < far.minutes));
    (1..=BANDS_MAX).contains(&bands.len()) && bands.iter().all(weighted) && farther
}

/// The figure if it can be one: finite, not negative, at most a billion.
pub fn known(figure: Option<f64>) -> Option<f64> {
    figure.filter(|value| (0.0..=PEOPLE_MAX).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_figures_are_missing() {
        for (figure, expected) in [
            (None, None),
            (Some(0.0), Some(0.0)),
            (Some(12.5), Some(12.5)),
            (Some(-1.0), None),
            (Some(f64::NAN), None),
            (Some(f64::INFINITY), None),
            (Some(1e12), None),
        ] {
            assert_eq!(known(figure), expected, "{figure:?}");
        }
    }

    #[test]
    fn positions_are_on_the_globe() {
        for (lat, lon, valid) in [
            (48.19, -2.05, true),
            (0.0, -2.05, true),
            (0.0, 0.0, false),
            (91.0, 0.0, false),
            (48.0, 181.0, false),
            (f64::NAN, 1.0, false),
        ] {
            assert_eq!(Position { lat, lon }.valid().is_some(), valid, "{lat} {lon}");
        }
    }

    #[test]
    fn impossible_options_are_defaults() {
        let default = Options::default();
        let wrong = Options {
            thresholds_minutes: [30, 15],
            people_served_per_weekly_hour: f64::NAN,
            bands: vec![],
            detour_factor: 0.5,
            speed_kmh: 0.0,
            priority: Weights { assist: -1.0, fragility: f64::INFINITY, ..Weights::default() },
        };
        assert_eq!(wrong.sane(), default);
        assert_eq!(default.sane(), default);
        let chosen = Options {
            thresholds_minutes: [10, 20],
            speed_kmh: 50.0,
            bands: vec![Band { minutes: 20, weight: 0.5 }],
            ..default.clone()
        };
        assert_eq!(chosen.sane(), chosen);
        let band = |minutes, weight| Band { minutes, weight };
        for bands in [
            vec![band(15, 0.0)],
            vec![band(15, 1.1)],
            vec![band(15, f64::NAN)],
            vec![band(30, 1.0), band(15, 0.5)],
            vec![band(15, 1.0), band(15, 0.5)],
            vec![band(1441, 1.0)],
            (1..=13).map(|minutes| band(minutes, 1.0)).collect(),
        ] {
            let options = Options { bands, ..default.clone() };
            assert_eq!(options.sane(), default, "{options:?}");
        }
    }
}
