//! Matrices as they come, and as they should not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::super::geometry::Contour;
use super::*;

fn communes() -> Vec<CommuneShape> {
    // Not in the order of their codes, as in many files.
    [("35003", 48.3), ("35001", 48.1), ("35002", 48.2)]
        .map(|(code, lat)| CommuneShape {
            code: code.into(),
            name: code.to_owned(),
            population: None,
            epci_code: None,
            epci_name: None,
            town_hall: Some(Point { lat, lon: -2.0 }),
            contour: Contour::default(),
        })
        .to_vec()
}

fn minutes(times: &TravelTimes, from: &str, to: &str) -> Option<f64> {
    times.minutes(times.place(&from.into()).unwrap(), times.place(&to.into()).unwrap())
}

/// Goal: each form says the same. Method: one matrix with a hole, written in six ways.
#[test]
fn every_form_is_read() {
    let osrm = r#"{"code":"Ok","durations":[[0,600,1230],[660,0,null],[1200,900,0]],
        "sources":[{"location":[-2.0,48.1],"name":"Rue A","hint":"x"},{"location":[-2.0,48.2]},{"location":[-2.0,48.3]}],
        "destinations":[{"location":[-2.0,48.1]},{"location":[-2.0,48.2]},{"location":[-2.0,48.3]}]}"#;
    let turned =
        r#"{"communes":["35003","35001","35002"],"durations":[[0,1200,900],[1230,0,600],[null,660,0]]}"#;
    let verbose = r#"{"sources_to_targets":[
        [{"time":0,"distance":0.0,"from_index":0,"to_index":0},{"time":600,"distance":9.1,"from_index":0,"to_index":1},{"time":1230}],
        [{"time":660},{"time":0},{"time":null,"distance":null}],[{"time":1200},{"time":900},{"time":0}]],
        "units":"kilometers","sources":[{"lat":48.1,"lon":-2.0},{"lat":48.2,"lon":-2.0},{"lat":48.3,"lon":-2.0}]}"#;
    let concise = r#"{"algorithm":"timedistancematrix","sources_to_targets":{"durations":[[0,600,1230],[660,0,null],[1200,900,0]],
        "distances":[[0,9,18],[9,0,null],[18,9,0]]}}"#;
    let square =
        "minutes;35001;35002;35003;99999\n35001;0;10;20,5;1\n35002;11;0;;2\n35003;20;15;0;3\n99999;1;2;3;0\n";
    let pairs = "from,to,seconds\n35001,35002,600\n35001,35003,1230\n35002,35001,660\n35003,35001,1200\n35003,35002,900\n35003,99999,1\n";
    for (name, file, elsewhere) in [
        ("osrm", osrm, 0),
        ("turned", turned, 0),
        ("verbose", verbose, 0),
        ("concise", concise, 0),
        ("square", square, 2),
        ("pairs", pairs, 1),
    ] {
        let read = read(file.as_bytes(), &communes()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        for (from, to, expected) in [
            ("35001", "35002", Some(10.0)),
            ("35001", "35003", Some(20.5)),
            ("35002", "35001", Some(11.0)),
            ("35002", "35003", None),
            ("35003", "35001", Some(20.0)),
            ("35003", "35002", Some(15.0)),
            ("35003", "35003", Some(0.0)),
        ] {
            assert_eq!(minutes(&read.times, from, to), expected, "{name}: {from} {to}");
        }
        assert_eq!((read.elsewhere, read.without.len(), read.findings.len()), (elsewhere, 0, 0), "{name}");
    }
}

#[test]
fn what_is_left_out_and_odd_is_told() {
    let file = "from,to,minutes\n35001,35002,10\n35002,35001,soon\n35002,35001,-4\n";
    let read = read(file.as_bytes(), &communes()).unwrap();
    assert_eq!(read.without, ["35003".into()]);
    assert_eq!(read.findings.len(), 2);
    assert_eq!(read.findings[0].code, "not_a_time");
    assert_eq!(read.findings[0].spot.line, Some(3));
    assert_eq!(minutes(&read.times, "35002", "35001"), None);
}

#[test]
fn a_broken_matrix_is_refused_with_a_reason() {
    for (file, code) in [
        ("", "not_text"),
        ("{", "bad_json"),
        ("{\"durations\":[[0,\"x\"]]}", "bad_json"),
        (r#"{"code":"InvalidOptions","message":"too many"}"#, "no_durations"),
        (r#"{"durations":[[0,1],[1,0]]}"#, "wrong_size"),
        (r#"{"durations":[[0,1,2],[1,0,2],[1,0]]}"#, "wrong_size"),
        (
            r#"{"durations":[[0,1,2],[1,0,2],[1,0,0]],"sources":[{"location":[-2.0,48.3]},{"location":[-2.0,48.1]},{"location":[-2.0,48.2]}]}"#,
            "wrong_order",
        ),
        ("code;35001;35002\n35001;0;10\n", "no_unit"),
        ("from,to\n35001,35002\n", "missing_column"),
        ("from,to,minutes\n99001,99002,3\n", "no_times"),
        ("minutes;35001\n", "no_times"),
    ] {
        assert_eq!(read(file.as_bytes(), &communes()).unwrap_err().code, code, "{file}");
    }
}
