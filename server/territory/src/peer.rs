//! Where each peer stands in the sync protocol.
//!
//! A peer begins `Fresh` and becomes `Steady` once every head it has is ours and everything we have was sent: at once if we
//! know its heads, else through automerge's own state machine. A steady peer costs one message a merge, the same for all, and
//! its answers are read without decoding anything beyond their heads. A peer that turns out to lack something falls back.
//!
//! A peer that was answered and has yet to send its own changes hears of merges as steady ones do: what it lacks was
//! in the answer. Were it answered anew after each merge, two hundred devices that come back at once would cost the
//! square of that.

use std::collections::BTreeSet;

use automerge::sync::{Message, State, SyncDoc};
use automerge::{Automerge, ChangeHash};
use portrea_protocol::ids::StorageId;
use portrea_protocol::people::Person;
use portrea_protocol::wire::sync;

use crate::merge::{Pending, has_all};
use crate::quarantine::Quarantine;

/// The most storages that one peer may ask to hear of.
pub const SUBSCRIPTIONS_MAX: usize = 64;

/// A connected peer.
#[derive(Debug)]
pub struct Peer {
    /// Who is signed in on the connection.
    pub person: Person,
    /// The peer's storage, if it keeps anything.
    pub storage: Option<StorageId>,
    /// Storages whose heads it wants to hear of.
    pub subscriptions: BTreeSet<StorageId>,
    /// Where it stands.
    pub standing: Standing,
    /// The heads it last told.
    pub heads: Vec<ChangeHash>,
}

/// Where a peer stands.
#[derive(Debug)]
pub enum Standing {
    /// Joined, and did not ask for the document yet.
    Fresh,
    /// In automerge's state machine; `true` when an answer is due.
    CatchingUp(Box<State>, bool),
    /// Everything was sent; the next merge costs it one message.
    Steady,
    /// Slower than the territory: sent nothing until its queue drained.
    Behind,
}

impl Peer {
    /// A peer that just joined.
    pub fn new(person: Person, storage: Option<StorageId>) -> Self {
        Self { person, storage, subscriptions: BTreeSet::new(), standing: Standing::Fresh, heads: Vec::new() }
    }

    /// Whether the peer asked for the document. The npm client stops when it is told the heads of one that it did not.
    pub fn has_opened(&self) -> bool {
        !matches!(self.standing, Standing::Fresh)
    }

    /// Whether everything was sent that was there when the peer last asked, so that news alone keep it up to date.
    pub fn takes_news(&self) -> bool {
        matches!(self.standing, Standing::Steady | Standing::CatchingUp(_, false))
    }

    /// Whether nothing is taken from this peer.
    pub fn is_reader(&self) -> bool {
        !self.person.role.writes()
    }

    /// Takes a message, whose changes were taken out of it, into automerge's state machine.
    pub fn catch_up(&mut self, doc: &mut Automerge, message: Message, afresh: bool) {
        let kept = match std::mem::replace(&mut self.standing, Standing::Fresh) {
            Standing::CatchingUp(state, _) if !afresh => Some(state),
            Standing::CatchingUp(..) | Standing::Fresh | Standing::Steady | Standing::Behind => None,
        };
        let mut state = kept.unwrap_or_else(|| {
            Box::new(if self.is_reader() { State::new_read_only() } else { State::new() })
        });
        // Without changes in it a message cannot fail to be applied; if it does all the same, the peer starts afresh.
        let taken = doc.receive_sync_message(&mut state, message);
        self.standing = if taken.is_ok() { Standing::CatchingUp(state, true) } else { Standing::Fresh };
    }

    /// The next message for a peer that is catching up; it becomes steady when nothing is left to settle.
    pub fn next_message(&mut self, doc: &Automerge, pending: &Pending, held: &Quarantine) -> Option<Vec<u8>> {
        let reader = self.is_reader();
        let Standing::CatchingUp(state, due) = &mut self.standing else { return None };
        if !std::mem::take(due) {
            return None;
        }
        let message = doc.generate_sync_message(state).map(|mut message| {
            message.flags = sync::flags(reader);
            if !message.need.is_empty() {
                let wanted = state.their_heads.as_deref().unwrap_or_default();
                message.need = pending.missing(doc, wanted, |hash| held.holds(hash));
            }
            message.encode()
        });
        let settled = reader || state.their_heads.as_ref().is_some_and(|heads| has_all(doc, heads));
        if settled {
            self.standing = Standing::Steady;
        }
        message
    }
}
