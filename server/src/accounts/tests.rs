//! Accounts over a store in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::people::Role;
use portrea_protocol::wire::refusal::Refusal;
use uuid::Uuid;

use super::Accounts;
use super::standing::Standing;
use crate::access::{Hash, Session};
use crate::commit::Committer;
use crate::store::Store;
use crate::store::memory::MemoryStore;

const HERE: TerritoryId = TerritoryId(Uuid::from_u128(1));
const HOUR_MS: i64 = 3_600_000;

fn accounts(store: &Arc<dyn Store>) -> Accounts {
    Accounts::load(store.as_ref(), Committer::spawn(Arc::clone(store)), HOUR_MS).unwrap()
}

fn fresh() -> Accounts {
    accounts(&(Arc::new(MemoryStore::new()) as Arc<dyn Store>))
}

async fn signed_in(accounts: &Accounts, role: Role, name: &str) -> (Hash, Session) {
    let (_, link) = accounts.invite(HERE, role, None, HOUR_MS, None).await.unwrap();
    let (session, secret) = accounts.accept(link.reveal(), name).await.unwrap();
    (secret.hash(), session)
}

fn standing(accounts: &Accounts, (key, session): &(Hash, Session)) -> Standing {
    accounts.standing(*key, session.role)
}

/// Goal: whoever lives on a session hears of its end, whenever they began to listen, and others do not. Method: one
/// who looked before the end, one who waits for it, and somebody else.
#[tokio::test]
async fn a_standing_ends_with_its_session() {
    let accounts = fresh();
    let (amina, bruno) = (
        signed_in(&accounts, Role::Contributor, "Amina").await,
        signed_in(&accounts, Role::Contributor, "Bruno").await,
    );
    let mut late = standing(&accounts, &amina);
    let mut waiting = standing(&accounts, &amina);
    let other = standing(&accounts, &bruno);
    assert_eq!((waiting.turned(&accounts), waiting.over(&accounts)), (None, None));
    let (heard, signed_out) = tokio::join!(waiting.ended(&accounts), accounts.sign_out(amina.0));
    signed_out.unwrap();
    assert_eq!(heard, Refusal::SignedOut);
    assert_eq!(late.turned(&accounts), Some(Refusal::SignedOut));
    assert_eq!(late.ended(&accounts).await, Refusal::SignedOut);
    assert_eq!(other.turned(&accounts), None);
}
