//! One websocket: bytes ↔ frames, limits, heartbeat. It owns no document and decides nothing about changes.
//!
//! A connection is authenticated before its upgrade; here its peer id is bound to that sign-in. What the peer's
//! fault is ends this connection with a refusal and no other one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bs58::encode as base58;
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use portrea_protocol::ids::{PeerId, TerritoryId};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{Frame, Metadata, RemoteHeads, VERSION};
use portrea_protocol::wire::refusal::Refusal;
use portrea_territory::io::{Input, Presence, Reply};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use crate::access::{Hash, Session};
use crate::clock;
use crate::keeper::{Keeper, Outgoing, Told};
use crate::meters;
use crate::state::State;

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// Serves one connection until it ends.
pub async fn serve(state: Arc<State>, socket: WebSocket, key: Hash, session: Session, keeper: Keeper) {
    let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    let span = tracing::info_span!("session", id, device = %session.device);
    meters::connected();
    async {
        let (sink, mut stream) = socket.split();
        let mut wire = Wire {
            sink,
            server: state.peer.clone(),
            peer: PeerId::from(""),
            territory: session.territory,
            silence: Duration::from_millis(state.settings.silence_ms),
        };
        let end = match greet(&state, &mut wire, &mut stream).await {
            Ok(metadata) => {
                let (outbox, outgoing) = mpsc::channel(state.settings.outbox_frames_max);
                // Names are chosen by clients: under another sign-in the same name is another peer.
                let peer = PeerId::from(format!("{}/{}", session.device, wire.peer));
                let join = Told::Join {
                    peer: peer.clone(),
                    connection: id,
                    person: session.person(),
                    storage: metadata.storage,
                    outbox,
                };
                let live = Live { state: &state, keeper: &keeper, key, peer: peer.clone() };
                let end = match keeper.tell(join).await {
                    Ok(()) => live.run(&mut wire, &mut stream, outgoing).await,
                    Err(ended) => End::Refused(ended.refusal()),
                };
                drop(keeper.tell(Told::Leave { peer, connection: id }).await);
                end
            }
            Err(end) => end,
        };
        match end {
            End::Gone => tracing::debug!("the peer is gone"),
            End::Refused(refusal) => {
                tracing::info!(code = refusal.code(), "the peer was turned away");
                meters::refused(refusal);
                wire.refuse(refusal).await;
            }
        }
    }
    .instrument(span)
    .await;
    meters::disconnected();
}

/// How a connection ends.
enum End {
    Gone,
    Refused(Refusal),
}

type Incoming = futures_util::stream::SplitStream<WebSocket>;

/// The first frame must be `join`, in time, in a version we speak.
async fn greet(state: &State, wire: &mut Wire, stream: &mut Incoming) -> Result<Metadata, End> {
    let silence = Duration::from_millis(state.settings.silence_ms);
    let mut stopping = state.stopping.subscribe();
    let bytes = loop {
        let heard = tokio::select! {
            heard = tokio::time::timeout(silence, stream.next()) => heard,
            _ = stopping.changed() => return Err(End::Refused(Refusal::Stopping)),
        };
        match heard {
            Err(_) => return Err(End::Refused(Refusal::Silent)),
            Ok(Some(Ok(Message::Binary(bytes)))) => break bytes,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Text(_)))) => return Err(End::Refused(Refusal::Malformed)),
            Ok(Some(Ok(Message::Close(_))) | None) => return Err(End::Gone),
            Ok(Some(Err(error))) => return Err(broken(&error)),
        }
    };
    let frame = codec::decode(&bytes).map_err(|_| End::Refused(Refusal::Malformed))?;
    let Frame::Join { sender, metadata, versions } = frame else {
        return Err(End::Refused(Refusal::NotJoined));
    };
    wire.peer = sender.clone();
    // A peer that names no version speaks the first.
    if !versions.is_empty() && !versions.iter().any(|version| version == VERSION) {
        return Err(End::Refused(Refusal::Version));
    }
    let ours = Metadata { storage: Some(state.registry.storage().clone()), ephemeral: false };
    let welcome = Frame::Peer { sender: wire.server.clone(), target: sender, metadata: ours };
    wire.send(codec::encode(&welcome)).await?;
    Ok(metadata)
}

fn broken(error: &axum::Error) -> End {
    // axum does not name the cause; tungstenite's words do.
    if error.to_string().contains("too long") || error.to_string().contains("too big") {
        return End::Refused(Refusal::FrameTooLarge);
    }
    End::Gone
}

/// A joined connection.
struct Live<'a> {
    state: &'a State,
    keeper: &'a Keeper,
    key: Hash,
    peer: PeerId,
}

