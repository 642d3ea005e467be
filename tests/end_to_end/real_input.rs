//! Real files, where the shared folder of data is there: the département, INSEE's figures, the France Services places.

use std::path::{Path, PathBuf};

use portrea_tests::live::Live;
use portrea_tests::live::web::Person;
use serde_json::Value as Json;

/// The folder beside the checkout that holds real data; a fresh machine does not have it.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !folder.is_dir() {
        println!("not run: there is no ../shared/data beside this checkout");
        return None;
    }
    Some(folder)
}

/// Goal: real files are taken as they are. Method: a territory of 332 communes with INSEE's figures; the places of all
/// France, of which those of the département are taken; once more, which changes nothing; and a broken copy.
#[test]
fn real_files_become_a_territory() {
    let Some(data) = data() else { return };
    let communes = data.join("territories/ille-et-vilaine.geojson");
    let needs = data.join("needs/base-cc-comparateur-2021-bretagne.csv");
    let places = data.join("resources/france-services.csv");
    let live = Live::start_with(&[], &communes, &[&needs]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    assert_eq!(rose.read("")["communes"].as_array().unwrap().len(), 332);
    let portrait = rose.read("/indicators");
    assert_eq!(portrait["communes"].as_object().unwrap().len(), 332);
    assert!(portrait["territory"]["population"].as_f64().unwrap() > 1_000_000.0, "{}", portrait["territory"]);

    let territory = live.territory().to_string();
    let path = places.to_string_lossy();
    let import = |path: &str| live.admin(&["import", "--territory", &territory, path]);
    let tried = live.admin_json(&["import", "--territory", &territory, &path, "--dry-run"]);
    assert_eq!(tried["changes"], 0);
    assert_eq!(rose.read("/resources").as_array().unwrap().len(), 0, "a dry run writes nothing");
    let first: Json = serde_json::from_slice(&import(&path).stdout).unwrap();
    assert_eq!(first["counts"]["added"], tried["counts"]["added"]);
    let added = first["counts"]["added"].as_u64().unwrap();
    let text = std::fs::read_to_string(&places).unwrap();
    let here = text.lines().filter(|line| line.split(',').nth(1) == Some("\"35\"")).count() as u64;
    assert_eq!(added, here, "{}", first["counts"]);
    let structures = rose.read("/resources");
    assert_eq!(structures.as_array().unwrap().len() as u64, added);
    assert!(
        structures
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["commune"].as_str().is_some_and(|code| code.starts_with("35")))
    );
    let covered = rose.read("/indicators");
    assert_ne!(covered["territory"]["structures"], portrait["territory"]["structures"]);

    let heads = covered["heads"].clone();
    let second: Json = serde_json::from_slice(&import(&path).stdout).unwrap();
    assert_eq!((&second["changes"], &second["counts"]["added"]), (&Json::from(0), &Json::from(0)));
    assert_eq!(rose.read("/indicators")["heads"], heads, "a second import writes nothing");

    a_broken_copy_changes_nothing(&live, &rose, &places);
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
}

/// Goal: need is put together from the public files as they are, and a recipe moves it at once. Method: six files
/// through a running server; the portrait's grades; a recipe over HTTP, right and wrong, in both languages.
#[test]
fn real_statistics_are_put_together() {
    let Some(data) = data() else { return };
    let live = Live::start_with(&[], &data.join("territories/ille-et-vilaine.geojson"), &[]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    assert_eq!(rose.read("/indicators")["territory"]["need"]["exposure"], Json::Null);
    let territory = live.territory().to_string();
    let mut arguments = vec!["needs".to_owned(), "import".into(), "--territory".into(), territory.clone()];
    let folder = std::fs::read_dir(data.join("needs")).unwrap();
    let mut files: Vec<String> =
        folder.map(|entry| entry.unwrap().path().to_string_lossy().into_owned()).collect();
    files.sort();
    arguments.extend(files);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = live.admin_json(&arguments);
    assert_eq!((done["communes"].as_u64(), done["without"].as_u64()), (Some(332), Some(0)));
    assert_eq!(done["files"].as_array().unwrap().len(), 6);

    let portrait = rose.read("/indicators");
    let known = &portrait["territory"]["grades"];
    assert_eq!(portrait["territory"]["population"], Json::from(1_098_325.0));
    assert_eq!(known["population"]["countedCommunes"], Json::from(332));
    assert_eq!(known["vulnerability"]["estimatedCommunes"], Json::from(332));
    let shown = rose.read("/needs");
    assert!(shown["series"].as_array().unwrap().len() > 25, "{}", shown["series"]);
    assert_eq!(shown["communes"]["35184"]["population"]["grade"], "counted");
    assert_eq!(shown["communes"]["35184"]["ifn_score"]["grade"], "counted");

    let path = format!("/territories/{territory}/recipe");
    let default = rose.call("GET", &path, &[], None).body;
    assert!(default.contains("key = \"minimum_benefits\""), "{default}");
    let wrong = rose.call("PUT", &path, &[], Some(&default.replace("\"births\"", "\"birth\"")));
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("the series “birth” is not known"), "{}", wrong.body);
    let halved = default.replace("unit = \"events\"", "unit = \"events\"\nweight = 0.5");
    let set = rose.call("PUT", &path, &[], Some(&halved));
    assert_eq!((set.status, &set.json()["own"]), (200, &Json::from(true)), "{}", set.body);
    let births = |portrait: &Json| portrait["territory"]["need"]["events"]["births"].as_f64().unwrap();
    let half = births(&rose.read("/indicators"));
    assert!((half * 2.0 - births(&portrait)).abs() < 1e-6, "{half}");

    let shown = live.admin_json(&["needs", "show", "--territory", &territory]);
    assert_eq!(shown["communes"].as_object().unwrap().len(), 332);
}

/// A damaged copy is refused whole, and the complaint says where.
fn a_broken_copy_changes_nothing(live: &Live, rose: &Person, places: &Path) {
    let heads = rose.read("/indicators")["heads"].clone();
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read_to_string(places).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    // Some fields hold several lines: a row begins where all quotation marks before it are closed.
    let mut open = false;
    let rows = lines.iter().enumerate().filter_map(|(at, line)| {
        let begins = !open;
        open ^= line.matches('"').count() % 2 == 1;
        begins.then_some(at)
    });
    let rows: Vec<usize> = rows.collect();
    let at = rows[rows.len() - 10];
    let short = [&lines[..at], &["\"1\",\"35\",\"Maison\""], &lines[at..]].concat().join("\n");
    let cut = lines[..=at].join("\n");
    let cut = &cut[..cut.len() - 20];
    let nameless = lines[1..].join("\n");
    for (name, content, line) in [
        ("short.csv", short.as_str(), Some(at + 1)),
        ("cut.csv", cut, Some(at + 1)),
        ("nameless.csv", &nameless, Some(1)),
        ("none.csv", "", None),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let territory = live.territory().to_string();
        let words =
            ["import", "--territory", &territory, &path.to_string_lossy(), "--format", "france-services"];
        let output = live.admin(&words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(name), "{name}: {said}");
        if let Some(line) = line {
            assert!(said.contains(&format!("ine {line}")), "{name}, line {line}: {said}");
        }
        assert_eq!(rose.read("/indicators")["heads"], heads, "{name}");
    }
}
