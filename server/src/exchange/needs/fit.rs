//! A file's series brought to a territory: its communes as they are today, its neighbours for rates, and an account of
//! every code that is neither.
//!
//! A code is a commune of the territory, a former one that went into one of them, a neighbour in one of its
//! départements, from elsewhere, or unknown: it fits nowhere although the territory holds nearly all of the file's
//! communes of that département. Nothing is dropped without being counted.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::{Covers, Level, Series, Unit, departement};
use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use super::NeedsFile;
use super::gather::{Part, place};
use super::kind::Kind;
use super::passage::{Move, Passage};
use crate::exchange::territory_file::CommuneShape;

/// From this share on, a territory is taken to hold all of a département: what is left fits nowhere.
const WHOLE_DEPARTEMENT: f64 = 0.9;
/// Columns that nothing is read from are named up to so many.
const UNUSED_MAX: usize = 40;

/// What a file gave to a territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// What it was recognised as.
    pub kind: Kind,
    /// What its rows are.
    pub level: Level,
    /// Who publishes it.
    pub producer: String,
    /// Its rows.
    pub rows: usize,
    /// Its series.
    pub series: Vec<SeriesReport>,
    /// Codes of neighbours in the same départements: kept for rates.
    pub neighbours: usize,
    /// Codes from elsewhere: not kept.
    pub elsewhere: usize,
    /// Codes that fit nowhere.
    pub unknown: Vec<Code>,
    /// Former communes, and what they went into.
    pub moved: Vec<Move>,
    /// Former communes that were split: their counts cannot be shared out and are left out.
    pub split: Vec<Code>,
    /// Columns that nothing is read from, the first of them.
    pub unused_columns: Vec<String>,
    /// How many there are.
    pub unused: usize,
}

/// What a series covers in a territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesReport {
    /// Its key.
    pub key: String,
    /// Its unit.
    pub unit: Unit,
    /// Its vintage.
    pub vintage: Option<u16>,
    /// The columns that it was read from.
    pub columns: String,
    /// How many of the communes it covers.
    pub covers: Covers,
    /// Communes whose figure was put together from former communes.
    pub moved: usize,
}

/// A code, with its name in the file or "".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: InseeCode,
    /// The name.
    pub name: String,
}

/// A territory, as codes are fitted to it.
pub struct Territory<'a> {
    communes: BTreeSet<&'a InseeCode>,
    departements: BTreeSet<InseeCode>,
    epcis: BTreeSet<InseeCode>,
    passage: &'a Passage,
    /// Inhabitants of former communes, to weigh their rates by.
    weights: &'a BTreeMap<InseeCode, f64>,
}

/// What becomes of a code.
enum Place {
    /// It stands for this commune, or for a part of it.
    Here(InseeCode),
    /// A neighbour.
    Beside,
    /// From elsewhere.
    Away,
    /// It fits nowhere.
    Nowhere,
    /// It became several communes.
    Split(Vec<InseeCode>),
}

impl<'a> Territory<'a> {
    /// The territory of these communes.
    pub fn new(
        shapes: &'a [CommuneShape],
        passage: &'a Passage,
        weights: &'a BTreeMap<InseeCode, f64>,
    ) -> Self {
        Self {
            communes: shapes.iter().map(|shape| &shape.code).collect(),
            departements: shapes.iter().map(|shape| departement(&shape.code)).collect(),
            epcis: shapes
                .iter()
                .filter_map(|shape| shape.epci_code.as_deref())
                .map(InseeCode::from)
                .collect(),
            passage,
            weights,
        }
    }

    /// A file's series by the territory's communes, and what it gave.
    pub fn fit(&self, file: NeedsFile) -> (Vec<Series>, FileReport) {
        let source = file.series.first().map(|series| series.source.clone()).unwrap_or_default();
        let mut report = FileReport {
            file: source.file,
            kind: file.kind,
            level: file.level,
            producer: source.producer,
            rows: file.report.rows,
            series: Vec::new(),
            neighbours: 0,
            elsewhere: 0,
            unknown: Vec::new(),
            moved: Vec::new(),
            split: Vec::new(),
            unused: file.report.unused_columns.len(),
            unused_columns: file.report.unused_columns.into_iter().take(UNUSED_MAX).collect(),
        };
        let places = self.places(file.level, &file.names);
        for (&code, place) in &places {
            let named =
                || Code { code: code.clone(), name: file.names.get(code).cloned().unwrap_or_default() };
            match place {
                Place::Here(to) if to != code => {
                    let year = self.passage.of(code).first().and_then(|one| one.year);
                    report.moved.push(Move { from: code.clone(), to: to.clone(), year });
                }
                Place::Here(_) => {}
                Place::Beside => report.neighbours += 1,
                Place::Away => report.elsewhere += 1,
                Place::Nowhere => report.unknown.push(named()),
                Place::Split(_) => report.split.push(named()),
            }
        }
        let series: Vec<Series> =
            file.series.into_iter().map(|series| self.moved(&series, &places)).collect();
        report.series = series.iter().map(|series| self.told(series)).collect();
        (series, report)
    }

