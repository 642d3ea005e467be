//! In which commune of the territory a line of a file belongs, and whether its coordinates agree.
//!
//! The INSEE code decides. Where it is absent, the coordinates do, then the commune's name. A code that is none of the
//! territory's may be that of a commune merged since: the line is taken when it says the same département and its
//! point lies well inside the territory, for contours are simplified and a neighbour's place near the border is none
//! of ours. Coordinates that are plainly turned round (latitude and longitude swapped, a sign lost) are put right.

use std::collections::BTreeMap;

use super::finding::Message;
use super::geometry::{Bounds, Point};
use super::territory_file::{CommuneShape, OUTSIDE_M_MAX};
use super::words::folded;

/// How far inside the territory a place with a foreign code must lie, in metres.
const WELL_INSIDE_M: f64 = 300.0;

/// France: metropolitan, then overseas, as boxes.
const FRANCE: [Bounds; 8] = [
    Bounds { south: 41.2, west: -5.3, north: 51.2, east: 9.7 },
    // Guadeloupe, Martinique, Saint-Martin, Saint-Barthélemy.
    Bounds { south: 14.3, west: -63.2, north: 18.2, east: -60.7 },
    // Guyane.
    Bounds { south: 2.1, west: -54.7, north: 5.9, east: -51.5 },
    // La Réunion.
    Bounds { south: -21.5, west: 55.1, north: -20.8, east: 55.9 },
    // Mayotte.
    Bounds { south: -13.1, west: 44.9, north: -12.5, east: 45.4 },
    // Saint-Pierre-et-Miquelon.
    Bounds { south: 46.7, west: -56.5, north: 47.2, east: -56.0 },
    // Nouvelle-Calédonie, Wallis-et-Futuna.
    Bounds { south: -23.0, west: 158.0, north: -13.0, east: 180.0 },
    // Polynésie and Wallis east of the 180th meridian.
    Bounds { south: -28.0, west: -180.0, north: -7.0, east: -134.0 },
];

/// The territory's communes, to look up.
#[derive(Debug)]
pub struct Territory<'a> {
    by_code: BTreeMap<&'a str, &'a CommuneShape>,
    /// With their boxes, which tell most points apart quickly.
    grounds: Vec<(Bounds, &'a CommuneShape)>,
}

/// What a line says about where it is.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// An INSEE code, or "".
    pub code: &'a str,
    /// A commune's name, or "".
    pub name: &'a str,
    /// Coordinates.
    pub point: Option<Point>,
}

/// Where a line belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Located<'a> {
    /// In this commune; with a finding when that had to be worked out.
    Inside(&'a CommuneShape, Option<Odd>),
    /// The line says nothing about it.
    Nowhere,
    /// Elsewhere.
    Outside(Message),
}

/// Something odd about a place, and what was done.
pub type Odd = (&'static str, Message);

impl<'a> Territory<'a> {
    /// The communes by code.
    pub fn new(communes: &'a [CommuneShape]) -> Self {
        let ground = |commune: &'a CommuneShape| commune.contour.bounds().map(|bounds| (bounds, commune));
        Self {
            by_code: communes.iter().map(|commune| (commune.code.as_str(), commune)).collect(),
            grounds: communes.iter().filter_map(ground).collect(),
        }
    }

    /// Where a line belongs.
    pub fn locate(&self, claim: Claim<'_>) -> Located<'a> {
        if let Some(commune) = self.by_code.get(claim.code) {
            return Located::Inside(commune, None);
        }
        let ground = claim.point.and_then(|point| self.at(point));
        if claim.code.is_empty() {
            return match ground.or_else(|| self.named(claim.name)) {
                Some(commune) => Located::Inside(commune, None),
                None if claim.point.is_none() && claim.name.is_empty() => Located::Nowhere,
                None => Located::Outside(elsewhere(claim)),
            };
        }
        let merged = ground.filter(|commune| same_departement(commune.code.as_str(), claim.code));
        match merged.filter(|_| claim.point.is_some_and(|point| self.well_inside(point))) {
            Some(commune) => {
                Located::Inside(commune, Some(("commune_by_position", merged_commune(claim, commune))))
            }
            None => Located::Outside(elsewhere(claim)),
        }
    }

    /// The commune whose ground holds the point.
    fn at(&self, point: Point) -> Option<&'a CommuneShape> {
        let holds = |(bounds, commune): &&(Bounds, &CommuneShape)| {
            bounds.contains(point) && commune.contour.contains(point)
        };
        self.grounds.iter().find(holds).map(|(_, commune)| *commune)
    }

    /// The only commune of that name.
    fn named(&self, name: &str) -> Option<&'a CommuneShape> {
        let name = Some(folded(name)).filter(|name| !name.is_empty())?;
        let mut same = self.by_code.values().copied().filter(|commune| folded(&commune.name) == name);
        same.next().filter(|_| same.next().is_none())
    }

    fn well_inside(&self, point: Point) -> bool {
        [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)]
            .into_iter()
            .all(|(north, east)| self.at(point.moved(north * WELL_INSIDE_M, east * WELL_INSIDE_M)).is_some())
    }
}

fn same_departement(a: &str, b: &str) -> bool {
    let digits = if a.starts_with("97") || a.starts_with("98") { 3 } else { 2 };
    a.get(..digits).is_some_and(|departement| b.starts_with(departement))
}

