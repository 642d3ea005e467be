//! The feed: dense, without gap or double, over pages, streams and the server's death.

use std::time::Instant;

use portrea_client_core::shelf::identity::Role;
use portrea_protocol::wire::feed::Event;
use portrea_tests::live::web::{Person, request};
use portrea_tests::live::{DEADLINE, Live, communes};
use serde_json::Value as Json;

/// Goal: whoever reconnects with `Last-Event-ID` misses nothing and sees nothing twice, also when the server died in
/// between. Method: a stream cut by SIGKILL, edits before and after, and all numbers in a row.
#[test]
fn a_stream_resumes_after_the_server_died() {
    let mut live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    let id = amina.add("Mairie", &[]);
    let mut seen = Vec::new();
    for life in 0..3 {
        let mut feed = rose.feed_after(seen.last().copied().unwrap_or_default());
        for edit in 0..5 {
            amina.set(&id, "phone", &format!("{life} {edit}"), &[]);
        }
        // Only a part is read before the end; the rest was sent or was not.
        seen.extend(
            feed.until(|event| event.id >= 4 + seen.last().copied().unwrap_or_default())
                .iter()
                .map(|it| it.id),
        );
        live.kill();
        seen.extend(feed.rest().iter().map(|event| event.id));
        live.restart();
    }
    amina.set(&id, "phone", "last", &[]);
    amina.sync();
    let last = rose.read("")["counts"]["feedLast"].as_u64().unwrap();
    seen.extend(
        rose.feed_after(*seen.last().unwrap()).until(|event| event.id == last).iter().map(|it| it.id),
    );
    assert_eq!(seen, (1..=last).collect::<Vec<_>>());

    let kept: Vec<u64> = rose.feed_all().iter().map(|event| event.id).collect();
    assert_eq!(kept, seen);
    live.kill();
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
}

/// Goal: pages of JSON hold what the stream holds. Method: every page size against the whole.
#[test]
fn pages_hold_what_the_stream_holds() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    for number in 0..6 {
        amina.add(&format!("Mairie {number}"), &["--commune", "35184"]);
    }
    let whole = rose.feed_page(0, 1_000);
    assert!(whole.len() > 6);
    let streamed = rose.feed_after(0).until(|event| event.id == whole.last().unwrap().id);
    assert_eq!(streamed, whole);
    for limit in [1, 2, 5, 1_000] {
        let mut pages = Vec::new();
        loop {
            let page = rose.feed_page(pages.len() as u64, limit);
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= limit);
            pages.extend(page);
        }
        assert_eq!(pages, whole);
    }
    let odd = format!("/territories/{}/feed?after=yesterday", live.territory());
    assert_eq!(rose.call("GET", &odd, &[], None).problem(400), "bad-request");
}

/// Goal: whoever follows the feed goes on hearing when nobody was connected for long. Method: a server that lets go of
/// a quiet territory almost at once, and a second territory that nobody follows, which shows when that was.
#[test]
fn a_stream_outlives_a_quiet_time() {
    let live = Live::start_set(&[("PORTREA_IDLE_MS", "50")]);
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let amina = live.device(Role::Contributor, "Amina");
    let mut feed = rose.feed();
    let other = live.create("Ailleurs", &communes(), &[]);
    Person::accept(live.url(), other["invitation"].as_str().unwrap(), "Rose d’ailleurs").read("");
    let deadline = Instant::now() + DEADLINE;
    while open_territories(&live) > 1 {
        assert!(Instant::now() < deadline, "nothing is let go of");
    }
    let id = amina.add("Mairie", &[]);
    amina.sync();
    let seen = feed.until(|event| event.event == Event::Created);
    assert_eq!(seen.last().unwrap().subject.as_ref().unwrap().structure.as_str(), id);
}

/// How many territories the server holds in memory.
fn open_territories(live: &Live) -> u32 {
    let metrics = request("GET", &format!("{}/metrics", live.url()), &[], None).body;
    let count = metrics.lines().find_map(|line| line.strip_prefix("portrea_territories_open "));
    count.and_then(|count| count.parse().ok()).unwrap()
}

/// Goal: a stream ends with its session. Method: sign-out on one device of two that follow.
#[test]
fn a_stream_ends_with_its_session() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let leaving = live.sign_in(Role::Referent, "Robert");
    let (mut stays, mut goes) = (rose.feed(), leaving.feed());
    assert_eq!(leaving.call("DELETE", "/session", &[], None).status, 204);
    live.device(Role::Contributor, "Amina").add("Mairie", &[]);
    stays.until(|event| event.event == Event::Created);
    assert_eq!(goes.rest(), [], "nothing is told to whoever signed out");
}
