//! The web application: the files that `server/web` is built into, embedded in the release, read from the disk by a
//! debug build.
//!
//! Names under `/assets/` carry their content's hash and are kept for ever; everything else is asked for again and
//! answered by its tag. A page of the application is any address that no file and no interface has: it gets the shell,
//! which finds its way by itself. Files are compressed when they are built, never here. Without a built application
//! the placeholder pages stand in.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::{pages, problem};

/// The page that every address of the application gets.
const SHELL: &str = "index.html";
/// What the server answers itself: an unknown address there is no page.
const INTERFACES: [&str; 5] = ["api", "sync", "healthz", "readyz", "metrics"];
/// Encodings that files are built in, the best first: their name in headers and the end of their file's.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The application as it was built, or nothing.
#[derive(rust_embed::Embed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// A file's content, with the hash of it.
struct Stored {
    bytes: Cow<'static, [u8]>,
    hash: [u8; 32],
}

fn built(path: &str) -> Option<Stored> {
    Built::get(path).map(|file| Stored { hash: file.metadata.sha256_hash(), bytes: file.data })
}

/// `GET /`.
pub async fn home(method: Method, headers: HeaderMap) -> Response {
    shell(&built, &method, &headers).unwrap_or_else(|| pages::home().into_response())
}

/// `GET /join`.
pub async fn join(method: Method, headers: HeaderMap) -> Response {
    shell(&built, &method, &headers).unwrap_or_else(|| pages::join().into_response())
}

/// The answer where no route is: a file of the application, its shell, or nothing.
pub async fn elsewhere(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match find(&built, &method, uri.path(), &headers) {
        Some(found) => found,
        None => problem::not_found(headers).await,
    }
}

/// What stands at an address.
fn find(
    files: &impl Fn(&str) -> Option<Stored>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let path = path.strip_prefix('/').filter(|path| !climbs(path))?;
    let first = path.split('/').next().unwrap_or_default();
    if INTERFACES.contains(&first) {
        return None;
    }
    if let Some(found) = file(files, method, path, headers) {
        return Some(found);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_page = !last.contains('.') && accept.contains("text/html");
    is_page.then(|| shell(files, method, headers)).flatten()
}

/// Whether an address leads upwards, or hides where it leads.
fn climbs(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".");
    plain.contains("..") || plain.contains('\\') || plain.contains("%5c") || plain.contains("%00")
}

fn shell(files: &impl Fn(&str) -> Option<Stored>, method: &Method, headers: &HeaderMap) -> Option<Response> {
    file(files, method, SHELL, headers)
}

/// A file in the best encoding that was built and is accepted.
fn file(
    files: &impl Fn(&str) -> Option<Stored>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response> {
    // Vite writes such names only, so nothing has to be decoded; encoded twins are not asked for by name.
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    if !plain || path.split('/').any(str::is_empty) || ENCODINGS.iter().any(|(_, end)| path.ends_with(end)) {
        return None;
    }
    let identity = files(path)?;
    let encoded = ENCODINGS
        .iter()
        .filter(|(name, _)| accepts(headers, name))
        .find_map(|(name, end)| Some((*name, files(&format!("{path}{end}"))?)));
    let (encoding, stored) = encoded.map_or((None, identity), |(name, stored)| (Some(name), stored));
    let kept = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = tag(&stored.hash);
    let known = is_known(headers, &tag);
    let answer = Response::builder()
        .header(header::CACHE_CONTROL, kept)
        .header(header::VARY, "accept-encoding")
        .header(header::ETAG, tag);
    let answer = if known {
        answer.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        let answer = answer
            .header(header::CONTENT_TYPE, content_type(path))
            .header(header::CONTENT_LENGTH, stored.bytes.len());
        let answer = match encoding {
            Some(name) => answer.header(header::CONTENT_ENCODING, name),
            None => answer,
        };
        let body = if *method == Method::HEAD { Body::empty() } else { Body::from(stored.bytes) };
        answer.body(body)
    };
    Some(answer.expect("these headers are sound"))
}

/// Whether a request takes an encoding: it names it, and not with a weight of 0.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|choice| {
        let (name, weight) = choice.split_once(';').unwrap_or((choice, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// A strong tag of a content's hash.
pub(super) fn tag(hash: &[u8]) -> String {
    let hex = hash.iter().take(16).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    });
    format!("\"{hex}\"")
}

/// Whether the asker has what a tag names already. A proxy that compresses may have made the tag weak.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(','));
    tags.any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*")
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests;
