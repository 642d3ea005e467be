//! The registry over a store in memory.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use std::sync::Arc;
use std::time::Duration;

use portrea_protocol::ids::TerritoryId;
use tokio::time::timeout;

use super::Registry;
use crate::admin::command::{AdminCommand, Done, Upload};
use crate::admin::perform;
use crate::settings::Settings;
use crate::state::State;
use crate::store::memory::MemoryStore;

const COMMUNES: &str = include_str!("../../demo/communes.geojson");
const WITHIN: Duration = Duration::from_secs(60);

async fn created(state: &State) -> TerritoryId {
    let communes = Upload { name: "communes.geojson".to_owned(), bytes: COMMUNES.into() };
    let name = "Saint-Méen".to_owned();
    let creation = AdminCommand::CreateTerritory { name, communes, needs: Vec::new(), travel_times: None };
    match perform(state, creation, &mut |_| {}).await.unwrap() {
        Done::Created(created) => created.territory,
        other => panic!("{other:?}"),
    }
}

async fn empty(registry: &Registry) {
    while registry.slots.len().await > 0 {
        tokio::task::yield_now().await;
    }
}

/// Goal: a territory that nobody needs takes no memory, and is there for whoever comes. Method: two, which idle out
/// after a millisecond; one of them is opened again, one is closed for a while.
#[tokio::test]
async fn what_nobody_needs_is_forgotten() {
    let settings = Settings { idle_ms: 1, ..Settings::default() };
    let state = State::open(Arc::new(MemoryStore::new()), settings).await.unwrap();
    let [one, two] = [created(&state).await, created(&state).await];
    let registry = &state.registry;
    for id in [one, two, one] {
        let keeper = registry.keeper(id).await.unwrap();
        timeout(WITHIN, keeper.wait_ended()).await.unwrap();
    }
    timeout(WITHIN, empty(registry)).await.expect("keepers that ended are forgotten");
    let shut = registry.close(one).await;
    assert_eq!(registry.slots.len().await, 1, "nobody opens it meanwhile");
    drop(shut);
    registry.keeper(one).await.unwrap();
    timeout(WITHIN, empty(registry)).await.expect("and again");
}