impl Live<'_> {
    async fn run(
        &self,
        wire: &mut Wire,
        stream: &mut Incoming,
        mut outgoing: mpsc::Receiver<Outgoing>,
    ) -> End {
        let ping = Duration::from_millis(self.state.settings.ping_ms);
        let silence = Duration::from_millis(self.state.settings.silence_ms);
        let mut stopping: watch::Receiver<bool> = self.state.stopping.subscribe();
        let mut heard = Instant::now();
        let mut next_ping = heard + ping;
        let mut full = false;
        loop {
            let step = tokio::select! {
                message = stream.next() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Binary(bytes))) => self.frame(wire, &bytes).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Text(_))) => Err(End::Refused(Refusal::Malformed)),
                        Some(Ok(Message::Close(_))) | None => Err(End::Gone),
                        Some(Err(error)) => Err(broken(&error)),
                    }
                }
                out = outgoing.recv() => {
                    full |= outgoing.len() + 1 >= outgoing.max_capacity();
                    let step = match out {
                        Some(Outgoing::Reply(reply)) => wire.reply(&reply).await,
                        Some(Outgoing::Refuse(refusal)) => Err(End::Refused(refusal)),
                        None => Err(End::Refused(self.keeper.why_ended().refusal())),
                    };
                    if full && outgoing.is_empty() {
                        full = false;
                        let drained = Told::Input(Input::Drained { peer: self.peer.clone() });
                        drop(self.keeper.tell(drained).await);
                    }
                    step
                }
                () = sleep_until(next_ping) => {
                    next_ping += ping;
                    if !self.state.accounts.is_signed_in(self.key) {
                        Err(End::Refused(Refusal::SignedOut))
                    } else if heard.elapsed() > silence {
                        Err(End::Refused(Refusal::Silent))
                    } else {
                        wire.ping().await
                    }
                }
                // It changes once, and an error means that the server's state is gone.
                _ = stopping.changed() => Err(End::Refused(Refusal::Stopping)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn frame(&self, wire: &mut Wire, bytes: &[u8]) -> Result<(), End> {
        meters::frame_in();
        let frame = codec::decode(bytes).map_err(|_| End::Refused(Refusal::Malformed))?;
        if frame.sender().is_some_and(|sender| *sender != wire.peer) {
            // Stock clients pass on the presence that they hear, also back to us, under its first sender's name.
            let passed_on = matches!(frame, Frame::Ephemeral { .. });
            return if passed_on { Ok(()) } else { Err(End::Refused(Refusal::WrongSender)) };
        }
        let peer = self.peer.clone();
        let input = match frame {
            Frame::Join { .. } | Frame::Peer { .. } => return Err(End::Refused(Refusal::NotJoined)),
            Frame::Leave { .. } => return Err(End::Gone),
            Frame::Sync { document, data, .. } => {
                // Stock clients offer every document they hold: what is not this territory's is not ours to have.
                if TerritoryId::from_document_id(&document) != Ok(wire.territory) {
                    return wire.unavailable(document).await;
                }
                Input::Message { peer, data }
            }
            Frame::Ephemeral { document, count, session, data, .. } => {
                if TerritoryId::from_document_id(&document) != Ok(wire.territory) {
                    return Ok(());
                }
                let sender = wire.peer.clone();
                Input::Ephemeral { peer, message: Arc::new(Presence { count, session, sender, data }) }
            }
            Frame::RemoteSubscriptionChange { add, remove, .. } => Input::Subscribe { peer, add, remove },
            Frame::DocUnavailable { .. }
            | Frame::RemoteHeadsChanged { .. }
            | Frame::Error { .. }
            | Frame::Unknown { .. } => return Ok(()),
        };
        self.keeper.tell(Told::Input(input)).await.map_err(|ended| End::Refused(ended.refusal()))
    }
}

/// The way to the peer.
struct Wire {
    sink: SplitSink<WebSocket, Message>,
    server: PeerId,
    peer: PeerId,
    territory: TerritoryId,
    silence: Duration,
}

impl Wire {
    async fn send(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        meters::frame_out();
        self.write(Message::Binary(bytes.into())).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        self.write(Message::Ping(Vec::new().into())).await
    }

    /// A peer that does not take what it is sent is as good as gone.
    async fn write(&mut self, message: Message) -> Result<(), End> {
        match tokio::time::timeout(self.silence, self.sink.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::Gone),
        }
    }

    async fn reply(&mut self, reply: &Reply) -> Result<(), End> {
        let (sender, target) = (self.server.clone(), self.peer.clone());
        let document = self.territory.document_id();
        let bytes = match reply {
            Reply::Sync(data) => codec::encode_sync(sender.as_str(), target.as_str(), &document, data),
            Reply::Heads(known) => {
                let timestamp = clock::now().0;
                let heads = known
                    .iter()
                    .map(|(storage, heads)| {
                        let heads = heads.iter().map(|hash| base58(hash.as_ref()).with_check().into_string());
                        (storage.clone(), RemoteHeads { heads: heads.collect(), timestamp })
                    })
                    .collect();
                codec::encode(&Frame::RemoteHeadsChanged { sender, target, document, heads })
            }
            Reply::Presence(presence) => {
                let Presence { count, session, sender, data } = presence.as_ref();
                let (sender, session, data) = (sender.clone(), session.clone(), data.clone());
                codec::encode(&Frame::Ephemeral { sender, target, document, count: *count, session, data })
            }
        };
        self.send(bytes).await
    }

    async fn unavailable(&mut self, document: String) -> Result<(), End> {
        let (sender, target) = (self.server.clone(), self.peer.clone());
        self.send(codec::encode(&Frame::DocUnavailable { sender, target, document })).await
    }

    /// Says why, then closes. The peer may be gone already; that is fine.
    async fn refuse(&mut self, refusal: Refusal) {
        let (sender, target) = (self.server.clone(), self.peer.clone());
        let error = Frame::Error { sender, target, message: refusal.to_string() };
        drop(self.send(codec::encode(&error)).await);
        let reason = Utf8Bytes::from_static(refusal.code());
        let close = CloseFrame { code: refusal.close_code(), reason };
        drop(self.write(Message::Close(Some(close))).await);
        drop(self.sink.close().await);
    }
}
