//! The people of a territory and their devices: for its référent·es, who change roles and sign others out.
//!
//! Work that was taken is finished, whether or not who asked still listens: it would otherwise be on disk and not in
//! force.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use portrea_protocol::people::Role;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use super::to_the_end;
use crate::access::people::{By, Change, Order};
use crate::admin::people::{self, Device, Done};
use crate::state::State;

/// The most acts in an answer.
const ACTS_MAX: usize = 1_000;

/// `GET /territories/{id}/contributors`.
pub async fn list(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Vec<Device>>> {
    signed_in.referent_of(&territory)?;
    Ok(Json(people::list(&state, signed_in.session.territory)))
}

/// Which acts.
#[derive(Debug, Deserialize)]
pub struct Last {
    limit: Option<usize>,
}

/// `GET /territories/{id}/acts`: what was done about people and invitations, newest first.
pub async fn acts(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    last: Result<Query<Last>, QueryRejection>,
    signed_in: SignedIn,
) -> Answer<Json<Vec<Done>>> {
    signed_in.referent_of(&territory)?;
    let Query(Last { limit }) = last.explain(&signed_in.headers)?;
    let acts = state.accounts.acts(signed_in.session.territory).await.explain(&signed_in.headers)?;
    let limit = limit.unwrap_or(100).clamp(1, ACTS_MAX);
    Ok(Json(acts.into_iter().rev().take(limit).map(Done::from).collect()))
}

/// What may be changed of somebody.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Amend {
    role: Role,
}

/// `PATCH /territories/{id}/contributors/{contributor}`.
pub async fn amend(
    Shared(state): Shared<Arc<State>>,
    Path((territory, contributor)): Path<(String, String)>,
    signed_in: SignedIn,
    body: Result<Json<Amend>, JsonRejection>,
) -> Answer<Json<Value>> {
    signed_in.referent_of(&territory)?;
    let problem =
        Problem::BadRequest("a JSON object with `role` (contributor, referent or reader) is needed");
    let Json(Amend { role }) = body.map_err(|_| signed_in.problem(problem))?;
    let whom = contributor.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    let change = follow(state, &signed_in, Order::Role(whom, role)).await?;
    Ok(Json(json!({ "contributor": whom, "displayName": change.name, "role": role })))
}

/// `DELETE /territories/{id}/contributors/{contributor}`.
pub async fn revoke(
    Shared(state): Shared<Arc<State>>,
    Path((territory, contributor)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.referent_of(&territory)?;
    let whom = contributor.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    follow(state, &signed_in, Order::Revoke(whom)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /territories/{id}/contributors/{contributor}/devices/{device}`.
pub async fn sign_out(
    Shared(state): Shared<Arc<State>>,
    Path((territory, contributor, device)): Path<(String, String, String)>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.referent_of(&territory)?;
    let whom = contributor.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    let device = device.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    follow(state, &signed_in, Order::RevokeDevice(whom, device)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn follow(state: Arc<State>, signed_in: &SignedIn, order: Order) -> Answer<Change> {
    let (territory, by) = (signed_in.session.territory, By::Referent(signed_in.key));
    let done = to_the_end(async move { state.accounts.follow(territory, order, by).await }).await;
    done.explain(&signed_in.headers)
}
