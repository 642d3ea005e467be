//! What every peer is sent after a merge, encoded once for all who get the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::sync::{Have, Message};
use automerge::{ChangeHash, ReadDoc};
use portrea_protocol::ids::PeerId;
use portrea_protocol::wire::sync;

use super::{SINCE_SAVE_MAX, Territory};
use crate::io::{Outcome, Reply};
use crate::merge::has_all;
use crate::peer::{Peer, Standing};

/// A peer is spared its own changes where they are more than this share of what came together, one in so many. Below, one
/// message serves it as well as the others: after a batch of four hundred people, four hundred messages would be made of
/// the same changes, each without another one.
const OWN_SHARE: usize = 4;

/// A peer that lacks more than one in so many of the document's changes is given the document: automerge puts each change
/// together from its columns.
const MUCH: usize = 3;

impl Territory {
    /// One message for all who take news; those who brought much of it get theirs left out.
    pub(super) fn broadcast(&self, changes: &[(Vec<u8>, Option<PeerId>)], outcome: &mut Outcome) {
        let mut brought: BTreeMap<&PeerId, usize> = BTreeMap::new();
        for (bytes, from) in changes {
            if let Some(from) = from {
                *brought.entry(from).or_default() += bytes.len();
            }
        }
        let share = changes.iter().map(|(bytes, _)| bytes.len()).sum::<usize>() / OWN_SHARE;
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for (id, peer) in &self.peers {
            if !peer.takes_news() {
                continue;
            }
            if brought.get(id).is_some_and(|own| *own > share) {
                let others = changes.iter().filter(|(_, from)| from.as_ref() != Some(id));
                let message =
                    sync::steady(&self.heads, others.map(|(bytes, _)| bytes.clone()).collect(), false);
                outcome.send.push((vec![id.clone()], Reply::News(message.into())));
            } else if peer.is_reader() {
                readers.push(id.clone());
            } else {
                writers.push(id.clone());
            }
        }
        for (peers, reader) in [(writers, false), (readers, true)] {
            if !peers.is_empty() {
                let all = changes.iter().map(|(bytes, _)| bytes.clone()).collect();
                let message = sync::steady(&self.heads, all, reader);
                outcome.send.push((peers, Reply::News(message.into())));
            }
        }
    }

    /// The whole document for a peer that has nothing: saved once, then given as it is with the changes since.
    pub(super) fn whole(&mut self, reader: bool) -> Vec<u8> {
        let (saved, pushed) = match self.saved.take() {
            Some(saved) if self.recent.pushed() - saved.1 <= SINCE_SAVE_MAX => saved,
            Some(_) | None => (self.doc.save().into(), self.recent.pushed()),
        };
        self.saved = Some((Arc::clone(&saved), pushed));
        let since = self.recent.after(pushed).into_iter().flatten().cloned();
        sync::whole(&self.doc.get_heads(), std::iter::once(saved.to_vec()).chain(since).collect(), reader)
    }

    /// What a peer lacks that comes back, or that begins afresh, if that can be said at once: it has nothing that is not
    /// here, or lacks recent changes alone. What it made meanwhile it sends by itself once it has these heads.
    pub(super) fn returning(&mut self, message: &Message, opens: bool, reader: bool) -> Option<Vec<u8>> {
        if !message.heads.is_empty() && has_all(&self.doc, &message.heads) {
            return Some(self.since(&message.heads, &message.need, message.flags.is_some(), reader));
        }
        let [have] = message.have.as_slice() else { return None };
        if !opens || !has_all(&self.doc, &have.last_sync) {
            return None;
        }
        let mut changes = self.recent.lacking(have)?;
        changes.extend(self.asked(&message.need));
        Some(sync::steady(&self.doc.get_heads(), changes, reader))
    }

    /// The changes that a peer asks for, as far as they are there.
    pub(super) fn asked(&self, needs: &[ChangeHash]) -> Vec<Vec<u8>> {
        let remembered = |hash: &ChangeHash| self.recent.get(*hash).cloned();
        let kept = |hash: &ChangeHash| Some(self.doc.get_change_by_hash(hash)?.raw_bytes().to_vec());
        needs.iter().filter_map(|hash| remembered(hash).or_else(|| kept(hash))).collect()
    }

    pub(super) fn takes_news(&self, id: &PeerId) -> bool {
        self.peers.get(id).is_some_and(Peer::takes_news)
    }

    /// What a peer lacks that has these heads and what comes before them; or the whole document, if it takes `documents`
    /// and lacks much of it.
    fn since(&mut self, heads: &[ChangeHash], need: &[ChangeHash], documents: bool, reader: bool) -> Vec<u8> {
        let have = Have { last_sync: heads.to_vec(), ..Have::default() };
        let mut changes = match self.recent.lacking(&have) {
            Some(changes) => changes,
            None if documents && self.is_much(self.doc.get_changes_meta(heads).len()) => {
                return self.whole(reader);
            }
            None => {
                let changes = self.doc.get_changes(heads);
                changes.into_iter().map(|change| change.raw_bytes().to_vec()).collect()
            }
        };
        changes.extend(self.asked(need));
        sync::steady(&self.doc.get_heads(), changes, reader)
    }

    /// Whether so many changes cost more, one by one, than the document as it was saved.
    fn is_much(&self, changes: usize) -> bool {
        let all = usize::try_from(self.doc.stats().num_changes).unwrap_or(usize::MAX);
        changes > all / MUCH
    }

    /// The peer's queue is full: it is sent nothing until it drained, whatever is handled meanwhile.
    pub fn falls_behind(&mut self, id: &PeerId) {
        if let Some(peer) = self.peers.get_mut(id) {
            peer.standing = Standing::Behind;
        }
    }

    /// Brings a peer that was behind up to date from the heads it last told, in one message.
    pub(super) fn bring_up(&mut self, id: &PeerId, outcome: &mut Outcome) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        if !matches!(peer.standing, Standing::Behind) {
            return;
        }
        peer.standing = Standing::Steady;
        let (reader, heads) = (peer.is_reader(), self.quarantine.known(&self.doc, &peer.heads));
        let has_held = self.quarantine.has_of(peer.person.contributor);
        let message = if heads.is_empty() || !has_all(&self.doc, &heads) {
            self.whole(reader)
        } else {
            self.since(&heads, &[], false, reader)
        };
        outcome.send.push((vec![id.clone()], Reply::Sync(message.into())));
        if has_held {
            outcome.send.push((vec![id.clone()], Reply::Quarantine));
        }
    }
}
