//! Replies → frames → socket, for one peer. What is the same in every frame is written once.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bs58::encode as base58;
use futures_util::{SinkExt, stream::SplitSink};
use portrea_protocol::ids::{DocumentId, PeerId, TerritoryId};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{Frame, RemoteHeads};
use portrea_protocol::wire::refusal::{DOCUMENT_MOVED_MESSAGE, Refusal};
use portrea_territory::io::{Presence, Reply};

use super::End;
use crate::clock;
use crate::meters;

/// The way to the peer.
pub(super) struct Wire {
    sink: SplitSink<WebSocket, Message>,
    /// The server, by its name on the wire.
    pub(super) server: PeerId,
    /// The peer, by the name it chose.
    pub(super) peer: PeerId,
    territory: TerritoryId,
    epoch: u32,
    /// The territory's document, as frames name it: telling costs two hashes.
    document: String,
    /// Whether the peer was told that an earlier document has moved here.
    told_moved: bool,
    silence: Duration,
}

impl Wire {
    /// The way to a peer that has not told its name yet.
    pub(super) fn new(
        sink: SplitSink<WebSocket, Message>,
        server: PeerId,
        (territory, epoch): (TerritoryId, u32),
        silence: Duration,
    ) -> Self {
        let document = DocumentId::of(territory, epoch).to_string();
        Self { sink, server, peer: PeerId::from(""), territory, epoch, document, told_moved: false, silence }
    }

    /// Whether a frame is about this territory's document.
    pub(super) fn is_about(&self, document: &str) -> bool {
        document == self.document || document.parse() == Ok(DocumentId::of(self.territory, self.epoch))
    }

    pub(super) async fn send(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        meters::frame_out();
        self.write(Message::Binary(bytes.into())).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        self.write(Message::Ping(Vec::new().into())).await
    }

    /// A peer that does not take what it is sent is as good as gone.
    async fn write(&mut self, message: Message) -> Result<(), End> {
        match tokio::time::timeout(self.silence, self.sink.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::Gone),
        }
    }

    pub(super) async fn reply(&mut self, reply: &Reply) -> Result<(), End> {
        let bytes = match reply {
            Reply::Sync(data) | Reply::News(data) => {
                codec::encode_sync(self.server.as_str(), self.peer.as_str(), &self.document, data)
            }
            Reply::Heads(known) => {
                let timestamp = clock::now().0;
                let heads = known
                    .iter()
                    .map(|(storage, heads)| {
                        let heads = heads.iter().map(|hash| base58(hash.as_ref()).with_check().into_string());
                        (storage.clone(), RemoteHeads { heads: heads.collect(), timestamp })
                    })
                    .collect();
                let (sender, target, document) = self.envelope();
                codec::encode(&Frame::RemoteHeadsChanged { sender, target, document, heads })
            }
            Reply::Presence(presence) => {
                let Presence { count, session, sender, data } = presence.as_ref();
                let (sender, session, data) = (sender.clone(), session.clone(), data.clone());
                let (_, target, document) = self.envelope();
                codec::encode(&Frame::Ephemeral { sender, target, document, count: *count, session, data })
            }
            Reply::Quarantine => {
                let (sender, target, document) = self.envelope();
                codec::encode(&Frame::QuarantineChanged { sender, target, document })
            }
        };
        self.send(bytes).await
    }

    /// A document that is not to be had here. If it is an earlier one of the territory, the peer is told once where that
    /// has moved, when it is to be: its connection goes on, and nothing of the old one is read.
    pub(super) async fn unavailable(
        &mut self,
        document: String,
        tells: impl FnOnce() -> bool,
    ) -> Result<(), End> {
        let (sender, target, ours) = self.envelope();
        let earlier = |id: DocumentId| id.epoch(self.territory, self.epoch).is_some();
        if !self.told_moved && document.parse().is_ok_and(earlier) && tells() {
            self.told_moved = true;
            let (sender, target) = (sender.clone(), target.clone());
            let moved = Frame::Error {
                sender,
                target,
                message: DOCUMENT_MOVED_MESSAGE.to_owned(),
                document: Some(ours),
            };
            self.send(codec::encode(&moved)).await?;
        }
        self.send(codec::encode(&Frame::DocUnavailable { sender, target, document })).await
    }

    /// Says why, then closes. The peer may be gone already; that is fine.
    pub(super) async fn refuse(&mut self, refusal: Refusal) {
        let (sender, target, _) = self.envelope();
        let error = Frame::Error { sender, target, message: refusal.to_string(), document: None };
        drop(self.send(codec::encode(&error)).await);
        let reason = Utf8Bytes::from_static(refusal.code());
        let close = CloseFrame { code: refusal.close_code(), reason };
        drop(self.write(Message::Close(Some(close))).await);
        drop(self.sink.close().await);
    }

    fn envelope(&self) -> (PeerId, PeerId, String) {
        (self.server.clone(), self.peer.clone(), self.document.clone())
    }
}
