//! What this crate's tests share: small territories, people, clients made of automerge alone, and a hub that keeps
//! what a territory asks to have kept and holds each outcome to the invariants.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fmt::Write;

use automerge::sync::{Message, MessageFlags, State, SyncDoc};
use automerge::transaction::Transaction;
use automerge::{ActorId, Automerge, AutomergeError, ChangeHash, ReadDoc, TextEncoding};
use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, RecordId, StorageId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync::peek;
use uuid::Uuid;

use crate::chunk::{Chunk, Kept};
use crate::io::{Input, OpenError, Opening, Outcome, Reply};
use crate::merge::has_all;
use crate::saving::Saving;
use crate::territory::Territory;

/// An instant in May 2026.
pub(crate) const NOW: UnixMillis = UnixMillis(1_778_572_800_000);
/// The server's own storage.
pub(crate) const STORAGE: &str = "storage-server";

/// An actor by number.
pub(crate) fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

/// A record's id by number.
pub(crate) fn id(number: u8) -> RecordId {
    RecordId::from(format!("01917f3e-0000-7000-8000-0000000000{number:02x}"))
}

/// A field of structure 1.
pub(crate) fn at(path: &str) -> Address {
    Address::parse(&id(1), path).unwrap()
}

/// Gives a field of structure 1 a text.
pub(crate) fn set(path: &str, text: &str) -> Edit {
    Edit::Set { address: at(path), value: Some(text.into()) }
}

/// Gives a field of structure 1 a value.
pub(crate) fn put(path: &str, value: Value) -> Edit {
    Edit::Set { address: at(path), value: Some(value) }
}

/// A new structure.
pub(crate) fn structure(number: u8) -> Edit {
    Edit::AddStructure { id: id(number), name: format!("Lieu {number}") }
}

/// A territory with structure 1, its service 2 and its helper 3, by actor 1.
pub(crate) fn furnished() -> Automerge {
    let mut doc = document::create(actor(1), "CC d’essai", "200000000", NOW).unwrap();
    let edits = [
        Edit::AddStructure { id: id(1), name: "Médiathèque".to_owned() },
        Edit::AddService { structure: id(1), id: id(2), family: "assist".to_owned() },
        Edit::AddHelper { structure: id(1), id: id(3), name: "Amina".to_owned() },
    ];
    perform(&mut doc, &edits, NOW).unwrap();
    doc
}

/// The same document on another device.
pub(crate) fn replica(doc: &Automerge, number: u8) -> Automerge {
    document::load(&doc.save(), actor(number)).unwrap()
}

/// Writes into a document as a client does that knows no schema.
pub(crate) fn raw(
    doc: &mut Automerge,
    write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
) -> ChangeHash {
    doc.transact(write).map_err(|failure| failure.error).unwrap().hash.unwrap()
}

/// Structure 1, as it reads.
pub(crate) fn first(doc: &Automerge) -> Structure {
    read::structure(doc, &id(1)).unwrap()
}

/// The bytes of a document's change.
pub(crate) fn bytes_of(doc: &Automerge, hash: ChangeHash) -> Vec<u8> {
    doc.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec()
}

/// Somebody by number, on their own device.
pub(crate) fn person(number: u8, role: Role) -> Person {
    Person {
        contributor: ContributorId(Uuid::from_bytes([number; 16])),
        name: format!("Personne {number}"),
        role,
        device: DeviceId(Uuid::from_bytes([number | 0x80; 16])),
    }
}

