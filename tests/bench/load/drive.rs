//! The loads: many clients that edit, a burst, a storm of reconnections, cold starts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use automerge::Automerge;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, timeout, timeout_at};

use crate::attack;
use crate::base::{Author, Base, Draw};
use crate::client::{Client, Part, World};
use crate::cold::fetch;
use crate::minutes::{self, Minute};
use crate::socket::Door;
use crate::tally::Tally;
use crate::thin::Thin;
use crate::times::Times;

/// A row is cut off this long after its beginning, a longer one [`GRACE`] after its last edit is due.
pub(crate) const CUT_OFF: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(20);
/// A walk goes through the whole document.
const WALK_CUT_OFF: Duration = Duration::from_secs(180);
/// How long all clients may take to connect before the row begins.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// Edits of one client in a burst that the server has not acknowledged yet, at most.
pub(crate) const WINDOW: usize = 16;
/// The same for the one client of a walk, which is to be fast and not to drown the server.
const WALKER_WINDOW: usize = 256;

/// A document that is served, and who may come in.
pub(crate) struct Place {
    /// Where.
    pub(crate) door: Door,
    /// The document.
    pub(crate) base: Rc<Base>,
    /// A token for each client, where one is needed.
    pub(crate) tokens: Vec<String>,
}

/// What clients do to a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Load {
    /// Each edits a field a second.
    Steady { clients: usize, seconds: u32 },
    /// The same, while others try to be in the way.
    Besieged { clients: usize, seconds: u32 },
    /// So many edits in all, as fast as they go.
    Burst { clients: usize, edits: u32 },
    /// All connect at once, with so many offline edits each.
    Storm { clients: usize, edits: u32 },
    /// One after the other connects with nothing.
    Cold { clients: usize },
    /// One writes, in the order of the records, and `listeners` listen.
    Walk { edits: u32, listeners: usize },
}

impl Load {
    /// How many may come in that are none of its clients.
    pub(crate) fn intruders(self) -> usize {
        if matches!(self, Self::Besieged { .. }) { attack::INTRUDERS } else { 0 }
    }

    /// For how long edits are due.
    pub(crate) fn lasts(self) -> Duration {
        match self {
            Self::Steady { seconds, .. } | Self::Besieged { seconds, .. } => {
                Duration::from_secs(seconds.into())
            }
            Self::Burst { .. } | Self::Storm { .. } | Self::Cold { .. } | Self::Walk { .. } => Duration::ZERO,
        }
    }

    /// When it is cut off, from its beginning.
    fn cut_off(self) -> Duration {
        if matches!(self, Self::Walk { .. }) { WALK_CUT_OFF } else { CUT_OFF.max(self.lasts() + GRACE) }
    }

    /// How many clients it takes.
    pub(crate) fn clients(self) -> usize {
        match self {
            Self::Steady { clients, .. }
            | Self::Besieged { clients, .. }
            | Self::Burst { clients, .. }
            | Self::Storm { clients, .. }
            | Self::Cold { clients } => clients,
            Self::Walk { listeners, .. } => 1 + listeners,
        }
    }
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) times: Times,
    /// Pairs of edit and client, or cold clients.
    pub(crate) expected: u64,
    /// Edits that everybody saw, or clients that were served.
    pub(crate) complete: u64,
    /// From the beginning to the last of those, or to the end.
    pub(crate) seconds: f64,
    /// What a cold client is sent.
    pub(crate) bytes: Option<u64>,
    /// Of a long row.
    pub(crate) minutes: Vec<Minute>,
    /// Frames that all clients were sent, and their answers to them, edits included.
    pub(crate) frames: (u64, u64),
    /// Clients that agreed with the server to be sparing.
    pub(crate) sparing: usize,
    pub(crate) failures: Vec<String>,
}

/// Told when a row's measured time begins and ends.
pub(crate) trait Gauge {
    /// It begins now.
    fn begin(&self);
    /// It ended.
    fn end(&self);
    /// The server's memory now.
    fn resident_bytes(&self) -> f64;
}

/// Plays a load on places that share its clients. `life` tells the changes of this row from others' on the same data.
pub(crate) async fn play(
    places: &[Place],
    load: Load,
    life: u8,
    gauge: &dyn Gauge,
) -> Result<Outcome, String> {
    if let Load::Cold { clients } = load {
        return cold(&places[0], clients, gauge).await;
    }
    LocalSet::new().run_until(edits(places, load, life, gauge)).await
}

