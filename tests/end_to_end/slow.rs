//! One who does not read what they are sent.

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::socket::Socket;
use portrea_tests::live::web::request;
use portrea_tests::seed::Seed;

/// Edits that flow past the slow one.
const EDITS: u32 = 2_000;
/// Bytes of each edit that no compression takes away, so that the system's own buffers fill.
const NOISE_BYTES: usize = 3_900;
/// What the server may grow by: the history itself, twice, and what everybody may have under way.
const GROWTH_MAX: u64 = 160 * 1024 * 1024;

/// Goal: a slow peer costs the server bounded memory and nobody any time, and has everything once it reads again.
/// Method: a narrow socket that is not read while 2,000 edits of some kilobytes flow from one device to another.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_slows_nobody() {
    let live = Live::start_set(&[("PORTREA_OUTBOX_FRAMES_MAX", "64")]);
    let mut seed = Seed::new(1);
    let mut writer = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let mut swift = Editor::connected(live.sign_in(Role::Contributor, "Bruno"), 2).await;
    let mut slow = Editor::new(live.sign_in(Role::Contributor, "Chloé"), 3);
    let socket = Socket::dial_narrow(&slow.person).await.unwrap();
    assert!(slow.greet(socket).await && slow.settle().await);
    let (id, _) = writer.add("Mairie").await;
    assert!(writer.settle().await);
    let before = live.memory();

    for edit in 1..=EDITS {
        let noise: String =
            (0..NOISE_BYTES).map(|_| char::from(b'!' + u8::try_from(seed.below(94)).unwrap())).collect();
        assert!(writer.set(&id, "summary", &noise).await);
        while writer.replica.waiting() > 8 {
            assert!(writer.step().await);
        }
        if edit % 200 == 0 {
            // The swift one keeps up: it has each edit as soon as the writer knows it to be kept.
            assert!(writer.settle().await && swift.reach(&writer.replica.heads()).await);
        }
    }
    let metrics = request("GET", &format!("{}/metrics", live.url()), &[], None).body;
    let behind = metrics.lines().find_map(|line| line.strip_prefix("portrea_peers_behind_total "));
    assert!(behind.is_some_and(|count| count != "0"), "nobody fell behind, so nothing was shown: {metrics}");
    if let (Some(before), Some(after)) = (before, live.memory()) {
        println!("{EDITS} edits past a slow peer: {} → {} MB", before >> 20, after >> 20);
        assert!(after < before + GROWTH_MAX, "{before} → {after} bytes");
    }
    assert!(slow.reach(&writer.replica.heads()).await, "the slow one is not cut off");
    let (_, holds) = slow.add("Poste").await;
    assert!(holds && slow.settle().await, "and may write again");
    assert!(swift.reach(&slow.replica.heads()).await);
}
