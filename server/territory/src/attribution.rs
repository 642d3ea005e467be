//! Which contributor an automerge actor belongs to: whoever's authenticated connection first brought it, for ever.
//!
//! A change by somebody else under that actor is not merged. The binding is kept in the same batch as the change that showed it, so authorship in the feed is what the server
//! saw and not what a client claims.

use std::collections::BTreeMap;

use automerge::ActorId;
use portrea_protocol::people::Person;
use portrea_protocol::time::UnixMillis;

use crate::chunk::Binding;

/// Every known actor's binding.
#[derive(Debug, Default)]
pub struct Attribution {
    by_actor: BTreeMap<String, Binding>,
    fresh: Vec<Binding>,
}

impl Attribution {
    /// The bindings that were kept.
    pub fn load(bindings: Vec<Binding>) -> Self {
        let by_actor = bindings.into_iter().map(|binding| (binding.actor.clone(), binding)).collect();
        Self { by_actor, fresh: Vec::new() }
    }

    /// Binds an actor to the person on whose connection it arrived, unless it is bound already.
    pub fn bind(&mut self, actor: &ActorId, person: &Person, now: UnixMillis) -> Binding {
        let key = actor.to_hex_string();
        if let Some(known) = self.by_actor.get(&key) {
            return known.clone();
        }
        let binding = Binding {
            actor: key.clone(),
            contributor: person.contributor,
            name: person.name.clone(),
            device: person.device,
            first_seen: now,
        };
        self.by_actor.insert(key, binding.clone());
        self.fresh.push(binding.clone());
        binding
    }

    /// Whom an actor belongs to.
    pub fn of(&self, actor: &ActorId) -> Option<&Binding> {
        self.by_actor.get(&actor.to_hex_string())
    }

    /// The bindings made since the last call, to be kept.
    pub fn take_fresh(&mut self) -> Vec<Binding> {
        std::mem::take(&mut self.fresh)
    }
}

#[cfg(test)]
mod tests;
