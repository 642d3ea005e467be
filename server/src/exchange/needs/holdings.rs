//! What a territory has of statistics: its series side by side, its recipe, and what was told of former communes.
//!
//! Imports add up: a series takes the place of an earlier one of the same figure and vintage, and of that alone. Within
//! one import of several files a later one wins where it has a figure.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::{Level, Series, Source, find};
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use super::fit::{FileReport, Territory};
use super::passage::{Move, Passage};
use super::{APART, INVENTED, NeedsFile};
use crate::exchange::territory_file::CommuneShape;

/// What a territory has of statistics.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Holdings {
    /// Its series, the latest import last.
    pub series: Vec<Series>,
    /// Inhabitants of former communes and of those they went into, to weigh their rates by.
    pub weights: BTreeMap<InseeCode, f64>,
    /// Moves of communes that were told, over those that are built in.
    pub moves: Vec<Move>,
    /// Its recipe in TOML; the default one where it has none of its own.
    pub recipe: Option<String>,
}

impl Holdings {
    /// What figures without series come to, as earlier versions kept them: one series each, without a year.
    pub fn of_statistics(statistics: &Statistics) -> Self {
        let mut series: BTreeMap<&'static str, Series> = BTreeMap::new();
        let mark = statistics.invented.then(|| INVENTED.to_owned());
        let producer = statistics.sources.iter().cloned().chain(mark).collect::<Vec<_>>().join(APART);
        for (code, commune) in &statistics.communes {
            let needs = &commune.needs;
            for (key, figure) in [
                ("aged_65_or_over", needs.aged_65_or_over),
                ("aged_15_or_over", needs.aged_15_or_over),
                ("not_at_school_15_or_over", needs.not_at_school),
                ("no_diploma", needs.no_diploma),
                ("rsa", needs.rsa),
                ("prime_activite", needs.prime_activite),
                ("aah", needs.aah),
                ("minimum_benefits", needs.minimum_benefits),
                ("job_seekers", needs.job_seekers),
                ("unemployed", needs.unemployed),
                ("active", needs.active),
                ("births", needs.births),
                ("deaths", needs.deaths),
                ("households", needs.households),
                ("households_living_alone", needs.households_living_alone),
                ("single_parent_families", needs.single_parent_families),
                ("recently_moved_households", needs.recently_moved_households),
                ("poverty_rate", needs.poverty_rate),
                ("population", commune.population),
            ] {
                let (Some(figure), Some(known)) = (figure, find(key)) else { continue };
                let one = series.entry(known.key).or_insert_with(|| Series {
                    key: known.key.to_owned(),
                    unit: known.unit,
                    level: Level::Commune,
                    vintage: None,
                    source: Source { producer: producer.clone(), ..Source::default() },
                    values: BTreeMap::new(),
                    partial: BTreeSet::new(),
                    secret: BTreeSet::new(),
                    moved: BTreeSet::new(),
                });
                one.values.insert(code.clone(), figure);
            }
        }
        Self { series: series.into_values().collect(), ..Self::default() }
    }

    /// Takes the series of these files in, in their order, and tells what each gave.
    pub fn take(&mut self, files: Vec<NeedsFile>, shapes: &[CommuneShape]) -> Vec<FileReport> {
        let passage = Passage::with(&self.moves);
        self.weigh(&files, shapes, &passage);
        let (mut fresh, mut reports): (Vec<Series>, Vec<FileReport>) = (Vec::new(), Vec::new());
        let territory = Territory::new(shapes, &passage, &self.weights);
        for file in files {
            let (series, report) = territory.fit(file);
            reports.push(report);
            for one in series.into_iter().filter(|one| !one.values.is_empty() || !one.secret.is_empty()) {
                match fresh.iter_mut().find(|other| other.is_same(&one)) {
                    Some(other) => lay_over(other, one),
                    None => fresh.push(one),
                }
            }
        }
        self.series.retain(|standing| !fresh.iter().any(|one| one.is_same(standing)));
        self.series.extend(fresh);
        reports
    }

    /// Notes the inhabitants of communes that moved, from whatever file has them.
    fn weigh(&mut self, files: &[NeedsFile], shapes: &[CommuneShape], passage: &Passage) {
        let communes: BTreeSet<&InseeCode> = shapes.iter().map(|shape| &shape.code).collect();
        for (code, weight) in files.iter().flat_map(|file| &file.weights) {
            let today = passage.today(code, |code| communes.contains(code));
            let former = today != *code || !passage.before(code).is_empty();
            if former && communes.contains(&today) {
                self.weights.insert(code.clone(), *weight);
            }
        }
    }

    /// Where the figures come from, for people to read: who publishes them, and of which years. That some were made up is
    /// said by [`Self::invented`] and in words of its own, not here.
    pub fn sources(&self) -> Vec<String> {
        let mut sources: Vec<(String, BTreeSet<u16>)> = Vec::new();
        for series in &self.series {
            let Source { producer, file, .. } = &series.source;
            let said: Vec<&str> = parts(producer).filter(|part| !is_mark(part)).collect();
            let name = &if producer.is_empty() { file.clone() } else { said.join(APART) };
            let at = sources.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
                sources.push((name.clone(), BTreeSet::new()));
                sources.len() - 1
            });
            if let Some((_, years)) = sources.get_mut(at) {
                years.extend(series.vintage);
            }
        }
        let told = sources.into_iter().filter(|(name, _)| !name.is_empty()).map(|(name, years)| {
            let years = years.iter().rev().map(u16::to_string).collect::<Vec<_>>().join(", ");
            if years.is_empty() { name } else { format!("{name} {years}") }
        });
        told.collect()
    }

    /// Whether some of the figures say that they were made up.
    pub fn invented(&self) -> bool {
        self.series.iter().any(|series| parts(&series.source.producer).any(is_mark))
    }
}

/// What a producer is made of, where the lines of a file named several.
fn parts(producer: &str) -> impl Iterator<Item = &str> {
    producer.split(APART)
}

/// Whether a part of a producer only marks figures that were made up.
fn is_mark(part: &str) -> bool {
    part.eq_ignore_ascii_case(INVENTED)
}

/// Puts a later series of the same figure over an earlier one; what the later one misses stays.
fn lay_over(earlier: &mut Series, later: Series) {
    for (code, value) in later.values {
        earlier.partial.remove(&code);
        earlier.secret.remove(&code);
        earlier.moved.remove(&code);
        earlier.values.insert(code, value);
    }
    earlier.partial.extend(later.partial);
    earlier.moved.extend(later.moved);
    let secret = later.secret.into_iter().filter(|code| !earlier.values.contains_key(code));
    let secret: Vec<InseeCode> = secret.collect();
    earlier.secret.extend(secret);
    earlier.source = later.source;
}
