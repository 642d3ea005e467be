//! Points and contours on the map: whether a place lies in a commune, and how far outside.
//!
//! Degrees in WGS 84, on a plane: right for contours the size of a commune, away from the 180th meridian and the
//! poles. A contour is several polygons, each an outer ring with holes; a point in a hole is outside, unless another
//! polygon fills the hole. A point on an edge is inside.

use serde::{Deserialize, Serialize};

/// Metres in a degree of latitude.
const METRES_A_DEGREE: f64 = 111_195.0;

/// A point, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Latitude in degrees, north positive.
    pub lat: f64,
    /// Longitude in degrees, east positive.
    pub lon: f64,
}

/// A closed line; the last point may repeat the first.
pub type Ring = Vec<Point>;

/// An outer ring and the holes in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Polygon {
    /// The outer ring.
    pub outer: Ring,
    /// The rings cut out of it.
    pub holes: Vec<Ring>,
}

/// A commune's ground: its main part and its islands and exclaves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contour {
    /// The parts.
    pub polygons: Vec<Polygon>,
}

/// A box along the meridians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest latitude.
    pub south: f64,
    /// Lowest longitude.
    pub west: f64,
    /// Highest latitude.
    pub north: f64,
    /// Highest longitude.
    pub east: f64,
}

impl Bounds {
    /// The smallest box around the points; nothing when there are none.
    pub fn around<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, point| {
            let known = bounds.unwrap_or(Self {
                south: point.lat,
                west: point.lon,
                north: point.lat,
                east: point.lon,
            });
            Some(Self {
                south: known.south.min(point.lat),
                west: known.west.min(point.lon),
                north: known.north.max(point.lat),
                east: known.east.max(point.lon),
            })
        })
    }

    /// Whether the point lies in the box, its edge included.
    pub fn contains(&self, point: Point) -> bool {
        (self.south..=self.north).contains(&point.lat) && (self.west..=self.east).contains(&point.lon)
    }
}

impl Point {
    /// The point so many metres to the north and to the east.
    #[must_use]
    pub fn moved(self, north_m: f64, east_m: f64) -> Self {
        let lat = self.lat + north_m / METRES_A_DEGREE;
        Self { lat, lon: self.lon + east_m / (METRES_A_DEGREE * self.lat.to_radians().cos()) }
    }
}

impl Polygon {
    /// Whether the point lies in the polygon and in none of its holes.
    pub fn contains(&self, point: Point) -> bool {
        if self.rings().any(|ring| edges(ring).any(|(a, b)| on_edge(a, b, point))) {
            return encloses(&self.outer, point) || edges(&self.outer).any(|(a, b)| on_edge(a, b, point));
        }
        encloses(&self.outer, point) && !self.holes.iter().any(|hole| encloses(hole, point))
    }

    fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outer).chain(&self.holes)
    }
}

impl Contour {
    /// Whether the point lies on the commune's ground.
    pub fn contains(&self, point: Point) -> bool {
        self.polygons.iter().any(|polygon| polygon.contains(point))
    }

    /// The box around it.
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.polygons.iter().flat_map(|polygon| &polygon.outer))
    }

    /// How far outside the point lies, in metres: 0 inside, infinity when there is no contour.
    pub fn distance_m(&self, point: Point) -> f64 {
        if self.contains(point) {
            return 0.0;
        }
        let rings = self.polygons.iter().flat_map(Polygon::rings);
        rings
            .flat_map(|ring| edges(ring))
            .map(|(a, b)| edge_distance_m(a, b, point))
            .fold(f64::INFINITY, f64::min)
    }

    /// A point well inside the largest part; nothing when there is no contour.
    pub fn inner_point(&self) -> Option<Point> {
        let largest =
            self.polygons.iter().max_by(|a, b| area(&a.outer).abs().total_cmp(&area(&b.outer).abs()))?;
        let middle = centroid(&largest.outer).filter(|point| largest.contains(*point));
        middle.or_else(|| {
            let bounds = Bounds::around(&largest.outer)?;
            // Heights that no vertex is likely to stand at.
            let heights = [0.5003, 0.3701, 0.6307, 0.2113, 0.7919, 0.0907, 0.9103];
            let widest = heights.into_iter().filter_map(|height| {
                widest_chord(largest, bounds.south + height * (bounds.north - bounds.south))
            });
            widest.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(point, _)| point)
        })
    }
}

/// The edges of a ring, the closing one included.
fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Even-odd rule: a ray to the east crosses the ring an odd number of times. Each edge owns its lower end alone, so
/// that a ray through a vertex counts once.
fn encloses(ring: &[Point], point: Point) -> bool {
    edges(ring)
        .filter(|(a, b)| (a.lat > point.lat) != (b.lat > point.lat))
        .filter(|(a, b)| point.lon < crossing(*a, *b, point.lat))
        .count()
        % 2
        == 1
}

/// The longitude at which an edge crosses a latitude.
fn crossing(a: Point, b: Point, lat: f64) -> f64 {
    a.lon + (lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
}

fn on_edge(a: Point, b: Point, point: Point) -> bool {
    let turn = (b.lon - a.lon) * (point.lat - a.lat) - (b.lat - a.lat) * (point.lon - a.lon);
    let within = Bounds::around([&a, &b]).is_some_and(|bounds| bounds.contains(point));
    within && turn.abs() < 1e-14
}

fn edge_distance_m(a: Point, b: Point, point: Point) -> f64 {
    let shrink = point.lat.to_radians().cos();
    let flat =
        |p: Point| ((p.lon - point.lon) * shrink * METRES_A_DEGREE, (p.lat - point.lat) * METRES_A_DEGREE);
    let ((ax, ay), (bx, by)) = (flat(a), flat(b));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (ax + along * dx).hypot(ay + along * dy)
}

/// Twice the signed area, in square degrees, from the first point for precision.
fn area(ring: &[Point]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    edges(ring).map(|(a, b)| cross(*origin, a, b)).sum()
}

fn cross(origin: Point, a: Point, b: Point) -> f64 {
    (a.lon - origin.lon) * (b.lat - origin.lat) - (b.lon - origin.lon) * (a.lat - origin.lat)
}

fn centroid(ring: &[Point]) -> Option<Point> {
    let origin = *ring.first()?;
    let total = area(ring);
    let sum = |of: fn(Point) -> f64| -> f64 {
        edges(ring).map(|(a, b)| (of(a) + of(b) - 2.0 * of(origin)) * cross(origin, a, b)).sum()
    };
    (total != 0.0).then(|| Point {
        lat: origin.lat + sum(|p| p.lat) / (3.0 * total),
        lon: origin.lon + sum(|p| p.lon) / (3.0 * total),
    })
}

/// The middle of the longest stretch of a latitude inside the polygon, and that length.
fn widest_chord(polygon: &Polygon, lat: f64) -> Option<(Point, f64)> {
    let mut crossings: Vec<f64> = polygon
        .rings()
        .flat_map(|ring| edges(ring))
        .filter(|(a, b)| (a.lat > lat) != (b.lat > lat))
        .map(|(a, b)| crossing(a, b, lat))
        .collect();
    crossings.sort_by(f64::total_cmp);
    crossings
        .windows(2)
        .filter_map(|pair| {
            let [west, east] = pair else { return None };
            let middle = Point { lat, lon: f64::midpoint(*west, *east) };
            polygon.contains(middle).then_some((middle, east - west))
        })
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
}

#[cfg(test)]
mod tests;
