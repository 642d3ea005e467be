//! Goal: replicas converge with a server, lose nothing, and count honestly what the server does not have.
//! Method: a server that is nothing but automerge's own sync state, and schedules of edits, losses and restarts.

use automerge::sync::{Message, State, SyncDoc};
use automerge::{ActorId, Automerge, Change, ReadDoc};
use portrea_protocol::ids::{ContributorId, RecordId, TerritoryId};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::write::{self, Edit};
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::sync as wire;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Greeting, Replica, ReplicaError};

const TERRITORY: TerritoryId = TerritoryId(Uuid::from_u128(1));
const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn id(number: u128) -> RecordId {
    Uuid::from_u128(number).into()
}

fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

fn author(number: u8) -> ContributorId {
    ContributorId(Uuid::from_u128(u128::from(number)))
}

fn add(number: u128) -> Edit {
    Edit::AddStructure { id: id(number), name: format!("Lieu {number}") }
}

fn phone(number: u128, value: &str) -> Edit {
    let address = Address::new(&id(number), Place::Itself, "phone").unwrap();
    Edit::Set { address, value: Some(value.into()) }
}

/// A server as plain as can be: one document, one sync state a client.
struct Server {
    doc: Automerge,
    states: Vec<State>,
}

impl Server {
    fn new(clients: usize) -> Self {
        let doc = document::create(actor(200), "CC d’essai", "200000000", NOW).unwrap();
        Self { doc, states: vec![State::new(); clients] }
    }

    fn takes(&mut self, client: usize, data: &[u8]) -> Option<Vec<u8>> {
        self.doc.receive_sync_message(&mut self.states[client], Message::decode(data).unwrap()).unwrap();
        self.says(client)
    }

    fn says(&mut self, client: usize) -> Option<Vec<u8>> {
        self.doc.generate_sync_message(&mut self.states[client]).map(Message::encode)
    }
}

/// A device with what its shelf would hold.
struct Device {
    replica: Replica,
    number: u8,
    kept: Vec<Vec<u8>>,
    heads: Vec<automerge::ChangeHash>,
    /// What is on the line, by direction.
    up: Vec<Vec<u8>>,
    down: Vec<Vec<u8>>,
}

impl Device {
    fn new(number: u8) -> Self {
        let replica = Replica::empty(TERRITORY, actor(number), author(number));
        Self { replica, number, kept: Vec::new(), heads: Vec::new(), up: Vec::new(), down: Vec::new() }
    }

    fn edits(&mut self, edits: &[Edit]) -> Result<(), ReplicaError> {
        let keep = self.replica.edit(edits, NOW)?;
        self.kept.extend(keep);
        self.up.extend(self.replica.poll_send());
        Ok(())
    }

    fn connects(&mut self, server: &mut Server, client: usize) -> Greeting {
        server.states[client] = State::new();
        self.up.clear();
        self.down.clear();
        let greeting = self.replica.connected(false);
        self.up.push(greeting.data.clone());
        greeting
    }

    fn hears(&mut self, data: &[u8]) {
        let received = self.replica.receive(data).unwrap();
        self.kept.extend(received.keep);
        self.heads = self.replica.server_heads().to_vec();
        self.up.extend(received.reply);
    }

    fn loses_the_line(&mut self) {
        self.replica.disconnected();
        self.up.clear();
        self.down.clear();
    }

    fn restarts(&mut self) {
        self.loses_the_line();
        let kept = self.kept.clone();
        self.replica =
            Replica::load(TERRITORY, actor(self.number), author(self.number), kept, self.heads.clone())
                .unwrap();
    }

    /// Delivers one message, up first; false when the line is quiet.
    fn step(&mut self, server: &mut Server, client: usize) -> bool {
        if !self.up.is_empty() {
            let data = self.up.remove(0);
            self.down.extend(server.takes(client, &data));
        } else if !self.down.is_empty() {
            let data = self.down.remove(0);
            self.hears(&data);
        } else if self.replica.is_connected()
            && let Some(data) = server.says(client)
        {
            self.down.push(data);
        } else {
            return false;
        }
        true
    }
}

fn quiet(server: &mut Server, devices: &mut [Device]) {
    for _ in 0..2_000 {
        let mut moved = false;
        for (client, device) in devices.iter_mut().enumerate() {
            moved |= device.step(server, client);
        }
        if !moved {
            return;
        }
    }
    panic!("the line never fell quiet");
}

fn one_connected() -> (Server, [Device; 1]) {
    let mut server = Server::new(1);
    let mut device = Device::new(1);
    assert!(device.connects(&mut server, 0).request);
    let mut devices = [device];
    quiet(&mut server, &mut devices);
    (server, devices)
}