/// Two communes, some thirty kilometres apart.
pub(crate) fn statistics() -> Statistics {
    let commune = |name: &str, lat, lon| Commune {
        name: name.to_owned(),
        position: Some(Position { lat, lon }),
        population: Some(6_000.0),
        needs: Needs {
            aged_65_or_over: Some(1_000.0),
            aged_15_or_over: Some(5_000.0),
            not_at_school: Some(4_500.0),
            no_diploma: Some(800.0),
            rsa: Some(20.0),
            prime_activite: Some(90.0),
            aah: Some(30.0),
            job_seekers: Some(120.0),
            ..Needs::default()
        },
    };
    let communes = [
        ("35184".into(), commune("Montauban-de-Bretagne", 48.2, -2.05)),
        ("35238".into(), commune("Rennes", 48.11, -1.68)),
    ];
    Statistics { communes: BTreeMap::from(communes), ..Statistics::default() }
}

/// Opens what was kept, with a fresh actor for the server.
pub(crate) fn open(kept: Kept, server: u8) -> Result<Territory, OpenError> {
    Territory::open(Opening {
        id: TerritoryId(Uuid::from_u128(7)),
        actor: actor(server),
        storage: STORAGE.into(),
        kept,
        statistics: statistics(),
    })
}

/// A territory in the keeper's place: keeps what it asks to have kept, and checks each outcome.
pub(crate) struct Hub {
    /// The territory.
    pub(crate) territory: Territory,
    /// What was kept.
    pub(crate) kept: Kept,
    durable: Automerge,
    now: UnixMillis,
}

impl Hub {
    /// A territory that holds this document and nothing else.
    pub(crate) fn of(doc: &Automerge) -> Self {
        let kept = Kept { chunks: vec![Chunk::new(doc.save())], ..Kept::default() };
        Self { territory: open(kept.clone(), 250).unwrap(), kept, durable: replica(doc, 251), now: NOW }
    }

    /// A furnished territory.
    pub(crate) fn furnished() -> Self {
        Self::of(&furnished())
    }

    /// Handles inputs, keeps what is to be kept, and checks that nothing sent runs ahead of it.
    pub(crate) fn handle(&mut self, inputs: impl IntoIterator<Item = Input>) -> Outcome {
        self.now = self.now.plus(1_000);
        let outcome = self.territory.handle(self.now, inputs);
        let batch = &outcome.persist;
        if let Some(chunk) = &batch.chunk {
            self.durable.load_incremental(chunk.bytes()).unwrap();
            self.kept.chunks.push(chunk.clone());
        }
        self.kept.bindings.extend(batch.bindings.iter().cloned());
        for held in &batch.quarantine {
            self.kept.quarantine.retain(|known| known.hash != held.hash);
            self.kept.quarantine.push(held.clone());
        }
        for row in &batch.feed {
            assert_eq!(row.seq, self.kept.feed_last + 1, "the feed is numbered without a gap");
            self.kept.feed_last = row.seq;
        }
        if let Some(snapshot) = &outcome.snapshot {
            let superseded = |chunk: &Chunk| snapshot.supersedes.contains(&chunk.id());
            self.kept.chunks.retain(|chunk| !superseded(chunk));
            self.kept.snapshots.retain(|chunk| !superseded(chunk) && chunk.id() != snapshot.chunk.id());
            self.kept.snapshots.push(snapshot.chunk.clone());
        }
        for (_, reply) in &outcome.send {
            let told = match reply {
                Reply::Sync(data) | Reply::News(data) => peek(data).unwrap().hashes(),
                Reply::Heads(heads) => heads.get(&STORAGE.into()).cloned().unwrap_or_default(),
                Reply::Presence(_) | Reply::Quarantine => Vec::new(),
            };
            assert!(has_all(&self.durable, &told), "heads were told that are not kept");
        }
        outcome
    }

    /// Nothing else waits: if the document is to be saved, it is. Gives whether it was loaded afresh too.
    pub(crate) fn rests(&mut self) -> Option<bool> {
        self.handle([Input::Tick]).saving.map(|saving| self.saves(saving))
    }

    /// The document is saved; gives whether it was loaded afresh too.
    pub(crate) fn saves(&mut self, saving: Saving) -> bool {
        let loads = saving.loads();
        self.handle([Input::Saved(Box::new(saving.save()))]);
        loads
    }

