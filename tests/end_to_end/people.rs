//! Who may stay: revoked devices, people who leave, roles that change.

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::wire::frame::Frame;
use portrea_protocol::wire::refusal::Refusal;
use portrea_tests::live::Live;
use portrea_tests::live::socket::{Heard, Socket};
use portrea_tests::live::web::{Answer, Person};

fn at(person: &Person, method: &str, path: &str, body: Option<&str>) -> Answer {
    let path = format!("/territories/{}/contributors{path}", person.territory);
    person.call(method, &path, &[("content-type", "application/json")], body)
}

fn device_of(rose: &Person, contributor: &str) -> String {
    let people = rose.read("/contributors");
    let found = people.as_array().unwrap().iter().find(|one| one["contributor"] == contributor);
    found.unwrap()["device"].as_str().unwrap().to_owned()
}

/// Goal: who is revoked, or given another role, is told at once; others stay; it holds over a restart. Method: pings
/// are a day apart, so that only the order can have closed; two people with sockets, feeds, and a kill.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_is_out_at_once_and_for_good() {
    let day = "86400000";
    let mut live = Live::start_set(&[("PORTREA_PING_MS", day), ("PORTREA_SILENCE_MS", day)]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.sign_in(Role::Contributor, "Amina");
    let bruno = live.sign_in(Role::Contributor, "Bruno");
    let mut of_amina = Socket::join(&amina, "amina").await;
    let mut of_bruno = Socket::join(&bruno, "bruno").await;
    let mut feed = amina.feed();
    let ticket = amina.ticket_url();

    let path = format!("/{}/devices/{}", amina.contributor, device_of(&rose, &amina.contributor));
    assert_eq!(at(&rose, "DELETE", &path, None).status, 204);
    let (said, code, _) = of_amina.end().await;
    assert_eq!((said, code), (Refusal::SignedOut.to_string(), 4001));
    assert!(feed.rest().is_empty(), "the feed ends with its session");
    of_bruno.sync(vec![0x42, 0, 0, 0, 0], true).await;
    assert!(matches!(of_bruno.hear().await, Heard::Frame(Frame::Sync { .. })), "others stay");
    assert_eq!(at(&rose, "DELETE", &path, None).problem(404), "not-found");

    let of_bruno_path = format!("/{}", bruno.contributor);
    let raised = at(&rose, "PATCH", &of_bruno_path, Some("{\"role\":\"reader\"}")).done();
    assert_eq!((raised["displayName"].as_str(), raised["role"].as_str()), (Some("Bruno"), Some("reader")));
    let (said, code, _) = of_bruno.end().await;
    assert_eq!((said, code), (Refusal::RoleChanged.to_string(), 4004));
    assert_eq!(bruno.call("GET", "/me", &[], None).done()["role"], "reader");
    Socket::join(&bruno, "bruno").await.close().await;

    let own = format!("/{}", rose.contributor);
    let own_device = format!("{own}/devices/{}", device_of(&rose, &rose.contributor));
    let reader = Some("{\"role\":\"reader\"}");
    for (method, path, body) in
        [("DELETE", &own, None), ("DELETE", &own_device, None), ("PATCH", &own, reader)]
    {
        assert_eq!(at(&rose, method, path, body).problem(409), "last-referent", "{method} {path}");
    }
    for odd in ["{\"role\":\"king\"}", "{}", "[1]"] {
        assert_eq!(at(&rose, "PATCH", &of_bruno_path, Some(odd)).problem(400), "bad-request", "{odd}");
    }

    live.restart();
    assert_eq!(amina.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    assert_eq!(Socket::open(&ticket, &[], live.territory()).await.err(), Some(401));
    assert_eq!(bruno.call("GET", "/me", &[], None).done()["role"], "reader");
    assert_eq!(at(&rose, "DELETE", &of_bruno_path, None).status, 204);
    assert_eq!(bruno.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    assert_eq!(rose.read("/contributors").as_array().unwrap().len(), 1);
}

/// Goal: somebody of another territory does not exist. Method: a référent·e asks in their own territory for people of
/// another one, who stay as they are.
#[test]
fn people_elsewhere_do_not_exist() {
    let live = Live::start();
    let other = live.create("Ailleurs", &portrea_tests::live::communes(), &[]);
    let there = Person::accept(live.url(), other["invitation"].as_str().unwrap(), "Rose d\u{2019}ailleurs");
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.sign_in(Role::Contributor, "Amina");
    let device = device_of(&rose, &amina.contributor);
    let whole = format!("/{}", amina.contributor);
    let reader = Some("{\"role\":\"reader\"}");
    let one = format!("{whole}/devices/{device}");
    for (method, path, body) in [("DELETE", &whole, None), ("DELETE", &one, None), ("PATCH", &whole, reader)]
    {
        let unknown = path.replace(&amina.contributor, &uuid::Uuid::nil().to_string());
        let (foreign, none) = (at(&there, method, path, body), at(&there, method, &unknown, body));
        assert_eq!((foreign.problem(404), &foreign.body), (none.problem(404), &none.body), "{method} {path}");
    }
    assert_eq!(amina.call("GET", "/me", &[], None).done()["role"], "contributor");
}

/// Goal: an operator does beside a running server what a référent·e does at their desk, and both read what was done.
/// Method: the command lists, lowers and revokes; the person is out; the acts tell it over HTTP and on the command line.
#[test]
fn operators_see_and_change_people() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.sign_in(Role::Contributor, "Amina");
    let territory = live.territory().to_string();
    let ask = |words: &[&str]| live.admin_json(&[words, &["--territory", &territory]].concat());
    let listed = ask(&["people", "list"]);
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["displayName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Rose", "Amina"]);
    assert_eq!(ask(&["people", "role", &amina.contributor, "reader"])["name"], "Amina");
    assert_eq!(amina.call("GET", "/me", &[], None).done()["role"], "reader");
    assert_eq!(ask(&["people", "revoke", &amina.contributor])["signedOut"], 1);
    assert_eq!(amina.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    let open = ask(&["invitation", "list"]);
    let id = open[0]["id"].as_str().unwrap();
    assert_eq!(ask(&["invitation", "revoke", id])["invitationsEnded"], 1);
    let did = |acts: &serde_json::Value| -> Vec<String> {
        acts.as_array().unwrap().iter().map(|act| act["did"].as_str().unwrap().to_owned()).collect()
    };
    let mut acts = did(&ask(&["people", "acts"]));
    assert_eq!(acts[acts.len() - 3..], ["changed-role", "revoked-contributor", "revoked-invitation"]);
    acts.reverse();
    assert_eq!(did(&rose.read("/acts")), acts);
}

/// Goal: one more device of somebody is the same person everywhere. Method: a link made on one, accepted on another.
#[test]
fn a_person_has_two_devices() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.sign_in(Role::Contributor, "Amina");
    let made = amina.call("POST", "/me/devices", &[], None).done();
    let link = made["invitation"].as_str().unwrap();
    let second = Person::accept(live.url(), link, "Anybody");
    assert_eq!(second.contributor, amina.contributor);
    assert_eq!(second.call("GET", "/me", &[], None).done()["displayName"], "Amina");
    assert_eq!(rose.read("/contributors").as_array().unwrap().len(), 3);
    assert_eq!(
        portrea_tests::live::web::accept(live.url(), link, "Again").problem(410),
        "invitation-used-up"
    );
}