#[test]
fn nothing_is_edited_before_the_document_came() {
    let mut device = Device::new(1);
    assert!(!device.replica.has_document());
    assert!(matches!(device.edits(&[add(1)]), Err(ReplicaError::NoDocument)));
    assert!(matches!(device.replica.receive(&[]), Err(ReplicaError::Malformed)));
    let (mut server, mut devices) = one_connected();
    assert!(devices[0].replica.has_document());
    devices[0].edits(&[add(1)]).unwrap();
    quiet(&mut server, &mut devices);
    assert_eq!(read::structures(&server.doc).len(), 1);
}

#[test]
fn waiting_counts_what_the_server_has_not_on_disk() {
    let (mut server, mut devices) = one_connected();
    devices[0].loses_the_line();
    devices[0].edits(&[add(1)]).unwrap();
    devices[0].edits(&[phone(1, "02 99 00 00 00")]).unwrap();
    devices[0].edits(&[phone(1, "02 99 00 00 00")]).unwrap();
    assert_eq!(devices[0].replica.waiting(), 2, "the third edit changed nothing");
    devices[0].restarts();
    assert_eq!(devices[0].replica.waiting(), 2);
    assert!(!devices[0].connects(&mut server, 0).request);
    assert_eq!(devices[0].replica.waiting(), 2);
    // The server has merged but not flushed: its heads are the old ones, and nothing is safe yet.
    let flushed = server.doc.get_heads();
    quiet(&mut server, &mut devices);
    assert_eq!(devices[0].replica.waiting(), 0);
    devices[0].edits(&[phone(1, "02 99 11 11 11")]).unwrap();
    devices[0].hears(&wire::steady(&flushed, Vec::new(), false));
    assert_eq!(devices[0].replica.waiting(), 3, "a server restored from an older disk has them no more");
    devices[0].restarts();
    devices[0].connects(&mut server, 0);
    quiet(&mut server, &mut devices);
    assert_eq!(devices[0].replica.waiting(), 0);
    assert_eq!(devices[0].replica.heads(), server.doc.get_heads());
}

#[test]
fn a_steady_message_is_merged_and_answered_without_changes() {
    let (mut server, mut devices) = one_connected();
    let mut other = Device::new(2);
    other.connects(&mut server, 0);
    let mut others = [other];
    quiet(&mut server, &mut others);
    let [mut other] = others;
    let change = other.replica.edit(&[add(7)], NOW).unwrap().unwrap();
    server.doc.load_incremental(&change).unwrap();
    let steady = wire::steady(&server.doc.get_heads(), vec![change], false);
    let received = devices[0].replica.receive(&steady).unwrap();
    assert!(received.changed && received.heads_moved && received.keep.is_some());
    let reply = received.reply.unwrap();
    let peek = wire::peek(&reply).unwrap();
    assert_eq!((peek.hashes(), peek.chunks), (server.doc.get_heads(), 0));
    assert_eq!(devices[0].replica.waiting(), 0);
}

/// Goal: where the server can do without, news are answered once in a while, and what a device has to say is never left
/// out. The server writes 130 times, the device once in between.
#[test]
fn a_sparing_device_answers_once_in_a_while() {
    let (mut server, [mut device]) = one_connected();
    device.replica.connected(true);
    device.hears(&wire::steady(&server.doc.get_heads(), Vec::new(), false));
    device.up.clear();
    let news = |server: &mut Server, number: u128| {
        let hash = write::perform(&mut server.doc, &[add(number)], NOW).unwrap().unwrap();
        let change = server.doc.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec();
        wire::steady(&server.doc.get_heads(), vec![change], false)
    };
    for number in 0..65 {
        device.hears(&news(&mut server, number));
        assert_eq!(device.replica.heads(), server.doc.get_heads());
    }
    let told: Vec<_> = device.up.drain(..).map(|said| wire::peek(&said).unwrap().chunks).collect();
    assert_eq!(told, [0], "one answer, and it brings nothing");
    device.edits(&[add(1_000)]).unwrap();
    let said = device.up.pop().unwrap();
    assert_eq!(wire::peek(&said).unwrap().chunks, 1);
    let crossing = news(&mut server, 66);
    device.hears(&crossing);
    assert_eq!(device.up.len(), 1, "the server's heads are not the device's: it is told");
    assert_eq!(device.replica.waiting(), 1);
}

#[test]
fn every_change_has_the_given_actor_and_author() {
    let (mut server, mut devices) = one_connected();
    for number in 1..4 {
        devices[0].edits(&[add(number)]).unwrap();
        devices[0].restarts();
    }
    devices[0].connects(&mut server, 0);
    quiet(&mut server, &mut devices);
    let own: Vec<Change> = server.doc.get_changes(&[]).into_iter().skip(1).collect();
    assert_eq!(own.len(), 3);
    for change in own {
        assert_eq!(change.actor_id(), &actor(1));
    }
    // automerge writes the author once, in the actor's first change.
    let signed = server.doc.get_author_for_actor(&actor(1)).unwrap();
    assert_eq!(signed.as_bytes(), author(1).0.as_bytes());
}

