//! A new territory: its document first, its description last, so that a crash between the two leaves nothing to see.

use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{DocumentId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::document;
use portrea_protocol::time::UnixMillis;
use portrea_territory::chunk::{Chunk, Kept, Snapshot};
use portrea_territory::io::{Input, Opening};
use portrea_territory::territory::Territory;

use super::command::{Created, Found, Upload};
use super::failure::AdminError;
use super::{INVITATION_MS, join_link, needs, travel};
use crate::access::people::By;
use crate::clock;
use crate::demo::{self, Past};
use crate::description::Description;
use crate::exchange::needs::holdings::Holdings;
use crate::exchange::territory_file::{self, CommuneShape};
use crate::opening;
use crate::progress;
use crate::registry::{RegistryError, travel_row};
use crate::state::State;
use crate::store::Row;

/// The longest name of a territory, in characters.
const NAME_CHARS_MAX: usize = 200;

/// What a territory is made from.
pub(super) struct Files {
    /// Its communes.
    pub(super) communes: Upload,
    /// Their figures.
    pub(super) needs: Vec<Upload>,
    /// Travel times between them.
    pub(super) travel_times: Option<Upload>,
}

/// Makes a territory and a link for its référent·e.
pub(super) async fn territory(state: &State, name: &str, files: &Files) -> Result<Created, AdminError> {
    let Files { communes, needs: figures, travel_times } = files;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(AdminError::Name(NAME_CHARS_MAX));
    }
    let file = territory_file::read(&communes.bytes).map_err(AdminError::file(&communes.name))?;
    let mut findings: Vec<Found> =
        file.findings.iter().map(|found| Found::of(&communes.name, found)).collect();
    let (statistics, holdings, odd) = needs::founding(&file.communes, figures)?;
    findings.extend(odd);
    let id = TerritoryId(clock::uuid());
    let times = travel_times.as_ref().map(|times| travel::read(id, &file.communes, times)).transpose()?;
    let mut rows = Vec::new();
    if let Some((times, said)) = times {
        rows.push(travel_row(id, Some(&times)));
        findings.extend(said.findings);
    }
    let (code, communes) = (epci(&file.communes), file.communes.len());
    let figures = (statistics, holdings);
    let new = New { id, name: &name, code: &code, shapes: file.communes, figures, rows };
    make(state, new, |_, _| Vec::new()).await?;
    let (_, secret) = state.accounts.invite(id, Role::Referent, None, INVITATION_MS, By::Operator).await?;
    Ok(Created {
        territory: id,
        document: DocumentId::of(id, 0).url(),
        invitation: join_link(&state.settings.base_url(), &secret),
        name,
        code,
        communes,
        findings,
    })
}

/// The demonstration's territory, made with its past when there is none.
pub(super) async fn demonstration(state: &State) -> Result<TerritoryId, AdminError> {
    let standing = state.registry.descriptions().await?;
    if let Some(found) = standing.iter().find(|description| description.name == demo::NAME) {
        return Ok(found.id);
    }
    let communes = demo::territory().communes;
    let figures = demo::figures(&communes);
    let past = |now, communes: &[CommuneShape]| demo::past(now, communes, &mut || clock::uuid().into());
    let id = TerritoryId(clock::uuid());
    let new = New { id, name: demo::NAME, code: demo::CODE, shapes: communes, figures, rows: Vec::new() };
    make(state, new, past).await
}

/// A territory that is to be made.
struct New<'a> {
    id: TerritoryId,
    name: &'a str,
    code: &'a str,
    shapes: Vec<CommuneShape>,
    figures: (Statistics, Holdings),
    /// Rows that are kept with its description.
    rows: Vec<Row>,
}

/// Makes a territory, whose directory may have a past.
async fn make(
    state: &State,
    new: New<'_>,
    past: impl FnOnce(UnixMillis, &[CommuneShape]) -> Vec<Past>,
) -> Result<TerritoryId, AdminError> {
    let New { id, name, code, shapes, figures: (statistics, holdings), mut rows } = new;
    let at = clock::now();
    let past = past(at, &shapes);
    let since = past.first().map_or(at, |past| past.at);
    let chunk = Chunk::new(document::create(clock::actor(), name, code, since)?.save());
    // A snapshot, not a loose chunk: loose chunks come back in any order, and the document must come first.
    let snapshot = Snapshot { chunk: chunk.clone(), supersedes: Vec::new() };
    let committer = state.registry.committer();
    committer.compact(id, snapshot).await?;
    if !past.is_empty() {
        let kept = Kept { snapshots: vec![chunk], ..Kept::default() };
        let storage = state.registry.storage().clone();
        let opening = Opening { id, actor: clock::actor(), storage, kept, statistics: statistics.clone() };
        let mut territory = Territory::open(opening).map_err(RegistryError::from)?;
        let mut days = Vec::new();
        let zone = opening::zone(statistics.communes.keys().next());
        for (ticket, Past { at, edits }) in (1..).zip(past) {
            let person = Person { name: demo::AUTHOR.to_owned(), ..Person::importer(id) };
            let outcome = territory.handle(at, [Input::Command { ticket, person, edits, reverts: None }]);
            if let Some((_, Err(refused))) = outcome.answers.first() {
                return Err(AdminError::stopped(0, 1, refused));
            }
            committer.append(id, outcome.persist).await?;
            days.extend(opening::day(zone, at).map(|day| (day, progress::point(&territory, day, at))));
        }
        rows.extend(progress::rows(id, days));
    }
    let communes = shapes.len();
    let (name, code) = (name.to_owned(), code.to_owned());
    let description = Description {
        id,
        name,
        code,
        created_at: at,
        shapes,
        statistics,
        needs: Some(holdings),
        comparable: false,
    };
    rows.extend(description.rows());
    committer.put(rows).await?;
    tracing::info!(territory = %id, communes, "territory created");
    Ok(id)
}

/// The EPCI that all communes belong to, or "".
fn epci(shapes: &[CommuneShape]) -> String {
    let first = shapes.first().and_then(|shape| shape.epci_code.as_ref());
    let shared = first.filter(|code| shapes.iter().all(|shape| shape.epci_code.as_ref() == Some(*code)));
    shared.cloned().unwrap_or_default()
}
