//! Changes into the document: in an order that their dependencies allow, each by whoever may make it.

use std::collections::BTreeSet;

use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ReadDoc};
use portrea_protocol::ids::{PeerId, RecordId};
use portrea_protocol::people::Person;
use portrea_protocol::policy;
use portrea_protocol::schema::path::Target;
use portrea_protocol::schema::revert;
use portrea_protocol::schema::write::{Edit, EditError, perform_saying};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::Author;
use portrea_protocol::wire::quarantine::Reason;
use portrea_protocol::wire::refusal::Refusal;

use super::{Last, Territory};
use crate::changes::{self, reread};
use crate::feed::{Signature, author, subject};
use crate::inspection::{Inspection, Judge, inspect};
use crate::merge::{Incoming, has_all};
use crate::past::{Known, Seen};
use crate::{projection, soundness};

/// A change that may enter, and what is known of it.
pub(super) struct Entering<'a> {
    pub(super) change: Change,
    pub(super) expanded: ExpandedChange,
    pub(super) bytes: Vec<u8>,
    pub(super) inspection: Inspection,
    /// Who brought it.
    pub(super) person: &'a Person,
    /// Whom the feed names.
    pub(super) author: Author,
    /// What is known of what it builds on.
    pub(super) known: Known,
}

impl Territory {
    /// Merges changes, or sets aside what may not be merged; what is not ready waits.
    pub(super) fn merge(
        &mut self,
        now: UnixMillis,
        incoming: Vec<Incoming>,
        from: Option<&PeerId>,
    ) -> Result<(), Refusal> {
        self.vouch(&incoming);
        for change in incoming {
            if self.has(change.change.hash()) {
                continue;
            }
            if !has_all(&self.doc, change.change.deps())
                && !self.quarantine.completes(&self.doc, change.change.deps())
            {
                self.pending.wait(change)?;
                continue;
            }
            self.arrives(now, change, from)?;
        }
        self.wake(now);
        Ok(())
    }

    /// What a lost change builds on was lost with it.
    fn vouch(&mut self, incoming: &[Incoming]) {
        if self.wanted.is_empty() {
            return;
        }
        for change in incoming.iter().rev().map(|incoming| &incoming.change) {
            if self.wanted.contains(&change.hash()) {
                self.wanted.extend(change.deps());
            }
        }
    }

    /// Whether a change came before, whatever became of it.
    fn has(&self, hash: ChangeHash) -> bool {
        self.quarantine.holds(&hash) || has_all(&self.doc, &[hash])
    }

    /// Takes changes that waited for others which have come.
    pub(super) fn wake(&mut self, now: UnixMillis) {
        while !self.pending.is_empty() {
            let (doc, quarantine) = (&self.doc, &self.quarantine);
            let ready = |deps: &[ChangeHash]| has_all(doc, deps) || quarantine.completes(doc, deps);
            let Some(change) = self.pending.take_ready(ready) else { return };
            // It may have come again meanwhile, or be refused now: then it is dropped, for whoever brought what it
            // waited for has no part in it.
            if !self.has(change.change.hash()) {
                let _ = self.arrives(now, change, None);
            }
        }
    }

    fn arrives(&mut self, now: UnixMillis, incoming: Incoming, from: Option<&PeerId>) -> Result<(), Refusal> {
        let expanded = incoming.change.decode();
        if !has_all(&self.doc, incoming.change.deps()) {
            return self.lags(now, incoming, &expanded);
        }
        let known = self.is_sound(&incoming.change, &expanded)?;
        let judge = Judge { role: incoming.person.role, deps: incoming.change.deps() };
        // It was let in once already.
        let vouched = self.wanted.remove(&incoming.change.hash());
        let inspection = self.inspect(&expanded, (!vouched).then_some(judge));
        let foreign = if vouched { None } else { self.foreign(&incoming.change, &incoming.person) };
        if let Some(reason) = foreign.or(inspection.refused) {
            return self.set_aside(now, incoming, reason, inspection).map(drop);
        }
        let Incoming { change, bytes, person } = incoming;
        let binding = self.attribution.bind(&expanded.actor_id, &person, now);
        let author = author(&binding, &Signature::of(&change));
        let entering = Entering { change, expanded, bytes, inspection, person: &person, author, known };
        self.enters(now, entering, from)
    }

    pub(super) fn inspect(&mut self, change: &ExpandedChange, judge: Option<Judge<'_>>) -> Inspection {
        let (doc, paths) = (&self.doc, &mut self.paths);
        inspect(doc, change, judge, |id| paths.resolve(doc, id.counter(), id.actor()))
    }

    /// Whether a change that builds on the document is one that can be applied to it; tells what was found out of what it builds on.
    pub(super) fn is_sound(&self, change: &Change, expanded: &ExpandedChange) -> Result<Known, Refusal> {
        let last = self.last(change);
        // automerge counts operations in 32 bits: a change that jumped ahead would leave none for anybody else.
        let jumps = change.start_op().get() > self.operations + 1;
        // Nor does it look whether an actor's changes are numbered without a gap, and panics when they are not.
        if jumps || change.seq() > self.due(change) {
            return Err(Refusal::MalformedChange);
        }
        if change.seq() < self.due(change) {
            return Err(Refusal::SequenceReused);
        }
        let seen = self.past.seen(&self.doc, change.deps(), change.actor_id(), last.hash.as_ref());
        let sound = seen.filter(|seen| soundness::is_sound(seen, change, expanded, last.operation));
        sound.map(Seen::known).ok_or(Refusal::MalformedChange)
    }

