//! A territory's communes from GeoJSON: code, name, population, EPCI, town hall and contour.
//!
//! Read are the property names of the French commune files (`code`, `nom`, `population`, `codeEpci`, `nomEpci`,
//! `mairie`) and those of IGN's (`INSEE_COM`, `NOM`, `POPULATION`). A town hall that lies well outside its commune is
//! a finding, and a point inside takes its place: published positions are wrong here and there. "Well" allows for
//! contours that were simplified.

use std::collections::BTreeSet;

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::finding::{FileError, FileFinding, Message, Spot};
use super::geometry::{Contour, Point, Polygon, Ring};

/// How far outside its contour a town hall may lie, in metres: contours are simplified.
pub const OUTSIDE_M_MAX: f64 = 300.0;

/// A commune as a file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommuneShape {
    /// Its INSEE code.
    pub code: InseeCode,
    /// Its name.
    pub name: String,
    /// Its inhabitants.
    pub population: Option<f64>,
    /// The SIREN of its EPCI.
    pub epci_code: Option<String>,
    /// Its EPCI's name.
    pub epci_name: Option<String>,
    /// Its town hall; a point inside the commune where the file has none or a wrong one.
    pub town_hall: Option<Point>,
    /// Its ground.
    pub contour: Contour,
}

/// What a file of communes says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TerritoryFile {
    /// The communes, in the file's order, each code once.
    pub communes: Vec<CommuneShape>,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// Reads a GeoJSON file of communes.
pub fn read(bytes: &[u8]) -> Result<TerritoryFile, FileError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let json: Json = serde_json::from_slice(bytes).map_err(|error| bad_json(&error))?;
    let features = json.get("features").and_then(Json::as_array).ok_or_else(not_a_collection)?;
    let mut file = TerritoryFile::default();
    let mut seen = BTreeSet::new();
    for (index, feature) in features.iter().enumerate() {
        let at = Feature { number: index + 1, properties: properties(feature) };
        let Some(code) = at.code(&mut file.findings) else { continue };
        if !seen.insert(code.clone()) {
            file.findings.push(at.finding(
                "duplicate_code",
                "code en double, seul le premier est gardé",
                "code met twice, the first one is kept",
            ));
            continue;
        }
        let geometry = feature.get("geometry").filter(|geometry| !geometry.is_null());
        let geometry = geometry.ok_or_else(|| {
            at.error("no_geometry", "la commune n’a pas de contour", "the commune has no contour")
        })?;
        let contour = contour(geometry, &at)?;
        let town_hall = at.town_hall(&contour, &mut file.findings);
        file.communes.push(CommuneShape {
            code,
            name: at.text(&["nom", "name", "NOM", "LIBGEO"]).unwrap_or_default(),
            population: at.population(&mut file.findings),
            epci_code: at.text(&["codeEpci", "epci", "SIREN_EPCI"]),
            epci_name: at.text(&["nomEpci", "LIBEPCI"]),
            town_hall,
            contour,
        });
    }
    if file.communes.is_empty() { Err(no_commune()) } else { Ok(file) }
}

fn properties(feature: &Json) -> Option<&Map<String, Json>> {
    feature.get("properties").and_then(Json::as_object)
}

/// A feature, and where it stands in the file.
struct Feature<'a> {
    number: usize,
    properties: Option<&'a Map<String, Json>>,
}

impl Feature<'_> {
    fn value(&self, names: &[&str]) -> Option<&Json> {
        let properties = self.properties?;
        names.iter().find_map(|name| properties.get(*name)).filter(|value| !value.is_null())
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        let value = self.value(names)?;
        let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
        (!text.is_empty()).then_some(text)
    }

    /// The feature by its number and, where it has one, its name or code.
    fn shown(&self) -> String {
        let name = self.text(&["nom", "name", "NOM", "LIBGEO", "code"]);
        name.map_or_else(
            || format!("feature {}", self.number),
            |name| format!("feature {} ({name})", self.number),
        )
    }

    fn finding(&self, code: &'static str, fr: &str, en: &str) -> FileFinding {
        let shown = self.shown();
        FileFinding::new(
            code,
            Spot::default(),
            Message::new(format!("{shown} : {fr}"), format!("{shown}: {en}")),
        )
    }

    fn error(&self, code: &'static str, fr: &str, en: &str) -> FileError {
        let shown = self.shown();
        FileError::new(
            code,
            Spot::default(),
            Message::new(format!("{shown} : {fr}"), format!("{shown}: {en}")),
            Message::new(
                "réexportez les contours en GeoJSON, en WGS 84 (EPSG:4326), en Polygon ou MultiPolygon",
                "export the contours again as GeoJSON, in WGS 84 (EPSG:4326), as Polygon or MultiPolygon",
            ),
        )
    }

    /// The INSEE code; a leading zero that a spreadsheet ate is put back.
    fn code(&self, findings: &mut Vec<FileFinding>) -> Option<InseeCode> {
        let text = self.text(&["code", "INSEE_COM", "insee", "code_insee", "CODGEO"]).unwrap_or_default();
        let code = InseeCode::from(text.as_str());
        if code.is_well_formed() {
            return Some(code);
        }
        let padded = InseeCode::from(format!("0{text}"));
        let (code, fr, en) = if padded.is_well_formed() {
            (Some(padded), "zéro initial du code INSEE rétabli", "leading zero of the INSEE code put back")
        } else {
            (
                None,
                "code INSEE absent ou mal formé, commune laissée de côté",
                "INSEE code missing or malformed, commune left out",
            )
        };
        findings.push(self.finding("bad_code", fr, en));
        code
    }

    fn population(&self, findings: &mut Vec<FileFinding>) -> Option<f64> {
        let value = self.value(&["population", "POPULATION", "pop"])?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().replace(',', ".").parse().ok());
        let number = number.filter(|number| (0.0..1e9).contains(number));
        if number.is_none() {
            findings.push(self.finding(
                "bad_population",
                "population illisible, laissée de côté",
                "population unreadable, left out",
            ));
        }
        number
    }

    fn town_hall(&self, contour: &Contour, findings: &mut Vec<FileFinding>) -> Option<Point> {
        let Some(value) = self.value(&["mairie", "town_hall", "chefLieu", "centre"]) else {
            return contour.inner_point();
        };
        let point = position(value.get("coordinates").unwrap_or(value));
        let distance = point.map_or(f64::INFINITY, |point| contour.distance_m(point));
        if distance <= OUTSIDE_M_MAX {
            return point;
        }
        let (fr, en) = if distance.is_finite() {
            let km = distance / 1000.0;
            (
                format!("la mairie est à {km:.1} km hors de la commune, remplacée par un point intérieur")
                    .replacen('.', ",", 1),
                format!("the town hall lies {km:.1} km outside the commune, replaced by a point inside"),
            )
        } else {
            (
                "mairie illisible, remplacée par un point intérieur".to_owned(),
                "town hall unreadable, replaced by a point inside".to_owned(),
            )
        };
        findings.push(self.finding("town_hall_outside", &fr, &en));
        contour.inner_point()
    }
}

