//! Territories of one server side by side: the asker's own, and those that their operator lets be compared.
//!
//! A session sees one territory. What another one shows here are totals alone, no commune and no place, and only where
//! the operator said so (`territory compare`); its id is not told.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use portrea_indicators::progress::Compared;
use portrea_protocol::ids::TerritoryId;
use serde_json::{Value, json};

use super::auth::SignedIn;
use super::problem::{Answer, Explain};
use crate::registry::RegistryError;
use crate::state::State;

/// The most territories that are laid side by side.
const TERRITORIES_MAX: usize = 100;

/// `GET /compare`: totals of the territories that may be compared, the asker's own first, then by name.
pub async fn compare(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Json<Value>> {
    Ok(Json(json!({ "territories": compared(&state, &signed_in).await? })))
}

/// The territories that the asker may see side by side.
pub(super) async fn compared(state: &State, signed_in: &SignedIn) -> Answer<Vec<Compared>> {
    let own = signed_in.session.territory;
    let all = state.registry.descriptions().await.explain(&signed_in.headers)?;
    let chosen = all.into_iter().filter(|description| description.id == own || description.comparable);
    let mut chosen: Vec<(bool, String, TerritoryId)> =
        chosen.map(|description| (description.id != own, description.name, description.id)).collect();
    chosen.sort();
    let mut territories = Vec::new();
    for (other, name, id) in chosen.into_iter().take(TERRITORIES_MAX) {
        match drawn(state, id, name, !other).await {
            Ok(found) => territories.push(found),
            // One that cannot be opened is no reason to show none; the asker's own must be there.
            Err(error) if other => {
                tracing::warn!(territory = %id, %error, "a territory could not be compared");
            }
            Err(error) => return Err(error).explain(&signed_in.headers),
        }
    }
    Ok(territories)
}

async fn drawn(state: &State, id: TerritoryId, name: String, own: bool) -> Result<Compared, RegistryError> {
    let keeper = state.registry.keeper(id).await?;
    let read = keeper.read(move |territory| {
        let heads = territory.heads().iter().map(ToString::to_string).collect();
        Compared::of(name, own, heads, &territory.engine().portrait())
    });
    read.await.map_err(|_| RegistryError::Lost)
}
