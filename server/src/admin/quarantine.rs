//! What an operator does about changes that were not merged, as a référent·e does at their desk.

use automerge::ChangeHash;
use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::people::Person;
use portrea_protocol::wire::quarantine::{Decision, Held};
use serde::{Deserialize, Serialize};

use super::failure::AdminError;
use crate::deciding::{self, Decided};
use crate::state::State;

/// Whom the feed names for what an operator decides.
const OPERATOR: &str = "Exploitation";

/// What an operator asks about changes that were not merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Waiting {
    /// All of them.
    List,
    /// One of them.
    Show {
        /// Which: the beginning of its hash, as long as no other begins so.
        change: String,
    },
    /// Decides about one of them, and about those that it builds on.
    Decide {
        /// Which, as above.
        change: String,
        /// What is decided.
        decision: Decision,
    },
    /// Decides about everything of one person that waits.
    DecideAll {
        /// Whose.
        contributor: ContributorId,
        /// What is decided.
        decision: Decision,
    },
}

/// What came of it.
pub(super) enum Seen {
    /// Changes that were not merged.
    Held(Vec<Held>),
    /// So many were decided about.
    Decided(Decided),
}

/// Does what is asked.
pub(super) async fn ask(state: &State, territory: TerritoryId, ask: Waiting) -> Result<Seen, AdminError> {
    let of = |error| AdminError::of(territory, error);
    let keeper = state.registry.keeper(territory).await.map_err(of)?;
    let person = Person { name: OPERATOR.to_owned(), ..Person::importer(territory) };
    let all = keeper.read(|territory| territory.quarantine(None)).await?;
    match ask {
        Waiting::List => Ok(Seen::Held(all)),
        Waiting::Show { change } => Ok(Seen::Held(vec![meant(all, &change)?])),
        Waiting::Decide { change, decision } => {
            let held = meant(all, &change)?;
            let hash: ChangeHash = held.id.parse().map_err(|_| AdminError::NoChange(change))?;
            keeper.decide(person, hash, decision, true).await?.map_err(AdminError::Undecided)?;
            Ok(Seen::Decided(Decided { decided: 1, left: 0 }))
        }
        Waiting::DecideAll { contributor, decision } => {
            let decided = deciding::all(&keeper, &person, contributor, decision).await?;
            Ok(Seen::Decided(decided.map_err(AdminError::Undecided)?))
        }
    }
}

/// The one change whose hash begins so.
fn meant(all: Vec<Held>, beginning: &str) -> Result<Held, AdminError> {
    let mut found = all.into_iter().filter(|held| !beginning.is_empty() && held.id.starts_with(beginning));
    match (found.next(), found.next()) {
        (Some(held), None) => Ok(held),
        _ => Err(AdminError::NoChange(beginning.to_owned())),
    }
}
