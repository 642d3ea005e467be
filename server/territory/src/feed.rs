//! What happened, numbered: the only place that hands out feed numbers.

use automerge::{Change, ChangeHash};
use portrea_indicators::delta::Delta;
use portrea_protocol::ids::RecordId;
use portrea_protocol::people::Person;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::schema::revert;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::{Author, Event, FeedEvent, IndicatorChange, Subject};

use crate::chunk::{Binding, FeedRow};

/// Numbers events and gathers them until the batch they belong to is kept.
#[derive(Debug)]
pub struct Feed {
    last: u64,
    rows: Vec<FeedRow>,
}

impl Feed {
    /// A feed whose last kept event has this number; 0 for an empty one.
    pub fn after(last: u64) -> Self {
        Self { last, rows: Vec::new() }
    }

    /// The number of the last event.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Adds an event.
    pub fn push(&mut self, now: UnixMillis, author: Option<Author>, subject: Option<Subject>, event: Event) {
        let event =
            FeedEvent { id: self.last + 1, at: now.to_rfc3339(), author, subject, erased: false, event };
        // Plain structs with text keys always have a JSON form.
        let json = serde_json::to_string(&event).expect("an event has a JSON form");
        self.last = event.id;
        self.rows.push(FeedRow { seq: event.id, json: json.into() });
    }

    /// Adds the figures that moved, as one event; nothing when none did.
    pub fn push_indicators(&mut self, now: UnixMillis, moved: Vec<Delta>) {
        if !moved.is_empty() {
            let told = |Delta { commune, indicator, before, after }| IndicatorChange {
                commune,
                indicator,
                before,
                after,
            };
            let changes = moved.into_iter().map(told).collect();
            self.push(now, None, None, Event::Indicators { changes });
        }
    }

    /// Where the feed stands, for [`Feed::take_back`].
    pub fn mark(&self) -> usize {
        self.rows.len()
    }

    /// Takes back the events since this mark: nobody has seen them.
    pub fn take_back(&mut self, mark: usize) {
        self.last -= self.rows.len().saturating_sub(mark) as u64;
        self.rows.truncate(mark);
    }

    /// The rows since the last call, to be kept and then published.
    pub fn take(&mut self) -> Vec<FeedRow> {
        std::mem::take(&mut self.rows)
    }
}

/// What a change says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    hash: ChangeHash,
    seconds: i64,
    reverts: Option<u64>,
}

impl Signature {
    /// Its hash, its time by its author's clock, and the event that it goes back on.
    pub fn of(change: &Change) -> Self {
        let reverts = revert::event(change.message());
        Self { hash: change.hash(), seconds: change.timestamp(), reverts }
    }
}

/// Whoever is signed in, as the author of something that is no change.
pub fn signed(person: &Person) -> Author {
    Author {
        contributor: person.contributor,
        name: person.name.clone(),
        device: person.device,
        clock: None,
        change: None,
        reverts: None,
    }
}

/// Who wrote a change: the binding decides who, the change tells when by its author's clock.
pub fn author(binding: &Binding, signature: &Signature) -> Author {
    let Signature { hash, seconds, reverts } = signature;
    Author {
        contributor: binding.contributor,
        name: binding.name.clone(),
        device: binding.device,
        clock: (*seconds != 0).then(|| UnixMillis(seconds.saturating_mul(1000)).to_rfc3339()),
        change: Some(hash.to_string()),
        reverts: *reverts,
    }
}

/// A structure as the feed names it.
pub fn subject(id: &RecordId, structure: Option<&Structure>) -> Subject {
    Subject {
        structure: id.clone(),
        name: structure.map(|structure| structure.name().to_owned()).unwrap_or_default(),
        commune: structure.and_then(Structure::commune),
    }
}

#[cfg(test)]
mod tests;
