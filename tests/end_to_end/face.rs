//! What the web application asks for, as a browser asks: with the cookie, from the server's own pages.

use std::io::{BufRead, BufReader};

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::socket::Socket;
use portrea_tests::live::web::{Person, request};
use serde_json::{Value as Json, json};

/// Goal: the map's ground, the authors and the hours are there for every role. Method: each address as each role; a
/// tag that saves the way; hours of a structure, of a service, archived and unreadable; the filter `open_at`.
#[test]
fn every_role_reads_ground_authors_and_hours() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Referent, "Amina");
    let hall = amina.add("Mairie", &["--set", "opening_hours=24/7"]);
    let library = amina.add("Médiathèque", &["--set", "opening_hours=le matin"]);
    let closed = amina.add("Ancien guichet", &["--set", "opening_hours=Mo 09:00-12:00"]);
    amina.run(&["archive", &closed, "--why", "fermé"]).done();
    amina.sync();

    for person in [rose.clone(), live.sign_in(Role::Contributor, "Bruno"), live.sign_in(Role::Reader, "Lea")]
    {
        let path = format!("/territories/{}/communes.geojson", live.territory());
        let ground = person.call("GET", &path, &[], None);
        assert_eq!(ground.header("content-type"), "application/geo+json");
        assert_eq!(ground.header("cache-control"), "private, no-cache");
        let features = ground.done()["features"].clone();
        assert_eq!(features.as_array().unwrap().len(), 17);
        let commune =
            features.as_array().unwrap().iter().find(|it| it["properties"]["code"] == "35184").unwrap();
        assert_eq!(commune["properties"]["name"], "Montauban-de-Bretagne");
        assert!(commune["geometry"]["coordinates"].is_array());
        let tag = ground.header("etag").to_owned();
        let again = person.call("GET", &path, &[("if-none-match", &tag)], None);
        assert_eq!((again.status, again.body.as_str()), (304, ""));

        let authors = person.read("/authors")["authors"].clone();
        let authors: Vec<&Json> = authors.as_object().unwrap().values().collect();
        let named = authors.iter().find(|author| author["name"] == "Amina").unwrap();
        assert!(named["contributor"].is_string() && named["server"].is_null(), "{named}");
        assert!(
            authors.contains(&&json!({ "contributor": null, "name": "", "server": true })),
            "{authors:?}"
        );

        let hours = person.read("/opening-hours");
        let open = hours["hours"]["24/7"]["open"].as_array().unwrap();
        assert_eq!(open.len(), 1, "{hours}");
        let days = (open[0][1].as_i64().unwrap() - open[0][0].as_i64().unwrap()) / 3_600_000;
        // The clock's change may take or give an hour.
        assert!((56 * 24 - 1..=56 * 24 + 1).contains(&days), "{hours}");
        assert_eq!(hours["hours"]["le matin"], json!({ "error": "unreadable" }));
        assert_eq!(hours["hours"].as_object().unwrap().len(), 2, "archived ones apart: {hours}");

        let ids = |query: &str| -> Vec<String> {
            let found = person.read(&format!("/resources?{query}"));
            found.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids("open_at=2026-11-25T09:30:00Z"), std::slice::from_ref(&hall));
        assert_eq!(ids("archived=true&open_at=2026-11-23T08:00:00Z"), std::slice::from_ref(&closed));
        assert!(ids("archived=true&open_at=2026-11-23T07:59:59Z").is_empty());
        let wrong = format!("/territories/{}/resources?open_at=noon", live.territory());
        assert_eq!(person.call("GET", &wrong, &[], None).problem(400), "bad-request");
    }
    assert_eq!(rose.read("")["invented"], false);
    assert_eq!(rose.read(&format!("/resources/{library}"))["name"], "Médiathèque");
}

/// Goal: a page of ours gets the feed and the websocket with its cookie alone, whatever the server is called on this
/// machine. Method: both names of the loopback, and a page of another site.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_streams_with_its_cookie() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let port = live.address().rsplit(':').next().unwrap().to_owned();
    let cookie = rose.cookie();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        let origin = format!("http://{host}");
        let headers = [("cookie", cookie.as_str()), ("host", host.as_str()), ("origin", origin.as_str())];
        let sync = format!("{}/sync", live.address().replacen("http", "ws", 1));
        let mut socket = Socket::open(&sync, &headers, live.territory()).await.unwrap();
        socket.greet("page").await;

        let feed = format!("{}/api/v1/territories/{}/feed", live.address(), live.territory());
        let mut asked = ureq::get(&feed).header("accept", "text/event-stream");
        for (name, value) in headers {
            asked = asked.header(name, value);
        }
        let answer = asked.config().proxy(None).build().call().unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut lines = BufReader::new(answer.into_body().into_reader()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("data:")), "{host}");

        let path = format!("{}/api/v1/territories/{}/invitations", live.address(), live.territory());
        let kind = ("content-type", "application/json");
        let invited =
            request("POST", &path, &[&headers[..], &[kind]].concat(), Some("{\"role\":\"reader\"}"));
        assert_eq!(invited.status, 201, "{host}: {}", invited.body);
        let foreign = [headers[0], headers[1], ("origin", "http://localhost:1"), kind];
        assert_eq!(
            request("POST", &path, &foreign, Some("{\"role\":\"reader\"}")).problem(403),
            "other-origin"
        );
        assert_eq!(Socket::open(&sync, &foreign[..3], live.territory()).await.err(), Some(403));
    }
}

/// Goal: every answer is closed to what is not ours, and no address leads out of the application's folder. Method: the
/// headers of a page, of the interface and of nothing; addresses that climb.
#[test]
fn answers_are_closed() {
    let live = Live::start();
    let page = ("accept", "text/html");
    for path in ["/", "/join", "/nowhere.js", "/api/v1/me", "/api/openapi.json", "/healthz"] {
        let answer = request("GET", &format!("{}{path}", live.url()), &[page], None);
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(
            answer.header("permissions-policy"),
            "geolocation=(self), camera=(), microphone=()",
            "{path}"
        );
    }
    for path in [
        "/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/nowhere.js",
        "/api/nowhere",
        "/sync/x",
    ] {
        let answer = request("GET", &format!("{}{path}", live.url()), &[page], None);
        assert_eq!(answer.problem(404), "not-found", "{path}");
    }
    assert_eq!(
        request("POST", &format!("{}/nowhere", live.url()), &[page], Some("")).problem(404),
        "not-found"
    );
}
