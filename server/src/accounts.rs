//! Invitations, sessions and tickets as the running server knows them: kept in the store, held in memory.
//!
//! Reads are answered from memory; every write is durable before it counts. Whoever lives on a session is woken when
//! one ends: see [`hold`].

pub mod entering;
pub mod erasing;
pub mod hold;
mod invitations;
mod people;
pub mod renewal;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use portrea_protocol::ids::ContributorId;
use tokio::sync::{Mutex, watch};

use crate::access::badge::Badge;
use crate::access::people::Barred;
use crate::access::{Credential, Denied, Hash, Invitation, Secret, Session, TICKET_MS, Token};
use crate::clock;
use crate::commit::Committer;
use crate::store::{Row, Store, StoreError, Table};
use renewal::Lasting;

/// Why an account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody is not let in.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// An order about somebody is not followed.
    #[error(transparent)]
    Barred(#[from] Barred),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Default)]
struct Known {
    invitations: BTreeMap<Hash, Invitation>,
    credentials: BTreeMap<Hash, Credential>,
    badges: BTreeMap<ContributorId, Badge>,
}

/// Everybody who may come in.
pub struct Accounts {
    known: RwLock<Known>,
    committer: Committer,
    lasting: Lasting,
    // One writer at a time, so that an invitation for one device never lets in two.
    writing: Mutex<()>,
    // Wakes whoever lives on a session when one ended or changed.
    turns: watch::Sender<()>,
}

impl Accounts {
    /// Reads the accounts from the store; what has expired is left out.
    pub fn load(store: &dyn Store, committer: Committer, lasting: Lasting) -> Result<Self, StoreError> {
        let mut known = Known::default();
        let now = clock::now();
        for (key, value) in store.scan(Table::Invitation)? {
            known.invitations.insert(hash(&key)?, read(&value)?);
        }
        for (key, value) in store.scan(Table::Session)? {
            let credential: Credential = read(&value)?;
            let (Credential::Session(Session { expires_at, .. })
            | Credential::Token(Token { until: expires_at, .. })
            | Credential::Ticket { expires_at, .. }) = &credential;
            if *expires_at > now {
                known.credentials.insert(hash(&key)?, credential);
            }
        }
        for (_, value) in store.scan(Table::Contributor)? {
            let badge: Badge = read(&value)?;
            known.badges.insert(badge.contributor, badge);
        }
        let (turns, _) = watch::channel(());
        Ok(Self { known: RwLock::new(known), committer, lasting, writing: Mutex::new(()), turns })
    }

    /// The session that a secret opens, while it lasts, and the hash it is known by.
    pub fn session(&self, shown: &str) -> Option<(Hash, Session)> {
        let (shown, now) = (Hash::of(shown), clock::now());
        self.read(|known| match known.credentials.get(&shown)? {
            Credential::Session(session) if session.first_until.is_some_and(|until| until <= now) => None,
            Credential::Session(_) => Some((shown, live(known, shown)?)),
            Credential::Token(token) if token.until > now => {
                Some((token.session, live(known, token.session)?))
            }
            Credential::Token(_) | Credential::Ticket { .. } => None,
        })
    }

    /// The session behind a ticket, while both last.
    pub fn session_of_ticket(&self, shown: &str) -> Option<(Hash, Session)> {
        let key = Hash::of(shown);
        self.read(|known| match known.credentials.get(&key) {
            Some(Credential::Ticket { session, expires_at }) if *expires_at > clock::now() => {
                live(known, *session).map(|found| (*session, found))
            }
            Some(Credential::Ticket { .. } | Credential::Token(_) | Credential::Session(_)) | None => None,
        })
    }

    /// Makes a ticket for the websocket; the secret is shown this once.
    pub async fn ticket(&self, session: Hash) -> Result<Secret, StoreError> {
        let secret = Secret::new(clock::random());
        let ticket = Credential::Ticket { session, expires_at: clock::now().plus(TICKET_MS) };
        self.committer.put(vec![row(Table::Session, secret.hash(), Some(&ticket))]).await?;
        self.write(|known| known.credentials.insert(secret.hash(), ticket));
        Ok(secret)
    }

    /// Ends a session and its tickets, and whatever lives on it.
    pub async fn sign_out(&self, key: Hash) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let mut dying = self.read(|known| people::tickets(known, &[key]));
        dying.push(key);
        self.committer
            .put(dying.iter().map(|hash| row::<Credential>(Table::Session, *hash, None)).collect())
            .await?;
        self.write(|known| known.credentials.retain(|hash, _| !dying.contains(hash)));
        self.turns.send_replace(());
        Ok(())
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn live(known: &Known, key: Hash) -> Option<Session> {
    match known.credentials.get(&key) {
        Some(Credential::Session(session)) if session.expires_at > clock::now() => Some(session.clone()),
        Some(Credential::Session(_) | Credential::Token(_) | Credential::Ticket { .. }) | None => None,
    }
}

fn row<T: serde::Serialize>(table: Table, key: Hash, value: Option<&T>) -> Row {
    let value = value.map(|value| serde_json::to_vec(value).expect("accounts have a JSON form"));
    Row { table, key: key.0.to_vec(), value }
}

fn hash(key: &[u8]) -> Result<Hash, StoreError> {
    key.try_into().map(Hash).map_err(|_| StoreError::Damaged("an account's key has the wrong length".into()))
}

fn read<T: serde::de::DeserializeOwned>(value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value)
        .map_err(|error| StoreError::Damaged(format!("an account cannot be read: {error}")))
}

#[cfg(test)]
mod tests;
