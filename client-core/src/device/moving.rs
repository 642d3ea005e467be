//! Moving to another document: the server says where its territory goes on, and the device follows.
//!
//! The earlier document stays on the shelf until the later one has come whole and what was not sent was carried over into
//! it; both then change places in one step. Whatever happens before, a broken line, a full disk, a power cut, the device is
//! where it was and is told again the next time.

use portrea_protocol::ids::DocumentId;
use portrea_protocol::schema::path::Keys;

use super::clock::Clock;
use super::drive::Line;
use super::{Answered, Device, DeviceError};
use crate::replica::Replica;
use crate::shelf::{Crossed, Remnant};

/// Epochs are told apart by their number: far more than a territory has, and few enough to be tried one by one.
const EPOCHS_MAX: u32 = 10_000;

/// A document on its way.
pub(super) struct Moving {
    pub(super) document: DocumentId,
    epoch: u32,
    replica: Replica,
}

impl Device {
    /// The server says that the territory goes on in another document: a later one is asked for, any other is none.
    pub(super) async fn follow(&mut self, document: Option<&str>) {
        let told = document.and_then(|document| document.parse::<DocumentId>().ok());
        let epoch = told.and_then(|told| told.epoch(self.identity.territory, EPOCHS_MAX));
        let (Some(document), Some(epoch)) = (told, epoch.filter(|epoch| *epoch > self.epoch())) else {
            return;
        };
        if self.moving.as_ref().is_some_and(|moving| moving.document == document) {
            return;
        }
        tracing::info!(epoch, "the territory has moved to another document");
        let Line::Open(_, Some(server)) = &self.line else { return };
        let sparing = server.sparing;
        let mut replica =
            Replica::empty(self.identity.territory, self.identity.actor.clone(), self.identity.contributor);
        let greeting = replica.connected(sparing);
        self.moving = Some(Moving { document, epoch, replica });
        if let Err(loss) = self.sync(document, greeting.data, greeting.request).await {
            self.lose(loss).await;
        }
    }

    /// Takes a message about the document on its way. Once all of it is here, the device is there.
    pub(super) async fn arrive(&mut self, data: &[u8]) {
        let Some(moving) = &mut self.moving else { return };
        let document = moving.document;
        if let Err(error) = moving.replica.absorb(data) {
            tracing::warn!(%error, "message not taken");
            self.break_off().await;
            return;
        }
        let due = if moving.replica.is_level() {
            if let Err(error) = self.cross() {
                tracing::warn!(%error, "not moved");
                self.trouble = Some(error);
                self.break_off().await;
                return;
            }
            self.replica.poll_send()
        } else {
            moving.replica.poll_send()
        };
        if let Some(data) = due
            && let Err(loss) = self.sync(document, data, false).await
        {
            self.lose(loss).await;
        }
    }

    /// Puts the later document in the place of the earlier one, on the shelf first.
    fn cross(&mut self) -> Result<(), DeviceError> {
        self.freshen()?;
        let Some(mut moving) = self.moving.take() else { return Ok(()) };
        let was_here = self.replica.has_document();
        let arrival = moving.replica.take_over(&self.replica)?;
        let fresh = arrival.left.into_iter().map(|left| Remnant {
            path: path(&left.keys),
            said: left.said,
            at: left.at,
            epoch: moving.epoch,
        });
        let earlier = self.crossed.iter().flat_map(|crossed| crossed.left.iter().cloned());
        let crossed = Crossed {
            epoch: moving.epoch,
            at: Clock::now(),
            carried: arrival.carried,
            left: earlier.chain(fresh).collect(),
        };
        if let Err(error) = self.shelf.cross(&crossed, &arrival.snapshot) {
            self.stale = true;
            return Err(error.into());
        }
        self.identity.document = moving.document.url();
        self.replica = moving.replica;
        self.crossed = Some(crossed);
        self.has_moved |= was_here;
        self.answered = Answered::Something;
        self.learn_server();
        self.note_server();
        self.tell_status();
        Ok(())
    }

    /// Which of the territory's documents is here.
    pub(super) fn epoch(&self) -> u32 {
        self.crossed.as_ref().map_or(0, |crossed| crossed.epoch)
    }

    /// The document that is here.
    pub(super) fn document(&self) -> DocumentId {
        DocumentId::of(self.identity.territory, self.epoch())
    }

    /// How this device last moved to another document, if it ever did.
    pub fn crossed(&self) -> Option<&Crossed> {
        self.crossed.as_ref()
    }

    /// Whether it did since it was opened, with a document that it had before.
    pub fn has_moved(&self) -> bool {
        self.has_moved
    }
}

/// Where something stood, from its structure on: `<id>/helpers/<id>/email`.
fn path(keys: &Keys) -> String {
    keys.strip_prefix(&["structures".into()]).unwrap_or(keys).join("/")
}
