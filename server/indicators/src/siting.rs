//! Where p new permanences would help most: the question, the instance that a solver gets, and the answer.
//!
//! Two classical questions, for one family of service and beside the places that exist:
//!
//! - *maximal covering location* (MCLP; Church & ReVelle 1974, Papers of the Regional Science Association 32): the most
//!   people newly within so many minutes of a service;
//! - *p-median* (Hakimi 1964, Operations Research 12; ReVelle & Swain 1970, Geographical Analysis 2): the fewest minutes
//!   from everybody to the nearest service, summed over people.
//!
//! Both are one instance here: what each commune gains from each site, of which the best chosen site counts:
//! `max Σᵢ max over j in S of gᵢⱼ`. Only pairs that are nearer than the place that exists gain anything, so only they
//! are kept, which is exact and ten times smaller. A site is a commune with a point.
//!
//! This file knows a greedy answer, its improvement by exchanges (Teitz & Bart 1968, Operations Research 16) and a bound
//! that needs no solver; the solver itself is a hand, for it reads a clock. Whoever chose the sites, their value is
//! counted again here. Equal answers are told apart by commune code: no site of an answer can be replaced by one with a
//! lower code and the same value.

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use crate::fixed::MilliPeople;
use crate::gains::{Gains, Row};
use crate::portrait::TerritoryPortrait;
use crate::resource::Family;
use crate::statistics::Position;
use crate::survey::Survey;

/// The most permanences that may be asked for.
pub const COUNT_MAX: usize = 10;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The family of the permanences; its services are the places that exist.
    pub family: Family,
    /// How many permanences, from 1 to [`COUNT_MAX`].
    pub count: u32,
    /// Hours a week of each.
    pub hours: f64,
    /// Within how many minutes people count as covered.
    pub minutes: f64,
    /// What is sought.
    pub method: Method,
    /// Whom it is sought for.
    pub demand: Demand,
}

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// The most people within reach (MCLP).
    Covering,
    /// The fewest minutes in all (p-median).
    Median,
}

/// Whom it is sought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Demand {
    /// People concerned.
    Concerned,
    /// People concerned whom the reachable hours do not serve.
    Gap,
    /// Inhabitants.
    Population,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// What was asked.
    pub question: Question,
    /// The people that it was sought for, over the communes with a point and a figure.
    pub people: f64,
    /// How it is now: people covered, or person-minutes to the nearest service; nothing where some people reach none.
    pub before: Option<f64>,
    /// The best plan that was found.
    pub best: Plan,
    /// What choosing one site after the other gives: how one would do it by hand.
    pub greedy: Plan,
    /// Whether no plan is better than the best one.
    pub proven: bool,
    /// No plan gains more than this.
    pub bound: f64,
    /// How much more than the best plan another might gain, as a share of the bound; 0 when proven.
    pub shortfall: f64,
    /// The territory as it is and as the best plan would make it; nothing where no site gains anything.
    pub effect: Option<Effect>,
}

/// Sites, and what they give.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The sites, the one that adds most first. Fewer than asked for where more would gain nothing.
    pub sites: Vec<Site>,
    /// People newly covered, or person-minutes saved.
    pub gained: f64,
    /// How it would be: people covered, or person-minutes to the nearest service.
    pub after: f64,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// The INSEE code of the commune.
    #[cfg_attr(test, ts(type = "string"))]
    pub commune: InseeCode,
    /// Its name.
    pub name: String,
    /// Its point.
    #[cfg_attr(test, ts(type = "{ lat: number, lon: number }"))]
    pub position: Position,
    /// What it adds to the sites before it.
    pub gained: f64,
}

/// A territory before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// As it is.
    pub before: TerritoryPortrait,
    /// As it would be.
    pub after: TerritoryPortrait,
}

/// A question put in numbers.
#[derive(Debug, Clone)]
pub struct Instance {
    question: Question,
    sites: Vec<(InseeCode, String, Position)>,
    gains: Gains,
    people: f64,
    before: f64,
    /// Whether everybody reaches a service as it is.
    whole: bool,
}

/// What a solver found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// The sites, in order.
    pub sites: Vec<usize>,
    /// A bound on what any sites gain, if it knows one.
    pub bound: Option<f64>,
    /// Whether it proved that none gain more.
    pub proven: bool,
}

