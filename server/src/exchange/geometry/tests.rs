use super::*;

fn ring(points: &[(f64, f64)]) -> Ring {
    points.iter().map(|(lon, lat)| Point { lat: *lat, lon: *lon }).collect()
}

fn square(west: f64, south: f64, side: f64) -> Ring {
    ring(&[
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
        (west, south),
    ])
}

/// A square with a hole, an island that fills part of the hole, and a second square far away.
fn contour() -> Contour {
    Contour {
        polygons: vec![
            Polygon { outer: square(0.0, 0.0, 10.0), holes: vec![square(2.0, 2.0, 6.0)] },
            Polygon { outer: square(4.0, 4.0, 2.0), holes: vec![] },
            Polygon { outer: square(20.0, 0.0, 1.0), holes: vec![] },
        ],
    }
}

/// Goal: holes, islands in holes, edges and vertices are right. Method: a point of each sort.
#[test]
fn points_are_in_or_out() {
    for (lon, lat, inside, what) in [
        (1.0, 1.0, true, "the ground"),
        (3.0, 3.0, false, "the hole"),
        (5.0, 5.0, true, "the island in the hole"),
        (20.5, 0.5, true, "the second part"),
        (15.0, 0.5, false, "between the parts"),
        (0.0, 5.0, true, "an outer edge"),
        (0.0, 0.0, true, "a vertex"),
        (10.0, 10.0, true, "the opposite vertex"),
        (2.0, 5.0, true, "the hole's edge"),
        (2.0, 2.0, true, "the hole's vertex"),
        (1.0, 2.0, true, "level with the hole's vertices"),
        (-1.0, 2.0, false, "outside, level with the hole's vertices"),
        (-1.0, 0.0, false, "outside, level with the lower edge"),
        (11.0, 10.0, false, "outside, level with the upper edge"),
        (5.0, -0.1, false, "below"),
    ] {
        assert_eq!(contour().contains(Point { lat, lon }), inside, "{what}");
    }
}

#[test]
fn concave_rings_and_rings_left_open_are_right() {
    let open = ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)]);
    let contour = Contour { polygons: vec![Polygon { outer: open, holes: vec![] }] };
    for (lon, lat, inside) in
        [(2.0, 0.5, true), (2.0, 2.0, false), (0.2, 3.0, true), (3.8, 3.0, true), (2.0, 1.0, true)]
    {
        assert_eq!(contour.contains(Point { lat, lon }), inside, "{lon} {lat}");
    }
}

/// Goal: a point inside is found whatever the shape. Method: shapes whose middle is outside.
#[test]
fn inner_points_are_inside() {
    let horseshoe = ring(&[
        (0.0, 0.0),
        (9.0, 0.0),
        (9.0, 9.0),
        (8.0, 9.0),
        (8.0, 1.0),
        (1.0, 1.0),
        (1.0, 9.0),
        (0.0, 9.0),
    ]);
    for polygons in [
        contour().polygons,
        vec![Polygon { outer: horseshoe, holes: vec![] }],
        vec![Polygon { outer: square(-2.1, 48.1, 0.05), holes: vec![] }],
    ] {
        let contour = Contour { polygons };
        let point = contour.inner_point().expect("a point");
        assert!(contour.contains(point), "{point:?}");
    }
    assert_eq!(Contour::default().inner_point(), None);
    assert!(!Contour::default().contains(Point { lat: 0.0, lon: 0.0 }));
}

#[test]
fn distances_are_metres() {
    let contour = Contour { polygons: vec![Polygon { outer: square(-2.0, 48.0, 0.1), holes: vec![] }] };
    for (north, east, expected) in
        [(0.0, 0.0, 0.0), (-500.0, 0.0, 500.0), (0.0, -500.0, 500.0), (-300.0, -400.0, 500.0)]
    {
        let distance = contour.distance_m(Point { lat: 48.0, lon: -2.0 }.moved(north, east));
        assert!((distance - expected).abs() < 1.0, "{distance} for {expected}");
    }
    assert!(Contour::default().distance_m(Point { lat: 0.0, lon: 0.0 }).is_infinite());
}
