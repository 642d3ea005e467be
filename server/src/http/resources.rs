//! The directory: structures in JSON, GeoJSON or CSV, filtered; and the concurrent answers that wait for a choice.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::ReadDoc;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Structure, members, text};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::resource;
use portrea_territory::territory::Territory;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::SignedIn;
use super::hours;
use super::problem::{Answer, Explain, Problem};
use crate::exchange::export::Options;
use crate::exchange::{csv_out, geojson as geo};
use crate::opening;
use crate::state::State;

/// What may be published, for files travel; the filter has decided about archived structures before.
const WHOLE: Options = Options { archived: true, professional: false };

/// Which structures are asked for; every filter that is given must hold.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    commune: Option<String>,
    family: Option<String>,
    public: Option<String>,
    q: Option<String>,
    validated: Option<bool>,
    archived: Option<bool>,
    open_at: Option<String>,
}

/// The filter as it arrived: it may be nonsense.
type Asked = Result<Query<Filter>, QueryRejection>;

impl Filter {
    /// The instant at which doors must be open, if any.
    fn open_at(&self) -> Result<Option<UnixMillis>, Problem> {
        let wrong = Problem::BadRequest("`open_at` takes an instant like 2026-11-25T09:30:00Z");
        self.open_at.as_deref().map(|text| UnixMillis::from_rfc3339(text).ok_or(wrong)).transpose()
    }

    fn takes(&self, structure: &Structure) -> bool {
        let commune = self.commune.as_ref().is_none_or(|code| text(&structure.fields, "commune") == code);
        let services = || structure.services.values().map(|service| &service.fields);
        let family = self
            .family
            .as_ref()
            .is_none_or(|family| services().any(|fields| text(fields, "family") == family));
        let public = self.public.as_ref().is_none_or(|public| {
            let own = std::iter::once(&structure.fields);
            own.chain(services()).any(|fields| members(fields, "publics").any(|member| member == public))
        });
        let validated = self.validated.is_none_or(|validated| structure.is_validated() == validated);
        let archived = structure.is_archived() == self.archived.unwrap_or(false);
        let words = self.q.as_ref().is_none_or(|words| {
            let whole = haystack(structure);
            words.to_lowercase().split_whitespace().all(|word| whole.contains(word))
        });
        commune && family && public && validated && archived && words
    }
}

fn haystack(structure: &Structure) -> String {
    ["name", "summary", "description", "address", "commune_name", "kind"]
        .map(|key| text(&structure.fields, key).to_lowercase())
        .join(" ")
}

/// `GET /territories/{id}/resources`, in the form that `Accept` asks for.
pub async fn list(
    state: Shared<Arc<State>>,
    territory: Path<String>,
    filter: Asked,
    signed_in: SignedIn,
) -> Answer<Response> {
    let accept =
        signed_in.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/geo+json") {
        return geojson(state, territory, filter, signed_in).await;
    }
    if accept.contains("text/csv") {
        return csv(state, territory, filter, signed_in).await;
    }
    let all = filtered(&state, &territory, filter, &signed_in).await?;
    let json: Vec<Value> = all.iter().map(|(id, structure)| resource::structure(id, structure)).collect();
    Ok(Json(json).into_response())
}

/// `GET /territories/{id}/resources.geojson`.
pub async fn geojson(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    filter: Asked,
    signed_in: SignedIn,
) -> Answer<Response> {
    let all = filtered(&state, &territory, filter, &signed_in).await?;
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], geo::to_string(&all, WHOLE)).into_response())
}

/// `GET /territories/{id}/resources.csv`.
pub async fn csv(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    filter: Asked,
    signed_in: SignedIn,
) -> Answer<Response> {
    let all = filtered(&state, &territory, filter, &signed_in).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv_out::to_string(&all, WHOLE)).into_response())
}

/// `GET /territories/{id}/resources/{structure}`.
pub async fn show(
    Shared(state): Shared<Arc<State>>,
    Path((territory, structure)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let id = RecordId::from(structure);
    let found = keeper
        .read(move |territory| {
            territory.records().get(&id).map(|structure| {
                let mut flagged = structure.clone();
                flagged.findings = territory.findings(structure);
                resource::structure(&id, &flagged)
            })
        })
        .await
        .explain(&signed_in.headers)?;
    found.map(Json).ok_or_else(|| signed_in.problem(Problem::NotFound))
}

/// `GET /territories/{id}/conflicts`: every field with several answers, and who gave each.
pub async fn conflicts(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let all = keeper.read(|territory| {
        let records = territory.records().iter();
        let each = records.flat_map(|(id, structure)| {
            structure.conflicts().map(move |(path, entry)| {
                let values: Vec<Value> = std::iter::once(&entry.value)
                    .chain(&entry.others)
                    .map(portrea_protocol::wire::feed::json)
                    .collect();
                json!({
                    "structure": id,
                    "name": structure.name(),
                    "path": path,
                    "values": values,
                    "answers": answers(territory, id, &path),
                })
            })
        });
        each.collect::<Value>()
    });
    Ok(Json(all.await.explain(&signed_in.headers)?))
}

/// Each concurrent answer with its author, the one shown first.
fn answers(territory: &Territory, id: &RecordId, path: &str) -> Vec<Value> {
    let doc = territory.document();
    let Some(address) = Address::parse(id, path) else { return Vec::new() };
    let Some(object) = read::container(doc, &address) else { return Vec::new() };
    let stored = doc.get_all(&object, address.field.key).unwrap_or_default();
    stored
        .iter()
        .rev()
        .map(|(value, operation)| {
            let by = match operation {
                automerge::ObjId::Id(_, actor, _) => territory.attribution().of(actor),
                automerge::ObjId::Root => None,
            };
            let shown = match value {
                automerge::Value::Scalar(scalar) => {
                    scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)
                }
                automerge::Value::Object(_) => doc.text(operation).unwrap_or_default(),
            };
            json!({ "value": shown, "by": by.map(|binding| binding.name.clone()) })
        })
        .collect()
}

async fn filtered(
    state: &State,
    territory: &str,
    filter: Asked,
    signed_in: &SignedIn,
) -> Answer<BTreeMap<RecordId, Structure>> {
    let Query(filter) = filter.explain(&signed_in.headers)?;
    let open_at = filter.open_at().explain(&signed_in.headers)?;
    let keeper = signed_in.keeper(state, territory).await?;
    let read = keeper.read(move |territory| {
        let records = territory.records().iter().filter(|(_, structure)| filter.takes(structure));
        let taken = records.map(|(id, structure)| (id.clone(), structure.clone()));
        (hours::zone(territory), taken.collect::<BTreeMap<_, _>>())
    });
    let (zone, mut taken) = read.await.explain(&signed_in.headers)?;
    let Some(at) = open_at else { return Ok(taken) };
    let work = tokio::task::spawn_blocking(move || {
        taken.retain(|_, structure| hours::texts(structure).any(|text| opening::is_open(text, zone, at)));
        taken
    });
    work.await.map_err(|_| signed_in.problem(Problem::Internal))
}
