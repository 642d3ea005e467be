//! What looks wrong in a record, given the territory. Findings flag; they never refuse.

use std::collections::BTreeSet;

use portrea_indicators::statistics::Statistics;
use portrea_protocol::schema::record::{Finding, Structure, number};

/// How far from its commune's point a place may stand before it is flagged, in degrees of latitude (some 33 km):
/// wider than the widest commune of mainland France, narrower than a sign turned round.
const FAR_DEGREES: f64 = 0.3;

/// Everything odd about a record: what reading found, and what the territory's communes tell.
pub fn of(structure: &Structure, statistics: &Statistics) -> BTreeSet<(String, Finding)> {
    let mut findings = structure.findings.clone();
    let commune = structure.commune();
    let known = commune.as_ref().and_then(|code| statistics.communes.get(code));
    if known.is_none() {
        findings.insert(("commune".to_owned(), Finding::CommuneElsewhere));
    }
    let filled =
        number(&structure.fields, "latitude").is_some() || number(&structure.fields, "longitude").is_some();
    let odd = match (structure.position(), known.and_then(|commune| commune.position)) {
        (None, _) => filled,
        (Some((latitude, longitude)), Some(point)) => {
            let shrink = point.lat.to_radians().cos();
            let (north, east) = (latitude - point.lat, (longitude - point.lon) * shrink);
            north.hypot(east) > FAR_DEGREES
        }
        (Some(_), None) => false,
    };
    if odd {
        findings.insert(("latitude".to_owned(), Finding::PositionOdd));
    }
    findings
}

#[cfg(test)]
mod tests;
