//! One websocket to the server: frames in and out, and how it was lost. It decides nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{FRAME_BYTES_MAX, Frame};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::link::{Loss, SILENCE_MAX};
use crate::shelf::identity::Identity;

/// The longest that saying goodbye may take.
const CLOSING_MAX: Duration = Duration::from_secs(1);

/// What came over the line.
#[derive(Debug)]
pub(super) enum Heard {
    /// A frame of the protocol.
    Frame(Box<Frame>),
    /// A sign of life and nothing more.
    Life,
    /// The line is gone.
    Lost(Loss),
}

/// An open websocket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Opens a websocket with the device's token.
    pub(super) async fn dial(identity: Identity) -> Result<Self, Loss> {
        // Another crate of the program may have chosen a provider already; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut request = identity.sync_url().into_client_request().map_err(|_| Loss::Broken)?;
        let bearer = format!("Bearer {}", identity.token.reveal());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| Loss::Unauthorised)?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        match connect_async_with_config(request, Some(config), true).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(error) => Err(loss(&error)),
        }
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &Frame) -> Result<(), Loss> {
        self.put(Message::Binary(codec::encode(frame).into())).await
    }

    /// Asks whether the server is still there.
    pub(super) async fn ping(&mut self) -> Result<(), Loss> {
        self.put(Message::Ping(Bytes::new())).await
    }

    /// Waits for what comes next. May be dropped while it waits.
    pub(super) async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(Message::Binary(bytes))) => match codec::decode(&bytes) {
                Ok(frame) => Heard::Frame(Box::new(frame)),
                Err(_) => Heard::Lost(Loss::Broken),
            },
            Some(Ok(Message::Close(Some(close)))) => Heard::Lost(Loss::Closed(close.code.into())),
            Some(Ok(Message::Close(None)) | Err(_)) | None => Heard::Lost(Loss::Broken),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_))) => {
                Heard::Life
            }
        }
    }

    /// Says goodbye, without waiting for an answer.
    pub(super) async fn close(mut self) {
        let _ = timeout(CLOSING_MAX, self.stream.close(None)).await;
    }

    async fn put(&mut self, message: Message) -> Result<(), Loss> {
        match timeout(SILENCE_MAX, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(loss(&error)),
            Err(_) => Err(Loss::Broken),
        }
    }
}

fn loss(error: &Error) -> Loss {
    if let Error::Http(response) = error
        && response.status().as_u16() == 401
    {
        return Loss::Unauthorised;
    }
    Loss::Broken
}
