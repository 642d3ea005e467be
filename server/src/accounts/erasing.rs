//! What an erasure changes about people: the act that it leaves, and, where somebody's name goes, all that names them.
//!
//! Rows are handed out, for they are kept in one write with what is erased beside; [`Erasing::done`] says that they are.
//! Nobody else changes an account meanwhile.

use std::collections::BTreeSet;

use portrea_protocol::ids::{ContributorId, TerritoryId};
use portrea_protocol::people::Role;
use tokio::sync::MutexGuard;

use super::people::{badge_row, kept, tickets};
use super::{AccountError, Accounts, read, row};
use crate::access::act::{Act, Erasable, Somebody, What};
use crate::access::badge::Badge;
use crate::access::people::{Barred, By};
use crate::access::{Credential, Hash};
use crate::clock;
use crate::store::{Row, Store, StoreError, Table};

/// An erasure that is about to be kept.
pub struct Erasing<'a> {
    accounts: &'a Accounts,
    _writing: MutexGuard<'a, ()>,
    ended: Vec<Hash>,
    closed: Vec<Hash>,
    badge: Option<ContributorId>,
    rows: Vec<Row>,
}

/// What accounts know of somebody.
#[derive(Debug, Default)]
pub struct Traces {
    /// The names that they gave.
    pub names: BTreeSet<String>,
    /// Sessions, invitations, badges and acts in which they stand.
    pub places: usize,
}

impl Accounts {
    /// What accounts know of somebody in a territory. Somebody who was erased has left no trace.
    pub async fn traces(
        &self,
        territory: TerritoryId,
        whom: ContributorId,
        nobody: &str,
    ) -> Result<Traces, StoreError> {
        let mut traces = Traces::default();
        for session in self.sessions(territory).into_iter().filter(|session| session.contributor == whom) {
            traces.names.insert(session.name);
            traces.places += 1;
        }
        if let Some(badge) = self.badge(territory, whom) {
            traces.names.insert(badge.name);
            traces.places += 1;
        }
        let own = |it: &crate::access::Invitation| it.created_by == Some(whom) || it.device_of == Some(whom);
        traces.places += self.invitations(territory).iter().filter(|it| own(it)).count();
        for act in self.acts(territory).await? {
            let theirs = [act.by, act.whom].into_iter().flatten().filter(|who| who.contributor == whom);
            let names: Vec<String> = theirs.map(|who| who.name).filter(|name| name != nobody).collect();
            traces.places += usize::from(!names.is_empty());
            traces.names.extend(names);
        }
        Ok(traces)
    }

    /// Prepares an erasure by somebody who still may; `whom` is a person whose name is to be `nobody` from then on.
    pub async fn erasing(
        &self,
        territory: TerritoryId,
        by: By,
        what: Erasable,
        whom: Option<(ContributorId, &str)>,
    ) -> Result<Erasing<'_>, AccountError> {
        let writing = self.writing.lock().await;
        let author = self.author(territory, by)?;
        let mut erasing = Erasing {
            accounts: self,
            _writing: writing,
            ended: vec![],
            closed: vec![],
            badge: None,
            rows: vec![],
        };
        if let Some((whom, nobody)) = whom {
            // Whoever holds the data can invite again; a référent·e who erased the last one could not.
            if matches!(by, By::Referent(_)) && self.is_last_referent(territory, whom) {
                return Err(Barred::LastReferent.into());
            }
            self.read(|known| {
                let own = known.credentials.iter().filter(|(_, credential)| {
                    matches!(credential, Credential::Session(session)
                        if session.contributor == whom && session.territory == territory)
                });
                let own: Vec<Hash> = own.map(|(hash, _)| *hash).collect();
                erasing.ended = tickets(known, &own);
                erasing.ended.extend(own);
                let theirs = known.invitations.iter().filter(|(_, it)| {
                    it.territory == territory && (it.created_by == Some(whom) || it.device_of == Some(whom))
                });
                erasing.closed = theirs.map(|(hash, _)| *hash).collect();
            });
            erasing.badge = self.badge(territory, whom).map(|badge| badge.contributor);
            erasing.rows.extend(erasing.badge.map(|whom| badge_row(whom, None)));
            erasing.rows.extend(self.nameless_acts(territory, whom, nobody).await?);
            // Expired ones are in no memory, and name people all the same.
            erasing.rows.extend(self.expired(territory, whom).await?);
        }
        let ended = erasing.ended.iter().map(|hash| row::<()>(Table::Session, *hash, None));
        let closed = erasing.closed.iter().map(|hash| row::<()>(Table::Invitation, *hash, None));
        let rows: Vec<Row> = ended.chain(closed).collect();
        erasing.rows.extend(rows);
        let whom = whom.map(|(contributor, nobody)| Somebody { contributor, name: nobody.to_owned() });
        let act = Act { at: clock::now(), territory, by: author, what: What::Erased { what }, whom };
        erasing.rows.push(kept(&act));
        Ok(erasing)
    }

    /// What lets somebody of a territory in by a provider.
    fn badge(&self, territory: TerritoryId, whom: ContributorId) -> Option<Badge> {
        let found = self.read(|known| known.badges.get(&whom).cloned());
        found.filter(|badge| badge.territory == territory)
    }

    /// Whether nobody but this person is a référent·e of the territory.
    fn is_last_referent(&self, territory: TerritoryId, whom: ContributorId) -> bool {
        let mut referents =
            self.sessions(territory).into_iter().filter(|session| session.role == Role::Referent);
        referents.all(|session| session.contributor == whom)
    }

    /// A territory's acts that name somebody, without the name.
    async fn nameless_acts(
        &self,
        territory: TerritoryId,
        whom: ContributorId,
        nobody: &str,
    ) -> Result<Vec<Row>, StoreError> {
        let all = self.committer.read(|store: &dyn Store| store.scan(Table::Act)).await?;
        let mut rows = Vec::new();
        for (key, value) in all.into_iter().filter(|(key, _)| key.starts_with(territory.0.as_bytes())) {
            let mut act: Act = read(&value)?;
            let mut named = false;
            for who in [&mut act.by, &mut act.whom].into_iter().flatten() {
                if who.contributor == whom && who.name != nobody {
                    nobody.clone_into(&mut who.name);
                    named = true;
                }
            }
            if named {
                let value = serde_json::to_vec(&act).expect("an act has a JSON form");
                rows.push(Row { table: Table::Act, key, value: Some(value) });
            }
        }
        Ok(rows)
    }

    /// Rows of somebody's sessions that are over.
    async fn expired(&self, territory: TerritoryId, whom: ContributorId) -> Result<Vec<Row>, StoreError> {
        let all = self.committer.read(|store: &dyn Store| store.scan(Table::Session)).await?;
        let mut rows = Vec::new();
        for (key, value) in all {
            if let Credential::Session(session) = read(&value)?
                && session.contributor == whom
                && session.territory == territory
            {
                rows.push(Row { table: Table::Session, key, value: None });
            }
        }
        Ok(rows)
    }
}

impl Erasing<'_> {
    /// What is to be kept.
    pub fn rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// It is kept: sessions that ended have ended everywhere. How many devices that were.
    pub fn done(self) -> usize {
        let Self { accounts, ended, closed, badge, .. } = &self;
        let devices = accounts.write(|known| {
            let before = known.credentials.len();
            known.credentials.retain(|hash, _| !ended.contains(hash));
            known.invitations.retain(|hash, _| !closed.contains(hash));
            known.badges.retain(|whose, _| Some(*whose) != *badge);
            before - known.credentials.len()
        });
        accounts.turns.send_replace(());
        devices
    }
}
