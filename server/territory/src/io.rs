//! What goes into a territory and what comes out of it, as values.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::{ActorId, AutomergeError, ChangeHash};
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{PeerId, StorageId, TerritoryId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::write::{Edit, EditError};
use portrea_protocol::wire::quarantine::Decision;
use portrea_protocol::wire::refusal::Refusal;

use crate::chunk::{Batch, Kept, Snapshot};
use crate::saving::{Saved, Saving};

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// A peer joined on an authenticated connection.
    Connected {
        /// The peer.
        peer: PeerId,
        /// Who is signed in.
        person: Person,
        /// The peer's storage, if it keeps anything.
        storage: Option<StorageId>,
    },
    /// A sync message about this territory's document.
    Message {
        /// The peer.
        peer: PeerId,
        /// automerge's sync message.
        data: Vec<u8>,
    },
    /// The peer wants to hear of storages' heads, or no longer.
    Subscribe {
        /// The peer.
        peer: PeerId,
        /// Storages to hear of.
        add: Vec<StorageId>,
        /// Storages to hear of no longer.
        remove: Vec<StorageId>,
    },
    /// A message of presence, passed on and not kept.
    Ephemeral {
        /// The peer.
        peer: PeerId,
        /// The rest of the frame, opaque.
        message: Arc<Presence>,
    },
    /// The queue of a peer that fell behind drained: it is brought up to date from the heads it last told.
    Drained {
        /// The peer.
        peer: PeerId,
    },
    /// The connection ended.
    Disconnected {
        /// The peer.
        peer: PeerId,
    },
    /// Edits made on the server: an import, a form.
    Command {
        /// Numbers the command, for its answer.
        ticket: u64,
        /// Who asks.
        person: Person,
        /// What is to be written, all or nothing.
        edits: Vec<Edit>,
        /// The event of the feed that this goes back on.
        reverts: Option<u64>,
    },
    /// Somebody decides about a change that was not merged.
    Decide {
        /// Numbers the decision, for its answer.
        ticket: u64,
        /// Who decides.
        person: Person,
        /// The change.
        change: ChangeHash,
        /// What is decided.
        decision: Decision,
        /// Whether those that it builds on and that wait as well are accepted with it.
        through: bool,
    },
    /// Somebody signed in on a new device.
    Joined {
        /// Who.
        person: Person,
    },
    /// The territory's statistics were replaced.
    Statistics(Box<Statistics>),
    /// What `Outcome::saving` asked to have saved.
    Saved(Box<Saved>),
    /// Nothing else is waiting: a good moment for upkeep.
    Tick,
}

impl Input {
    /// The peer that it is about, if it is about one.
    pub fn peer(&self) -> Option<&PeerId> {
        match self {
            Self::Connected { peer, .. }
            | Self::Message { peer, .. }
            | Self::Subscribe { peer, .. }
            | Self::Ephemeral { peer, .. }
            | Self::Drained { peer }
            | Self::Disconnected { peer } => Some(peer),
            Self::Command { .. }
            | Self::Decide { .. }
            | Self::Joined { .. }
            | Self::Statistics(_)
            | Self::Saved(_)
            | Self::Tick => None,
        }
    }
}

/// A message of presence.
#[derive(Debug, PartialEq, Eq)]
pub struct Presence {
    /// Counts the sender's messages in its session.
    pub count: u64,
    /// The sender's session.
    pub session: String,
    /// Who sent it first.
    pub sender: PeerId,
    /// The content, opaque.
    pub data: Vec<u8>,
}

/// What is sent to peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A sync message for a peer that is dealt with by itself.
    Sync(Arc<[u8]>),
    /// What was merged, encoded once for all steady peers. Whoever answers with the heads that it tells, and nothing
    /// more, need not be heard.
    News(Arc<[u8]>),
    /// Heads that storages have.
    Heads(Arc<BTreeMap<StorageId, Vec<ChangeHash>>>),
    /// A message of presence.
    Presence(Arc<Presence>),
    /// Something in the quarantine of the person who is signed in is another than before. For whoever agreed to hear it.
    Quarantine,
}

impl Reply {
    /// The sync message, if it is one.
    pub fn sync(&self) -> Option<&Arc<[u8]>> {
        match self {
            Self::Sync(message) | Self::News(message) => Some(message),
            Self::Heads(_) | Self::Presence(_) | Self::Quarantine => None,
        }
    }
}

/// What must be done, in this order: persist, then send and refuse and answer, then publish, then save.
#[derive(Debug, Default)]
pub struct Outcome {
    /// To be kept before anything else; the feed rows in it are to be published last.
    pub persist: Batch,
    /// A snapshot to be kept, after `persist`.
    pub snapshot: Option<Snapshot>,
    /// A document to be saved while the territory goes on, and given back as `Input::Saved`.
    pub saving: Option<Saving>,
    /// What to send, and to whom.
    pub send: Vec<(Vec<PeerId>, Reply)>,
    /// Peers to turn away.
    pub refuse: Vec<(PeerId, Refusal)>,
    /// Answers to commands: the number of edits' change, or why nothing was written.
    pub answers: Vec<(u64, Result<Option<ChangeHash>, EditError>)>,
    /// Answers to decisions: their number, or why it is not so.
    pub decided: Vec<(u64, Result<(), Undecided>)>,
}

/// Why a decision about a change that was not merged does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// There is no such change.
    #[error("there is no such change in quarantine")]
    NotFound,
    /// Whoever decides may not.
    #[error("this person may not decide about the change")]
    NotAllowed,
    /// It does not wait any more.
    #[error("the change does not wait any more")]
    Closed,
    /// It builds on others that wait, and cannot do without them.
    #[error("the change builds on others that wait; they come first")]
    NeedsOthers,
}

/// What a territory is opened with.
#[derive(Debug)]
pub struct Opening {
    /// The territory.
    pub id: TerritoryId,
    /// The actor for changes made on the server; fresh each time.
    pub actor: ActorId,
    /// The server's storage, whose heads are durable.
    pub storage: StorageId,
    /// What the store kept.
    pub kept: Kept,
    /// Communes and figures.
    pub statistics: Statistics,
}

/// Why a territory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no document.
    #[error("the territory has no document that can be read")]
    NoDocument,
    /// The document cannot be read.
    #[error("the territory's document cannot be read: {0}")]
    Document(#[from] AutomergeError),
}
