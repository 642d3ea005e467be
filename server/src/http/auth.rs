//! Who asks: the session behind a cookie or a bearer token, and what it may do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::TerritoryId;
use portrea_protocol::people::Role;
use serde_json::{Value as Json_, json};

use super::problem::{Answer, Explain, Failure, Problem};
use super::to_the_end;
use crate::access::{Hash, Secret, Session};
use crate::clock;
use crate::keeper::Keeper;
use crate::state::State;

/// The session cookie's name.
pub const COOKIE: &str = "portrea_session";

/// Whoever is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// What it is known by.
    pub key: Hash,
    /// The request's headers, for answers in its language.
    pub headers: HeaderMap,
}

impl FromRequestParts<Arc<State>> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Failure> {
        let headers = parts.headers.clone();
        let found = shown(&headers).and_then(|secret| state.accounts.session(&secret));
        let Some((key, session)) = found else { return Err(Failure(Problem::NotSignedIn, headers)) };
        if !is_safe(&parts.method)
            && let Err(wait) = state.paces.requests.take(&session.contributor, 1)
        {
            return Err(Failure(Problem::too_fast(wait), headers));
        }
        Ok(Self { session, key, headers })
    }
}

impl SignedIn {
    /// The keeper of the session's own territory; another territory is as good as none.
    pub async fn keeper(&self, state: &State, territory: &str) -> Answer<Keeper> {
        self.here(territory)?;
        state.registry.keeper(self.session.territory).await.explain(&self.headers)
    }

    /// Whether the address names the session's own territory.
    pub fn here(&self, territory: &str) -> Answer<()> {
        let own = territory.parse::<TerritoryId>().is_ok_and(|id| id == self.session.territory);
        if own { Ok(()) } else { Err(self.problem(Problem::NotFound)) }
    }

    /// Refuses whoever is no référent·e of this territory.
    pub fn referent_of(&self, territory: &str) -> Answer<()> {
        self.here(territory)?;
        self.referent()
    }

    /// Refuses whoever is no référent·e.
    pub fn referent(&self) -> Answer<()> {
        if self.session.role == Role::Referent { Ok(()) } else { Err(self.problem(Problem::NotAllowed)) }
    }

    /// A problem in the request's language.
    pub fn problem(&self, problem: Problem) -> Failure {
        Failure(problem, self.headers.clone())
    }
}

/// The secret that a request shows: its bearer token, or else its cookie.
pub fn shown(headers: &HeaderMap) -> Option<String> {
    bearer(headers).or_else(|| cookie(headers))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The secret in a browser's cookie.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    cookie_named(headers, COOKIE)
}

/// What a browser's cookie of a name holds.
pub fn cookie_named(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// The cookie for a session's secret, or one that takes it away.
pub fn set_cookie(state: &State, secret: Option<(&Secret, &Session)>) -> String {
    let secure = if state.settings.base_url().starts_with("https:") { "; Secure" } else { "" };
    // A browser that comes back learns from the server whether the session still lasts.
    let rest = |session: &Session| session.created_at.plus(state.settings.session_ms).0 - clock::now().0;
    let (value, age) =
        secret.map_or(("", 0), |(secret, session)| (secret.reveal(), rest(session).max(0) / 1_000));
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

/// Whether a page of another site sent the request. A browser says so in `Origin`; others do not send it.
fn is_other_origin(state: &State, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    origin != state.settings.base_url() && text(header::HOST) != Some(host)
}

/// Whether a page of another site may have sent the request in its visitor's name. A bearer token is shown on purpose;
/// a cookie is sent along by any page.
pub fn is_forged(state: &State, headers: &HeaderMap) -> bool {
    bearer(headers).is_none() && is_other_origin(state, headers)
}

/// Refuses what would change something from a page of another site. The websocket looks for itself.
pub async fn same_origin(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_safe(request.method()) && is_forged(&state, headers) {
        return Problem::OtherOrigin.answer(headers);
    }
    next.run(request).await
}

/// Whether a request changes nothing.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Hands a browser the next secret of its session when the one it shows is old, and notes that the session is used.
pub async fn renewing(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let takes = bearer(headers).is_none() && !is_forged(&state, headers);
    let shown = shown(headers);
    let mut response = next.run(request).await;
    if let Some(shown) = shown.filter(|_| !response.headers().contains_key(header::SET_COOKIE)) {
        match state.accounts.renew(&shown, takes, false).await {
            Ok(Some((secret, session))) => {
                let cookie = set_cookie(&state, Some((&secret, &session)));
                if let Ok(cookie) = cookie.parse() {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
            }
            Ok(None) => {}
            // The secret that was shown stays good.
            Err(error) => tracing::warn!(%error, "a session was not renewed"),
        }
    }
    response
}

/// `POST /session/renewal`: the next secret, for a program that asks. The one before is good until this one is shown.
pub async fn renew(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Response> {
    let Some(shown) = shown(&signed_in.headers) else { return Err(signed_in.problem(Problem::NotSignedIn)) };
    let shared = Arc::clone(&state);
    let renewed = to_the_end(async move { shared.accounts.renew(&shown, true, true).await }).await;
    // Nothing is given to whoever shows a secret that another one replaced already.
    let (secret, session) =
        renewed.explain(&signed_in.headers)?.ok_or_else(|| signed_in.problem(Problem::NotSignedIn))?;
    let body = json!({ "token": secret.reveal(), "expiresAt": session.expires_at.to_rfc3339() });
    Ok(([(header::SET_COOKIE, set_cookie(&state, Some((&secret, &session))))], Json(body)).into_response())
}

/// `GET /me`.
pub async fn me(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Json<Json_>> {
    let document = state.registry.document(signed_in.session.territory).await.explain(&signed_in.headers)?;
    let Session { device, contributor, name, role, territory, created_at, expires_at, .. } =
        signed_in.session;
    Ok(Json(json!({
        "contributor": contributor,
        "displayName": name,
        "role": role,
        "territory": territory,
        "document": document.url(),
        "device": device,
        "signedInAt": created_at.to_rfc3339(),
        "expiresAt": expires_at.to_rfc3339(),
    })))
}

/// `DELETE /session`.
pub async fn sign_out(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Response> {
    let (shared, key) = (Arc::clone(&state), signed_in.key);
    let done = to_the_end(async move { shared.accounts.sign_out(key).await }).await;
    done.explain(&signed_in.headers)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&state, None))]).into_response())
}

/// `POST /sync-tickets`.
pub async fn ticket(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Response> {
    if let Err(wait) = state.paces.tickets.take(&signed_in.session.contributor, 1) {
        return Err(signed_in.problem(Problem::too_fast(wait)));
    }
    let ticket = state.accounts.ticket(signed_in.key).await.explain(&signed_in.headers)?;
    Ok((StatusCode::CREATED, Json(json!({ "ticket": ticket.reveal() }))).into_response())
}
