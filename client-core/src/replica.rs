//! One territory's document on this device. A mind: bytes in, bytes out.
//!
//! The document is the outbox: an edit is a change in it, and what the server does not have yet is found by comparing
//! heads, never by a queue of our own. The server names only heads that are on its disk, so [`Replica::waiting`]
//! counts exactly what would be lost with this device.
//!
//! Invariants:
//! - whoever calls keeps the bytes that [`Replica::edit`] and [`Replica::receive`] hand out before anything else is
//!   done, above all before anything is sent. If keeping fails, the replica is dropped and loaded again;
//! - every change made here has the one actor and the one author that were handed in;
//! - a device never makes the document: the roots are the server's, and there is nothing to edit before they came.

use std::collections::BTreeSet;

use automerge::sync::{Message, State, SyncDoc};
use automerge::{ActorId, Author, Automerge, AutomergeError, ChangeHash};
use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::schema::document;
use portrea_protocol::schema::write::{self, Edit, EditError};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::sync::peek;

pub mod crossing;

/// News in a row that are not answered, where the server can do without: enough to cost next to nothing, and few enough
/// that a device which was slow is not sent again what it has had for long.
const UNSAID_MAX: u32 = 63;

/// Why a replica could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The server's document has not come yet, so there is nothing to write into.
    #[error("the territory's document is not on this device yet; connect once before editing")]
    NoDocument,
    /// The edit is refused by the schema; nothing was written.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// What was kept on this device cannot be read.
    #[error("what is kept on this device cannot be read")]
    Kept(#[source] Box<AutomergeError>),
    /// The bytes are no sync message, or one that claims too much.
    #[error("the server's sync message cannot be read")]
    Malformed,
    /// A sync message came before [`Replica::connected`] or after [`Replica::disconnected`].
    #[error("a sync message came while not connected")]
    NotConnected,
    /// The changes of a sync message cannot be merged; the connection starts afresh.
    #[error("the server's changes cannot be merged")]
    Merge(#[source] Box<AutomergeError>),
}

/// The first message of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Whether the document is asked for, there being none here.
    pub request: bool,
    /// The sync message.
    pub data: Vec<u8>,
}

/// What a message of the server brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Changes to keep on the shelf, before the reply is sent.
    pub keep: Option<Vec<u8>>,
    /// The answer, if one is due.
    pub reply: Option<Vec<u8>>,
    /// Whether the document is another than before.
    pub changed: bool,
    /// Whether the server's durable heads are others than before.
    pub heads_moved: bool,
}

/// One territory's document, as one device holds it.
#[derive(Debug)]
pub struct Replica {
    territory: TerritoryId,
    author: ContributorId,
    actor: ActorId,
    doc: Automerge,
    /// The session with the server, while there is one.
    sync: Option<State>,
    /// Whether the server can do without answers that tell nothing new.
    sparing: bool,
    /// Answers left out since the last message to the server.
    unsaid: u32,
    /// What the server was last known to have on disk.
    server_heads: Vec<ChangeHash>,
    /// Changes made here that the server is not known to have on disk.
    waiting: BTreeSet<ChangeHash>,
    /// The heads up to which changes were handed out to be kept.
    kept: Vec<ChangeHash>,
}

impl Replica {
    /// A device that has not seen the document yet.
    pub fn empty(territory: TerritoryId, actor: ActorId, author: ContributorId) -> Self {
        Self::load(territory, actor, author, std::iter::empty(), Vec::new())
            .expect("a document of nothing can be loaded")
    }

