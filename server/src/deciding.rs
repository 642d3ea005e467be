//! Deciding about everything of one person that waits, in one go.
//!
//! Change by change, as a référent·e would: each decision is durable before the next. What builds on others that wait is
//! accepted with them; rounds go on while they decide anything.

use automerge::ChangeHash;
use portrea_protocol::ids::ContributorId;
use portrea_protocol::people::Person;
use portrea_protocol::wire::quarantine::{Decision, Held, State};
use portrea_territory::io::Undecided;
use serde::{Deserialize, Serialize};

use crate::keeper::{Ended, Keeper};

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// How many changes do not wait any more.
    pub decided: usize,
    /// How many wait still.
    pub left: usize,
}

/// Decides about all of a contributor's changes that wait. `Ok(Err(…))` when whoever decides may not.
pub async fn all(
    keeper: &Keeper,
    person: &Person,
    of: ContributorId,
    decision: Decision,
) -> Result<Result<Decided, Undecided>, Ended> {
    let first = waiting(keeper, of).await?;
    let mut left = first.clone();
    loop {
        for change in &left {
            match keeper.decide(person.clone(), *change, decision, true).await? {
                // It came with another, or waits for one that is not this person's.
                Ok(()) | Err(Undecided::Closed | Undecided::NeedsOthers) => {}
                Err(why @ (Undecided::NotFound | Undecided::NotAllowed)) => return Ok(Err(why)),
            }
        }
        let after = waiting(keeper, of).await?;
        if after.is_empty() || after.len() >= left.len() {
            let decided = first.len().saturating_sub(after.len());
            return Ok(Ok(Decided { decided, left: after.len() }));
        }
        left = after;
    }
}

/// A contributor's changes that wait, in the order in which they came.
async fn waiting(keeper: &Keeper, of: ContributorId) -> Result<Vec<ChangeHash>, Ended> {
    let mut all: Vec<Held> = keeper.read(move |territory| territory.quarantine(Some(of))).await?;
    all.retain(|held| held.state == State::Waiting);
    Ok(all.iter().filter_map(|held| held.id.parse().ok()).collect())
}
