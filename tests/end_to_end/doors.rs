//! How fast, and how long: secrets that are replaced, sign-ins from one address, connections of one device, and a flood
//! of edits that are allowed.

use std::time::{Duration, Instant};

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::Socket;
use portrea_tests::live::web::{Person, accept, request};
use serde_json::json;

/// The secret in an answer's cookie, if it sets one.
fn handed(answer: &portrea_tests::live::web::Answer) -> Option<String> {
    let cookie = answer.header("set-cookie").strip_prefix("portrea_session=")?;
    Some(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Goal: a browser is handed its next secret and keeps its sign-in, also when an answer is lost; what it is connected by
/// stays open; programs are handed one when they ask. Method: secrets that are old at once, a websocket, a restart.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_replaced_under_way() {
    let mut live = Live::start_set(&[("PORTREA_SESSION_RENEW_MS", "0")]);
    let amina = live.sign_in(Role::Contributor, "Amina");
    let me = |live: &Live, secret: &str| {
        let cookie = format!("portrea_session={secret}");
        request("GET", &format!("{}/api/v1/me", live.url()), &[("cookie", &cookie)], None)
    };
    let mut socket = Socket::join(&amina, "amina").await;
    let lost = handed(&me(&live, &amina.token)).expect("the next secret");
    let second = handed(&me(&live, &amina.token)).expect("another, for the answer may have been lost");
    assert_eq!(me(&live, &lost).problem(401), "not-signed-in");
    let third = handed(&me(&live, &second)).expect("the next of the next");
    // The one in use last, for it ends those before it in a minute.
    for secret in [&amina.token, &third, &second] {
        assert_eq!(me(&live, secret).done()["contributor"], amina.contributor.as_str());
    }
    // Its holder has shown a later one: it opens a while longer, and brings nothing.
    assert_eq!(handed(&me(&live, &amina.token)), None);
    // A page of another site is handed nothing.
    let cookie = format!("portrea_session={third}");
    let other = [("cookie", cookie.as_str()), ("origin", "https://elsewhere.example")];
    assert_eq!(handed(&request("GET", &format!("{}/api/v1/me", live.url()), &other, None)), None);
    assert!(socket.sync(vec![0x42, 0, 0, 0, 0], true).await);
    socket.hear().await;

    let program = live.sign_in(Role::Reader, "program");
    assert_eq!(
        handed(&program.call("GET", "/me", &[], None)),
        None,
        "a bearer token is not replaced unasked"
    );
    let renewed = program.call("POST", "/session/renewal", &[], None).done();
    live.restart();
    let later = Person { token: renewed["token"].as_str().unwrap().to_owned(), ..program };
    assert_eq!(later.call("GET", "/me", &[], None).done()["displayName"], "program");
    assert_eq!(later.call("DELETE", "/session", &[], None).status, 204);
    assert_eq!(later.call("GET", "/me", &[], None).problem(401), "not-signed-in");
    assert_eq!(me(&live, &third).done()["displayName"], "Amina");
}

/// Goal: the `portrea` command takes its next token by itself, keeps it for its owner alone, and is not signed out by an answer
/// that was lost; the token before ends. Method: a device whose token is long old, by its own note; the server's answer thrown
/// away by putting the old file back.
#[test]
fn the_command_renews_its_token() {
    let live = Live::start();
    let device = live.device(Role::Contributor, "Amina");
    let path = device.home().join("device.json");
    let read = || -> serde_json::Value { serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap() };
    let grows_old = || {
        let mut old = read();
        old["tokenAt"] = json!(1_000);
        std::fs::write(&path, old.to_string()).unwrap();
        old
    };
    let token = |identity: &serde_json::Value| identity["token"].as_str().unwrap().to_owned();
    let first = read();
    device.sync();
    assert_eq!(token(&read()), token(&first), "a token of today stays");

    let old = grows_old();
    device.sync();
    let second = read();
    assert_ne!(token(&second), token(&first));
    assert!(second["tokenAt"].as_i64() > Some(1_000));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // It never came to the disk: the token before is good until the next one is shown.
    std::fs::write(&path, old.to_string()).unwrap();
    device.add("Mairie de Gaël", &[]);
    device.sync();
    std::fs::write(&path, second.to_string()).unwrap();
    device.add("Mairie de Muel", &[]);
    device.sync();
    assert_eq!(live.sign_in(Role::Reader, "Rose").read("/resources").as_array().map(Vec::len), Some(2));
}

/// Goal: whoever asks too fast is told when to come again, by address where a proxy that is trusted tells it, by person
/// elsewhere; others are not in the way. Method: small limits, two addresses, two people.
#[test]
fn who_asks_too_fast_waits() {
    let live = Live::start_set(&[
        ("PORTREA_TRUSTED_PROXY", "127.0.0.1"),
        ("PORTREA_SIGN_INS_BURST", "2"),
        ("PORTREA_SIGN_INS_PER_MINUTE", "1"),
        ("PORTREA_TICKETS_BURST", "2"),
        ("PORTREA_TICKETS_PER_HOUR", "1"),
        ("PORTREA_REQUESTS_BURST", "4"),
        ("PORTREA_REQUESTS_PER_MINUTE", "1"),
    ]);
    let url = format!("{}/api/v1/invitations/accept", live.url());
    let wrong = json!({ "token": "wrong", "displayName": "X" }).to_string();
    let tries = |from: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", from)];
        request("POST", &url, &headers, Some(&wrong))
    };
    // What the proxy did not append is not believed: a caller cannot change address by saying so.
    for from in ["203.0.113.1", "198.51.100.9, 203.0.113.1"] {
        assert_eq!(tries(from).problem(404), "no-invitation");
    }
    let refused = tries("198.51.100.77, 203.0.113.1");
    assert_eq!(refused.problem(429), "too-fast");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(tries("203.0.113.2").problem(404), "no-invitation");
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    for _ in 0..3 {
        assert_eq!(accept(live.url(), live.invitation(), "Paul").status, 200, "no address, no limit");
    }

    let amina = live.sign_in(Role::Contributor, "Amina");
    let ticket = |person: &Person| person.call("POST", "/sync-tickets", &[], None);
    assert_eq!([ticket(&amina).status, ticket(&amina).status], [201, 201]);
    assert_eq!(ticket(&amina).problem(429), "too-fast");
    assert_eq!(ticket(&rose).status, 201);
    assert_eq!(amina.call("POST", "/me/devices", &[], None).status, 201);
    assert_eq!(amina.call("POST", "/me/devices", &[], None).problem(429), "too-fast");
    amina.read("/resources");
}

