//! Erases something for good: from a territory's document with its history, its feed, what waits, the accounts, and the
//! store's files.
//!
//! One write puts the rewritten log in the place of the old one, together with the act and a mark; before it nothing has
//! happened, after it the old is shown nowhere. Then the store's files are made anew without it, and the mark goes. A
//! server that finds the mark when it starts does the rest.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use portrea_protocol::ids::{DocumentId, TerritoryId};
use portrea_territory::chunk::{FeedRow, Kept};
use portrea_territory::erasure::{self, Counts, NOBODY, Past, Whom, Wish};
use tokio::sync::{MutexGuard, mpsc};

use super::command::Report;
use super::erasure::{Compacted, Erased, Erasure};
use super::failure::AdminError;
use super::{Tell, WRITING, aside, known};
use crate::access::people::By;
use crate::accounts::erasing::Traces;
use crate::clock;
use crate::progress;
use crate::scenarios;
use crate::state::State;
use crate::store::{Row, Store, StoreError, Table};

/// Where it stands that the files are to be made anew.
const MARK: &[u8] = b"erased";
/// Feed rows that are read at a time.
const PAGE_ROWS: usize = 1_000;
/// Reports that wait; more are left out.
const REPORTS_MAX: usize = 16;

/// Erases something, or says only what there is of it.
pub async fn erase(
    state: &State,
    territory: TerritoryId,
    what: Erasure,
    dry_run: bool,
    by: By,
    tell: Tell<'_>,
) -> Result<Erased, AdminError> {
    perform(state, territory, what, dry_run, by, tell).await.map_err(AdminError::of_erasure)
}

async fn perform(
    state: &State,
    territory: TerritoryId,
    what: Erasure,
    dry_run: bool,
    by: By,
    tell: Tell<'_>,
) -> Result<Erased, AdminError> {
    known(state, territory).await?;
    let now = clock::now();
    let forget = what.forget(now).ok_or(AdminError::NoSuchPath)?;
    let traces = match what.person() {
        Some(whom) => state.accounts.traces(territory, whom, NOBODY).await?,
        None => Traces::default(),
    };
    let person = what.person().map(|contributor| Whom { contributor, names: traces.names.clone() });
    let wish = Wish { forget, person };
    if dry_run {
        let kept = state.registry.kept(territory).await?;
        let erased = rewritten(state, territory, kept, wish).await?;
        return Ok(report(territory, what, &erased, traces.places, true));
    }
    let _writing = WRITING.lock().await;
    // From here on nobody merges, and whoever was connected connects again once this is over.
    let shut = state.registry.close(territory).await;
    let committer = state.registry.committer();
    let kept = committer.read(move |store: &dyn Store| store.load(territory)).await?;
    let erased = rewritten(state, territory, kept, wish).await?;
    let mut done = report(territory, what, &erased, traces.places, false);
    if !done.found.is_nothing() {
        let whom = done.what.person().map(|whom| (whom, NOBODY));
        let mut erasing = state.accounts.erasing(territory, by, done.what.kind(), whom).await?;
        let mut rows = erasing.rows();
        let (theirs, _writing) = nameless(state, territory, &erased.names).await?;
        rows.extend(theirs);
        rows.push(mark(Some(territory)));
        committer.begin_epoch(territory, erased.epoch, rows).await?;
        done.signed_out = erasing.done();
        tracing::info!(%territory, kind = ?done.what.kind(), epoch = done.epoch, "something was erased");
    }
    drop(shut);
    // Asked again after a crash, there is nothing left to erase, but the files may hold it yet.
    done.files_rebuilt = match settle(state, tell).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "what was erased is in the store's files yet");
            false
        }
    };
    Ok(done)
}

