//! The network between devices and server: real frames in real bytes, heartbeats, and what may befall them.

use std::collections::VecDeque;

use portrea_client_core::link::{self, Loss};
use portrea_protocol::ids::{DocumentId, PeerId};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::{Frame, Metadata, VERSION};
use portrea_protocol::wire::refusal::{DOCUMENT_MOVED_MESSAGE, Refusal};
use portrea_territory::io::Input;

use super::forging::SENT_MAX;
use super::server::{Step, Told};
use super::{Event, World};
use crate::bug::Bug;
use crate::check::Check;
use crate::fault::Fault;
use crate::seed::Seed;

/// The server's heartbeat, as in its settings.
const BEAT_MS: u64 = 20_000;
/// After this silence the server takes a peer for gone, as in its settings.
const SILENCE_MS: i64 = 60_000;
/// Frames that may wait for a peer; far fewer than in the server's settings.
pub(super) const OUTBOX_FRAMES_MAX: usize = 2;

/// What travels.
#[derive(Debug, Clone)]
pub(super) enum Packet {
    /// A frame of the protocol.
    Frame(Vec<u8>),
    /// A websocket ping.
    Ping,
    /// Its answer.
    Pong,
    /// The other end closed, with this code.
    Closed(u16),
}

impl Packet {
    pub(super) fn is_heartbeat(&self) -> bool {
        matches!(self, Self::Ping | Self::Pong)
    }
}

/// A connection as the server sees it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each may be so without the others")]
pub(super) struct Connection {
    pub(super) device: usize,
    pub(super) peer: PeerId,
    /// Whether it joined: a second `join` ends it, as in the real session.
    joined: bool,
    /// Whether nothing arrives any more, upwards.
    pub(super) dark_up: bool,
    /// The same downwards.
    pub(super) dark_down: bool,
    /// Whether the device reads nothing for now.
    pub(super) stalled: bool,
    /// What waits for the device to read.
    pub(super) outbox: VecDeque<Packet>,
    /// When the last frame arrives, upwards and downwards: a websocket keeps its order.
    last: (i64, i64),
    heard: i64,
    /// The last sync message that came, and whether it came again.
    pub(super) came: Vec<u8>,
    /// Whether the peer was told that an earlier document has moved.
    told_moved: bool,
}

impl World {
    pub(super) fn dials(&mut self, device: usize) {
        let at = self.device(device);
        at.dials += 1;
        let dial = at.dials;
        if !at.out_of_reach {
            let delay = at.chance.between(5, 60);
            self.after(delay, Event::Opened(device, dial));
        }
    }

    pub(super) fn opened(&mut self, device: usize, dial: u64) {
        let up = self.server.is_up && !matches!(self.server.step, Step::Erasing(_));
        let at = self.device(device);
        let dialling = at.link.phase() == link::Phase::Dialling && at.dials == dial;
        if !dialling || at.out_of_reach {
            return;
        }
        if !up {
            self.link(device, link::Event::Lost(Loss::Broken));
            return;
        }
        let peer = at.peer.clone();
        let (now, connection) = (self.now, self.server.accepts());
        let accepted = Connection {
            device,
            peer,
            joined: false,
            dark_up: false,
            dark_down: false,
            stalled: false,
            outbox: VecDeque::new(),
            last: (now, now),
            heard: now,
            came: Vec::new(),
            told_moved: false,
        };
        self.server.connections.insert(connection, accepted);
        self.device(device).connection = Some(connection);
        self.after(BEAT_MS, Event::Beat(connection));
        self.link(device, link::Event::Opened);
    }

    pub(super) fn joins(&mut self, device: usize) {
        let sender = self.device(device).peer.clone();
        let join = Frame::Join { sender, metadata: Metadata::default(), versions: vec![VERSION.to_owned()] };
        self.sends_up(device, Packet::Frame(codec::encode(&join)));
    }

    pub(super) fn greets(&mut self, device: usize) {
        let greeting = self.device(device).replica.connected(is_sparing(device));
        self.sends_sync(device, greeting.data, greeting.request);
    }

    pub(super) fn sends_sync(&mut self, device: usize, data: Vec<u8>, request: bool) {
        let epoch = self.device(device).epoch;
        self.sends_about(device, epoch, data, request);
    }

    /// The same about the document of an epoch.
    pub(super) fn sends_about(&mut self, device: usize, epoch: u32, data: Vec<u8>, request: bool) {
        let document = DocumentId::of(self.server.territory, epoch).to_string();
        let sender = self.device(device).peer.clone();
        let frame = Frame::Sync { sender, target: "server".into(), document, data, request };
        self.sends_up(device, Packet::Frame(codec::encode(&frame)));
    }

    pub(super) fn sends_up(&mut self, device: usize, packet: Packet) {
        let at = self.device(device);
        if let (true, Packet::Frame(frame)) = (at.dishonest && at.sent.len() < SENT_MAX, &packet) {
            at.sent.push(frame.clone());
        }
        if let Some(connection) = at.connection {
            self.travels(connection, device, true, packet);
        }
    }

