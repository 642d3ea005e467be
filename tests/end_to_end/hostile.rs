//! What no client of good will says. Each costs its sender the connection, with a reason, and nobody else anything.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use automerge::legacy::{ObjectId, OpId, OpType};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc};
use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{FRAME_BYTES_MAX, Frame};
use portrea_protocol::wire::refusal::Refusal;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::malice::{
    MILLION_AND_ONE, MOST, TRILLION, bomb, bomb_in_a_column, chunk, claiming, have, number, sync_message,
};
use portrea_tests::live::socket::{Heard, Socket};
use portrea_tests::live::web::Person;
use portrea_tests::seed::Seed;
use tokio_tungstenite::tungstenite::Message;

/// A server, somebody of ill will, and somebody who works there meanwhile and must not notice.
struct Scene {
    live: Live,
    hostile: Person,
    bystander: Editor,
    record: RecordId,
    edits: u32,
}

impl Scene {
    async fn set() -> Self {
        let live = Live::start_set(&[("PORTREA_REFUSED_MS", "1")]);
        let hostile = live.sign_in(Role::Contributor, "Mallory");
        let mut bystander = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
        let (record, _) = bystander.add("Mairie").await;
        assert!(bystander.settle().await);
        Self { live, hostile, bystander, record, edits: 0 }
    }

    /// A joined connection of the hostile one.
    async fn joined(&self) -> Socket {
        Socket::join(&self.hostile, "mallory").await
    }

    /// The connection ends with this refusal, in words and as a code; the other one works as before.
    async fn refused(&mut self, mut socket: Socket, refusal: Refusal, what: &str) {
        let (said, code, reason) = socket.end().await;
        assert_eq!(said, refusal.to_string(), "{what}");
        assert_eq!((code, reason.as_str()), (refusal.close_code(), refusal.code()), "{what}");
        self.unharmed(what).await;
    }

    /// The bystander's edit is acknowledged on the connection that stands since the beginning.
    async fn unharmed(&mut self, what: &str) {
        self.edits += 1;
        let line = self.bystander.set(&self.record, "phone", &format!("edit {}", self.edits)).await;
        assert!(line && self.bystander.settle().await, "after {what} the bystander is cut off");
        assert_eq!(self.bystander.replica.waiting(), 0, "{what}");
        assert!(self.live.is_alive(), "{what}");
    }
}

/// Goal: frames that are none are refused by name. Method: bytes before and after `join`, from a seed and by hand.
#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_none() {
    let mut scene = Scene::set().await;
    let mut seed = Seed::new(7);
    for case in 0..40 {
        let length = seed.between(1, 400);
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(seed.below(256)).unwrap()).collect();
        let mut socket =
            if case % 2 == 0 { scene.joined().await } else { Socket::dial(&scene.hostile).await.unwrap() };
        assert!(socket.say(Message::Binary(bytes.clone().into())).await);
        scene.refused(socket, Refusal::Malformed, &format!("random bytes {bytes:?}")).await;
    }
    let mut socket = scene.joined().await;
    let sound = codec::encode(&socket.sync_frame(vec![0x42, 0, 0, 0, 0], false));
    for cut in [1, 7, sound.len() / 2, sound.len() - 1] {
        socket.say(Message::Binary(sound[..cut].to_vec().into())).await;
        scene.refused(socket, Refusal::Malformed, &format!("a frame cut at {cut}")).await;
        socket = scene.joined().await;
    }
    socket.say(Message::Text("{\"type\":\"join\"}".into())).await;
    scene.refused(socket, Refusal::Malformed, "a text frame").await;
    let mut socket = Socket::dial(&scene.hostile).await.unwrap();
    socket.say(Message::Text("hello".into())).await;
    scene.refused(socket, Refusal::Malformed, "a text frame before join").await;
}

