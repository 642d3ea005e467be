//! A simulated device: the real replica and the real link, over the shelf of memory.

use std::collections::BTreeMap;
use std::time::Duration;

use automerge::{ActorId, ChangeHash};
use portrea_client_core::link::{self, Action, Link};
use portrea_client_core::replica::Replica;
use portrea_client_core::shelf::memory::MemoryShelf;
use portrea_client_core::shelf::{Crossed, Kept, ServerKnown, Shelf};
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, RecordId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;

use super::moving::Moving;
use super::network::Packet;
use super::purge::Secret;
use super::{Event, MORNING, World};
use crate::bug::Bug;
use crate::fault::Fault;
use crate::script;
use crate::seed::Seed;

/// Loose changes on a shelf that call for keeping the whole document: far fewer than on real devices.
const COMPACT_AFTER: usize = 12;
/// One device in so many is a reader's.
const READER_EVERY: usize = 5;
/// The device that, on one day in [`DISHONEST_EVERY`], writes what it may not: a contributor's.
const DISHONEST: usize = 2;
const DISHONEST_EVERY: u64 = 4;
/// Of such a device's edits one in so many is forbidden, and another one in so many is forged.
const FORBIDDEN_EVERY: u64 = 3;

/// One device of the day.
pub struct Device {
    /// Who holds it.
    pub person: Person,
    /// Its peer id.
    pub peer: PeerId,
    /// What it shows.
    pub replica: Replica,
    /// What it keeps.
    shelf: MemoryShelf,
    /// When it dials.
    pub link: Link,
    territory: TerritoryId,
    actor: ActorId,
    pub(super) chance: Seed,
    /// Whether it came at all.
    pub joined: bool,
    /// The connection that stands as far as it knows, by number.
    pub(super) connection: Option<u64>,
    pub(super) dials: u64,
    /// Whether nothing that it dials answers.
    pub(super) out_of_reach: bool,
    /// The last connection on which a frame to it came again or late.
    pub(super) disordered: Option<u64>,
    /// When its link is told next that time has passed.
    wake_at: Option<i64>,
    /// Faults that wait for their occasion, with what they are drawn from.
    pub(super) armed: Vec<(Fault, u64)>,
    /// By how much its clock is wrong, in milliseconds.
    pub(super) clock_error: i64,
    /// Whether it writes what it may not, now and then.
    pub dishonest: bool,
    /// Structures as they read when this device validated them; `None` where it edited one afterwards.
    pub vouched: BTreeMap<RecordId, Option<Structure>>,
    /// Every change that the shelf ever took, by what stands for it now: none of them may be missing in the end.
    pub made: Vec<ChangeHash>,
    /// How many changes it made, those made anew in another epoch too.
    pub made_in_all: usize,
    /// How many epochs `made` was followed through.
    pub(super) eras_seen: usize,
    /// Which of the territory's documents it has.
    pub epoch: u32,
    /// The one that it is on its way to.
    pub(super) moving: Option<Moving>,
    /// Frames that it sent, where it is dishonest.
    pub(super) sent: Vec<Vec<u8>>,
}

impl Device {
    pub(super) fn new(number: usize, seed: u64, territory: TerritoryId, chance: &mut Seed) -> Self {
        let contributor = ContributorId(chance.uuid(1));
        let device = DeviceId(chance.uuid(2));
        let actor = ActorId::from(chance.uuid(3).as_bytes().as_slice());
        let role = match number {
            0 => Role::Referent,
            _ if number % READER_EVERY == READER_EVERY - 1 => Role::Reader,
            _ => Role::Contributor,
        };
        Self {
            person: Person { contributor, name: format!("Personne {number}"), role, device },
            peer: PeerId::from(format!("device-{number}")),
            replica: Replica::empty(territory, actor.clone(), contributor),
            shelf: MemoryShelf::default(),
            link: Link::default(),
            territory,
            actor,
            chance: Seed::new(chance.draw()),
            joined: false,
            connection: None,
            dials: 0,
            out_of_reach: false,
            disordered: None,
            wake_at: None,
            armed: Vec::new(),
            clock_error: 0,
            dishonest: number == DISHONEST && seed.is_multiple_of(DISHONEST_EVERY),
            vouched: BTreeMap::new(),
            made: Vec::new(),
            made_in_all: 0,
            eras_seen: 0,
            epoch: 0,
            moving: None,
            sent: Vec::new(),
        }
    }

