//! Answers that a browser keeps as a file: for whom they are written, what they say of themselves, what they are called.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use portrea_indicators::portrait::Portrait;
use serde::Deserialize;

use super::as_of::AsOf;
use super::auth::SignedIn;
use super::problem::{Answer, Explain};
use crate::clock;
use crate::exchange::sheet::{About, Form};

/// How CSV is told.
pub(super) const CSV: &str = "text/csv; charset=utf-8";

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

/// The form that is asked for.
pub(super) fn form(asked: FormAsked, signed_in: &SignedIn) -> Answer<Form> {
    let Query(For { r#for }) = asked.explain(&signed_in.headers)?;
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

/// What figures of a portrait say of themselves.
pub(super) fn about(portrait: &Portrait, as_of: &AsOf) -> About {
    About {
        sources: portrait.sources.clone(),
        invented: portrait.invented,
        heads: as_of.heads.clone(),
        directory_at: as_of.directory.at.clone().unwrap_or_default(),
        written_at: clock::now().to_rfc3339(),
    }
}

/// A file that a browser keeps instead of showing, named after the day.
pub(super) fn attached(file: &str, kind: &'static str, text: String) -> Response {
    let day = clock::now().to_rfc3339();
    let day = day.get(..10).unwrap_or_default();
    let name = file.replacen('.', &format!("-{day}."), 1);
    let disposition = format!("attachment; filename=\"portrea-{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}
