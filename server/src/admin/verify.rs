//! Everything that is kept, read once: chunks against their hashes, documents, feeds, records.
//!
//! It reads the store and not the keepers, so that it says what a restart would find. What looks odd in a record is
//! counted and is no damage.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::{StorageId, TerritoryId};
use portrea_protocol::wire::feed::FeedEvent;
use portrea_territory::chunk::{ChunkId, Damage};
use portrea_territory::io::Opening;
use portrea_territory::territory::Territory;
use uuid::Uuid;

use super::command::{Checked, Report, Verified};
use super::failure::AdminError;
use super::said::Said;
use super::{Tell, erase};
use crate::clock;
use crate::description::Description;
use crate::state::State;
use crate::store::{Loss, Store, StoreError, Table};

/// Feed rows that are read at a time.
const PAGE_ROWS: usize = 1_000;

/// Checks every territory, one after the other.
pub(super) async fn all(state: &State, tell: Tell<'_>) -> Result<Verified, AdminError> {
    let committer = state.registry.committer();
    let logs = committer.read(|store: &dyn Store| store.territories()).await?;
    let rows = committer.read(|store: &dyn Store| store.scan(Table::Territory)).await?;
    let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = rows.into_iter().collect();
    let keys: BTreeSet<Vec<u8>> =
        logs.iter().map(|id| id.0.as_bytes().to_vec()).chain(rows.keys().cloned()).collect();
    let losses = committer.read(|store: &dyn Store| store.losses()).await?;
    let losses: Vec<Said> = losses.iter().map(lost).collect();
    let mut verified = Verified { sound: losses.is_empty(), losses, ..Verified::default() };
    if committer.read(|store: &dyn Store| erase::is_unsettled(store)).await? {
        verified.notes.push(Said::new(
            "un effacement n’est pas fini : les fichiers contiennent encore ce qui est effacé ; « portrea-server compact » les refait",
            "an erasure is not finished: the files still hold what was erased; `portrea-server compact` makes them anew",
        ));
    }
    for (done, key) in keys.iter().enumerate() {
        tell(Report { done, of: keys.len() });
        let (key, row) = (key.clone(), rows.remove(key));
        let storage = state.registry.storage().clone();
        let checked =
            committer.read(move |store: &dyn Store| check(store, &key, row.as_deref(), storage)).await;
        verified.sound &= checked.damage.is_empty();
        verified.territories.push(checked);
    }
    tracing::info!(territories = keys.len(), sound = verified.sound, "data verified");
    Ok(verified)
}

fn check(store: &dyn Store, key: &[u8], row: Option<&[u8]>, storage: StorageId) -> Checked {
    let mut checked = Checked::default();
    let Ok(id) = Uuid::from_slice(key).map(TerritoryId) else {
        checked.damage.push(Said::new(
            "une description dont la clé n’est pas un territoire",
            "a description whose key is no territory",
        ));
        return checked;
    };
    checked.territory = id.to_string();
    let description = describe(row, &mut checked);
    let last = document(store, id, description, storage, &mut checked).unwrap_or_default();
    if let Err(error) = feed(store, id, last, &mut checked) {
        checked.damage.push(failed(&error));
    }
    checked
}

fn describe(row: Option<&[u8]>, checked: &mut Checked) -> Option<Description> {
    match row.map(Description::read) {
        Some(Ok(description)) => {
            checked.name.clone_from(&description.name);
            Some(description)
        }
        Some(Err(error)) => {
            checked.damage.push(failed(&error));
            None
        }
        None => {
            checked.notes.push(Said::new(
                "sans description : la création de ce territoire a été interrompue ; il n’est montré nulle part",
                "without a description: this territory's creation was cut short; it is shown nowhere",
            ));
            None
        }
    }
}