async fn edits(places: &[Place], load: Load, life: u8, gauge: &dyn Gauge) -> Result<Outcome, String> {
    let clients = load.clients() / places.len();
    let others = u64::try_from(clients).expect("few clients") - 1;
    let tally = Tally::new(total(load) * others);
    let (start, started) = watch::channel(None);
    let mut all = Vec::new();
    for place in places {
        let graph = RefCell::new(place.base.graph());
        let world = Rc::new(World { graph, others: u32::try_from(others).expect("few clients") });
        let heads: Vec<_> =
            place.base.heads.iter().filter_map(|it| world.graph.borrow().find(&it.0)).collect();
        let draw = if place.door.sparing { Draw::ByTime } else { Draw::Random };
        for number in 0..clients {
            let slots = match load {
                Load::Walk { .. } => place.base.phones.clone(),
                Load::Steady { .. }
                | Load::Besieged { .. }
                | Load::Burst { .. }
                | Load::Storm { .. }
                | Load::Cold { .. } => {
                    place.base.fields.iter().skip(number).step_by(clients).cloned().collect()
                }
            };
            let mind = (Thin::new(&heads), Author::new(life, number, draw, slots));
            let part = part(load, number, all.len());
            all.push((place, number, Client::new((&world, &tally), mind, part, started.clone())));
        }
    }
    if let Load::Storm { edits, .. } = load {
        // Whoever began to write first does not come back first.
        for at in 0..all.len() {
            let at = at * 7_919 % all.len();
            all[at].2.prepare(edits);
        }
        gauge.begin();
    }
    let mut running = JoinSet::new();
    let mut siege = None;
    let mut began = Instant::now();
    let worlds: Vec<Rc<World>> = all.iter().map(|(_, _, client)| Rc::clone(&client.world)).collect();
    for world in &worlds {
        world.graph.borrow_mut().made_now();
    }
    for (place, number, client) in all {
        let token = place.tokens.get(number).cloned();
        running.spawn_local(client.run(place.door.clone(), token, format!("client-{life}-{number}")));
    }
    if !matches!(load, Load::Storm { .. }) {
        if timeout(CONNECT_WITHIN, tally.until_ready(worlds.len())).await.is_err() {
            // They go on trying, and what they do not get counts as not seen.
            tally.late();
        }
        tally.forget_frames();
        if matches!(load, Load::Besieged { .. }) {
            siege = Some(attack::begin(&places[0].door, &places[0].tokens).await);
        }
        gauge.begin();
        began = Instant::now();
        start.send_replace(Some(began));
    }
    let mut minutes = Vec::new();
    let seen = async {
        // An error means that the row is cut off.
        drop(timeout_at(began + load.cut_off(), tally.until_all_seen()).await);
    };
    tokio::select! {
        () = seen => {}
        () = minutes::watch(began, &tally, || gauge.resident_bytes(), &mut minutes), if load.lasts() >= minutes::LONG => {}
    }
    gauge.end();
    let failures = tally.failures();
    drop(siege);
    running.abort_all();
    while running.join_next().await.is_some() {}
    let (complete, last) = tally.complete();
    let last = last.map_or_else(Instant::now, Instant::from_std);
    let seconds = last.duration_since(began).as_secs_f64();
    let times = tally.times.borrow().clone();
    let (expected, frames, sparing) = (tally.expected, tally.frames(), tally.sparing());
    Ok(Outcome { times, expected, complete, seconds, bytes: None, minutes, frames, sparing, failures })
}

/// Edits of all clients together.
fn total(load: Load) -> u64 {
    let count = |clients: usize| u64::try_from(clients).expect("few clients");
    match load {
        Load::Steady { clients, seconds } | Load::Besieged { clients, seconds } => {
            count(clients) * u64::from(seconds)
        }
        Load::Burst { clients, edits } => count(clients) * u64::from(each(edits, clients)),
        Load::Storm { clients, edits } => count(clients) * u64::from(edits),
        Load::Walk { edits, .. } => edits.into(),
        Load::Cold { .. } => 0,
    }
}

fn each(edits: u32, clients: usize) -> u32 {
    edits / u32::try_from(clients).expect("few clients")
}

fn part(load: Load, number: usize, of_all: usize) -> Part {
    match load {
        Load::Steady { clients, seconds } | Load::Besieged { clients, seconds } => {
            let offset = Duration::from_secs_f64(of_all as f64 / clients as f64);
            Part::Steady { offset, edits: seconds }
        }
        Load::Burst { clients, edits } => Part::Window { edits: each(edits, clients), window: WINDOW },
        Load::Walk { edits, .. } if number == 0 => Part::Window { edits, window: WALKER_WINDOW },
        Load::Walk { .. } | Load::Storm { .. } | Load::Cold { .. } => Part::Listen,
    }
}

/// Clients with nothing, one after the other: from dialling to the last byte of the document. They do not load it, for
/// that is the client's time; the first one's is looked at afterwards.
async fn cold(place: &Place, clients: usize, gauge: &dyn Gauge) -> Result<Outcome, String> {
    let mut times = Times::default();
    let (mut complete, mut bytes) = (0, 0);
    let began = Instant::now();
    gauge.begin();
    for number in 0..clients {
        let dialled = Instant::now();
        let token = place.tokens.get(number).map(String::as_str);
        let fetched = timeout(CUT_OFF, fetch(&place.door, token, format!("cold-{number}"))).await;
        let (heads, chunks, sent) = fetched.map_err(|_| "the document did not come".to_owned())??;
        times.add(u64::try_from(dialled.elapsed().as_micros()).unwrap_or(u64::MAX), 1);
        bytes = sent;
        let is_whole = number > 0 || {
            let doc = Automerge::load(&chunks.concat()).map_err(|error| error.to_string())?;
            doc.get_heads() == place.base.heads
        };
        complete += u64::from(is_whole && heads == place.base.heads);
        if began.elapsed() > CUT_OFF {
            break;
        }
    }
    gauge.end();
    let seconds = began.elapsed().as_secs_f64();
    let expected = u64::try_from(clients).expect("few clients");
    let (bytes, frames, sparing, failures) = (Some(bytes), (0, 0), 0, Vec::new());
    let minutes = Vec::new();
    Ok(Outcome { times, expected, complete, seconds, bytes, minutes, frames, sparing, failures })
}
