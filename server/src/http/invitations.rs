//! Invitations, and letting people in by them.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::InvitationId;
use portrea_protocol::people::Role;
use portrea_territory::io::Input;
use serde::Deserialize;
use serde_json::json;

use super::auth::{SignedIn, cookie, set_cookie};
use super::caller::Caller;
use super::problem::{Answer, Explain, Failure, Problem};
use super::to_the_end;
use crate::access::people::By;
use crate::access::{Invitation, Secret, Session};
use crate::accounts::AccountError;
use crate::admin::failure::AdminError;
use crate::admin::letters;
use crate::admin::people::Link;
use crate::admin::{INVITATION_MS, join_link};
use crate::keeper::Told;
use crate::meters;
use crate::state::State;

/// What accepting takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accept {
    token: String,
    display_name: String,
}

/// `POST /invitations/accept`. Signs out whoever was signed in by the browser's cookie.
pub async fn accept(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Result<Json<Accept>, JsonRejection>,
) -> Answer<Response> {
    if let Some(wait) = caller.and_then(|address| state.paces.sign_ins.take(&address, 1).err()) {
        return Err(Failure(Problem::too_fast(wait), headers));
    }
    let problem = Problem::BadRequest("a JSON object with `token` and `displayName` is needed");
    let Json(Accept { token, display_name }) = body.map_err(|_| Failure(problem, headers.clone()))?;
    let (session, secret) = state.accounts.accept(&token, &display_name).await.explain(&headers)?;
    came_in(&state, &headers, &session).await;
    entered(&state, &headers, &session, &secret).await
}

/// What goes with a sign-in, whatever let the device in: whoever was in on this browser is signed out, and the feed tells.
pub(super) async fn came_in(state: &State, headers: &HeaderMap, session: &Session) {
    meters::signed_in();
    // A browser holds one cookie: whoever was signed in on it could never sign out again, and would seem to be here.
    // Nothing is lost if that fails; their access ends by itself.
    if let Some((earlier, _)) = cookie(headers).and_then(|shown| state.accounts.session(&shown)) {
        drop(state.accounts.sign_out(earlier).await);
    }
    // The sign-in stands; that the feed tells of it is a courtesy which an ended keeper may miss.
    if let Ok(keeper) = state.registry.keeper(session.territory).await {
        drop(keeper.tell(Told::Input(Input::Joined { person: session.person() })).await);
    }
}

/// The answer to a sign-in: who came in where, the secret for programs, and the cookie for browsers.
pub(super) async fn entered(
    state: &State,
    headers: &HeaderMap,
    session: &Session,
    secret: &Secret,
) -> Answer<Response> {
    let document = state.registry.document(session.territory).await.explain(headers)?;
    let body = json!({
        "token": secret.reveal(),
        "contributor": session.contributor,
        "displayName": session.name,
        "role": session.role,
        "territory": session.territory,
        "document": document.url(),
        "device": session.device,
    });
    let cookie = [(header::SET_COOKIE, set_cookie(state, Some((secret, session))))];
    Ok((StatusCode::OK, cookie, Json(body)).into_response())
}

/// `GET /territories/{id}/invitations`.
pub async fn list(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Vec<Link>>> {
    signed_in.referent_of(&territory)?;
    let all = state.accounts.invitations(signed_in.session.territory);
    Ok(Json(all.iter().map(Link::from).collect()))
}

/// What a new invitation may say.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Create {
    role: Role,
    uses: Option<u32>,
    expires_in_days: Option<u32>,
    /// To whom links go by mail, one for one device to each.
    mail_to: Option<Vec<String>>,
}

