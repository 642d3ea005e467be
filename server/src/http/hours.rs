//! Opening hours unfolded: what a text of the directory means on the days to come. The reading is [`opening`]'s.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Shared};
use chrono_tz::Tz;
use portrea_protocol::schema::record::{Structure, text};
use portrea_territory::territory::Territory;
use serde_json::{Map, Value, json};

use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use crate::clock;
use crate::opening::{self, Span};
use crate::state::State;

/// How many days are told, today included.
const DAYS: u64 = 56;
/// The most intervals in one answer; texts beyond it are told as too many.
const INTERVALS_MAX: usize = 500_000;

/// `GET /territories/{id}/opening-hours`: every text in use, with the intervals it means.
pub async fn hours(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let keeper = signed_in.keeper(&state, &territory).await?;
    let read = keeper.read(|territory| {
        let live = territory.records().values().filter(|structure| !structure.is_archived());
        let texts: BTreeSet<String> = live.flat_map(texts).map(str::to_owned).collect();
        (zone(territory), texts)
    });
    let (zone, texts) = read.await.explain(&signed_in.headers)?;
    let span = opening::days(zone, clock::now(), DAYS);
    // Unfolding is work, and other requests have to get through meanwhile.
    let work = tokio::task::spawn_blocking(move || unfolded(&texts, zone, span));
    let hours = work.await.map_err(|_| signed_in.problem(Problem::Internal))?;
    Ok(Json(json!({ "from": span.from.to_rfc3339(), "until": span.until.to_rfc3339(), "hours": hours })))
}

fn unfolded(texts: &BTreeSet<String>, zone: Tz, span: Span) -> Map<String, Value> {
    let mut left = INTERVALS_MAX;
    let each = texts.iter().map(|text| {
        let open = opening::open(text, zone, span).and_then(|open| {
            left = left.checked_sub(open.len()).ok_or(opening::Unclear::TooMany)?;
            Ok(open)
        });
        let told = match open {
            Ok(open) => {
                let open: Vec<[i64; 2]> = open.iter().map(|span| [span.from.0, span.until.0]).collect();
                json!({ "open": open })
            }
            Err(unclear) => json!({ "error": unclear.code() }),
        };
        (text.clone(), told)
    });
    each.collect()
}

/// The hours that stand in a structure: its own and its services'.
pub(super) fn texts(structure: &Structure) -> impl Iterator<Item = &str> {
    let services = structure.services.values().map(|service| &service.fields);
    let all = std::iter::once(&structure.fields).chain(services);
    all.map(|fields| text(fields, "opening_hours")).filter(|text| !text.is_empty())
}

/// The time zone of a territory: its communes share one.
pub(super) fn zone(territory: &Territory) -> Tz {
    opening::zone(territory.engine().statistics().communes.keys().next())
}
