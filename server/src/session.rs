//! One websocket: bytes ↔ frames, limits, heartbeat. It owns no document and decides nothing about changes.
//!
//! A connection is authenticated before its upgrade; here its peer id is bound to that sign-in. What the peer's
//! fault is ends this connection with a refusal and no other one.

mod answers;
mod unfold;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, StorageId};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{Frame, Metadata, VERSION};
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync::peek;
use portrea_territory::io::{Input, Presence, Reply};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use self::answers::Answers;
use self::wire::Wire;
use crate::access::Session;
use crate::accounts::hold::Hold;
use crate::keeper::{Keeper, Listened, Outgoing, Told};
use crate::meters;
use crate::state::State;

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// Serves one connection until it ends.
pub async fn serve(state: Arc<State>, socket: WebSocket, session: Session, mut hold: Hold, keeper: Keeper) {
    let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    let span = tracing::info_span!("session", id, device = %session.device);
    meters::connected();
    async {
        let (sink, mut stream) = socket.split();
        let silence = Duration::from_millis(state.settings.silence_ms);
        let mut wire = Wire::new(sink, state.peer.clone(), (session.territory, keeper.epoch()), silence);
        let end = match greet(&state, session.device, &mut hold, &mut wire, &mut stream).await {
            Ok(metadata) => {
                let (outbox, outgoing) = mpsc::channel(state.settings.outbox_frames_max);
                // Names are chosen by clients: under another sign-in the same name is another peer.
                let peer = PeerId::from(format!("{}/{}", session.device, wire.peer));
                let join = Told::Join {
                    peer: peer.clone(),
                    connection: id,
                    person: session.person(),
                    storage: metadata.storage.clone(),
                    outbox,
                };
                let live = Live {
                    state: &state,
                    keeper: &keeper,
                    hold,
                    device: session.device,
                    sparing: metadata.sparing,
                    quarantine: metadata.quarantine,
                    peer: peer.clone(),
                    contributor: session.contributor,
                    storage: metadata.storage,
                    listened: keeper.listened(),
                    answers: Answers::default(),
                };
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
                if refusal.is_for_what_was_sent() {
                    state.patience.turned_away(session.device, Instant::now());
                }
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

/// The first frame must be `join`, in time, in a version we speak. A device that was turned away for what it sent waits.
async fn greet(
    state: &State,
    device: DeviceId,
    hold: &mut Hold,
    wire: &mut Wire,
    stream: &mut Incoming,
) -> Result<Metadata, End> {
    let silence = Duration::from_millis(state.settings.silence_ms);
    let mut stopping = state.stopping.subscribe();
    if let Some(until) = state.patience.until(device, Instant::now()) {
        tokio::select! {
            () = sleep_until(until) => {}
            refusal = hold.ended(&state.accounts) => return Err(End::Refused(refusal)),
            _ = stopping.changed() => return Err(End::Refused(Refusal::Stopping)),
        }
    }
    let bytes = loop {
        let heard = tokio::select! {
            heard = tokio::time::timeout(silence, stream.next()) => heard,
            refusal = hold.ended(&state.accounts) => return Err(End::Refused(refusal)),
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
    let storage = Some(state.registry.storage().clone());
    let (sparing, quarantine) = (metadata.sparing, metadata.quarantine);
    let ours = Metadata { storage, ephemeral: false, sparing, quarantine };
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
    hold: Hold,
    device: DeviceId,
    /// Whether the peer is a client as ours are.
    sparing: bool,
    /// Whether the peer agreed to hear that something of its person's quarantine changed.
    quarantine: bool,
    peer: PeerId,
    contributor: ContributorId,
    storage: Option<StorageId>,
    /// Storages that somebody wants to hear of.
    listened: watch::Receiver<Listened>,
    answers: Answers,
}

impl Live<'_> {
    async fn run(
        mut self,
        wire: &mut Wire,
        stream: &mut Incoming,
        mut outgoing: mpsc::Receiver<Outgoing>,
    ) -> End {
        let ping = Duration::from_millis(self.state.settings.ping_ms);
        let silence = Duration::from_millis(self.state.settings.silence_ms);
        let mut stopping: watch::Receiver<bool> = self.state.stopping.subscribe();
        let mut heard = Instant::now();
        let mut next_ping = std::pin::pin!(sleep_until(heard + ping));
        let mut full = false;
        loop {
            let step = tokio::select! {
                message = stream.next() => {
                    let step = match message {
                        Some(Ok(Message::Binary(bytes))) => self.frame(wire, &bytes).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Text(_))) => Err(End::Refused(Refusal::Malformed)),
                        Some(Ok(Message::Close(_))) | None => Err(End::Gone),
                        Some(Err(error)) => Err(broken(&error)),
                    };
                    // Whoever was made to wait was not silent.
                    heard = Instant::now();
                    step
                }
                out = outgoing.recv() => {
                    full |= outgoing.len() + 1 >= outgoing.max_capacity();
                    let step = match out {
                        Some(Outgoing::Reply(reply)) => self.reply(wire, &reply).await,
                        Some(Outgoing::Refuse(refusal)) => Err(End::Refused(refusal)),
                        None => Err(End::Refused(self.keeper.why_ended().refusal())),
                    };
                    if full && outgoing.is_empty() {
                        full = false;
                        // It is brought up to date from the heads that it last told.
                        drop(self.pass_on().await);
                        let drained = Told::Input(Input::Drained { peer: self.peer.clone() });
                        drop(self.keeper.tell(drained).await);
                    }
                    step
                }
                () = next_ping.as_mut() => {
                    let next = next_ping.deadline() + ping;
                    next_ping.as_mut().reset(next);
                    if let Some(refusal) = self.hold.over(&self.state.accounts) {
                        Err(End::Refused(refusal))
                    } else if heard.elapsed() > silence {
                        Err(End::Refused(Refusal::Silent))
                    } else {
                        wire.ping().await
                    }
                }
                // An error means that the keeper is gone; the outbox says so too.
                Ok(()) = self.listened.changed() => {
                    if self.is_listened() { self.pass_on().await } else { Ok(()) }
                }
                refusal = self.hold.ended(&self.state.accounts) => Err(End::Refused(refusal)),
                // It changes once, and an error means that the server's state is gone.
                _ = stopping.changed() => Err(End::Refused(Refusal::Stopping)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn frame(&mut self, wire: &mut Wire, bytes: &[u8]) -> Result<(), End> {
        meters::frame_in();
        if let Some(refusal) = self.hold.turned(&self.state.accounts) {
            return Err(End::Refused(refusal));
        }
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
                if !wire.is_about(&document) {
                    let tells = || self.sparing || self.state.moved.tells(self.device, Instant::now());
                    return wire.unavailable(document, tells).await;
                }
                let Some(data) = self.answers.hear(data) else {
                    return if self.is_listened() { self.pass_on().await } else { Ok(()) };
                };
                self.pace(&data).await?;
                let data = unfold::check(&self.state.unfolding, data).await.map_err(End::Refused)?;
                Input::Message { peer, data }
            }
            Frame::Ephemeral { document, count, session, data, .. } => {
                if !wire.is_about(&document) {
                    return Ok(());
                }
                let sender = wire.peer.clone();
                Input::Ephemeral { peer, message: Arc::new(Presence { count, session, sender, data }) }
            }
            Frame::RemoteSubscriptionChange { add, remove, .. } => Input::Subscribe { peer, add, remove },
            Frame::DocUnavailable { .. }
            | Frame::RemoteHeadsChanged { .. }
            | Frame::QuarantineChanged { .. }
            | Frame::Error { .. }
            | Frame::Unknown { .. } => return Ok(()),
        };
        self.tell(input).await
    }

    /// Lets a contributor who sends more changes than anybody writes wait: nothing is refused, and nobody else waits.
    /// While it waits the connection is not read, so that its sender's own network holds the rest back.
    async fn pace(&mut self, data: &[u8]) -> Result<(), End> {
        let changes = peek(data).map_or(0, |message| message.chunks);
        let changes = u32::try_from(changes).unwrap_or(u32::MAX);
        let mut stopping = self.state.stopping.subscribe();
        while let Err(wait) = self.state.paces.edits.take(&self.contributor, changes) {
            meters::slowed();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                refusal = self.hold.ended(&self.state.accounts) => return Err(End::Refused(refusal)),
                _ = stopping.changed() => return Err(End::Refused(Refusal::Stopping)),
            }
        }
        Ok(())
    }

    /// Passes on what the territory says to the peer, unless the session ended meanwhile.
    async fn reply(&mut self, wire: &mut Wire, reply: &Reply) -> Result<(), End> {
        if let Some(refusal) = self.hold.turned(&self.state.accounts) {
            return Err(End::Refused(refusal));
        }
        match reply {
            Reply::News(message) => self.answers.news(message),
            Reply::Sync(_) => self.answers.alone(),
            Reply::Quarantine if !self.quarantine => return Ok(()),
            Reply::Heads(_) | Reply::Presence(_) | Reply::Quarantine => {}
        }
        wire.reply(reply).await
    }

    /// Tells the territory the answer that was kept back, if there is one.
    async fn pass_on(&mut self) -> Result<(), End> {
        match self.answers.take() {
            Some(data) => self.tell(Input::Message { peer: self.peer.clone(), data }).await,
            None => Ok(()),
        }
    }

    async fn tell(&self, input: Input) -> Result<(), End> {
        self.keeper.tell(Told::Input(input)).await.map_err(|ended| End::Refused(ended.refusal()))
    }

    /// Whether somebody wants to hear what this peer's storage has.
    fn is_listened(&self) -> bool {
        self.storage.as_ref().is_some_and(|storage| self.listened.borrow().contains(storage))
    }
}
