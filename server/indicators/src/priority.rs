//! Where the gap is widest: the communes in order, and why each stands where it does.
//!
//! A commune's score is the number of people left out, family by family, each times two weights: the family's, and the
//! commune's own, which is the mean of the weights of fragility and exposure by how many people of each live there.
//! With all weights at 1 the score is a number of people. Ties go by commune code. Communes without a point or without
//! a figure have no gap, hence no rank: they are listed apart.
//!
//! Weights are a choice, so the ranking says how much hangs on it: each weight is moved by a fifth up and down, one at a
//! time, and what then enters the first five or leaves them is told.

use portrea_protocol::ids::InseeCode;
use serde::Serialize;

use crate::ground::Spot;
use crate::need::Basis;
use crate::portrait::CommunePortrait;
use crate::resource::Family;
use crate::statistics::Weights;
use crate::survey::Survey;

/// How many communes at the head of a ranking are watched when weights move.
pub const HEAD: usize = 5;

/// By how much of itself each weight is moved.
pub const MOVE: f64 = 0.2;

/// The communes of a territory, the widest gap first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Priority {
    /// The family that was asked for; nothing for all of them.
    pub family: Option<Family>,
    /// Which figure stands for the people concerned.
    pub basis: Option<Basis>,
    /// The weights in force. The ranking of one family does not use the families' weights.
    pub weights: Weights,
    /// The ranks, from 1.
    pub ranks: Vec<Rank>,
    /// Communes without a point or without a number of people concerned.
    #[cfg_attr(test, ts(type = "Array<string>"))]
    pub unranked: Vec<InseeCode>,
    /// How much hangs on the weights.
    pub sensitivity: Sensitivity,
}

/// A commune's rank and its terms: `score = Σ over families of weight × familyWeight × leftOut`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Rank {
    /// From 1, the widest gap.
    pub rank: u32,
    /// Its INSEE code.
    #[cfg_attr(test, ts(type = "string"))]
    pub commune: InseeCode,
    /// Its name.
    pub name: String,
    /// What the communes are ranked by.
    pub score: f64,
    /// People concerned.
    pub concerned: f64,
    /// Of which fragile, where it is known.
    pub fragility: Option<f64>,
    /// Of which exposed, where it is known.
    pub exposure: Option<f64>,
    /// The commune's own weight, from those of fragility and exposure.
    pub weight: f64,
    /// The terms, family by family.
    pub terms: Vec<Term>,
}

/// What a family adds to a commune's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Term {
    /// The family.
    pub family: Family,
    /// Its weight.
    pub family_weight: f64,
    /// People concerned whom nobody within reach has the hours for.
    pub left_out: f64,
    /// The share of the people concerned that is served, from 0 to 1; nothing where nobody is concerned.
    pub share_served: Option<f64>,
    /// Weekly hours that fall to them.
    pub reached_hours: f64,
    /// Weekly hours within reach per 1,000 people concerned.
    pub hours_per_thousand: f64,
    /// Minutes to the nearest service, whatever its hours; nothing where none can be reached.
    pub minutes_to_nearest: Option<f64>,
    /// What it adds: weight × family weight × left out.
    pub score: f64,
}

/// What moving the weights does to the head of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Sensitivity {
    /// How many communes are watched.
    pub head: u32,
    /// By how much of itself each weight was moved, up and down.
    pub moved: f64,
    /// Whether the same communes stayed there each time, in whatever order.
    pub holds: bool,
    /// The moves that changed who is there.
    pub changes: Vec<Change>,
}

/// A move of one weight that changes the head of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The weight: a family, `fragility` or `exposure`.
    pub weight: String,
    /// What it was multiplied by.
    pub factor: f64,
    /// Communes that enter.
    #[cfg_attr(test, ts(type = "Array<string>"))]
    pub enter: Vec<InseeCode>,
    /// Communes that leave.
    #[cfg_attr(test, ts(type = "Array<string>"))]
    pub leave: Vec<InseeCode>,
}

impl Survey {
    /// The communes by gap, of one family or of all.
    pub fn priority(&self, family: Option<Family>) -> Priority {
        let options = &self.ground().options;
        let families =
            || Family::ALL.into_iter().filter(move |one| family.is_none_or(|wanted| wanted == *one));
        let nearest: Vec<_> = families().map(|family| (family, self.nearest(family))).collect();
        let (mut ranks, mut unranked) = (Vec::new(), Vec::new());
        for (number, spot) in self.ground().spots.iter().enumerate() {
            let minutes =
                |(family, all): &(Family, Vec<Option<f64>>)| (*family, all.get(number).copied().flatten());
            let minutes: Vec<_> = nearest.iter().map(minutes).collect();
            let portrait = self.engine().commune(&spot.code);
            match portrait.and_then(|portrait| rank(spot, &portrait, &minutes)) {
                Some(rank) => ranks.push(rank),
                None => unranked.push(spot.code.clone()),
            }
        }
        let weights = Effective { weights: options.priority, alone: family.is_some() };
        let sensitivity = sensitivity(&mut ranks, weights);
        order(&mut ranks, weights);
        Priority {
            family,
            basis: self.ground().basis,
            weights: options.priority,
            ranks,
            unranked,
            sensitivity,
        }
    }
}

