//! Something is erased for good: nobody merges meanwhile, one write puts the rewritten log in the place of the old one,
//! and the territory goes on in another document.
//!
//! What was promised about the old document holds in the new one: whatever was told, made or announced is followed from
//! one to the next by what the rewriting says became of each change.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, Automerge, ChangeHash};
use portrea_protocol::epoch::{Forget, Subject, rewrite};
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::schema::{document, read};
use portrea_protocol::wire::refusal::Refusal;
use portrea_territory::chunk::{FeedRow, Kept};
use portrea_territory::erasure::{Erased, Past, Wish, erase};

use super::server::{Server, Step, statistics};
use super::{Event, World};
use crate::check::{Check, Failure, hold};
use crate::fault::Fault;
use crate::seed::Seed;

/// A text that no other is like, and where somebody wrote it.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    pub(super) address: Address,
    pub(super) text: String,
}

/// What is erased: a structure with its records, one of its fields, or nothing but what was replaced.
pub type Target = Option<(RecordId, Option<&'static str>)>;

/// An epoch that began.
#[derive(Debug)]
pub struct Era {
    /// What stands for each change of the earlier document.
    moved: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    /// The heads of its document when it began.
    heads: Vec<ChangeHash>,
    /// What was erased.
    pub target: Target,
    /// The texts that were.
    pub secrets: Vec<String>,
    /// The feed as it is kept from then on.
    feed: Vec<FeedRow>,
}

impl Era {
    /// What stands for changes of the earlier document; one that nobody knows stands for itself.
    pub(super) fn follow(&self, changes: impl IntoIterator<Item = ChangeHash>) -> BTreeSet<ChangeHash> {
        let standing = |hash: ChangeHash| self.moved.get(&hash).cloned().unwrap_or_else(|| vec![hash]);
        changes.into_iter().flat_map(standing).collect()
    }
}

impl Server {
    /// Learns that the epoch that was being written is on disk, if it is.
    pub(super) fn turns(&mut self) {
        let Some(era) = self.turning.take() else { return };
        if self.disk.epochs() == self.eras.len() {
            return;
        }
        self.counts.epochs += 1;
        self.told = era.follow(std::mem::take(&mut self.told));
        for row in &era.feed {
            if let Some(published) = self.published.get_mut(&row.seq) {
                published.clone_from(&row.json);
            }
        }
        self.eras.push(era);
    }

    /// What is to be erased, drawn: mostly what somebody confided.
    fn target(&self, chance: &mut Seed) -> Target {
        let secret = chance.pick(&self.confided)?;
        match chance.below(10) {
            0..6 => Some((secret.address.structure.clone(), Some(secret.address.field.key))),
            6..8 => Some((secret.address.structure.clone(), None)),
            _ => None,
        }
    }

    /// The texts that stood where something is erased, in the document or among what waits.
    fn secrets(&self, target: &Target, old: &Automerge, kept: &Kept) -> Vec<String> {
        let Some((structure, key)) = target else { return Vec::new() };
        let whole = old.save_nocompress();
        let stands =
            |text: &str| holds(&whole, text) || kept.quarantine.iter().any(|held| holds(&held.bytes, text));
        let there = self.confided.iter().filter(|secret| {
            let at = &secret.address;
            at.structure == *structure && key.is_none_or(|key| key == at.field.key) && stands(&secret.text)
        });
        there.map(|secret| secret.text.clone()).collect()
    }
}

impl World {
    /// Somebody wants something erased; it begins once the keeper is at rest.
    pub(super) fn purges(&mut self, draw: u64) {
        if self.server.is_up && self.server.purge.is_none() {
            self.server.purge = Some(draw);
            self.shuts();
        }
    }

    /// The keeper is at rest and somebody wants something erased: it ends, and the log is rewritten.
    pub(super) fn shuts(&mut self) {
        if !matches!(self.server.step, Step::Waiting | Step::Gathering) {
            return;
        }
        let Some(draw) = self.server.purge.take() else { return };
        match self.rewrites(draw) {
            Ok(Some((erased, era))) => self.begins(&erased, era),
            Ok(None) => self.note(|| "there is nothing to erase".to_owned()),
            Err(failure) => self.fails(failure.check, failure.seen),
        }
    }

    fn rewrites(&mut self, draw: u64) -> Result<Option<(Erased, Era)>, Failure> {
        let chance = &mut Seed::new(draw);
        let territory = match self.server.open.take() {
            Some(territory) => territory,
            None => self.server.opens()?,
        };
        let connections: Vec<u64> = self.server.connections.keys().copied().collect();
        self.closes_territory();
        for connection in connections {
            self.closes(connection, Refusal::Stopping);
        }
        let unread = |error: portrea_server::store::StoreError| Failure::new(Check::Opens, error.to_string());
        let (kept, feed) =
            (self.server.disk.past().map_err(unread)?, self.server.disk.feed().map_err(unread)?);
        for row in &feed {
            let same = self.server.published.get(&row.seq).is_none_or(|published| *published == row.json);
            hold(Check::FeedSingle, same, || format!("event {} is kept as {}", row.seq, row.json))?;
        }
        let target = self.server.target(chance);
        let old = territory.document();
        let secrets = self.server.secrets(&target, old, &kept);
        let now = self.server_now();
        let forget = match &target {
            Some((structure, None)) => {
                Forget { subjects: [Subject::structure(structure)].into(), before: None }
            }
            Some((structure, Some(key))) => {
                Forget { subjects: Subject::parse(structure, key).into_iter().collect(), before: None }
            }
            None => Forget { before: Some(now), ..Forget::default() },
        };
        self.note(|| format!("{forget:?} is to be erased, with {secrets:?}"));
        let actor = ActorId::from(chance.uuid(1).as_bytes().as_slice());
        let wish = Wish { forget: forget.clone(), person: None };
        let waited: Vec<ChangeHash> = kept.quarantine.iter().map(|held| held.hash).collect();
        let past = Past { kept, feed, statistics: statistics() };
        let erased = erase(past, &wish, now, &actor).map_err(|error| {
            // Where the rewritten directory differs, in what.
            let differs = rewrite(old, &forget).ok().and_then(|new| stays(old, &new.document, &target).err());
            Failure::new(Check::Opens, format!("{error}: {}", differs.map_or_else(String::new, |it| it.seen)))
        })?;
        let seen = || format!("{secrets:?} stand there, and nothing is found of them");
        hold(Check::ErasedIsGone, secrets.is_empty() || !erased.counts.is_nothing(), seen)?;
        if erased.counts.is_nothing() {
            return Ok(None);
        }
        let seen = || format!("{waited:?} waited, {} changes do", erased.epoch.quarantine.len());
        let all = erased.epoch.quarantine.len() + erased.counts.emptied >= waited.len();
        hold(Check::QuarantineKept, all, seen)?;
        let document = erased.epoch.document.bytes();
        let new =
            document::load(document, actor).map_err(|error| Failure::new(Check::Opens, error.to_string()))?;
        stays(old, &new, &target)?;
        let mut moved = BTreeMap::new();
        if erased.epoch.number > territory.epoch() {
            moved = rewrite(old, &forget).expect("it was rewritten just now").moved;
        }
        // What waited has other names now, and was counted.
        for hash in waited {
            moved.entry(hash).or_insert_with(Vec::new);
        }
        let (feed, heads) = (erased.epoch.feed.clone(), new.get_heads());
        Ok(Some((erased, Era { moved, heads, target, secrets, feed })))
    }

    fn begins(&mut self, erased: &Erased, era: Era) {
        let fails = self.server.takes(Fault::FailedWrite).is_some();
        let begun = self.server.disk.begin_epoch(&erased.epoch, &era.heads, fails);
        self.server.turning = Some(era);
        if let Err(error) = begun {
            self.keeper_fails(&error);
            return;
        }
        self.server.batches += 1;
        let batch = self.server.batches;
        self.server.step = Step::Erasing(batch);
        let delay = self.server.chance.between(1, 40);
        self.after(delay, Event::Erased(batch));
    }

    /// The server flushes what a new epoch wrote.
    pub(super) fn erased(&mut self, batch: u64) {
        if !matches!(self.server.step, Step::Erasing(current) if current == batch) {
            return;
        }
        if let Some(draw) = self.server.takes(Fault::TornWrite) {
            self.server_dies(draw);
            return;
        }
        let fails = self.server.takes(Fault::FailedFlush).is_some();
        if let Err(error) = self.server.disk.flush(fails) {
            self.keeper_fails(&error);
            return;
        }
        if self.server.takes(Fault::DiesBeforeReply).is_some() {
            self.server_dies(0);
            return;
        }
        self.note(|| "another epoch began".to_owned());
        self.server.step = Step::Waiting;
    }
}

/// Nothing of the directory is another than it was, what is erased apart.
fn stays(old: &Automerge, new: &Automerge, target: &Target) -> Result<(), Failure> {
    let (mut before, mut after) = (read::structures(old), read::structures(new));
    for records in [&mut before, &mut after] {
        without(records, target);
    }
    for id in before.keys().chain(after.keys()) {
        let (was, is) = (before.get(id), after.get(id));
        let seen = || format!("with {target:?} erased, {id:?} was {was:?} and is {is:?}");
        hold(Check::AcknowledgedStays, was == is, seen)?;
    }
    Ok(())
}

/// Takes out of records what is erased.
pub fn without(records: &mut BTreeMap<RecordId, Structure>, target: &Target) {
    match target {
        Some((structure, None)) => drop(records.remove(structure)),
        Some((structure, Some(key))) => {
            if let Some(record) = records.get_mut(structure) {
                record.fields.remove(key);
                record.findings.clear();
            }
        }
        None => {}
    }
}

/// Whether bytes hold a text as it is.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether a text stands in a document: in its history, or letter by letter in what it says.
pub fn says(doc: &Automerge, text: &str) -> bool {
    holds(&doc.save_nocompress(), text) || format!("{:?}", read::structures(doc)).contains(text)
}
