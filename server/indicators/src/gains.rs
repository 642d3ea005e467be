//! What each commune gains from each site, and choices among sites by sums and exchanges alone.
//!
//! The value of sites is `Σᵢ max over j of gᵢⱼ`: it never falls with a further site, and a site adds the less the more
//! there are (it is submodular), whence the bound. Sites are numbers in the order of commune codes. Floats are safe: each
//! value is a sum in one order.

use std::collections::BTreeMap;

/// The sites that a commune gains from, in order, each with what it gains.
pub type Row = Vec<(usize, f64)>;

/// What each commune gains from each site.
#[derive(Debug, Clone, PartialEq)]
pub struct Gains {
    sites: usize,
    rows: Vec<Row>,
}

impl Gains {
    /// Gains from so many sites. Pairs without a gain are dropped; rows with one gain from the same sites are one row.
    pub fn new(sites: usize, rows: impl IntoIterator<Item = Row>) -> Self {
        let (mut alike, mut others) = (BTreeMap::<Vec<usize>, f64>::new(), Vec::new());
        for row in rows {
            let row: Row = row.into_iter().filter(|(site, gain)| *site < sites && *gain > 0.0).collect();
            let Some((_, first)) = row.first().copied() else { continue };
            if row.iter().all(|(_, gain)| gain.to_bits() == first.to_bits()) {
                *alike.entry(row.into_iter().map(|(site, _)| site).collect()).or_default() += first;
            } else {
                others.push(row);
            }
        }
        let alike =
            alike.into_iter().map(|(sites, gain)| sites.into_iter().map(|site| (site, gain)).collect());
        Self { sites, rows: alike.chain(others).collect() }
    }

    /// How many sites there are.
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What these sites gain.
    pub fn value(&self, chosen: &[usize]) -> f64 {
        self.held(chosen).iter().fold(0.0, |sum, gain| sum + gain)
    }

    /// Sites chosen one after the other, each the one that adds most; fewer where none adds anything.
    pub fn greedy(&self, count: usize) -> Vec<usize> {
        let mut chosen = Vec::new();
        while chosen.len() < count {
            let Some((site, _)) = best(&self.added(&self.held(&chosen))) else { break };
            chosen.push(site);
        }
        chosen.sort_unstable();
        chosen
    }

    /// Sites improved by exchanging one for another as long as that gains (Teitz & Bart 1968).
    pub fn exchanged(&self, chosen: &[usize]) -> Vec<usize> {
        self.replaced(chosen, |own, added| {
            let (site, gain) = best(added)?;
            (gain > added_by(added, own) * (1.0 + EQUAL) + EQUAL).then_some(site)
        })
    }

    /// The same value from lower numbers: each site is exchanged for the lowest one that adds as much. Sites that add
    /// nothing are left out.
    pub fn tidied(&self, chosen: &[usize]) -> Vec<usize> {
        let useful = |chosen: &[usize]| {
            let mut useful: Vec<usize> = self.ordered(chosen).into_iter().map(|(site, _)| site).collect();
            useful.sort_unstable();
            useful
        };
        let mut standing = useful(chosen);
        loop {
            let lower = self.replaced(&standing, |own, added| {
                let gain = added_by(added, own);
                let alike = |other: f64| gain > 0.0 && (other - gain).abs() <= gain * EQUAL;
                added.iter().take(own).position(|other| alike(*other))
            });
            let next = useful(&lower);
            // Fewer sites, or lower ones: this ends.
            if next == standing {
                return standing;
            }
            standing = next;
        }
    }

    /// Sites with what each adds to those before it, the one that adds most first; those that add nothing left out.
    pub fn ordered(&self, chosen: &[usize]) -> Vec<(usize, f64)> {
        let mut ordered: Vec<(usize, f64)> = Vec::new();
        loop {
            let taken: Vec<usize> = ordered.iter().map(|(site, _)| *site).collect();
            let mut added = self.added(&self.held(&taken));
            for (site, gain) in added.iter_mut().enumerate() {
                if !chosen.contains(&site) {
                    *gain = 0.0;
                }
            }
            let Some(next) = best(&added) else { return ordered };
            ordered.push(next);
        }
    }

    /// What no choice of that many sites gains more than: what these sites gain, and the most that so many further ones
    /// add, each taken by itself (Nemhauser, Wolsey & Fisher 1978, Mathematical Programming 14).
    pub fn bound(&self, chosen: &[usize], count: usize) -> f64 {
        let beyond = |chosen: &[usize]| {
            let mut added = self.added(&self.held(chosen));
            added.sort_by(|one, other| other.total_cmp(one));
            self.value(chosen) + added.iter().take(count).sum::<f64>()
        };
        let all: f64 =
            self.rows.iter().map(|row| row.iter().map(|(_, gain)| *gain).fold(0.0, f64::max)).sum();
        beyond(chosen).min(beyond(&[])).min(all)
    }

    /// What each row gains from these sites.
    fn held(&self, chosen: &[usize]) -> Vec<f64> {
        let mut is_chosen = vec![false; self.sites];
        for site in chosen {
            if let Some(chosen) = is_chosen.get_mut(*site) {
                *chosen = true;
            }
        }
        let taken = |site: &usize| is_chosen.get(*site).copied().unwrap_or(false);
        let best =
            |row: &Row| row.iter().filter(|(site, _)| taken(site)).map(|(_, gain)| *gain).fold(0.0, f64::max);
        self.rows.iter().map(best).collect()
    }

    /// What each site adds to what the rows gain already.
    fn added(&self, held: &[f64]) -> Vec<f64> {
        let mut added = vec![0.0; self.sites];
        for (row, held) in self.rows.iter().zip(held) {
            for (site, gain) in row {
                if let Some(added) = added.get_mut(*site).filter(|_| gain > held) {
                    *added += gain - held;
                }
            }
        }
        added
    }

    /// Replaces one site after the other, as long as `other` names one: it is told the site and what each would add
    /// to the rest.
    fn replaced(&self, chosen: &[usize], other: impl Fn(usize, &[f64]) -> Option<usize>) -> Vec<usize> {
        let mut chosen = chosen.to_vec();
        let mut still = 0;
        // Each exchange gains or lowers a number, so this ends; the bound keeps rounding from playing on for ever.
        for _ in 0..ROUNDS_MAX {
            let Some(own) = chosen.get(still).copied() else { break };
            let rest: Vec<usize> = chosen.iter().copied().filter(|site| *site != own).collect();
            let mut added = self.added(&self.held(&rest));
            for site in &rest {
                if let Some(gain) = added.get_mut(*site) {
                    *gain = 0.0;
                }
            }
            if let Some(new) = other(own, &added).filter(|new| *new != own) {
                chosen = rest;
                chosen.push(new);
                still = 0;
                chosen.sort_unstable();
            } else {
                still += 1;
            }
        }
        chosen.sort_unstable();
        chosen
    }
}

/// Values this close, as a share, are equal: sums of the same figures in another order.
const EQUAL: f64 = 1e-9;

/// The most exchanges that are looked at.
const ROUNDS_MAX: usize = 10_000;

/// The site that adds most, the lowest of several; nothing where none adds anything.
fn best(added: &[f64]) -> Option<(usize, f64)> {
    let mut best = None;
    for (site, gain) in added.iter().copied().enumerate() {
        if gain > best.map_or(0.0, |(_, most)| most) {
            best = Some((site, gain));
        }
    }
    best
}

fn added_by(added: &[f64], site: usize) -> f64 {
    added.get(site).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
