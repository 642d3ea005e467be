//! A simulated network, virtual clocks, a territory with its disk, and devices made of the real minds.
//!
//! Everything that happens is an event in one queue, ordered by virtual time. The server is the real `Territory`
//! driven in the keeper's order over a store in memory that loses what was not durable; a device is the real `Replica`
//! and the real `Link` over the shelf of memory; frames are real bytes. The [plan](crate::plan) says what people do
//! and what goes wrong, and the world does it; it judges nothing but what must hold at every moment.

mod device;
mod disk;
mod forging;
mod keeping;
mod moving;
mod network;
pub mod purge;
mod server;
mod trouble;

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use portrea_client_core::link::{self, Phase};
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use portrea_territory::saving::Saved;

pub use device::Device;
pub use disk::Disk;
pub use server::{Counts, Server, statistics};

use crate::bug::Bug;
use crate::check::{Check, Failure};
use crate::plan::{Entry, Plan, What};
use crate::seed::Seed;
use network::Packet;

/// 2026-05-12, 9 o'clock in UTC: the day begins.
pub const MORNING: i64 = 1_778_576_400_000;

/// What happens next.
#[derive(Debug)]
enum Event {
    /// An entry of the plan.
    Entry(Entry),
    /// A device's link wants to know that time has passed.
    Wake(usize),
    /// A device's socket opens, by its number among the device's dials.
    Opened(usize, u64),
    /// A packet arrives at the server, or at a device.
    Arrives { connection: u64, device: usize, up: bool, packet: Packet },
    /// A device learns that its connection is gone.
    Broken(usize, u64),
    /// The server looks whether a connection is alive.
    Beat(u64),
    /// A device reads again.
    Drain(u64),
    /// A device is back in reach.
    Returns(usize),
    /// The server takes what has gathered.
    Merge,
    /// The server flushes what a batch wrote.
    Flush(u64),
    /// The server flushes a snapshot.
    Compacted(u64),
    /// The server flushes another epoch.
    Erased(u64),
    /// A document was saved beside the merging.
    Saved(Box<Saved>),
    /// The server looks whether anybody needs the territory.
    Idle,
    /// The server is started again.
    StartServer,
    /// The server's disk has room again.
    Room,
}

impl Event {
    /// Whether the world is not at rest while this is to come: heartbeats go on for ever, and in the evening everybody
    /// is back already.
    fn is_lively(&self) -> bool {
        match self {
            Self::Wake(_) | Self::Beat(_) | Self::Idle | Self::Returns(_) => false,
            Self::Arrives { packet, .. } => !packet.is_heartbeat(),
            Self::Entry(_)
            | Self::Opened(..)
            | Self::Broken(..)
            | Self::Drain(_)
            | Self::Merge
            | Self::Flush(_)
            | Self::Compacted(_)
            | Self::Erased(_)
            | Self::Saved(_)
            | Self::StartServer
            | Self::Room => true,
        }
    }
}

/// An event and its time.
#[derive(Debug)]
struct Due {
    at: i64,
    order: u64,
    event: Event,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Due {}

/// The world of one plan.
pub struct World {
    now: i64,
    order: u64,
    queue: BinaryHeap<Reverse<Due>>,
    lively: usize,
    /// The territory, its disk and its connections.
    pub server: Server,
    /// Everybody's devices.
    pub devices: Vec<Device>,
    /// Whether it is evening: nothing goes wrong any more.
    calm: bool,
    bug: Option<Bug>,
    failure: Option<Failure>,
    log: Option<Vec<String>>,
}

impl World {
    /// The morning of a plan, with a bug planted or none; events are written down if `logged`.
    pub fn new(plan: &Plan, bug: Option<Bug>, logged: bool) -> Self {
        let mut chance = Seed::new(plan.seed ^ 0x5eed);
        let territory = TerritoryId(chance.uuid(MORNING.unsigned_abs()));
        let devices =
            (0..plan.devices).map(|number| Device::new(number, plan.seed, territory, &mut chance)).collect();
        let server = Server::new(territory, plan.upkeep, bug, chance);
        let mut world = Self {
            now: MORNING,
            order: 0,
            queue: BinaryHeap::new(),
            lively: 0,
            server,
            devices,
            calm: false,
            bug,
            failure: None,
            log: logged.then(Vec::new),
        };
        for entry in &plan.entries {
            world.at(MORNING + entry.at_ms.cast_signed(), Event::Entry(entry.clone()));
        }
        world
    }

    /// Lets the day happen, until this long after the morning.
    pub fn day(&mut self, until_ms: u64) -> Result<(), Failure> {
        self.run(MORNING + until_ms.cast_signed(), false)?;
        Ok(())
    }

