//! The HTTP interface, one family of addresses a file. Handlers look up who asks, ask a keeper, and answer.

pub mod app;
mod as_of;
pub mod auth;
pub mod caller;
pub mod compare;
pub mod downloads;
pub mod erasure;
pub mod feed;
mod files;
pub mod history;
pub mod hours;
pub mod invitations;
mod lines;
pub mod needs;
pub mod oidc;
pub mod operators;
pub mod pages;
pub mod people;
pub mod problem;
pub mod progress;
pub mod quarantine;
pub mod resources;
pub mod study;
pub mod sync;
pub mod territories;
pub mod travel;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};
use tokio::net::TcpListener;

use crate::state::State;

/// The largest body that a request may bring, in bytes.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Every route of the server.
pub fn router(state: Arc<State>) -> Router {
    let api = Router::new()
        .route("/invitations/accept", post(invitations::accept))
        .route("/oidc", get(oidc::offered))
        .route("/oidc/start", post(oidc::start))
        .route("/oidc/callback", get(oidc::callback))
        .route("/oidc/finish", post(oidc::finish))
        .route("/me", get(auth::me))
        .route("/me/devices", post(invitations::link_device))
        .route("/session", delete(auth::sign_out))
        .route("/session/renewal", post(auth::renew))
        .route("/sync-tickets", post(auth::ticket))
        .route("/territories/{id}", get(territories::show))
        .route("/territories/{id}/authors", get(territories::authors))
        .route("/territories/{id}/communes.geojson", get(territories::communes))
        .route("/territories/{id}/opening-hours", get(hours::hours))
        .route("/territories/{id}/resources", get(resources::list))
        .route("/territories/{id}/resources.geojson", get(resources::geojson))
        .route("/territories/{id}/resources.csv", get(resources::csv))
        .route("/territories/{id}/resources/{structure}", get(resources::show))
        .route("/territories/{id}/resources/{structure}/history", get(history::list))
        .route("/territories/{id}/resources/{structure}/history/{event}/revert", post(history::go_back))
        .route("/territories/{id}/conflicts", get(resources::conflicts))
        .route("/territories/{id}/indicators", get(territories::indicators))
        .route("/territories/{id}/indicators/history", get(progress::show).post(progress::keep))
        .route("/territories/{id}/indicators/history/{point}", delete(progress::forget))
        .route("/territories/{id}/indicators/{commune}", get(territories::commune))
        .route("/territories/{id}/downloads/{file}", get(downloads::file))
        .route("/compare", get(compare::compare))
        .route("/territories/{id}/priority", get(study::priority))
        .route("/territories/{id}/siting", get(study::siting))
        .route("/territories/{id}/what-if", post(study::what_if))
        .route("/territories/{id}/scenarios", get(study::list).post(study::keep))
        .route("/territories/{id}/scenarios/{scenario}", delete(study::forget))
        .route("/territories/{id}/travel-times", put(travel::replace).delete(travel::forget))
        .route("/territories/{id}/needs", get(needs::show).put(needs::put))
        .route("/territories/{id}/recipe", get(needs::recipe).put(needs::put_recipe))
        .route("/territories/{id}/recipe/options", get(needs::tuning).put(needs::tune).delete(needs::untune))
        .route("/territories/{id}/feed", get(feed::feed))
        .route("/territories/{id}/contributors", get(people::list))
        .route("/territories/{id}/contributors/{contributor}", patch(people::amend).delete(people::revoke))
        .route("/territories/{id}/contributors/{contributor}/devices/{device}", delete(people::sign_out))
        .route("/territories/{id}/quarantine", get(quarantine::list).post(quarantine::decide_all))
        .route("/territories/{id}/quarantine/{change}", get(quarantine::bytes).post(quarantine::decide))
        .route("/territories/{id}/purge", post(erasure::purge))
        .route("/territories/{id}/acts", get(people::acts))
        .route("/territories/{id}/invitations", get(invitations::list).post(invitations::create))
        .route("/territories/{id}/invitations/{invitation}", delete(invitations::revoke))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::not_offered)
        .layer(middleware::from_fn_with_state(Arc::clone(&state), auth::renewing));
    Router::new()
        .nest("/api/v1", api)
        .route("/api/openapi.json", get(pages::openapi))
        .route("/sync", get(sync::upgrade))
        .route("/healthz", get(operators::health))
        .route("/readyz", get(operators::ready))
        .route("/metrics", get(operators::metrics))
        .route("/", get(app::home))
        .route("/join", get(app::join))
        .route("/join/{token}", get(app::join))
        .route("/page.css", get(pages::style))
        .route("/page.js", get(pages::script))
        .fallback(app::elsewhere)
        .method_not_allowed_fallback(problem::not_offered)
        .layer(middleware::from_fn_with_state(Arc::clone(&state), auth::same_origin))
        .layer(middleware::from_fn(pages::secure_headers))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(state)
}

/// Runs work to its end, whether or not who asked still listens.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}

/// Serves until the server stops.
pub async fn serve(state: Arc<State>, listener: TcpListener) {
    let (settings, stopping) = (Arc::clone(&state.settings), state.stopping.subscribe());
    lines::serve(listener, router(state), &settings, stopping).await;
}