impl Survey {
    /// Puts a question in numbers.
    pub fn siting(&self, question: Question) -> Instance {
        let ground = self.ground();
        let nearest = self.nearest(question.family);
        let placed: Vec<_> =
            (0..).zip(&ground.spots).filter_map(|(at, spot)| Some((at, spot, spot.position?))).collect();
        let stands: Vec<_> =
            placed.iter().map(|(at, _, position)| ground.stand(Some(*at), Some(*position))).collect();
        let (mut people, mut before, mut whole) = (0.0, 0.0, true);
        let mut rows = Vec::new();
        for (at, spot, _) in &placed {
            let demand = match question.demand {
                Demand::Concerned => spot.concerned.map(MilliPeople::people),
                Demand::Population => spot.population,
                Demand::Gap => self
                    .engine()
                    .commune(&spot.code)
                    .and_then(|commune| commune.gap.get(question.family).people),
            };
            let Some(demand) = demand else { continue };
            people += demand;
            let now = nearest.get(*at).copied().flatten();
            let reach = |most: f64| {
                let minutes = stands.iter().enumerate().filter_map(move |(site, stand)| {
                    Some((site, ground.minutes_within(spot, stand.as_ref()?, most)?))
                });
                minutes.collect::<Vec<_>>()
            };
            match question.method {
                Method::Covering if now.is_some_and(|now| now <= question.minutes) => before += demand,
                Method::Covering => {
                    let near = reach(question.minutes);
                    rows.push(near.into_iter().map(|(site, _)| (site, demand)).collect::<Row>());
                }
                Method::Median => {
                    let near = reach(now.unwrap_or(f64::INFINITY));
                    // Whoever reaches nothing counts as at the farthest site that can be reached.
                    let farthest = || near.iter().map(|(_, minutes)| *minutes).fold(0.0, f64::max);
                    whole &= now.is_some() || demand == 0.0;
                    let now = now.unwrap_or_else(farthest);
                    before += demand * now;
                    rows.push(near.iter().map(|(site, minutes)| (*site, demand * (now - minutes))).collect());
                }
            }
        }
        let sites =
            placed.iter().map(|(_, spot, position)| (spot.code.clone(), spot.name.clone(), *position));
        let gains = Gains::new(stands.len(), rows);
        Instance { question, sites: sites.collect(), gains, people, before, whole }
    }

    /// The answer to a question, from what a solver found.
    pub fn proposal(&self, instance: &Instance, solved: &Solved) -> Proposal {
        let best = instance.plan(&instance.gains.tidied(&solved.sites));
        let greedy = instance.plan(&instance.gains.greedy(instance.count()));
        let question = instance.question;
        let permanences: Vec<_> = best
            .sites
            .iter()
            .map(|site| crate::what_if::Permanence {
                commune: site.commune.clone(),
                family: question.family,
                hours: question.hours,
            })
            .collect();
        let tried = self.what_if(&permanences).ok();
        let bound = if solved.proven { best.gained } else { instance.bound(solved).max(best.gained) };
        Proposal {
            question,
            people: instance.people,
            before: instance.whole.then_some(instance.before),
            proven: solved.proven,
            bound,
            shortfall: if bound > 0.0 { (bound - best.gained) / bound } else { 0.0 },
            best,
            greedy,
            effect: tried.map(|tried| Effect { before: tried.before, after: tried.after }),
        }
    }
}

impl Instance {
    /// How many sites are to be chosen.
    pub fn count(&self) -> usize {
        (self.question.count as usize).clamp(1, COUNT_MAX)
    }

    /// What each commune gains from each site.
    pub fn gains(&self) -> &Gains {
        &self.gains
    }

    /// The INSEE code of a site.
    pub fn code(&self, site: usize) -> Option<&InseeCode> {
        self.sites.get(site).map(|(code, ..)| code)
    }

    /// How it is now: people covered, or person-minutes.
    pub fn before(&self) -> f64 {
        self.before
    }

    fn bound(&self, solved: &Solved) -> f64 {
        let own = self.gains.bound(&solved.sites, self.count());
        solved.bound.map_or(own, |bound| bound.min(own))
    }

    fn plan(&self, sites: &[usize]) -> Plan {
        let ordered = self.gains.ordered(sites);
        let gained = self.gains.value(sites);
        let site = |(site, gained): &(usize, f64)| {
            let (commune, name, position) = self.sites.get(*site)?.clone();
            Some(Site { commune, name, position, gained: *gained })
        };
        Plan {
            sites: ordered.iter().filter_map(site).collect(),
            gained,
            after: match self.question.method {
                Method::Covering => self.before + gained,
                Method::Median => self.before - gained,
            },
        }
    }
}

#[cfg(test)]
mod tests;
