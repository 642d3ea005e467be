//! What the engine works out once when statistics arrive, so that an edit does not: the communes in order, their need
//! and their points, and which of them a structure reaches.
//!
//! Where the territory brings a matrix of travel times, a structure stands at its commune: its own where the territory
//! lists it, else the one whose point is nearest to it. From and to communes that the matrix leaves out, the great
//! circle counts, from the structure's own point.
//!
//! Not state: a function of the statistics. A commune is its place in the order of INSEE codes, so that tallies are
//! plain vectors; nobody outside the crate sees that number.

use std::sync::Arc;

use portrea_protocol::ids::InseeCode;

use crate::evidence::{CommuneGrades, TerritoryGrades};
use crate::fixed::{self, MilliPeople};
use crate::matrix::TravelTimes;
use crate::missing::Missing;
use crate::need::{Basis, Need, sum};
use crate::resource::Resource;
use crate::statistics::{Band, Options, Position, Statistics, known};
use crate::travel;

/// What an hour a week serves, in thousandths of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Yield(i64);

impl Yield {
    pub(crate) fn of(options: &Options) -> Self {
        Self(fixed::round(options.people_served_per_weekly_hour * 1000.0))
    }

    pub(crate) fn milli(self) -> i64 {
        self.0
    }
}

/// A band of travel time, with its weight in thousandths.
#[derive(Debug, Clone, Copy)]
struct Zone {
    minutes: f64,
    weight: u16,
}

/// The territory before any structure.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The communes, in the order of their codes.
    pub(crate) spots: Vec<Spot>,
    /// The options that are counted with.
    pub(crate) options: Options,
    /// What an hour a week serves.
    pub(crate) per_hour: Yield,
    /// Which figure stands for the people concerned.
    pub(crate) basis: Option<Basis>,
    /// Inhabitants of the communes that have the figure.
    pub(crate) population: Option<f64>,
    /// People concerned in the communes that have the figure.
    pub(crate) concerned: Option<f64>,
    /// Need of the territory.
    pub(crate) need: Need,
    /// How well it is known.
    pub(crate) grades: TerritoryGrades,
    /// How many communes lack each figure.
    pub(crate) missing: Missing,
    /// Inhabitants of the placed communes, in thousandths: what covered ones are a share of.
    pub(crate) placed_population: i64,
    /// People concerned in the placed communes, in thousandths.
    pub(crate) placed_concerned: i64,
    /// Travel times of the territory's own.
    travel: Option<Arc<TravelTimes>>,
    zones: Vec<Zone>,
}

/// A commune before any structure.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) code: InseeCode,
    pub(crate) name: String,
    /// A valid point, or none: such a commune is covered by nobody knows what.
    pub(crate) position: Option<Position>,
    pub(crate) population: Option<f64>,
    pub(crate) need: Need,
    /// How well it is known; shared, for every edit draws it again.
    pub(crate) grades: Arc<CommuneGrades>,
    /// Inhabitants as an integer.
    pub(crate) inhabitants: Option<MilliPeople>,
    /// People concerned as an integer, by the territory's basis.
    pub(crate) concerned: Option<MilliPeople>,
    /// Its place in the territory's matrix of travel times.
    listed: Option<usize>,
}

/// A point that people travel to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    at: Position,
    /// The place in the matrix that it counts for.
    listed: Option<usize>,
}

impl Stand {
    /// The same for two stands that are as far from everybody.
    pub(crate) fn key(&self) -> (u64, u64, Option<usize>) {
        (self.at.lat.to_bits(), self.at.lon.to_bits(), self.listed)
    }
}

/// Where a structure is among the communes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// The commune it is in, if the territory lists it.
    pub(crate) home: Option<usize>,
    /// Its point, its own or its commune's; nothing where neither is known.
    pub(crate) stand: Option<Stand>,
    /// The communes within the longer threshold or within the last band, in order.
    pub(crate) reached: Vec<Reached>,
    /// People concerned in the communes within the last band, weighted: thousandths of a person × thousandths.
    pub(crate) need: i128,
}

/// A commune that a structure reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    /// Its place in the order of codes.
    commune: u32,
    /// The weight of its band, in thousandths; 0 beyond the last.
    pub(crate) weight: u16,
    /// Within the shorter threshold.
    pub(crate) near: bool,
    /// Within the longer threshold.
    pub(crate) far: bool,
}

impl Reached {
    pub(crate) fn commune(self) -> usize {
        self.commune as usize
    }
}