    /// The evening: nothing goes wrong any more and everybody comes back. Runs until nothing is left to happen.
    pub fn evening(&mut self, within_ms: u64) -> Result<(), Failure> {
        self.calms();
        if self.run(self.now + within_ms.cast_signed(), true)? {
            return Ok(());
        }
        let phases: Vec<Phase> = self.devices.iter().map(|device| device.link.phase()).collect();
        let seen = format!("{} events are left, links are {phases:?}", self.lively);
        Err(Failure::new(Check::ComesToRest, seen))
    }

    /// What devices made is known by what stands for it in the territory's present document.
    pub fn settle(&mut self) {
        (0..self.devices.len()).for_each(|device| self.catches_up(device));
    }

    /// What was written down.
    pub fn log(&mut self) -> Vec<String> {
        self.log.take().unwrap_or_default()
    }

    /// Runs until this time, or until the world is at rest if that is wanted; gives whether it is.
    fn run(&mut self, until: i64, rest: bool) -> Result<bool, Failure> {
        loop {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if rest && self.is_at_rest() {
                return Ok(true);
            }
            if self.queue.peek().is_none_or(|Reverse(due)| due.at > until) {
                self.now = until;
                return Ok(false);
            }
            let Some(Reverse(due)) = self.queue.pop() else { return Ok(false) };
            self.now = due.at.max(self.now);
            if due.event.is_lively() {
                self.lively -= 1;
            }
            self.happens(due.event);
        }
    }

    fn is_at_rest(&self) -> bool {
        // A link that is dead and does not know it yet is no rest.
        let live = |device: &Device| {
            let line = device.connection.and_then(|connection| self.server.connections.get(&connection));
            let sound = line.is_some_and(|line| !line.dark_up && !line.dark_down);
            !device.joined || (sound && device.link.phase() == Phase::Live)
        };
        self.lively == 0 && self.server.is_at_rest() && self.devices.iter().all(live)
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Entry(entry) => self.entry(&entry),
            Event::Wake(device) => self.wakes(device),
            Event::Opened(device, dial) => self.opened(device, dial),
            Event::Arrives { connection, device, up, packet } => {
                self.arrives(connection, device, up, packet);
            }
            Event::Broken(device, connection) => self.loses(device, connection, link::Loss::Broken),
            Event::Beat(connection) => self.beats(connection),
            Event::Drain(connection) => self.drains(connection),
            Event::Returns(device) => self.returns(device),
            Event::Merge => self.merges(),
            Event::Flush(batch) => self.flushes(batch),
            Event::Compacted(batch) => self.compacted(batch),
            Event::Erased(batch) => self.erased(batch),
            Event::Saved(saved) => self.saved(saved),
            Event::Idle => self.idles(),
            Event::StartServer => self.starts_server(),
            Event::Room => {
                self.note(|| "the disk has room again".to_owned());
                self.server.disk.full = false;
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        self.note(|| format!("#{} {}", entry.number, entry.what));
        match entry.what {
            What::Joins(device) => {
                self.device(device).joined = true;
                self.link(device, link::Event::Start);
            }
            What::Edits(device) => self.edits(device, entry.draw),
            What::Imports => self.imports(entry.draw),
            What::SignsIn(device) => self.signs_in(device),
            What::Confides(device) => self.confides(device, entry.draw),
            What::Purges => self.purges(entry.draw),
            What::Goes(fault, device) => self.goes_wrong(fault, device, entry.draw),
        }
    }

    fn at(&mut self, at: i64, event: Event) {
        self.order += 1;
        if event.is_lively() {
            self.lively += 1;
        }
        self.queue.push(Reverse(Due { at, order: self.order, event }));
    }

    fn after(&mut self, delay_ms: u64, event: Event) {
        self.at(self.now + delay_ms.cast_signed(), event);
    }

    fn fails(&mut self, check: Check, seen: impl Into<String>) {
        self.failure.get_or_insert(Failure { check, seen: seen.into() });
    }

    /// Writes down what happens, if anybody wants to read it.
    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            let millis = self.now - MORNING;
            let (seconds, millis) = (millis / 1_000, millis % 1_000);
            log.push(format!("{:02}:{:02}.{millis:03}  {}", seconds / 60, seconds % 60, line()));
        }
    }

    fn device(&mut self, device: usize) -> &mut Device {
        self.devices.get_mut(device).expect("devices are numbered from 0")
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn server_now(&self) -> UnixMillis {
        UnixMillis(self.now).plus(self.server.clock_error)
    }
}