    /// The actor of its changes.
    pub fn actor(&self) -> &ActorId {
        &self.actor
    }

    /// Whether an older frame may have come after a newer one on its present connection. A websocket does not do that;
    /// the document stands it, and what was told last may then be less than what was told before.
    pub fn may_have_heard_late(&self) -> bool {
        self.connection.is_some() && self.disordered == self.connection
    }

    pub(super) fn takes(&mut self, fault: Fault) -> Option<u64> {
        let at = self.armed.iter().position(|(armed, _)| *armed == fault)?;
        Some(self.armed.remove(at).1)
    }

    /// What it vouches for from now on, after its edits.
    fn remembers(&mut self, edits: &[Edit]) {
        for edit in edits {
            let (structure, validates) = match edit {
                Edit::Validate { structure, .. } => (structure, true),
                Edit::AddStructure { id, .. } => (id, false),
                Edit::AddService { structure, .. } | Edit::AddHelper { structure, .. } => (structure, false),
                Edit::Set { address, .. } | Edit::Include { address, .. } | Edit::Exclude { address, .. } => {
                    (&address.structure, false)
                }
                Edit::Confirm { .. } | Edit::Archive { .. } | Edit::Unarchive { .. } => continue,
            };
            let seen = read::structure(self.replica.doc(), structure).filter(|_| validates);
            self.vouched.insert(structure.clone(), seen);
        }
    }

    fn clock(&self, now: i64) -> UnixMillis {
        UnixMillis(now).plus(self.clock_error)
    }

    /// Keeps changes; false when the disk is full: the replica is then read again without them.
    fn keep(&mut self, changes: &[u8], full: bool) -> bool {
        self.shelf.room_for(full.then_some(0));
        let kept = self.shelf.keep(changes).is_ok();
        self.shelf.room_for(None);
        if !kept {
            self.reload();
        } else if self.shelf.loose() >= COMPACT_AFTER {
            let whole = self.replica.renew().expect("what was just saved can be read");
            self.shelf.compact(&whole).expect("the disk has room");
        }
        kept
    }

    /// Keeps another document in the place of this one; false when the disk is full.
    pub(super) fn put_over(&mut self, crossed: &Crossed, snapshot: &[u8], full: bool) -> bool {
        self.shelf.room_for(full.then_some(0));
        let kept = self.shelf.cross(crossed, snapshot).is_ok();
        self.shelf.room_for(None);
        if !kept {
            self.reload();
        }
        kept
    }

    /// Only the shelf remains.
    fn reload(&mut self) {
        let kept: Kept = self.shelf.read().expect("a shelf of memory can be read");
        let (actor, author, heads) = (self.actor.clone(), self.person.contributor, kept.server.heads.clone());
        self.replica = Replica::load(self.territory, actor, author, kept.chunks(), heads)
            .expect("what the shelf took can be read");
    }

    /// Notes what is known of the server.
    pub(super) fn notes(&mut self) {
        let known = ServerKnown { heads: self.replica.server_heads().to_vec(), ..ServerKnown::default() };
        self.shelf.note(&known).expect("the disk has room");
    }
}

impl World {
    /// Tells a device's link what happened, and does what it says.
    pub(super) fn link(&mut self, device: usize, event: link::Event) {
        let now = Duration::from_millis((self.now - MORNING).unsigned_abs());
        let at = self.device(device);
        let chance = if matches!(event, link::Event::Lost(_) | link::Event::Tick) {
            at.chance.fraction()
        } else {
            0.0
        };
        match at.link.handle(now, chance, event) {
            None => {}
            Some(Action::Dial) => self.dials(device),
            Some(Action::Join) => self.joins(device),
            Some(Action::Greet) => self.greets(device),
            Some(Action::Ping) => self.sends_up(device, Packet::Ping),
            Some(Action::HangUp) => self.hangs_up(device),
        }
        self.schedules_wake(device);
    }