/// A commune with its terms, before weights.
fn rank(spot: &Spot, portrait: &CommunePortrait, minutes: &[(Family, Option<f64>)]) -> Option<Rank> {
    let concerned = portrait.concerned?;
    let terms = minutes.iter().map(|(family, minutes)| {
        let accessibility = portrait.accessibility.get(*family);
        let left_out = portrait.gap.get(*family).people?;
        Some(Term {
            family: *family,
            family_weight: 1.0,
            left_out,
            share_served: portrait
                .gap
                .get(*family)
                .access
                .filter(|_| concerned > 0.0)
                .map(|share| share.min(1.0)),
            reached_hours: accessibility.reached_hours?,
            hours_per_thousand: accessibility.hours_per_thousand?,
            minutes_to_nearest: *minutes,
            score: 0.0,
        })
    });
    Some(Rank {
        rank: 0,
        commune: spot.code.clone(),
        name: spot.name.clone(),
        score: 0.0,
        concerned,
        fragility: spot.need.fragility.people,
        exposure: spot.need.exposure,
        weight: 1.0,
        terms: terms.collect::<Option<_>>()?,
    })
}

/// The weights as a ranking uses them.
#[derive(Debug, Clone, Copy)]
struct Effective {
    weights: Weights,
    /// One family alone: its weight would only scale everything.
    alone: bool,
}

impl Effective {
    fn family(&self, family: Family) -> f64 {
        if self.alone {
            return 1.0;
        }
        match family {
            Family::Inform => self.weights.inform,
            Family::Equip => self.weights.equip,
            Family::Assist => self.weights.assist,
            Family::Train => self.weights.train,
            Family::Repair => self.weights.repair,
        }
    }

    fn commune(&self, rank: &Rank) -> f64 {
        let Weights { fragility, exposure, .. } = self.weights;
        match (rank.fragility, rank.exposure) {
            (Some(fragile), Some(exposed)) if fragile + exposed > 0.0 => {
                (fragility * fragile + exposure * exposed) / (fragile + exposed)
            }
            (Some(_), None) => fragility,
            (None, Some(_)) => exposure,
            _ => 1.0,
        }
    }
}

/// Scores the communes and puts them in order.
fn order(ranks: &mut [Rank], weights: Effective) {
    for rank in &mut *ranks {
        rank.weight = weights.commune(rank);
        for term in &mut rank.terms {
            term.family_weight = weights.family(term.family);
            term.score = rank.weight * term.family_weight * term.left_out;
        }
        rank.score = rank.terms.iter().map(|term| term.score).sum();
    }
    ranks.sort_by(|one, other| {
        other.score.total_cmp(&one.score).then_with(|| one.commune.cmp(&other.commune))
    });
    for (number, rank) in (1..).zip(ranks) {
        rank.rank = number;
    }
}

fn head(ranks: &mut [Rank], weights: Effective) -> Vec<InseeCode> {
    order(ranks, weights);
    ranks.iter().take(HEAD).map(|rank| rank.commune.clone()).collect()
}

fn sensitivity(ranks: &mut [Rank], weights: Effective) -> Sensitivity {
    let own = head(ranks, weights);
    let mut changes = Vec::new();
    for (name, weight) in
        WEIGHTS.into_iter().filter(|(name, _)| !weights.alone || Family::from_key(name).is_none())
    {
        for factor in [1.0 - MOVE, 1.0 + MOVE] {
            let mut moved = weights;
            *weight(&mut moved.weights) *= factor;
            let other = head(ranks, moved);
            let without = |these: &[InseeCode], those: &[InseeCode]| -> Vec<InseeCode> {
                these.iter().filter(|code| !those.contains(code)).cloned().collect()
            };
            let (enter, leave) = (without(&other, &own), without(&own, &other));
            if !enter.is_empty() {
                changes.push(Change { weight: name.to_owned(), factor, enter, leave });
            }
        }
    }
    let head = u32::try_from(HEAD).unwrap_or(u32::MAX);
    Sensitivity { head, moved: MOVE, holds: changes.is_empty(), changes }
}

type Weight = fn(&mut Weights) -> &mut f64;

/// Every weight by its name.
const WEIGHTS: [(&str, Weight); 7] = [
    ("inform", |weights| &mut weights.inform),
    ("equip", |weights| &mut weights.equip),
    ("assist", |weights| &mut weights.assist),
    ("train", |weights| &mut weights.train),
    ("repair", |weights| &mut weights.repair),
    ("fragility", |weights| &mut weights.fragility),
    ("exposure", |weights| &mut weights.exposure),
];

#[cfg(test)]
mod tests;
