//! A file of places into a directory: read, planned against the records as they are, then written group by group.
//!
//! The plan is made from a reading; what people write between the reading and the writing is not overwritten, for
//! edits touch leaf keys only and a concurrent value of theirs would stand beside ours as a conflict.

use std::collections::BTreeMap;

use portrea_protocol::ids::{RecordId, TerritoryId};
use portrea_protocol::people::Person;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::schema::write::Edit;

use super::command::{Counts, Found, ImportFormat, Imported, Line, Outcome, Report, Upload};
use super::failure::AdminError;
use super::said::Said;
use super::{Tell, WRITING, aside};
use crate::clock;
use crate::exchange::plan::{self, Candidate, Plan, Standing, plan};
use crate::exchange::table::Table;
use crate::exchange::territory_file::CommuneShape;
use crate::exchange::{france_services, portrea_csv};
use crate::keeper::Keeper;
use crate::state::State;

/// Imports a file, or says what importing it would do.
pub(super) async fn file(
    state: &State,
    territory: TerritoryId,
    file: Upload,
    format: Option<ImportFormat>,
    dry_run: bool,
    tell: Tell<'_>,
) -> Result<Imported, AdminError> {
    let _writing = WRITING.lock().await;
    let not_had = |error| AdminError::of(territory, error);
    let communes = state.registry.description(territory).await.map_err(not_had)?.shapes;
    let keeper = state.registry.keeper(territory).await.map_err(not_had)?;
    let structures = keeper.read(|territory| territory.records().clone()).await?;
    let planned = aside(move || planned(&file, format, &structures, &communes)).await;
    let (format, mut plan) = planned?;
    let groups = std::mem::take(&mut plan.groups);
    let changes = if dry_run { 0 } else { write(&keeper, territory, groups, tell).await? };
    tracing::info!(territory = %territory, changes, dry_run, "places imported");
    Ok(report(territory, format, dry_run, changes, plan))
}

/// Writes groups of edits, each as one change.
async fn write(
    keeper: &Keeper,
    territory: TerritoryId,
    groups: Vec<Vec<Edit>>,
    tell: Tell<'_>,
) -> Result<usize, AdminError> {
    let (mut changes, planned) = (0, groups.len());
    for (written, group) in groups.into_iter().enumerate() {
        tell(Report { done: written, of: planned });
        match keeper.command(Person::importer(territory), group).await {
            Ok(Ok(change)) => changes += usize::from(change.is_some()),
            Ok(Err(refused)) => return Err(AdminError::stopped(written, planned, &refused)),
            Err(ended) => {
                return Err(AdminError::Stopped { written, of: planned, why: ended.to_string() });
            }
        }
    }
    tell(Report { done: planned, of: planned });
    Ok(changes)
}

type Records = BTreeMap<RecordId, Structure>;

fn planned(
    file: &Upload,
    format: Option<ImportFormat>,
    structures: &Records,
    communes: &[CommuneShape],
) -> Result<(ImportFormat, Plan), AdminError> {
    let refused = || AdminError::file(&file.name);
    let format = match format {
        Some(format) => format,
        None => guess(&Table::read(&file.bytes).map_err(refused())?)
            .ok_or_else(|| AdminError::UnknownFormat(file.name.clone()))?,
    };
    let (places, unused_columns) = places(format, &file.bytes).map_err(refused())?;
    let standing = Standing { structures, imported: &|_| false };
    let plan = plan(standing, places, communes, &mut || RecordId::from(clock::uuid()));
    Ok((format, Plan { unused_columns, ..plan }))
}

fn places(
    format: ImportFormat,
    bytes: &[u8],
) -> Result<(Vec<Candidate>, Vec<String>), crate::exchange::finding::FileError> {
    match format {
        ImportFormat::FranceServices => {
            france_services::read(bytes).map(|file| (file.places, file.unused_columns))
        }
        ImportFormat::Portrea => portrea_csv::read(bytes).map(|file| (file.places, file.unused_columns)),
    }
}

/// What a table is, by its columns.
fn guess(table: &Table) -> Option<ImportFormat> {
    let has = |names: &[&str]| names.iter().any(|name| table.column(name).is_some());
    if has(&["id_fs"]) || (has(&["lib_fs"]) && has(&["insee_com"])) {
        return Some(ImportFormat::FranceServices);
    }
    has(&["name", "nom", "structure"]).then_some(ImportFormat::Portrea)
}

fn report(
    territory: TerritoryId,
    format: ImportFormat,
    dry_run: bool,
    changes: usize,
    plan: Plan,
) -> Imported {
    let plan::Counts { added, updated, unchanged, skipped, kept } = plan.counts();
    Imported {
        territory,
        format,
        dry_run,
        changes,
        counts: Counts { added, updated, unchanged, skipped, kept },
        lines: plan.lines.into_iter().map(line).collect(),
        unused_columns: plan.unused_columns,
    }
}

fn line(line: plan::Line) -> Line {
    let (outcome, filled, kept, why) = match line.outcome {
        plan::Outcome::Added => (Outcome::Added, Vec::new(), Vec::new(), None),
        plan::Outcome::Updated { filled, kept } => (Outcome::Updated, filled, kept, None),
        plan::Outcome::Unchanged => (Outcome::Unchanged, Vec::new(), Vec::new(), None),
        plan::Outcome::Kept { fields } => (Outcome::Kept, Vec::new(), fields, None),
        plan::Outcome::Skipped { why } => (Outcome::Skipped, Vec::new(), Vec::new(), Some(Said::from(why))),
    };
    Line {
        line: line.line,
        more_lines: line.more_lines,
        name: line.name,
        record: line.record,
        outcome,
        filled,
        kept,
        why,
        findings: line.findings.iter().map(|finding| Found::of("", finding)).collect(),
    }
}
