//! The portrait kept up to date: an edit touches what it can change, and only that is recomputed.
//!
//! State is integers: a tally for the territory and one a commune, which each structure enters and leaves. Drawing a
//! portrait reads them and changes nothing. An edit costs the travel times from one structure to the communes (none,
//! if it did not move) and a step in each commune within reach; never a look at another structure. The first time that
//! an edit touches a commune its tally is set aside, and [`Engine::settle`] compares only those.
//!
//! Invariant: tallies equal those of an engine fed the same statistics and structures at once; [`crate::oracle`] and a
//! property hold it to that. Statistics are another matter: new ones rebuild everything.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

use portrea_protocol::ids::{InseeCode, RecordId};

use crate::access::{self, Access};
use crate::coverage;
use crate::delta::{self, Delta};
use crate::fixed;
use crate::gap;
use crate::ground::{Ground, Place};
use crate::offer::OfferTally;
use crate::portrait::{CommunePortrait, Figures, Portrait, TerritoryPortrait};
use crate::resource::{Family, PerFamily, Resource};
use crate::statistics::Statistics;

/// A territory's indicators, fed edit by edit.
#[derive(Debug, Clone)]
pub struct Engine {
    statistics: Arc<Statistics>,
    ground: Arc<Ground>,
    held: BTreeMap<RecordId, Held>,
    territory: TerritoryTally,
    /// One a commune, in the order of the ground's spots.
    communes: Vec<CommuneTally>,
    settled: Settled,
}

/// A structure as it last came, with where that puts it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) view: Resource,
    pub(crate) place: Place,
}

/// A commune's state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CommuneTally {
    offer: OfferTally,
    coverage: coverage::CommuneTally,
    access: Access,
}

/// The territory's state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct TerritoryTally {
    offer: OfferTally,
    unplaced: i64,
    coverage: coverage::TerritoryTally,
    /// The communes' gaps, summed, in thousandths of a person.
    left_out: PerFamily<i64>,
    /// The hours that fall to the communes' people concerned, summed, as [`access::reached`] counts them.
    reached: PerFamily<i128>,
}

/// How things stood at the last settling, as far as they may have changed since.
#[derive(Debug, Clone)]
enum Settled {
    /// Only structures came and went: the tallies they touched, as they were before.
    Touched { territory: Option<Box<TerritoryTally>>, communes: BTreeMap<usize, CommuneTally> },
    /// Statistics changed too: every figure.
    Whole(Box<WholeFigures>),
}

#[derive(Debug, Clone)]
struct WholeFigures {
    territory: Figures,
    communes: BTreeMap<InseeCode, Figures>,
}

impl Default for Settled {
    fn default() -> Self {
        Self::Touched { territory: None, communes: BTreeMap::new() }
    }
}

impl Engine {
    /// An engine without structures. Nothing is pending: its first portrait is the start that deltas continue.
    pub fn new(statistics: Statistics) -> Self {
        let ground = Arc::new(Ground::new(&statistics));
        let (territory, communes) = empty(&ground);
        let statistics = Arc::new(statistics);
        Self { statistics, ground, held: BTreeMap::new(), territory, communes, settled: Settled::default() }
    }

    /// The same figures without a memory of the structures that they come from: enough to try one more, and small.
    pub(crate) fn sketch(&self) -> Self {
        Self {
            statistics: Arc::clone(&self.statistics),
            ground: Arc::clone(&self.ground),
            held: BTreeMap::new(),
            territory: self.territory,
            communes: self.communes.clone(),
            settled: Settled::default(),
        }
    }

