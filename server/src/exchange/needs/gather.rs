//! Rows to series: one series a figure and vintage, IRIS brought together by commune.
//!
//! Counts of IRIS add up; where some are secret the sum is a lower bound and marked `partial`. Rates and scores of IRIS
//! are weighed by their inhabitants; incomes are not brought together, for a mean of medians is no median.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::{Level, Series, Source as From, Unit};
use portrea_protocol::ids::InseeCode;

use super::Line;
use super::cells;
use super::columns::Source;

/// Series, and the inhabitants of each commune.
pub(super) struct Made {
    pub(super) series: Vec<Series>,
    pub(super) weights: BTreeMap<InseeCode, f64>,
}

/// Makes the series of a file. `year` is the vintage of figures whose columns do not say theirs.
pub(super) fn series(
    header: &[String],
    sources: &[Source],
    level: Level,
    lines: &BTreeMap<InseeCode, Line>,
    year: Option<u16>,
) -> Made {
    let mut communes: BTreeMap<InseeCode, Vec<&Line>> = BTreeMap::new();
    for (code, line) in lines {
        communes.entry(cells::commune(code, level)).or_default().push(line);
    }
    let own = sources.iter().position(|source| source.known.key == "population");
    let inhabitants =
        |line: &Line| line.weight.or_else(|| own.and_then(|at| line.values.get(at).copied().flatten()));
    let series = sources.iter().enumerate().map(|(at, source)| {
        let mut series = Series {
            key: source.known.key.to_owned(),
            unit: source.known.unit,
            level,
            vintage: source.year.or(year),
            source: From { columns: source.shown(header), ..From::default() },
            values: BTreeMap::new(),
            partial: BTreeSet::new(),
            secret: BTreeSet::new(),
            moved: BTreeSet::new(),
        };
        for (code, lines) in &communes {
            let parts: Vec<Part> = lines
                .iter()
                .map(|line| Part { value: line.values.get(at).copied().flatten(), weight: inhabitants(line) })
                .collect();
            place(&mut series, code, &parts);
        }
        series
    });
    let weigh =
        |lines: &Vec<&Line>| lines.iter().filter_map(|line| inhabitants(line)).reduce(|sum, one| sum + one);
    let weights = communes.iter().filter_map(|(code, lines)| weigh(lines).map(|sum| (code.clone(), sum)));
    Made { weights: weights.collect(), series: series.collect() }
}

/// A part of a commune: an IRIS, or a former commune.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) value: Option<f64>,
    pub(super) weight: Option<f64>,
}

/// Puts a commune into a series from its parts.
pub(super) fn place(series: &mut Series, code: &InseeCode, parts: &[Part]) {
    let known = || parts.iter().filter(|part| part.value.is_some());
    let value = match parts {
        [Part { value, .. }] => *value,
        _ if series.unit.adds_up() => known().filter_map(|part| part.value).reduce(|sum, one| sum + one),
        _ => mean(series.unit, known()),
    };
    let Some(value) = value else {
        series.secret.insert(code.clone());
        return;
    };
    series.values.insert(code.clone(), value);
    let weighed = series.unit.adds_up() || known().all(|part| part.weight.is_some());
    if parts.len() > 1 && (known().count() < parts.len() || !weighed) {
        series.partial.insert(code.clone());
    }
}

/// The mean by inhabitants of the parts that have both.
fn mean<'a>(unit: Unit, parts: impl Iterator<Item = &'a Part>) -> Option<f64> {
    if unit == Unit::Euros {
        return None;
    }
    let (sum, weight) = parts
        .filter_map(|part| Some((part.value?, part.weight?)))
        .fold((0.0, 0.0), |(sum, total), (value, weight)| (sum + value * weight, total + weight));
    (weight > 0.0).then(|| sum / weight)
}