/// Opens the territory as a keeper would; the number of its feed's last row when the log can be read.
fn document(
    store: &dyn Store,
    id: TerritoryId,
    description: Option<Description>,
    storage: StorageId,
    checked: &mut Checked,
) -> Option<u64> {
    let kept = match store.load(id) {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            checked.damage.push(Said::new("aucun document n’est gardé", "no document is kept"));
            return None;
        }
        Err(error) => {
            checked.damage.push(failed(&error));
            return None;
        }
    };
    let last = kept.feed_last;
    checked.damage.extend(kept.damaged.iter().map(set_aside));
    for chunk in kept.snapshots.iter().chain(&kept.chunks) {
        checked.chunks += 1;
        checked.bytes += chunk.bytes().len();
        if ChunkId::of(chunk.bytes()) != chunk.id() {
            checked.damage.push(Said::new(
                format!("un morceau n’est plus ce que dit son empreinte ({:?})", chunk.id()),
                format!("a chunk is not what its hash says ({:?})", chunk.id()),
            ));
        }
    }
    let statistics = description.map(|description| description.statistics).unwrap_or_default();
    let actor = clock::actor();
    match Territory::open(Opening { id, actor, storage, kept, statistics }) {
        Ok(territory) => records(&territory, checked),
        Err(error) => checked.damage.push(Said::new(
            format!("le document ne s’ouvre pas ({error})"),
            format!("the document does not open ({error})"),
        )),
    }
    Some(last)
}

fn records(territory: &Territory, checked: &mut Checked) {
    let records = territory.records();
    checked.structures = records.len();
    checked.findings = records.values().map(|structure| territory.findings(structure).len()).sum();
    checked.heads = territory.heads().iter().map(ToString::to_string).collect();
    let gaps = territory.gaps();
    if !gaps.lost.is_empty() {
        let (lost, waiting) = (gaps.lost.len(), gaps.waiting);
        checked.damage.push(Said::new(
            format!("au moins {lost} modifications sont perdues ; {waiting} autres, gardées, les attendent"),
            format!("at least {lost} changes are lost; {waiting} others are kept and wait for them"),
        ));
    }
}

/// What the store lost beside the territories' logs.
fn lost(loss: &Loss) -> Said {
    match loss {
        Loss::Row(table, key) => Said::new(
            format!("une ligne de la table {table:?} est abîmée ({key})"),
            format!("a row of the table {table:?} is damaged ({key})"),
        ),
        Loss::Rows(table) => Said::new(
            format!("une partie de la table {table:?} est illisible"),
            format!("a stretch of the table {table:?} cannot be read"),
        ),
        Loss::Batches(count) => Said::new(
            format!("{count} lots d’écritures confirmées ont disparu du journal"),
            format!("{count} batches of acknowledged writes are gone from the log"),
        ),
    }
}

/// What the store could not read of a territory.
fn set_aside(damage: &Damage) -> Said {
    match damage {
        Damage::Snapshot(name) => Said::new(
            format!("un instantané du document est abîmé ({name})"),
            format!("a snapshot of the document is damaged ({name})"),
        ),
        Damage::Chunk(name) => Said::new(
            format!("un morceau de modifications est abîmé ({name})"),
            format!("a chunk of changes is damaged ({name})"),
        ),
        Damage::Binding(name) => Said::new(
            format!("le lien d’un appareil avec son auteur est abîmé ({name})"),
            format!("an author's binding is damaged ({name})"),
        ),
        Damage::Quarantine(name) => Said::new(
            format!("une modification qui attendait la personne référente est abîmée ({name})"),
            format!("a change that waited for the référent·e is damaged ({name})"),
        ),
        Damage::Stretch => Said::new(
            "une partie du journal est illisible, on ne sait combien de lignes",
            "a stretch of the log cannot be read, nobody knows how many rows",
        ),
    }
}

/// Every feed row from the first to the last, each an event that says its own number.
fn feed(store: &dyn Store, id: TerritoryId, last: u64, checked: &mut Checked) -> Result<(), StoreError> {
    let mut expected = 1;
    while expected <= last {
        let rows = store.feed(id, expected - 1, PAGE_ROWS)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != expected {
                checked.damage.push(Said::new(
                    format!("le fil saute de l’événement {} à {}", expected - 1, row.seq),
                    format!("the feed jumps from event {} to {}", expected - 1, row.seq),
                ));
            }
            if serde_json::from_str::<FeedEvent>(&row.json).map_or(true, |event| event.id != row.seq) {
                checked.damage.push(Said::new(
                    format!("l’événement {} du fil est illisible", row.seq),
                    format!("event {} of the feed cannot be read", row.seq),
                ));
            }
            checked.feed = row.seq;
            expected = row.seq + 1;
        }
    }
    if checked.feed < last {
        checked.damage.push(Said::new(
            format!("le fil s’arrête à {} au lieu de {last}", checked.feed),
            format!("the feed ends at {} instead of {last}", checked.feed),
        ));
    }
    Ok(())
}

fn failed(error: &StoreError) -> Said {
    Said::new(format!("lecture impossible : {error}"), error.to_string())
}