/// Goal: whoever was turned away waits longer each time, and nobody else does. Method: noise three times in a row.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_turned_away_waits() {
    const FIRST: Duration = Duration::from_millis(250);
    let live = Live::start_set(&[("PORTREA_REFUSED_MS", &FIRST.as_millis().to_string())]);
    let hostile = live.sign_in(Role::Contributor, "Mallory");
    let mut waited = Vec::new();
    for _ in 0..3 {
        let asked = Instant::now();
        let mut socket = Socket::join(&hostile, "mallory").await;
        waited.push(asked.elapsed());
        assert!(socket.say(Message::Binary(vec![0xff; 9].into())).await);
        assert_eq!(socket.end().await.2, Refusal::Malformed.code());
    }
    // The waits run from the refusal, a moment before its end was heard here.
    let slack = FIRST / 2;
    assert!(waited[1] + slack > FIRST && waited[2] + slack > 2 * FIRST, "{waited:?}");
    let asked = Instant::now();
    Socket::join(&live.sign_in(Role::Contributor, "Amina"), "amina").await;
    assert!(asked.elapsed() < 4 * FIRST, "somebody else had to wait");
}

/// Goal: whoever does not keep to the handshake is told so. Method: each wrong order.
#[tokio::test(flavor = "multi_thread")]
async fn handshakes_out_of_order() {
    let mut scene = Scene::set().await;
    let mut socket = scene.joined().await;
    let hello = socket.hello();
    socket.send(hello).await;
    scene.refused(socket, Refusal::NotJoined, "a second join").await;

    let mut socket = Socket::dial(&scene.hostile).await.unwrap();
    let early = socket.sync_frame(vec![0x42, 0, 0, 0, 0], true);
    socket.send(early).await;
    scene.refused(socket, Refusal::NotJoined, "a sync message before join").await;

    let mut socket = Socket::dial(&scene.hostile).await.unwrap();
    let Frame::Join { sender, metadata, .. } = socket.hello() else { unreachable!() };
    socket.send(Frame::Join { sender, metadata, versions: vec!["2".to_owned()] }).await;
    scene.refused(socket, Refusal::Version, "another version").await;

    let mut socket = scene.joined().await;
    let Frame::Sync { target, document, data, .. } = socket.sync_frame(vec![0x42, 0, 0, 0, 0], false) else {
        unreachable!()
    };
    socket.send(Frame::Sync { sender: "editor-1".into(), target, document, data, request: false }).await;
    scene.refused(socket, Refusal::WrongSender, "somebody else's name").await;
}

/// Goal: nobody is put out of the way by somebody who takes their peer's name. Method: a second sign-in joins under
/// the bystander's name.
#[tokio::test(flavor = "multi_thread")]
async fn a_peers_name_is_its_sign_ins() {
    let mut scene = Scene::set().await;
    let mut socket = Socket::dial(&scene.hostile).await.unwrap();
    socket.greet("editor-1").await;
    socket.sync(vec![0x42, 0, 0, 0, 0], true).await;
    assert!(
        matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })),
        "the name is free to whoever signs in"
    );
    scene.unharmed("a taken name").await;
    // The same sign-in under the same name is a reconnection, and ends the old line.
    let mut again = Socket::join(&scene.hostile, "editor-1").await;
    scene.refused(socket, Refusal::Replaced, "a reconnection").await;
    assert!(again.sync(vec![0x42, 0, 0, 0, 0], true).await);
    assert!(matches!(again.hear().await, Heard::Frame(Frame::Sync { .. })));
}

/// Goal: documents that are not the territory's are nobody's fault. Method: unknown and malformed ids, on one
/// connection that goes on.
#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_not_ours() {
    let mut scene = Scene::set().await;
    let mut socket = scene.joined().await;
    let other = portrea_protocol::ids::DocumentId(uuid::Uuid::from_u128(42)).to_string();
    let long = "1".repeat(1_000);
    for document in [other.as_str(), "not base58check", "", "0OIl", &long, "automerge:", "../../etc/passwd"] {
        for request in [true, false] {
            let Frame::Sync { sender, target, data, .. } = socket.sync_frame(vec![0x42, 0, 0, 0, 0], request)
            else {
                unreachable!()
            };
            let document = document.to_owned();
            socket.send(Frame::Sync { sender, target, document: document.clone(), data, request }).await;
            let heard = socket.hear().await;
            let Heard::Frame(Frame::DocUnavailable { document: said, .. }) = &heard else {
                panic!("{document}: {heard:?}")
            };
            assert_eq!(*said, document);
        }
    }
    scene.unharmed("documents of others").await;
    assert!(socket.sync(vec![0x42, 0, 0, 0, 0], true).await);
    assert!(
        matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })),
        "ours is served on the same line"
    );
}

