//! `GET /territories/{id}/feed`: server-sent events without a gap or a double, or pages of JSON.
//!
//! A stream begins after `Last-Event-ID` (or `?after=`, a number or `now`; else at the first event), reads what is
//! kept, then follows what becomes durable. A reader that falls behind reads from the store again: nothing is
//! buffered for it. A stream ends with its session, at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::FeedRow;
use portrea_territory::territory::Territory;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use crate::accounts::hold::Hold;
use crate::commit::Committer;
use crate::keeper::Keeper;
use crate::state::State;
use crate::store::{Store, StoreError};

/// The most events on one page.
const PAGE_EVENTS_MAX: usize = 1_000;

/// Where to begin.
#[derive(Debug, Deserialize)]
pub struct From {
    after: Option<String>,
    limit: Option<usize>,
}

/// `GET /territories/{id}/feed`.
pub async fn feed(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    from: Result<Query<From>, QueryRejection>,
    signed_in: SignedIn,
) -> Answer<Response> {
    let Query(from) = from.explain(&signed_in.headers)?;
    let keeper = signed_in.keeper(&state, &territory).await?;
    let id = signed_in.session.territory;
    let text =
        |name: &str| signed_in.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let committer = state.registry.committer().clone();
    let after = match (text("last-event-id").parse().ok(), from.after.as_deref()) {
        (Some(last), _) => last,
        (None, None) => 0,
        (None, Some("now")) => keeper.read(Territory::feed_last).await.explain(&signed_in.headers)?,
        (None, Some(number)) => number.parse().map_err(|_| {
            signed_in.problem(Problem::BadRequest("`after` takes an event's number, or `now`"))
        })?,
    };
    if text("accept").contains("application/json") {
        let limit = from.limit.unwrap_or(100).clamp(1, PAGE_EVENTS_MAX);
        let rows = page(&committer, id, after, limit).await.explain(&signed_in.headers)?;
        let events: Vec<&str> = rows.iter().map(|row| row.json.as_ref()).collect();
        let last = rows.last().map_or(after, |row| row.seq);
        let body = format!("{{\"events\":[{}],\"last\":{last}}}", events.join(","));
        return Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response());
    }
    let follow = Follow {
        state: Arc::clone(&state),
        hold: state.accounts.hold(signed_in.key, signed_in.session.role),
        committer,
        id,
        live: keeper.feed(),
        keeper,
        after,
        kept: Vec::new().into_iter(),
        behind: true,
    };
    let stop = state.stopping.subscribe();
    let events = until(stop, stream::unfold(follow, Follow::next));
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok((
        // A proxy that buffers would hold back events.
        [("x-accel-buffering", "no")],
        Sse::new(events).keep_alive(alive),
    )
        .into_response())
}

async fn page(
    committer: &Committer,
    id: TerritoryId,
    after: u64,
    limit: usize,
) -> Result<Vec<FeedRow>, StoreError> {
    committer.read(move |store: &dyn Store| store.feed(id, after, limit)).await
}

/// Ends a stream when the server stops, so that stopping does not wait for readers.
fn until<S: Stream>(mut stop: tokio::sync::watch::Receiver<bool>, events: S) -> impl Stream<Item = S::Item> {
    use futures_util::StreamExt;
    events.take_until(async move { drop(stop.wait_for(|stopping| *stopping).await) })
}

/// One reader's place in the feed.
struct Follow {
    state: Arc<State>,
    hold: Hold,
    committer: Committer,
    id: TerritoryId,
    keeper: Keeper,
    live: Receiver<FeedRow>,
    after: u64,
    kept: std::vec::IntoIter<FeedRow>,
    behind: bool,
}

impl Follow {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(row) = self.kept.next() {
                return self.event(&row);
            }
            if self.behind {
                // A failing store ends the stream; the reader asks again from its last event.
                let rows = page(&self.committer, self.id, self.after, PAGE_EVENTS_MAX).await.ok()?;
                self.behind = !rows.is_empty();
                self.kept = rows.into_iter();
                continue;
            }
            // Whoever holds a keeper holds its channel open: that it ended is heard apart.
            let live = tokio::select! {
                live = self.live.recv() => live,
                () = self.keeper.wait_ended() => Err(RecvError::Closed),
                _ = self.hold.ended(&self.state.accounts) => return None,
            };
            match live {
                Ok(row) if row.seq <= self.after => {}
                Ok(row) if row.seq == self.after + 1 => return self.event(&row),
                Ok(_) | Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => {
                    self.keeper = self.state.registry.keeper(self.id).await.ok()?;
                    self.live = self.keeper.feed();
                    self.behind = true;
                }
            }
        }
    }

    /// A row as an event; the stream ends with its session.
    fn event(mut self, row: &FeedRow) -> Option<(Result<Event, Infallible>, Self)> {
        if self.hold.over(&self.state.accounts).is_some() {
            return None;
        }
        self.after = row.seq;
        Some((Ok(Event::default().id(row.seq.to_string()).data(row.json.as_ref())), self))
    }
}