    /// Opens what the shelf kept: the snapshot first, then everything handed out since, in that order.
    ///
    /// `server_heads` are those that [`Replica::server_heads`] last gave.
    pub fn load(
        territory: TerritoryId,
        actor: ActorId,
        author: ContributorId,
        chunks: impl IntoIterator<Item = Vec<u8>>,
        server_heads: Vec<ChangeHash>,
    ) -> Result<Self, ReplicaError> {
        let bytes = chunks.into_iter().reduce(|mut whole, chunk| {
            whole.extend_from_slice(&chunk);
            whole
        });
        let doc = document::load(&bytes.unwrap_or_default(), actor.clone()).map_err(kept)?;
        let mut replica = Self {
            territory,
            author,
            actor,
            kept: doc.get_heads(),
            doc,
            sync: None,
            sparing: false,
            unsaid: 0,
            server_heads,
            waiting: BTreeSet::new(),
        };
        replica.sign();
        replica.waiting = replica.own_beyond(&replica.known_server_heads());
        Ok(replica)
    }

    /// The territory whose document this is.
    pub fn territory(&self) -> TerritoryId {
        self.territory
    }

    /// Whether the server's document has come.
    pub fn has_document(&self) -> bool {
        // The very first change makes the roots, and every other builds on it: any change means all roots.
        !self.doc.get_heads().is_empty()
    }

    /// The document, to be read.
    pub fn doc(&self) -> &Automerge {
        &self.doc
    }

