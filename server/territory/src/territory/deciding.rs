//! What a référent·e, or its author, decides about a change that was set aside.
//!
//! An accepted change is merged as it is, and what builds on it follows. Where that was carried over already, the
//! accepted one is made anew as well: both forms of one text would otherwise stand in the document.

use automerge::ChangeHash;
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::Target;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::Event;
use portrea_protocol::wire::quarantine::{Decision, Reason, State};
use portrea_protocol::wire::refusal::Refusal;

use super::Territory;
use super::merging::Entering;
use crate::carry::standing_twin;
use crate::feed::{Signature, author, signed};
use crate::inspection::inspect;
use crate::io::Undecided;
use crate::merge::{Incoming, has_all};

impl Territory {
    pub(super) fn decide(
        &mut self,
        now: UnixMillis,
        person: &Person,
        hash: ChangeHash,
        decision: Decision,
        through: bool,
    ) -> Result<(), Undecided> {
        let entry = self.quarantine.get(&hash).ok_or(Undecided::NotFound)?;
        let allowed = match decision {
            Decision::Accept | Decision::Reject => person.role == Role::Referent,
            Decision::Withdraw => entry.held.note.contributor == person.contributor,
        };
        if !allowed {
            return Err(Undecided::NotAllowed);
        }
        if !entry.waits() {
            return Err(Undecided::Closed);
        }
        match decision {
            Decision::Reject => self.closes(now, person, hash, State::Rejected),
            Decision::Withdraw => self.closes(now, person, hash, State::Withdrawn),
            Decision::Accept => {
                let lineage = self.quarantine.lineage(&self.doc, &entry.deps);
                let first = self.quarantine.iter().filter(|entry| through && entry.waits());
                let first = first.map(|entry| entry.held.hash).filter(|hash| lineage.hashes.contains(hash));
                let all: Vec<ChangeHash> = first.chain([hash]).collect();
                for hash in all {
                    // Those before it may have brought it with them.
                    if self.quarantine.get(&hash).is_some_and(crate::quarantine::Entry::waits) {
                        self.accept(now, person, hash)?;
                    }
                }
                self.wake(now);
            }
        }
        Ok(())
    }

    fn closes(&mut self, now: UnixMillis, person: &Person, hash: ChangeHash, state: State) {
        let whose = self.quarantine.get(&hash).map(|entry| entry.held.note.name.clone()).unwrap_or_default();
        let event = match state {
            State::Withdrawn => Event::QuarantineWithdrawn,
            State::Accepted => Event::QuarantineAccepted { whose },
            State::Waiting | State::Carried | State::Rejected => Event::QuarantineRejected { whose },
        };
        let subject = self.subject_of(hash);
        self.feed.push(now, Some(signed(person)), subject, event);
        self.quarantine.note(&hash, |note| {
            note.state = state;
            note.decided = Some((person.contributor, person.name.clone(), now));
        });
    }

    fn subject_of(&mut self, hash: ChangeHash) -> Option<portrea_protocol::wire::feed::Subject> {
        let entry = self.quarantine.get(&hash)?;
        let lineage = self.quarantine.lineage(&self.doc, &entry.deps);
        let (doc, paths, quarantine) = (&self.doc, &mut self.paths, &self.quarantine);
        let change = entry.expanded()?;
        let seen = inspect(doc, &change, None, |id| quarantine.locate(&lineage, id, doc, paths));
        seen.targets.iter().find_map(Target::structure).map(|id| self.named(id))
    }

    fn accept(&mut self, now: UnixMillis, person: &Person, hash: ChangeHash) -> Result<(), Undecided> {
        let entry = self.quarantine.get(&hash).ok_or(Undecided::NotFound)?;
        let followed = self.quarantine.dependents(hash);
        let carried = |hash: &ChangeHash| {
            self.quarantine.get(hash).is_some_and(|entry| standing_twin(entry, &self.doc).is_some())
        };
        let as_it_is = has_all(&self.doc, &entry.deps) && !followed.iter().any(carried);
        // Told before what it did, and taken back where it does nothing.
        let told = self.feed.mark();
        self.closes(now, person, hash, State::Accepted);
        if !((as_it_is && self.admits(now, hash).is_ok()) || self.carries(now, hash, true)) {
            self.feed.take_back(told);
            self.quarantine.note(&hash, |note| (note.state, note.decided) = (State::Waiting, None));
            return Err(Undecided::NeedsOthers);
        }
        for dependent in followed {
            self.follows(now, dependent);
        }
        Ok(())
    }

    /// Merges a change that was set aside as it is, under its actor's name.
    fn admits(&mut self, now: UnixMillis, hash: ChangeHash) -> Result<(), Refusal> {
        let incoming = self.incoming(hash).ok_or(Refusal::MalformedChange)?;
        let expanded = incoming.change.decode();
        let known = self.is_sound(&incoming.change, &expanded)?;
        let inspection = self.inspect(&expanded, None);
        let Incoming { change, bytes, person } = incoming;
        let binding = self.attribution.bind(&expanded.actor_id, &person, now);
        let author = author(&binding, &Signature::of(&change));
        let entering = Entering { change, expanded, bytes, inspection, person: &person, author, known };
        self.enters(now, entering, None)
    }

    /// A change that was set aside for what it builds on alone goes where that went.
    fn follows(&mut self, now: UnixMillis, hash: ChangeHash) {
        let Some(entry) = self.quarantine.get(&hash) else { return };
        if !entry.waits() || entry.held.note.reason != Reason::BuildsOnRefused {
            return;
        }
        if has_all(&self.doc, &entry.deps) {
            if self.admits(now, hash).is_ok() {
                self.quarantine.note(&hash, |note| note.state = State::Accepted);
            }
        } else {
            self.carries(now, hash, false);
        }
    }
}
