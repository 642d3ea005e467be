//! Statistics: what a territory has, files for it, and the recipe that puts its figures together.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem, told};
use super::to_the_end;
use crate::admin;
use crate::admin::command::{NeedsReading, Upload};
use crate::admin::failure::AdminError;
use crate::exchange::needs::tuning::Tuning;
use crate::state::State;

/// The most files in one form.
const FILES_MAX: usize = 20;

/// How much of a file's name is kept, in characters.
const NAME_CHARS_MAX: usize = 200;

/// How a form is told.
const FORM: &str = "multipart/form-data";

/// What a form must be.
const PARTS: Problem =
    Problem::BadRequest("a form takes 1 to 20 parts `file` and at most one `passage`, and no other part");

/// How a file is to be read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reading {
    file: Option<String>,
    producer: Option<String>,
    vintage: Option<u16>,
    replace: bool,
    dry_run: bool,
}

/// `GET /territories/{id}/needs`: series, dimensions and the figures of each commune with their grades.
pub async fn show(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    let shown = admin::show_needs(&state, signed_in.session.territory).await;
    Ok(answer(shown, &signed_in.headers))
}

/// `PUT /territories/{id}/needs`: a file of statistics; as a form, several of them, and a table of former communes.
pub async fn put(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    reading: Result<Query<Reading>, QueryRejection>,
    signed_in: SignedIn,
    request: Request,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let Query(Reading { file, producer, vintage, replace, dry_run }) = reading.explain(&signed_in.headers)?;
    let Brought { files, passage } = brought(request, file).await.explain(&signed_in.headers)?;
    let reading = NeedsReading { passage, producer, vintage, replace, dry_run };
    let id = signed_in.session.territory;
    let done = to_the_end(async move { admin::import_needs(&state, id, files, reading).await }).await;
    Ok(answer(done, &signed_in.headers))
}

/// What a body brings.
struct Brought {
    files: Vec<Upload>,
    passage: Option<Upload>,
}

/// Reads a body: the file itself, or a form with the parts `file` and perhaps `passage`.
async fn brought(request: Request, name: Option<String>) -> Result<Brought, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let form = kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with(FORM));
    if !form {
        let bytes = Bytes::from_request(request, &()).await?.to_vec();
        let file = Upload { name: called(name.as_deref(), "CSV"), bytes };
        return Ok(Brought { files: vec![file], passage: None });
    }
    let unread = |_| Problem::BadRequest("the form in the body has no boundary");
    let mut parts = Multipart::from_request(request, &()).await.map_err(unread)?;
    let mut brought = Brought { files: Vec::new(), passage: None };
    while let Some(part) = parts.next_field().await? {
        let own = part.file_name().map(str::to_owned).or_else(|| name.clone());
        match part.name() {
            Some("file") if brought.files.len() < FILES_MAX => {
                let name = called(own.as_deref(), "CSV");
                brought.files.push(Upload { name, bytes: part.bytes().await?.to_vec() });
            }
            Some("passage") if brought.passage.is_none() => {
                let name = called(part.file_name(), "passage");
                brought.passage = Some(Upload { name, bytes: part.bytes().await?.to_vec() });
            }
            Some(_) | None => return Err(PARTS),
        }
    }
    if brought.files.is_empty() { Err(PARTS) } else { Ok(brought) }
}

/// A file's name as whoever sent it says, bounded.
fn called(name: Option<&str>, otherwise: &str) -> String {
    name.unwrap_or(otherwise).chars().take(NAME_CHARS_MAX).collect()
}

/// `GET /territories/{id}/recipe`: the recipe in force, in TOML.
pub async fn recipe(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    match admin::recipe(&state, signed_in.session.territory, None).await {
        Ok(shown) => Ok(([(header::CONTENT_TYPE, "application/toml")], shown.text).into_response()),
        Err(error) => Ok(refused(&error, &signed_in.headers)),
    }
}

/// `PUT /territories/{id}/recipe`: a recipe in TOML; an empty body goes back to the default one.
pub async fn put_recipe(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let body = body.explain(&signed_in.headers)?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| signed_in.problem(Problem::BadRequest("UTF-8 is needed")))?
        .to_owned();
    let id = signed_in.session.territory;
    let done = to_the_end(async move { admin::recipe(&state, id, Some(text)).await }).await;
    Ok(answer(done, &signed_in.headers))
}

/// `GET /territories/{id}/recipe/options`: what is tuned in the recipe, and the default beside it.
pub async fn tuning(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    Ok(answer(admin::tuning(&state, signed_in.session.territory).await, &signed_in.headers))
}

/// `PUT /territories/{id}/recipe/options`: tunes the recipe; the rest of it stays as it was written.
pub async fn tune(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Tuning>, JsonRejection>,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let wrong = "a JSON object with `options`, and perhaps `weights`, is needed";
    let Json(tuning) = body.map_err(|_| signed_in.problem(Problem::BadRequest(wrong)))?;
    let id = signed_in.session.territory;
    let done = to_the_end(async move { admin::tune(&state, id, Some(tuning)).await }).await;
    Ok(answer(done, &signed_in.headers))
}

/// `DELETE /territories/{id}/recipe/options`: every tuning is taken back.
pub async fn untune(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let id = signed_in.session.territory;
    let done = to_the_end(async move { admin::tune(&state, id, None).await }).await;
    Ok(answer(done, &signed_in.headers))
}

fn answer<T: serde::Serialize>(done: Result<T, AdminError>, headers: &HeaderMap) -> Response {
    match done {
        Ok(done) => Json(done).into_response(),
        Err(error) => refused(&error, headers),
    }
}

/// What is wrong with a file is told in full; what failed here is told as everywhere.
fn refused(error: &AdminError, headers: &HeaderMap) -> Response {
    let said = error.said();
    match error {
        AdminError::File { .. } | AdminError::UnknownFormat(_) | AdminError::Name(_) => {
            tracing::info!("statistics were refused");
            told(headers, StatusCode::UNPROCESSABLE_ENTITY, "bad-file", (&said.fr, &said.en))
        }
        AdminError::Tuning(why) => Problem::BadRequest(why.said()).answer(headers),
        AdminError::NoTerritory(_) | AdminError::NoInvitation(_) | AdminError::NoChange(_) => {
            Problem::NotFound.answer(headers)
        }
        AdminError::Ended(_) => Problem::TryAgain.answer(headers),
        AdminError::Stopped { .. }
        | AdminError::Account(_)
        | AdminError::NoMail
        | AdminError::NoAddress(_)
        | AdminError::Unmailed(_)
        | AdminError::NoSuchPath
        | AdminError::Erasure(_)
        | AdminError::NoRoomToErase(_)
        | AdminError::Undecided(_)
        | AdminError::Backup { .. }
        | AdminError::Document(_)
        | AdminError::Registry(_)
        | AdminError::Store(_) => {
            tracing::error!(%error, "statistics could not be kept");
            Problem::StoreFailed.answer(headers)
        }
    }
}
