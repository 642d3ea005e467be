//! The simulated server: one territory, its disk and its connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{ActorId, ChangeHash};
use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::{PeerId, StorageId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::{document, write};
use portrea_protocol::time::UnixMillis;
use portrea_territory::chunk::{Chunk, FeedRow, Kept};
use portrea_territory::io::{Input, Opening, Outcome};
use portrea_territory::territory::{Territory, Upkeep};

use super::disk::Disk;
use super::network::Connection;
use super::purge::{Era, Secret};
use crate::bug::Bug;
use crate::check::{Check, Failure};
use crate::fault::Fault;
use crate::script;
use crate::seed::Seed;

/// Places that are in the directory before the day begins.
const KNOWN_PLACES: usize = 3;

/// What the keeper is told, as in the real server.
#[derive(Debug)]
pub(super) enum Told {
    /// A peer joined on a connection.
    Join { connection: u64, person: Person },
    /// A connection ended.
    Leave { connection: u64 },
    /// Something happened.
    Input(Input),
}

/// Where the keeper stands.
#[derive(Debug)]
pub(super) enum Step {
    /// It waits for something to do.
    Waiting,
    /// It will take what has gathered.
    Gathering,
    /// What a batch wrote is being made durable; what is to be done afterwards.
    Flushing(u64, Box<Outcome>),
    /// A snapshot is being made durable.
    Compacting(u64),
    /// Another epoch is being made durable, and nobody opens the territory.
    Erasing(u64),
}

/// The server of one territory.
pub struct Server {
    /// The territory's id.
    pub territory: TerritoryId,
    /// What is on disk, and what is about to be.
    pub disk: Disk,
    /// The process, while it lives.
    pub(super) is_up: bool,
    /// The territory, while it is open.
    pub open: Option<Territory>,
    pub(super) upkeep: Upkeep,
    /// Connections by number.
    pub(super) connections: BTreeMap<u64, Connection>,
    accepted: u64,
    /// The keeper's: which connection a peer's replies go down.
    pub(super) outboxes: BTreeMap<PeerId, u64>,
    pub(super) inbox: Vec<Told>,
    pub(super) step: Step,
    pub(super) batches: u64,
    /// Faults that wait for their occasion, with what they are drawn from.
    pub(super) armed: Vec<(Fault, u64)>,
    pub(super) clock_error: i64,
    pub(super) chance: Seed,
    /// Heads that were told to some device: each of them must survive whatever happens.
    pub(super) told: BTreeSet<ChangeHash>,
    /// The feed as those who followed it saw it.
    pub published: BTreeMap<u64, Arc<str>>,
    /// The places that were in the directory when it was made.
    pub known: BTreeSet<portrea_protocol::ids::RecordId>,
    /// Whether a sync message came twice in a row, and the last batch's rows, for a bug.
    pub(super) came_again: bool,
    pub(super) last_rows: Vec<FeedRow>,
    pub(super) shift: u64,
    /// What somebody wants erased, drawn from this, until the keeper is at rest.
    pub(super) purge: Option<u64>,
    /// The epoch that is being written.
    pub(super) turning: Option<Era>,
    /// Every epoch that began.
    pub eras: Vec<Era>,
    /// The texts that somebody wrote who may want them erased.
    pub(super) confided: Vec<Secret>,
    /// Changes that a dishonest device made and that nobody may make.
    pub forged: Vec<ChangeHash>,
    /// What happened to it.
    pub counts: Counts,
}

/// What happened to a server, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often the process died.
    pub crashes: usize,
    /// How often the territory was opened.
    pub openings: usize,
    /// How often the store failed.
    pub failures: usize,
    /// How many snapshots were kept.
    pub snapshots: usize,
    /// How often the document was renewed.
    pub renewals: usize,
    /// How often it was loaded afresh for that.
    pub reloads: usize,
    /// How often a peer's queue was full.
    pub behind: usize,
    /// The most changes that waited for others.
    pub waiting_most: usize,
    /// How often something was erased.
    pub epochs: usize,
    /// Edits that devices took along into another epoch.
    pub carried: usize,
    /// How often a dishonest device was turned away.
    pub turned_away: usize,
}

