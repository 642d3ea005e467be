//! Every published figure as a file: CSV for programs or spreadsheets, GeoJSON for maps.
//!
//! `GET /territories/{id}/downloads/{file}`, seen by whoever may see the figures. `?for=spreadsheet` gives what opens
//! with a double click in the request's language.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use portrea_indicators::portrait::Portrait;
use portrea_protocol::ids::InseeCode;
use serde::Deserialize;

use super::as_of::AsOf;
use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use super::progress::History;
use super::{compare, progress, study};
use crate::clock;
use crate::exchange::sheet::{About, Form, figures};
use crate::state::State;

/// For whom the file is.
#[derive(Debug, Default, Deserialize)]
pub struct For {
    r#for: Option<Audience>,
}

/// Who reads a file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Audience {
    Programs,
    Spreadsheet,
}

/// The audience as it arrived: it may be nonsense.
pub(super) type FormAsked = Result<Query<For>, QueryRejection>;

/// `GET /territories/{id}/downloads/{file}`.
pub async fn file(
    Shared(state): Shared<Arc<State>>,
    Path((territory, file)): Path<(String, String)>,
    form: FormAsked,
    family: study::FamilyAsked,
    sought: study::Asked,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    match file.as_str() {
        "history.csv" => return history(&state, &territory, form, &signed_in).await,
        "comparison.csv" => {
            let form = asked(form, &signed_in)?;
            let found = compare::compared(&state, &signed_in).await?;
            let text = figures::comparison(&found, &clock::now().to_rfc3339(), form);
            return Ok(attached(&file, "text/csv; charset=utf-8", text));
        }
        _ => {}
    }
    let form = asked(form, &signed_in)?;
    let (survey, as_of) = study::survey(&state, &territory, &signed_in).await?;
    let portrait = study::aside(&signed_in, {
        let survey = survey.clone();
        move || survey.portrait()
    })
    .await?;
    let about = about(&portrait, &as_of);
    let text = match file.as_str() {
        "territory.csv" => figures::territory(&portrait, &about, form),
        "communes.csv" => figures::communes(&portrait, &about, form),
        "communes.geojson" => {
            let read = state.registry.description(signed_in.session.territory).await;
            let shapes = read.explain(&signed_in.headers)?.shapes;
            let text = figures::communes_geojson(&portrait, &shapes, &about);
            return Ok(attached(&file, "application/geo+json", text));
        }
        "priority.csv" => {
            let found = study::ranked(survey, family, &signed_in).await?;
            figures::priority(&found, &about, form)
        }
        "siting.csv" => {
            let found = study::sited(&state, survey, sought, &signed_in).await?;
            figures::siting(&found, &about, form)
        }
        other => {
            let code = other.strip_prefix("commune-").and_then(|rest| rest.strip_suffix(".csv"));
            let found = code.and_then(|code| {
                figures::commune(&portrait, &InseeCode::from(code.to_owned()), &about, form)
            });
            found.ok_or_else(|| signed_in.problem(Problem::NotFound))?
        }
    };
    Ok(attached(&file, "text/csv; charset=utf-8", text))
}

/// The history as CSV.
pub(super) async fn history(
    state: &State,
    territory: &str,
    form: FormAsked,
    signed_in: &SignedIn,
) -> Answer<Response> {
    let form = asked(form, signed_in)?;
    let History { as_of, mut points, now } = progress::history(state, territory, signed_in).await?;
    points.push(now);
    let keeper = signed_in.keeper(state, territory).await?;
    let portrait = keeper.read(|territory| territory.engine().portrait()).await;
    let about = about(&portrait.explain(&signed_in.headers)?, &as_of);
    Ok(attached("history.csv", "text/csv; charset=utf-8", figures::history(&points, &about, form)))
}

fn asked(form: FormAsked, signed_in: &SignedIn) -> Answer<Form> {
    let Query(For { r#for }) = form.explain(&signed_in.headers)?;
    Ok(match r#for {
        Some(Audience::Spreadsheet) if is_english(&signed_in.headers) => Form::English,
        Some(Audience::Spreadsheet) => Form::French,
        Some(Audience::Programs) | None => Form::Plain,
    })
}

fn is_english(headers: &HeaderMap) -> bool {
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    language.is_some_and(|language| language.trim_start().to_lowercase().starts_with("en"))
}

fn about(portrait: &Portrait, as_of: &AsOf) -> About {
    About {
        sources: portrait.sources.clone(),
        invented: portrait.invented,
        heads: as_of.heads.clone(),
        directory_at: as_of.directory.at.clone().unwrap_or_default(),
        written_at: clock::now().to_rfc3339(),
    }
}

/// A file that a browser keeps instead of showing, named after the day.
fn attached(file: &str, kind: &'static str, text: String) -> Response {
    let day = clock::now().to_rfc3339();
    let day = day.get(..10).unwrap_or_default();
    let name = file.replacen('.', &format!("-{day}."), 1);
    let disposition = format!("attachment; filename=\"portrea-{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}
