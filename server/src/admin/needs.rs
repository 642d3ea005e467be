//! The communes' figures from files of statistics.

use std::collections::BTreeMap;

use portrea_indicators::statistics::{Needs, Statistics};
use portrea_protocol::ids::TerritoryId;
use portrea_territory::io::Input;

use super::command::{Figures, Found, Upload};
use super::failure::AdminError;
use super::{WRITING, aside};
use crate::description::Description;
use crate::exchange::needs;
use crate::exchange::statistics::statistics;
use crate::exchange::territory_file::CommuneShape;
use crate::keeper::Told;
use crate::state::State;

/// The statistics of communes by these files, and what was odd in them. A later file wins where it has a figure.
pub(super) fn read(
    shapes: &[CommuneShape],
    files: &[Upload],
) -> Result<(Statistics, Vec<Found>), AdminError> {
    let (mut figures, mut findings, mut sources) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut invented = false;
    for file in files {
        let read = needs::read(&file.bytes, shapes).map_err(AdminError::file(&file.name))?;
        needs::overlay(&mut figures, read.communes);
        findings.extend(read.report.findings.iter().map(|finding| Found::of(&file.name, finding)));
        sources.extend(read.report.sources);
        invented |= read.report.invented;
    }
    sources.dedup();
    Ok((Statistics { sources, invented, ..statistics(shapes, &figures) }, findings))
}

/// Replaces a territory's figures by those of these files; connected people see the portrait move.
pub(super) async fn replace(
    state: &State,
    territory: TerritoryId,
    files: Vec<Upload>,
) -> Result<Figures, AdminError> {
    let _writing = WRITING.lock().await;
    let not_had = |error| AdminError::of(territory, error);
    let description = state.registry.description(territory).await.map_err(not_had)?;
    let (description, findings) = aside(move || {
        let (statistics, findings) = read(&description.shapes, &files)?;
        let options = description.statistics.options;
        let statistics = Statistics { options, ..statistics };
        Ok::<_, AdminError>((Description { statistics, ..description }, findings))
    })
    .await?;
    let complete =
        state.registry.with_travel(territory, description.statistics.clone()).await.map_err(not_had)?;
    // Opened with the old figures, so that the feed tells which indicators move.
    let keeper = state.registry.keeper(territory).await.map_err(not_had)?;
    state.registry.committer().put(vec![description.row()]).await?;
    let statistics = complete;
    let with = statistics.communes.values().filter(|commune| commune.needs != Needs::default()).count();
    let figures = Figures {
        territory,
        communes: with,
        without: statistics.communes.len() - with,
        sources: statistics.sources.clone(),
        invented: statistics.invented,
        findings,
    };
    // A keeper that ended meanwhile reads the new figures when it is opened again.
    drop(keeper.tell(Told::Input(Input::Statistics(Box::new(statistics)))).await);
    tracing::info!(territory = %territory, communes = with, "figures replaced");
    Ok(figures)
}
