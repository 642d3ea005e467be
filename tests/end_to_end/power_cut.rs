//! The power goes: only what was flushed to the disk is there for sure.

mod medium;
mod trace;
mod tree;

use std::fs;
use std::path::Path;

use automerge::{ChangeHash, ReadDoc};
use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::seed::Seed;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use self::medium::{Left, cut};
use self::trace::{CALLS, Call, Told, read, told};
use self::tree::Tree;

const STRACE: &str = "/usr/bin/strace";
/// How often the power goes, and by which seed; `make torture` asks for more.
const CUTS: u64 = 12;
const SEED: u64 = 3;
/// Devices, and how often each of them edits in each of the server's lives.
const DEVICES: u16 = 3;
const EDITS: usize = 40;
/// Lives of the server that follow each other without a power cut: what one did not flush, the next one reads.
const LIVES: usize = 2;
/// Edits that a device sends before it waits for an acknowledgement.
const AHEAD: usize = 3;

/// A server's history: the disk before, the calls since, and what devices were told.
struct History {
    before: Tree,
    calls: Vec<Call>,
    told: Vec<Told>,
    lines: usize,
}

/// Goal: what was acknowledged survives a power cut at any moment, also one that comes while the server recovers from
/// another. Method: strace writes down what a server under load asks of the kernel, over two lives; at moments from a
/// seed the directory is put together from what was flushed until then, and more or less of the rest; `verify` finds it
/// sound, and every head that had been sent to a device is in the document. As a check of the method, the same history
/// without its flushes must be found to have lost something.
#[test]
fn a_power_cut_takes_nothing_back() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let cuts = number("PORTREA_CUTS").unwrap_or(CUTS);
    let origin = number("PORTREA_SEED").unwrap_or(SEED);
    let mut seed = Seed::new(origin);
    let mut live = Live::start();
    let history = history(&mut live, origin);
    assert!(history.told.len() > EDITS, "strace shows what devices were told");
    let (mut again, mut safe, mut pending) = (0, 0, 0);
    for number in 1..=cuts {
        let instant = moment(&history, &mut seed);
        let left = leftover(&mut seed);
        let mut when = format!("seed {origin}, cut {number}, before line {instant}, {left:?}");
        let tree = cut(&history.before, &live.data(), &history.calls, instant, left, &mut seed);
        tree.write(&live.data());
        let promised = heads(&history.told, instant);
        if number % 3 == 0 {
            when += &recover_and_cut(&mut live, &tree, &mut seed);
            again += 1;
        }
        let missing = missing(&live, &promised, &when);
        assert!(missing.is_empty(), "{when}: {missing:?} were acknowledged and are lost");
        safe += promised.len();
        pending += usize::from(instant < history.lines);
    }
    live.restart();
    assert!(live.log().contains("serving"));

    let unflushed: Vec<Call> =
        history.calls.iter().filter(|call| !call.name.ends_with("sync")).cloned().collect();
    let tree = cut(&history.before, &live.data(), &unflushed, history.lines, Left::Nothing, &mut seed);
    live.kill();
    tree.write(&live.data());
    assert!(
        !missing(&live, &heads(&history.told, history.lines), "unflushed").is_empty(),
        "the judge sleeps"
    );
    println!(
        "{cuts} power cuts ({pending} under load, {again} with another one while recovering), seed {origin}: \
         {safe} acknowledged heads looked for, among {} calls",
        history.calls.len()
    );
}

