//! Who may come in, at every address. The list of addresses is checked against the router's own.

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::wire::frame::Frame;
use portrea_protocol::wire::refusal::Refusal;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::{Heard, Socket};
use portrea_tests::live::web::{Person, accept, request};
use serde_json::{Value as Json, json};

/// The router, as it is written.
const ROUTER: &str = include_str!("../../server/src/http.rs");

/// Addresses that answer without a session, and what they answer.
const OPEN: &[(&str, &str, u16)] = &[
    ("GET", "/", 200),
    ("GET", "/join", 200),
    ("GET", "/join/token", 200),
    ("GET", "/page.css", 200),
    ("GET", "/page.js", 200),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/api/openapi.json", 200),
    ("POST", "/api/v1/invitations/accept", 400),
    ("GET", "/api/v1/oidc", 200),
    // Where the settings name no provider, there is none to go to.
    ("POST", "/api/v1/oidc/start", 404),
    ("GET", "/api/v1/oidc/callback", 404),
    ("POST", "/api/v1/oidc/finish", 404),
];

/// Addresses under `/api/v1` that need a session: the method, the address, and whether it is of a territory.
const CLOSED: &[(&str, &str)] = &[
    ("GET", "/me"),
    ("POST", "/me/devices"),
    ("DELETE", "/session"),
    ("POST", "/session/renewal"),
    ("POST", "/sync-tickets"),
    ("GET", "/territories/{id}"),
    ("GET", "/territories/{id}/authors"),
    ("GET", "/territories/{id}/communes.geojson"),
    ("GET", "/territories/{id}/opening-hours"),
    ("GET", "/territories/{id}/resources"),
    ("GET", "/territories/{id}/resources.geojson"),
    ("GET", "/territories/{id}/resources.csv"),
    ("GET", "/territories/{id}/resources/{structure}"),
    ("GET", "/territories/{id}/resources/{structure}/history"),
    ("POST", "/territories/{id}/resources/{structure}/history/{event}/revert"),
    ("GET", "/territories/{id}/conflicts"),
    ("GET", "/territories/{id}/indicators"),
    ("GET", "/territories/{id}/indicators/history"),
    ("POST", "/territories/{id}/indicators/history"),
    ("DELETE", "/territories/{id}/indicators/history/{point}"),
    ("GET", "/territories/{id}/indicators/{commune}"),
    ("GET", "/territories/{id}/downloads/{file}"),
    ("GET", "/compare"),
    ("GET", "/territories/{id}/priority"),
    ("GET", "/territories/{id}/siting"),
    ("POST", "/territories/{id}/what-if"),
    ("GET", "/territories/{id}/scenarios"),
    ("POST", "/territories/{id}/scenarios"),
    ("DELETE", "/territories/{id}/scenarios/{scenario}"),
    ("PUT", "/territories/{id}/needs"),
    ("PUT", "/territories/{id}/travel-times"),
    ("DELETE", "/territories/{id}/travel-times"),
    ("GET", "/territories/{id}/needs"),
    ("PUT", "/territories/{id}/needs"),
    ("GET", "/territories/{id}/recipe"),
    ("PUT", "/territories/{id}/recipe"),
    ("GET", "/territories/{id}/recipe/options"),
    ("PUT", "/territories/{id}/recipe/options"),
    ("DELETE", "/territories/{id}/recipe/options"),
    ("GET", "/territories/{id}/feed"),
    ("GET", "/territories/{id}/contributors"),
    ("PATCH", "/territories/{id}/contributors/{contributor}"),
    ("DELETE", "/territories/{id}/contributors/{contributor}"),
    ("DELETE", "/territories/{id}/contributors/{contributor}/devices/{device}"),
    ("GET", "/territories/{id}/acts"),
    ("POST", "/territories/{id}/purge"),
    ("GET", "/territories/{id}/quarantine"),
    ("POST", "/territories/{id}/quarantine"),
    ("GET", "/territories/{id}/quarantine/{change}"),
    ("POST", "/territories/{id}/quarantine/{change}"),
    ("GET", "/territories/{id}/invitations"),
    ("POST", "/territories/{id}/invitations"),
    ("DELETE", "/territories/{id}/invitations/{invitation}"),
];

