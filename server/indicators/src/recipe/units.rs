//! Units of expressions: what may be added, multiplied and divided, so that no formula makes people of a score.

use std::collections::BTreeMap;

use super::{DEPTH_MAX, Expr, Formula, Operation, SeriesRef, Unit, Words, find};

/// The unit of an expression; a share or factor has none.
type Kind = Option<Unit>;

fn wrong<T>(fr: impl Into<String>, en: impl Into<String>) -> Result<T, Words> {
    Err(Words { fr: fr.into(), en: en.into() })
}

/// Whether a formula gives its dimension's unit.
pub(super) fn check(formula: &Formula, unit: Unit, above: &BTreeMap<&str, Unit>) -> Result<(), Words> {
    for expr in std::iter::once(&formula.value).chain(&formula.at_least) {
        let found = kind(expr, above, 0, false)?;
        if found != Some(unit) {
            return wrong(
                "la formule ne donne pas l’unité de la dimension",
                "the formula does not give the dimension’s unit",
            );
        }
    }
    Ok(())
}

fn kind(expr: &Expr, above: &BTreeMap<&str, Unit>, depth: usize, pooled: bool) -> Result<Kind, Words> {
    if depth > DEPTH_MAX {
        return wrong("la formule est trop profonde", "the formula is too deep");
    }
    let inner = |expr: &Expr| kind(expr, above, depth + 1, pooled);
    let operation = match expr {
        Expr::Number(number) if number.is_finite() && *number >= 0.0 => return Ok(None),
        Expr::Number(_) => {
            return wrong("un nombre est négatif ou infini", "a number is negative or infinite");
        }
        Expr::Series(series) => return unit_of(series).map(Some),
        Expr::Operation(operation) => operation.as_ref(),
    };
    match operation {
        Operation::Dimension(key) => match above.get(key.as_str()) {
            Some(unit) => Ok(Some(*unit)),
            None => wrong(
                format!("la dimension « {key} » n’est pas définie plus haut"),
                format!("the dimension “{key}” is not defined above"),
            ),
        },
        Operation::Sum(parts) => {
            let kinds = parts.iter().map(inner).collect::<Result<Vec<_>, _>>()?;
            alike(&kinds)
        }
        Operation::Difference(whole, part) => alike(&[inner(whole)?, inner(part)?]),
        Operation::Product(factors) => {
            let kinds = factors.iter().map(inner).collect::<Result<Vec<_>, _>>()?;
            product(&kinds)
        }
        Operation::Quotient(whole, part) => quotient(inner(whole)?, inner(part)?),
        Operation::Percent(series) | Operation::Rest(series) => match unit_of(series)? {
            Unit::Percent => Ok(None),
            Unit::People | Unit::Households | Unit::Events | Unit::Euros | Unit::Index => wrong(
                format!("« {} » n’est pas un pourcentage", series.key()),
                format!("“{}” is no percentage", series.key()),
            ),
        },
        Operation::Pooled(share) => {
            if pooled {
                return wrong("un « pooled » en contient un autre", "a `pooled` holds another");
            }
            let sides = [&share.of, &share.per].map(|side| kind(side, above, depth + 1, true));
            let [of, per] = sides;
            if of?.is_some_and(Unit::adds_up) && per?.is_some_and(Unit::adds_up) {
                return Ok(None);
            }
            wrong("« pooled » divise des effectifs", "`pooled` divides counts")
        }
    }
}

fn unit_of(series: &SeriesRef) -> Result<Unit, Words> {
    match find(series.key()) {
        Some(known) => Ok(known.unit),
        None => wrong(
            format!("la série « {} » n’est pas connue", series.key()),
            format!("the series “{}” is not known", series.key()),
        ),
    }
}

fn alike(kinds: &[Kind]) -> Result<Kind, Words> {
    let first = kinds.first().copied().flatten();
    let fits = first.is_some_and(Unit::adds_up) && kinds.iter().all(|kind| *kind == first);
    if fits { Ok(first) } else { wrong("une somme mêle des unités", "a sum mixes units") }
}

fn product(kinds: &[Kind]) -> Result<Kind, Words> {
    let mut units = kinds.iter().copied().flatten();
    let unit = units.next();
    let fits = units.next().is_none() && unit.is_none_or(Unit::adds_up) && !kinds.is_empty();
    if fits {
        Ok(unit)
    } else {
        wrong(
            "un produit prend un effectif au plus, et des parts (percent, rest, pooled, quotient)",
            "a product takes one count at most, and shares (percent, rest, pooled, quotient)",
        )
    }
}

fn quotient(whole: Kind, part: Kind) -> Result<Kind, Words> {
    match (whole, part) {
        (unit, None) if unit.is_none_or(Unit::adds_up) => Ok(unit),
        (Some(whole), Some(part)) if whole.adds_up() && part.adds_up() => Ok(None),
        _ => wrong("un quotient divise des effectifs ou des parts", "a quotient divides counts or shares"),
    }
}
