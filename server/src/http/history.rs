//! A record's history, read from the feed, newest first; and going back on one of its events.
//!
//! The feed is in the order of time and not by record: it is read backwards, a stretch at a time, and a request looks
//! at so many events at most. What is older is asked for with `before`.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::{RecordId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::revert;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::feed::{Event, FeedEvent};
use portrea_territory::territory::Territory;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use super::to_the_end;
use crate::state::State;
use crate::store::{Store, StoreError};

/// Events of one record in an answer, unless it asks for fewer.
const PAGE_EVENTS_MAX: usize = 200;
/// Events of the feed that are read at a time.
const STRETCH: u64 = 1_000;
/// Events of the feed that one request looks at.
const LOOKED_AT_MAX: u64 = 50_000;

/// Where to begin.
#[derive(Debug, Deserialize)]
pub struct From {
    before: Option<u64>,
    limit: Option<usize>,
}

/// Events of a record, newest first, and where older ones begin; 0 when there are none.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    events: Vec<Arc<str>>,
    before: u64,
}

/// `GET /territories/{id}/resources/{structure}/history`.
pub async fn list(
    Shared(state): Shared<Arc<State>>,
    Path((territory, structure)): Path<(String, String)>,
    from: Result<Query<From>, QueryRejection>,
    signed_in: SignedIn,
) -> Answer<Response> {
    let Query(from) = from.explain(&signed_in.headers)?;
    let keeper = signed_in.keeper(&state, &territory).await?;
    let id = signed_in.session.territory;
    let before = match from.before {
        Some(before) => before,
        None => keeper.read(Territory::feed_last).await.explain(&signed_in.headers)?.saturating_add(1),
    };
    let limit = from.limit.unwrap_or(50).clamp(1, PAGE_EVENTS_MAX);
    let structure = RecordId::from(structure);
    let committer = state.registry.committer().clone();
    let found = committer.read(move |store: &dyn Store| page(store, id, &structure, before, limit)).await;
    let Page { events, before } = found.explain(&signed_in.headers)?;
    let body = format!("{{\"events\":[{}],\"before\":{before},\"more\":{}}}", events.join(","), before > 0);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Reads the feed backwards from below `before`.
fn page(
    store: &dyn Store,
    territory: TerritoryId,
    structure: &RecordId,
    before: u64,
    limit: usize,
) -> Result<Page, StoreError> {
    let mut events = Vec::new();
    let mut top = before;
    let floor = before.saturating_sub(LOOKED_AT_MAX);
    while top > 1 && top > floor {
        let after = (top - 1).saturating_sub(STRETCH);
        let rows = store.feed(territory, after, usize::try_from(STRETCH).unwrap_or(usize::MAX))?;
        for row in rows.iter().rev().filter(|row| row.seq < top) {
            if is_about(&row.json, structure) {
                events.push(Arc::clone(&row.json));
                if events.len() == limit {
                    return Ok(Page { events, before: if row.seq > 1 { row.seq } else { 0 } });
                }
            }
        }
        top = after + 1;
    }
    Ok(Page { events, before: if top > 1 { top } else { 0 } })
}

/// Whether an event is about a structure. Most are not, and are not read.
fn is_about(event: &str, structure: &RecordId) -> bool {
    #[derive(Deserialize)]
    struct About {
        subject: Option<Subject>,
    }
    #[derive(Deserialize)]
    struct Subject {
        structure: RecordId,
    }
    event.contains(structure.as_str())
        && serde_json::from_str(event)
            .is_ok_and(|about: About| about.subject.is_some_and(|subject| subject.structure == *structure))
}

/// `POST /territories/{id}/resources/{structure}/history/{event}/revert`.
pub async fn go_back(
    Shared(state): Shared<Arc<State>>,
    Path((territory, structure, event)): Path<(String, String, String)>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    if signed_in.session.role == Role::Reader {
        return Err(signed_in.problem(Problem::NotAllowed));
    }
    let (id, structure) = (signed_in.session.territory, RecordId::from(structure));
    let number: u64 = event.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    let committer = state.registry.committer().clone();
    let rows = committer.read(move |store: &dyn Store| store.feed(id, number.saturating_sub(1), 1)).await;
    let row = rows.explain(&signed_in.headers)?.into_iter().find(|row| row.seq == number);
    let event: Option<FeedEvent> = row.and_then(|row| serde_json::from_str(&row.json).ok());
    let event = event.filter(|event| event.subject.as_ref().is_some_and(|it| it.structure == structure));
    let event = event.ok_or_else(|| signed_in.problem(Problem::NotFound))?;
    if event.erased {
        return Err(signed_in.problem(Problem::BadRequest("what was erased for good cannot be brought back")));
    }
    let edit = undone(&structure, &event).ok_or_else(|| {
        signed_in.problem(Problem::BadRequest("only an event that changed a field can be gone back on"))
    })?;
    if is_for_referents(&edit) {
        signed_in.referent()?;
    }
    let person = signed_in.session.person();
    // What was taken is finished, whether or not who asked still listens.
    let done = to_the_end(async move { keeper.revert(person, edit, number).await }).await;
    let change = done.explain(&signed_in.headers)?.map_err(|error| {
        tracing::debug!(%error, "an event could not be gone back on");
        signed_in.problem(Problem::BadRequest("the value from before cannot be written any more"))
    })?;
    Ok(Json(json!({ "change": change.map(|hash| hash.to_string()) })))
}

/// The edit that undoes an event, if that is possible.
fn undone(structure: &RecordId, event: &FeedEvent) -> Option<Edit> {
    let Event::FieldChanged { path, before, .. } = &event.event else { return None };
    revert::edit(Address::parse(structure, path)?, before)
}

/// Whether an edit is one that only référent·es make.
fn is_for_referents(edit: &Edit) -> bool {
    matches!(edit, Edit::Set { address, .. } if matches!(address.place, Place::Archived | Place::Validation))
}

#[cfg(test)]
mod tests;