/// Addresses that only a référent·e may use.
const REFERENTS: &[(&str, &str)] = &[
    ("PUT", "/territories/{id}/travel-times"),
    ("DELETE", "/territories/{id}/travel-times"),
    ("POST", "/territories/{id}/scenarios"),
    ("DELETE", "/territories/{id}/scenarios/{scenario}"),
    ("GET", "/territories/{id}/acts"),
    ("POST", "/territories/{id}/purge"),
    ("POST", "/territories/{id}/quarantine"),
    ("PUT", "/territories/{id}/needs"),
    ("PUT", "/territories/{id}/recipe"),
    ("PUT", "/territories/{id}/recipe/options"),
    ("DELETE", "/territories/{id}/recipe/options"),
    ("POST", "/territories/{id}/indicators/history"),
    ("DELETE", "/territories/{id}/indicators/history/{point}"),
    ("GET", "/territories/{id}/contributors"),
    ("PATCH", "/territories/{id}/contributors/{contributor}"),
    ("DELETE", "/territories/{id}/contributors/{contributor}"),
    ("DELETE", "/territories/{id}/contributors/{contributor}/devices/{device}"),
    ("GET", "/territories/{id}/invitations"),
    ("POST", "/territories/{id}/invitations"),
    ("DELETE", "/territories/{id}/invitations/{invitation}"),
];

/// An address with its blanks filled in.
fn filled(path: &str, territory: &str) -> String {
    let nil = uuid::Uuid::nil().to_string();
    path.replace("{id}", territory)
        .replace("{structure}", &nil)
        .replace("{invitation}", &nil)
        .replace("{contributor}", &nil)
        .replace("{device}", &nil)
        .replace("{scenario}", &nil)
        .replace("{point}", &nil)
        .replace("{event}", "1")
        .replace("{change}", &"0".repeat(64))
        .replace("{commune}", "35184")
        .replace("{file}", "communes.csv")
        .replace("{token}", "token")
}

/// Goal: no new address is forgotten here. Method: the router's text against the lists above.
#[test]
fn every_address_of_the_router_is_looked_at() {
    let known = |path: &str| {
        let bare = |listed: &str| listed.strip_prefix("/api/v1").unwrap_or(listed).to_owned();
        let open = OPEN.iter().any(|(_, listed, _)| bare(listed) == filled(path, ""));
        open || path == "/sync" || CLOSED.iter().any(|(_, listed)| *listed == path)
    };
    let routes: Vec<&str> =
        ROUTER.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(routes.len() > 20, "{routes:?}");
    let forgotten: Vec<&&str> = routes.iter().filter(|path| !known(path)).collect();
    assert!(forgotten.is_empty(), "add these to the lists of this file: {forgotten:?}");
}

/// Goal: without a session there is nothing but sign-in, health and pages. Method: every address, with nothing and
/// with wrong secrets, in both languages.
#[test]
fn nothing_answers_without_a_session() {
    let live = Live::start();
    let territory = live.territory().to_string();
    let wrong = "Bearer 0123456789abcdef";
    let ticket = live.sign_in(Role::Referent, "Rose").ticket();
    let as_bearer = format!("Bearer {ticket}");
    let as_cookie = format!("portrea_session={ticket}");
    for (method, path) in CLOSED {
        let url = format!("{}/api/v1{}", live.url(), filled(path, &territory));
        let body = (*method != "GET" && *method != "DELETE").then_some("{\"role\":\"reader\"}");
        for (language, title) in
            [("fr-FR,fr;q=0.9", "Vous n’êtes pas"), ("en", "You are not signed in"), ("", "Vous")]
        {
            let answer = request(method, &url, &[("accept-language", language)], body);
            assert_eq!(answer.problem(401), "not-signed-in", "{method} {path}");
            let said = answer.json()["title"].as_str().unwrap().to_owned();
            assert!(said.starts_with(title), "{said}");
        }
        for secret in [
            ("authorization", wrong),
            ("authorization", "Basic eDp5"),
            ("authorization", as_bearer.as_str()),
            ("cookie", as_cookie.as_str()),
            ("cookie", "portrea_session="),
        ] {
            assert_eq!(
                request(method, &url, &[secret], body).problem(401),
                "not-signed-in",
                "{method} {path}"
            );
        }
        let in_query = format!("{url}?ticket={ticket}");
        assert_eq!(request(method, &in_query, &[], body).problem(401), "not-signed-in", "{method} {path}");
    }
    for (method, path, status) in OPEN {
        let answer = request(method, &format!("{}{path}", live.url()), &[], None);
        assert_eq!(answer.status, *status, "{method} {path}: {}", answer.body);
        assert!(!answer.body.contains(&territory), "{method} {path} tells of a territory");
        assert!(!answer.header("content-security-policy").is_empty(), "{method} {path}");
    }
    let sync = request("GET", &format!("{}/sync", live.url()), &[], None);
    assert_eq!(sync.problem(401), "not-signed-in");
}

