//! Edits that were not merged: who may see them sees why, and a référent·e, or their author, decides about them.

use std::sync::Arc;

use automerge::ChangeHash;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::ContributorId;
use portrea_protocol::people::Role;
use portrea_protocol::wire::quarantine::{Decision, Held};
use portrea_territory::io::Undecided;
use serde::Deserialize;

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use super::to_the_end;
use crate::deciding::{self, Decided};
use crate::state::State;

/// What an exported change is called at its end.
const SUFFIX: &str = ".automerge";

/// Whose edits somebody may see: everybody's, or their own.
fn of(signed_in: &SignedIn) -> Option<ContributorId> {
    (signed_in.session.role != Role::Referent).then_some(signed_in.session.contributor)
}

/// `GET /territories/{id}/quarantine`.
pub async fn list(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Vec<Held>>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let of = of(&signed_in);
    let held = keeper.read(move |territory| territory.quarantine(of)).await;
    Ok(Json(held.explain(&signed_in.headers)?))
}

/// `GET /territories/{id}/quarantine/{change}`: the change as it came, whatever becomes of it here.
pub async fn bytes(
    Shared(state): Shared<Arc<State>>,
    Path((territory, change)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<Response> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let not_found = || signed_in.problem(Problem::NotFound);
    let hash: ChangeHash = change.trim_end_matches(SUFFIX).parse().map_err(|_| not_found())?;
    let found = keeper.read(move |territory| territory.quarantined(&hash)).await;
    let (bytes, whose) = found.explain(&signed_in.headers)?.ok_or_else(not_found)?;
    if of(&signed_in).is_some_and(|contributor| contributor != whose) {
        return Err(not_found());
    }
    let disposition = format!("attachment; filename=\"{hash}{SUFFIX}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes.to_vec()).into_response())
}

/// What is decided.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decide {
    decision: Decision,
    #[serde(default)]
    through: bool,
}

/// `POST /territories/{id}/quarantine/{change}`.
pub async fn decide(
    Shared(state): Shared<Arc<State>>,
    Path((territory, change)): Path<(String, String)>,
    signed_in: SignedIn,
    body: Result<Json<Decide>, JsonRejection>,
) -> Answer<StatusCode> {
    signed_in.here(&territory)?;
    let problem = Problem::BadRequest("a JSON object with `decision` (accept, reject or withdraw) is needed");
    let Json(Decide { decision, through }) = body.map_err(|_| signed_in.problem(problem))?;
    if matches!(decision, Decision::Accept | Decision::Reject) {
        signed_in.referent()?;
    }
    let hash: ChangeHash = change.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    let keeper = signed_in.keeper(&state, &territory).await?;
    let person = signed_in.session.person();
    let decided = to_the_end(async move { keeper.decide(person, hash, decision, through).await }).await;
    decided.explain(&signed_in.headers)?.explain(&signed_in.headers)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is decided about everything of one person that waits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideAll {
    decision: Decision,
    contributor: ContributorId,
}

/// `POST /territories/{id}/quarantine`.
pub async fn decide_all(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<DecideAll>, JsonRejection>,
) -> Answer<Json<Decided>> {
    signed_in.referent_of(&territory)?;
    let problem =
        Problem::BadRequest("a JSON object with `decision` (accept or reject) and `contributor` is needed");
    let Json(DecideAll { decision, contributor }) = body.map_err(|_| signed_in.problem(problem))?;
    if decision == Decision::Withdraw {
        return Err(signed_in.problem(problem));
    }
    let keeper = signed_in.keeper(&state, &territory).await?;
    let person = signed_in.session.person();
    let done = to_the_end(async move { deciding::all(&keeper, &person, contributor, decision).await }).await;
    Ok(Json(done.explain(&signed_in.headers)?.explain(&signed_in.headers)?))
}

impl From<Undecided> for Problem {
    fn from(why: Undecided) -> Self {
        match why {
            // Somebody else's is as good as none.
            Undecided::NotFound | Undecided::NotAllowed => Self::NotFound,
            Undecided::Closed => Self::Decided,
            Undecided::NeedsOthers => Self::NeedsOthers,
        }
    }
}