/// Goal: sync messages that would make automerge stop, or fill the memory, are refused before it sees them. Method:
/// each by hand.
#[tokio::test(flavor = "multi_thread")]
async fn sync_messages_that_cannot_be_read() {
    let mut scene = Scene::set().await;
    let whole = scene.live.export().save();
    let mut document = vec![0x43, 0, 0, 0, 1];
    number(&mut document, whole.len());
    document.extend_from_slice(&whole);
    for (what, message, refusal) in [
        ("nothing", vec![0x42], Refusal::MalformedSync),
        ("another kind", vec![0x99, 0, 0, 0, 0], Refusal::MalformedSync),
        ("heads that are not there", vec![0x42, 200], Refusal::MalformedSync),
        ("entries without bits", sync_message(&have(&[5, 0, 7]), &[]), Refusal::MalformedSync),
        (
            "four billion probes",
            sync_message(&have(&[1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]), &[]),
            Refusal::MalformedSync,
        ),
        ("four billion haves", vec![0x42, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f], Refusal::MalformedSync),
        ("a whole document", document, Refusal::MalformedSync),
        ("a change that is none", sync_message(&[0], &[b"change"]), Refusal::MalformedChange),
        ("a change cut short", sync_message(&[0], &[&chunk(1, &[0, 16])]), Refusal::MalformedChange),
        ("a document as a change", sync_message(&[0], &[&whole]), Refusal::MalformedChange),
        ("a deflate bomb", sync_message(&[0], &[&bomb()]), Refusal::ChangeTooLarge),
        ("a deflate bomb in a column", sync_message(&[0], &[&bomb_in_a_column()]), Refusal::MalformedChange),
        ("four billion changes", vec![0x42, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f], Refusal::MalformedSync),
        ("a trillion dependencies", claiming(|body| body[0] = TRILLION), Refusal::MalformedChange),
        ("an actor of a trillion bytes", claiming(|body| body[1] = TRILLION), Refusal::MalformedChange),
        ("the last sequence number", claiming(|body| body[3] = MOST), Refusal::MalformedChange),
        ("the last operation's number", claiming(|body| body[4] = MOST), Refusal::MalformedChange),
        ("the last time", claiming(|body| body[5] = MOST), Refusal::MalformedChange),
        ("a message of a trillion bytes", claiming(|body| body[6] = TRILLION), Refusal::MalformedChange),
        ("a trillion actors", claiming(|body| body[7] = TRILLION), Refusal::MalformedChange),
        ("a trillion columns", claiming(|body| body[8] = TRILLION), Refusal::MalformedChange),
        ("a column of a trillion bytes", claiming(|body| body[10] = TRILLION), Refusal::MalformedChange),
        (
            "a million operations and one",
            claiming(|body| body[11] = MILLION_AND_ONE),
            Refusal::ChangeTooLarge,
        ),
    ] {
        let before = scene.live.memory_peak();
        let mut socket = scene.joined().await;
        assert!(socket.sync(message, false).await);
        scene.refused(socket, refusal, what).await;
        if let (Some(before), Some(after)) = (before, scene.live.memory_peak()) {
            assert!(after < before + 64 * 1024 * 1024, "{what}: {before} → {after} bytes");
        }
    }
}

/// Goal: a frame beyond the limit is refused before its bytes are read. Method: only its head is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_large() {
    let mut scene = Scene::set().await;
    let mut socket = scene.joined().await;
    socket.announce(FRAME_BYTES_MAX as u64 + 1).await;
    scene.refused(socket, Refusal::FrameTooLarge, "a frame of 32 MiB and one byte").await;
    let mut socket = Socket::dial(&scene.hostile).await.unwrap();
    socket.announce(u64::MAX >> 1).await;
    scene.refused(socket, Refusal::FrameTooLarge, "a frame of eight exabytes before join").await;
}

/// Goal: a hundred megabytes in one frame cost their sender the line, and the server no memory. Method: as much of them
/// is sent as the server takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_a_hundred_megabytes() {
    let mut scene = Scene::set().await;
    let before = scene.live.memory_peak();
    let mut socket = scene.joined().await;
    // The server may break off while it is sent.
    socket.say(Message::Binary(vec![7; 100 << 20].into())).await;
    scene.unharmed("a frame of a hundred megabytes").await;
    if let (Some(before), Some(peak)) = (before, scene.live.memory_peak()) {
        assert!(peak < before + 64 * 1024 * 1024, "{before} → {peak} bytes");
    }
}

