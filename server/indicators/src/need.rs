//! How many people are concerned: socio-digital fragility, exposure to digital demands, and both together.
//!
//! Definitions are those of the Ti Lab Bretagne, taken up by Les Assembleurs (domain.md, "The indicators"). The two
//! dimensions of vulnerability overlap by an amount that no source gives, so vulnerability is an interval with an
//! estimate in it, never one number. Biographical events are shown beside: they count events and households, not
//! people, and would add apples to the interval.
//!
//! Everything here is a function of the statistics alone, in the order of the communes, so floats are safe. A missing
//! figure makes missing what needs it, and nothing else.

use serde::{Deserialize, Serialize};

use crate::statistics::{Needs, known};

/// The need of a commune, or of a territory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// People aged 65 or over, or younger with no diploma.
    pub fragility: Fragility,
    /// Recipients of minimum benefits + registered job seekers, in people.
    pub exposure: Option<f64>,
    /// People concerned by fragility or exposure.
    pub vulnerability: Interval,
    /// What created procedures in a year.
    pub events: Events,
}

/// Socio-digital fragility.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Fragility {
    /// `aged 65 or over + no_diploma × (pop15+ − pop65+) / pop15+`, in people.
    pub people: Option<f64>,
    /// Aged 15 or over and no longer at school, in people.
    pub denominator: Option<f64>,
    /// People over denominator, from 0 to 1; at territory level, over the communes that have both.
    pub share: Option<f64>,
}

/// A number of people known by its bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// At least this many: the largest known dimension.
    pub low: Option<f64>,
    /// As many if the dimensions are independent: `P × (1 − Π(1 − dᵢ/P))`. Between the bounds.
    pub estimate: Option<f64>,
    /// At most this many: the smaller of the dimensions' sum and the population.
    pub high: Option<f64>,
}

/// Biographical events, as the census and the register count them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Events {
    /// Births in a year.
    pub births: Option<f64>,
    /// Deaths in a year.
    pub deaths: Option<f64>,
    /// Households settled for under two years.
    pub recent_moves: Option<f64>,
}

/// Which figure stands for "the people concerned" when the offer is set against the need.
///
/// One for the whole territory, or communes could not be compared: the one that most communes have, and at equality the
/// most complete, in the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// Vulnerability's estimate.
    Vulnerability,
    /// Fragility's people.
    Fragility,
    /// Exposure's people.
    Exposure,
}

impl Basis {
    /// The bases, the most complete first.
    pub const ALL: [Self; 3] = [Self::Vulnerability, Self::Fragility, Self::Exposure];

    /// The basis that most of these have; nothing when none has any.
    pub fn best<'a>(needs: &(impl Iterator<Item = &'a Need> + Clone)) -> Option<Self> {
        let mut best = None;
        for basis in Self::ALL {
            let communes = needs.clone().filter(|need| need.concerned(basis).is_some()).count();
            if communes > best.map_or(0, |(most, _)| most) {
                best = Some((communes, basis));
            }
        }
        best.map(|(_, basis)| basis)
    }
}

impl Need {
    /// The need of a commune.
    pub fn of(population: Option<f64>, needs: &Needs) -> Self {
        let fragility = Fragility::of(needs);
        let exposure = exposure(needs);
        Self {
            fragility,
            exposure,
            vulnerability: Interval::of(known(population), &[fragility.people, exposure]),
            events: Events {
                births: known(needs.births),
                deaths: known(needs.deaths),
                recent_moves: known(needs.recently_moved_households),
            },
        }
    }

