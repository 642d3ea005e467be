//! Who keeps which territory: one keeper, or nobody. What nobody keeps takes no memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use portrea_protocol::ids::TerritoryId;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::keeper::Keeper;

type Slot = Arc<Mutex<Option<Keeper>>>;

/// Territory id → keeper.
#[derive(Default)]
pub(super) struct Slots(Arc<Mutex<BTreeMap<TerritoryId, Slot>>>);

impl Slots {
    /// A territory's slot: nobody else opens, reads or closes the territory before it is dropped.
    pub(super) async fn of(&self, id: TerritoryId) -> OwnedMutexGuard<Option<Keeper>> {
        let slot = Arc::clone(self.0.lock().await.entry(id).or_default());
        slot.lock_owned().await
    }

    /// Every keeper that there is.
    pub(super) async fn keepers(&self) -> Vec<Keeper> {
        let slots: Vec<Slot> = self.0.lock().await.values().cloned().collect();
        let mut keepers = Vec::with_capacity(slots.len());
        for slot in slots {
            keepers.extend(slot.lock().await.clone());
        }
        keepers
    }

    /// Forgets a territory's keeper once it has ended: its channels have room for a thousand rows of the feed.
    pub(super) fn forget_when_ended(&self, id: TerritoryId, keeper: &Keeper) {
        // Without a registry its keepers end: whoever waits for that may not keep it.
        let (slots, ended) = (Arc::downgrade(&self.0), keeper.wait_ended());
        tokio::spawn(async move {
            ended.await;
            if let Some(slots) = slots.upgrade() {
                Self(slots).forget(id).await;
            }
        });
    }

    async fn forget(&self, id: TerritoryId) {
        let mut slot = self.of(id).await;
        // Somebody may have opened the territory again meanwhile.
        if slot.as_ref().is_some_and(Keeper::has_ended) {
            *slot = None;
        }
        drop(slot);
        let mut slots = self.0.lock().await;
        // Whoever holds the slot got it from here, and would put a keeper where nobody else looks.
        let is_unused =
            |slot: &Slot| Arc::strong_count(slot) == 1 && slot.try_lock().is_ok_and(|it| it.is_none());
        if slots.get(&id).is_some_and(is_unused) {
            slots.remove(&id);
        }
    }

    /// How many territories take memory here.
    #[cfg(test)]
    pub(super) async fn len(&self) -> usize {
        self.0.lock().await.len()
    }
}
