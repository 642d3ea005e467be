//! Every published figure as a file: CSV for programs or spreadsheets, GeoJSON for maps.
//!
//! `GET /territories/{id}/downloads/{file}`, seen by whoever may see the figures. `?for=spreadsheet` gives what opens
//! with a double click in the request's language.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::Response;
use portrea_protocol::ids::InseeCode;

use super::auth::SignedIn;
use super::files::{CSV, FormAsked, about, attached, form};
use super::problem::{Answer, Explain, Problem};
use super::{compare, progress, study};
use crate::clock;
use crate::exchange::sheet::figures;
use crate::state::State;

/// `GET /territories/{id}/downloads/{file}`.
pub async fn file(
    Shared(state): Shared<Arc<State>>,
    Path((territory, file)): Path<(String, String)>,
    asked: FormAsked,
    family: study::FamilyAsked,
    sought: study::Asked,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    match file.as_str() {
        "history.csv" => return progress::csv(&state, &territory, asked, &signed_in).await,
        "comparison.csv" => {
            let form = form(asked, &signed_in)?;
            let found = compare::compared(&state, &signed_in).await?;
            let text = figures::comparison(&found, &clock::now().to_rfc3339(), form);
            return Ok(attached(&file, CSV, text));
        }
        _ => {}
    }
    let form = form(asked, &signed_in)?;
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
    Ok(attached(&file, CSV, text))
}