    /// A peer joins.
    pub(crate) fn connect(&mut self, client: &Client) {
        self.handle([client.connected()]);
    }

    /// Carries messages until nobody has anything left to say; gives what the territory sent, in order.
    pub(crate) fn exchange(&mut self, clients: &mut [&mut Client]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for _ in 0..50 {
            let spoken: Vec<Input> = clients.iter_mut().filter_map(|client| client.speak()).collect();
            if spoken.is_empty() {
                return outcomes;
            }
            for input in spoken {
                let outcome = self.handle([input]);
                assert_eq!(outcome.refuse, []);
                deliver(&outcome, clients);
                outcomes.push(outcome);
            }
        }
        panic!("the exchange does not come to rest");
    }

    /// Joins and is brought up to date.
    pub(crate) fn joins(&mut self, client: &mut Client) -> Vec<Outcome> {
        self.connect(client);
        self.exchange(&mut [client])
    }

    /// Edits made on the server.
    pub(crate) fn command(&mut self, who: Person, edits: Vec<Edit>) -> Outcome {
        self.handle([Input::Command { ticket: 1, person: who, edits, reverts: None }])
    }

    /// The store lost something: the territory was opened from what is left, and no more than that is durable.
    pub(crate) fn forgets(&mut self, left: Territory) {
        self.durable = replica(left.document(), 251);
        self.territory = left;
    }

    /// The process ends and the territory is opened from what was kept.
    pub(crate) fn reopens(&mut self, server: u8) {
        self.territory = open(self.kept.clone(), server).unwrap();
    }
}

/// Gives clients what an outcome sends them.
pub(crate) fn deliver(outcome: &Outcome, clients: &mut [&mut Client]) {
    for (peers, reply) in &outcome.send {
        if let Some(data) = reply.sync() {
            for client in clients.iter_mut().filter(|client| peers.contains(&client.peer)) {
                client.hear(data);
            }
        }
    }
}

/// A peer that is automerge and nothing else.
pub(crate) struct Client {
    /// Its peer id.
    pub(crate) peer: PeerId,
    /// Who holds it.
    pub(crate) person: Person,
    /// Its document.
    pub(crate) doc: Automerge,
    /// Its sync state.
    pub(crate) state: State,
    /// What it keeps its heads in.
    pub(crate) storage: Option<StorageId>,
    /// Whether it is from before there were flags.
    pub(crate) old: bool,
    /// The flags of the last message it heard.
    pub(crate) flags: Option<MessageFlags>,
    /// How many messages it heard.
    pub(crate) heard: usize,
}

impl Client {
    /// Somebody's client with nothing in it; its actor has the person's number.
    pub(crate) fn new(number: u8, role: Role) -> Self {
        let doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(actor(number));
        Self {
            peer: PeerId::from(format!("peer-{number}")),
            person: person(number, role),
            doc,
            state: State::new(),
            storage: None,
            old: false,
            flags: None,
            heard: 0,
        }
    }

    /// A contributor's client with this document in it.
    pub(crate) fn with(number: u8, doc: &Automerge) -> Self {
        Self { doc: replica(doc, number), ..Self::new(number, Role::Contributor) }
    }

    pub(crate) fn connected(&self) -> Input {
        Input::Connected {
            peer: self.peer.clone(),
            person: self.person.clone(),
            storage: self.storage.clone(),
        }
    }

    /// Whatever is due, as an input.
    pub(crate) fn speak(&mut self) -> Option<Input> {
        let mut message = self.doc.generate_sync_message(&mut self.state)?;
        if self.old {
            message.flags = None;
        }
        Some(self.says(message.encode()))
    }

    /// These bytes, as an input.
    pub(crate) fn says(&self, data: Vec<u8>) -> Input {
        Input::Message { peer: self.peer.clone(), data }
    }

