//! A device's replica on a bare websocket, in the open: for load, for order, and for looking at what was acknowledged.

use automerge::{ActorId, ChangeHash};
use portrea_client_core::replica::Replica;
use portrea_protocol::ids::{ContributorId, RecordId};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::frame::Frame;
use uuid::Uuid;

use super::socket::{Heard, Socket};
use super::web::Person;

/// A replica, and its line while there is one.
pub struct Editor {
    /// Who is signed in.
    pub person: Person,
    /// The document, as this device has it.
    pub replica: Replica,
    /// The line.
    pub socket: Option<Socket>,
    peer: String,
    number: u16,
    edits: u32,
}

impl Editor {
    /// A device without a document and a line. `number` tells devices apart, and makes their ids.
    pub fn new(person: Person, number: u16) -> Self {
        let contributor: ContributorId = person.contributor.parse().expect("a contributor's uuid");
        let mut actor = [0xed; 16];
        actor[..2].copy_from_slice(&number.to_be_bytes());
        let replica = Replica::empty(person.territory, ActorId::from(actor), contributor);
        Self { person, replica, socket: None, peer: format!("editor-{number}"), number, edits: 0 }
    }

    /// Dials, joins and greets; false when the server is not there.
    pub async fn connect(&mut self) -> bool {
        match Socket::dial(&self.person).await {
            Ok(socket) => self.greet(socket).await,
            Err(_) => false,
        }
    }

    /// Joins and greets on a line that stands; false when it is gone.
    pub async fn greet(&mut self, mut socket: Socket) -> bool {
        socket.greet(&self.peer).await;
        let greeting = self.replica.connected(false);
        let sent = socket.sync(greeting.data, greeting.request).await;
        self.socket = Some(socket);
        sent
    }

    /// Connects, and waits until both have the same.
    pub async fn connected(person: Person, number: u16) -> Self {
        let mut editor = Self::new(person, number);
        assert!(editor.connect().await, "the server is there");
        assert!(editor.settle().await, "the line holds");
        editor
    }

    /// Lets the line go.
    pub fn hang_up(&mut self) {
        self.socket = None;
        self.replica.disconnected();
    }

    /// Writes as one change and sends it, if there is a line; false when there is none any more.
    pub async fn edit(&mut self, edits: &[Edit]) -> bool {
        self.edits += 1;
        let now = UnixMillis(1_778_576_400_000 + i64::from(self.edits));
        self.replica.edit(edits, now).expect("a sound edit");
        match (self.replica.poll_send(), &mut self.socket) {
            (Some(data), Some(socket)) => socket.sync(data, false).await,
            (_, socket) => socket.is_some(),
        }
    }

    /// Adds a structure; gives its id, and whether the line holds.
    pub async fn add(&mut self, name: &str) -> (RecordId, bool) {
        let own = u128::from(self.number) << 32 | u128::from(self.edits);
        let id = RecordId::from(Uuid::from_u128(0x0191_7f3e_0000_7000_8000_0000_0000_0000 | own));
        let edit = Edit::AddStructure { id: id.clone(), name: name.to_owned() };
        (id, self.edit(&[edit]).await)
    }

    /// Sets a field of a structure; false when the line is gone.
    pub async fn set(&mut self, id: &RecordId, key: &str, value: &str) -> bool {
        let address = Address::new(id, Place::Itself, key).expect("a field of the schema");
        self.edit(&[Edit::Set { address, value: Some(value.into()) }]).await
    }

    /// Deals with one frame of the server; false when the line is gone.
    pub async fn step(&mut self) -> bool {
        let Some(socket) = &mut self.socket else { return false };
        let heard = socket.wait().await;
        self.take(heard).await
    }

    /// Deals with what was heard; false when the line is gone.
    pub async fn take(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Frame(Frame::Sync { data, .. }) => {
                let received = self.replica.receive(&data).expect("the server's messages can be merged");
                match (received.reply, &mut self.socket) {
                    (Some(reply), Some(socket)) => socket.sync(reply, false).await,
                    (_, socket) => socket.is_some(),
                }
            }
            Heard::Frame(Frame::Error { message, .. }) => panic!("{} was refused: {message}", self.peer),
            Heard::Frame(_) => true,
            Heard::Closed(..) | Heard::Lost => {
                self.hang_up();
                false
            }
        }
    }

    /// Steps until the server has on disk exactly what is here; false when the line is gone.
    pub async fn settle(&mut self) -> bool {
        tokio::time::timeout(super::DEADLINE, async {
            while self.replica.server_heads() != self.replica.heads() || self.replica.heads().is_empty() {
                if !self.step().await {
                    return false;
                }
            }
            true
        })
        .await
        .unwrap_or_else(|_| panic!("{} does not settle: {:?}", self.peer, self.replica.heads()))
    }

    /// Steps until the document here has these heads; false when the line is gone.
    pub async fn reach(&mut self, heads: &[ChangeHash]) -> bool {
        tokio::time::timeout(super::DEADLINE, async {
            while self.replica.heads() != heads {
                if !self.step().await {
                    return false;
                }
            }
            true
        })
        .await
        .unwrap_or_else(|_| panic!("{} does not reach {heads:?}", self.peer))
    }
}
