//! A territory's own travel times.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::auth::SignedIn;
use super::problem::{Answer, Problem};
use crate::admin;
use crate::state::State;

/// The largest file of travel times, in bytes: a square of 1,200 communes as a router answers it.
pub const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// `PUT /territories/{id}/travel-times`: times between the communes, as CSV or as a router answered.
pub async fn replace(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    request: Request,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    // Beyond the limit for other bodies, hence read here.
    let body = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await;
    let body = body.map_err(|_| signed_in.problem(Problem::TooLarge))?;
    match admin::replace_travel_times(&state, signed_in.session.territory, Some(body.to_vec())).await {
        Ok(report) => Ok(Json(report).into_response()),
        Err(error) => {
            tracing::info!("travel times were refused");
            let said = error.said();
            let language =
                signed_in.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let english =
                language.is_some_and(|language| language.trim_start().to_lowercase().starts_with("en"));
            let title = if english { said.en } else { said.fr };
            let title = title.trim_start_matches([':', ' ', '\u{a0}']).to_owned();
            let body = json!({ "type": "urn:portrea:problem:bad-file", "title": title, "status": 422 });
            let kind = [(header::CONTENT_TYPE, "application/problem+json")];
            Ok((StatusCode::UNPROCESSABLE_ENTITY, kind, Json(body)).into_response())
        }
    }
}

/// `DELETE /territories/{id}/travel-times`: the great circle counts again.
pub async fn forget(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let forgotten = admin::replace_travel_times(&state, signed_in.session.territory, None).await;
    match forgotten {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => {
            tracing::error!(%error, "travel times could not be forgotten");
            Err(signed_in.problem(Problem::Internal))
        }
    }
}
