//! A websocket that speaks automerge-repo: dial, join, and then frames both ways.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::Frame as Full;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::wire::{Frame, join};

/// How long a server may take to answer a client that connects.
const PATIENCE: Duration = Duration::from_secs(60);
/// Frames that are read before others get their turn.
const FRAMES_AT_ONCE: usize = 64;

/// Where a document is served, and how clients are let in.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The websocket's path.
    pub(crate) path: &'static str,
    /// The document, in base58check.
    pub(crate) document: String,
    /// Whether clients offer not to answer each frame.
    pub(crate) sparing: bool,
}

/// An open websocket that has joined.
pub(crate) struct Line {
    read: SplitStream<WebSocketStream<TcpStream>>,
    write: SplitSink<WebSocketStream<TcpStream>, Message>,
    out: VecDeque<Bytes>,
    document: String,
    peer: String,
    server: String,
    /// Whether both sides agreed that the client need not answer each frame.
    pub(crate) sparing: bool,
}

impl Line {
    /// Dials, shows the token if there is one, and joins.
    pub(crate) async fn open(door: &Door, token: Option<&str>, peer: String) -> Result<Self, String> {
        timeout(PATIENCE, Self::dial(door, token, peer)).await.map_err(|_| "no answer to join".to_owned())?
    }

    async fn dial(door: &Door, token: Option<&str>, peer: String) -> Result<Self, String> {
        let url = format!("ws://{}{}", door.address, door.path);
        let mut request = url.into_client_request().expect("a websocket's address");
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").parse().expect("a token is plain text");
            request.headers_mut().insert("authorization", bearer);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(256 * 1024 * 1024))
            .max_frame_size(Some(256 * 1024 * 1024));
        let stream = TcpStream::connect(door.address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let opened = client_async_with_config(request, stream, Some(config)).await;
        let (stream, _) = opened.map_err(|error| error.to_string())?;
        let (write, read) = stream.split();
        let mut line = Self {
            read,
            write,
            out: VecDeque::new(),
            document: door.document.clone(),
            peer,
            server: String::new(),
            sparing: false,
        };
        line.out.push_back(join(&line.peer, door.sparing).into());
        while line.server.is_empty() {
            let mut heard = Vec::new();
            line.step(&mut heard).await?;
            for bytes in heard {
                let frame = Frame::read(&bytes).ok_or("a frame that cannot be read")?;
                if frame.kind == b"peer" {
                    line.server = String::from_utf8_lossy(frame.sender).into_owned();
                    line.sparing = door.sparing && frame.sparing;
                }
            }
        }
        Ok(line)
    }

    /// Puts a sync message on the way; it leaves with the next step.
    pub(crate) fn say(&mut self, data: &[u8]) {
        self.out.push_back(codec::encode_sync(&self.peer, &self.server, &self.document, data).into());
    }

    /// Puts bytes on the way that need be no frame.
    pub(crate) fn say_raw(&mut self, bytes: Bytes) {
        self.out.push_back(bytes);
    }

    /// Asks for the document, having nothing of it.
    pub(crate) fn request(&mut self, data: Vec<u8>) {
        let (sender, target) = (self.peer.as_str().into(), self.server.as_str().into());
        let document = self.document.clone();
        let frame = Full::Sync { sender, target, document, data, request: true };
        self.out.push_back(codec::encode(&frame).into());
    }

    /// Writes what waits while it listens; returns with what was heard, or when all is written and nothing was. Reading
    /// never waits for writing, as in a browser. May be dropped while it waits.
    pub(crate) async fn step(&mut self, heard: &mut Vec<Bytes>) -> Result<(), String> {
        let Self { read, write, out, .. } = self;
        tokio::select! {
            biased;
            message = read.next() => {
                take(message, heard)?;
                while heard.len() < FRAMES_AT_ONCE {
                    let Some(message) = read.next().now_or_never() else { break };
                    take(message, heard)?;
                }
                Ok(())
            }
            written = drain(write, out), if !out.is_empty() => written,
        }
    }
}

async fn drain(
    write: &mut SplitSink<WebSocketStream<TcpStream>, Message>,
    out: &mut VecDeque<Bytes>,
) -> Result<(), String> {
    while let Some(next) = out.front() {
        write.feed(Message::Binary(next.clone())).await.map_err(|error| error.to_string())?;
        out.pop_front();
    }
    write.flush().await.map_err(|error| error.to_string())
}

fn take(
    message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    heard: &mut Vec<Bytes>,
) -> Result<(), String> {
    match message {
        Some(Ok(Message::Binary(bytes))) => heard.push(bytes),
        Some(Ok(Message::Close(close))) => return Err(format!("closed by the server: {close:?}")),
        Some(Ok(_)) => {}
        Some(Err(error)) => return Err(error.to_string()),
        None => return Err("the line ended".to_owned()),
    }
    Ok(())
}