/// Goal: a session sees its own territory; another one does not exist for it. Method: two territories on one server.
#[test]
fn another_territory_does_not_exist() {
    let live = Live::start();
    let other = live.create("Ailleurs", &portrea_tests::live::communes(), &[]);
    let other_id = other["territory"].as_str().unwrap();
    let there = Person::accept(live.url(), other["invitation"].as_str().unwrap(), "Rose d’ailleurs");
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    for (method, path) in CLOSED.iter().filter(|(_, path)| path.starts_with("/territories/")) {
        let body = (*method != "GET" && *method != "DELETE").then_some("{\"role\":\"reader\"}");
        for id in [other_id, "00000000-0000-0000-0000-000000000000", "..%2f..", "x"] {
            let headers = [("content-type", "application/json")];
            let answer = rose.call(method, &filled(path, id), &headers, body);
            assert_eq!(answer.problem(404), "not-found", "{method} {path} of {id}");
        }
    }
    assert_eq!(there.read("")["name"], "Ailleurs");
    let listed = live.admin_json(&["territory", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

/// Goal: what is for référent·es is for nobody else. Method: each address, as a contributor and as a reader.
#[test]
fn the_referents_desk_is_closed_to_others() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    for role in [Role::Contributor, Role::Reader] {
        let person = live.sign_in(role, "somebody");
        for (method, path) in REFERENTS {
            let body = (*method != "GET" && *method != "DELETE").then_some("{\"role\":\"reader\"}");
            let path = filled(path, &live.territory().to_string());
            let answer = person.call(method, &path, &[("content-type", "application/json")], body);
            assert_eq!(answer.problem(403), "not-allowed", "{method} {path} as {}", role.code());
        }
        assert_eq!(person.call("GET", "/me", &[], None).done()["role"], role.code());
    }
    let people = rose.read("/contributors");
    assert_eq!(people.as_array().unwrap().len(), 3, "{people}");
}

/// Goal: an invitation lets in as often and as long as it says. Method: used up, revoked, expired, wrong; and names.
#[test]
fn invitations_end() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let invite = |body: Json| rose.post("/invitations", &body).done();
    let link = |made: &Json| made["invitation"].as_str().unwrap().to_owned();

    let twice = link(&invite(json!({ "role": "contributor", "uses": 2 })));
    assert!(twice.starts_with(&format!("{}/join#", live.url())), "{twice}");
    assert_eq!(accept(live.url(), &twice, " ").problem(422), "bad-name");
    assert_eq!(accept(live.url(), &twice, &"x".repeat(81)).problem(422), "bad-name");
    for name in ["Amina", "Bruno"] {
        assert_eq!(accept(live.url(), &twice, name).done()["displayName"], name);
    }
    assert_eq!(accept(live.url(), &twice, "Chloé").problem(410), "invitation-used-up");

    let revoked = invite(json!({ "role": "reader" }));
    let path = format!("/territories/{}/invitations/{}", live.territory(), revoked["id"].as_str().unwrap());
    assert_eq!(rose.call("DELETE", &path, &[], None).status, 204);
    assert_eq!(rose.call("DELETE", &path, &[], None).problem(404), "not-found");
    assert_eq!(accept(live.url(), &link(&revoked), "Amina").problem(404), "no-invitation");

    let expired = link(&invite(json!({ "role": "reader", "expiresInDays": 0 })));
    assert_eq!(accept(live.url(), &expired, "Amina").problem(410), "invitation-expired");
    assert_eq!(accept(live.url(), "nonsense", "Amina").problem(404), "no-invitation");
    for odd in [json!({ "role": "king" }), json!({}), json!([1])] {
        assert_eq!(rose.post("/invitations", &odd).problem(400), "bad-request", "{odd}");
    }
    let listed = rose.read("/invitations");
    assert!(!listed.to_string().contains("join"), "links are shown once: {listed}");
}

/// Goal: a browser is one person at a time. Method: two people come in by one cookie jar, the first by name listed no
/// more; and a wrong link signs nobody out.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_in_by_a_browser_takes_the_place_of_who_was_in() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let link = live.invite(Role::Contributor);
    let address = format!("{}/api/v1/invitations/accept", live.url());
    let comes = |cookie: &str, token: &str, name: &str| {
        let headers = [("cookie", cookie), ("content-type", "application/json")];
        let body = format!("{{\"token\":\"{token}\",\"displayName\":\"{name}\"}}");
        request("POST", &address, &headers, Some(&body))
    };
    let names = || -> Vec<String> {
        let people = rose.read("/contributors");
        let mut names: Vec<String> = people
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["displayName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let cookie = comes("", &link, "Amina").header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(comes(&cookie, "nonsense", "Bruno").problem(404), "no-invitation");
    assert_eq!(names(), ["Amina", "Rose"]);
    assert_eq!(comes(&cookie, &link, "Bruno").status, 200);
    assert_eq!(names(), ["Bruno", "Rose"]);
}

/// Goal: the cookie is a browser's alone, and a page of another site can do nothing with it. Method: its attributes,
/// foreign and own origins, for requests and for the websocket.
#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_serves_our_own_pages_only() {
    let live = Live::start();
    let signed_in = accept(live.url(), live.invitation(), "Rose");
    let cookie = signed_in.header("set-cookie").to_owned();
    for part in ["portrea_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http on the loopback: {cookie}");
    let pair = cookie.split(';').next().unwrap();
    let invitations = format!("{}/api/v1/territories/{}/invitations", live.url(), live.territory());
    let post = |origin: Option<&str>| {
        let mut headers = vec![("cookie", pair), ("content-type", "application/json")];
        headers.extend(origin.map(|origin| ("origin", origin)));
        request("POST", &invitations, &headers, Some("{\"role\":\"reader\"}"))
    };
    assert_eq!(post(None).status, 201);
    assert_eq!(post(Some(live.url())).status, 201);
    for foreign in ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"] {
        assert_eq!(post(Some(foreign)).problem(403), "other-origin", "{foreign}");
    }

    // An address that only looks as if it showed a ticket is let past no more than another.
    for query in ["?ticket=", "?x=ticket=1", "?ticket=nonsense"] {
        let headers =
            [("cookie", pair), ("content-type", "application/json"), ("origin", "https://evil.example")];
        let answer =
            request("POST", &format!("{invitations}{query}"), &headers, Some("{\"role\":\"reader\"}"));
        assert_eq!(answer.problem(403), "other-origin", "{query}");
        let sync = format!("{}/sync{query}", live.url().replacen("http", "ws", 1));
        let headers = [("cookie", pair), ("origin", "https://evil.example")];
        let opened = Socket::open(&sync, &headers, live.territory()).await;
        assert!(matches!(opened.err(), Some(401 | 403)), "{query}");
    }

    let sync = format!("{}/sync", live.url().replacen("http", "ws", 1));
    let open = |headers: Vec<(&'static str, String)>| {
        let (sync, territory) = (sync.clone(), live.territory());
        async move {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Socket::open(&sync, &headers, territory).await
        }
    };
    let own = ("cookie", pair.to_owned());
    assert!(open(vec![own.clone()]).await.is_ok());
    assert!(open(vec![own.clone(), ("origin", live.url().to_owned())]).await.is_ok());
    assert_eq!(open(vec![own, ("origin", "https://evil.example".to_owned())]).await.err(), Some(403));
    assert_eq!(open(vec![]).await.err(), Some(401));

    // Behind TLS the cookie is for TLS alone.
    let behind = Live::start_set(&[("PORTREA_BASE_URL", "https://portrea.example")]);
    let made =
        behind.admin_json(&["invite", "--territory", &behind.territory().to_string(), "--role", "reader"]);
    let link = made["invitation"].as_str().unwrap();
    assert!(link.starts_with("https://portrea.example/join#"), "{link}");
    let cookie = accept(&behind.address(), link, "Rose").header("set-cookie").to_owned();
    assert!(cookie.contains("; Secure"), "{cookie}");
}

