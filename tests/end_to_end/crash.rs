//! The server is killed under load, again and again.

use std::collections::BTreeMap;

use automerge::ReadDoc;
use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_protocol::wire::feed::Event;
use portrea_protocol::wire::refusal::Refusal;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::Socket;
use portrea_tests::live::web::Person;
use portrea_tests::seed::Seed;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Devices that edit at the same time.
const DEVICES: u16 = 20;
/// How often the server dies.
const DEATHS: usize = 5;
/// Acknowledged edits after which it dies.
const ACKNOWLEDGED: usize = 200;
/// How often it dies with few devices, and by which seed; `make torture` asks for more.
const QUICK_DEATHS: u64 = 20;
const SEED: u64 = 3;
/// After how many of them it is said how far it came.
const SAID_EVERY: u64 = 50;
/// Devices of the quick deaths.
const FEW: u16 = 5;
/// Edits that a device sends before it waits for an acknowledgement.
const AHEAD: usize = 3;

/// One device at work: its replica, its own structure, and how many edits it made.
struct Worker {
    editor: Editor,
    id: RecordId,
    edits: usize,
}

impl Worker {
    /// Edits until the line is lost; tells each acknowledgement.
    async fn work(mut self, acknowledged: mpsc::UnboundedSender<usize>) -> Self {
        loop {
            self.edits += 1;
            let value = format!("{} {}", self.id, self.edits);
            let mut holds = self.editor.set(&self.id, "phone", &value).await;
            while holds && self.editor.replica.waiting() > AHEAD {
                let waited = self.editor.replica.waiting();
                holds = self.editor.step().await;
                // Nobody listens any more once the server is to die.
                let _ = acknowledged.send(waited.saturating_sub(self.editor.replica.waiting()));
            }
            if !holds {
                self.editor.hang_up();
                return self;
            }
        }
    }
}

/// Goal: what was acknowledged is never lost, and what was not comes back from its device. Method: twenty devices edit
/// without pause; SIGKILL five times; after each the document is searched for every head that a device was told.
#[test]
fn nothing_acknowledged_is_lost_when_the_server_dies() {
    let mut live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let runtime = Runtime::new().unwrap();
    let mut workers = runtime.block_on(hire(&live, DEVICES));
    for death in 1..=DEATHS {
        workers = edit_until_death(&runtime, &mut live, workers, ACKNOWLEDGED);
        live.restart();
        nothing_is_lost(&live, &workers, &format!("death {death}"));
        assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true), "death {death}");
        runtime.block_on(come_back(&mut workers));
    }
    live.kill();
    let verified = live.admin_json(&["verify"]);
    assert_eq!(verified["sound"], Json::Bool(true), "{verified}");
    live.restart();
    let edits: usize = workers.iter().map(|worker| worker.edits).sum();
    every_edit_stands_once_in_the_feed(&rose, &workers);
    println!("{edits} edits by {DEVICES} devices over {DEATHS} deaths");
}

/// Goal: the moment of death does not matter. Method: few devices edit as fast as they are acknowledged; SIGKILL after a
/// number of acknowledgements from a seed, twenty times, or as often as `PORTREA_DEATHS` says; after each the document is
/// searched for every acknowledged head and the feed for gaps.
#[test]
fn it_may_die_at_any_moment() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let deaths = number("PORTREA_DEATHS").unwrap_or(QUICK_DEATHS);
    let origin = number("PORTREA_SEED").unwrap_or(SEED);
    let mut seed = Seed::new(origin);
    let mut live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let runtime = Runtime::new().unwrap();
    let mut workers = runtime.block_on(hire(&live, FEW));
    let mut told = 0;
    for death in 1..=deaths {
        let acknowledged = usize::try_from(seed.between(1, 60)).unwrap();
        workers = edit_until_death(&runtime, &mut live, workers, acknowledged);
        live.restart();
        nothing_is_lost(&live, &workers, &format!("seed {origin}, death {death}"));
        runtime.block_on(come_back(&mut workers));
        loop {
            let page = rose.feed_page(told, 500);
            let numbers: Vec<u64> = page.iter().map(|event| event.id).collect();
            assert_eq!(
                numbers,
                (told + 1..=told + numbers.len() as u64).collect::<Vec<_>>(),
                "death {death}"
            );
            let Some(last) = numbers.last() else { break };
            told = *last;
        }
        if death % SAID_EVERY == 0 {
            println!("{death} of {deaths} deaths, {told} events in the feed");
        }
    }
    live.kill();
    let verified = live.admin_json(&["verify"]);
    assert_eq!(verified["sound"], Json::Bool(true), "{verified}");
    live.restart();
    every_edit_stands_once_in_the_feed(&rose, &workers);
    let edits: usize = workers.iter().map(|worker| worker.edits).sum();
    println!("{edits} edits by {FEW} devices over {deaths} deaths, seed {origin}");
}