    /// The document's heads here, ascending.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.doc.get_heads()
    }

    /// The heads that the server was last known to have on disk; the shelf keeps them across restarts.
    pub fn server_heads(&self) -> &[ChangeHash] {
        &self.server_heads
    }

    /// How many changes made here the server is not known to have on disk.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a change made here is not known to be in the server's document.
    pub fn waits_for(&self, change: &ChangeHash) -> bool {
        self.waiting.contains(change)
    }

    /// Whether everything that waits was sent in this session.
    pub fn has_sent_all(&self) -> bool {
        let sent = self.sync.as_ref().map(|state| &state.sent_hashes);
        sent.is_some_and(|sent| self.waiting.iter().all(|hash| sent.contains(hash)))
    }

    /// Whether the server said that it takes nothing from this device.
    pub fn is_read_only(&self) -> bool {
        self.sync.as_ref().is_some_and(State::is_peer_read_only)
    }

    /// Whether there is a session with the server.
    pub fn is_connected(&self) -> bool {
        self.sync.is_some()
    }

    /// The whole document, saved.
    pub fn snapshot(&self) -> Vec<u8> {
        self.doc.save()
    }

    /// Saves the document and opens it again from that, the session staying as it is: what automerge piled up in
    /// memory goes. Gives the saved document, to be kept.
    pub fn renew(&mut self) -> Result<Vec<u8>, ReplicaError> {
        let snapshot = self.doc.save();
        self.doc = document::load(&snapshot, self.actor.clone()).map_err(kept)?;
        self.sign();
        self.kept = self.doc.get_heads();
        Ok(snapshot)
    }

    /// Writes a group of edits as one change, all of them or none. Gives the bytes to keep; `None` when nothing differed.
    pub fn edit(&mut self, edits: &[Edit], now: UnixMillis) -> Result<Option<Vec<u8>>, ReplicaError> {
        if !self.has_document() {
            return Err(ReplicaError::NoDocument);
        }
        let Some(hash) = write::perform(&mut self.doc, edits, now)? else { return Ok(None) };
        self.waiting.insert(hash);
        Ok(self.unkept())
    }

    /// Begins a session with the server and gives its first message.
    ///
    /// What both had when they last spoke is told rather than proven again with a filter over the whole history; a
    /// server that lost it says so, and automerge then starts from nothing. `sparing` when the server can do without
    /// answers that tell nothing new.
    pub fn connected(&mut self, sparing: bool) -> Greeting {
        (self.sparing, self.unsaid) = (sparing, 0);
        let mut state = State { shared_heads: self.known_server_heads(), ..State::new() };
        let data = self
            .doc
            .generate_sync_message(&mut state)
            .map(Message::encode)
            .expect("the first message of a session is always due");
        self.sync = Some(state);
        Greeting { request: !self.has_document(), data }
    }

    /// Ends the session. What was not acknowledged is sent again in the next one.
    pub fn disconnected(&mut self) {
        self.sync = None;
    }

    /// Takes a message of the server.
    ///
    /// After an error the session is of no use any more: disconnect and greet afresh.
    pub fn receive(&mut self, data: &[u8]) -> Result<Received, ReplicaError> {
        let (received, asked) = self.absorb(data)?;
        let reply = if !asked && self.can_stay_silent() { None } else { self.poll_send() };
        Ok(Received { reply, ..received })
    }

    /// Takes a message of the server without an answer; tells whether one was asked for.
    pub fn absorb(&mut self, data: &[u8]) -> Result<(Received, bool), ReplicaError> {
        let said = peek(data).ok_or(ReplicaError::Malformed)?;
        let (heads, asked) = (said.hashes(), said.needs > 0);
        let message = Message::decode(data).map_err(|_| ReplicaError::Malformed)?;
        let state = self.sync.as_mut().ok_or(ReplicaError::NotConnected)?;
        let was_empty = self.doc.get_heads().is_empty();
        self.doc.receive_sync_message(state, message).map_err(merge)?;
        // Changes go up one by one, whatever the server could take: a whole document cannot be attributed.
        state.their_capabilities = None;
        if was_empty {
            self.open_first()?;
        }
        let keep = self.unkept();
        let heads_moved = self.server_heads != heads;
        self.server_heads = heads;
        self.settle();
        Ok((Received { changed: keep.is_some(), keep, reply: None, heads_moved }, asked))
    }

    /// Whether an answer would only tell the server its own heads, and may be left out.
    fn can_stay_silent(&mut self) -> bool {
        let silent = self.sparing && self.unsaid < UNSAID_MAX && self.server_heads == self.doc.get_heads();
        self.unsaid += u32::from(silent);
        silent
    }

    /// The message that is due to the server: local edits, or an answer. Called once after each edit while connected.
    pub fn poll_send(&mut self) -> Option<Vec<u8>> {
        let state = self.sync.as_mut()?;
        self.unsaid = 0;
        self.doc.generate_sync_message(state).map(Message::encode)
    }

    /// automerge draws a new actor when an author is set, so the author comes first and the actor second.
    fn sign(&mut self) {
        let author = Author::from(self.author.0.as_bytes().to_vec());
        self.doc.set_author(Some(author)).set_actor(self.actor.clone());
    }

    /// The first changes replaced automerge's whole document: it is signed and cut again.
    fn open_first(&mut self) -> Result<(), ReplicaError> {
        document::spread(&mut self.doc).map_err(merge)?;
        self.sign();
        Ok(())
    }

    /// Changes that were not handed out yet: a whole save the first time, loose changes afterwards.
    fn unkept(&mut self) -> Option<Vec<u8>> {
        let heads = self.doc.get_heads();
        if heads == self.kept {
            return None;
        }
        let bytes = if self.kept.is_empty() { self.doc.save() } else { self.doc.save_after(&self.kept) };
        self.kept = heads;
        Some(bytes)
    }

    fn known_server_heads(&self) -> Vec<ChangeHash> {
        let known = |hash: &&ChangeHash| self.doc.get_change_meta_by_hash(hash).is_some();
        self.server_heads.iter().filter(known).copied().collect()
    }

    /// Own changes that `heads` do not contain.
    fn own_beyond(&self, heads: &[ChangeHash]) -> BTreeSet<ChangeHash> {
        let own = |actor: &ActorId| *actor == self.actor;
        self.doc
            .get_changes_meta(heads)
            .into_iter()
            .filter(|change| own(&change.actor))
            .map(|change| change.hash)
            .collect()
    }

    /// Forgets waiting changes that the server now has on disk. Costs nothing while none waits.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let known = self.known_server_heads();
        self.waiting = if known == self.doc.get_heads() { BTreeSet::new() } else { self.own_beyond(&known) };
    }
}

fn kept(error: AutomergeError) -> ReplicaError {
    ReplicaError::Kept(Box::new(error))
}

fn merge(error: AutomergeError) -> ReplicaError {
    ReplicaError::Merge(Box::new(error))
}

#[cfg(test)]
mod tests;