/// Goal: two devices that write as one do not damage what stands. Method: two changes with one actor and number.
#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_write_as_one() {
    let mut scene = Scene::set().await;
    let base = scene.live.export().save();
    let write = |phone: &str| {
        let mut doc = AutoCommit::load(&base).unwrap();
        doc.set_actor(ActorId::from([7; 16]));
        let (_, structures) = doc.get(ROOT, "structures").unwrap().unwrap();
        let (_, structure) = doc.get(&structures, scene.record.as_str()).unwrap().unwrap();
        doc.put(&structure, "phone", phone).unwrap();
        doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    let mut socket = scene.joined().await;
    socket.sync(sync_message(&[0], &[&write("one")]), false).await;
    assert!(matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })), "the first is taken");
    socket.sync(sync_message(&[0], &[&write("two")]), false).await;
    scene.refused(socket, Refusal::SequenceReused, "a number that was spent").await;
    scene.live.restart();
    assert!(scene.live.admin(&["verify"]).status.success());
}

/// Goal: what automerge would take, save and never load again is refused, and the directory opens afterwards. Method: an honest
/// change, spoilt in one point each; last the honest one, which is then
/// replayed.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_spoil_the_document() {
    let mut scene = Scene::set().await;
    let mut doc = AutoCommit::load(&scene.live.export().save()).unwrap();
    doc.set_actor(ActorId::from([7; 16]));
    let (_, structures) = doc.get(ROOT, "structures").unwrap().unwrap();
    let (_, structure) = doc.get(&structures, scene.record.as_str()).unwrap().unwrap();
    let (_, name) = doc.get(&structure, "name").unwrap().unwrap();
    let ObjId::Id(counter, actor, _) = name else { panic!("a value has an id") };
    doc.put(&structure, "phone", "honest").unwrap();
    let honest = doc.get_last_local_change().unwrap().clone();
    let spoilt = |spoil: &dyn Fn(&mut ExpandedChange)| {
        let mut change = honest.decode();
        spoil(&mut change);
        Change::from(change).raw_bytes().to_vec()
    };
    let of_the_name = vec![OpId::new(counter, &actor)];
    let forged = [
        ("removes nothing", spoilt(&|change| change.operations[0].action = OpType::Delete)),
        ("replaces the value of another key", {
            spoilt(&|change| change.operations[0].pred = of_the_name.clone().into())
        }),
        ("names what it does not build on", spoilt(&|change| change.deps = Vec::new())),
        ("is empty and skips a number", {
            spoilt(&|change| {
                change.operations = Vec::new();
                change.deps = Vec::new();
                change.start_op = NonZeroU64::MIN.saturating_add(1);
            })
        }),
        ("comes before what it builds on", spoilt(&|change| change.start_op = NonZeroU64::MIN)),
        ("writes into a value", {
            spoilt(&|change| change.operations[0].obj = ObjectId::Id(of_the_name[0].clone()))
        }),
    ];
    for (what, change) in &forged {
        let mut socket = scene.joined().await;
        socket.sync(sync_message(&[0], &[change]), false).await;
        scene.refused(socket, Refusal::MalformedChange, what).await;
    }
    let mut socket = scene.joined().await;
    socket.sync(sync_message(&[0], &[honest.raw_bytes()]), false).await;
    assert!(matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })), "the honest one is taken");
    // Replayed, it is answered, and nothing happens.
    let before = scene.hostile.feed_page(0, 500).len();
    for _ in 0..3 {
        socket.sync(sync_message(&[0], &[honest.raw_bytes()]), false).await;
        assert!(matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })), "a replay is answered");
    }
    assert_eq!(scene.hostile.feed_page(0, 500).len(), before);
    scene.live.restart();
    assert!(scene.live.admin(&["verify"]).status.success());
    assert!(scene.live.export().get_change_by_hash(&honest.hash()).is_some());
}

