//! What the engine works out once when statistics arrive, so that an edit does not: the communes in order, their need
//! and their points, and which of them a structure reaches.
//!
//! Not state: a function of the statistics. A commune is its place in the order of INSEE codes, so that tallies are
//! plain vectors; nobody outside the crate sees that number.

use std::sync::Arc;

use portrea_protocol::ids::InseeCode;

use crate::evidence::{CommuneGrades, TerritoryGrades};
use crate::fixed::{self, MilliPeople};
use crate::missing::Missing;
use crate::need::{Basis, Need, sum};
use crate::resource::Resource;
use crate::statistics::{Options, Position, Statistics, known};
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

/// The territory before any structure.
#[derive(Debug, Clone)]
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
}

/// Where a structure is among the communes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// The commune it is in, if the territory lists it.
    pub(crate) home: Option<usize>,
    /// Whether it has a point, its own or its commune's.
    pub(crate) placed: bool,
    /// The communes within the longer threshold, in order, each with whether it is within the shorter.
    pub(crate) reached: Vec<Reached>,
    /// People concerned in the communes reached, in thousandths.
    pub(crate) need: i64,
}

/// A commune that a structure reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub(crate) commune: usize,
    pub(crate) near: bool,
}

impl Ground {
    pub(crate) fn new(statistics: &Statistics) -> Self {
        let options = statistics.options.sane();
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
            options,
            per_hour: Yield::of(&options),
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

    /// The place of a commune in the order; nothing for one that the territory does not list.
    pub(crate) fn find(&self, code: &InseeCode) -> Option<usize> {
        self.spots.binary_search_by(|spot| spot.code.cmp(code)).ok()
    }

    /// Where a structure is and whom it reaches.
    pub(crate) fn place(&self, resource: &Resource) -> Place {
        let home = resource.commune.as_ref().and_then(|code| self.find(code));
        let own = resource.position.and_then(Position::valid);
        let communes = || home.and_then(|home| self.spots.get(home)).and_then(|spot| spot.position);
        let Some(from) = own.or_else(communes) else {
            return Place { home, ..Place::default() };
        };
        let [near, far] = self.options.thresholds_minutes.map(f64::from);
        let mut place = Place { home, placed: true, ..Place::default() };
        for (commune, spot) in self.spots.iter().enumerate() {
            let Some(to) = spot.position else { continue };
            if travel::surely_beyond(from, to, far, &self.options) {
                continue;
            }
            let minutes = travel::minutes(from, to, &self.options);
            if minutes <= far {
                place.reached.push(Reached { commune, near: minutes <= near });
                place.need += spot.concerned.map_or(0, MilliPeople::milli);
            }
        }
        place
    }
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
