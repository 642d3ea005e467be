//! What is published of the portrait besides itself, through the server: its history, other territories, files, tuning.

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::web::{Person, request};
use serde_json::{Value as Json, json};

const PLACES: &str = "name,commune,commune_name,family,service_weekly_eadmin_hours\n\
                      Mairie,35184,Montauban-de-Bretagne,assist,6\nCyber,35297,Saint-Méen-le-Grand,train,\n";

/// A territory with figures.
fn territory() -> (Live, Person) {
    let needs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/demo/needs.csv");
    let live = Live::start_with(&[], &portrea_tests::live::communes(), &[&needs]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    (live, rose)
}

fn imports_places(live: &Live) {
    let file = live.data().with_file_name("places.csv");
    std::fs::write(&file, PLACES).unwrap();
    let territory = live.territory().to_string();
    live.admin_json(&["import", "--territory", &territory, &file.to_string_lossy()]);
}

/// Goal: a day on which figures moved has its point, a référent·e names others, and both are kept. Method: an import, a
/// server that stops and starts again, twice; the history in JSON and in CSV.
#[test]
fn the_history_is_kept() {
    let (mut live, rose) = territory();
    let first = rose.read("/indicators/history");
    assert_eq!(first["points"], json!([]), "nothing moved yet");
    assert_eq!(first["now"]["figures"]["described"], 0);
    imports_places(&live);
    assert!(live.stop().success());
    live.restart();
    let today = rose.read("/indicators/history")["points"][0].clone();
    assert_eq!((&today["figures"]["described"], &today["name"]), (&json!(2), &Json::Null));
    assert_eq!(today["figures"]["families"]["assist"]["weeklyHours"], 6.0);
    assert_eq!(today["figures"]["families"]["train"]["weeklyHours"], Json::Null, "nobody said");

    assert_eq!(rose.post("/indicators/history", &json!({ "name": " " })).problem(422), "bad-name");
    assert_eq!(rose.post("/indicators/history", &json!({})).problem(400), "bad-request");
    let kept = rose.post("/indicators/history", &json!({ "name": "Avant la collecte" }));
    assert_eq!((kept.status, &kept.json()["by"]), (201, &json!("Rose")));
    live.restart();
    let history = rose.read("/indicators/history");
    let named: Vec<&Json> =
        history["points"].as_array().unwrap().iter().map(|point| &point["name"]).collect();
    assert_eq!(named, [&Json::Null, &json!("Avant la collecte")]);
    assert_eq!(history["now"]["figures"], today["figures"]);
    let portrait = rose.read("/indicators");
    assert_eq!((&history["heads"], &history["directory"]), (&portrait["heads"], &portrait["directory"]));

    let address = format!("/territories/{}/indicators/history", live.territory());
    let csv = rose.call("GET", &address, &[("accept", "text/csv")], None);
    assert!(csv.header("content-type").starts_with("text/csv"), "{}", csv.body);
    assert_eq!(csv.body.lines().count(), 1 + 2 + 1, "two points and now: {}", csv.body);
}

/// Goal: a named point is deleted by a référent·e, for good, and the acts say by whom; a day's point stays. Method: two
/// points, one deleted, twice; what is left after a restart.
#[test]
fn a_named_point_is_deleted() {
    let (mut live, rose) = territory();
    imports_places(&live);
    let id = |name: &str| {
        let kept = rose.post("/indicators/history", &json!({ "name": name })).done();
        kept["id"].as_str().expect("a named point has an id").to_owned()
    };
    let (before, _after) = (id("Avant la collecte"), id("Après"));
    let path = format!("/territories/{}/indicators/history/{before}", live.territory());
    let delete = |path: &str| rose.call("DELETE", path, &[], None);
    assert_eq!(delete(&path).status, 204);
    assert_eq!(delete(&path).problem(404), "not-found");
    let days = format!("/territories/{}/indicators/history/null", live.territory());
    assert_eq!(delete(&days).problem(404), "not-found", "points of days are not to be had");
    live.restart();
    let history = rose.read("/indicators/history");
    let named: Vec<&Json> = history["points"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(named.contains(&&json!("Après")) && !named.contains(&&json!("Avant la collecte")), "{named:?}");
    let act = &rose.read("/acts")[0];
    assert_eq!(
        (&act["did"], &act["point"], &act["by"]["name"], &act["whom"]),
        (&json!("forgot-point"), &json!("Avant la collecte"), &json!("Rose"), &Json::Null)
    );
}

/// Goal: every answer says as of when it holds. Method: each of them, after an import.
#[test]
fn every_figure_says_as_of_when() {
    let (live, rose) = territory();
    assert_eq!(rose.read("/indicators")["directory"]["at"], Json::Null, "nothing happened yet");
    imports_places(&live);
    let portrait = rose.read("/indicators");
    assert!(
        portrait["directory"]["changes"].as_u64().is_some_and(|changes| changes > 1),
        "{}",
        portrait["directory"]
    );
    assert!(portrait["directory"]["at"].as_str().is_some_and(|at| at.starts_with("20")));
    let plan = json!({ "permanences": [{ "commune": "35184", "family": "assist", "hours": 6.0 }] });
    for answer in [
        rose.read("/indicators/35184"),
        rose.read("/priority"),
        rose.read("/siting?count=1"),
        rose.read("/scenarios"),
        rose.post("/what-if", &plan).done(),
    ] {
        assert_eq!(answer["heads"], portrait["heads"], "{answer}");
        assert_eq!(answer["directory"], portrait["directory"], "{answer}");
    }
}

/// Goal: what is tuned is in force at once and nothing else of the recipe moves; whoever reads sees it. Method: a
/// threshold and a weight, a wrong one, and all taken back.
#[test]
fn a_recipe_is_tuned() {
    let (live, rose) = territory();
    let reader = live.sign_in(Role::Reader, "Élise");
    let path = format!("/territories/{}/recipe/options", live.territory());
    let before = rose.read("/indicators");
    let shown = reader.read("/recipe/options");
    assert_eq!((&shown["own"], &shown["options"]), (&json!(false), &shown["defaults"]));
    let put = |body: Json| {
        rose.call("PUT", &path, &[("content-type", "application/json")], Some(&body.to_string()))
    };
    let mut options = shown["options"].clone();
    options["thresholdsMinutes"] = json!([10, 20]);
    let tuned = put(json!({ "options": options, "weights": { "no_diploma": 0.5 } })).done();
    assert_eq!((&tuned["own"], &tuned["options"]["thresholdsMinutes"]), (&json!(true), &json!([10, 20])));
    let after = rose.read("/indicators");
    assert!(after["territory"]["coverage"]["any"]["within10"].is_object());
    assert_ne!(after["territory"]["need"]["fragility"], before["territory"]["need"]["fragility"]);
    let recipe = rose.call("GET", &format!("/territories/{}/recipe", live.territory()), &[], None).body;
    assert!(recipe.starts_with("# La recette") && recipe.contains("weight = 0.5"), "{recipe}");
    options["speedKmh"] = json!(0);
    let wrong = put(json!({ "options": options }));
    assert_eq!(wrong.problem(400), "bad-request");
    assert!(wrong.body.contains("speedKmh"), "{}", wrong.body);
    assert_eq!(put(json!({ "options": {}, "weights": { "x": 0.5 } })).problem(400), "bad-request");
    assert_eq!(rose.read("/indicators"), after, "what is refused changes nothing");
    let back = rose.call("DELETE", &path, &[], None).done();
    assert_eq!((&back["own"], &back["options"]), (&json!(false), &shown["options"]));
}

/// Goal: a form brings what the command brings: several files, and which former commune became which. Method: births of a
/// commune that is no more, without and with the table; forms that are none.
#[test]
fn statistics_come_as_a_form() {
    let (live, rose) = territory();
    let send = |parts: &[(&str, &str, &str)], query: &str| {
        let part = |(name, file, text): &(&str, &str, &str)| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n{text}\r\n"
            )
        };
        let body: String = parts.iter().map(part).chain(["--b--\r\n".to_owned()]).collect();
        let path = format!("/territories/{}/needs{query}", live.territory());
        rose.call("PUT", &path, &[("content-type", "multipart/form-data; boundary=b")], Some(&body))
    };
    let births = ("file", "births-2019.csv", "code,births\n35184,50\n35999,7\n");
    let deaths = ("file", "deaths.csv", "code,deaths\n35184,30\n");
    let passage = ("passage", "mergers.csv", "old,new,year\n35999,35184,2019\nX,35184,2019\n");
    let told = send(&[births], "?dry_run=true").done();
    assert_eq!(
        (&told["files"][0]["file"], &told["files"][0]["moved"]),
        (&json!("births-2019.csv"), &json!([]))
    );
    let told = send(&[births, passage, deaths], "?producer=%C3%89tat%20civil").done();
    assert_eq!(told["files"][0]["moved"], json!([{ "from": "35999", "to": "35184", "year": 2019 }]));
    assert_eq!(
        (&told["files"][1]["file"], told["files"].as_array().unwrap().len()),
        (&json!("deaths.csv"), 2)
    );
    assert_eq!(told["findings"][0]["code"], "bad_code", "{}", told["findings"]);
    let commune = |code: &str| rose.read(&format!("/indicators/{code}"))["need"]["events"].clone();
    assert_eq!((&commune("35184")["births"], &commune("35184")["deaths"]), (&json!(57.0), &json!(30.0)));
    let after = send(&[("file", "later.csv", "code,births\n35184,1\n35999,1\n")], "").done();
    assert_eq!(after["files"][0]["moved"].as_array().map(Vec::len), Some(1), "the table is kept");

    for (parts, kind) in [
        (vec![], "bad-request"),
        (vec![passage], "bad-request"),
        (vec![births, passage, passage], "bad-request"),
        (vec![births, ("other", "x.csv", "")], "bad-request"),
        (vec![births; 21], "bad-request"),
    ] {
        assert_eq!(send(&parts, "").problem(400), kind, "{parts:?}");
    }
    let wrong = send(&[births, ("passage", "mergers.csv", "a,b\n1,2\n")], "");
    assert_eq!(wrong.problem(422), "bad-file");
    assert!(wrong.body.contains("mergers.csv"), "{}", wrong.body);
    let path = format!("/territories/{}/needs", live.territory());
    for kind in ["multipart/form-data", "multipart/form-data; boundary=other"] {
        let cut = rose.call("PUT", &path, &[("content-type", kind)], Some("--b\r\n"));
        assert_eq!(cut.problem(400), "bad-request", "{kind}");
    }
    assert_eq!(commune("35184")["births"], json!(2.0), "what is refused changes nothing");
}