/// Goal: one device has so many connections, and no more; others come in. Method: a limit of two.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_so_many_connections() {
    let live = Live::start_set(&[("PORTREA_DEVICE_CONNECTIONS_MAX", "2")]);
    let (amina, bruno) = (live.sign_in(Role::Contributor, "Amina"), live.sign_in(Role::Contributor, "Bruno"));
    let _one = Socket::join(&amina, "one").await;
    let mut two = Socket::join(&amina, "two").await;
    assert_eq!(Socket::dial(&amina).await.err(), Some(429));
    Socket::join(&bruno, "bruno").await.close().await;
    two.close().await;
    // The server hears of the end a moment later.
    while Socket::dial(&amina).await.is_err() {
        tokio::task::yield_now().await;
    }
}

/// Goal: a flood of allowed edits is slowed and not refused: every one of them is merged, and another person's edit is
/// acknowledged long before. Method: three hundred edits at once where thirty may come, and ten a second after.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_waits_and_nobody_else_does() {
    let live = Live::start_set(&[("PORTREA_EDITS_BURST", "30"), ("PORTREA_EDITS_PER_MINUTE", "1200")]);
    let mut flood = Editor::connected(live.sign_in(Role::Contributor, "Déluge"), 1).await;
    let mut calm = Editor::connected(live.sign_in(Role::Contributor, "Calme"), 2).await;
    let began = Instant::now();
    let (place, _) = flood.add("Lieu").await;
    for number in 0..130 {
        assert!(flood.set(&place, "phone", &format!("02 {number}")).await);
    }
    let mut slowest = Duration::ZERO;
    for number in 0..10 {
        let before = Instant::now();
        calm.add(&format!("Calme {number}")).await;
        calm.settle().await;
        slowest = slowest.max(before.elapsed());
    }
    let calm_took = began.elapsed();
    assert!(flood.settle().await, "nothing is refused");
    let took = began.elapsed();
    // A hundred and one beyond the thirty, at twenty a second.
    assert!(took >= Duration::from_secs(5), "{took:?}");
    assert!(calm_took < took, "others wait with them: {slowest:?} at most, {calm_took:?} in all");
    let phone = flood.person.read(&format!("/resources/{}", place.as_str()))["phone"].clone();
    assert_eq!(phone, "02 129");
}
