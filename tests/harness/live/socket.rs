//! A bare websocket to the server: it says what it is told to say, also what no client would.

use futures_util::{SinkExt, StreamExt};
use portrea_protocol::ids::{DocumentId, PeerId, TerritoryId};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{FRAME_BYTES_MAX, Frame, Metadata, VERSION};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::DEADLINE;
use super::web::Person;

/// What came over the line.
#[derive(Debug)]
pub enum Heard {
    /// A frame.
    Frame(Frame),
    /// The server closed, with this code and reason.
    Closed(u16, String),
    /// The line broke without a word.
    Lost,
}

/// An open websocket, and who it says it is once it joined.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    peer: PeerId,
    server: PeerId,
    document: String,
    /// Whether it wants to be told when its person's quarantine changes.
    pub hears_quarantine: bool,
}

impl Socket {
    /// Opens a websocket with these headers; the status when the server does not upgrade, 0 when it is not there.
    pub async fn open(url: &str, headers: &[(&str, &str)], territory: TerritoryId) -> Result<Self, u16> {
        Self::open_with(url, headers, territory, None).await
    }

    /// Opens a websocket with somebody's token.
    pub async fn dial(person: &Person) -> Result<Self, u16> {
        let url = format!("{}/sync", person.url.replacen("http", "ws", 1));
        Self::open(&url, &[("authorization", &person.bearer())], person.territory).await
    }

    /// Opens a websocket with somebody's token, and with room for so few bytes that whoever does not read is noticed.
    pub async fn dial_narrow(person: &Person) -> Result<Self, u16> {
        let url = format!("{}/sync", person.url.replacen("http", "ws", 1));
        let bearer = person.bearer();
        Self::open_with(&url, &[("authorization", &bearer)], person.territory, Some(4_096)).await
    }

    async fn open_with(
        url: &str,
        headers: &[(&str, &str)],
        territory: TerritoryId,
        room: Option<u32>,
    ) -> Result<Self, u16> {
        let mut request = url.into_client_request().expect("a websocket's address");
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a header's name");
            request.headers_mut().insert(name, HeaderValue::try_from(*value).expect("a header's value"));
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(2 * FRAME_BYTES_MAX))
            .max_frame_size(Some(2 * FRAME_BYTES_MAX));
        let address = request.uri().authority().and_then(|authority| authority.as_str().parse().ok());
        let opening = async {
            let socket = TcpSocket::new_v4()?;
            if let Some(room) = room {
                socket.set_recv_buffer_size(room)?;
            }
            let stream = socket.connect(address.expect("an address of the loopback")).await?;
            stream.set_nodelay(true)?;
            client_async_with_config(request, stream, Some(config)).await
        };
        match timeout(DEADLINE, opening).await.expect("the server answers in time") {
            Ok((stream, _)) => Ok(Self {
                stream,
                peer: PeerId::from(""),
                server: PeerId::from(""),
                document: DocumentId::of(territory, 0).to_string(),
                hears_quarantine: false,
            }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Opens a websocket with somebody's token and joins.
    pub async fn join(person: &Person, peer: &str) -> Self {
        let mut socket = Self::dial(person).await.unwrap_or_else(|status| panic!("no websocket: {status}"));
        socket.greet(peer).await;
        socket
    }

    /// Sends `join` and waits for the server's name.
    pub async fn greet(&mut self, peer: &str) {
        self.peer = peer.into();
        self.send(self.hello()).await;
        let heard = self.hear().await;
        let Heard::Frame(Frame::Peer { sender, metadata, .. }) = &heard else {
            panic!("no welcome but {heard:?}")
        };
        assert_eq!(metadata.quarantine, self.hears_quarantine, "the server agrees to what was asked");
        self.server = sender.clone();
    }

    /// The `join` that this peer would send.
    pub fn hello(&self) -> Frame {
        let metadata = Metadata {
            storage: Some(format!("{}-storage", self.peer).into()),
            ephemeral: false,
            sparing: false,
            quarantine: self.hears_quarantine,
        };
        Frame::Join { sender: self.peer.clone(), metadata, versions: vec![VERSION.to_owned()] }
    }

    /// A sync message about the territory's document, as a frame.
    pub fn sync_frame(&self, data: Vec<u8>, request: bool) -> Frame {
        let (sender, target) = (self.peer.clone(), self.server.clone());
        Frame::Sync { sender, target, document: self.document.clone(), data, request }
    }

    /// Sends a frame; false when the line is gone.
    pub async fn send(&mut self, frame: Frame) -> bool {
        self.say(Message::Binary(codec::encode(&frame).into())).await
    }

    /// Sends a sync message about the territory's document; false when the line is gone.
    pub async fn sync(&mut self, data: Vec<u8>, request: bool) -> bool {
        self.send(self.sync_frame(data, request)).await
    }

    /// Sends anything; false when the line is gone.
    pub async fn say(&mut self, message: Message) -> bool {
        timeout(DEADLINE, self.stream.send(message)).await.expect("the server reads").is_ok()
    }

    /// Announces a binary frame of so many bytes, and sends none of them.
    pub async fn announce(&mut self, bytes: u64) {
        // The last frame of its message, binary; masked, with a length of eight bytes; a mask of zeros.
        let head = [&[0x82, 0xff][..], &bytes.to_be_bytes(), &[0; 4]].concat();
        self.stream.get_mut().write_all(&head).await.expect("the line holds");
    }

    /// What comes next.
    pub async fn hear(&mut self) -> Heard {
        timeout(DEADLINE, self.wait()).await.expect("the server says something in time")
    }

    /// What comes next, whenever that is. May be dropped while it waits.
    pub async fn wait(&mut self) -> Heard {
        loop {
            return match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    Heard::Frame(codec::decode(&bytes).expect("the server's frames can be read"))
                }
                Some(Ok(Message::Close(Some(close)))) => {
                    Heard::Closed(close.code.into(), close.reason.as_str().to_owned())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("the server sends nothing but binary frames: {other:?}"),
                Some(Err(_)) | None => Heard::Lost,
            };
        }
    }

    /// Reads to the end: what the error frame said, and how the connection was closed.
    pub async fn end(&mut self) -> (String, u16, String) {
        let mut said = String::new();
        loop {
            match self.hear().await {
                Heard::Frame(Frame::Error { message, .. }) => said = message,
                Heard::Frame(_) => {}
                Heard::Closed(code, reason) => return (said, code, reason),
                Heard::Lost => return (said, 0, String::new()),
            }
        }
    }

    /// Hangs up.
    pub async fn close(&mut self) {
        // The server may have done so before.
        drop(timeout(DEADLINE, self.stream.close(None)).await);
    }
}