/// Goal: what nobody may write, or not under this name, is kept apart and told, its sender is not cut off, and nobody
/// else sees anything of it. Method: a change of each kind on a bare line; the quarantine as its sender and a référent·e see
/// it; the directory; a restart.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_written_waits() {
    let mut scene = Scene::set().await;
    let base = scene.live.export().save();
    let owner = AutoCommit::load(&base).unwrap().get_changes(&[]).last().unwrap().actor_id().clone();
    let heads = AutoCommit::load(&base).unwrap().get_heads();
    let forge = |actor: ActorId, write: &dyn Fn(&mut AutoCommit, &ObjId, &ObjId)| {
        let mut doc = AutoCommit::load(&base).unwrap();
        doc.set_actor(actor);
        let (_, structures) = doc.get(ROOT, "structures").unwrap().unwrap();
        let (_, structure) = doc.get(&structures, scene.record.as_str()).unwrap().unwrap();
        write(&mut doc, &structures, &structure);
        doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    let own = |number: u8| ActorId::from([number; 16]);
    let phone = |doc: &mut AutoCommit, _: &ObjId, one: &ObjId| doc.put(one, "phone", "forged").unwrap();
    let record = scene.record.clone();
    let forged = [
        ("foreign-actor", forge(owner, &phone)),
        ("removes-record", forge(own(71), &|doc, all, _| doc.delete(all, record.as_str()).unwrap())),
        ("replaces-record", forge(own(72), &|doc, all, _| doc.put(all, record.as_str(), "x").unwrap())),
        (
            "replaces-record",
            forge(own(73), &|doc, _, one| {
                doc.put_object(one, "services", ObjType::Map).map(drop).unwrap();
            }),
        ),
        // Among an innocent edit.
        (
            "removes-record",
            forge(own(76), &|doc, all, one| {
                doc.put(one, "phone", "innocent").unwrap();
                doc.delete(all, record.as_str()).unwrap();
            }),
        ),
        ("outside", forge(own(74), &|doc, _, _| doc.put(ROOT, "elsewhere", 1).unwrap())),
        (
            "needs-referent",
            forge(own(75), &|doc, _, one| {
                doc.put_object(one, "validation", ObjType::Map).map(drop).unwrap();
            }),
        ),
    ];
    let mut socket = scene.joined().await;
    for (reason, change) in &forged {
        socket.sync(sync_message(&[0], &[change]), false).await;
        assert!(matches!(socket.hear().await, Heard::Frame(Frame::Sync { .. })), "{reason} is answered");
    }
    let seen = |person: &Person| -> Vec<String> {
        let held = person.read("/quarantine");
        held.as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap().to_owned()).collect()
    };
    let expected: Vec<&str> = forged.iter().map(|(reason, _)| *reason).collect();
    assert_eq!(seen(&scene.hostile), expected);
    scene.unharmed("what may not be written").await;
    assert!(scene.live.export().get_changes(&heads).iter().all(|change| change.actor_id() != &own(71)));
    let rose = scene.live.sign_in(Role::Referent, "Rose");
    scene.live.restart();
    let rose = Person { url: scene.live.url().to_owned(), ..rose };
    let mut kept = seen(&rose);
    kept.sort();
    let mut told: Vec<String> = expected.iter().map(|reason| (*reason).to_owned()).collect();
    told.sort();
    assert_eq!(kept, told, "it is there after a restart");
    assert!(scene.live.admin(&["verify"]).status.success());
}

/// Goal: whoever opens a line and says nothing does not hold it for ever, and there is an end to lines. Method: short
/// patience, few connections.
#[tokio::test(flavor = "multi_thread")]
async fn lines_that_only_take_room() {
    let live = Live::start_set(&[("PORTREA_SILENCE_MS", "300"), ("PORTREA_CONNECTIONS_MAX", "3")]);
    let mallory = live.sign_in(Role::Contributor, "Mallory");
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(Socket::dial(&mallory).await.unwrap());
    }
    assert_eq!(Socket::dial(&mallory).await.err(), Some(503), "no more lines than there may be");
    for mut socket in held {
        let (said, code, _) = socket.end().await;
        assert_eq!((said, code), (Refusal::Silent.to_string(), Refusal::Silent.close_code()));
    }
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let (_, holds) = amina.add("Mairie").await;
    assert!(holds && amina.settle().await, "there is room again");
}
