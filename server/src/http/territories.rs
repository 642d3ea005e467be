//! A territory and its portrait.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::{ContributorId, DocumentId, InseeCode};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::app;
use super::as_of::Moment;
use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use crate::description::Description;
use crate::exchange::communes_out;
use crate::state::State;

/// `GET /territories/{id}`: name, communes, document, counts.
pub async fn show(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let id = signed_in.session.territory;
    let description = state.registry.description(id).await.explain(&signed_in.headers)?;
    let epoch = keeper.epoch();
    let counts = keeper
        .read(|territory| {
            let records = territory.records();
            json!({
                "structures": records.values().filter(|structure| !structure.is_archived()).count(),
                "archived": records.values().filter(|structure| structure.is_archived()).count(),
                "conflicts": records.values().map(|structure| structure.conflicts().count()).sum::<usize>(),
                "findings": records.values().map(|structure| territory.findings(structure).len()).sum::<usize>(),
                "connected": territory.peers(),
                "feedLast": territory.feed_last(),
            })
        })
        .await
        .explain(&signed_in.headers)?;
    let communes: Vec<Value> = description
        .statistics
        .communes
        .iter()
        .map(
            |(code, commune)| json!({ "code": code, "name": commune.name, "population": commune.population }),
        )
        .collect();
    Ok(Json(json!({
        "id": id,
        "name": description.name,
        "code": description.code,
        "document": DocumentId::of(id, epoch).url(),
        "epoch": epoch,
        "createdAt": description.created_at.to_rfc3339(),
        "invented": description.statistics.invented,
        "mail": state.mail.is_some(),
        "communes": communes,
        "counts": counts,
    })))
}

/// `GET /territories/{id}/communes.geojson`: the communes' ground.
pub async fn communes(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    let read = state.registry.description(signed_in.session.territory).await;
    let Description { shapes, statistics, .. } = read.explain(&signed_in.headers)?;
    let text = communes_out::to_string(&shapes, &statistics);
    let tag = app::tag(&Sha256::digest(&text));
    if let Some(unchanged) = unchanged(&signed_in.headers, &tag) {
        return Ok(unchanged);
    }
    Ok((fresh(&tag), [(header::CONTENT_TYPE, "application/geo+json")], text).into_response())
}

/// `GET /territories/{id}/authors`: whom the document's actors belong to, so that a device can say who wrote what.
pub async fn authors(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let read = keeper.read(|territory| {
        // Imports go by the territory's own uuid.
        let own = ContributorId(territory.id().0);
        let each = territory.authors().map(|(actor, binding)| {
            let contributor = binding.map(|binding| binding.contributor);
            let name = binding.map_or("", |binding| binding.name.as_str());
            let server = contributor.is_none_or(|contributor| contributor == own);
            let mut author = json!({ "contributor": contributor, "name": name });
            if let (true, Some(author)) = (server, author.as_object_mut()) {
                author.insert("server".into(), true.into());
            }
            (actor.to_hex_string(), author)
        });
        each.collect::<Map<String, Value>>()
    });
    Ok(Json(json!({ "authors": read.await.explain(&signed_in.headers)? })))
}

/// `GET /territories/{id}/indicators`: the portrait.
pub async fn indicators(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Response> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let read = keeper.read(|territory| (territory.engine().portrait(), Moment::of(territory)));
    let (portrait, moment) = read.await.explain(&signed_in.headers)?;
    let as_of = moment.told(&state, signed_in.session.territory).await.explain(&signed_in.headers)?;
    Ok(tagged(&signed_in.headers, &as_of.on(&portrait)))
}

/// `GET /territories/{id}/indicators/{commune}`.
pub async fn commune(
    Shared(state): Shared<Arc<State>>,
    Path((territory, commune)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<Response> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let code = InseeCode::from(commune);
    let read =
        keeper.read(move |territory| Some((territory.engine().commune(&code)?, Moment::of(territory))));
    let found = read.await.explain(&signed_in.headers)?;
    let (portrait, moment) = found.ok_or_else(|| signed_in.problem(Problem::NotFound))?;
    let as_of = moment.told(&state, signed_in.session.territory).await.explain(&signed_in.headers)?;
    Ok(tagged(&signed_in.headers, &as_of.on(&portrait)))
}

/// The figures under a tag of theirs: they change with the statistics as with the document.
fn tagged(headers: &HeaderMap, body: &Value) -> Response {
    let text = body.to_string();
    let tag = app::tag(&Sha256::digest(&text));
    let json = [(header::CONTENT_TYPE, "application/json")];
    unchanged(headers, &tag).unwrap_or_else(|| (fresh(&tag), json, text).into_response())
}

/// The answer to whoever has it already.
fn unchanged(headers: &HeaderMap, tag: &str) -> Option<Response> {
    app::is_known(headers, tag).then(|| (StatusCode::NOT_MODIFIED, fresh(tag)).into_response())
}

/// Kept by the asker's browser and asked for again.
fn fresh(tag: &str) -> [(HeaderName, String); 2] {
    [(header::ETAG, tag.to_owned()), (header::CACHE_CONTROL, "private, no-cache".to_owned())]
}
