//! The recipe at work: for each commune and dimension, the first formula that can be computed.
//!
//! A figure that a formula lacks makes the formula fail, never count as 0; a figure for a part of a commune is lacking
//! too, but for `at_least`. Pure: series and communes in, figures with their marks out, in the order of the codes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::InseeCode;

use super::{Area, Dimension, Expr, Formula, Operation, Pooled, Recipe, SeriesRef};
use crate::grade::{Grade, Mark};
use crate::series::{Level, Series, departement};
use crate::statistics::known;

/// A figure and its mark.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graded {
    /// The figure; none where the mark says missing.
    pub value: Option<f64>,
    /// How it is known.
    pub mark: Mark,
}

/// The figures of a commune, by the dimension's key.
pub type Figures = BTreeMap<String, Graded>;

/// Computes every dimension of every commune of a territory. `communes` has each with its EPCI.
pub fn evaluate(
    recipe: &Recipe,
    series: &[Series],
    communes: &BTreeMap<InseeCode, Option<InseeCode>>,
) -> BTreeMap<InseeCode, Figures> {
    let table = Table::new(series, communes);
    let mut figures: BTreeMap<InseeCode, Figures> =
        table.codes.iter().map(|code| (code.clone(), Figures::new())).collect();
    for dimension in &recipe.dimensions {
        let graded: Vec<(InseeCode, Graded)> = {
            let work = Work { table: &table, figures: &figures, shares: RefCell::default() };
            table.codes.iter().map(|code| (code.clone(), work.dimension(dimension, code))).collect()
        };
        for (code, graded) in graded {
            figures.entry(code).or_default().insert(dimension.key.clone(), graded);
        }
    }
    figures.retain(|code, _| communes.contains_key(code));
    figures
}

/// The series by key, the newest first, and which communes are in which area.
struct Table<'a> {
    series: BTreeMap<&'a str, Vec<&'a Series>>,
    codes: BTreeSet<InseeCode>,
    communes: &'a BTreeMap<InseeCode, Option<InseeCode>>,
    areas: BTreeMap<(Area, InseeCode), Vec<InseeCode>>,
}

impl<'a> Table<'a> {
    fn new(all: &'a [Series], communes: &'a BTreeMap<InseeCode, Option<InseeCode>>) -> Self {
        let mut series: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
        let mut codes: BTreeSet<InseeCode> = communes.keys().cloned().collect();
        for one in all {
            series.entry(&one.key).or_default().push(one);
            if matches!(one.level, Level::Commune | Level::Iris) {
                codes.extend(one.values.keys().cloned());
            }
        }
        for vintages in series.values_mut() {
            // What somebody typed without a year is taken to be the latest.
            vintages.sort_by_key(|one| std::cmp::Reverse(one.vintage.unwrap_or(u16::MAX)));
        }
        let mut table = Self { series, codes, communes, areas: BTreeMap::new() };
        for code in table.codes.clone() {
            for area in [Area::Epci, Area::Departement, Area::Territory] {
                if let Some(name) = table.area(area, &code) {
                    table.areas.entry((area, name)).or_default().push(code.clone());
                }
            }
        }
        table
    }

    fn area(&self, area: Area, code: &InseeCode) -> Option<InseeCode> {
        match area {
            Area::Epci => self.communes.get(code).cloned().flatten(),
            Area::Departement => Some(departement(code)),
            Area::Territory => self.communes.contains_key(code).then(|| "".into()),
        }
    }
}

/// What was found on the way to a figure.
#[derive(Debug, Clone, Default)]
struct Trail {
    vintages: BTreeSet<u16>,
    /// The worst grade of the dimensions that were read.
    grade: Option<Grade>,
}

impl Trail {
    fn join(&mut self, other: &Self) {
        self.vintages.extend(&other.vintages);
        self.grade = self.grade.max(other.grade);
    }
}

/// The shares of areas that were computed.
type Shares = BTreeMap<(usize, InseeCode), Option<(f64, Trail)>>;

struct Work<'a> {
    table: &'a Table<'a>,
    figures: &'a BTreeMap<InseeCode, Figures>,
    /// Shares of areas that were computed, by the place of their expression in memory: a formula's does not move.
    shares: RefCell<Shares>,
}

