//! One step after the other: what the line brings goes to link and replica, what they answer goes to shelf and line.

use std::future::Future;
use std::pin::Pin;

use portrea_protocol::ids::{DocumentId, PeerId};
use portrea_protocol::wire::frame::{Frame, Metadata, VERSION};
use portrea_protocol::wire::refusal::DOCUMENT_MOVED;
use portrea_protocol::wire::sync::peek;

use super::clock::chance;
use super::socket::{Heard, Socket};
use super::{Answered, Device};
use crate::link::{Action, Event, Loss, Phase};
use crate::replica::Received;

/// The line to the server.
pub(super) enum Line {
    /// There is none.
    None,
    /// It is being opened.
    Opening(Pin<Box<dyn Future<Output = Result<Socket, Loss>> + Send>>),
    /// It is open, and the server told its name or not yet.
    Open(Box<Socket>, Option<Server>),
}

/// What the server told of itself.
pub(super) struct Server {
    peer: PeerId,
    /// Whether it can do without answers that tell nothing new.
    pub(super) sparing: bool,
}

/// One thing that happened.
pub(super) enum Input {
    /// The line is open.
    Opened(Box<Socket>),
    /// Something came over it.
    Heard(Heard),
    /// The link's time has come.
    Time,
}

impl Device {
    /// Deals with one thing that happened.
    pub(super) async fn deal(&mut self, input: Input) {
        match input {
            Input::Time => self.tell(Event::Tick).await,
            Input::Opened(socket) => {
                self.line = Line::Open(socket, None);
                self.tell(Event::Opened).await;
            }
            Input::Heard(Heard::Lost(loss)) => self.lose(loss).await,
            Input::Heard(Heard::Life) => self.tell(Event::Heard).await,
            Input::Heard(Heard::Frame(frame)) => {
                self.tell(Event::Heard).await;
                self.take(*frame).await;
            }
        }
    }

