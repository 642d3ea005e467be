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
        peer.subscriptions.retain(|storage| !remove.contains(storage));
        let mut asked = Vec::new();
        for storage in add {
            if peer.subscriptions.len() >= SUBSCRIPTIONS_MAX {
                break;
            }
            self.listened.insert(storage.clone());
            peer.subscriptions.insert(storage.clone());
            asked.push(storage);
        }
        if peer.has_opened() {
            self.tell_known(id, &asked, outcome);
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
        if *storage == self.storage || !self.listened.contains(storage) {
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
        if !news.keys().any(|storage| self.listened.contains(storage)) {
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