impl Work<'_> {
    fn dimension(&self, dimension: &Dimension, code: &InseeCode) -> Graded {
        let found = dimension.formulas.iter().enumerate().find_map(|(index, formula)| {
            let (value, trail) = self.formula(formula, code)?;
            Some((index, formula, value, trail))
        });
        let Some((index, formula, value, trail)) = found else { return Graded::default() };
        let counted = formula.value.counts() && !formula.estimate && dimension.weight >= 1.0;
        let grade = if counted { Grade::Counted } else { Grade::Estimated };
        let mark = Mark {
            grade: grade.max(trail.grade.unwrap_or(Grade::Counted)),
            formula: Some(Dimension::formula_key(index)),
            vintages: trail.vintages.into_iter().collect(),
        };
        Graded { value: Some(value * dimension.weight), mark }
    }

    fn formula(&self, formula: &Formula, code: &InseeCode) -> Option<(f64, Trail)> {
        let mut trail = Trail::default();
        let value = self.value(&formula.value, code, false, &mut trail)?;
        let mut aside = Trail::default();
        let least = formula.at_least.as_ref().and_then(|least| self.value(least, code, true, &mut aside));
        let value = known(Some(least.map_or(value, |least| value.max(least))))?;
        if least.is_some() {
            trail.join(&aside);
        }
        Some((value, trail))
    }

    /// The value of an expression in a commune; with `parts`, figures for a part of it are taken.
    fn value(&self, expr: &Expr, code: &InseeCode, parts: bool, trail: &mut Trail) -> Option<f64> {
        let operation = match expr {
            Expr::Number(number) => return Some(*number),
            Expr::Series(series) => return self.series(series, code, parts, trail),
            Expr::Operation(operation) => operation.as_ref(),
        };
        match operation {
            Operation::Dimension(key) => {
                let graded = self.figures.get(code)?.get(key)?;
                trail.grade = trail.grade.max(Some(graded.mark.grade));
                trail.vintages.extend(&graded.mark.vintages);
                graded.value
            }
            // A sum of what is known is a lower bound, which is what `at_least` asks for.
            Operation::Sum(all) if parts => {
                let found = all.iter().filter_map(|part| self.value(part, code, parts, trail));
                found.reduce(|total, part| total + part)
            }
            Operation::Sum(all) => self.all(all, code, trail)?.into_iter().reduce(|total, part| total + part),
            Operation::Product(all) => {
                self.all(all, code, trail)?.into_iter().reduce(|total, part| total * part)
            }
            Operation::Difference(whole, part) => {
                let left = self.value(whole, code, false, trail)? - self.value(part, code, false, trail)?;
                (left >= 0.0).then_some(left)
            }
            Operation::Quotient(whole, part) => {
                let (whole, part) =
                    (self.value(whole, code, false, trail)?, self.value(part, code, false, trail)?);
                (part > 0.0).then(|| whole / part)
            }
            Operation::Percent(series) => self.share(series, code, trail),
            Operation::Rest(series) => self.share(series, code, trail).map(|share| 1.0 - share),
            Operation::Pooled(pooled) => {
                let (share, around) = self.pooled(pooled, code)?;
                trail.join(&around);
                Some(share)
            }
        }
    }

    fn all(&self, all: &[Expr], code: &InseeCode, trail: &mut Trail) -> Option<Vec<f64>> {
        all.iter().map(|part| self.value(part, code, false, trail)).collect()
    }

    fn share(&self, series: &SeriesRef, code: &InseeCode, trail: &mut Trail) -> Option<f64> {
        let percent = self.series(series, code, false, trail)?;
        (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
    }

    fn series(&self, wanted: &SeriesRef, code: &InseeCode, parts: bool, trail: &mut Trail) -> Option<f64> {
        let (vintage, level) = wanted.particulars();
        let area = match level {
            None | Some(Level::Commune | Level::Iris) => code.clone(),
            Some(Level::Epci) => self.table.area(Area::Epci, code)?,
            Some(Level::Departement) => departement(code),
        };
        let communal = |level| matches!(level, Level::Commune | Level::Iris);
        let fits = |series: &&&Series| {
            let rows = level.map_or(communal(series.level), |level| {
                series.level == level || (communal(level) && communal(series.level))
            });
            rows && (vintage.is_none() || series.vintage == vintage)
        };
        let all = self.table.series.get(wanted.key())?;
        let (series, value) = all.iter().filter(fits).find_map(|series| {
            let value = known(series.values.get(&area).copied())?;
            (parts || !series.partial.contains(&area)).then_some((series, value))
        })?;
        // Year 0 stands for a figure of the contours, whose year nobody says.
        trail.vintages.extend(series.vintage.filter(|year| *year > 0));
        Some(value)
    }

    fn pooled(&self, pooled: &Pooled, code: &InseeCode) -> Option<(f64, Trail)> {
        let area = self.table.area(pooled.over, code)?;
        let key = (std::ptr::from_ref(pooled).addr(), area.clone());
        if let Some(share) = self.shares.borrow().get(&key) {
            return share.clone();
        }
        let (mut of, mut per, mut trail) = (0.0, 0.0, Trail::default());
        for commune in self.table.areas.get(&(pooled.over, area)).into_iter().flatten() {
            let mut own = Trail::default();
            let above = self.value(&pooled.of, commune, false, &mut own);
            let below = self.value(&pooled.per, commune, false, &mut own);
            if let (Some(above), Some(below)) = (above, below) {
                of += above;
                per += below;
                trail.join(&own);
            }
        }
        // The share is an estimate already: what its communes' figures are worth adds nothing.
        trail.grade = None;
        let share = (per > 0.0).then(|| (of / per, trail));
        self.shares.borrow_mut().insert(key, share.clone());
        share
    }
}