    /// Waits for one thing to happen. May be dropped while it waits.
    pub(super) async fn input(&mut self) -> Input {
        let wake = self.link.wake().map(|wake| self.clock.at(wake));
        let time = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            input = self.line.next() => input,
            () = time => Input::Time,
        }
    }

    /// Tells the link what happened and does what it answers.
    pub(super) async fn tell(&mut self, event: Event) {
        let mut event = Some(event);
        while let Some(told) = event.take() {
            let action = self.link.handle(self.clock.elapsed(), chance(), told);
            let done = match action {
                Some(action) => self.perform(action).await,
                None => Ok(()),
            };
            if let Err(loss) = done {
                self.drop_line();
                event = Some(Event::Lost(loss));
            }
        }
        if self.link.phase() == Phase::SignedOut && !self.known.signed_out {
            self.known.signed_out = true;
            self.unnoted = true;
            self.note_server();
        }
        self.tell_status();
    }

    async fn perform(&mut self, action: Action) -> Result<(), Loss> {
        tracing::debug!(?action, "link");
        match action {
            Action::Dial => {
                self.line = Line::Opening(Box::pin(Socket::dial(self.identity.clone())));
                Ok(())
            }
            Action::Join => {
                let metadata = Metadata {
                    storage: Some(self.identity.storage.clone()),
                    ephemeral: false,
                    sparing: true,
                    // Commands ask when they need to know, and `watch` reads it in the feed.
                    quarantine: false,
                };
                let versions = vec![VERSION.to_owned()];
                self.send(Frame::Join { sender: self.identity.peer.clone(), metadata, versions }).await
            }
            Action::Greet => {
                if let Err(error) = self.freshen() {
                    self.trouble = Some(error);
                    return Err(Loss::Broken);
                }
                (self.answered, self.known.signed_out) = (Answered::Nothing, false);
                let sparing = matches!(&self.line, Line::Open(_, Some(server)) if server.sparing);
                let greeting = self.replica.connected(sparing);
                self.sync(self.document(), greeting.data, greeting.request).await
            }
            Action::Ping => match &mut self.line {
                Line::Open(socket, _) => socket.ping().await,
                Line::None | Line::Opening(_) => Ok(()),
            },
            Action::HangUp => {
                if let Line::Open(socket, _) = self.drop_line() {
                    socket.close().await;
                }
                Ok(())
            }
        }
    }

    /// Ends the connection on our side.
    pub(super) async fn hang_up(&mut self) {
        self.tell(Event::Stop).await;
    }

    pub(super) async fn lose(&mut self, loss: Loss) {
        tracing::debug!(?loss, "line lost");
        self.drop_line();
        self.tell(Event::Lost(loss)).await;
        self.note_server();
    }

    fn drop_line(&mut self) -> Line {
        self.replica.disconnected();
        self.moving = None;
        std::mem::replace(&mut self.line, Line::None)
    }

    async fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Peer { sender, metadata, .. } => {
                if let Line::Open(_, server) = &mut self.line {
                    *server = Some(Server { peer: sender, sparing: metadata.sparing });
                }
                self.tell(Event::Welcomed).await;
            }
            Frame::Sync { document, data, .. } => match document.parse::<DocumentId>() {
                Ok(about) if self.moving.as_ref().is_some_and(|moving| moving.document == about) => {
                    self.arrive(&data).await;
                }
                Ok(about) if about == self.document() => match self.receive(&data) {
                    Ok(reply) => self.answer(reply).await,
                    Err(()) => self.break_off().await,
                },
                Ok(_) | Err(_) => {}
            },
            Frame::Error { message, document, .. } => {
                let code = message.split(':').next().unwrap_or_default().trim();
                if code == DOCUMENT_MOVED {
                    self.follow(document.as_deref()).await;
                    return;
                }
                self.learn_refusal(code);
                self.tell_status();
            }
            // That the earlier document is not to be had any more, the device knows by now.
            Frame::DocUnavailable { document, .. }
                if self.moving.is_some() && document.parse() == Ok(self.document()) => {}
            Frame::DocUnavailable { .. } => self.break_off().await,
            Frame::Join { .. }
            | Frame::Leave { .. }
            | Frame::Ephemeral { .. }
            | Frame::RemoteSubscriptionChange { .. }
            | Frame::RemoteHeadsChanged { .. }
            | Frame::QuarantineChanged { .. }
            | Frame::Unknown { .. } => {}
        }
    }

    /// Merges and keeps; only then is there a reply.
    fn receive(&mut self, data: &[u8]) -> Result<Option<Vec<u8>>, ()> {
        let had_sent_all = self.replica.has_sent_all();
        let Received { keep, reply, heads_moved, .. } = self.replica.receive(data).map_err(|error| {
            tracing::warn!(%error, "message not taken");
        })?;
        if let Some(changes) = keep {
            self.keep(&changes).map_err(|error| {
                tracing::warn!(%error, "changes not kept");
                self.trouble = Some(error);
            })?;
        }
        // Everything was sent before and something waits all the same: what the server did not merge is with it.
        let sends = reply.as_deref().and_then(peek).is_some_and(|message| message.chunks > 0);
        let part = had_sent_all && self.replica.waiting() > 0 && !sends;
        self.answered = if part { Answered::Part } else { Answered::Something };
        if heads_moved {
            self.learn_server();
        }
        self.tell_status();
        Ok(reply)
    }

    /// The server cannot be followed here: hang up and begin afresh later.
    pub(super) async fn break_off(&mut self) {
        if let Line::Open(socket, _) = self.drop_line() {
            socket.close().await;
        }
        self.tell(Event::Lost(Loss::Broken)).await;
    }

    /// Sends what is due to the server, if anything is.
    pub(super) async fn answer(&mut self, message: Option<Vec<u8>>) {
        if let Some(data) = message
            && let Err(loss) = self.sync(self.document(), data, false).await
        {
            self.lose(loss).await;
        }
    }

    pub(super) async fn sync(
        &mut self,
        document: DocumentId,
        data: Vec<u8>,
        request: bool,
    ) -> Result<(), Loss> {
        let Line::Open(_, Some(server)) = &self.line else { return Err(Loss::Broken) };
        let frame = Frame::Sync {
            sender: self.identity.peer.clone(),
            target: server.peer.clone(),
            document: document.to_string(),
            data,
            request,
        };
        self.send(frame).await
    }

    async fn send(&mut self, frame: Frame) -> Result<(), Loss> {
        match &mut self.line {
            Line::Open(socket, _) => socket.send(&frame).await,
            Line::None | Line::Opening(_) => Err(Loss::Broken),
        }
    }
}

impl Line {
    async fn next(&mut self) -> Input {
        match self {
            Self::None => std::future::pending().await,
            Self::Opening(dialling) => match dialling.await {
                Ok(socket) => Input::Opened(Box::new(socket)),
                Err(loss) => Input::Heard(Heard::Lost(loss)),
            },
            Self::Open(socket, _) => Input::Heard(socket.hear().await),
        }
    }
}
