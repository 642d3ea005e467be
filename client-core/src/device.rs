//! A device that works: the hand that drives replica, link and shelf over a websocket.
//!
//! 1. [`Device`]: opened, edited, synchronised once.
//! 2. [`serve`]: the same, continuously, behind a handle.
//! 3. [`clock`]: the only reader of time and randomness. `socket`: the websocket. `drive`: one step after the other.
//!    `moving`: to another document of the territory.
//!
//! Order, always: changes are kept, then sent, then told. When keeping fails, the replica is dropped and read again
//! from the shelf, so that nothing unkept is ever sent or built upon.

use std::path::Path;
use std::time::Duration;

use portrea_protocol::policy;
use portrea_protocol::schema::write::{Edit, EditError};
use portrea_protocol::wire::refusal::Refusal;
use tokio::sync::watch;

use crate::link::{Event, Link, Phase};
use crate::replica::{Replica, ReplicaError};
use crate::shelf::disk::DiskShelf;
use crate::shelf::identity::{Identity, Role, Token};
use crate::shelf::{Crossed, Kept, ServerKnown, Shelf, ShelfError};
use crate::status::{Facts, State, Status};

pub mod clock;
mod drive;
mod moving;
pub mod serve;
mod socket;

use clock::Clock;
use drive::Line;
use moving::Moving;

/// Loose changes after which the whole document is kept anew: opening reads few of them, and memory stays small.
pub const COMPACT_AFTER: usize = 100;

/// Why a device could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The shelf.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The replica.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// A reader reads.
    #[error("a reader does not edit")]
    Reader,
    /// The device was stopped.
    #[error("the device was stopped")]
    Stopped,
}

/// How long the server may be silent, once everything was sent, until what waits counts as set aside.
const LEFT_OUT_QUIET: Duration = Duration::from_secs(1);

/// A device.
pub struct Device {
    identity: Identity,
    shelf: Box<dyn Shelf>,
    replica: Replica,
    /// Whether the replica may hold what the shelf does not; it is read again before anything else.
    stale: bool,
    link: Link,
    line: Line,
    /// The document that the territory goes on in, on its way here.
    moving: Option<Moving>,
    /// How this device came to the document that is here, unless it is the territory's first.
    crossed: Option<Crossed>,
    has_moved: bool,
    answered: Answered,
    known: ServerKnown,
    /// Whether `known` is newer than the shelf's note of it.
    unnoted: bool,
    /// Why keeping last failed, until somebody is told.
    trouble: Option<DeviceError>,
    clock: Clock,
    status: watch::Sender<Status>,
}

impl Device {
    /// Opens the device kept in a directory, waiting for another process that works there.
    pub fn open(dir: &Path) -> Result<Self, DeviceError> {
        let (shelf, identity) = DiskShelf::open(dir)?;
        Self::new(identity, Box::new(shelf))
    }

    /// Makes a device in a directory.
    pub fn create(dir: &Path, identity: Identity) -> Result<Self, DeviceError> {
        let shelf = DiskShelf::create(dir, &identity)?;
        Self::new(identity, Box::new(shelf))
    }

    /// A device on any shelf.
    pub fn new(identity: Identity, mut shelf: Box<dyn Shelf>) -> Result<Self, DeviceError> {
        let kept = shelf.read()?;
        let replica = load(&identity, &kept)?;
        let known = kept.server;
        let status = Status::new(&identity.server, facts(Phase::Offline, &replica, &known), Clock::now());
        let mut device = Self {
            identity,
            shelf,
            replica,
            stale: false,
            link: Link::default(),
            line: Line::None,
            moving: None,
            crossed: kept.crossed,
            has_moved: false,
            answered: Answered::Nothing,
            known,
            unnoted: false,
            trouble: None,
            clock: Clock::start(),
            status: watch::Sender::new(status),
        };
        device.identity.document = device.document().url();
        device.compact();
        Ok(device)
    }

    /// Who this device is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The territory's document, as this device has it.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// What is known of the server.
    pub fn known(&self) -> &ServerKnown {
        &self.known
    }

