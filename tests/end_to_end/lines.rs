//! Lines that only take room, below the websocket: opened and left, fed in crumbs, or never read from.

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::web::request;
use portrea_tests::live::{DEADLINE, Live};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Lines that are opened and left; `LINES` of `make torture` asks for more.
const HALF_OPEN: usize = 800;
/// Lines whose head comes in crumbs.
const CRUMBS: usize = 40;
/// Edits that are acknowledged meanwhile.
const EDITS: u32 = 20;
/// What a line may cost the server, and what all of this may cost besides.
const LINE_BYTES_MAX: u64 = 64 * 1024;
const REST_BYTES_MAX: u64 = 64 * 1024 * 1024;

fn half_open() -> usize {
    std::env::var("PORTREA_LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(HALF_OPEN)
}

fn address(live: &Live) -> String {
    live.address().trim_start_matches("http://").to_owned()
}

/// Opens lines, some of which begin a request.
async fn open(live: &Live, count: usize) -> Vec<TcpStream> {
    let address = address(live);
    let mut lines = Vec::new();
    for index in 0..count {
        let mut caller = timeout(DEADLINE, TcpStream::connect(&address)).await.unwrap().unwrap();
        if index % 2 == 0 {
            // The server may have given up the first ones already; they are awaited below all the same.
            drop(caller.write_all(b"GET / HTTP/1.1\r\nHost: portrea\r\nX-Endless: ").await);
        }
        lines.push(caller);
    }
    lines
}

/// Waits until the server ends each line, with a word or without.
async fn ended(lines: Vec<TcpStream>) {
    for mut caller in lines {
        let mut said = Vec::new();
        // A reset is an end too.
        drop(timeout(DEADLINE, caller.read_to_end(&mut said)).await.expect("the server ends the line"));
        assert!(!said.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&said));
    }
}

/// Goal: lines that say nothing, or say it in crumbs, cost nobody else anything and are closed. Method: 800 of the one
/// and 40 of the other; each crumb is followed by an edit that is acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn half_open_lines_hold_nobody_up() {
    let mut live = Live::start_set(&[("PORTREA_HEAD_MS", "4000"), ("PORTREA_LINES_MAX", "100000")]);
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let (record, holds) = amina.add("Mairie").await;
    assert!(holds && amina.settle().await);
    let (count, before) = (half_open(), live.memory());

    let mut crumbs = open(&live, CRUMBS).await;
    let lines = open(&live, count).await;
    for edit in 1..=EDITS {
        for caller in &mut crumbs {
            // One that was closed takes nothing more.
            drop(caller.write_all(b"x").await);
        }
        assert!(amina.set(&record, "phone", &format!("edit {edit}")).await && amina.settle().await);
        assert_eq!(request("GET", &format!("{}/healthz", live.url()), &[], None).status, 200);
    }
    assert_eq!(amina.replica.waiting(), 0);
    ended(crumbs).await;
    ended(lines).await;
    if let (Some(before), Some(peak)) = (before, live.memory_peak()) {
        println!("{count} half-open lines: {} → at most {} MB", before >> 20, peak >> 20);
        assert!(peak < before + REST_BYTES_MAX + count as u64 * LINE_BYTES_MAX, "{before} → {peak} bytes");
    }
    assert!(live.is_alive());
    assert!(live.stop().success());
}

/// Goal: when all lines are taken by who says nothing, the others wait and have their turn. Method: four times as many
/// half-open lines as there may be, then somebody signs in and edits.
#[tokio::test(flavor = "multi_thread")]
async fn taken_lines_come_free() {
    let live = Live::start_set(&[("PORTREA_HEAD_MS", "300"), ("PORTREA_LINES_MAX", "16")]);
    let lines = open(&live, 64).await;
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let (_, holds) = amina.add("Mairie").await;
    assert!(holds && amina.settle().await);
    ended(lines).await;
    let (_, holds) = amina.add("Poste").await;
    assert!(holds && amina.settle().await, "a websocket is not closed for being silent between two edits");
}

/// Goal: a request whose body does not come is given up. Method: a head that promises a body, and a crumb of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come() {
    let live = Live::start_set(&[("PORTREA_BODY_MS", "300")]);
    let mut caller = TcpStream::connect(address(&live)).await.unwrap();
    let head = "POST /api/v1/invitations/accept HTTP/1.1\r\nHost: portrea\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{";
    caller.write_all(head.as_bytes()).await.unwrap();
    ended(vec![caller]).await;
}

/// Goal: who does not read an answer is given up, and a websocket beside it is not. Method: a narrow line asks for
/// the communes again and again without reading, until it is broken off.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_read() {
    let live = Live::start_set(&[("PORTREA_UNREAD_MS", "300"), ("PORTREA_HEAD_MS", "60000")]);
    let person = live.sign_in(Role::Contributor, "Amina");
    let mut amina = Editor::connected(person.clone(), 1).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut caller = socket.connect(address(&live).parse().unwrap()).await.unwrap();
    let ask = format!(
        "GET /api/v1/territories/{}/communes.geojson HTTP/1.1\r\nHost: portrea\r\nAuthorization: {}\r\n\r\n",
        person.territory,
        person.bearer()
    );
    // A line that the server neither reads nor closes would take a few megabytes and then block.
    let asking = async { while caller.write_all(ask.as_bytes()).await.is_ok() {} };
    timeout(DEADLINE, asking).await.expect("the server breaks it off");
    let (_, holds) = amina.add("Mairie").await;
    assert!(holds && amina.settle().await);
}
