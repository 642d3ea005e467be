//! Signing in with the provider that the settings name: the way there, back, and in. Without one nothing is here.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use super::auth::cookie_named;
use super::caller::Caller;
use super::invitations::{came_in, entered};
use super::problem::{Answer, Explain, Failure, Problem};
use super::to_the_end;
use crate::access::{Hash, NAME_CHARS_MAX};
use crate::oidc::trips::TRIP_MS;
use crate::oidc::{Hindrance, Oidc, Return};
use crate::state::State;

/// The cookie that binds a trip to its browser.
const COOKIE: &str = "portrea_oidc";
/// Where it is sent: here and nowhere else.
const PATH: &str = "/api/v1/oidc";
/// The page that a browser comes back to; what came of it stands behind the `#`.
const PAGE: &str = "/connexion";

/// `GET /oidc`: what the provider is called, if there is one.
pub async fn offered(Shared(state): Shared<Arc<State>>) -> Json<Json_> {
    Json(json!({ "provider": state.oidc.as_ref().map(|oidc| json!({ "name": oidc.name() })) }))
}

/// What a trip begins with.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Start {
    token: Option<String>,
    display_name: Option<String>,
}

/// `POST /oidc/start`: where the browser goes. An invitation's token comes in the body, which no log holds.
pub async fn start(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Result<Json<Start>, JsonRejection>,
) -> Answer<Response> {
    let oidc = offering(&state, &headers)?;
    if let Some(wait) = caller.and_then(|address| state.paces.sign_ins.take(&address, 1).err()) {
        return Err(Failure(Problem::too_fast(wait), headers));
    }
    let problem =
        Problem::BadRequest("a JSON object is needed, with `token` and `displayName` where there are any");
    let Json(Start { token, display_name }) = body.map_err(|_| Failure(problem, headers.clone()))?;
    let name = display_name.unwrap_or_default().trim().to_owned();
    if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Failure(Problem::BadName, headers));
    }
    let invitation = token.map(|token| Hash::of(&token));
    // Whoever is known already may come in by one that is over; one that never was is told before they go.
    if invitation.is_some_and(|key| !state.accounts.has_invitation(key)) {
        return Err(Failure(Problem::NoInvitation, headers));
    }
    let (address, cookie) = oidc.start(invitation, name).await.explain(&headers)?;
    let cookie = [(header::SET_COOKIE, set_cookie(&state, cookie.reveal(), TRIP_MS / 1_000))];
    Ok((StatusCode::OK, cookie, Json(json!({ "address": address }))).into_response())
}

/// `GET /oidc/callback`: a browser comes back from the provider, and goes on to its page. It comes from another site,
/// so that the session's cookie is not with it: nobody is signed in or out here.
pub async fn callback(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    back: Result<Query<Return>, QueryRejection>,
) -> Answer<Response> {
    offering(&state, &headers)?;
    let Query(back) = back.explain(&headers)?;
    let cookie = cookie_named(&headers, COOKIE);
    // A browser that goes away meanwhile comes back to the same page with what is kept by then.
    let done = to_the_end(async move {
        let Some(oidc) = &state.oidc else { return Err(Hindrance::Over) };
        oidc.returned(cookie.as_deref(), back).await
    });
    let outcome = match done.await {
        Ok(()) => "in",
        Err(Hindrance::Silent) => "silent",
        Err(Hindrance::Refused) => "refused",
        Err(Hindrance::Over | Hindrance::Full) => "over",
        Err(Hindrance::Wrong) => "wrong",
    };
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("{PAGE}#{outcome}"))]).into_response())
}

/// `POST /oidc/finish`: our own page comes in with the provider's word. Signs out whoever was signed in by the
/// browser's cookie, as accepting an invitation does.
pub async fn finish(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Answer<Response> {
    let oidc = offering(&state, &headers)?;
    let cookie = cookie_named(&headers, COOKIE);
    let arrival = oidc.finish(cookie.as_deref()).explain(&headers)?;
    let shared = Arc::clone(&state);
    let done = to_the_end(async move { shared.accounts.enter(&arrival.vouched, arrival.invitation).await });
    let (session, secret) = done.await.explain(&headers)?;
    came_in(&state, &headers, &session).await;
    let answer = entered(&state, &headers, &session, &secret).await?;
    let gone = AppendHeaders([(header::SET_COOKIE, set_cookie(&state, "", 0))]);
    Ok((gone, answer).into_response())
}

fn offering<'a>(state: &'a State, headers: &HeaderMap) -> Answer<&'a Oidc> {
    state.oidc.as_ref().ok_or_else(|| Failure(Problem::NotFound, headers.clone()))
}

/// The cookie of a trip. It comes along when the provider sends the browser back, which `SameSite=Strict` would not.
fn set_cookie(state: &State, value: &str, age: i64) -> String {
    let secure = if state.settings.base_url().starts_with("https:") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

impl From<Hindrance> for Problem {
    fn from(hindrance: Hindrance) -> Self {
        match hindrance {
            Hindrance::Silent | Hindrance::Wrong => Self::ProviderSilent,
            Hindrance::Refused | Hindrance::Over => Self::SignInOver,
            Hindrance::Full => Self::TooMany,
        }
    }
}