fn merged_commune(claim: Claim<'_>, commune: &CommuneShape) -> Message {
    let (code, said, name) = (claim.code, claim.name, &commune.name);
    Message::new(
        format!(
            "le code {code} ({said}) n’est pas du territoire, mais le point est à {name} : commune prise pour une ancienne commune"
        ),
        format!(
            "the code {code} ({said}) is not of the territory, but the point lies in {name}: taken for a former commune"
        ),
    )
}

fn elsewhere(claim: Claim<'_>) -> Message {
    let said = match (claim.name, claim.code) {
        ("", "") => {
            claim.point.map(|point| format!("{:.5}, {:.5}", point.lat, point.lon)).unwrap_or_default()
        }
        ("", code) => code.to_owned(),
        (name, "") => name.to_owned(),
        (name, code) => format!("{name} ({code})"),
    };
    Message::new(format!("hors du territoire : {said}"), format!("outside the territory: {said}"))
}

/// The coordinates to keep for a place in that commune, and what was odd about them.
pub fn checked(point: Point, commune: Option<&CommuneShape>) -> (Option<Point>, Option<Odd>) {
    let lies_in =
        |point: Point| commune.is_some_and(|commune| commune.contour.distance_m(point) <= OUTSIDE_M_MAX);
    if lies_in(point) {
        return (Some(point), None);
    }
    let Point { lat, lon } = point;
    let turned = [Point { lat: lon, lon: lat }, Point { lat, lon: -lon }, Point { lat: -lat, lon }];
    if let Some(right) = turned.into_iter().find(|point| lies_in(*point)) {
        let message = Message::new(
            format!("coordonnées inversées ({lat}, {lon}), remises à l’endroit"),
            format!("coordinates turned round ({lat}, {lon}), put right"),
        );
        return (Some(right), Some(("position_corrected", message)));
    }
    if !FRANCE.iter().any(|bounds| bounds.contains(point)) {
        let message = Message::new(
            format!("coordonnées hors de France ({lat}, {lon}), laissées de côté"),
            format!("coordinates outside France ({lat}, {lon}), left out"),
        );
        return (None, Some(("position_outside_france", message)));
    }
    let Some(commune) = commune else { return (Some(point), None) };
    let (km, name) = (commune.contour.distance_m(point) / 1000.0, &commune.name);
    let message = Message::new(
        format!("le point est à {km:.1} km hors de {name}, gardé, à vérifier").replacen('.', ",", 1),
        format!("the point lies {km:.1} km outside {name}, kept, to be checked"),
    );
    (Some(point), Some(("position_outside_commune", message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::geometry::{Contour, Polygon};

    fn square(code: &str, name: &str, west: f64) -> CommuneShape {
        let corner = |lat, lon| Point { lat, lon };
        let outer =
            vec![corner(48.0, west), corner(48.0, west + 0.1), corner(48.1, west + 0.1), corner(48.1, west)];
        CommuneShape {
            code: code.into(),
            name: name.to_owned(),
            population: None,
            epci_code: None,
            epci_name: None,
            town_hall: None,
            contour: Contour { polygons: vec![Polygon { outer, holes: vec![] }] },
        }
    }

    /// Goal: a line goes to its commune, or nowhere, for the right reason. Method: each way to say where.
    #[test]
    fn lines_are_located() {
        let communes = [square("35001", "Gaël", -2.0), square("35002", "Muel", -1.9)];
        let territory = Territory::new(&communes);
        let (in_gael, on_border, far) = (Some((48.05, -1.95)), Some((48.05, -1.9995)), Some((47.0, -1.95)));
        for (code, name, point, expected) in [
            ("35001", "", far, Some("35001")),
            ("", "", in_gael, Some("35001")),
            ("", "MUEL", None, Some("35002")),
            ("", "Muel", in_gael, Some("35001")),
            ("35999", "Old", in_gael, Some("35001")),
            ("35999", "Old", on_border, None),
            ("22999", "Old", in_gael, None),
            ("35999", "Old", None, None),
            ("", "Elsewhere", None, None),
        ] {
            let point = point.map(|(lat, lon)| Point { lat, lon });
            let found = match territory.locate(Claim { code, name, point }) {
                Located::Inside(commune, odd) => {
                    assert_eq!(odd.is_some(), code == "35999");
                    Some(commune.code.as_str())
                }
                Located::Nowhere | Located::Outside(_) => None,
            };
            assert_eq!(found, expected, "{code} {name} {point:?}");
        }
        assert_eq!(territory.locate(Claim { code: "", name: "", point: None }), Located::Nowhere);
    }

    /// Goal: coordinates are kept, put right or left out. Method: each sort of mistake.
    #[test]
    fn coordinates_are_checked() {
        let commune = square("35001", "Gaël", -2.0);
        for (lat, lon, kept, code) in [
            (48.05, -1.95, Some((48.05, -1.95)), None),
            (48.1005, -1.95, Some((48.1005, -1.95)), None),
            (-1.95, 48.05, Some((48.05, -1.95)), Some("position_corrected")),
            (48.05, 1.95, Some((48.05, -1.95)), Some("position_corrected")),
            (48.5, -1.95, Some((48.5, -1.95)), Some("position_outside_commune")),
            (0.0, 0.0, None, Some("position_outside_france")),
        ] {
            let (point, odd) = checked(Point { lat, lon }, Some(&commune));
            assert_eq!(point, kept.map(|(lat, lon)| Point { lat, lon }), "{lat} {lon}");
            assert_eq!(odd.map(|(code, _)| code), code, "{lat} {lon}");
        }
        assert_eq!(
            checked(Point { lat: -20.9, lon: 55.5 }, None),
            (Some(Point { lat: -20.9, lon: 55.5 }), None)
        );
    }
}
