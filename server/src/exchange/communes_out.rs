//! The communes of a territory as GeoJSON polygons (RFC 7946), for a map's ground.
//!
//! Five decimals are a metre. A ring is closed as the format asks; a commune without a contour has no geometry.

use portrea_indicators::statistics::Statistics;
use serde_json::{Value, json};

use super::geometry::{Contour, Point, Polygon, Ring};
use super::territory_file::CommuneShape;

/// The communes with code, name and inhabitants; the figures' inhabitants win, as everywhere.
pub fn to_string(shapes: &[CommuneShape], statistics: &Statistics) -> String {
    let features = shapes.iter().map(|shape| {
        let figures = statistics.communes.get(&shape.code);
        let population = figures.and_then(|commune| commune.population).or(shape.population);
        json!({
            "type": "Feature",
            "geometry": geometry(&shape.contour),
            "properties": { "code": shape.code, "name": shape.name, "population": population },
        })
    });
    json!({ "type": "FeatureCollection", "features": features.collect::<Value>() }).to_string()
}

/// A contour as a GeoJSON geometry.
pub(super) fn geometry(contour: &Contour) -> Value {
    match contour.polygons.as_slice() {
        [] => Value::Null,
        [polygon] => json!({ "type": "Polygon", "coordinates": rings(polygon) }),
        several => {
            json!({ "type": "MultiPolygon", "coordinates": several.iter().map(rings).collect::<Value>() })
        }
    }
}

fn rings(polygon: &Polygon) -> Value {
    std::iter::once(&polygon.outer).chain(&polygon.holes).map(ring).collect()
}

fn ring(ring: &Ring) -> Value {
    let open = ring.first().filter(|first| ring.last() != Some(*first));
    let position = |point: &Point| json!([rounded(point.lon), rounded(point.lat)]);
    ring.iter().chain(open).map(position).collect()
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

#[cfg(test)]
mod tests {
    use super::{CommuneShape, Contour, Point, Polygon, Statistics, to_string};
    use expect_test::expect;

    /// Goal: contours become polygons, closed and rounded. Method: one part, two parts with a hole, none.
    #[test]
    fn communes_in_geojson() {
        let ring = |lon: f64| {
            let corners = [(lon, 48.0), (lon + 0.1, 48.0), (lon, 48.123_456_7)];
            corners.map(|(lon, lat)| Point { lat, lon }).to_vec()
        };
        let shape = |code: &str, polygons| CommuneShape {
            code: code.into(),
            name: format!("Commune {code}"),
            population: Some(12.0),
            epci_code: None,
            epci_name: None,
            town_hall: None,
            contour: Contour { polygons },
        };
        let part = |lon, holes| Polygon { outer: ring(lon), holes };
        let shapes = [
            shape("35001", vec![part(-2.0, vec![])]),
            shape("35002", vec![part(-2.5, vec![ring(-2.4)]), part(0.0, vec![])]),
            shape("35003", vec![]),
        ];
        let written = to_string(&shapes, &Statistics::default()).replace("{\"geometry\"", "\n{\"geometry\"");
        expect![[r#"
            {"features":[
            {"geometry":{"coordinates":[[[-2.0,48.0],[-1.9,48.0],[-2.0,48.12346],[-2.0,48.0]]],"type":"Polygon"},"properties":{"code":"35001","name":"Commune 35001","population":12.0},"type":"Feature"},
            {"geometry":{"coordinates":[[[[-2.5,48.0],[-2.4,48.0],[-2.5,48.12346],[-2.5,48.0]],[[-2.4,48.0],[-2.3,48.0],[-2.4,48.12346],[-2.4,48.0]]],[[[0.0,48.0],[0.1,48.0],[0.0,48.12346],[0.0,48.0]]]],"type":"MultiPolygon"},"properties":{"code":"35002","name":"Commune 35002","population":12.0},"type":"Feature"},
            {"geometry":null,"properties":{"code":"35003","name":"Commune 35003","population":12.0},"type":"Feature"}],"type":"FeatureCollection"}"#]].assert_eq(&written);
    }
}