    pub(crate) fn hear(&mut self, data: &[u8]) {
        let message = Message::decode(data).unwrap();
        self.flags.clone_from(&message.flags);
        self.heard += 1;
        self.doc.receive_sync_message(&mut self.state, message).unwrap();
    }

    /// Edits here, without a word to anybody.
    pub(crate) fn edits(&mut self, edits: &[Edit]) -> ChangeHash {
        self.doc.set_actor(actor(self.number()));
        perform(&mut self.doc, edits, NOW).unwrap().unwrap()
    }

    fn number(&self) -> u8 {
        self.person.contributor.0.as_bytes()[0]
    }

    /// The connection ends and another begins.
    pub(crate) fn reconnects(&mut self) {
        self.state = State::new();
    }
}

/// What an outcome does, in lines.
pub(crate) fn shown(outcome: &Outcome) -> String {
    let mut lines = String::new();
    let names = |peers: &[PeerId]| peers.iter().map(PeerId::as_str).collect::<Vec<_>>().join(", ");
    let plural = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let batch = &outcome.persist;
    if !batch.is_empty() {
        let chunks = usize::from(batch.chunk.is_some());
        let (rows, bindings) = (batch.feed.len(), batch.bindings.len());
        let parts = [(chunks, "chunk"), (rows, "event"), (bindings, "binding")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| plural(*count, what)).collect();
        writeln!(lines, "keep {}", parts.join(", ")).unwrap();
    }
    if outcome.saving.is_some() {
        lines.push_str("the document is to be saved\n");
    }
    if let Some(snapshot) = &outcome.snapshot {
        writeln!(lines, "snapshot for {}", plural(snapshot.supersedes.len(), "chunk")).unwrap();
    }
    for (peers, reply) in &outcome.send {
        match reply {
            Reply::Sync(data) | Reply::News(data) => {
                let message = Message::decode(data).unwrap();
                let kind = if peek(data).unwrap().document { "whole" } else { "changes" };
                write!(lines, "{}: {kind} {}", names(peers), message.changes.len()).unwrap();
                if !message.need.is_empty() {
                    write!(lines, ", asks for {}", message.need.len()).unwrap();
                }
                if message.flags.is_some_and(|flags| flags.contains(MessageFlags::READ_ONLY)) {
                    lines += ", read-only";
                }
                lines += "\n";
            }
            Reply::Heads(heads) => {
                let heads: Vec<String> = heads
                    .iter()
                    .map(|(storage, heads)| format!("{storage} {}", plural(heads.len(), "head")))
                    .collect();
                writeln!(lines, "{}: {}", names(peers), heads.join(", ")).unwrap();
            }
            Reply::Presence(_) => writeln!(lines, "{}: presence", names(peers)).unwrap(),
            Reply::Quarantine => writeln!(lines, "{}: quarantine", names(peers)).unwrap(),
        }
    }
    for (peer, refusal) in &outcome.refuse {
        writeln!(lines, "{peer} refused: {}", Refusal::code(*refusal)).unwrap();
    }
    for (ticket, answer) in &outcome.answers {
        match answer {
            Ok(Some(_)) => writeln!(lines, "answer {ticket}: written").unwrap(),
            Ok(None) => writeln!(lines, "answer {ticket}: nothing to write").unwrap(),
            Err(error) => writeln!(lines, "answer {ticket}: {error}").unwrap(),
        }
    }
    lines
}

/// The kinds of the events that an outcome keeps, with who did it.
pub(crate) fn events(outcome: &Outcome) -> String {
    let mut lines = String::new();
    for row in &outcome.persist.feed {
        let event: serde_json::Value = serde_json::from_str(&row.json).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let line = [text(&event["author"]["name"]), text(&event["kind"]), text(&event["path"])];
        let line: Vec<&str> = line.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        writeln!(lines, "{} {}", row.seq, line.join(" ")).unwrap();
    }
    lines
}