/// Goal: figures leave as files that say where they come from, for whoever may see them. Method: each file in each form.
#[test]
fn figures_leave_as_files() {
    let (live, rose) = territory();
    imports_places(&live);
    let reader = live.sign_in(Role::Reader, "Élise");
    let head = rose.read("/indicators")["heads"][0].as_str().unwrap().to_owned();
    let file = |name: &str| {
        reader.call("GET", &format!("/territories/{}/downloads/{name}", live.territory()), &[], None)
    };
    for (name, rows) in [
        ("territory.csv", 112),
        ("communes.csv", 17),
        ("commune-35184.csv", 81),
        ("priority.csv?family=assist", 17),
        ("siting.csv?count=2&demand=population&method=median", 2),
        ("history.csv", 1),
        ("comparison.csv", 1),
    ] {
        let plain = file(name);
        assert_eq!(plain.status, 200, "{name}: {}", plain.body);
        assert!(plain.header("content-disposition").contains("attachment; filename=\"portrea-"), "{name}");
        assert!(plain.body.lines().count() > rows, "{name}: {}", plain.body);
        assert!(plain.body.lines().skip(1).all(|line| line.contains(&head)), "{name}: {}", plain.body);
        let mark = if name.contains('?') { '&' } else { '?' };
        let sheet = file(&format!("{name}{mark}for=spreadsheet"));
        assert!(sheet.body.starts_with('\u{feff}'), "{name}");
    }
    let map: Json = serde_json::from_str(&file("communes.geojson").body).unwrap();
    assert_eq!(map["features"].as_array().unwrap().len(), 17);
    assert_eq!(map["features"][0]["properties"]["heads"], head);
    for (name, status) in [("nothing.csv", 404), ("commune-99999.csv", 404), ("communes.csv?for=nobody", 400)]
    {
        assert_eq!(file(name).status, status, "{name}");
    }
    let bare = format!("{}/api/v1/territories/{}/downloads/communes.csv", live.url(), live.territory());
    assert_eq!(request("GET", &bare, &[], None).problem(401), "not-signed-in");
}

