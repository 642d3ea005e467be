//! What passes between a keeper and those around it: what it is told, and what it sends.

use automerge::ChangeHash;
use portrea_protocol::ids::{PeerId, StorageId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::write::{Edit, EditError};
use portrea_protocol::wire::quarantine::Decision;
use portrea_protocol::wire::refusal::Refusal;
use portrea_territory::io::{Input, Reply, Undecided};
use portrea_territory::territory::Territory;
use tokio::sync::{mpsc, oneshot};

/// What a session's connection is sent.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// A reply of the territory.
    Reply(Reply),
    /// Why the peer is turned away; the connection closes after it.
    Refuse(Refusal),
}

/// A reading of the territory, run between two batches.
pub type Reading = Box<dyn FnOnce(&Territory) + Send>;

/// What a keeper is told.
pub enum Told {
    /// Something happened.
    Input(Input),
    /// A peer joined; its replies go down this channel.
    Join {
        /// The peer.
        peer: PeerId,
        /// The connection, for a peer may connect again before its old connection ends.
        connection: u64,
        /// Who is signed in.
        person: Person,
        /// The peer's storage.
        storage: Option<StorageId>,
        /// Where its replies go.
        outbox: mpsc::Sender<Outgoing>,
    },
    /// A connection ended.
    Leave {
        /// The peer.
        peer: PeerId,
        /// The connection that ended.
        connection: u64,
    },
    /// Edits to be made on the server.
    Command {
        /// Who asks.
        person: Person,
        /// What is to be written.
        edits: Vec<Edit>,
        /// The event of the feed that this goes back on.
        reverts: Option<u64>,
        /// Where the answer goes, once it is durable.
        answer: oneshot::Sender<Result<Option<ChangeHash>, EditError>>,
    },
    /// Somebody decides about a change that was not merged.
    Decide {
        /// Who decides.
        person: Person,
        /// The change.
        change: ChangeHash,
        /// What is decided.
        decision: Decision,
        /// Whether those that it builds on and that wait as well are accepted with it.
        through: bool,
        /// Where the answer goes, once it is durable.
        answer: oneshot::Sender<Result<(), Undecided>>,
    },
    /// The server stops: the figures of the day are kept, as they are when a territory that nobody needs is let go.
    Rest(oneshot::Sender<()>),
    /// Somebody wants to read.
    Read(Reading),
    /// The territory is let go of: something else is done with what is kept of it.
    End,
}
