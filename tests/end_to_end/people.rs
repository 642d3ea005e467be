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