/// Goal: a ticket opens the websocket, again and again, and nothing else, until its session ends. Method: reconnects,
/// the HTTP interface, sign-out; pings are a day apart, so that only the sign-out can have closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_for_the_websocket_and_dies_with_its_session() {
    let day = "86400000";
    let mut live = Live::start_set(&[("PORTREA_PING_MS", day), ("PORTREA_SILENCE_MS", day)]);
    let territory = live.territory();
    let bruno = live.sign_in(Role::Contributor, "Bruno");
    let url = bruno.ticket_url();
    for time in 0..3 {
        Socket::open(&url, &[], territory).await.unwrap().greet(&format!("stock {time}")).await;
    }
    live.restart();
    let mut standing = Socket::open(&url, &[], territory).await.unwrap();
    standing.greet("stock").await;

    let amina = live.sign_in(Role::Contributor, "Amina");
    let ticket = amina.ticket();
    let with_ticket = Person { token: ticket.clone(), ..amina.clone() };
    assert_eq!(with_ticket.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    assert_eq!(with_ticket.call("POST", "/sync-tickets", &[], None).problem(401), "not-signed-in");
    let sync = format!("{}/sync", live.url().replacen("http", "ws", 1));
    let as_token = Socket::open(&sync, &[("authorization", &with_ticket.bearer())], territory).await;
    assert_eq!(as_token.err(), Some(401), "a ticket is no token");
    let swapped = Socket::open(&format!("{sync}?ticket={}", amina.token), &[], territory).await;
    assert_eq!(swapped.err(), Some(401), "a token is no ticket");

    let mut socket = Socket::open(&format!("{sync}?ticket={ticket}"), &[], territory).await.unwrap();
    socket.greet("dying").await;
    let mut unjoined = Socket::open(&format!("{sync}?ticket={ticket}"), &[], territory).await.unwrap();
    let mut feed = amina.feed();
    let signed_out = amina.call("DELETE", "/session", &[], None);
    assert_eq!(signed_out.status, 204);
    assert!(signed_out.header("set-cookie").contains("Max-Age=0"));
    for socket in [&mut socket, &mut unjoined] {
        let (said, code, _) = socket.end().await;
        assert_eq!(
            (said.as_str(), code),
            (Refusal::SignedOut.to_string().as_str(), Refusal::SignedOut.close_code())
        );
    }
    assert!(feed.rest().is_empty(), "the feed ends with its session");
    let again = Socket::open(&format!("{sync}?ticket={ticket}"), &[], territory).await;
    assert_eq!(again.err(), Some(401));
    assert_eq!(amina.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    standing.sync(vec![0x42, 0, 0, 0, 0], true).await;
    assert!(matches!(standing.hear().await, Heard::Frame(Frame::Sync { .. })), "others stay signed in");
}

/// Goal: a reader reads everything and changes nothing, and is not cut for trying. Method: a reader's replica edits
/// and sends all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_readers_edits_are_not_taken() {
    let live = Live::start();
    let amina = live.device(Role::Contributor, "Amina");
    let id = amina.add("Mairie", &["--set", "phone=1"]);
    let mut reader = Editor::connected(live.sign_in(Role::Reader, "Lea"), 3).await;
    assert!(reader.replica.is_read_only(), "the server says so");
    let before = live.export().get_heads();
    let record = id.as_str().into();
    reader.set(&record, "phone", "wrong").await;
    // What automerge would not send to a server that takes nothing is sent by hand.
    let change = reader.replica.doc().get_changes(&before).pop().unwrap();
    let message = automerge::sync::Message {
        heads: reader.replica.heads(),
        need: Vec::new(),
        have: Vec::new(),
        changes: automerge::sync::ChunkList::from(vec![change.raw_bytes().to_vec()]),
        flags: None,
        version: automerge::sync::MessageVersion::V1,
    };
    reader.socket.as_mut().unwrap().sync(message.encode(), false).await;
    amina.set(&id, "phone", "2", &[]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let heads = live.export().get_heads();
    tokio::time::timeout(portrea_tests::live::DEADLINE, async {
        while reader.replica.server_heads() != heads {
            assert!(reader.step().await, "the reader is not cut off");
        }
    })
    .await
    .unwrap();
    assert_eq!(rose.read(&format!("/resources/{id}"))["phone"], "2");
    assert_eq!(rose.read("/conflicts"), json!([]));

    let device = live.device(Role::Reader, "Lea");
    device.run(&["set", &id, "phone", "3"]).failed(1);
    device.sync();
    assert_eq!(device.show(&id)["phone"], "2");
}