fn contour(geometry: &Json, at: &Feature<'_>) -> Result<Contour, FileError> {
    let wrong = || {
        at.error(
            "bad_geometry",
            "le contour n’est ni Polygon ni MultiPolygon",
            "the contour is neither Polygon nor MultiPolygon",
        )
    };
    let kind = geometry.get("type").and_then(Json::as_str).ok_or_else(wrong)?;
    let coordinates = geometry.get("coordinates").ok_or_else(wrong)?;
    let polygons = match kind {
        "Polygon" => vec![polygon(coordinates, at)?],
        "MultiPolygon" => {
            let parts = coordinates.as_array().filter(|parts| !parts.is_empty()).ok_or_else(wrong)?;
            parts.iter().map(|part| polygon(part, at)).collect::<Result<_, _>>()?
        }
        _ => return Err(wrong()),
    };
    Ok(Contour { polygons })
}

fn polygon(coordinates: &Json, at: &Feature<'_>) -> Result<Polygon, FileError> {
    let mut rings = coordinates.as_array().into_iter().flatten().map(|points| ring(points, at));
    let outer = rings
        .next()
        .ok_or_else(|| at.error("bad_geometry", "un polygone est vide", "a polygon is empty"))??;
    Ok(Polygon { outer, holes: rings.collect::<Result<_, _>>()? })
}

fn ring(points: &Json, at: &Feature<'_>) -> Result<Ring, FileError> {
    let points = points.as_array().map(Vec::as_slice).unwrap_or_default();
    let ring: Ring = points
        .iter()
        .map(|point| position(point).ok_or_else(|| bad_point(point, at)))
        .collect::<Result<_, _>>()?;
    let corners = ring.len() - usize::from(ring.len() > 1 && ring.first() == ring.last());
    if corners < 3 {
        return Err(at.error(
            "bad_geometry",
            "un anneau a moins de trois sommets",
            "a ring has fewer than three corners",
        ));
    }
    Ok(ring)
}

fn bad_point(point: &Json, at: &Feature<'_>) -> FileError {
    let large =
        point.as_array().into_iter().flatten().filter_map(Json::as_f64).any(|degrees| degrees.abs() > 360.0);
    if large {
        at.error(
            "not_wgs84",
            "les coordonnées sont en mètres (Lambert 93 ?) et non en degrés",
            "the coordinates are in metres (Lambert 93?), not degrees",
        )
    } else {
        let shown: String = point.to_string().chars().take(60).collect();
        at.error(
            "bad_geometry",
            &format!("position illisible {shown}"),
            &format!("unreadable position {shown}"),
        )
    }
}

/// `[longitude, latitude, …]` on the globe.
fn position(value: &Json) -> Option<Point> {
    let [lon, lat, ..] = value.as_array()?.as_slice() else { return None };
    let (lon, lat) = (lon.as_f64()?, lat.as_f64()?);
    (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some(Point { lat, lon })
}

fn bad_json(error: &serde_json::Error) -> FileError {
    let count = |number: usize| u64::try_from(number).ok();
    FileError::new(
        "bad_json",
        Spot { line: count(error.line()), character: count(error.column()), ..Spot::default() },
        Message::new(
            "le JSON est abîmé ou incomplet",
            format!("the JSON is damaged or incomplete ({error})"),
        ),
        Message::new(
            "téléchargez ou exportez le fichier GeoJSON à nouveau",
            "download or export the GeoJSON file again",
        ),
    )
}

fn not_a_collection() -> FileError {
    FileError::new(
        "not_a_collection",
        Spot::default(),
        Message::new(
            "ce JSON n’est pas une FeatureCollection GeoJSON",
            "this JSON is no GeoJSON FeatureCollection",
        ),
        Message::new("choisissez un fichier GeoJSON de communes", "choose a GeoJSON file of communes"),
    )
}

fn no_commune() -> FileError {
    FileError::new(
        "no_commune",
        Spot::default(),
        Message::new("aucune commune n’a de code INSEE lisible", "no commune has a readable INSEE code"),
        Message::new(
            "donnez à chaque commune une propriété « code » de cinq caractères",
            "give each commune a property “code” of five characters",
        ),
    )
}

#[cfg(test)]
mod tests;