impl Counts {
    /// Adds another day's.
    pub fn add(&mut self, day: &Self) {
        self.crashes += day.crashes;
        self.openings += day.openings;
        self.failures += day.failures;
        self.snapshots += day.snapshots;
        self.renewals += day.renewals;
        self.reloads += day.reloads;
        self.behind += day.behind;
        self.waiting_most = self.waiting_most.max(day.waiting_most);
        self.epochs += day.epochs;
        self.carried += day.carried;
        self.turned_away += day.turned_away;
    }
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
    pub(super) fn new(territory: TerritoryId, upkeep: Upkeep, bug: Option<Bug>, mut chance: Seed) -> Self {
        let now = UnixMillis(super::MORNING);
        let actor = ActorId::from(chance.uuid(0).as_bytes().as_slice());
        let mut document =
            document::create(actor, "Pays d’essai", "200038990", now).expect("the roots can be written");
        let person = Person {
            contributor: portrea_protocol::ids::ContributorId(chance.uuid(1)),
            name: "la veille".to_owned(),
            role: Role::Referent,
            device: portrea_protocol::ids::DeviceId(chance.uuid(2)),
        };
        for _ in 0..KNOWN_PLACES {
            let edits = script::edits(chance.draw(), &person, &document, now);
            write::perform(&mut document, &edits, now).expect("the script writes what is allowed");
        }
        let known = portrea_protocol::schema::read::structures(&document).into_keys().collect();
        let heads = document.get_heads();
        let disk = Disk::new(territory, Chunk::new(document.save()), heads, bug);
        Self {
            territory,
            disk,
            is_up: true,
            open: None,
            upkeep,
            connections: BTreeMap::new(),
            accepted: 0,
            outboxes: BTreeMap::new(),
            inbox: Vec::new(),
            step: Step::Waiting,
            batches: 0,
            armed: Vec::new(),
            clock_error: 0,
            chance,
            told: BTreeSet::new(),
            published: BTreeMap::new(),
            known,
            came_again: false,
            last_rows: Vec::new(),
            shift: 0,
            purge: None,
            turning: None,
            eras: Vec::new(),
            confided: Vec::new(),
            forged: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Opens a territory from what is on disk, and looks whether all is there that was told.
    pub fn opens(&mut self) -> Result<Territory, Failure> {
        self.counts.openings += 1;
        self.shift = 0;
        self.turns();
        let kept = self.disk.load().map_err(|error| Failure::new(Check::Opens, error.to_string()))?;
        let territory = self.opened(kept).map_err(|error| Failure::new(Check::Opens, error))?;
        let told: Vec<ChangeHash> = self.told.iter().copied().collect();
        let lost = automerge::ReadDoc::get_missing_deps(territory.document(), &told);
        if lost.is_empty() {
            return Ok(territory);
        }
        Err(Failure::new(Check::AcknowledgedStays, format!("acknowledged and gone: {lost:?}")))
    }

    fn opened(&mut self, kept: Kept) -> Result<Territory, String> {
        let opening = Opening {
            id: self.territory,
            actor: ActorId::from(self.chance.uuid(0).as_bytes().as_slice()),
            storage: StorageId::from("server"),
            kept,
            statistics: statistics(),
        };
        let territory = Territory::open(opening).map_err(|error| error.to_string())?;
        Ok(territory.with_upkeep(self.upkeep))
    }

    pub(super) fn accepts(&mut self) -> u64 {
        self.accepted += 1;
        self.accepted
    }

    pub(super) fn takes(&mut self, fault: Fault) -> Option<u64> {
        let at = self.armed.iter().position(|(armed, _)| *armed == fault)?;
        Some(self.armed.remove(at).1)
    }

    /// Connections whose devices read nothing.
    pub(super) fn stalled(&self) -> Vec<u64> {
        let stalled = self.connections.iter().filter(|(_, line)| line.stalled);
        stalled.map(|(connection, _)| *connection).collect()
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.inbox.is_empty() && matches!(self.step, Step::Waiting)
    }
}
