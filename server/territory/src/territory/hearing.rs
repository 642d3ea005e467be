//! A message of a peer: what it brings is merged, and it is told what it lacks, once.

use automerge::sync::{ChunkList, Message};
use portrea_protocol::ids::PeerId;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync;

use super::Territory;
use crate::io::{Outcome, Reply};
use crate::merge::{self, has_all};
use crate::peer::Standing;

impl Territory {
    pub(super) fn message(
        &mut self,
        now: UnixMillis,
        id: &PeerId,
        data: &[u8],
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        let Some(peer) = self.peers.get_mut(id) else { return Ok(()) };
        let told = sync::peek(data).ok_or(Refusal::MalformedSync)?;
        let reader = peer.is_reader();
        if told.document && told.chunks > 0 && !reader {
            // We never say that we take whole documents: their changes could not be attributed.
            return Err(Refusal::MalformedSync);
        }
        peer.heads = told.hashes();
        let opens = !peer.has_opened();
        let behind = matches!(peer.standing, Standing::Behind);
        let bare = peer.heads.is_empty();
        let steady = peer.takes_news() && !told.reset && !bare;
        if steady
            && sync::adds_nothing(&told)
            && (reader
                || peer.heads == self.heads
                || has_all(&self.doc, &self.quarantine.known(&self.doc, &peer.heads)))
        {
            peer.standing = Standing::Steady;
            self.heard(id, outcome);
            return Ok(());
        }
        let mut message = Message::decode(data).map_err(|_| Refusal::MalformedSync)?;
        let chunks = std::mem::replace(&mut message.changes, ChunkList::empty());
        if !reader && !chunks.is_empty() {
            let person = peer.person.clone();
            let incoming = merge::read(chunks.iter(), &person)?;
            self.merge(now, incoming, Some(id))?;
            if !behind {
                self.batch.acknowledge.insert(id.clone());
            }
        }
        if behind {
            // Its heads are noted; it is answered when its queue has drained.
            self.heard(id, outcome);
            return Ok(());
        }
        // What it has and was not merged is not asked for: for the sync protocol it has what that builds on.
        message.heads = self.quarantine.known(&self.doc, &message.heads);
        let reply = if steady && (reader || has_all(&self.doc, &message.heads)) {
            let asked = !message.need.is_empty();
            asked.then(|| sync::steady(&self.heads, self.asked(&message.need), reader))
        } else if bare && message.flags.is_some() {
            Some(self.whole(reader))
        } else if let Some(reply) = self.returning(&message, opens, reader) {
            Some(reply)
        } else {
            if let Some(peer) = self.peers.get_mut(id) {
                let afresh = matches!(peer.standing, Standing::Steady);
                peer.catch_up(&mut self.doc, message, afresh);
            }
            self.greeted(id, opens, outcome);
            return Ok(());
        };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.standing = Standing::Steady;
        }
        if let Some(reply) = reply {
            outcome.send.push((vec![id.clone()], Reply::Sync(reply.into())));
        }
        self.greeted(id, opens, outcome);
        Ok(())
    }

    /// Whoever asked is told what the peer's storage has, and the peer, where it just opened the document, of others'.
    fn greeted(&mut self, id: &PeerId, opens: bool, outcome: &mut Outcome) {
        self.heard(id, outcome);
        if opens {
            self.opened(id, outcome);
        }
    }
}
