//! A simulated server: the real territory in the keeper's order, over a store that loses what was not durable.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, ChangeHash, ReadDoc};
use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::{PeerId, StorageId, TerritoryId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::document;
use portrea_protocol::time::UnixMillis;
use portrea_server::store::Store;
use portrea_server::store::memory::MemoryStore;
use portrea_territory::chunk::{Batch, Chunk};
use portrea_territory::io::{Input, Opening, Outcome};
use portrea_territory::territory::Territory;

use super::{Event, World};
use crate::seed::Seed;

/// The server of one territory.
pub struct Server {
    /// The territory's id.
    pub territory: TerritoryId,
    /// What is on disk, and what is about to be.
    pub store: MemoryStore,
    /// The process, while it lives.
    pub open: Option<Territory>,
    connections: u64,
    by_peer: BTreeMap<PeerId, (usize, u64)>,
    inbox: Vec<Input>,
    merging: bool,
    batches: u64,
    waiting: Option<(u64, Outcome)>,
    /// Heads that were told to some device: each of them must survive every crash.
    told: BTreeSet<ChangeHash>,
    /// Peers that were turned away.
    pub refused: usize,
    /// How often the process died.
    pub crashes: usize,
}

/// Three communes, one of them far, one without figures.
pub fn statistics() -> Statistics {
    let commune = |name: &str, lat, lon, population, needs| Commune {
        name: name.to_owned(),
        position: Some(Position { lat, lon }),
        population: Some(population),
        needs,
    };
    let needs = Needs {
        aged_65_or_over: Some(412.0),
        aged_15_or_over: Some(1_650.0),
        not_at_school: Some(1_540.0),
        no_diploma: Some(330.0),
        rsa: Some(24.0),
        prime_activite: Some(96.0),
        aah: Some(31.0),
        job_seekers: Some(118.0),
        ..Needs::default()
    };
    Statistics {
        communes: BTreeMap::from([
            ("35184".into(), commune("Montauban-de-Bretagne", 48.2, -2.05, 6_041.0, needs.clone())),
            ("35297".into(), commune("Saint-Méen-le-Grand", 48.19, -2.19, 4_609.0, Needs::default())),
            ("35238".into(), commune("Rennes", 48.11, -1.68, 222_485.0, needs)),
        ]),
        ..Statistics::default()
    }
}

impl Server {
    pub(super) fn new(territory: TerritoryId, chance: &mut Seed, now: UnixMillis) -> Self {
        let actor = ActorId::from(chance.uuid(0).as_bytes().as_slice());
        let document =
            document::create(actor, "Pays d’essai", "200038990", now).expect("the roots can be written");
        let store = MemoryStore::new();
        let batch = Batch { chunk: Some(Chunk::new(document.save())), ..Batch::default() };
        store.append(territory, &batch).expect("no fault was ordered");
        store.make_durable().expect("no fault was ordered");
        let mut server = Self {
            territory,
            store,
            open: None,
            connections: 0,
            by_peer: BTreeMap::new(),
            inbox: Vec::new(),
            merging: false,
            batches: 0,
            waiting: None,
            told: BTreeSet::new(),
            refused: 0,
            crashes: 0,
        };
        server.start(chance);
        server
    }

    fn start(&mut self, chance: &mut Seed) {
        let kept =
            self.store.load(self.territory).expect("nothing is damaged").expect("the territory was kept");
        let opening = Opening {
            id: self.territory,
            actor: ActorId::from(chance.uuid(0).as_bytes().as_slice()),
            storage: StorageId::from("server"),
            kept,
            statistics: statistics(),
        };
        let territory = Territory::open(opening).expect("what was kept can be opened");
        let told: Vec<ChangeHash> = self.told.iter().copied().collect();
        let lost = territory.document().get_missing_deps(&told);
        assert!(lost.is_empty(), "acknowledged changes are gone after a crash: {lost:?}");
        self.open = Some(territory);
    }

    /// Whether the process lives.
    pub fn is_up(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn accept(&mut self) -> u64 {
        self.connections += 1;
        self.connections
    }

    pub(super) fn connect(&mut self, device: usize, connection: u64, peer: PeerId, person: Person) {
        self.by_peer.insert(peer.clone(), (device, connection));
        self.inbox.push(Input::Connected { peer, person, storage: None });
    }

    pub(super) fn disconnect(&mut self, device: usize, connection: u64, peer: PeerId) {
        if self.by_peer.get(&peer) == Some(&(device, connection)) {
            self.by_peer.remove(&peer);
            self.inbox.push(Input::Disconnected { peer });
        }
    }

    pub(super) fn holds(&self, device: usize, connection: u64) -> bool {
        self.is_up() && self.by_peer.values().any(|at| *at == (device, connection))
    }

    pub(super) fn tell(&mut self, input: Input) {
        self.inbox.push(input);
    }
}

impl World {
    /// The server takes what gathers a little later, unless it is waiting for its disk.
    pub(super) fn gather(&mut self) {
        if self.server.is_up() && !self.server.merging && !self.server.inbox.is_empty() {
            self.server.merging = true;
            self.within(0, 3, Event::Merge);
        }
    }

    pub(super) fn merge(&mut self) {
        let Some(territory) = self.server.open.as_mut() else { return };
        let mut inputs = std::mem::take(&mut self.server.inbox);
        inputs.push(Input::Tick);
        let outcome = territory.handle(self.now, inputs);
        if !outcome.persist.is_empty() {
            self.server.store.append(self.server.territory, &outcome.persist).expect("no fault was ordered");
        }
        if let Some(snapshot) = &outcome.snapshot {
            self.server.store.compact(self.server.territory, snapshot).expect("no fault was ordered");
        }
        self.server.batches += 1;
        self.server.waiting = Some((self.server.batches, outcome));
        let batch = self.server.batches;
        self.within(1, 12, Event::Durable(batch));
    }

    pub(super) fn durable(&mut self, batch: u64) {
        if self.server.waiting.as_ref().is_none_or(|(waiting, _)| *waiting != batch) {
            return;
        }
        let Some((_, outcome)) = self.server.waiting.take() else { return };
        self.server.store.make_durable().expect("no fault was ordered");
        self.server.merging = false;
        if outcome.persist.chunk.is_some() {
            let heads = self.server.open.as_ref().map(|territory| territory.heads().to_vec());
            self.server.told.extend(heads.unwrap_or_default());
        }
        for (peers, reply) in outcome.send {
            for peer in peers {
                if let Some((device, connection)) = self.server.by_peer.get(&peer).copied() {
                    self.send_to_device(device, connection, &reply);
                }
            }
        }
        for (peer, refusal) in outcome.refuse {
            self.server.refused += 1;
            if let Some((device, _)) = self.server.by_peer.get(&peer).copied() {
                tracing_line(device, refusal.code());
                self.cut(device);
            }
        }
        self.gather();
    }

    pub(super) fn crash_server(&mut self) {
        if !self.server.is_up() {
            return;
        }
        self.server.crashes += 1;
        // The disk may have kept any part of what was not flushed yet.
        let written = self.seed.below(self.server.store.staged() as u64 + 1);
        self.server.store = self.server.store.surviving_with(usize::try_from(written).unwrap_or(0));
        self.server.open = None;
        self.server.merging = false;
        self.server.waiting = None;
        self.server.inbox.clear();
        let connected = std::mem::take(&mut self.server.by_peer);
        for (device, _) in connected.into_values() {
            self.cut(device);
        }
        self.within(500, 20_000, Event::StartServer);
    }

    pub(super) fn start_server(&mut self) {
        let mut chance = self.seed.clone();
        self.seed.draw();
        self.server.start(&mut chance);
    }
}

fn tracing_line(device: usize, code: &str) {
    eprintln!("device {device} was turned away: {code}");
}
