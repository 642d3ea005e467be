//! A websocket as what samod speaks through, over the websocket crate that the house uses: for a client that dials and
//! for a server that accepts. It knows nothing of PORTREA.

use futures_util::{SinkExt, StreamExt, future};
use samod::Transport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Binary messages both ways; pings and the like stay with the websocket.
pub fn over<S>(socket: WebSocketStream<S>) -> Transport
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sink, stream) = socket.split();
    let bytes = stream.filter_map(|message| {
        future::ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes.to_vec())),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    });
    let sink = sink.with(|bytes: Vec<u8>| future::ready(Ok::<_, Error>(Message::Binary(bytes.into()))));
    Transport::new(Box::pin(bytes), Box::pin(sink))
}
