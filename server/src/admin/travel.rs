//! A territory's own travel times, from a file.

use std::sync::Arc;

use portrea_indicators::matrix::TravelTimes;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::TerritoryId;
use portrea_territory::io::Input;

use super::command::{Found, Travelled, Upload};
use super::failure::AdminError;
use super::{WRITING, aside};
use crate::exchange::territory_file::CommuneShape;
use crate::exchange::travel_times;
use crate::keeper::Told;
use crate::registry::travel_row;
use crate::state::State;

/// The travel times of a file, and what was odd in it.
pub(super) fn read(
    territory: TerritoryId,
    shapes: &[CommuneShape],
    file: &Upload,
) -> Result<(TravelTimes, Travelled), AdminError> {
    let read = travel_times::read(&file.bytes, shapes).map_err(AdminError::file(&file.name))?;
    let travelled = Travelled {
        territory,
        communes: read.times.codes().len(),
        without: read.without,
        pairs: read.times.pairs(),
        elsewhere: read.elsewhere,
        findings: read.findings.iter().map(|finding| Found::of(&file.name, finding)).collect(),
    };
    Ok((read.times, travelled))
}

/// Replaces a territory's travel times by those of a file, or, without one, by the great circle; connected people see
/// the portrait move.
pub(super) async fn replace(
    state: &State,
    territory: TerritoryId,
    file: Option<Upload>,
) -> Result<Travelled, AdminError> {
    let _writing = WRITING.lock().await;
    let not_had = |error| AdminError::of(territory, error);
    let description = state.registry.description(territory).await.map_err(not_had)?;
    let (statistics, shapes) = (description.statistics, description.shapes);
    let (times, travelled) = if let Some(file) = file {
        let (times, said) = aside(move || read(territory, &shapes, &file)).await?;
        (Some(times), said)
    } else {
        let without = statistics.communes.keys().cloned().collect();
        (None, Travelled { territory, communes: 0, without, pairs: 0, elsewhere: 0, findings: Vec::new() })
    };
    // Opened with the old times, so that the feed tells which indicators move.
    let keeper = state.registry.keeper(territory).await.map_err(not_had)?;
    state.registry.committer().put(vec![travel_row(territory, times.as_ref())]).await?;
    let statistics = Statistics { travel: times.map(Arc::new), ..statistics };
    // A keeper that ended meanwhile reads the new times when it is opened again.
    drop(keeper.tell(Told::Input(Input::Statistics(Box::new(statistics)))).await);
    tracing::info!(territory = %territory, pairs = travelled.pairs, "travel times replaced");
    Ok(travelled)
}
