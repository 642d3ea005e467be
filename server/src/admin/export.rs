//! A directory in an open format.

use std::collections::BTreeMap;
use std::io;

use portrea_protocol::ids::{RecordId, TerritoryId};
use portrea_protocol::schema::record::Structure;

use super::aside;
use super::command::{ExportFormat, Exported};
use super::failure::AdminError;
use crate::exchange::export::{Options, Written};
use crate::exchange::{csv_out, geojson, json};
use crate::keeper::Keeper;
use crate::state::State;

type Structures = BTreeMap<RecordId, Structure>;
type Writer = fn(&mut Vec<u8>, &Structures, Options) -> io::Result<Written>;

/// Writes a directory as what may be published; the document itself is written whole.
pub(super) async fn territory(
    state: &State,
    territory: TerritoryId,
    format: ExportFormat,
) -> Result<Exported, AdminError> {
    let keeper = state.registry.keeper(territory).await.map_err(|error| AdminError::of(territory, error))?;
    let write: Writer = match format {
        ExportFormat::Geojson => |out, all, options| geojson::write(out, all, options),
        ExportFormat::Csv => |out, all, options| csv_out::write(out, all, options),
        ExportFormat::Json => |out, all, options| json::write(out, all, options),
        ExportFormat::Automerge => return document(&keeper).await,
    };
    let structures = keeper.read(|territory| territory.records().clone()).await?;
    let exported = aside(move || {
        let mut content = Vec::new();
        let written =
            write(&mut content, &structures, Options::default()).expect("writing to memory does not fail");
        Exported { structures: written.structures, without_position: written.without_position, content }
    });
    Ok(exported.await)
}

async fn document(keeper: &Keeper) -> Result<Exported, AdminError> {
    let exported = keeper.read(|territory| {
        let records = territory.records();
        Exported {
            structures: records.len(),
            without_position: records.values().filter(|structure| structure.position().is_none()).count(),
            content: territory.document().save(),
        }
    });
    Ok(exported.await?)
}
