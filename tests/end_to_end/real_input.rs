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
    assert!((30..=200).contains(&added), "{}", first["counts"]);
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

/// A copy whose last rows are damaged is refused whole, and the complaint says where.
fn a_broken_copy_changes_nothing(live: &Live, rose: &Person, places: &Path) {
    let heads = rose.read("/indicators")["heads"].clone();
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(places).unwrap();
    let text = String::from_utf8_lossy(&whole);
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines.len() - 10;
    let unclosed = format!("{}\n\"{}", lines[..cut].join("\n"), lines[cut..].join("\n"));
    let columns = lines[1..].join("\n");
    for (name, content) in
        [("unclosed.csv", unclosed.as_bytes()), ("columns.csv", columns.as_bytes()), ("none.csv", b"")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let territory = live.territory().to_string();
        let words =
            ["import", "--territory", &territory, &path.to_string_lossy(), "--format", "france-services"];
        let output = live.admin(&words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(name), "{name}: {said}");
        if name == "unclosed.csv" {
            assert!(said.contains(&(cut + 1).to_string()), "the line is told: {said}");
        }
        assert_eq!(rose.read("/indicators")["heads"], heads, "{name}");
    }
}
