//! Whether a session still stands as it did when somebody looked it up.
//!
//! A connection and a stream outlive the question who they are: they hold a [`Hold`], are woken when an account
//! changes, and end at once when it was theirs. Nothing is taken from them, nor sent to them, after that.

use portrea_protocol::people::Role;
use portrea_protocol::wire::refusal::Refusal;
use tokio::sync::watch;

use super::{Accounts, live};
use crate::access::Hash;

/// What lives on a session.
#[derive(Debug)]
pub struct Hold {
    key: Hash,
    role: Role,
    turns: watch::Receiver<()>,
}

impl Accounts {
    /// What a session is held by that was just looked up: what changed since then is seen too.
    pub fn hold(&self, key: Hash, role: Role) -> Hold {
        let mut turns = self.turns.subscribe();
        turns.mark_changed();
        Hold { key, role, turns }
    }
}

impl Hold {
    /// Why it is over, if it is.
    pub fn over(&self, accounts: &Accounts) -> Option<Refusal> {
        match accounts.read(|known| live(known, self.key)) {
            Some(session) if session.role == self.role => None,
            Some(_) => Some(Refusal::RoleChanged),
            None => Some(Refusal::SignedOut),
        }
    }

    /// Why it is over, if it is, as far as accounts changed: costs next to nothing while they did not.
    pub fn turned(&self, accounts: &Accounts) -> Option<Refusal> {
        let changed = self.turns.has_changed().unwrap_or(true);
        if changed { self.over(accounts) } else { None }
    }

    /// Returns once it is over. May be dropped while it waits.
    pub async fn ended(&mut self, accounts: &Accounts) -> Refusal {
        loop {
            if self.turns.changed().await.is_err() {
                // Accounts end with their server.
                return Refusal::Stopping;
            }
            if let Some(refusal) = self.over(accounts) {
                return refusal;
            }
        }
    }
}
