//! Territory id → keeper: opens a territory when somebody asks for it, and again when its keeper ended.

mod slots;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use portrea_indicators::matrix::TravelTimes;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{DocumentId, StorageId, TerritoryId};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::{Event, FeedEvent};
use portrea_territory::chunk::Kept;
use portrea_territory::io::{OpenError, Opening};
use portrea_territory::territory::Territory;
use tokio::sync::OwnedMutexGuard;

use self::slots::Slots;
use crate::clock;
use crate::commit::Committer;
use crate::description::Description;
use crate::keeper::Keeper;
use crate::opening;
use crate::progress::Diary;
use crate::settings::Settings;
use crate::store::{Row, Store, StoreError, Table};

/// How many events are looked through for the last one of the directory: figures that moved are events too.
const EVENTS_BACK: u64 = 64;

/// Why a territory cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is none of that id.
    #[error("there is no such territory")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The task that opens it was lost.
    #[error("the territory could not be opened")]
    Lost,
}

/// A territory that nobody opens while this is there.
pub struct Shut(#[expect(dead_code, reason = "it is there to be dropped")] OwnedMutexGuard<Option<Keeper>>);

/// Every territory of the server.
pub struct Registry {
    committer: Committer,
    settings: Arc<Settings>,
    storage: StorageId,
    slots: Slots,
}

impl Registry {
    /// A registry over a store; its storage id is made the first time and kept.
    pub async fn new(committer: Committer, settings: Arc<Settings>) -> Result<Self, StoreError> {
        const KEY: &[u8] = b"storage";
        let kept = committer.read(|store: &dyn Store| store.get(Table::Server, KEY)).await?;
        let storage = if let Some(kept) = kept {
            String::from_utf8_lossy(&kept).into_owned()
        } else {
            let fresh = clock::uuid().to_string();
            let value = Some(fresh.clone().into_bytes());
            committer.put(vec![Row { table: Table::Server, key: KEY.to_vec(), value }]).await?;
            fresh
        };
        Ok(Self { committer, settings, storage: storage.into(), slots: Slots::default() })
    }

    /// The server's storage id: its heads are durable.
    pub fn storage(&self) -> &StorageId {
        &self.storage
    }

    /// The keeper of a territory, opened if it was not.
    pub async fn keeper(&self, id: TerritoryId) -> Result<Keeper, RegistryError> {
        let mut slot = self.slots.of(id).await;
        if let Some(keeper) = slot.as_ref() {
            if !keeper.has_ended() {
                return Ok(keeper.clone());
            }
            keeper.wait_ended().await;
        }
        // Before it is tried: a keeper that ended is none.
        *slot = None;
        let keeper = self.open(id).await?;
        self.slots.forget_when_ended(id, &keeper);
        *slot = Some(keeper.clone());
        Ok(keeper)
    }

    /// A territory's document: that of its epoch.
    pub async fn document(&self, id: TerritoryId) -> Result<DocumentId, RegistryError> {
        Ok(DocumentId::of(id, self.keeper(id).await?.epoch()))
    }

    /// A territory's description.
    pub async fn description(&self, id: TerritoryId) -> Result<Description, RegistryError> {
        let row = self
            .committer
            .read(move |store: &dyn Store| store.get(Table::Territory, id.0.as_bytes()))
            .await?;
        Ok(Description::read(&row.ok_or(RegistryError::Unknown)?)?)
    }

    /// A territory's description with the series of its statistics, which are kept apart from it.
    pub async fn whole_description(&self, id: TerritoryId) -> Result<Description, RegistryError> {
        let description = self.description(id).await?;
        let row =
            self.committer.read(move |store: &dyn Store| store.get(Table::Series, id.0.as_bytes())).await?;
        let read = tokio::task::spawn_blocking(move || description.whole(row.as_deref()));
        Ok(read.await.map_err(|_| RegistryError::Lost)??)
    }

    /// A territory's statistics with its own travel times, which are kept apart from its description.
    pub async fn with_travel(
        &self,
        id: TerritoryId,
        statistics: Statistics,
    ) -> Result<Statistics, RegistryError> {
        let row =
            self.committer.read(move |store: &dyn Store| store.get(Table::Travel, id.0.as_bytes())).await?;
        let Some(row) = row else { return Ok(Statistics { travel: None, ..statistics }) };
        let read = tokio::task::spawn_blocking(move || serde_json::from_slice::<TravelTimes>(&row));
        let travel = read.await.map_err(|_| RegistryError::Lost)?.map_err(|error| {
            StoreError::Damaged(format!("a territory's travel times cannot be read: {error}"))
        })?;
        Ok(Statistics { travel: Some(Arc::new(travel)), ..statistics })
    }

    /// Every territory's description, oldest first.
    pub async fn descriptions(&self) -> Result<Vec<Description>, RegistryError> {
        let rows = self.committer.read(|store: &dyn Store| store.scan(Table::Territory)).await?;
        Ok(rows.iter().map(|(_, value)| Description::read(value)).collect::<Result<_, _>>()?)
    }

    /// Returns once every open territory has kept what it was told before the call, and the figures of its day.
    pub async fn drain(&self) {
        for keeper in self.slots.keepers().await {
            // A keeper that has ended has nothing left to keep.
            drop(keeper.rest().await);
        }
    }

    /// What is kept of a territory, read while nothing of it is being written.
    pub async fn kept(&self, id: TerritoryId) -> Result<Option<Kept>, StoreError> {
        // Nobody opens it meanwhile; an open one is read between two of its batches.
        let slot = self.slots.of(id).await;
        if let Some(keeper) = slot.as_ref() {
            let committer = self.committer.clone();
            if let Ok(kept) = keeper.read(move |_| committer.look(|store| store.load(id))).await {
                return kept;
            }
            keeper.wait_ended().await;
        }
        self.committer.read(move |store: &dyn Store| store.load(id)).await
    }

    /// Ends a territory's keeper, and lets nobody open the territory before what this gives back is dropped.
    pub async fn close(&self, id: TerritoryId) -> Shut {
        let mut slot = self.slots.of(id).await;
        if let Some(keeper) = slot.take() {
            keeper.end().await;
        }
        Shut(slot)
    }

    /// The store, by way of its committer.
    pub fn committer(&self) -> &Committer {
        &self.committer
    }

    /// When something happened last in a territory, by the events of its feed; with `directory`, only what somebody did
    /// in the directory counts, among the last `EVENTS_BACK` events.
    pub async fn last_event(
        &self,
        id: TerritoryId,
        feed_last: u64,
        directory: bool,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let back = if directory { EVENTS_BACK } else { 1 };
        let after = feed_last.saturating_sub(back);
        let limit = usize::try_from(back).unwrap_or(usize::MAX);
        let rows = self.committer.read(move |store: &dyn Store| store.feed(id, after, limit)).await?;
        let events = rows.iter().rev().filter_map(|row| serde_json::from_str::<FeedEvent>(&row.json).ok());
        let counts = |event: &Event| !directory || !matches!(event, Event::Indicators { .. } | Event::Joined);
        let found = events.into_iter().find(|event| counts(&event.event));
        Ok(found.and_then(|event| UnixMillis::from_rfc3339(&event.at)))
    }

    async fn open(&self, id: TerritoryId) -> Result<Keeper, RegistryError> {
        let description = self.description(id).await?;
        let zone = opening::zone(description.statistics.communes.keys().next());
        let kept = self.committer.read(move |store: &dyn Store| store.load(id)).await?;
        let opening = Opening {
            id,
            actor: clock::actor(),
            storage: self.storage.clone(),
            kept: kept.ok_or(RegistryError::Unknown)?,
            statistics: self.with_travel(id, description.statistics).await?,
        };
        let territory = tokio::task::spawn_blocking(move || Territory::open(opening))
            .await
            .map_err(|_| RegistryError::Lost)??;
        tracing::info!(territory = %id, structures = territory.records().len(), "territory opened");
        let diary = Diary::new(zone, self.last_event(id, territory.feed_last(), false).await?);
        Ok(Keeper::spawn(territory, diary, self.committer.clone(), &self.settings))
    }
}

/// The row of a territory's own travel times; without any, it is removed.
pub fn travel_row(id: TerritoryId, times: Option<&TravelTimes>) -> Row {
    let value = times.map(|times| serde_json::to_vec(times).expect("travel times have a JSON form"));
    Row { table: Table::Travel, key: id.0.as_bytes().to_vec(), value }
}
