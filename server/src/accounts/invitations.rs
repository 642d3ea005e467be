//! Invitations, and links for one more device of somebody: made, listed, revoked, each act kept with what it did.

use portrea_protocol::ids::{ContributorId, InvitationId, TerritoryId};
use portrea_protocol::people::Role;

use super::people::kept;
use super::{AccountError, Accounts, live, row};
use crate::access::act::{Act, Somebody, What};
use crate::access::people::{Barred, By};
use crate::access::{Credential, DEVICE_LINK_MS, Hash, Invitation, Secret, Session};
use crate::clock;
use crate::store::Table;

impl Accounts {
    /// Makes an invitation; the secret is shown this once.
    pub async fn invite(
        &self,
        territory: TerritoryId,
        role: Role,
        uses: Option<u32>,
        lasts_ms: i64,
        by: By,
    ) -> Result<(Invitation, Secret), AccountError> {
        let _writing = self.writing.lock().await;
        let author = self.author(territory, by)?;
        let now = clock::now();
        let invitation = Invitation {
            id: InvitationId(clock::uuid()),
            territory,
            role,
            uses_left: uses,
            expires_at: now.plus(lasts_ms),
            created_at: now,
            created_by: author.as_ref().map(|author| author.contributor),
            device_of: None,
        };
        let what = What::CreatedInvitation { invitation: invitation.id, role };
        self.keep_invitation(invitation, author, what, Vec::new()).await
    }

    /// Makes a link for one more device of whoever is signed in; one made before ends. The secret is shown this once.
    pub async fn link_device(&self, session: Hash) -> Result<(Invitation, Secret), AccountError> {
        let _writing = self.writing.lock().await;
        let Session { contributor, name, role, territory, .. } =
            self.read(|known| live(known, session)).ok_or(Barred::SignedOut)?;
        let now = clock::now();
        let invitation = Invitation {
            id: InvitationId(clock::uuid()),
            territory,
            role,
            uses_left: Some(1),
            expires_at: now.plus(DEVICE_LINK_MS),
            created_at: now,
            created_by: Some(contributor),
            device_of: Some(contributor),
        };
        let earlier = self.read(|known| {
            let all = known.invitations.iter().filter(|(_, it)| it.device_of == Some(contributor));
            all.map(|(hash, _)| *hash).collect::<Vec<Hash>>()
        });
        let what = What::LinkedDevice { invitation: invitation.id };
        self.keep_invitation(invitation, Some(Somebody { contributor, name }), what, earlier).await
    }

    /// Keeps that so many links went by mail.
    pub async fn note_mailed(&self, territory: TerritoryId, by: By, many: usize) -> Result<(), AccountError> {
        let _writing = self.writing.lock().await;
        let by = self.author(territory, by)?;
        let act = Act { at: clock::now(), territory, by, what: What::MailedInvitations { many }, whom: None };
        Ok(self.committer.put(vec![kept(&act)]).await?)
    }

    /// A territory's invitations, oldest first.
    pub fn invitations(&self, territory: TerritoryId) -> Vec<Invitation> {
        let mut all: Vec<Invitation> = self.read(|known| {
            let all = known.invitations.values();
            all.filter(|invitation| invitation.territory == territory).cloned().collect()
        });
        all.sort_by_key(|invitation| (invitation.created_at, invitation.id));
        all
    }

    /// Revokes an invitation of a territory; whether there was one.
    pub async fn revoke_invitation(
        &self,
        territory: TerritoryId,
        id: InvitationId,
        by: By,
    ) -> Result<bool, AccountError> {
        let _writing = self.writing.lock().await;
        let by = self.author(territory, by)?;
        let found = self.read(|known| {
            let mut all = known.invitations.iter();
            all.find(|(_, invitation)| invitation.id == id && invitation.territory == territory)
                .map(|(hash, _)| *hash)
        });
        let Some(hash) = found else { return Ok(false) };
        let what = What::RevokedInvitation { invitation: id };
        let act = Act { at: clock::now(), territory, by, what, whom: None };
        self.committer.put(vec![row::<Invitation>(Table::Invitation, hash, None), kept(&act)]).await?;
        self.write(|known| known.invitations.remove(&hash));
        Ok(true)
    }

    /// A lasting session of a person, for an invitation of their own.
    pub(super) fn anywhere(&self, invitation: &Invitation, whose: ContributorId) -> Option<Session> {
        let now = clock::now();
        self.read(|known| {
            known.credentials.values().find_map(|credential| match credential {
                Credential::Session(session)
                    if session.contributor == whose
                        && session.territory == invitation.territory
                        && session.expires_at > now =>
                {
                    Some(session.clone())
                }
                Credential::Session(_) | Credential::Token(_) | Credential::Ticket { .. } => None,
            })
        })
    }

    async fn keep_invitation(
        &self,
        invitation: Invitation,
        by: Option<Somebody>,
        what: What,
        ending: Vec<Hash>,
    ) -> Result<(Invitation, Secret), AccountError> {
        let secret = Secret::new(clock::random());
        let act = Act { at: invitation.created_at, territory: invitation.territory, by, what, whom: None };
        let mut rows = vec![row(Table::Invitation, secret.hash(), Some(&invitation)), kept(&act)];
        rows.extend(ending.iter().map(|hash| row::<Invitation>(Table::Invitation, *hash, None)));
        self.committer.put(rows).await?;
        self.write(|known| {
            known.invitations.retain(|hash, _| !ending.contains(hash));
            known.invitations.insert(secret.hash(), invitation.clone());
        });
        Ok((invitation, secret))
    }
}