/// Goal: what a field held before comes back by whoever may write it, and is told as such. Method: two edits of a phone
/// number, the first one's value brought back; a reader, a wrong event and another record are refused.
#[test]
fn a_value_comes_back() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    let structure = amina.add("Mairie de Gaël", &["--commune", "35117"]);
    amina.set(&structure, "phone", "02 99 00 00 01", &[]);
    amina.set(&structure, "phone", "02 99 00 00 02", &[]);
    amina.sync();
    let history = || rose.read(&format!("/resources/{structure}/history"));
    let told = history();
    assert_eq!(told["more"], false);
    let last = &told["events"][0];
    assert_eq!(
        (&last["path"], &last["before"], &last["after"]),
        (&"phone".into(), &"02 99 00 00 01".into(), &"02 99 00 00 02".into())
    );
    assert_eq!(last["author"]["name"], "Amina");
    let number = last["id"].as_u64().unwrap();
    let back = |person: &Person, structure: &str, event: u64| {
        person.post(&format!("/resources/{structure}/history/{event}/revert"), &serde_json::Value::Null)
    };
    let reader = live.sign_in(Role::Reader, "Dominique");
    assert_eq!(back(&reader, &structure, number).problem(403), "not-allowed");
    assert_eq!(back(&rose, "another", number).problem(404), "not-found");
    let created = told["events"].as_array().unwrap().last().unwrap()["id"].as_u64().unwrap();
    assert_eq!(back(&rose, &structure, created).problem(400), "bad-request");
    assert!(back(&rose, &structure, number).done()["change"].is_string());
    let told = history();
    let newest = &told["events"][0];
    assert_eq!((&newest["after"], &newest["author"]["reverts"]), (&"02 99 00 00 01".into(), &number.into()));
    assert_eq!(newest["author"]["name"], "Rose");
    assert!(back(&rose, &structure, number).done()["change"].is_null(), "it stands already");
    let older = rose.read(&format!("/resources/{structure}/history?limit=1"));
    let next = rose.read(&format!("/resources/{structure}/history?limit=1&before={}", older["before"]));
    assert_eq!(next["events"][0]["id"], number);
}
