//! Changes that may not be merged are set aside, whole; what builds on them is carried over where that can be.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::Arc;

use automerge::{ActorId, Change, ChangeHash, ExpandedChange};
use portrea_protocol::ids::{ContributorId, PeerId, RecordId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::path::Target;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::{Event, Subject};
use portrea_protocol::wire::quarantine::{Reason, State};
use portrea_protocol::wire::refusal::Refusal;
use sha2::{Digest, Sha256};

use super::Territory;
use super::merging::Entering;
use crate::carry::{Carried, Seat, carry};
use crate::feed::{Signature, author, signed, subject};
use crate::held::{Held, Note, Twin};
use crate::inspection::{Inspection, Judge, inspect};
use crate::io::{Outcome, Reply};
use crate::merge::Incoming;
use crate::peer::Standing;

/// How an actor for changes made anew is drawn from the server's.
const SEAT: &str = "portrea, a change made anew for ";

/// Changes of one batch that were set aside for one reason, to be told in one event.
#[derive(Debug)]
pub(super) struct Aside {
    person: Person,
    subject: Option<Subject>,
    changes: u32,
}

impl Territory {
    /// Sets a change aside, if there is room.
    pub(super) fn set_aside(
        &mut self,
        now: UnixMillis,
        incoming: Incoming,
        reason: Reason,
        inspection: Inspection,
    ) -> Result<ChangeHash, Refusal> {
        let Incoming { change, bytes, person } = incoming;
        if !self.quarantine.has_room(person.contributor, bytes.len()) {
            return Err(Refusal::QuarantineFull);
        }
        if !matches!(reason, Reason::ForeignActor | Reason::ForeignAuthor) {
            // Seen is seen: the actor is theirs.
            self.attribution.bind(change.actor_id(), &person, now);
        }
        let hash = change.hash();
        let held = Held { hash, bytes: bytes.into(), note: Note::waiting(reason, &person, now) };
        self.quarantine.add(held, &change, inspection.made, &self.doc);
        if reason != Reason::BuildsOnRefused || !self.carries(now, hash, false) {
            let subject = inspection.targets.iter().find_map(Target::structure).map(|id| self.named(id));
            let aside = Aside { subject, changes: 0, person };
            self.batch.aside.entry((aside.person.contributor, reason)).or_insert(aside).changes += 1;
        }
        Ok(hash)
    }

    pub(super) fn named(&self, id: &RecordId) -> Subject {
        subject(id, self.records.get(id))
    }

    /// Tells what was set aside.
    pub(super) fn tell_aside(&mut self, now: UnixMillis, aside: BTreeMap<(ContributorId, Reason), Aside>) {
        for ((_, reason), Aside { person, subject, changes }) in aside {
            let event = Event::Quarantined { reason, changes };
            self.feed.push(now, Some(signed(&person)), subject, event);
        }
    }

    /// Tells the devices of whoever brought it that something of their quarantine is another than before. Who is behind
    /// is told when they drained.
    pub(super) fn tell_quarantine(&self, outcome: &mut Outcome) {
        let fresh = outcome.persist.quarantine.iter();
        let whose: BTreeSet<ContributorId> = fresh.map(|held| held.note.contributor).collect();
        if whose.is_empty() {
            return;
        }
        let here = self.peers.iter().filter(|(_, peer)| !matches!(peer.standing, Standing::Behind));
        let peers: Vec<PeerId> = here
            .filter(|(_, peer)| whose.contains(&peer.person.contributor))
            .map(|(id, _)| id.clone())
            .collect();
        if !peers.is_empty() {
            outcome.send.push((peers, Reply::Quarantine));
        }
    }

    /// A change that builds on others which were not merged.
    pub(super) fn lags(
        &mut self,
        now: UnixMillis,
        incoming: Incoming,
        expanded: &ExpandedChange,
    ) -> Result<(), Refusal> {
        let change = &incoming.change;
        let lineage = self.quarantine.lineage(&self.doc, change.deps());
        let last = self.operations.max(self.quarantine.last_operation(&lineage));
        if change.start_op().get() > last + 1 {
            return Err(Refusal::MalformedChange);
        }
        if change.seq() < self.due(change) {
            return Err(Refusal::SequenceReused);
        }
        let base = self.quarantine.known(&self.doc, change.deps());
        let judge = Judge { role: incoming.person.role, deps: &base };
        let (doc, paths, quarantine) = (&self.doc, &mut self.paths, &self.quarantine);
        let inspection =
            inspect(doc, expanded, Some(judge), |id| quarantine.locate(&lineage, id, doc, paths));
        let reason = self.foreign(change, &incoming.person).or(inspection.refused);
        self.set_aside(now, incoming, reason.unwrap_or(Reason::BuildsOnRefused), inspection).map(drop)
    }

    /// Makes a change anew on what was merged, and merges that; false when it cannot be done. Once a référent·e approved
    /// it, the author's role does not matter.
    pub(super) fn carries(&mut self, now: UnixMillis, hash: ChangeHash, approved: bool) -> bool {
        let Some(entry) = self.quarantine.get(&hash) else { return false };
        let (person, actor) = (entry.held.note.person(), entry.actor.clone());
        let seat = self.seat(&actor, person.contributor);
        let Some(entry) = self.quarantine.get(&hash) else { return false };
        let Some(Carried { change, left_out }) = carry(&self.quarantine, &self.doc, entry, &seat) else {
            return false;
        };
        let twin = match change {
            None => None,
            Some(expanded) => {
                let start = expanded.start_op.get();
                let Some(made) = self.seats_in(now, Change::from(expanded), &person, approved) else {
                    return false;
                };
                Some(Twin { change: made.to_string(), actor: seat.actor.to_hex_string(), start, left_out })
            }
        };
        let state = if approved { State::Accepted } else { State::Carried };
        self.quarantine.note(&hash, |note| (note.state, note.twin) = (state, twin));
        true
    }

    /// Merges a change that was made anew, unless its author may not do what it does.
    fn seats_in(
        &mut self,
        now: UnixMillis,
        change: Change,
        person: &Person,
        approved: bool,
    ) -> Option<ChangeHash> {
        let (hash, expanded, bytes) = (change.hash(), change.decode(), change.raw_bytes().to_vec());
        let known = self.is_sound(&change, &expanded).ok()?;
        let judge = Judge { role: person.role, deps: change.deps() };
        let inspection = self.inspect(&expanded, (!approved).then_some(judge));
        if inspection.refused.is_some() {
            return None;
        }
        let actor = expanded.actor_id.clone();
        let author = author(&self.attribution.bind(&actor, person, now), &Signature::of(&change));
        self.enters(now, Entering { change, expanded, bytes, inspection, person, author, known }, None)
            .ok()?;
        self.seated.insert(actor, hash);
        Some(hash)
    }

    /// Where the next change of an actor is made anew: under an actor of its own, one for each opening of the territory.
    fn seat(&mut self, original: &ActorId, contributor: ContributorId) -> Seat {
        let key = (original.clone(), contributor);
        let known = self.seats.get(&key).cloned();
        let actor = known.unwrap_or_else(|| self.draw_seat(original, contributor));
        self.seats.insert(key, actor.clone());
        Seat {
            seq: self.latest.get(&actor).map_or(1, |last| last.seq + 1),
            start: NonZeroU64::MIN.saturating_add(self.operations),
            last: self.seated.get(&actor).copied(),
            author: *contributor.0.as_bytes(),
            actor,
        }
    }

    fn draw_seat(&self, original: &ActorId, contributor: ContributorId) -> ActorId {
        let draw = |number: u32| {
            let digest = Sha256::new()
                .chain_update(SEAT)
                .chain_update(self.actor.to_bytes())
                .chain_update(contributor.0.as_bytes())
                .chain_update(original.to_bytes())
                .chain_update(number.to_be_bytes())
                .finalize();
            ActorId::from(digest.get(..16).unwrap_or_default())
        };
        // Somebody may have drawn it before.
        let taken = |actor: &ActorId| self.latest.contains_key(actor) || self.attribution.of(actor).is_some();
        (0..u32::MAX).map(draw).find(|actor| !taken(actor)).unwrap_or_else(|| draw(u32::MAX))
    }

    /// A change that was set aside, as it came.
    pub(super) fn incoming(&self, hash: ChangeHash) -> Option<Incoming> {
        let held = &self.quarantine.get(&hash)?.held;
        let change = Change::try_from(&*held.bytes).ok()?;
        Some(Incoming { change, bytes: Arc::clone(&held.bytes).to_vec(), person: held.note.person() })
    }
}
