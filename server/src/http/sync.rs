//! `GET /sync`: authenticates, then upgrades to the websocket that `crate::session` serves.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use portrea_protocol::wire::frame::FRAME_BYTES_MAX;
use serde::Deserialize;

use super::auth::{is_forged, shown};
use super::caller::Caller;
use super::problem::{Answer, Explain, Failure, Problem};
use crate::session;
use crate::state::State;

/// Bytes that are read from a connection at a time. Each read clears as many first, and each connection keeps as many:
/// with the library's 128 KiB, four hundred connections spent a third of the processor on clearing.
const READ_BYTES: usize = 4 * 1024;

/// How a stock client shows its ticket.
#[derive(Deserialize)]
pub struct Ticket {
    ticket: Option<String>,
}

/// `GET /sync`. Without a session there is no upgrade.
pub async fn upgrade(
    Shared(state): Shared<Arc<State>>,
    ticket: Result<Query<Ticket>, QueryRejection>,
    Caller(caller): Caller,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let problem = |problem| Failure(problem, headers.clone());
    let ticket = ticket.ok().and_then(|Query(query)| query.ticket);
    let found = match ticket {
        Some(ticket) => state.accounts.session_of_ticket(&ticket),
        None if is_forged(&state, &headers) => return Err(problem(Problem::OtherOrigin)),
        None => shown(&headers).and_then(|secret| state.accounts.session(&secret)),
    };
    let (key, session) = found.ok_or_else(|| problem(Problem::NotSignedIn))?;
    let hold = state.accounts.hold(key, session.role);
    let upgrade = upgrade.map_err(|_| problem(Problem::BadRequest("this address speaks websocket only")))?;
    let permit = Arc::clone(&state.connections).try_acquire_owned().map_err(|_| problem(Problem::TooMany))?;
    // What is full for one address or device is open for others.
    let by_address = caller.map(|address| state.crowds.0.enter(&address).ok_or(Problem::TooManyHere));
    let by_address = by_address.transpose().map_err(problem)?;
    let by_device = state.crowds.1.enter(&session.device).ok_or_else(|| problem(Problem::TooManyHere))?;
    let keeper = state.registry.keeper(session.territory).await.explain(&headers)?;
    let upgrade = upgrade
        .read_buffer_size(READ_BYTES)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        session::serve(state, socket, session, hold, keeper).await;
        drop((permit, by_address, by_device));
    }))
}