    /// The need of a territory, from its communes' in their order.
    ///
    /// Each figure is the sum over the communes that have it; who shows it says how many do not. Communes are disjoint,
    /// so the sum of their bounds is tighter than the bounds of their sums. A territory has a higher bound or an
    /// estimate only if every commune with a lower bound has it too: the three speak of the same people.
    pub fn total<'a>(communes: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let whole = communes
            .clone()
            .filter(|need| need.fragility.people.is_some() && need.fragility.denominator.is_some());
        let bounded = communes.clone().filter(|need| need.vulnerability.low.is_some());
        Self {
            fragility: Fragility {
                people: sum(communes.clone().map(|need| need.fragility.people)),
                denominator: sum(communes.clone().map(|need| need.fragility.denominator)),
                share: share(
                    sum(whole.clone().map(|need| need.fragility.people)),
                    sum(whole.map(|need| need.fragility.denominator)),
                ),
            },
            exposure: sum(communes.clone().map(|need| need.exposure)),
            vulnerability: Interval {
                low: sum(bounded.clone().map(|need| need.vulnerability.low)),
                estimate: sum_of_all(bounded.clone().map(|need| need.vulnerability.estimate)),
                high: sum_of_all(bounded.map(|need| need.vulnerability.high)),
            },
            events: Events {
                births: sum(communes.clone().map(|need| need.events.births)),
                deaths: sum(communes.clone().map(|need| need.events.deaths)),
                recent_moves: sum(communes.map(|need| need.events.recent_moves)),
            },
        }
    }

    /// The people concerned, by that basis.
    pub fn concerned(&self, basis: Basis) -> Option<f64> {
        match basis {
            Basis::Vulnerability => self.vulnerability.estimate,
            Basis::Fragility => self.fragility.people,
            Basis::Exposure => self.exposure,
        }
    }
}

impl Fragility {
    fn of(needs: &Needs) -> Self {
        let people = (|| {
            let (aged_65, aged_15) = (known(needs.aged_65_or_over)?, known(needs.aged_15_or_over)?);
            let no_diploma = known(needs.no_diploma)?;
            // Where nobody is 15 or over, nobody under 65 is without a diploma either.
            let under_65 = if aged_15 > 0.0 { ((aged_15 - aged_65) / aged_15).max(0.0) } else { 0.0 };
            Some(aged_65 + no_diploma * under_65)
        })();
        let denominator = known(needs.not_at_school);
        Self { people, denominator, share: share(people, denominator) }
    }
}

impl Interval {
    /// The bounds of a union whose overlaps are unknown (Fréchet), with the estimate under independence.
    ///
    /// Every dimension is read as at most the population. When only some dimensions are known, the lower bound is the
    /// largest of them, the higher bound the population, and there is no estimate; when none is known, nothing is.
    /// Without a population the sum alone bounds from above.
    pub fn of(population: Option<f64>, dimensions: &[Option<f64>]) -> Self {
        let clamp = |people: f64| population.map_or(people, |population| people.min(population)).max(0.0);
        let figures = || dimensions.iter().flatten().map(|people| clamp(*people));
        let Some(low) = figures().reduce(f64::max) else { return Self::default() };
        if dimensions.iter().any(Option::is_none) {
            return Self { low: Some(low), estimate: None, high: population };
        }
        let high = clamp(figures().sum());
        let estimate = population.map(|population| {
            let untouched: f64 = if population > 0.0 {
                figures().map(|people| 1.0 - people / population).product()
            } else {
                1.0
            };
            // Rounding may step out of the bounds by a last bit.
            (population * (1.0 - untouched)).max(low).min(high)
        });
        Self { low: Some(low), estimate, high: Some(high) }
    }
}

fn exposure(needs: &Needs) -> Option<f64> {
    let detailed = || Some(known(needs.rsa)? + known(needs.prime_activite)? + known(needs.aah)?);
    let benefits = known(needs.minimum_benefits).or_else(detailed)?;
    Some(benefits + known(needs.job_seekers)?)
}

/// A share from 0 to 1; sources of two vintages may overshoot.
fn share(people: Option<f64>, denominator: Option<f64>) -> Option<f64> {
    let (people, denominator) = (people?, denominator?);
    (denominator > 0.0).then(|| (people / denominator).min(1.0))
}

/// The sum of the known figures, in order; missing when none is known.
pub(crate) fn sum(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    figures.flatten().reduce(|total, figure| total + figure)
}

/// The sum of the figures if each is known and there is one.
fn sum_of_all(figures: impl Iterator<Item = Option<f64>> + Clone) -> Option<f64> {
    if figures.clone().all(|figure| figure.is_some()) { sum(figures) } else { None }
}

#[cfg(test)]
mod tests;
