//! A simulated network, a virtual clock, a territory with its store, and devices made of the real minds.
//!
//! Everything that happens is an event in one queue, ordered by virtual time; chance comes from the seed alone. The
//! server is `Territory::handle` driven in the keeper's order (persist, reply, publish), a device is the real
//! `Replica` with the bytes that its shelf would hold. What the world adds is trouble: delays, cuts, duplicated and
//! reordered frames, crashes of devices between an edit and its sending, of the server between merge, disk and reply.

mod device;
mod network;
mod server;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;

pub use device::Device;
pub use server::{Server, statistics};

use crate::seed::Seed;

/// 2026-05-12, 9 o'clock in UTC: the day begins.
pub const MORNING: i64 = 1_778_576_400_000;

/// Waves of edits come this far apart, in milliseconds.
const WAVE_MS: u64 = 600_000;
/// A wave is this long, in milliseconds: shorter than a frame's way, so that edits of one wave are concurrent.
const WAVE_SPREAD_MS: u64 = 40;

/// How much goes wrong, in percent of the occasions.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    /// A frame arrives twice.
    pub duplicated: u64,
    /// A frame overtakes the one before it.
    pub reordered: u64,
    /// A frame takes seconds instead of milliseconds.
    pub delayed: u64,
    /// A frame takes its connection down with it.
    pub cut: u64,
}

impl Trouble {
    /// A network where nothing goes wrong.
    pub const NONE: Self = Self { duplicated: 0, reordered: 0, delayed: 0, cut: 0 };
    /// A bad day in a village hall.
    pub const BAD: Self = Self { duplicated: 2, reordered: 2, delayed: 5, cut: 1 };
}

/// What happens next.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A device opens a connection.
    Dial(usize),
    /// A frame reaches the server, if its connection still stands.
    ToServer(usize, u64, Vec<u8>),
    /// A frame reaches a device, if its connection still stands.
    ToDevice(usize, u64, Vec<u8>),
    /// Somebody edits.
    Act(usize),
    /// A device loses its network.
    Cut(usize),
    /// A device is switched off and on: what was not on its shelf is gone.
    Restart(usize),
    /// The server takes what has gathered.
    Merge,
    /// What the server wrote is on disk.
    Durable(u64),
    /// The server's process dies.
    CrashServer,
    /// The server is started again.
    StartServer,
}

/// The world of one seed.
pub struct World {
    /// Chance.
    pub seed: Seed,
    now: UnixMillis,
    order: u64,
    queue: BinaryHeap<Reverse<(i64, u64, Event)>>,
    /// How much goes wrong.
    pub trouble: Trouble,
    /// Where an edit comes from: given the world's chance, the device's number and what it sees.
    pub script: fn(&mut Seed, usize, &Device, UnixMillis) -> Vec<Edit>,
    /// The territory and its store.
    pub server: Server,
    /// Everybody's devices.
    pub devices: Vec<Device>,
    /// For each device and direction, when its last frame arrives: a websocket keeps its order.
    arrivals: BTreeMap<(usize, bool), i64>,
}

impl World {
    /// A territory and `devices` devices, none of them connected.
    pub fn new(
        seed: u64,
        devices: usize,
        script: fn(&mut Seed, usize, &Device, UnixMillis) -> Vec<Edit>,
    ) -> Self {
        let mut chance = Seed::new(seed);
        let now = UnixMillis(MORNING);
        let territory = TerritoryId(chance.uuid(MORNING.unsigned_abs()));
        let server = Server::new(territory, &mut chance, now);
        let devices = (0..devices).map(|number| Device::new(number, territory, &mut chance)).collect();
        Self {
            seed: chance,
            now,
            order: 0,
            queue: BinaryHeap::new(),
            trouble: Trouble::NONE,
            script,
            server,
            devices,
            arrivals: BTreeMap::new(),
        }
    }

    /// Now, by the world's clock.
    pub fn now(&self) -> UnixMillis {
        self.now
    }

    fn at(&mut self, millis: i64, event: Event) {
        self.order += 1;
        self.queue.push(Reverse((millis, self.order, event)));
    }

    fn within(&mut self, low: u64, high: u64, event: Event) {
        let delay = self.seed.between(low, high);
        self.at(self.now.0 + delay.cast_signed(), event);
    }

    /// The device connects within this many milliseconds, and again after each loss, until it goes offline.
    pub fn connects(&mut self, device: usize, within_ms: u64) {
        self.device(device).wants_network = true;
        self.within(0, within_ms, Event::Dial(device));
    }

    /// Somebody edits on the device within this many milliseconds; people in one room edit in waves.
    pub fn acts(&mut self, device: usize, within_ms: u64) {
        let wave = self.seed.below(within_ms / WAVE_MS + 1) * WAVE_MS;
        self.within(wave, wave + WAVE_SPREAD_MS, Event::Act(device));
    }

    /// The device loses its connection within this many milliseconds; it comes back by itself.
    pub fn is_cut(&mut self, device: usize, within_ms: u64) {
        self.within(0, within_ms, Event::Cut(device));
    }

    /// The device is switched off and on within this many milliseconds.
    pub fn restarts(&mut self, device: usize, within_ms: u64) {
        self.within(0, within_ms, Event::Restart(device));
    }

    /// The server dies within this many milliseconds and is started again.
    pub fn server_crashes(&mut self, within_ms: u64) {
        self.within(0, within_ms, Event::CrashServer);
    }

    /// The device goes out of reach at once, until [`World::connects`].
    pub fn goes_offline(&mut self, device: usize) {
        self.device(device).wants_network = false;
        self.hang_up(device);
    }

    /// Runs until nothing is left to happen, or until `steps` events have happened: then something never settles.
    pub fn run_until_quiet(&mut self, steps: usize) {
        for _ in 0..steps {
            let Some(Reverse((at, _, event))) = self.queue.pop() else { return };
            self.now = UnixMillis(at.max(self.now.0));
            self.happen(event);
        }
        panic!("the world did not come to rest after {steps} events");
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Dial(device) => self.dial(device),
            Event::ToServer(device, connection, bytes) => self.reaches_server(device, connection, &bytes),
            Event::ToDevice(device, connection, bytes) => self.reaches_device(device, connection, &bytes),
            Event::Act(device) => self.act(device),
            Event::Cut(device) => self.cut(device),
            Event::Restart(device) => {
                self.hang_up(device);
                self.device(device).restart();
                self.redial(device);
            }
            Event::Merge => self.merge(),
            Event::Durable(batch) => self.durable(batch),
            Event::CrashServer => self.crash_server(),
            Event::StartServer => self.start_server(),
        }
    }

    fn device(&mut self, device: usize) -> &mut Device {
        self.devices.get_mut(device).expect("devices are numbered from 0")
    }

    fn act(&mut self, device: usize) {
        let now = self.now;
        let actor = self.devices.get(device).expect("devices are numbered from 0");
        let edits = (self.script)(&mut self.seed, device, actor, now);
        if let Some(frame) = self.device(device).edit(&edits, now) {
            self.send_to_server(device, frame);
        }
    }
}
