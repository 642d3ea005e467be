//! Questions about the portrait, through the server: who comes first, where permanences would help, what they change.

use std::path::{Path, PathBuf};

use portrea_tests::live::Live;
use portrea_tests::live::web::{Person, request};
use serde_json::{Value as Json, json};

/// The demonstration's territory with its made-up figures and places.
fn demonstration() -> (Live, Person) {
    let file =
        |name: &str| -> PathBuf { Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/demo").join(name) };
    let live = Live::start_with(&[], &file("communes.geojson"), &[&file("needs.csv")]);
    let territory = live.territory().to_string();
    let places = file("resources.csv");
    let imported = live.admin_json(&["import", "--territory", &territory, &places.to_string_lossy()]);
    assert!(imported["counts"]["added"].as_u64().is_some_and(|added| added > 30), "{imported}");
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    (live, rose)
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or_else(|| panic!("{json} is no number"))
}

/// Goal: priority, siting and what-if answer about the same territory, agree, and change nothing. Method: the sites of a
/// siting are tried, kept as a scenario, and read again after a restart.
#[test]
fn questions_are_answered_and_nothing_changes() {
    let (mut live, rose) = demonstration();
    let portrait = rose.read("/indicators");
    let heads = &portrait["heads"];

    let priority = rose.read("/priority?family=assist");
    let ranks = priority["ranks"].as_array().unwrap();
    assert_eq!((ranks.len(), &priority["heads"]), (17, heads));
    assert!(ranks.windows(2).all(|pair| number(&pair[0]["score"]) >= number(&pair[1]["score"])));
    let first = &ranks[0];
    let gap = &portrait["communes"][first["commune"].as_str().unwrap()]["gap"]["assist"]["people"];
    assert_eq!(&first["terms"][0]["leftOut"], gap);
    assert_eq!(rose.read("/priority")["ranks"][0]["terms"].as_array().unwrap().len(), 5);

    let siting = rose.read("/siting?family=assist&count=2&method=median&demand=population&hours=6");
    assert_eq!((&siting["proven"], &siting["heads"]), (&json!(true), heads));
    assert!(number(&siting["best"]["after"]) < number(&siting["before"]));
    assert!(number(&siting["best"]["gained"]) >= number(&siting["greedy"]["gained"]));
    let sites = siting["best"]["sites"].as_array().unwrap().iter();
    let permanences: Vec<Json> =
        sites.map(|site| json!({ "commune": site["commune"], "family": "assist", "hours": 6.0 })).collect();
    let asked = json!({ "permanences": permanences, "name": "Deux matinées" });
    let tried = rose.post("/what-if", &asked).done();
    assert_eq!(tried["after"], siting["effect"]["after"]);
    assert_eq!(tried["before"], portrait["territory"]);
    assert!(
        tried["deltas"].as_array().unwrap().iter().any(|delta| delta["indicator"] == "gap.assist.people")
    );

    let kept = rose.post("/scenarios", &asked);
    assert_eq!(kept.status, 201);
    live.restart();
    let listed = rose.read("/scenarios");
    let scenario = &listed["scenarios"][0];
    assert_eq!((&scenario["name"], &scenario["by"]), (&json!("Deux matinées"), &json!("Rose")));
    assert_eq!(scenario["effect"]["after"], tried["after"]);
    let address = format!("/territories/{}/scenarios/{}", live.territory(), scenario["id"].as_str().unwrap());
    assert_eq!(rose.call("DELETE", &address, &[], None).status, 204);
    assert_eq!(rose.call("DELETE", &address, &[], None).problem(404), "not-found");
    assert_eq!(rose.read("/scenarios")["scenarios"], json!([]));
    assert_eq!(rose.read("/indicators"), portrait, "questions change nothing");

    let wrong = json!({ "permanences": [{ "commune": "99999", "family": "assist", "hours": 6.0 }] });
    for body in [wrong, json!({ "permanences": [] }), json!({}), json!([1])] {
        assert_eq!(rose.post("/what-if", &body).problem(400), "bad-request", "{body}");
        assert_eq!(rose.post("/scenarios", &body).problem(400), "bad-request", "{body}");
    }
    for odd in ["count=0", "count=11", "hours=0", "minutes=-1", "family=x", "method=x", "demand=x"] {
        let address = format!("/territories/{}/siting?{odd}", live.territory());
        assert_eq!(rose.call("GET", &address, &[], None).problem(400), "bad-request", "{odd}");
    }
}

/// Goal: travel times of one's own count, are kept, and can be given up. Method: two neighbours whom a river parts.
#[test]
fn own_travel_times_count() {
    let (mut live, rose) = demonstration();
    let before = rose.read("/indicators");
    let address = format!("/territories/{}/travel-times", live.territory());
    let put =
        |body: &str, language: &str| rose.call("PUT", &address, &[("accept-language", language)], Some(body));
    let said = put("from,to,minutes\n35184,35027,5\n35027,35184,95\n", "fr").done();
    assert_eq!((&said["communes"], &said["pairs"]), (&json!(2), &json!(2)), "{said}");
    assert_eq!(said["without"].as_array().unwrap().len(), 15);
    let apart = rose.read("/indicators");
    assert_ne!(apart, before);
    live.restart();
    assert_eq!(rose.read("/indicators"), apart, "they are kept");
    for (language, words) in [("fr", "Rien n’a été importé"), ("en", "Nothing was imported")] {
        let headers = [("authorization", &*rose.bearer()), ("accept-language", language)];
        let url = format!("{}/api/v1{address}", live.url());
        let refused = request("PUT", &url, &headers, Some("{\"durations\":[[0,1],[1,0]]}"));
        assert_eq!(refused.problem(422), "bad-file");
        assert!(refused.json()["title"].as_str().unwrap().contains(words), "{}", refused.body);
    }
    assert_eq!(rose.read("/indicators"), apart, "what is refused changes nothing");
    let everything = "x".repeat(9 * 1024 * 1024);
    assert_eq!(put(&everything, "fr").problem(422), "bad-file", "larger than other bodies may be");
    assert_eq!(rose.call("DELETE", &address, &[], None).status, 204);
    assert_eq!(rose.read("/indicators"), before, "the great circle counts again");
    let url = format!("{}/api/v1{address}", live.url());
    assert_eq!(request("PUT", &url, &[], Some("from,to,minutes\n")).problem(401), "not-signed-in");
}