#[test]
fn changes_go_up_one_by_one_even_to_a_server_that_lost_its_data() {
    let (mut server, mut devices) = one_connected();
    let old = server.doc.save();
    for number in 1..20 {
        devices[0].edits(&[add(number)]).unwrap();
    }
    quiet(&mut server, &mut devices);
    server.doc = document::load(&old, actor(200)).unwrap();
    devices[0].restarts();
    devices[0].connects(&mut server, 0);
    let mut chunks = 0;
    for _ in 0..50 {
        for data in &devices[0].up {
            let peek = wire::peek(data).unwrap();
            assert!(!peek.document);
            chunks += peek.chunks;
        }
        if !devices[0].step(&mut server, 0) {
            break;
        }
    }
    assert!(chunks >= 19, "{chunks}");
    assert_eq!(server.doc.get_heads(), devices[0].replica.heads());
    assert_eq!(devices[0].replica.waiting(), 0);
}

#[test]
fn a_read_only_server_is_recognised() {
    let (server, mut devices) = one_connected();
    assert!(!devices[0].replica.is_read_only());
    devices[0].hears(&wire::steady(&server.doc.get_heads(), Vec::new(), true));
    assert!(devices[0].replica.is_read_only());
    devices[0].up.clear();
    devices[0].edits(&[add(1)]).unwrap();
    assert!(devices[0].up.iter().all(|data| wire::peek(data).unwrap().chunks == 0));
    assert_eq!(devices[0].replica.waiting(), 1);
}

#[test]
fn after_a_session_ended_messages_are_refused() {
    let (server, mut devices) = one_connected();
    devices[0].replica.disconnected();
    let late = wire::steady(&server.doc.get_heads(), Vec::new(), false);
    assert!(matches!(devices[0].replica.receive(&late), Err(ReplicaError::NotConnected)));
    assert_eq!(devices[0].replica.poll_send(), None);
}

/// What may happen to two devices.
#[derive(Debug, Clone)]
enum Act {
    Add(u128),
    Phone(u128, u8),
    Step(u8),
    Lose,
    Connect,
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        (1..6_u128).prop_map(Act::Add),
        (1..6_u128, any::<u8>()).prop_map(|(number, value)| Act::Phone(number, value)),
        (1..6_u8).prop_map(Act::Step),
        (1..6_u8).prop_map(Act::Step),
        Just(Act::Lose),
        Just(Act::Connect),
        Just(Act::Connect),
        Just(Act::Restart),
    ];
    proptest::collection::vec((0..2_usize, act), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replicas_converge_whatever_happens(acts in acts()) {
        let mut server = Server::new(2);
        let mut devices = [Device::new(1), Device::new(2)];
        for (which, act) in acts {
            let device = &mut devices[which];
            match act {
                // Both devices add records of one id: whoever comes second is refused, or both merge.
                Act::Add(number) => drop(device.edits(&[add(number)])),
                Act::Phone(number, value) => drop(device.edits(&[phone(number, &value.to_string())])),
                Act::Step(times) => {
                    for _ in 0..times {
                        device.step(&mut server, which);
                    }
                }
                Act::Lose => device.loses_the_line(),
                Act::Connect => drop(device.connects(&mut server, which)),
                Act::Restart => device.restarts(),
            }
        }
        for (client, device) in devices.iter_mut().enumerate() {
            device.restarts();
            device.connects(&mut server, client);
        }
        quiet(&mut server, &mut devices);
        for device in &mut devices {
            prop_assert_eq!(device.replica.heads(), server.doc.get_heads());
            prop_assert_eq!(device.replica.waiting(), 0);
            device.restarts();
            prop_assert_eq!(device.replica.heads(), server.doc.get_heads());
            prop_assert_eq!(device.replica.waiting(), 0);
            prop_assert_eq!(read::structures(device.replica.doc()), read::structures(&server.doc));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut device = Device::new(1);
        device.replica.connected(false);
        drop(device.replica.receive(&bytes));
        let mut framed = vec![0x42];
        framed.extend(bytes);
        drop(device.replica.receive(&framed));
    }

    #[test]
    fn damaged_messages_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let (mut server, mut devices) = one_connected();
        devices[0].edits(&[add(1), phone(1, "1")]).unwrap();
        quiet(&mut server, &mut devices);
        let mut fresh = Device::new(3);
        server.states[0] = State::new();
        let greeting = fresh.replica.connected(false);
        let mut message = server.takes(0, &greeting.data).unwrap();
        let at = at.index(message.len());
        message[at] = byte;
        if cut {
            message.truncate(at);
        }
        drop(fresh.replica.receive(&message));
        fresh.replica.disconnected();
        fresh.connects(&mut server, 0);
        if fresh.replica.heads().is_empty() {
            let mut devices = [fresh];
            quiet(&mut server, &mut devices);
            prop_assert_eq!(devices[0].replica.heads(), server.doc.get_heads());
        }
    }
}