    /// What is known of the territory before any structure.
    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The structures as they last came.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.values()
    }

    /// The statistics in force.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Replaces the statistics and recounts every structure against them; the same statistics change nothing.
    pub fn set_statistics(&mut self, statistics: Statistics) {
        if statistics == *self.statistics {
            return;
        }
        self.settled = Settled::Whole(Box::new(self.as_settled()));
        self.ground = Arc::new(Ground::new(&statistics));
        self.statistics = Arc::new(statistics);
        (self.territory, self.communes) = empty(&self.ground);
        let mut held = mem::take(&mut self.held);
        for structure in held.values_mut() {
            structure.place = self.ground.place(&structure.view);
            self.count(structure, 1);
        }
        self.held = held;
    }

    /// Tells what a structure is now, or that it is no more. A view equal to the last one costs a comparison.
    pub fn set(&mut self, id: &RecordId, view: Option<Resource>) {
        match (self.held.get(id), &view) {
            (None, None) => return,
            (Some(held), Some(view)) if held.view == *view => return,
            _ => {}
        }
        let left = self.held.remove(id);
        if let Some(left) = &left {
            self.count(left, -1);
        }
        let Some(view) = view else { return };
        let place = match left {
            Some(left) if left.view.commune == view.commune && left.view.position == view.position => {
                left.place
            }
            _ => self.ground.place(&view),
        };
        let held = Held { view, place };
        self.count(&held, 1);
        self.held.insert(id.clone(), held);
    }

    /// What changed since the last settling, the territory first, then the communes by code, each in the portrait's
    /// order. With nothing changed, nothing is compared.
    pub fn settle(&mut self) -> Vec<Delta> {
        match mem::take(&mut self.settled) {
            Settled::Touched { territory, communes } => self.since_touched(territory.as_deref(), &communes),
            Settled::Whole(before) => before.until(&WholeFigures::of(&self.portrait())),
        }
    }

    /// The whole portrait as of the last edit, settled or not.
    pub fn portrait(&self) -> Portrait {
        let communes = self.communes.iter().enumerate();
        Portrait {
            sources: self.statistics.sources.clone(),
            invented: self.statistics.invented,
            dimensions: self.statistics.evidence.dimensions.clone(),
            options: self.ground.options.clone(),
            basis: self.ground.basis,
            territory: self.draw_territory(&self.territory),
            communes: communes
                .filter_map(|(commune, tally)| {
                    Some((self.ground.spots.get(commune)?.code.clone(), self.draw(commune, tally)?))
                })
                .collect(),
        }
    }

    /// The territory's portrait alone.
    pub fn territory(&self) -> TerritoryPortrait {
        self.draw_territory(&self.territory)
    }

    /// A commune's portrait alone; nothing for a commune that the statistics do not list.
    pub fn commune(&self, code: &InseeCode) -> Option<CommunePortrait> {
        let commune = self.ground.find(code)?;
        self.draw(commune, self.communes.get(commune)?)
    }

    /// Lets a structure in (`sign` 1) or out (`sign` −1) of every tally it counts in.
    fn count(&mut self, structure: &Held, sign: i64) {
        let Held { view, place } = structure;
        if view.archived {
            return;
        }
        self.set_aside(place);
        let offer = OfferTally::of(view);
        self.territory.offer.add(&offer, sign);
        self.territory.unplaced += sign * i64::from(place.stand.is_none());
        if let Some(home) = place.home.and_then(|home| self.communes.get_mut(home)) {
            home.offer.add(&offer, sign);
        }
        let ratios = access::ratios(view, place);
        let per_hour = self.ground.per_hour;
        for reached in &place.reached {
            let (Some(spot), Some(commune)) =
                (self.ground.spots.get(reached.commune()), self.communes.get_mut(reached.commune()))
            else {
                continue;
            };
            let mut reach = |family, services| {
                let (commune, territory) = (&mut commune.coverage, &mut self.territory.coverage);
                coverage::step(commune, territory, spot, family, reached.near, sign * services);
            };
            for family in Family::ALL.into_iter().filter(|_| reached.far) {
                let services = offer.families.get(family).services();
                if services > 0 {
                    reach(Some(family), services);
                    reach(None, services);
                }
            }
            for family in Family::ALL {
                let added = ratios.get(family) * i128::from(reached.weight);
                if added != 0 {
                    let access = commune.access.get_mut(family);
                    let before = *access;
                    *access += i128::from(sign) * added;
                    *self.territory.left_out.get_mut(family) +=
                        gap::left_out(spot, *access, per_hour) - gap::left_out(spot, before, per_hour);
                    *self.territory.reached.get_mut(family) +=
                        access::reached(spot, *access) - access::reached(spot, before);
                }
            }
        }
    }

    /// Keeps the tallies that a structure there is about to change, unless they are kept already.
    fn set_aside(&mut self, place: &Place) {
        let Settled::Touched { territory, communes } = &mut self.settled else { return };
        territory.get_or_insert_with(|| Box::new(self.territory));
        for commune in place.home.into_iter().chain(place.reached.iter().map(|reached| reached.commune())) {
            if let Some(tally) = self.communes.get(commune) {
                communes.entry(commune).or_insert(*tally);
            }
        }
    }

    /// Every figure as of the last settling.
    fn as_settled(&self) -> WholeFigures {
        match &self.settled {
            Settled::Whole(whole) => (**whole).clone(),
            Settled::Touched { territory, communes } => {
                let mut whole = WholeFigures::of(&self.portrait());
                if let Some(before) = territory {
                    whole.territory = self.draw_territory(before).walk();
                }
                for (commune, before) in communes {
                    if let (Some(spot), Some(drawn)) =
                        (self.ground.spots.get(*commune), self.draw(*commune, before))
                    {
                        whole.communes.insert(spot.code.clone(), drawn.walk());
                    }
                }
                whole
            }
        }
    }

    fn since_touched(
        &self,
        territory: Option<&TerritoryTally>,
        communes: &BTreeMap<usize, CommuneTally>,
    ) -> Vec<Delta> {
        let mut deltas = Vec::new();
        if let Some(before) = territory.filter(|before| **before != self.territory) {
            let (before, after) = (self.draw_territory(before), self.draw_territory(&self.territory));
            delta::compare_alike(None, &before.walk(), &after.walk(), &mut deltas);
        }
        for (commune, before) in communes {
            let Some(after) = self.communes.get(*commune).filter(|after| *after != before) else { continue };
            let (before, after) = (self.draw(*commune, before), self.draw(*commune, after));
            if let (Some(spot), Some(before), Some(after)) = (self.ground.spots.get(*commune), before, after)
            {
                delta::compare_alike(Some(&spot.code), &before.walk(), &after.walk(), &mut deltas);
            }
        }
        deltas
    }

    fn draw_territory(&self, tally: &TerritoryTally) -> TerritoryPortrait {
        let ground = &self.ground;
        TerritoryPortrait {
            population: ground.population,
            concerned: ground.concerned,
            need: ground.need,
            grades: ground.grades,
            missing: ground.missing,
            structures: fixed::count(tally.offer.structures),
            unplaced_structures: fixed::count(tally.unplaced),
            helpers: fixed::count(tally.offer.helpers),
            offer: tally.offer.shown(),
            coverage: coverage::shown_territory(&tally.coverage, ground),
            accessibility: access::shown_territory(&tally.reached, ground),
            gap: gap::shown_territory(&tally.left_out, ground),
        }
    }

    fn draw(&self, commune: usize, tally: &CommuneTally) -> Option<CommunePortrait> {
        let spot = self.ground.spots.get(commune)?;
        Some(CommunePortrait {
            name: spot.name.clone(),
            population: spot.population,
            concerned: self.ground.basis.and_then(|basis| spot.need.concerned(basis)),
            need: spot.need,
            grades: Arc::clone(&spot.grades),
            structures: fixed::count(tally.offer.structures),
            helpers: fixed::count(tally.offer.helpers),
            offer: tally.offer.shown(),
            coverage: coverage::shown_commune(&tally.coverage, spot, &self.ground),
            accessibility: access::shown_commune(spot, &tally.access),
            gap: gap::shown_commune(spot, &tally.access, self.ground.per_hour),
        })
    }
}