    /// What is safe and what is not.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// The status, as it changes.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Writes a group of edits, all or none. They are on the shelf when it returns; false when nothing differed.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<bool, DeviceError> {
        if self.identity.role == Role::Reader {
            return Err(DeviceError::Reader);
        }
        // The server would keep it for the référent·e to decide about.
        if edits.iter().any(|edit| policy::allows(self.identity.role.into(), edit).is_err()) {
            return Err(ReplicaError::Edit(EditError::NotAllowed).into());
        }
        self.freshen()?;
        let Some(changes) = self.replica.edit(edits, Clock::now())? else { return Ok(false) };
        self.keep(&changes)?;
        self.tell_status();
        Ok(true)
    }

    /// Synchronises with the server and hangs up: at most `within`, and no longer than it takes.
    ///
    /// An unreachable server is no error, it is a status. The error is the shelf's.
    pub async fn sync_once(&mut self, within: Duration) -> Result<Status, DeviceError> {
        self.freshen()?;
        let deadline = self.clock.at(self.clock.elapsed() + within);
        self.tell(Event::Start).await;
        while !self.is_done() {
            // What the server wrote before it had everything may still be under way.
            let quiet = self.clock.at(self.clock.elapsed() + LEFT_OUT_QUIET);
            let until = if self.was_left_out() { quiet.min(deadline) } else { deadline };
            let Ok(input) = tokio::time::timeout_at(until, self.input()).await else { break };
            self.deal(input).await;
        }
        // What was found while connected is told, and not that we hung up afterwards.
        let reached = self.link.phase() == Phase::Live && self.replica.waiting() == 0;
        let phase = if reached { Phase::Live } else { Phase::BackingOff };
        self.hang_up().await;
        self.note_server();
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let status = self.status().next(facts(phase, &self.replica, &self.known), Clock::now());
        self.status.send_replace(status.clone());
        Ok(status)
    }

    /// Whether the server said anything when this device last spoke with it.
    pub fn was_answered(&self) -> bool {
        self.answered != Answered::Nothing
    }

    /// Takes the next token of its sign-in: kept first, then shown to the server.
    pub fn take_token(&mut self, token: Token) -> Result<(), DeviceError> {
        let identity = Identity { token, token_at: Some(Clock::now()), ..self.identity.clone() };
        self.shelf.rename(&identity)?;
        self.identity = identity;
        Ok(())
    }

    /// Whether the server, when this device last spoke with it, had everything and merged not all of it.
    pub fn was_left_out(&self) -> bool {
        self.answered == Answered::Part
    }

    /// Whether there is nothing left to exchange, or nothing to hope for.
    fn is_done(&self) -> bool {
        match self.link.phase() {
            Phase::Offline | Phase::BackingOff | Phase::SignedOut => true,
            Phase::Dialling | Phase::Greeting => false,
            Phase::Live => {
                let same =
                    self.answered != Answered::Nothing && self.replica.heads() == self.replica.server_heads();
                (same && self.moving.is_none())
                    || self.trouble.is_some()
                    || (self.replica.is_read_only() && self.replica.waiting() > 0)
            }
        }
    }

    /// Keeps changes; when that fails, the replica is read again without them.
    fn keep(&mut self, changes: &[u8]) -> Result<(), DeviceError> {
        if let Err(error) = self.shelf.keep(changes) {
            self.stale = true;
            let _ = self.freshen();
            return Err(error.into());
        }
        self.compact();
        Ok(())
    }

    /// Keeps the whole document anew when loose changes piled up. That it fails is no loss: they stand as they are.
    fn compact(&mut self) {
        if self.shelf.loose() < COMPACT_AFTER {
            return;
        }
        let compacted = self
            .replica
            .renew()
            .map_err(DeviceError::from)
            .and_then(|whole| Ok(self.shelf.compact(&whole)?));
        if let Err(error) = compacted {
            tracing::warn!(%error, "not compacted");
        }
    }

    /// Reads the replica again when it may hold what the shelf does not.
    fn freshen(&mut self) -> Result<(), DeviceError> {
        if self.stale {
            self.replica = load(&self.identity, &self.shelf.read()?)?;
            self.stale = false;
        }
        Ok(())
    }

    /// Takes over what the server said it has on disk.
    fn learn_server(&mut self) {
        let had = self.status.borrow().waiting;
        self.known.heads = self.replica.server_heads().to_vec();
        self.known.at = Some(Clock::now());
        self.unnoted = true;
        if self.replica.waiting() < had {
            self.known.refused = None;
        }
        if self.replica.waiting() == 0 && had > 0 {
            self.note_server();
        }
    }

    fn learn_refusal(&mut self, code: &str) {
        if code == Refusal::SignedOut.code() {
            self.known.signed_out = true;
        } else if ABOUT_CONTENT.iter().any(|refusal| refusal.code() == code) {
            self.known.refused = Some(code.to_owned());
        } else {
            return;
        }
        self.unnoted = true;
    }

    /// Writes the note of the server. That it fails costs a few bytes next time, and is not worth a word.
    fn note_server(&mut self) {
        if self.unnoted {
            self.unnoted = self.shelf.note(&self.known).is_err();
        }
    }

    fn tell_status(&self) {
        let facts = facts(self.link.phase(), &self.replica, &self.known);
        self.status.send_if_modified(|status| {
            let next = status.next(facts, Clock::now());
            let moved = next != *status;
            *status = next;
            moved
        });
    }

    /// Whether the server is known not to know this device any more.
    pub fn is_signed_out(&self) -> bool {
        self.status().state == State::SignedOut
    }
}

/// What the server said in this session of what it has on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// Nothing yet.
    Nothing,
    /// Something; more may be under way.
    Something,
    /// Something after everything was sent, which leaves some of that out.
    Part,
}

/// Refusals that concern what this device wrote, and not how it spoke.
const ABOUT_CONTENT: [Refusal; 4] =
    [Refusal::MalformedChange, Refusal::ChangeTooLarge, Refusal::FrameTooLarge, Refusal::SequenceReused];

fn load(identity: &Identity, kept: &Kept) -> Result<Replica, ReplicaError> {
    Replica::load(
        identity.territory,
        identity.actor.clone(),
        identity.contributor,
        kept.chunks(),
        kept.server.heads.clone(),
    )
}

fn facts<'a>(phase: Phase, replica: &Replica, known: &'a ServerKnown) -> Facts<'a> {
    Facts {
        phase: if known.signed_out { Phase::SignedOut } else { phase },
        has_document: replica.has_document(),
        waiting: replica.waiting(),
        refused: known.refused.as_deref(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