    /// A packet on its way: in order behind the last one, unless something goes wrong.
    pub(super) fn travels(&mut self, connection: u64, device: usize, up: bool, packet: Packet) {
        let now = self.now;
        let armed = if matches!(packet, Packet::Frame(_)) { self.befalls(device, up) } else { None };
        let delay = self.device(device).chance.between(1, 60).cast_signed();
        let Some(line) = self.server.connections.get_mut(&connection) else { return };
        if if up { line.dark_up } else { line.dark_down } {
            return;
        }
        let last = if up { &mut line.last.0 } else { &mut line.last.1 };
        let mut due = (now + delay).max(*last);
        let mut again = None;
        let (fault, draw) = armed.unzip();
        let chance = &mut Seed::new(draw.unwrap_or_default());
        if fault == Some(Fault::Delayed) {
            due += chance.between(500, 8_000).cast_signed();
        }
        if fault == Some(Fault::Duplicated) {
            again = Some(due + chance.between(0, 400).cast_signed());
        }
        if fault == Some(Fault::Overtaking) {
            // Whatever comes next overtakes this one: in the order of a queue it is this one that is late.
            due += chance.between(50, 3_000).cast_signed();
            *last = now;
        } else {
            *last = due;
        }
        if let Some(again) = again {
            let packet = packet.clone();
            self.at(again, Event::Arrives { connection, device, up, packet });
        }
        self.at(due, Event::Arrives { connection, device, up, packet });
    }

    /// What befalls the next frame of a device in this direction, if something was armed.
    fn befalls(&mut self, device: usize, up: bool) -> Option<(Fault, u64)> {
        let armed = &mut self.device(device).armed;
        let frames = [Fault::Delayed, Fault::Duplicated, Fault::Overtaking];
        let meant = |(fault, draw): &(Fault, u64)| frames.contains(fault) && (draw % 2 == 0) == up;
        let at = armed.iter().position(meant)?;
        let (fault, draw) = armed.remove(at);
        if !up && fault != Fault::Delayed {
            let at = self.device(device);
            at.disordered = at.connection;
        }
        self.note(|| format!("{fault:?}: a frame {} device {device}", if up { "from" } else { "to" }));
        Some((fault, draw))
    }

    pub(super) fn arrives(&mut self, connection: u64, device: usize, up: bool, packet: Packet) {
        if up {
            self.reaches_server(connection, device, packet);
        } else {
            self.reaches_device(connection, device, packet);
        }
    }

    fn reaches_server(&mut self, connection: u64, device: usize, packet: Packet) {
        let now = self.now;
        let Some(line) = self.server.connections.get_mut(&connection) else { return };
        line.heard = now;
        match packet {
            Packet::Ping => self.travels(connection, device, false, Packet::Pong),
            Packet::Pong => {}
            Packet::Closed(_) => self.leaves(connection),
            Packet::Frame(bytes) => match codec::decode(&bytes) {
                Ok(Frame::Join { .. }) if line.joined => self.closes(connection, Refusal::NotJoined),
                Ok(Frame::Join { sender, .. }) => {
                    line.joined = true;
                    let frame = Frame::Peer {
                        sender: "server".into(),
                        target: sender,
                        metadata: Metadata::default(),
                    };
                    self.travels(connection, device, false, Packet::Frame(codec::encode(&frame)));
                    let person = self.device(device).person.clone();
                    self.tells(Told::Join { connection, person });
                }
                Ok(Frame::Sync { sender, document, data, .. }) => {
                    self.note(|| format!("device {device} → server: {} bytes", data.len()));
                    let about = self.about(&document);
                    assert!(about.is_some(), "devices speak of this territory");
                    if about != Some(self.server.disk.epoch()) {
                        self.tells_moved(connection, device, document);
                        return;
                    }
                    let again = self.server.connections.get_mut(&connection).is_some_and(|line| {
                        let again = line.came == data;
                        line.came.clone_from(&data);
                        again
                    });
                    self.server.came_again |= again;
                    self.tells(Told::Input(Input::Message { peer: sender, data }));
                }
                other => self.fails(Check::NobodyRefused, format!("device {device} sent {other:?}")),
            },
        }
    }

    fn reaches_device(&mut self, connection: u64, device: usize, packet: Packet) {
        if self.device(device).connection != Some(connection) {
            return;
        }
        self.link(device, link::Event::Heard);
        match packet {
            Packet::Ping => self.travels(connection, device, true, Packet::Pong),
            Packet::Pong => {}
            Packet::Closed(code) => self.loses(device, connection, Loss::Closed(code)),
            Packet::Frame(bytes) => match codec::decode(&bytes) {
                Ok(Frame::Peer { .. }) => self.link(device, link::Event::Welcomed),
                Ok(Frame::Sync { document, data, .. }) => {
                    self.note(|| format!("server → device {device}: {} bytes", data.len()));
                    let about = self.about(&document).expect("the server speaks of this territory");
                    if !self.approaches(device, about, &data) && about == self.device(device).epoch {
                        self.hears(device, &data);
                    }
                }
                Ok(Frame::Error { message, document, .. }) if message == DOCUMENT_MOVED_MESSAGE => {
                    self.follows(device, document.as_deref());
                }
                Ok(Frame::DocUnavailable { document, .. }) => {
                    let about = self.about(&document);
                    let at = self.device(device);
                    if at.moving.is_none() || about != Some(at.epoch) {
                        self.breaks_off(device);
                    }
                }
                other => self.fails(Check::NobodyRefused, format!("the server sent {other:?}")),
            },
        }
    }

