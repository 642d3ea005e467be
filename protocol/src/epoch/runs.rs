//! Operations → changes. What is left of a change is written anew under its own numbers: where something between was
//! left out, as several changes of the same actor.

use std::collections::BTreeMap;

use automerge::legacy::Op;
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange};

/// What a change says beside its operations.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) actor: ActorId,
    /// Seconds since 1970, by the author's clock.
    pub(super) time: i64,
    pub(super) message: Option<String>,
    pub(super) extra: Vec<u8>,
}

impl Head {
    /// What a change says, and the number of its first operation, its operations, and what it builds on.
    pub(super) fn take(change: ExpandedChange) -> (Self, u64, Vec<Op>, Vec<ChangeHash>) {
        let start = change.start_op.get();
        let head = Self {
            actor: change.actor_id,
            time: change.time,
            message: change.message,
            extra: change.extra_bytes,
        };
        (head, start, change.operations, change.deps)
    }
}

/// Writes changes that follow one another, each actor's numbered without a gap.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// Each actor's last change and its number.
    last: BTreeMap<ActorId, (u64, ChangeHash)>,
    /// What an actor's first change says of its author, until it is written.
    authors: BTreeMap<ActorId, Vec<u8>>,
    /// Whose a change is, and its number.
    whose: BTreeMap<ChangeHash, (ActorId, u64)>,
    pub(super) changes: Vec<Change>,
}

impl Runs {
    /// Goes on behind the changes of a document.
    pub(super) fn after(doc: &Automerge) -> Self {
        let mut runs = Self::default();
        for change in doc.get_changes_meta(&[]) {
            runs.note(change.actor.into_owned(), change.seq, change.hash);
        }
        runs
    }

    /// Remembers what an actor's very first change says of its author, should that change not be written.
    pub(super) fn introduce(&mut self, actor: &ActorId, extra: &[u8]) {
        if !extra.is_empty() {
            self.authors.entry(actor.clone()).or_insert_with(|| extra.to_vec());
        }
    }

    /// The last change of an actor.
    pub(super) fn last(&self, actor: &ActorId) -> Option<ChangeHash> {
        self.last.get(actor).map(|(_, hash)| *hash)
    }

    /// Writes numbered operations, ascending, as changes. Gives what stands for all of them: the last change, or what they
    /// were to build on where there is nothing to write.
    pub(super) fn write(
        &mut self,
        head: Head,
        operations: impl IntoIterator<Item = (u64, Op)>,
        deps: Vec<ChangeHash>,
    ) -> Vec<ChangeHash> {
        let Head { actor, time, message, extra } = head;
        let mut standing = self.latest(deps);
        let mut extra = Some(extra);
        let mut operations = operations.into_iter().peekable();
        while let Some((start, first)) = operations.next() {
            let mut run = vec![first];
            while let Some((_, op)) = operations.next_if(|(number, _)| *number == start + run.len() as u64) {
                run.push(op);
            }
            let seq = self.last.get(&actor).map_or(1, |(seq, _)| seq + 1);
            let own = extra.take().unwrap_or_default();
            let author = if seq == 1 && own.is_empty() { self.authors.remove(&actor) } else { None };
            let change = Change::from(ExpandedChange {
                operations: run,
                actor_id: actor.clone(),
                hash: None,
                seq,
                start_op: start.try_into().expect("operations are numbered from 1"),
                time,
                message: message.clone(),
                deps: standing,
                extra_bytes: author.unwrap_or(own),
                author: None,
            });
            standing = vec![change.hash()];
            self.note(actor.clone(), seq, change.hash());
            self.changes.push(change);
        }
        standing
    }

    fn note(&mut self, actor: ActorId, seq: u64, hash: ChangeHash) {
        self.whose.insert(hash, (actor.clone(), seq));
        let last = self.last.entry(actor).or_insert((seq, hash));
        if seq >= last.0 {
            *last = (seq, hash);
        }
    }

    /// Of several changes of one actor only the last says anything. In ascending order, none twice.
    fn latest(&self, deps: Vec<ChangeHash>) -> Vec<ChangeHash> {
        let mut latest: BTreeMap<&ActorId, (u64, ChangeHash)> = BTreeMap::new();
        let mut found = Vec::new();
        for hash in deps {
            let Some((actor, seq)) = self.whose.get(&hash) else {
                found.push(hash);
                continue;
            };
            let entry = latest.entry(actor).or_insert((*seq, hash));
            if *seq > entry.0 {
                *entry = (*seq, hash);
            }
        }
        found.extend(latest.into_values().map(|(_, hash)| hash));
        found.sort_unstable();
        found.dedup();
        found
    }
}
