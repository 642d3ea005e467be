//! What leaves as a table: its forms, its words, and that nothing is lost or made up.

#![allow(clippy::indexing_slicing)]

use portrea_indicators::engine::Engine;
use portrea_indicators::portrait::Portrait;
use portrea_indicators::survey::Survey;

use super::*;
use crate::demo;

fn survey() -> Survey {
    let communes = demo::territory().communes;
    Engine::new(demo::figures(&communes).0).survey()
}

fn portrait() -> Portrait {
    survey().portrait()
}

fn about() -> About {
    About {
        sources: vec!["INSEE 2021".to_owned(), "CAF".to_owned()],
        invented: true,
        heads: vec!["abc".to_owned()],
        directory_at: String::new(),
        written_at: "2026-11-28T10:00:00Z".to_owned(),
    }
}

/// Goal: one table for programs and for spreadsheets, where a missing figure is an empty cell and no cell is a formula.
#[test]
fn a_sheet_in_each_form() {
    let about = about();
    let sheet = || {
        Sheet::default()
            .with("name", ("nom", "name"), |row: &(&str, Option<f64>)| Cell::Text(row.0.to_owned()))
            .with_figure("gap.assist.people", |row| Cell::Number(row.1))
            .about(&about)
    };
    let rows = [("=A;B", Some(1234.567)), ("Médréac", None), ("x", Some(0.12345)), ("y", Some(1200.0))];
    for (form, head, lines) in [
        (
            Form::Plain,
            "name,gap.assist.people,sources,",
            ["'=A;B,1234.567,", "Médréac,,", "x,0.12345,", "y,1200,"],
        ),
        (
            Form::French,
            "\u{feff}nom;écart · être aidé·e · personnes;sources;",
            ["\"'=A;B\";1234,57;", "Médréac;;", "x;0,1235;", "y;1200;"],
        ),
        (
            Form::English,
            "\u{feff}name,gap · getting help · people,sources,",
            ["'=A;B,1234.57,", "Médréac,,", "x,0.1235,", "y,1200,"],
        ),
    ] {
        let text = sheet().csv(&rows, form);
        let mut written = text.split("\r\n");
        assert!(written.next().is_some_and(|line| line.starts_with(head)), "{text}");
        for (line, start) in written.zip(lines) {
            assert!(line.starts_with(start) && line.contains("INSEE 2021 | CAF"), "{line}");
        }
    }
}

/// Goal: every figure leaves with words, its sources and its state. Method: each sheet of the demonstration in each form.
#[test]
fn every_figure_leaves_with_words() {
    let (portrait, about) = (portrait(), about());
    for (path, _) in portrait.territory.figures() {
        assert!(words::is_said(&path), "{path} has no words");
    }
    let code = portrait.communes.keys().next().expect("a commune").clone();
    let priority = survey().priority(None);
    for form in [Form::Plain, Form::French, Form::English] {
        let all = figures::communes(&portrait, &about, form);
        let delimiter = if form == Form::French { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(all.as_bytes());
        assert_eq!(reader.headers().expect("a head").len(), 2 + 81 + 4 + 5);
        assert_eq!(reader.records().flatten().count(), 17);
        for text in [
            figures::territory(&portrait, &about, form),
            figures::commune(&portrait, &code, &about, form).expect("a commune"),
            figures::priority(&priority, &about, form),
        ] {
            assert!(
                text.lines().skip(1).all(|line| line.contains("INSEE 2021 | CAF") && line.contains("abc"))
            );
        }
    }
    assert_eq!(figures::commune(&portrait, &"99999".into(), &about, Form::Plain), None);
}

/// Goal: the map holds what the table holds. Method: a commune's properties against its portrait.
#[test]
fn communes_on_the_map() {
    let (portrait, about) = (portrait(), about());
    let text = figures::communes_geojson(&portrait, &demo::territory().communes, &about);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let features = json["features"].as_array().expect("features");
    assert_eq!(features.len(), 17);
    for feature in features {
        let (code, commune) = portrait
            .communes
            .iter()
            .find(|(code, _)| feature["properties"]["code"] == code.as_str())
            .expect("a commune");
        assert_eq!(feature["properties"]["population"].as_f64(), commune.population, "{code}");
        assert!(feature["geometry"]["coordinates"].is_array());
        assert_eq!(feature["properties"]["heads"], "abc");
    }
}
