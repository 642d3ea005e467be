//! A device follows its territory to another document, as the real one does: the earlier one stays on the shelf until the
//! later one is there whole, with what was not sent.

use std::collections::BTreeMap;

use automerge::{Change, ChangeHash};
use portrea_client_core::link;
use portrea_client_core::replica::Replica;
use portrea_client_core::shelf::Crossed;
use portrea_protocol::epoch::{Crossing, Forget, carry_over};
use portrea_protocol::ids::DocumentId;
use portrea_protocol::time::UnixMillis;

use super::World;
use super::device::Device;
use super::network::is_sparing;
use crate::bug::Bug;
use crate::fault::Fault;

/// More epochs than a day has.
const EPOCHS_MAX: u32 = 64;

/// A document on its way.
pub(super) struct Moving {
    epoch: u32,
    replica: Replica,
}

impl Device {
    /// What becomes of each change that the server is not known to have, in the document on its way.
    fn crossing(&self, later: &Replica) -> BTreeMap<ChangeHash, Vec<ChangeHash>> {
        let earlier = self.replica.doc();
        let unsent: Vec<Change> = earlier
            .get_changes(&[])
            .into_iter()
            .filter(|change| self.replica.waits_for(&change.hash()))
            .collect();
        let forget = Forget::default();
        let crossing = Crossing { old: earlier, new: later.doc(), forget: &forget, maybe_taken: true };
        carry_over(&crossing, &unsent).moved
    }
}

impl World {
    /// Which of the territory's documents a frame is about.
    pub(super) fn about(&self, document: &str) -> Option<u32> {
        document.parse::<DocumentId>().ok()?.epoch(self.server.territory, EPOCHS_MAX)
    }

    /// The server says that the territory goes on in another document.
    pub(super) fn follows(&mut self, device: usize, document: Option<&str>) {
        let told = document.and_then(|document| self.about(document));
        let territory = self.server.territory;
        let at = self.device(device);
        let Some(epoch) = told.filter(|epoch| *epoch > at.epoch) else { return };
        if at.moving.as_ref().is_some_and(|moving| moving.epoch == epoch) {
            return;
        }
        let mut replica = Replica::empty(territory, at.actor().clone(), at.person.contributor);
        let greeting = replica.connected(is_sparing(device));
        at.moving = Some(Moving { epoch, replica });
        self.note(|| format!("device {device} follows to epoch {epoch}"));
        self.sends_about(device, epoch, greeting.data, greeting.request);
    }

    /// Takes a message about the document on its way. Once all of it is here, the device is there. False when the message
    /// is about another document.
    pub(super) fn approaches(&mut self, device: usize, about: u32, data: &[u8]) -> bool {
        let at = self.device(device);
        let Some(moving) = at.moving.as_mut().filter(|moving| moving.epoch == about) else { return false };
        let absorbed = moving.replica.absorb(data).is_ok();
        let due = if absorbed && moving.replica.is_level() {
            if !self.crosses(device) {
                self.breaks_off(device);
                return true;
            }
            self.device(device).replica.poll_send()
        } else {
            moving.replica.poll_send()
        };
        if !absorbed {
            self.breaks_off(device);
        } else if let Some(data) = due {
            self.sends_about(device, about, data, false);
        }
        true
    }

    /// Puts the later document in the place of the earlier one, on the shelf first; false when that takes nothing.
    fn crosses(&mut self, device: usize) -> bool {
        let forgets = self.has(Bug::ForgetsCarried);
        let at = self.device(device);
        let Some(Moving { epoch, mut replica }) = at.moving.take() else { return true };
        let moved = at.crossing(&replica);
        let (carried, snapshot) = if forgets {
            (0, replica.snapshot())
        } else {
            let arrival = replica.take_over(&at.replica).expect("what was kept can be carried over");
            (arrival.carried, arrival.snapshot)
        };
        let full = at.takes(Fault::ShelfFull).is_some();
        if !at.put_over(&Crossed { epoch, at: UnixMillis(0), carried, left: Vec::new() }, &snapshot, full) {
            return false;
        }
        (at.replica, at.epoch) = (replica, epoch);
        at.notes();
        self.catches_up(device);
        let at = self.device(device);
        let standing = |hash: ChangeHash| moved.get(&hash).cloned().unwrap_or_else(|| vec![hash]);
        at.made = std::mem::take(&mut at.made).into_iter().flat_map(standing).collect();
        at.made_in_all += moved.values().map(Vec::len).sum::<usize>();
        self.note(|| format!("device {device} is in epoch {epoch}, with {carried} edits"));
        self.server.counts.carried += carried;
        true
    }

    /// What a device made is followed through the epochs that began since it was last looked at: what the server had is
    /// another change now.
    pub(super) fn catches_up(&mut self, device: usize) {
        let Self { devices, server, .. } = self;
        let at = devices.get_mut(device).expect("devices are numbered from 0");
        for era in server.eras.iter().skip(at.eras_seen) {
            at.made = era.follow(std::mem::take(&mut at.made)).into_iter().collect();
        }
        at.eras_seen = server.eras.len();
    }

    /// A device ends its connection, for nothing that it hears is of use.
    pub(super) fn breaks_off(&mut self, device: usize) {
        self.note(|| format!("device {device} starts afresh"));
        self.hangs_up(device);
        self.link(device, link::Event::Lost(link::Loss::Broken));
    }
}