    fn schedules_wake(&mut self, device: usize) {
        let at = self.device(device);
        let Some(wake) = at.link.wake() else { return };
        // Rounded up, for a tick that comes early does nothing.
        let wake = MORNING + i64::try_from(wake.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
        if at.wake_at.is_none_or(|earlier| earlier > wake) {
            at.wake_at = Some(wake);
            self.at(wake.max(self.now), Event::Wake(device));
        }
    }

    pub(super) fn wakes(&mut self, device: usize) {
        let now = self.now;
        let at = self.device(device);
        if at.wake_at.is_some_and(|wake| wake <= now) {
            at.wake_at = None;
            self.link(device, link::Event::Tick);
        }
    }

    /// Somebody edits; what was made is on the shelf before anything is sent.
    pub(super) fn edits(&mut self, device: usize, draw: u64) {
        let now = self.now;
        let at = self.device(device);
        let clock = at.clock(now);
        if at.dishonest && draw % FORBIDDEN_EVERY == 1 {
            self.forges(device, draw);
            return;
        }
        let edits = if at.dishonest && draw.is_multiple_of(FORBIDDEN_EVERY) {
            script::forbidden(draw, &at.person, at.replica.doc())
        } else {
            script::edits(draw, &at.person, at.replica.doc(), clock)
        };
        self.makes(device, &edits);
    }

    /// Somebody writes what they may want erased later.
    pub(super) fn confides(&mut self, device: usize, draw: u64) {
        let at = self.device(device);
        let Some((address, text)) = script::secret(draw, &at.person, at.replica.doc()) else { return };
        let edit = Edit::Set { address: address.clone(), value: Some(Value::Text(text.clone())) };
        self.server.confided.push(Secret { address, text });
        self.makes(device, &[edit]);
    }

    fn makes(&mut self, device: usize, edits: &[Edit]) {
        let (now, forgets) = (self.now, self.has(Bug::ForgetsOutbox));
        let at = self.device(device);
        let clock = at.clock(now);
        if edits.is_empty() || !at.replica.has_document() {
            return;
        }
        let made = at.replica.edit(edits, clock).expect("the script writes what is allowed");
        let Some(changes) = made else { return };
        if at.takes(Fault::DiesUnkept).is_some() {
            self.note(|| format!("device {device} dies before its edit is kept"));
            self.restarts(device);
            return;
        }
        let hash = at.replica.doc().get_last_local_change().map(|change| change.hash());
        let full = at.takes(Fault::ShelfFull).is_some();
        if !forgets && !at.keep(&changes, full) {
            self.note(|| format!("device {device} has no room for its edit"));
            self.hangs_up(device);
            self.link(device, link::Event::Lost(link::Loss::Broken));
            return;
        }
        at.made.extend(hash);
        at.made_in_all += 1;
        at.remembers(edits);
        if at.takes(Fault::DiesUnsent).is_some() {
            self.note(|| format!("device {device} dies before its edit is sent"));
            self.restarts(device);
            return;
        }
        let frame = at.replica.poll_send();
        if let Some(data) = frame {
            self.sends_sync(device, data, false);
        }
    }

    /// A sync message: what it brought is on the shelf before the answer leaves. An error ends the connection.
    pub(super) fn hears(&mut self, device: usize, data: &[u8]) {
        let at = self.device(device);
        let waited = at.replica.waiting() > 0;
        let heard = at.replica.receive(data);
        let broken = match &heard {
            Ok(received) => {
                let full = received.keep.is_some() && at.takes(Fault::ShelfFull).is_some();
                received.keep.as_ref().is_some_and(|keep| !at.keep(keep, full))
            }
            Err(_) => true,
        };
        if broken {
            self.note(|| format!("device {device} starts afresh"));
            self.hangs_up(device);
            self.link(device, link::Event::Lost(link::Loss::Broken));
            return;
        }
        if waited && at.replica.waiting() == 0 {
            at.notes();
        }
        if let Some(reply) = heard.ok().and_then(|received| received.reply) {
            self.sends_sync(device, reply, false);
        }
    }

    /// Switched off and on: only the shelf remains.
    pub(super) fn restarts(&mut self, device: usize) {
        self.hangs_up(device);
        let at = self.device(device);
        at.reload();
        at.link = Link::default();
        at.wake_at = None;
        if at.joined {
            self.link(device, link::Event::Start);
        }
    }
}