/// Several lives of a server under load, each ended by SIGKILL while edits are under way.
fn history(live: &mut Live, origin: u64) -> History {
    assert!(Path::new(STRACE).exists(), "strace is missing: apt-get install strace");
    let runtime = Runtime::new().unwrap();
    let mut editors: Vec<(Editor, RecordId)> = (0..DEVICES)
        .map(|number| {
            let person = live.sign_in(Role::Contributor, &format!("device {number}"));
            runtime.block_on(async {
                let mut editor = Editor::connected(person, number).await;
                let (id, _) = editor.add(&format!("structure {number}")).await;
                assert!(editor.settle().await);
                (editor, id)
            })
        })
        .collect();
    assert!(live.stop().success());
    let before = Tree::read(&live.data());
    let folder = tempfile::tempdir().unwrap();
    let (mut calls, mut lines) = (Vec::new(), 0);
    for life in 0..LIVES {
        let file = folder.path().join(format!("{life}"));
        live.restart_watched(CALLS, &file);
        editors = runtime.block_on(work(editors, origin + life as u64));
        live.kill();
        for (editor, _) in &mut editors {
            editor.hang_up();
        }
        let text = fs::read_to_string(&file).unwrap();
        calls.extend(read(&text, lines));
        lines += text.lines().count();
    }
    let told = told(&calls);
    History { before, calls, told, lines }
}

/// Everybody connects and edits at the same time, with noise that no compression takes away.
async fn work(editors: Vec<(Editor, RecordId)>, seed: u64) -> Vec<(Editor, RecordId)> {
    let mut working = JoinSet::new();
    for (number, (mut editor, id)) in (0..).zip(editors) {
        working.spawn(async move {
            let mut seed = Seed::new(seed * 100 + number);
            assert!(editor.connect().await && editor.settle().await, "the server is there");
            for _ in 0..EDITS {
                let length = seed.between(10, 3_000);
                let noise = (0..length).map(|_| char::from(b'!' + u8::try_from(seed.below(94)).unwrap()));
                assert!(editor.set(&id, "summary", &noise.collect::<String>()).await);
                while editor.replica.waiting() > AHEAD {
                    assert!(editor.step().await, "the line holds");
                }
            }
            (editor, id)
        });
    }
    working.join_all().await
}

/// Right after a device was told something, or anywhere.
fn moment(history: &History, seed: &mut Seed) -> usize {
    match seed.pick(&history.told) {
        Some(told) if seed.chance(60) => told.at + 1,
        _ => usize::try_from(seed.between(0, history.lines as u64)).unwrap(),
    }
}

fn leftover(seed: &mut Seed) -> Left {
    match seed.below(5) {
        0 => Left::Nothing,
        1 => Left::Everything,
        size => Left::Sectors {
            bytes: if size == 2 { 4_096 } else { 512 },
            lost: *seed.pick(&[5, 30, 70]).unwrap(),
        },
    }
}

/// A server recovers from a power cut, and the power goes again meanwhile.
fn recover_and_cut(live: &mut Live, tree: &Tree, seed: &mut Seed) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    live.restart_watched(CALLS, &file);
    live.kill();
    let text = fs::read_to_string(&file).unwrap();
    let calls = read(&text, 0);
    let instant = usize::try_from(seed.between(0, text.lines().count() as u64)).unwrap();
    let left = leftover(seed);
    cut(tree, &live.data(), &calls, instant, left, seed).write(&live.data());
    format!(", then before line {instant} of recovering, {left:?}")
}

/// What devices had been told before this line.
fn heads(told: &[Told], line: usize) -> Vec<ChangeHash> {
    let mut heads: Vec<_> =
        told.iter().filter(|told| told.at < line).flat_map(|told| &told.heads).copied().collect();
    heads.sort_unstable();
    heads.dedup();
    heads
}

/// The heads that are not in the document of a directory, which must open and be sound.
fn missing(live: &Live, promised: &[ChangeHash], when: &str) -> Vec<ChangeHash> {
    let verified = live.admin(&["verify"]);
    let told = String::from_utf8_lossy(&verified.stderr);
    let said: Json = serde_json::from_slice(&verified.stdout).unwrap_or_default();
    assert_eq!(said["sound"], Json::Bool(true), "{when}: {said} {told}");
    let doc = live.export();
    promised.iter().filter(|head| doc.get_change_by_hash(head).is_none()).copied().collect()
}
