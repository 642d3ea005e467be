//! The next token of a sign-in, once a day: asked for after the server was reached, so that nobody waits for it without
//! network.
//!
//! The token that was shown stays good until the next one is, and a minute more: whatever fails here costs nothing, and is
//! tried again with the next command.

use portrea_protocol::time::UnixMillis;
use serde_json::Value as Json;

use super::call::Call;
use super::http::Http;
use crate::device::Device;
use crate::device::clock::Clock;
use crate::shelf::Shelf;
use crate::shelf::disk::DiskShelf;
use crate::shelf::identity::{Identity, Token};

/// Replaces a device's token if it is old and the server was just there.
pub(super) fn if_due(call: &Call, device: &mut Device) {
    if !device.was_answered() {
        return;
    }
    let Some((token, _)) = next(call, device.identity()) else { return };
    if let Err(error) = device.take_token(token) {
        tracing::warn!(%error, "the next token could not be kept");
    }
}

/// The same for whoever opened the shelf alone: the identity from now on.
pub(super) fn identity(call: &Call, shelf: &mut DiskShelf, identity: Identity) -> Identity {
    let Some((token, at)) = next(call, &identity) else { return identity };
    let later = Identity { token, token_at: Some(at), ..identity.clone() };
    match shelf.rename(&later) {
        Ok(()) => later,
        Err(error) => {
            tracing::warn!(%error, "the next token could not be kept");
            identity
        }
    }
}

/// The next token, where it is due and the server gives one.
fn next(call: &Call, identity: &Identity) -> Option<(Token, UnixMillis)> {
    let now = Clock::now();
    if !identity.is_token_old(now) {
        return None;
    }
    let url = format!("{}/api/v1/session/renewal", identity.server);
    let answer = Http::new(call.lang).post_as(&url, &identity.token).ok()?;
    let token = answer.get("token").and_then(Json::as_str)?;
    Some((Token::new(token), now))
}