    fn told(&self, series: &Series) -> SeriesReport {
        SeriesReport {
            key: series.key.clone(),
            unit: series.unit,
            vintage: series.vintage,
            columns: series.source.columns.clone(),
            covers: self.covers(series),
            moved: series.moved.iter().filter(|code| self.communes.contains(code)).count(),
        }
    }

    /// How many of the communes a series covers; one of EPCIs or départements covers their communes as a whole.
    fn covers(&self, series: &Series) -> Covers {
        match series.level {
            Level::Commune | Level::Iris => series.covers(self.communes.iter().copied()),
            Level::Epci => series.covers(self.epcis.iter()),
            Level::Departement => series.covers(self.departements.iter()),
        }
    }

    fn places<'n>(
        &self,
        level: Level,
        names: &'n BTreeMap<InseeCode, String>,
    ) -> BTreeMap<&'n InseeCode, Place> {
        let mut here: BTreeMap<InseeCode, (usize, usize)> = BTreeMap::new();
        for code in names.keys() {
            let counts = here.entry(departement(code)).or_default();
            let ours = |code: &InseeCode| self.communes.contains(code);
            let known = ours(&self.passage.today(code, ours)) || self.passage.of(code).len() > 1;
            counts.0 += usize::from(known);
            counts.1 += 1;
        }
        let whole = |departement: &InseeCode| {
            here.get(departement).is_some_and(|(here, all)| share(*here, *all) >= WHOLE_DEPARTEMENT)
        };
        let place = |code: &InseeCode| {
            let own = match level {
                Level::Epci => self.epcis.contains(code),
                Level::Departement => self.departements.contains(code),
                Level::Commune | Level::Iris => return self.place(code, names, &whole),
            };
            if own { Place::Here(code.clone()) } else { Place::Away }
        };
        names.keys().map(|code| (code, place(code))).collect()
    }

    fn place(
        &self,
        code: &InseeCode,
        names: &BTreeMap<InseeCode, String>,
        whole: &impl Fn(&InseeCode) -> bool,
    ) -> Place {
        let moves = self.passage.of(code);
        if moves.len() > 1 {
            let targets: Vec<InseeCode> = moves.iter().map(|one| one.to.clone()).collect();
            // A file that has all that became of it was drawn up afterwards.
            let after = targets.iter().all(|target| names.contains_key(target));
            let ours = targets.iter().any(|target| self.communes.contains(target));
            if ours && !after {
                return Place::Split(targets);
            }
        }
        if self.communes.contains(code) {
            return Place::Here(code.clone());
        }
        let today = self.passage.today(code, |code| self.communes.contains(code));
        if self.communes.contains(&today) {
            return Place::Here(today);
        }
        let departement = departement(code);
        if !self.departements.contains(&departement) {
            return Place::Away;
        }
        if today == *code && whole(&departement) { Place::Nowhere } else { Place::Beside }
    }

    /// The series with former communes brought together and those from elsewhere left out.
    fn moved(&self, series: &Series, places: &BTreeMap<&InseeCode, Place>) -> Series {
        let mut parts: BTreeMap<InseeCode, Vec<(InseeCode, Part)>> = BTreeMap::new();
        let mut fitted = Series {
            values: BTreeMap::new(),
            partial: BTreeSet::new(),
            secret: BTreeSet::new(),
            ..series.clone()
        };
        let spoken = series.values.keys().chain(&series.secret);
        for code in spoken {
            let part =
                Part { value: series.values.get(code).copied(), weight: self.weights.get(code).copied() };
            let targets: Vec<InseeCode> = match places.get(code) {
                Some(Place::Here(to)) => vec![to.clone()],
                Some(Place::Beside | Place::Nowhere) => vec![code.clone()],
                // A rate holds for each part of what was split; a count cannot be shared out.
                Some(Place::Split(targets)) if !series.unit.adds_up() => {
                    targets.iter().filter(|target| !places.contains_key(target)).cloned().collect()
                }
                Some(Place::Split(_) | Place::Away) | None => continue,
            };
            for target in targets {
                parts.entry(target).or_default().push((code.clone(), part));
            }
        }
        for (to, parts) in &parts {
            let bare: Vec<Part> = parts.iter().map(|(_, part)| *part).collect();
            place(&mut fitted, to, &bare);
            let partial = parts.iter().any(|(code, _)| series.partial.contains(code));
            let moved = parts.iter().any(|(code, _)| code != to);
            if moved {
                fitted.moved.insert(to.clone());
            }
            if fitted.values.contains_key(to) && (partial || (moved && self.lacks_a_part(series, to, parts)))
            {
                fitted.partial.insert(to.clone());
            }
        }
        fitted
    }

    /// Whether a count put together from former communes lacks one: the commune itself, unless the table names all
    /// that went into it.
    fn lacks_a_part(&self, series: &Series, to: &InseeCode, parts: &[(InseeCode, Part)]) -> bool {
        let has = |code: &InseeCode| parts.iter().any(|(part, _)| part == code);
        let before = self.passage.before(to);
        series.unit.adds_up() && !has(to) && !(before.len() > 1 && before.iter().all(has))
    }
}

#[expect(clippy::cast_precision_loss, reason = "communes are thousands")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