/// Goal: a territory shows its totals to others only where its operator said so, and nothing else of it. Method: two
/// territories, before, while, and after.
#[test]
fn territories_are_compared_where_their_operator_says_so() {
    let (live, rose) = territory();
    let other = live.create("Ailleurs", &portrea_tests::live::communes(), &[]);
    let id = other["territory"].as_str().unwrap();
    let names = || -> Vec<(String, bool)> {
        let found = rose.call("GET", "/compare", &[], None).done();
        let all = found["territories"].as_array().unwrap().iter();
        all.map(|one| (one["name"].as_str().unwrap().to_owned(), one["own"] == true)).collect()
    };
    let own = rose.read("")["name"].as_str().unwrap().to_owned();
    assert_eq!(names(), [(own.clone(), true)]);
    let said = live.admin_json(&["territory", "compare", "--territory", id]);
    assert_eq!(said[0]["comparable"], true);
    assert_eq!(names(), [(own.clone(), true), ("Ailleurs".to_owned(), false)]);
    let found = rose.call("GET", "/compare", &[], None);
    assert!(!found.body.contains(id), "{}", found.body);
    assert!(
        found.json()["territories"][0]["perThousand"]["concerned"].as_f64().is_some_and(|rate| rate > 100.0)
    );
    assert_eq!(
        found.json()["territories"][1]["perThousand"]["concerned"],
        Json::Null,
        "no statistics, no figure"
    );
    live.admin_json(&["territory", "compare", "--territory", id, "--off"]);
    assert_eq!(names(), [(own, true)]);
}
