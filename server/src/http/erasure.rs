//! `POST /territories/{id}/purge`: a référent·e erases a field, a structure, a helper or a contributor's name for good.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State as Shared};
use portrea_protocol::ids::{ContributorId, RecordId};
use serde::Deserialize;

use super::auth::SignedIn;
use super::problem::{Answer, Failure, Problem};
use super::to_the_end;
use crate::access::people::{Barred, By};
use crate::admin::erase;
use crate::admin::erasure::{Erased, Erasure};
use crate::admin::failure::AdminError;
use crate::state::State;

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purge {
    #[serde(flatten)]
    what: What,
    #[serde(default)]
    dry_run: bool,
}

/// What a référent·e may erase; the rest is the operator's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum What {
    Value { structure: RecordId, path: String },
    Record(RecordId),
    Helper { structure: RecordId, helper: RecordId },
    Contributor(ContributorId),
}

/// Erases, or says only how much there is.
pub async fn purge(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Purge>, JsonRejection>,
) -> Answer<Json<Erased>> {
    signed_in.referent_of(&territory)?;
    let needed = "a JSON object with `value` (structure, path), `record`, `helper` (structure, helper) or `contributor` is needed";
    let Json(Purge { what, dry_run }) = body.map_err(|_| signed_in.problem(Problem::BadRequest(needed)))?;
    let what = match what {
        What::Value { structure, path } => Erasure::Value { structure, path },
        What::Record(structure) => Erasure::Record(structure),
        What::Helper { structure, helper } => Erasure::Helper { structure, helper },
        What::Contributor(whom) => Erasure::Contributor(whom),
    };
    let (id, by) = (signed_in.session.territory, By::Referent(signed_in.key));
    // What was begun is finished, whether or not who asked still listens.
    let done = to_the_end(async move { erase::erase(&state, id, what, dry_run, by, &mut |_| {}).await });
    done.await.map(Json).map_err(|error| refused(&signed_in, &error))
}

fn refused(signed_in: &SignedIn, error: &AdminError) -> Failure {
    signed_in.problem(match error {
        AdminError::NoSuchPath => Problem::BadRequest("`path` leads to no part of a structure"),
        AdminError::NoTerritory(_) => Problem::NotFound,
        AdminError::Account(Barred::NotReferent | Barred::SignedOut) => Problem::NotAllowed,
        AdminError::Account(Barred::LastReferent) => Problem::LastReferent,
        AdminError::Ended(_) => Problem::TryAgain,
        AdminError::NoRoomToErase(_) => Problem::NotErased,
        AdminError::Account(_)
        | AdminError::Name(_)
        | AdminError::File { .. }
        | AdminError::UnknownFormat(_)
        | AdminError::Tuning(_)
        | AdminError::Stopped { .. }
        | AdminError::Document(_)
        | AdminError::Registry(_)
        | AdminError::Backup { .. }
        | AdminError::NoMail
        | AdminError::NoAddress(_)
        | AdminError::Unmailed(_)
        | AdminError::NoInvitation(_)
        | AdminError::NoChange(_)
        | AdminError::Undecided(_)
        | AdminError::Erasure(_)
        | AdminError::Store(_) => {
            tracing::error!(%error, "something could not be erased");
            Problem::StoreFailed
        }
    })
}