    /// A document that is an earlier one: where it has moved is told once a connection.
    fn tells_moved(&mut self, connection: u64, device: usize, document: String) {
        let (sender, target) = (PeerId::from("server"), self.device(device).peer.clone());
        let ours = DocumentId::of(self.server.territory, self.server.disk.epoch()).to_string();
        let line = self.server.connections.get_mut(&connection);
        if line.is_some_and(|line| !std::mem::replace(&mut line.told_moved, true)) {
            let moved = Frame::Error {
                sender: sender.clone(),
                target: target.clone(),
                message: DOCUMENT_MOVED_MESSAGE.to_owned(),
                document: Some(ours),
            };
            self.travels(connection, device, false, Packet::Frame(codec::encode(&moved)));
        }
        let gone = Frame::DocUnavailable { sender, target, document };
        self.travels(connection, device, false, Packet::Frame(codec::encode(&gone)));
    }

    /// The server looks whether somebody is still there.
    pub(super) fn beats(&mut self, connection: u64) {
        let now = self.now;
        let Some(line) = self.server.connections.get(&connection) else { return };
        let (device, silent, stalled) = (line.device, now - line.heard > SILENCE_MS, line.stalled);
        if silent {
            self.note(|| format!("device {device} was silent for too long"));
            self.closes(connection, Refusal::Silent);
            return;
        }
        if !stalled {
            self.travels(connection, device, false, Packet::Ping);
        }
        self.after(BEAT_MS, Event::Beat(connection));
    }

    /// Puts a frame into a peer's queue; the queue of one that reads empties itself.
    pub(super) fn sends_down(&mut self, connection: u64, packet: Packet) {
        let never = self.has(Bug::NeverBehind);
        let Some(line) = self.server.connections.get_mut(&connection) else { return };
        let (device, peer) = (line.device, line.peer.clone());
        if !line.stalled {
            self.travels(connection, device, false, packet);
        } else if line.outbox.len() < OUTBOX_FRAMES_MAX || never {
            line.outbox.push_back(packet);
            if line.outbox.len() > OUTBOX_FRAMES_MAX {
                self.fails(Check::Bounded, format!("the queue of device {device} has no bound"));
            }
        } else {
            self.note(|| format!("device {device} is behind"));
            self.falls_behind(&peer);
        }
    }

    /// A device reads again: its queue empties, and if it had been full the territory is told.
    pub(super) fn drains(&mut self, connection: u64) {
        let Some(line) = self.server.connections.get_mut(&connection) else { return };
        line.stalled = false;
        let (device, peer) = (line.device, line.peer.clone());
        let waiting = std::mem::take(&mut line.outbox);
        let full = waiting.len() >= OUTBOX_FRAMES_MAX;
        self.note(|| format!("device {device} reads again: {} frames", waiting.len()));
        for packet in waiting {
            self.travels(connection, device, false, packet);
        }
        if full && !self.has(Bug::NeverDrained) {
            self.tells(Told::Input(Input::Drained { peer }));
        }
    }

    /// The server closes a connection and says why.
    pub(super) fn closes(&mut self, connection: u64, why: Refusal) {
        let Some(line) = self.server.connections.get(&connection) else { return };
        let device = line.device;
        self.travels(connection, device, false, Packet::Closed(why.close_code()));
        self.leaves(connection);
    }

    /// A connection is gone for the server.
    pub(super) fn leaves(&mut self, connection: u64) {
        if self.server.connections.remove(&connection).is_some() {
            self.tells(Told::Leave { connection });
        }
    }

    /// The device closes its connection; the server learns of it, unless the line is dark.
    pub(super) fn hangs_up(&mut self, device: usize) {
        let at = self.device(device);
        at.replica.disconnected();
        at.moving = None;
        if let Some(connection) = at.connection.take() {
            // The loss is what the server hears, whatever was sent before arrived or not.
            let dark = self.server.connections.get(&connection).is_none_or(|line| line.dark_up);
            if !dark {
                self.leaves(connection);
            }
        }
    }

    /// A device loses this connection, if it is the one that it has.
    pub(super) fn loses(&mut self, device: usize, connection: u64, loss: Loss) {
        let at = self.device(device);
        if at.connection == Some(connection) {
            at.connection = None;
            at.replica.disconnected();
            at.moving = None;
            self.link(device, link::Event::Lost(loss));
        }
    }

    /// A connection breaks, and both ends notice.
    pub(super) fn breaks(&mut self, connection: u64) {
        let Some(line) = self.server.connections.get(&connection) else { return };
        let device = line.device;
        self.leaves(connection);
        self.loses(device, connection, Loss::Broken);
    }
}

/// Every second device leaves out answers that tell nothing new.
pub(super) fn is_sparing(device: usize) -> bool {
    device % 2 == 1
}
