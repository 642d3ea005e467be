//! What operators do to a data directory: one enum of commands, one function that performs them.
//!
//! A running server performs them for whoever comes through its [`socket`]; beside a stopped one the command line
//! opens the store and calls the same [`perform`]. So a command means the same both ways. Files come in as bytes and
//! exports go out as bytes: nothing here reads or writes a file of the operator's.
//!
//! Invariants. Everything written goes through the keepers and the committer, as edits of people do. A territory is
//! visible once its description is kept, which comes last. A file that cannot be read changes nothing.

pub(crate) mod backup;
pub mod command;
mod create;
pub mod erase;
pub mod erasure;
mod export;
pub mod failure;
pub mod figures;
pub mod found;
mod import;
pub mod letters;
mod needs;
pub mod people;
pub mod quarantine;
pub mod said;
pub mod socket;
mod travel;
mod verify;

#[cfg(test)]
mod tests;

use portrea_protocol::ids::TerritoryId;
use tokio::sync::Mutex;

use self::command::{AdminCommand, Described, Done, Invited, Report, Travelled, Upload};
use self::failure::AdminError;
use self::figures::{Figures, NeedsShown, RecipeShown, TuningShown};
use crate::access::Secret;
use crate::access::people::By;
use crate::exchange::needs::tuning::Tuning;
use crate::state::State;
use crate::store::Store;

/// How long an invitation lasts unless said otherwise: 30 days, in milliseconds.
pub const INVITATION_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// Held by whoever reads a directory or a description in order to write it: two imports of one file at the same time
/// would both find its places missing.
static WRITING: Mutex<()> = Mutex::const_new(());

/// Hears what is going on while a command is performed. Reports may be lost; the result is whole.
pub type Tell<'a> = &'a mut (dyn FnMut(Report) + Send);

/// The link that an invitation is handed out as. The secret stands behind `#`: browsers do not send that part, so it
/// is in no server's log.
pub fn join_link(base: &str, secret: &Secret) -> String {
    format!("{}/join#{}", base.trim_end_matches('/'), secret.reveal())
}

/// Performs a command.
pub async fn perform(state: &State, command: AdminCommand, tell: Tell<'_>) -> Result<Done, AdminError> {
    match command {
        AdminCommand::CreateTerritory { name, communes, needs, travel_times } => {
            let files = create::Files { communes, needs, travel_times };
            create::territory(state, &name, &files).await.map(Done::Created)
        }
        AdminCommand::ListTerritories => {
            let mut all = Vec::new();
            for description in state.registry.descriptions().await? {
                let id = description.id;
                let epoch = state.registry.committer().read(move |store: &dyn Store| store.epoch(id)).await?;
                all.push(Described::of(&description, epoch));
            }
            Ok(Done::Listed(all))
        }
        AdminCommand::Compare { territory, comparable } => {
            needs::compare(state, territory, comparable).await.map(|one| Done::Listed(vec![one]))
        }
        AdminCommand::Invite { territory, role, lasts_ms, mail, .. } if !mail.is_empty() => {
            known(state, territory).await?;
            let to = letters::recipients(&mail).map_err(|which| AdminError::no_address(&mail, which))?;
            let sending = letters::Sending { territory, role, lasts_ms, by: By::Operator, name: None };
            letters::send(state, sending, to).await.map(Done::Mailed)
        }
        AdminCommand::Invite { territory, role, uses, lasts_ms, mail: _ } => {
            known(state, territory).await?;
            let (invitation, secret) =
                state.accounts.invite(territory, role, uses, lasts_ms, By::Operator).await?;
            Ok(Done::Invited(Invited {
                invitation: join_link(&state.settings.base_url(), &secret),
                role,
                uses,
                expires_at: invitation.expires_at.to_rfc3339(),
            }))
        }
        AdminCommand::Import { territory, file, format, dry_run } => {
            import::file(state, territory, file, format, dry_run, tell).await.map(Done::Imported)
        }
        AdminCommand::ImportNeeds { territory, files, reading } => {
            needs::import(state, territory, files, reading).await.map(Done::Figures)
        }
        AdminCommand::ShowNeeds { territory } => needs::show(state, territory).await.map(Done::Needs),
        AdminCommand::Recipe { territory, text } => {
            needs::recipe(state, territory, text).await.map(Done::Recipe)
        }
        AdminCommand::Export { territory, format } => {
            export::territory(state, territory, format).await.map(Done::Exported)
        }
        AdminCommand::People { territory, ask } => people::ask(state, territory, ask).await.map(Done::People),
        AdminCommand::Quarantine { territory, ask } => {
            quarantine::ask(state, territory, ask).await.map(|seen| match seen {
                quarantine::Seen::Held(all) => Done::Held(all),
                quarantine::Seen::Decided(decided) => Done::Decided(decided),
            })
        }
        AdminCommand::Backup { path } => backup::write(state, path, tell).await.map(Done::BackedUp),
        AdminCommand::Erase { territory, what, dry_run } => {
            erase::erase(state, territory, what, dry_run, By::Operator, tell).await.map(Done::Erased)
        }
        AdminCommand::Compact => erase::compact(state, tell).await.map(Done::Compacted),
        AdminCommand::Verify => verify::all(state, tell).await.map(Done::Verified),
    }
}

/// The demonstration's territory, made when there is none of its name.
pub async fn demonstration(state: &State) -> Result<TerritoryId, AdminError> {
    create::demonstration(state).await
}

/// Takes files of statistics in.
pub async fn import_needs(
    state: &State,
    territory: TerritoryId,
    files: Vec<command::Upload>,
    reading: command::NeedsReading,
) -> Result<Figures, AdminError> {
    needs::import(state, territory, files, reading).await
}

/// What a territory has of statistics.
pub async fn show_needs(state: &State, territory: TerritoryId) -> Result<NeedsShown, AdminError> {
    needs::show(state, territory).await
}

/// A territory's recipe, or a new one for it: "" is the default one.
pub async fn recipe(
    state: &State,
    territory: TerritoryId,
    text: Option<String>,
) -> Result<RecipeShown, AdminError> {
    needs::recipe(state, territory, text).await
}

/// What a territory tunes in its recipe.
pub async fn tuning(state: &State, territory: TerritoryId) -> Result<TuningShown, AdminError> {
    needs::tuning(state, territory).await
}

/// Tunes a territory's recipe; nothing takes every tuning back.
pub async fn tune(
    state: &State,
    territory: TerritoryId,
    tuning: Option<Tuning>,
) -> Result<TuningShown, AdminError> {
    needs::tune(state, territory, tuning).await
}

/// Replaces the travel times of a territory by those of a file; without one, the great circle counts again.
pub async fn replace_travel_times(
    state: &State,
    territory: TerritoryId,
    bytes: Option<Vec<u8>>,
) -> Result<Travelled, AdminError> {
    let file = bytes.map(|bytes| Upload { name: String::new(), bytes });
    travel::replace(state, territory, file).await
}

/// Refuses a territory that does not exist.
async fn known(state: &State, territory: TerritoryId) -> Result<(), AdminError> {
    state.registry.description(territory).await.map(drop).map_err(|error| AdminError::of(territory, error))
}

/// Runs work that would hold up other tasks; its panic is ours.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}
