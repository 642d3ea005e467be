//! What peers hear beside the document: heads of storages, and presence. Nothing here is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::ChangeHash;
use portrea_protocol::ids::{PeerId, StorageId};

use super::Territory;
use crate::io::{Outcome, Presence, Reply};
use crate::peer::{Peer, SUBSCRIPTIONS_MAX};

impl Territory {
    pub(super) fn subscribe(
        &mut self,
        id: &PeerId,
        add: Vec<StorageId>,
        remove: &[StorageId],
        outcome: &mut Outcome,
    ) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let gone =
            remove.iter().filter(|storage| peer.subscriptions.remove(*storage)).cloned().collect::<Vec<_>>();
        let mut asked = Vec::new();
        for storage in add {
            if peer.subscriptions.len() >= SUBSCRIPTIONS_MAX {
                break;
            }
            if peer.subscriptions.insert(storage.clone()) {
                *self.listened.entry(storage.clone()).or_default() += 1;
            }
            asked.push(storage);
        }
        let opened = peer.has_opened();
        self.forget(gone);
        if opened {
            self.tell_known(id, &asked, outcome);
        }
    }

    /// Storages that connected peers want to hear of.
    pub fn listened(&self) -> impl Iterator<Item = &StorageId> {
        self.listened.keys()
    }

    /// A peer is gone, and what it asked for with it.
    pub(super) fn leave(&mut self, id: &PeerId) {
        if let Some(peer) = self.peers.remove(id) {
            self.forget(peer.subscriptions);
        }
    }

    fn forget(&mut self, storages: impl IntoIterator<Item = StorageId>) {
        for storage in storages {
            let Some(count) = self.listened.get_mut(&storage) else { continue };
            *count -= 1;
            if *count == 0 {
                self.listened.remove(&storage);
                self.known_heads.remove(&storage);
            }
        }
    }

    /// Tells a peer that just opened the document what the storages have that it asked about before.
    pub(super) fn opened(&self, id: &PeerId, outcome: &mut Outcome) {
        let asked = self.peers.get(id).map(|peer| peer.subscriptions.iter().cloned().collect::<Vec<_>>());
        self.tell_known(id, &asked.unwrap_or_default(), outcome);
    }

    fn tell_known(&self, id: &PeerId, asked: &[StorageId], outcome: &mut Outcome) {
        let mut known = BTreeMap::new();
        for storage in asked {
            if *storage == self.storage {
                known.insert(storage.clone(), self.heads.clone());
            } else if let Some(heads) = self.known_heads.get(storage) {
                known.insert(storage.clone(), heads.clone());
            }
        }
        if !known.is_empty() {
            outcome.send.push((vec![id.clone()], Reply::Heads(Arc::new(known))));
        }
    }

    /// Passes on the heads that a peer's storage has, to those who asked.
    pub(super) fn heard(&mut self, id: &PeerId, outcome: &mut Outcome) {
        let Some(Peer { storage: Some(storage), heads, .. }) = self.peers.get(id) else { return };
        // Every answer of every peer comes here: whoever nobody asked about costs one look.
        // Nor does anybody else speak for the server's storage: what is told under its name is taken for kept.
        if *storage == self.storage || !self.listened.contains_key(storage) {
            return;
        }
        let news = BTreeMap::from([(storage.clone(), heads.clone())]);
        self.known_heads.extend(news.clone());
        self.tell_heads(&news, Some(id), outcome);
    }

    pub(super) fn tell_heads(
        &self,
        news: &BTreeMap<StorageId, Vec<ChangeHash>>,
        except: Option<&PeerId>,
        outcome: &mut Outcome,
    ) {
        if !news.keys().any(|storage| self.listened.contains_key(storage)) {
            return;
        }
        let listening = |peer: &Peer| {
            peer.has_opened() && news.keys().any(|storage| peer.subscriptions.contains(storage))
        };
        let peers: Vec<PeerId> = self
            .peers
            .iter()
            .filter(|(id, peer)| Some(*id) != except && listening(peer))
            .map(|(id, _)| id.clone())
            .collect();
        if !peers.is_empty() {
            outcome.send.push((peers, Reply::Heads(Arc::new(news.clone()))));
        }
    }

    pub(super) fn ephemeral(&self, from: &PeerId, message: Arc<Presence>, outcome: &mut Outcome) {
        if self.peers.get(from).is_none_or(Peer::is_reader) {
            return;
        }
        let peers: Vec<PeerId> = self.peers.keys().filter(|id| *id != from).cloned().collect();
        if !peers.is_empty() {
            outcome.send.push((peers, Reply::Presence(message)));
        }
    }
}