/// Devices that have signed in, each with a structure of its own.
async fn hire(live: &Live, devices: u16) -> Vec<Worker> {
    let invitation = live.invite(Role::Contributor);
    let mut workers = Vec::new();
    for number in 0..devices {
        let person = Person::accept(live.url(), &invitation, &format!("device {number}"));
        let mut editor = Editor::connected(person, number).await;
        let (id, _) = editor.add(&format!("structure {number}")).await;
        workers.push(Worker { editor, id, edits: 0 });
    }
    workers
}

/// The server has every head that it ever told a device.
fn nothing_is_lost(live: &Live, workers: &[Worker], when: &str) {
    let doc = live.export();
    for head in workers.iter().flat_map(|worker| worker.editor.replica.server_heads()) {
        assert!(doc.get_change_by_hash(head).is_some(), "{when}: an acknowledged change is lost");
    }
}

fn edit_until_death(runtime: &Runtime, live: &mut Live, workers: Vec<Worker>, enough: usize) -> Vec<Worker> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut working = JoinSet::new();
    for worker in workers {
        working.spawn_on(worker.work(tell.clone()), runtime.handle());
    }
    drop(tell);
    runtime.block_on(async {
        let mut acknowledged = 0;
        while acknowledged < enough {
            acknowledged += told.recv().await.expect("the devices work until the server dies");
        }
    });
    live.kill();
    runtime.block_on(working.join_all())
}

/// Everybody connects again, and has what everybody made.
async fn come_back(workers: &mut Vec<Worker>) {
    let mut working = JoinSet::new();
    for mut worker in workers.drain(..) {
        working.spawn(async move {
            assert!(worker.editor.connect().await, "the server is there again");
            assert!(worker.editor.settle().await, "the line holds");
            assert_eq!(worker.editor.replica.waiting(), 0, "what was made is on the server's disk");
            worker
        });
    }
    *workers = working.join_all().await;
    // The last to come brought edits that the first ones have to hear of yet: all of them are in what is given to
    // a device that asks after the others.
    let person = workers.first().expect("there are devices").editor.person.clone();
    let newest = Editor::connected(person, u16::MAX).await.replica.heads();
    for worker in workers.iter_mut() {
        assert!(worker.editor.reach(&newest).await, "the line holds");
    }
}

/// Each value that was written stands in the feed exactly once, in order, and the numbers have no gap.
fn every_edit_stands_once_in_the_feed(rose: &Person, workers: &[Worker]) {
    let feed = rose.feed_all();
    let numbers: Vec<u64> = feed.iter().map(|event| event.id).collect();
    assert_eq!(numbers, (1..=feed.len() as u64).collect::<Vec<_>>());
    let mut told: BTreeMap<RecordId, Vec<Json>> = BTreeMap::new();
    for event in feed {
        let Event::FieldChanged { path, after, .. } = event.event else { continue };
        if path == "phone" {
            told.entry(event.subject.unwrap().structure).or_default().push(after);
        }
    }
    for worker in workers {
        let expected: Vec<Json> =
            (1..=worker.edits).map(|edit| format!("{} {edit}", worker.id).into()).collect();
        assert_eq!(told.get(&worker.id), Some(&expected), "{} edits", worker.edits);
    }
}

/// Goal: a server that is told to stop says so to everybody, keeps what it was sent, and ends well. Method: SIGTERM
/// while an edit is under way and others listen.
#[test]
fn a_server_that_stops_says_so_and_keeps_everything() {
    let mut live = Live::start();
    let runtime = Runtime::new().unwrap();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let mut feed = rose.feed();
    let amina = live.sign_in(Role::Contributor, "Amina");
    let (mut editor, mut idle, id) = runtime.block_on(async {
        let mut editor = Editor::connected(amina, 1).await;
        let (id, _) = editor.add("Mairie").await;
        assert!(editor.settle().await);
        let idle = Socket::join(&rose, "idle").await;
        assert!(editor.set(&id, "phone", "just now").await);
        (editor, idle, id)
    });
    let exit = live.stop();
    assert!(exit.success(), "{exit}");
    let (said, code, reason) = runtime.block_on(idle.end());
    assert_eq!(said, Refusal::Stopping.to_string());
    assert_eq!((code, reason.as_str()), (Refusal::Stopping.close_code(), Refusal::Stopping.code()));
    let last = feed.rest().last().map(|event| event.id);
    assert_eq!(live.admin_json(&["verify"])["sound"], Json::Bool(true));
    live.restart();
    let told = rose.feed_all();
    assert!(last.is_some_and(|last| last <= told.len() as u64), "the stream ended with the server");
    editor.hang_up();
    assert!(runtime.block_on(async { editor.connect().await && editor.settle().await }));
    assert_eq!(rose.read(&format!("/resources/{id}"))["phone"], "just now");
}
