//! The network between devices and server: real frames in real bytes, with trouble.

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::Frame;
use portrea_territory::io::{Input, Reply};

use super::{Event, World};

impl World {
    pub(super) fn dial(&mut self, device: usize) {
        let up = self.server.is_up();
        let at = self.device(device);
        if !at.wants_network || at.connection.is_some() {
            return;
        }
        if !up {
            self.within(200, 5_000, Event::Dial(device));
            return;
        }
        let connection = self.server.accept();
        let at = self.device(device);
        at.connection = Some(connection);
        let greeting = at.greet();
        let (peer, person) = (at.peer.clone(), at.person.clone());
        self.arrivals.remove(&(device, true));
        self.arrivals.remove(&(device, false));
        self.server.connect(device, connection, peer, person);
        self.gather();
        self.send_to_server(device, greeting.data);
    }

    pub(super) fn redial(&mut self, device: usize) {
        if self.device(device).wants_network {
            self.within(100, 3_000, Event::Dial(device));
        }
    }

    pub(super) fn cut(&mut self, device: usize) {
        self.hang_up(device);
        self.redial(device);
    }

    pub(super) fn hang_up(&mut self, device: usize) {
        let at = self.device(device);
        at.replica.disconnected();
        if let Some(connection) = at.connection.take() {
            let peer = at.peer.clone();
            self.server.disconnect(device, connection, peer);
            self.gather();
        }
    }

    pub(super) fn send_to_server(&mut self, device: usize, data: Vec<u8>) {
        let at = self.device(device);
        let Some(connection) = at.connection else { return };
        let frame = Frame::Sync {
            sender: at.peer.clone(),
            target: "server".into(),
            document: self.server.territory.document_id(),
            data,
            request: false,
        };
        self.travel(device, true, codec::encode(&frame), |bytes| Event::ToServer(device, connection, bytes));
    }

    pub(super) fn send_to_device(&mut self, device: usize, connection: u64, reply: &Reply) {
        let Some(data) = reply.sync() else { return };
        let document = self.server.territory.document_id();
        let peer = self.device(device).peer.clone();
        let bytes = codec::encode_sync("server", peer.as_str(), &document, data);
        self.travel(device, false, bytes, |bytes| Event::ToDevice(device, connection, bytes));
    }

    /// A frame on its way: in order behind the last one, unless there is trouble.
    fn travel(&mut self, device: usize, up: bool, bytes: Vec<u8>, arrive: impl Fn(Vec<u8>) -> Event) {
        if self.seed.chance(self.trouble.cut) {
            self.within(1, 50, Event::Cut(device));
            return;
        }
        let slow = self.seed.chance(self.trouble.delayed);
        let delay = if slow { self.seed.between(500, 8_000) } else { self.seed.between(1, 60) };
        let last = self.arrivals.get(&(device, up)).copied().unwrap_or(i64::MIN);
        let overtakes = self.seed.chance(self.trouble.reordered);
        let due = self.now.0 + delay.cast_signed();
        let due = if overtakes { due } else { due.max(last) };
        self.arrivals.insert((device, up), due.max(last));
        if self.seed.chance(self.trouble.duplicated) {
            let again = due + self.seed.between(0, 400).cast_signed();
            self.at(again, arrive(bytes.clone()));
        }
        self.at(due, arrive(bytes));
    }

    pub(super) fn reaches_server(&mut self, device: usize, connection: u64, bytes: &[u8]) {
        if !self.server.holds(device, connection) {
            return;
        }
        let frame = codec::decode(bytes).expect("devices send frames");
        if let Frame::Sync { sender, data, document, .. } = frame {
            assert_eq!(TerritoryId::from_document_id(&document), Ok(self.server.territory));
            self.server.tell(Input::Message { peer: sender, data });
            self.gather();
        }
    }

    pub(super) fn reaches_device(&mut self, device: usize, connection: u64, bytes: &[u8]) {
        if self.device(device).connection != Some(connection) {
            return;
        }
        let Ok(Frame::Sync { data, .. }) = codec::decode(bytes) else {
            panic!("the server sends sync frames")
        };
        match self.device(device).receive(&data) {
            Ok(Some(reply)) => self.send_to_server(device, reply),
            Ok(None) => {}
            Err(()) => self.cut(device),
        }
    }
}
