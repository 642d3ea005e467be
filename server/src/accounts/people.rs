//! What référent·es and the operator do about people: decided in [`crate::access::people`], kept here.
//!
//! Who gives an order is looked at again under the writers' lock, so that somebody who was signed out or lost their role
//! meanwhile does nothing more. The act is kept in the same write as what it changed.

use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::time::UnixMillis;
use tokio::sync::MutexGuard;

use super::{AccountError, Accounts, Known, live, read, row};
use crate::access::act::{Act, Somebody, What};
use crate::access::badge::Badge;
use crate::access::people::{Barred, By, Change, Listed, Order, Roll, decide, listed};
use crate::access::{Credential, Hash, Invitation, Session, Token};
use crate::clock;
use crate::store::{Row, Store, StoreError, Table};

impl Accounts {
    /// Everybody who is in a territory, device by device, and whoever may come in by their badge ([`listed`]).
    pub fn people(&self, territory: TerritoryId) -> Vec<Listed> {
        listed(self.read(|known| roll(known, territory, clock::now())))
    }

    /// The signed-in devices of a territory: people in the order in which they came, their devices together.
    pub fn sessions(&self, territory: TerritoryId) -> Vec<Session> {
        let devices = self.people(territory).into_iter().filter_map(|one| match one {
            Listed::Device(session, _) => Some(session),
            Listed::Absent(_) => None,
        });
        devices.collect()
    }

    /// Follows an order about somebody of a territory: what it ends has ended when this returns, on disk and on the
    /// wire.
    pub async fn follow(&self, territory: TerritoryId, order: Order, by: By) -> Result<Change, AccountError> {
        let _writing = self.writing.lock().await;
        let author = self.author(territory, by)?;
        let now = clock::now();
        let (change, tickets) = self.read(|known| {
            let change = decide(&roll(known, territory, now), order, by, now)?;
            let tickets = tickets(known, &change.ended);
            Ok::<_, Barred>((change, tickets))
        })?;
        if change.is_empty() {
            return Ok(change);
        }
        let whom = Somebody { contributor: order.whom(), name: change.name.clone() };
        let act = Act { at: now, territory, by: author, what: What::of(order), whom: Some(whom) };
        let ended = change.ended.iter().chain(&tickets).map(|hash| row::<()>(Table::Session, *hash, None));
        let closed = change.closed.iter().map(|(hash, _)| row::<()>(Table::Invitation, *hash, None));
        let changed = change
            .changed
            .iter()
            .map(|(hash, session)| row(Table::Session, *hash, Some(&Credential::Session(session.clone()))));
        let badge = change.badge.as_ref().map(|badge| badge_row(badge.contributor, Some(badge)));
        let rows = ended.chain(closed).chain(changed).chain(badge).chain([kept(&act)]);
        self.committer.put(rows.collect()).await?;
        self.write(|known| {
            known.credentials.retain(|hash, _| !change.ended.contains(hash) && !tickets.contains(hash));
            known.invitations.retain(|hash, _| !change.closed.iter().any(|(closed, _)| closed == hash));
            for (hash, session) in &change.changed {
                known.credentials.insert(*hash, Credential::Session(session.clone()));
            }
            known.badges.extend(change.badge.clone().map(|badge| (badge.contributor, badge)));
        });
        self.turns.send_replace(());
        tracing::info!(%territory, did = ?act.what, whom = %order.whom(), "an account was changed");
        Ok(change)
    }

    /// Begins what a référent·e does about something that is kept elsewhere: nobody changes an account until its row is.
    pub async fn acting(&self, territory: TerritoryId, by: By) -> Result<Acting<'_>, AccountError> {
        let writing = self.writing.lock().await;
        let author = self.author(territory, by)?;
        Ok(Acting { territory, author, _writing: writing })
    }

    /// What was done about a territory's people, oldest first.
    pub async fn acts(&self, territory: TerritoryId) -> Result<Vec<Act>, StoreError> {
        let rows = self.committer.read(|store: &dyn Store| store.scan(Table::Act)).await?;
        let prefix = territory.0.as_bytes().as_slice();
        let here = rows.iter().filter(|(key, _)| key.starts_with(prefix));
        here.map(|(_, value)| read(value)).collect()
    }

    /// Who gives an order, if they still may.
    pub(super) fn author(&self, territory: TerritoryId, by: By) -> Result<Option<Somebody>, Barred> {
        let By::Referent(key) = by else { return Ok(None) };
        let session = self.read(|known| live(known, key)).ok_or(Barred::SignedOut)?;
        if session.territory != territory || session.role != Role::Referent {
            return Err(Barred::NotReferent);
        }
        Ok(Some(Somebody { contributor: session.contributor, name: session.name }))
    }
}

/// Somebody who may, about to do something; nobody changes an account while this stands.
pub struct Acting<'a> {
    territory: TerritoryId,
    author: Option<Somebody>,
    _writing: MutexGuard<'a, ()>,
}

impl Acting<'_> {
    /// The row of the act, to be kept in one write with what it is about.
    pub fn row(&self, what: What) -> Row {
        let Self { territory, author, .. } = self;
        kept(&Act { at: clock::now(), territory: *territory, by: author.clone(), what, whom: None })
    }
}

/// The row that an act is kept as: a territory's acts are together, in the order in which they were done.
pub(super) fn kept(act: &Act) -> Row {
    let key = [act.territory.0.as_bytes().as_slice(), clock::uuid().as_bytes()].concat();
    let value = serde_json::to_vec(act).expect("an act has a JSON form");
    Row { table: Table::Act, key, value: Some(value) }
}

/// The row that somebody's badge is kept as.
pub(super) fn badge_row(contributor: ContributorId, badge: Option<&Badge>) -> Row {
    let value = badge.map(|badge| serde_json::to_vec(badge).expect("a badge has a JSON form"));
    Row { table: Table::Contributor, key: contributor.0.as_bytes().to_vec(), value }
}

/// The tickets and later secrets that die with these sessions.
pub(super) fn tickets(known: &Known, ended: &[Hash]) -> Vec<Hash> {
    let dies = |credential: &Credential| match credential {
        Credential::Ticket { session, .. } | Credential::Token(Token { session, .. }) => {
            ended.contains(session)
        }
        Credential::Session(_) => false,
    };
    known.credentials.iter().filter(|(_, credential)| dies(credential)).map(|(hash, _)| *hash).collect()
}

/// A territory's sessions that last, its invitations, and its badges.
fn roll(known: &Known, territory: TerritoryId, now: UnixMillis) -> Roll {
    let lasting = |credential: &Credential| match credential {
        Credential::Session(session) if session.territory == territory && session.expires_at > now => {
            Some(session.clone())
        }
        Credential::Session(_) | Credential::Token(_) | Credential::Ticket { .. } => None,
    };
    let sessions = known.credentials.iter();
    let here = |invitation: &Invitation| invitation.territory == territory;
    let invitations = known.invitations.iter().filter(|(_, invitation)| here(invitation));
    Roll {
        sessions: sessions.filter_map(|(hash, each)| lasting(each).map(|session| (*hash, session))).collect(),
        invitations: invitations.map(|(hash, invitation)| (*hash, invitation.clone())).collect(),
        badges: known.badges.values().filter(|badge| badge.territory == territory).cloned().collect(),
    }
}