/// Makes the store's files anew if an erasure left that to do. A server does it before it serves.
pub async fn settle(state: &State, tell: Tell<'_>) -> Result<(), StoreError> {
    let committer = state.registry.committer();
    if committer.read(|store: &dyn Store| store.get(Table::Server, MARK)).await?.is_none() {
        return Ok(());
    }
    rebuilt(state, tell).await?;
    committer.put(vec![mark(None)]).await
}

/// Makes the store's files anew, without what was removed or overwritten.
pub(super) async fn compact(state: &State, tell: Tell<'_>) -> Result<Compacted, AdminError> {
    let (began, bytes_before) = (Instant::now(), size(state));
    rebuilt(state, tell).await?;
    state.registry.committer().put(vec![mark(None)]).await?;
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Compacted { bytes_before, bytes: size(state), millis })
}

/// Whether files are to be made anew.
pub(super) fn is_unsettled(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.get(Table::Server, MARK)?.is_some())
}

async fn rebuilt(state: &State, tell: Tell<'_>) -> Result<(), StoreError> {
    let (reports, mut heard) = mpsc::channel(REPORTS_MAX);
    let progress = move |done: u64, of: u64| {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        drop(reports.try_send(Report { done: count(done), of: count(of) }));
    };
    let work = state.registry.committer().rebuild(Box::new(progress));
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(report) = heard.recv() => tell(report),
        }
    }
}

/// The log without what is forgotten.
async fn rewritten(
    state: &State,
    territory: TerritoryId,
    kept: Option<Kept>,
    wish: Wish,
) -> Result<erasure::Erased, AdminError> {
    let kept = kept.ok_or(AdminError::NoTerritory(territory))?;
    let (committer, last) = (state.registry.committer(), kept.feed_last);
    let mut feed = Vec::new();
    loop {
        let after = feed.last().map_or(0, |row: &FeedRow| row.seq);
        let rows = committer.read(move |store: &dyn Store| store.feed(territory, after, PAGE_ROWS)).await?;
        let over = rows.is_empty();
        feed.extend(rows.into_iter().filter(|row| row.seq <= last));
        if over || feed.last().is_some_and(|row| row.seq == last) {
            break;
        }
    }
    let description = state.registry.description(territory).await?;
    let statistics = state.registry.with_travel(territory, description.statistics).await?;
    let actor = clock::actor();
    let past = Past { kept, feed, statistics };
    let rewritten = aside(move || erasure::erase(past, &wish, clock::now(), &actor));
    Ok(rewritten.await?)
}

fn report(
    territory: TerritoryId,
    what: Erasure,
    erased: &erasure::Erased,
    beside: usize,
    dry_run: bool,
) -> Erased {
    Erased {
        territory,
        what,
        dry_run,
        found: Counts { names: erased.counts.names + beside, ..erased.counts },
        epoch: erased.epoch.number,
        document: DocumentId::of(territory, erased.epoch.number).url(),
        document_bytes_before: erased.bytes_before,
        document_bytes: erased.epoch.document.bytes().len(),
        signed_out: 0,
        files_rebuilt: false,
    }
}

/// Scenarios and points of the history without the names of somebody who was erased; nobody writes any meanwhile.
async fn nameless(
    state: &State,
    territory: TerritoryId,
    names: &BTreeSet<String>,
) -> Result<(Vec<Row>, Vec<MutexGuard<'static, ()>>), StoreError> {
    if names.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let committer = state.registry.committer();
    let (row, writing) = scenarios::without(committer, territory, names, NOBODY).await?;
    let (mut rows, history) = progress::without(committer, territory, names, NOBODY).await?;
    rows.extend(row);
    Ok((rows, vec![writing, history]))
}

fn mark(territory: Option<TerritoryId>) -> Row {
    let value = territory.map(|territory| territory.0.as_bytes().to_vec());
    Row { table: Table::Server, key: MARK.to_vec(), value }
}

/// The size of the data directory's files.
fn size(state: &State) -> u64 {
    let entries = fs::read_dir(&state.settings.data).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file).map(|it| it.len()).sum()
}