impl WholeFigures {
    fn of(portrait: &Portrait) -> Self {
        let communes = portrait.communes.iter();
        Self {
            territory: portrait.territory.walk(),
            communes: communes.map(|(code, commune)| (code.clone(), commune.walk())).collect(),
        }
    }

    /// What changed from these figures to those, communes that came or went included.
    fn until(&self, after: &Self) -> Vec<Delta> {
        let mut deltas = Vec::new();
        delta::compare(None, &self.territory, &after.territory, &mut deltas);
        let nothing = Figures::new();
        let codes: BTreeSet<_> = self.communes.keys().chain(after.communes.keys()).collect();
        for code in codes {
            let before = self.communes.get(code).unwrap_or(&nothing);
            let after = after.communes.get(code).unwrap_or(&nothing);
            delta::compare(Some(code), before, after, &mut deltas);
        }
        deltas
    }
}

/// The tallies of a territory without structures, where everybody concerned is left out.
fn empty(ground: &Ground) -> (TerritoryTally, Vec<CommuneTally>) {
    let everybody = ground.spots.iter().map(|spot| gap::left_out(spot, 0, ground.per_hour)).sum();
    let territory =
        TerritoryTally { left_out: PerFamily::from_fn(|_| everybody), ..TerritoryTally::default() };
    (territory, vec![CommuneTally::default(); ground.spots.len()])
}

#[cfg(test)]
mod tests;
