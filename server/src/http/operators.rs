//! For operators: is it alive, can it serve, and how is it doing.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::state::State;
use crate::store::{Store, Table};

/// `GET /healthz`: the process answers.
pub async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers, and the server is not stopping; otherwise why not. A store that failed for want of
/// room is tried again by being asked.
pub async fn ready(Shared(state): Shared<Arc<State>>) -> Response {
    let stopping = *state.stopping.borrow();
    let reads =
        state.registry.committer().read(|store: &dyn Store| store.get(Table::Server, b"storage")).await;
    let why = match reads {
        Err(error) => error.to_string(),
        Ok(_) if stopping => "the server is stopping".to_owned(),
        Ok(_) => return "ready\n".into_response(),
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response()
}

/// `GET /metrics`, in Prometheus' text format.
pub async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    let counts = state.registry.committer().counts();
    let flushes = format!(
        "# TYPE portrea_flushes_total counter\nportrea_flushes_total {}\n\
         # TYPE portrea_writes_total counter\nportrea_writes_total {}\n",
        counts.flushes, counts.requests
    );
    let body = state.metrics.render() + &flushes;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], body).into_response()
}
