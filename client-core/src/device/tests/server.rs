//! A server of nothing but automerge's sync state on a port of the loopback, and the few pages a device asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use automerge::sync::{Message as Sync, State as SyncState, SyncDoc};
use automerge::{ActorId, Automerge};
use futures_util::{SinkExt, StreamExt};
use portrea_protocol::epoch::{Forget, begin};
use portrea_protocol::ids::{DocumentId, PeerId};
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{Frame, Metadata};
use portrea_protocol::wire::refusal::{DOCUMENT_MOVED_MESSAGE, Refusal};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::shelf::identity::tests::identity;

/// What the server does with whoever joins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mood {
    Kind,
    Refusing(Refusal),
    /// Takes everything and never says that anything is on its disk.
    Forgetful,
}

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) doc: Arc<Mutex<Automerge>>,
    mood: Arc<Mutex<Mood>>,
    epoch: Arc<Mutex<u32>>,
    /// Told when the document changed or everybody must go.
    moved: broadcast::Sender<bool>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let doc =
            document::create(ActorId::from([200; 16]), "CC d’essai", "200000000", UnixMillis(0)).unwrap();
        let doc = Arc::new(Mutex::new(doc));
        let mood = Arc::new(Mutex::new(Mood::Kind));
        let (moved, _) = broadcast::channel(100);
        let epoch = Arc::new(Mutex::new(0));
        let (served, felt, told, counted) = (doc.clone(), mood.clone(), moved.clone(), epoch.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mood = (*felt.lock().unwrap(), *counted.lock().unwrap());
                tokio::spawn(session(stream, served.clone(), mood, told.clone()));
            }
        });
        Self { address, doc, mood, epoch, moved }
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let structures = read::structures(&self.doc.lock().unwrap());
        structures.values().map(|structure| structure.name().to_owned()).collect()
    }

    /// Begins another epoch, without what is to be forgotten.
    pub(crate) fn moves(&self, forget: &Forget) {
        let mut epoch = self.epoch.lock().unwrap();
        *epoch += 1;
        let mut doc = self.doc.lock().unwrap();
        let actor = ActorId::from([100; 16]);
        *doc = begin(&doc, forget, &BTreeMap::new(), *epoch, &actor, UnixMillis(9_000)).unwrap().document;
        drop(doc);
        let _ = self.moved.send(true);
    }

    /// The document, to be looked at.
    pub(crate) fn document(&self) -> Automerge {
        document::load(&self.doc.lock().unwrap().save(), ActorId::from([101; 16])).unwrap()
    }

    pub(crate) fn drops_everybody(&self) {
        let _ = self.moved.send(true);
    }
}

async fn session(
    stream: TcpStream,
    doc: Arc<Mutex<Automerge>>,
    (mood, epoch): (Mood, u32),
    moved: broadcast::Sender<bool>,
) -> Option<()> {
    let mut first = [0; 512];
    let length = stream.peek(&mut first).await.ok()?;
    let asked = String::from_utf8_lossy(first.get(..length)?).into_owned();
    if !asked.starts_with("GET /sync") {
        return page(stream, &asked).await;
    }
    let mut socket = accept_async(stream).await.ok()?;
    let mut told = moved.subscribe();
    let mut state = SyncState::new();
    let (mut client, mut asked_for) = (None, false);
    loop {
        let heard = tokio::select! {
            message = socket.next() => Some(message?.ok()?),
            gone = told.recv() => if gone.ok()? { return None } else { None },
        };
        let mut out = Vec::new();
        match heard.map(|message| message.is_binary().then(|| codec::decode(&message.into_data()).unwrap())) {
            Some(Some(Frame::Join { sender, .. })) => {
                client = Some(sender.clone());
                out.push(Frame::Peer {
                    sender: "server".into(),
                    target: sender,
                    metadata: Metadata {
                        storage: Some("disk".into()),
                        ephemeral: false,
                        sparing: false,
                        quarantine: false,
                    },
                });
            }
            Some(Some(Frame::Sync { document, .. })) if document != ours(epoch) => {
                let (sender, target) = (PeerId::from("server"), client.clone()?);
                let message = DOCUMENT_MOVED_MESSAGE.to_owned();
                let new = Some(ours(epoch));
                let (from, to) = (sender.clone(), target.clone());
                let moved = Frame::Error { sender: from, target: to, message, document: new };
                for frame in [moved, Frame::DocUnavailable { sender, target, document }] {
                    socket.send(Message::Binary(codec::encode(&frame).into())).await.ok()?;
                }
                continue;
            }
            Some(Some(Frame::Sync { data, .. })) => {
                asked_for = true;
                if let Mood::Refusing(refusal) = mood {
                    let frame = Frame::Error {
                        sender: "server".into(),
                        target: client?,
                        message: refusal.to_string(),
                        document: None,
                    };
                    socket.send(Message::Binary(codec::encode(&frame).into())).await.ok()?;
                    let close =
                        CloseFrame { code: refusal.close_code().into(), reason: refusal.code().into() };
                    socket.close(Some(close)).await.ok()?;
                    while let Some(Ok(_)) = socket.next().await {}
                    return None;
                }
                if mood == Mood::Forgetful {
                    continue;
                }
                doc.lock().unwrap().receive_sync_message(&mut state, Sync::decode(&data).unwrap()).unwrap();
                let _ = moved.send(false);
            }
            _ => {}
        }
        let data = client
            .as_ref()
            .filter(|_| asked_for || epoch == 0)
            .and_then(|_| doc.lock().unwrap().generate_sync_message(&mut state));
        if let (Some(data), Some(client), false) = (data, &client, mood == Mood::Forgetful) {
            out.push(Frame::Sync {
                sender: "server".into(),
                target: client.clone(),
                document: ours(epoch),
                data: data.encode(),
                request: false,
            });
        }
        for frame in out {
            socket.send(Message::Binary(codec::encode(&frame).into())).await.ok()?;
        }
    }
}

fn ours(epoch: u32) -> String {
    DocumentId::of(identity("").territory, epoch).to_string()
}

/// Answers one request and closes: an invitation is good when its token is, whoever sent it.
async fn page(mut stream: TcpStream, asked: &str) -> Option<()> {
    let mut request = vec![0; 4_096];
    let length = stream.read(&mut request).await.ok()?;
    let mut request = String::from_utf8_lossy(request.get(..length)?).into_owned();
    while asked.starts_with("POST") && !request.contains('}') {
        let mut more = vec![0; 4_096];
        let length = stream.read(&mut more).await.ok().filter(|length| *length > 0)?;
        request.push_str(&String::from_utf8_lossy(more.get(..length)?));
    }
    let known = identity("");
    let (status, body) = if asked.starts_with("POST /api/v1/invitations/accept") && request.contains("good") {
        let answer = json!({
            "token": "secret", "contributor": known.contributor, "role": "contributor",
            "territory": known.territory, "document": known.document,
        });
        ("200 OK", answer)
    } else if asked.starts_with("GET /api/v1/me") && request.contains("Bearer secret") {
        ("200 OK", json!({ "displayName": "Amina", "role": "contributor" }))
    } else {
        ("404 Not Found", json!({ "title": "Invitation inconnue.", "detail": "Demandez-en une autre." }))
    };
    let body = body.to_string();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let answer = format!("{head}content-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}
