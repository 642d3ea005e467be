//! The history of the indicators: its points, the figures as they stand now, and points under a name, kept and forgotten.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Datelike;
use portrea_indicators::progress::Point;
use serde::Deserialize;
use serde_json::json;

use super::as_of::{AsOf, Moment};
use super::auth::SignedIn;
use super::files::{self, FormAsked};
use super::problem::{Answer, Explain, Problem};
use super::to_the_end;
use crate::access::act::What;
use crate::access::people::By;
use crate::accounts::AccountError;
use crate::clock;
use crate::exchange::sheet::figures;
use crate::opening;
use crate::progress::{self, PointError};
use crate::state::State;

/// A point that is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    name: String,
}

/// The points of a territory with the figures as they stand.
pub(super) struct History {
    pub(super) as_of: AsOf,
    pub(super) points: Vec<Point>,
    pub(super) now: Point,
}

/// `GET /territories/{id}/indicators/history`: a point a day, those with a name, and now; as CSV by `Accept`.
pub async fn show(
    state: Shared<Arc<State>>,
    territory: Path<String>,
    form: FormAsked,
    signed_in: SignedIn,
) -> Answer<Response> {
    let accept =
        signed_in.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") {
        let Path(territory) = territory;
        return csv(&state, &territory, form, &signed_in).await;
    }
    let History { as_of, points, now } = history(&state, &territory, &signed_in).await?;
    Ok(Json(as_of.on(&json!({ "points": points, "now": now }))).into_response())
}

/// The history as CSV, now being its last point.
pub(super) async fn csv(
    state: &State,
    territory: &str,
    form: FormAsked,
    signed_in: &SignedIn,
) -> Answer<Response> {
    let form = files::form(form, signed_in)?;
    let History { as_of, mut points, now } = history(state, territory, signed_in).await?;
    points.push(now);
    let keeper = signed_in.keeper(state, territory).await?;
    let portrait = keeper.read(|territory| territory.engine().portrait()).await;
    let about = files::about(&portrait.explain(&signed_in.headers)?, &as_of);
    Ok(files::attached("history.csv", files::CSV, figures::history(&points, &about, form)))
}

/// `POST /territories/{id}/indicators/history`: keeps the figures as they stand under a name.
pub async fn keep(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Asked>, JsonRejection>,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let wrong = Problem::BadRequest("a JSON object with `name` is needed");
    let Json(Asked { name }) = body.map_err(|_| signed_in.problem(wrong))?;
    let now = history(&state, &territory, &signed_in).await?.now;
    let year = now.day.get(..4).and_then(|year| year.parse().ok());
    let year: i32 = year.ok_or_else(|| signed_in.problem(Problem::Internal))?;
    let (id, by) = (signed_in.session.territory, signed_in.session.name.clone());
    let kept = to_the_end(async move {
        progress::keep_named(state.registry.committer(), id, year, (&name, &by), now).await
    });
    Ok((StatusCode::CREATED, Json(kept.await.explain(&signed_in.headers)?)).into_response())
}

/// `DELETE /territories/{id}/indicators/history/{point}`: forgets a named point; the acts say who did.
pub async fn forget(
    Shared(state): Shared<Arc<State>>,
    Path((territory, point)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.referent_of(&territory)?;
    let (id, by) = (signed_in.session.territory, By::Referent(signed_in.key));
    let done = to_the_end(async move {
        let acting = state.accounts.acting(id, by).await?;
        let note = |point: String| acting.row(What::ForgotPoint { point });
        Ok::<_, AccountError>(progress::forget(state.registry.committer(), id, &point, note).await?)
    });
    if done.await.explain(&signed_in.headers)? {
        tracing::info!(territory = %id, "a named point was forgotten");
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(signed_in.problem(Problem::NotFound))
    }
}

/// Reads the points, and draws one of now.
pub(super) async fn history(state: &State, territory: &str, signed_in: &SignedIn) -> Answer<History> {
    let keeper = signed_in.keeper(state, territory).await?;
    let id = signed_in.session.territory;
    let at = clock::now();
    let description = state.registry.description(id).await.explain(&signed_in.headers)?;
    let zone = opening::zone(description.statistics.communes.keys().next());
    let day = opening::day(zone, at).ok_or_else(|| signed_in.problem(Problem::Internal))?;
    let read = keeper.read(move |territory| (progress::point(territory, day, at), Moment::of(territory)));
    let (now, moment) = read.await.explain(&signed_in.headers)?;
    let as_of = moment.told(state, id).await.explain(&signed_in.headers)?;
    let since = opening::day(zone, description.created_at).map_or(day.year(), |day| day.year());
    let points = progress::all(state.registry.committer(), id, since, day.year()).await;
    Ok(History { as_of, points: points.explain(&signed_in.headers)?, now })
}

impl From<PointError> for Problem {
    fn from(error: PointError) -> Self {
        match error {
            PointError::Name => Self::BadName,
            PointError::Full => Self::BadRequest("a territory keeps 100 named points a year"),
            PointError::Store(error) => error.into(),
        }
    }
}