/// `POST /territories/{id}/invitations`.
pub async fn create(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Create>, JsonRejection>,
) -> Answer<Response> {
    signed_in.referent_of(&territory)?;
    let problem =
        Problem::BadRequest("a JSON object with `role` (contributor, referent or reader) is needed");
    let Json(Create { role, uses, expires_in_days, mail_to }) =
        body.map_err(|_| signed_in.problem(problem))?;
    let lasts_ms = expires_in_days.map_or(INVITATION_MS, |days| i64::from(days) * 24 * 3_600 * 1_000);
    if let Some(addresses) = mail_to {
        if uses.is_some_and(|uses| uses != 1) {
            let problem = "a link that is mailed lets in one device: `uses` is 1 or not given with `mailTo`";
            return Err(signed_in.problem(Problem::BadRequest(problem)));
        }
        return mailed(state, signed_in, role, lasts_ms, &addresses).await;
    }
    let by = By::Referent(signed_in.key);
    let made = state.accounts.invite(signed_in.session.territory, role, uses, lasts_ms, by).await;
    handed_out(&state, &signed_in, made)
}

/// Sends a link to each address. What was begun is finished, whether or not who asked still listens.
async fn mailed(
    state: Arc<State>,
    signed_in: SignedIn,
    role: Role,
    lasts_ms: i64,
    addresses: &[String],
) -> Answer<Response> {
    let to = letters::recipients(addresses).map_err(|place| {
        signed_in.problem(match place {
            0 => Problem::BadRequest("`mailTo` takes 1 to 20 addresses"),
            place => Problem::BadAddress(place),
        })
    })?;
    if state.mail.is_none() {
        return Err(signed_in.problem(Problem::NoMail));
    }
    let many = u32::try_from(to.len()).unwrap_or(u32::MAX);
    if let Err(wait) = state.paces.mails.take(&signed_in.session.contributor, many) {
        return Err(signed_in.problem(Problem::too_fast(wait)));
    }
    let (territory, by) = (signed_in.session.territory, By::Referent(signed_in.key));
    let name = signed_in.session.name.clone();
    let sent = to_the_end(async move {
        let sending = letters::Sending { territory, role, lasts_ms, by, name: Some(&name) };
        letters::send(&state, sending, to).await
    });
    match sent.await {
        Ok(mailed) => Ok((StatusCode::CREATED, Json(mailed)).into_response()),
        Err(AdminError::Account(barred)) => Err(AccountError::Barred(barred)).explain(&signed_in.headers),
        Err(AdminError::Store(error)) => Err(error).explain(&signed_in.headers),
        Err(AdminError::Unmailed(_)) => Err(signed_in.problem(Problem::MailFailed)),
        Err(error) => {
            tracing::error!(code = error.code(), "links could not be mailed");
            Err(signed_in.problem(Problem::Internal))
        }
    }
}

/// `POST /me/devices`: a link for one more device of whoever asks.
pub async fn link_device(Shared(state): Shared<Arc<State>>, signed_in: SignedIn) -> Answer<Response> {
    let made = state.accounts.link_device(signed_in.key).await;
    handed_out(&state, &signed_in, made)
}

/// An invitation with its link, which is shown this once.
fn handed_out(
    state: &State,
    signed_in: &SignedIn,
    made: Result<(Invitation, Secret), AccountError>,
) -> Answer<Response> {
    let (invitation, secret) = made.explain(&signed_in.headers)?;
    let mut body = json!(Link::from(&invitation));
    if let Some(object) = body.as_object_mut() {
        let link = join_link(&state.settings.base_url(), &secret);
        object.insert("invitation".into(), link.into());
    }
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `DELETE /territories/{id}/invitations/{invitation}`.
pub async fn revoke(
    Shared(state): Shared<Arc<State>>,
    Path((territory, invitation)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.referent_of(&territory)?;
    let id: InvitationId = invitation.parse().map_err(|_| signed_in.problem(Problem::NotFound))?;
    let revoked =
        state.accounts.revoke_invitation(signed_in.session.territory, id, By::Referent(signed_in.key)).await;
    if revoked.explain(&signed_in.headers)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(signed_in.problem(Problem::NotFound))
    }
}
