use super::*;

const SQUARE: &str =
    r#"{"type":"Polygon","coordinates":[[[-2,48],[-1.9,48],[-1.9,48.1],[-2,48.1],[-2,48]]]}"#;

fn collection(features: &[(&str, &str)]) -> String {
    let features: Vec<String> = features
        .iter()
        .map(|(properties, geometry)| {
            format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
        })
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",\n"))
}

fn codes(file: &TerritoryFile) -> Vec<&'static str> {
    file.findings.iter().map(|finding| finding.code).collect()
}

/// Goal: communes are read with their oddities found. Method: one feature an oddity.
#[test]
fn oddities_are_found() {
    for (properties, communes, findings) in [
        (r#"{"code":"35001","nom":"A","population":12,"mairie":[-1.95,48.05]}"#, 1, vec![]),
        (r#"{"INSEE_COM":"35001","NOM":"A","POPULATION":"12"}"#, 1, vec![]),
        (r#"{"code":"35001","mairie":{"type":"Point","coordinates":[-1.95,48.05]}}"#, 1, vec![]),
        (r#"{"code":"35001","mairie":[1.95,48.05]}"#, 1, vec!["town_hall_outside"]),
        (r#"{"code":"35001","mairie":[-1.95,48.1005]}"#, 1, vec![]),
        (r#"{"code":"35001","mairie":"x"}"#, 1, vec!["town_hall_outside"]),
        (r#"{"code":"1001","population":"many"}"#, 1, vec!["bad_code", "bad_population"]),
        (r#"{"code":"X"}"#, 0, vec!["bad_code"]),
        ("null", 0, vec!["bad_code"]),
        (r#"{"code":"35000"}"#, 0, vec!["duplicate_code"]),
    ] {
        let text =
            collection(&[(r#"{"code":"35000","mairie":[-1.95,48.05]}"#, SQUARE), (properties, SQUARE)]);
        let file = read(text.as_bytes()).expect(properties);
        assert_eq!((file.communes.len() - 1, codes(&file)), (communes, findings), "{properties}");
        for commune in &file.communes {
            let town_hall = commune.town_hall.expect("a point");
            assert!(commune.contour.distance_m(town_hall) <= OUTSIDE_M_MAX, "{properties}");
        }
    }
}

/// Goal: a broken file is refused and says where. Method: one file a mistake.
#[test]
fn broken_files_are_refused() {
    let feature = |geometry| {
        collection(&[(r#"{"code":"35000"}"#, SQUARE), (r#"{"code":"35001","nom":"Gaël"}"#, geometry)])
    };
    for (text, code, shown) in [
        ("{\n\"type\":\n".to_owned(), "bad_json", "Ligne 3"),
        ("[1]".to_owned(), "not_a_collection", "FeatureCollection"),
        (collection(&[]), "no_commune", "code"),
        (feature("null"), "no_geometry", "Feature 2 (Gaël)"),
        (feature(r#"{"type":"Point","coordinates":[-2,48]}"#), "bad_geometry", "Feature 2 (Gaël)"),
        (feature(r#"{"type":"Polygon","coordinates":[]}"#), "bad_geometry", "Feature 2 (Gaël)"),
        (
            feature(r#"{"type":"Polygon","coordinates":[[[-2,48],[-2,49],[-2,48]]]}"#),
            "bad_geometry",
            "trois sommets",
        ),
        (
            feature(r#"{"type":"Polygon","coordinates":[[[-2,"x"],[-2,49],[-1,48]]]}"#),
            "bad_geometry",
            "position illisible",
        ),
        (
            feature(r#"{"type":"Polygon","coordinates":[[[352000,6789000],[-2,49],[-1,48]]]}"#),
            "not_wgs84",
            "Lambert",
        ),
        (feature(r#"{"type":"MultiPolygon","coordinates":[]}"#), "bad_geometry", "Feature 2 (Gaël)"),
    ] {
        let error = read(text.as_bytes()).expect_err(&text);
        assert_eq!(error.code, code, "{text}");
        assert!(error.message().fr.contains(shown), "{}", error.message().fr);
    }
}

#[test]
fn multipolygons_with_holes_are_read() {
    let geometry = r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,9]],[[1,1],[8,1],[8,8],[1,8],[1,1]]],[[[20,0],[21,0],[21,1],[20,0]]]]}"#;
    let file = read(collection(&[(r#"{"code":"35001"}"#, geometry)]).as_bytes()).expect("read");
    let commune = file.communes.first().expect("one");
    let parts: Vec<usize> = commune.contour.polygons.iter().map(|polygon| polygon.holes.len()).collect();
    assert_eq!(parts, [1, 0]);
    assert!(!commune.contour.contains(Point { lat: 5.0, lon: 5.0 }));
    assert!(commune.contour.contains(commune.town_hall.expect("a point")));
}

/// Goal: the real files are read whole. Method: count communes and findings; see the folder's list of sources.
#[test]
fn real_territories_are_read() {
    for (name, communes, findings) in
        [("cc-saint-meen-montauban", 17, 1), ("ille-et-vilaine", 332, 2), ("bretagne", 1_202, 8)]
    {
        let Some(bytes) = crate::exchange::shared_data(&format!("territories/{name}.geojson")) else {
            return;
        };
        let file = read(&bytes).expect(name);
        assert_eq!(
            (file.communes.len(), codes(&file).len()),
            (communes, findings),
            "{name}: {:?}",
            file.findings
        );
    }
}