    /// The number of the next change of a change's actor.
    pub(super) fn due(&self, change: &Change) -> u64 {
        self.last(change).seq + 1
    }

    /// The numbers of the last change of a change's actor; noughts when it made none.
    fn last(&self, change: &Change) -> Last {
        self.latest.get(change.actor_id()).copied().unwrap_or_default()
    }

    /// The document has a change of an actor that ends with these numbers.
    fn counted(&mut self, actor: ActorId, last: Last, deps: &[ChangeHash], known: Known) {
        self.operations = self.operations.max(last.operation);
        if let Some(hash) = last.hash {
            self.past.came(hash, deps, actor.clone(), known);
        }
        self.latest.insert(actor, last);
    }

    /// Whether a change is not by whoever brought it.
    ///
    /// The actor that made the document, and the server's own, belong to nobody who is signed in.
    pub(super) fn foreign(&self, change: &Change, person: &Person) -> Option<Reason> {
        let actor = change.actor_id();
        let own = match self.attribution.of(actor) {
            Some(binding) => binding.contributor == person.contributor,
            None => self.lost_bindings || !self.latest.contains_key(actor),
        };
        let servers = *actor == self.actor || self.seated.contains_key(actor);
        if !own || servers {
            return Some(Reason::ForeignActor);
        }
        // automerge writes the author into an actor's first change; who names nobody is known by the actor.
        let named = change.author().is_none_or(|author| author.as_bytes() == person.contributor.0.as_bytes());
        (!named).then_some(Reason::ForeignAuthor)
    }

    /// Applies a change and everything that follows from it.
    pub(super) fn enters(
        &mut self,
        now: UnixMillis,
        entering: Entering<'_>,
        from: Option<&PeerId>,
    ) -> Result<(), Refusal> {
        let Entering { change, expanded, bytes, inspection, person, author, known } = entering;
        let hash = change.hash();
        let last = Last::of(&change);
        self.doc.apply_changes([change]).map_err(|_| Refusal::SequenceReused)?;
        inspection.remember(&mut self.paths, &expanded);
        self.counted(expanded.actor_id, last, &expanded.deps, known);
        let edited = self.merged(now, Some(&author), &inspection.targets);
        self.keep(hash, expanded.deps, bytes, from);
        self.review(now, hash, person, &inspection.targets, &edited);
        Ok(())
    }

    /// Everything that follows from a change that stands in the document; gives the structures that read otherwise now,
    /// marks apart.
    pub(super) fn merged(
        &mut self,
        now: UnixMillis,
        author: Option<&Author>,
        targets: &BTreeSet<Target>,
    ) -> BTreeSet<RecordId> {
        let mut edited = BTreeSet::new();
        for (id, events) in reread(&self.doc, &mut self.records, &mut self.objects, targets) {
            let structure = self.records.get(&id);
            self.engine.set(&id, structure.map(projection::of));
            let subject = subject(&id, structure);
            if events.iter().any(changes::is_edit) {
                edited.insert(id);
            }
            for event in events {
                self.feed.push(now, author.cloned(), Some(subject.clone()), event);
            }
        }
        edited
    }

    /// A change's bytes are to be kept, told and remembered.
    pub(super) fn keep(
        &mut self,
        hash: ChangeHash,
        deps: Vec<ChangeHash>,
        bytes: Vec<u8>,
        from: Option<&PeerId>,
    ) {
        self.grew(bytes.len());
        self.recent.push(hash, deps, bytes.clone());
        self.batch.changes.push((bytes, from.cloned()));
    }

    pub(super) fn command(
        &mut self,
        now: UnixMillis,
        person: &Person,
        edits: &[Edit],
        reverts: Option<u64>,
    ) -> Result<Option<ChangeHash>, EditError> {
        if edits.iter().any(|edit| policy::allows(person.role, edit).is_err()) {
            return Err(EditError::NotAllowed);
        }
        let message = reverts.map(revert::message);
        let Some(hash) = perform_saying(&mut self.doc, edits, now, message)? else { return Ok(None) };
        let (change, targets) = self.made(hash).ok_or(EditError::Document("the change is gone".into()))?;
        let mut author =
            author(&self.attribution.bind(change.actor_id(), person, now), &Signature::of(&change));
        // The server's own actor writes for whoever asks: who asked counts, not who asked first.
        (author.contributor, author.device) = (person.contributor, person.device);
        author.name.clone_from(&person.name);
        let edited = self.merged(now, Some(&author), &targets);
        self.keep(hash, change.deps().to_vec(), change.raw_bytes().to_vec(), None);
        self.review(now, hash, person, &targets, &edited);
        Ok(Some(hash))
    }

    /// A change that the server itself just wrote into the document, and what it touches.
    pub(super) fn made(&mut self, hash: ChangeHash) -> Option<(Change, BTreeSet<Target>)> {
        let change = self.doc.get_change_by_hash(&hash)?;
        let expanded = change.decode();
        let inspection = self.inspect(&expanded, None);
        inspection.remember(&mut self.paths, &expanded);
        let known = self.past.everything();
        self.counted(change.actor_id().clone(), Last::of(&change), change.deps(), known);
        Some((change, inspection.targets))
    }
}
