//! What each address of the application answers. The files are a handful made up here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;

use super::{Stored, find};

const FILES: [(&str, &str); 9] = [
    ("index.html", "<!doctype html>"),
    ("index.html.gz", "(gz)"),
    ("sw.js", "self"),
    ("manifest.webmanifest", "{}"),
    ("assets/app-1a2B_-.js", "app"),
    ("assets/app-1a2B_-.js.br", "(br)"),
    ("assets/app-1a2B_-.js.gz", "(gz)"),
    ("assets/automerge-1.wasm", "wasm"),
    ("icons/mark.svg", "<svg/>"),
];

fn stored(path: &str) -> Option<Stored> {
    let (_, text) = FILES.iter().find(|(name, _)| *name == path)?;
    let mut hash = [0; 32];
    hash[0] = u8::try_from(path.len()).unwrap();
    Some(Stored { bytes: Cow::Borrowed(text.as_bytes()), hash })
}

fn ask(method: &Method, path: &str, headers: &[(HeaderName, &str)]) -> Option<Response> {
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect();
    find(&stored, method, path, &headers)
}

fn get(path: &str, headers: &[(HeaderName, &str)]) -> Option<Response> {
    ask(&Method::GET, path, headers)
}

fn text(response: &Response, name: HeaderName) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn body(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Goal: a file has its type, and is kept for ever or asked for again. Method: one of each.
#[tokio::test]
async fn files_have_types_and_lives() {
    const EVER: &str = "public, max-age=31536000, immutable";
    for (path, kind, kept, content) in [
        ("/index.html", "text/html; charset=utf-8", "no-cache", "<!doctype html>"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache", "self"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache", "{}"),
        ("/assets/app-1a2B_-.js", "text/javascript; charset=utf-8", EVER, "app"),
        ("/assets/automerge-1.wasm", "application/wasm", EVER, "wasm"),
        ("/icons/mark.svg", "image/svg+xml", "no-cache", "<svg/>"),
    ] {
        let found = get(path, &[]).unwrap();
        assert_eq!(text(&found, header::CONTENT_TYPE), kind, "{path}");
        assert_eq!(text(&found, header::CACHE_CONTROL), kept, "{path}");
        assert_eq!(text(&found, header::VARY), "accept-encoding", "{path}");
        assert_eq!(body(found).await, content, "{path}");
        let head = ask(&Method::HEAD, path, &[]).unwrap();
        assert_eq!(text(&head, header::CONTENT_LENGTH), content.len().to_string(), "{path}");
        assert_eq!(body(head).await, "", "{path}");
        assert!(ask(&Method::POST, path, &[]).is_none(), "{path}");
    }
}

/// Goal: the best encoding that was built and is accepted. Method: headers as browsers and others write them.
#[tokio::test]
async fn encodings_are_negotiated() {
    for (path, accept, encoding, content) in [
        ("/assets/app-1a2B_-.js", "gzip, deflate, br, zstd", "br", "(br)"),
        ("/assets/app-1a2B_-.js", "gzip;q=1.0, BR;q=0.1", "br", "(br)"),
        ("/assets/app-1a2B_-.js", "gzip, br;q=0", "gzip", "(gz)"),
        ("/assets/app-1a2B_-.js", "identity", "", "app"),
        ("/assets/app-1a2B_-.js", "", "", "app"),
        ("/index.html", "br, gzip", "gzip", "(gz)"),
        ("/sw.js", "br, gzip", "", "self"),
    ] {
        let found = get(path, &[(header::ACCEPT_ENCODING, accept)]).unwrap();
        assert_eq!(text(&found, header::CONTENT_ENCODING), encoding, "{path} {accept}");
        assert_eq!(body(found).await, content, "{path} {accept}");
    }
}

/// Goal: who has a file gets no second copy. Method: its tag, alone, in a list, weak, and that of another encoding.
#[tokio::test]
async fn tags_save_the_way() {
    let tag = text(&get("/index.html", &[]).unwrap(), header::ETAG);
    let compressed = get("/index.html", &[(header::ACCEPT_ENCODING, "gzip")]).unwrap();
    assert_ne!(text(&compressed, header::ETAG), tag, "each encoding has its own");
    for known in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let found = get("/index.html", &[(header::IF_NONE_MATCH, &known)]).unwrap();
        assert_eq!(found.status(), 304, "{known}");
        assert_eq!(text(&found, header::ETAG), tag);
        assert_eq!(text(&found, header::CACHE_CONTROL), "no-cache");
        assert_eq!(body(found).await, "");
    }
    assert_eq!(get("/index.html", &[(header::IF_NONE_MATCH, "\"x\"")]).unwrap().status(), 200);
}

/// Goal: a page's address gets the shell, anything else that is not there gets nothing. Method: addresses of both.
#[tokio::test]
async fn navigation_gets_the_shell() {
    const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
    for path in ["/directory", "/directory/Caf%C3%A9", "/feed/", "/a.b/c", "/apis"] {
        let found = get(path, &[(header::ACCEPT, BROWSER)]).unwrap();
        assert_eq!(found.status(), 200, "{path}");
        assert_eq!(text(&found, header::CACHE_CONTROL), "no-cache", "{path}");
        assert_eq!(body(found).await, "<!doctype html>", "{path}");
        assert!(get(path, &[(header::ACCEPT, "*/*")]).is_none(), "{path}");
    }
    for path in [
        "/api",
        "/api/v2/x",
        "/sync/x",
        "/healthz/x",
        "/readyz/x",
        "/metrics/x",
        "/missing.js",
        "/assets/app-0.js",
        "/assets/app-1a2B_-.js.br",
        "/assets/app-1a2B_-.js.gz",
        "/index.html.gz",
        "/../index.html",
        "/assets/../index.html",
        "/assets/%2e%2e/index",
        "/assets/.%2E/index",
        "/assets/..%2findex",
        "/assets/..\\index",
        "/assets/%5c",
    ] {
        assert!(get(path, &[(header::ACCEPT, BROWSER)]).is_none(), "{path}");
    }
    let unbuilt = |_: &str| None;
    let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(BROWSER))]);
    assert!(find(&unbuilt, &Method::GET, "/directory", &headers).is_none());
}