impl Ground {
    pub(crate) fn new(statistics: &Statistics) -> Self {
        let options = statistics.options.sane();
        let travel = statistics.travel.clone();
        let mut spots: Vec<Spot> = statistics
            .communes
            .iter()
            .map(|(code, commune)| {
                let population = known(commune.population);
                let need = Need::of(population, &commune.needs);
                Spot {
                    code: code.clone(),
                    name: commune.name.clone(),
                    position: commune.position.and_then(Position::valid),
                    population,
                    grades: Arc::new(CommuneGrades::of(code, commune, &need, &statistics.evidence)),
                    need,
                    inhabitants: population.and_then(MilliPeople::from_people),
                    concerned: None,
                    listed: travel.as_ref().and_then(|travel| travel.place(code)),
                }
            })
            .collect();
        let basis = Basis::best(&spots.iter().map(|spot| &spot.need));
        for spot in &mut spots {
            spot.concerned =
                basis.and_then(|basis| spot.need.concerned(basis)).and_then(MilliPeople::from_people);
        }
        let placed = || spots.iter().filter(|spot| spot.position.is_some());
        Self {
            per_hour: Yield::of(&options),
            zones: zones(&options),
            options,
            travel,
            basis,
            population: sum(spots.iter().map(|spot| spot.population)),
            concerned: basis.and_then(|basis| sum(spots.iter().map(|spot| spot.need.concerned(basis)))),
            need: Need::total(spots.iter().map(|spot| &spot.need)),
            grades: TerritoryGrades::total(
                spots.iter().map(|spot| (&*spot.grades, spot.population, &spot.need)),
            ),
            missing: missing(&spots),
            placed_population: placed().filter_map(|spot| spot.inhabitants).map(MilliPeople::milli).sum(),
            placed_concerned: placed().filter_map(|spot| spot.concerned).map(MilliPeople::milli).sum(),
            spots,
        }
    }

    /// Whether any commune has both a point and a number of people concerned.
    pub(crate) fn knows_a_gap(&self) -> bool {
        self.spots.iter().any(|spot| spot.position.is_some() && spot.concerned.is_some())
    }

    /// The place of a commune in the order; nothing for one that the territory does not list.
    pub(crate) fn find(&self, code: &InseeCode) -> Option<usize> {
        self.spots.binary_search_by(|spot| spot.code.cmp(code)).ok()
    }

    /// Where a structure is and whom it reaches.
    pub(crate) fn place(&self, resource: &Resource) -> Place {
        let home = resource.commune.as_ref().and_then(|code| self.find(code));
        let Some(stand) = self.stand(home, resource.position.and_then(Position::valid)) else {
            return Place { home, ..Place::default() };
        };
        let [near, far] = self.options.thresholds_minutes.map(f64::from);
        let farthest = self.zones.last().map_or(far, |zone| zone.minutes.max(far));
        let mut place = Place { home, stand: Some(stand), ..Place::default() };
        for (number, spot) in (0..).zip(&self.spots) {
            let Some(minutes) = self.minutes_within(spot, &stand, farthest) else { continue };
            let zone = self.zones.iter().find(|zone| minutes <= zone.minutes);
            let weight = zone.map_or(0, |zone| zone.weight);
            place.reached.push(Reached {
                commune: number,
                weight,
                near: minutes <= near,
                far: minutes <= far,
            });
            let concerned = spot.concerned.map_or(0, MilliPeople::milli);
            place.need += i128::from(concerned) * i128::from(weight);
        }
        place
    }

    /// Where a structure stands that is in this commune, if the territory lists it, and at this point, if it has one.
    pub(crate) fn stand(&self, home: Option<usize>, own: Option<Position>) -> Option<Stand> {
        let home = home.and_then(|home| self.spots.get(home));
        let at = own.or_else(|| home?.position)?;
        let around = || {
            let placed = self.spots.iter().filter_map(|spot| Some((spot, spot.position?)));
            let far = placed.map(|(spot, to)| (travel::great_circle_km(at, to), spot));
            far.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, spot)| spot)
        };
        let listed = self.travel.as_ref().and_then(|_| home.or_else(around)?.listed);
        Some(Stand { at, listed })
    }

    /// Minutes from a commune to a stand, if they are no more than that many; nothing where the commune has no point, or
    /// where the matrix says out of reach.
    pub(crate) fn minutes_within(&self, spot: &Spot, stand: &Stand, most: f64) -> Option<f64> {
        let from = spot.position?;
        let minutes = match (&self.travel, spot.listed, stand.listed) {
            (Some(travel), Some(own), Some(there)) => travel.minutes(own, there)?,
            _ if travel::surely_beyond(from, stand.at, most, &self.options) => return None,
            _ => travel::minutes(from, stand.at, &self.options),
        };
        (minutes <= most).then_some(minutes)
    }
}

fn zones(options: &Options) -> Vec<Zone> {
    let zone = |band: &Band| Zone {
        minutes: f64::from(band.minutes),
        weight: u16::try_from(fixed::round(band.weight * 1000.0)).unwrap_or(0),
    };
    options.bands.iter().map(zone).collect()
}

fn missing(spots: &[Spot]) -> Missing {
    let count = |lacks: fn(&Spot) -> bool| spots.iter().map(|spot| u64::from(lacks(spot))).sum();
    Missing {
        position: count(|spot| spot.position.is_none()),
        population: count(|spot| spot.population.is_none()),
        fragility: count(|spot| spot.need.fragility.people.is_none()),
        exposure: count(|spot| spot.need.exposure.is_none()),
        vulnerability: count(|spot| spot.need.vulnerability.estimate.is_none()),
        concerned: count(|spot| spot.concerned.is_none()),
    }
}
