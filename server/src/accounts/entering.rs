//! Coming in: by an invitation, or because a provider vouches for somebody, or by both. One way in, kept in one write.

use portrea_protocol::ids::{ContributorId, DeviceId};

use super::people::{badge_row, kept};
use super::{AccountError, Accounts, row};
use crate::access::act::{Act, Somebody, What};
use crate::access::badge::{Badge, Way, way};
use crate::access::{Comer, Credential, Denied, Hash, Invitation, Secret, Session, accept};
use crate::clock;
use crate::store::Table;

/// Somebody a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// What the provider knows them by ([`crate::access::badge::subject`]).
    pub subject: Hash,
    /// The name that they have in the territory, should they be new to it.
    pub name: String,
}

/// What lets a device in: all of it is kept, or nothing.
struct Entry {
    session: Session,
    invitation: Option<(Hash, Invitation)>,
    badge: Option<Badge>,
    act: Option<Act>,
}

impl Accounts {
    /// Signs a new device in by an invitation.
    pub async fn accept(&self, token: &str, name: &str) -> Result<(Session, Secret), AccountError> {
        let _writing = self.writing.lock().await;
        let (key, invitation) = self.invitation(Hash::of(token))?;
        let (invitation, session) = self.admitted(&invitation, name, None)?;
        self.keep_entry(Entry { session, invitation: Some((key, invitation)), badge: None, act: None }).await
    }

    /// Signs a new device in of somebody a provider vouches for: with an invitation's hash as whoever joins by it, or
    /// as who they are in its territory already; without one as who they were last. It leaves an act.
    pub async fn enter(
        &self,
        vouched: &Vouched,
        invitation: Option<Hash>,
    ) -> Result<(Session, Secret), AccountError> {
        let _writing = self.writing.lock().await;
        let invitation = invitation.map(|key| self.invitation(key)).transpose()?;
        let held = self.read(|known| {
            let all = known.badges.values().filter(|badge| badge.subject == vouched.subject);
            all.cloned().collect::<Vec<Badge>>()
        });
        let found = way(&held, invitation.as_ref().map(|(_, invitation)| invitation))?;
        let entry = match (found, invitation) {
            (Way::Invited(whom), Some((key, invitation))) => {
                let (invitation, session) = self.admitted(&invitation, &vouched.name, whom)?;
                let badge = self.new_badge(&session, vouched.subject);
                Entry { act: Some(entered(&session)), session, invitation: Some((key, invitation)), badge }
            }
            (Way::Invited(_), None) => return Err(Denied::Nobody.into()),
            (Way::Known(badge), _) => {
                let (device, now) = (DeviceId(clock::uuid()), clock::now());
                let session = badge.session(device, now, self.lasting.first_ms());
                let badge = Some(Badge { used_at: now, ..badge });
                Entry { act: Some(entered(&session)), session, invitation: None, badge }
            }
        };
        self.keep_entry(entry).await
    }

    /// Whether there is an invitation, be it over or not.
    pub fn has_invitation(&self, key: Hash) -> bool {
        self.read(|known| known.invitations.contains_key(&key))
    }

    fn invitation(&self, key: Hash) -> Result<(Hash, Invitation), Denied> {
        let found = self.read(|known| known.invitations.get(&key).cloned());
        found.map(|invitation| (key, invitation)).ok_or(Denied::NoInvitation)
    }

    /// A device that an invitation lets in: as somebody new by this name, as `whom` when it is said, or as the person
    /// whose further device it is.
    fn admitted(
        &self,
        invitation: &Invitation,
        name: &str,
        whom: Option<ContributorId>,
    ) -> Result<(Invitation, Session), Denied> {
        let known = match invitation.device_of {
            // Whoever was signed out meanwhile has no further device.
            Some(whose) => Some(self.anywhere(invitation, whose).ok_or(Denied::NoInvitation)?),
            None => None,
        };
        let new = || Comer::New(name, whom.unwrap_or_else(|| ContributorId(clock::uuid())));
        let comer = known.as_ref().map_or_else(new, Comer::Known);
        accept(invitation, comer, DeviceId(clock::uuid()), clock::now(), self.lasting.first_ms())
    }

    /// The badge that somebody gets who came in by an invitation. Whose further device it is keeps the badge they
    /// have: one person, one subject.
    fn new_badge(&self, session: &Session, subject: Hash) -> Option<Badge> {
        let others = |badge: &Badge| badge.subject != subject;
        let has_another = self.read(|known| known.badges.get(&session.contributor).is_some_and(others));
        (!has_another).then(|| Badge::of(session, subject))
    }

    async fn keep_entry(&self, entry: Entry) -> Result<(Session, Secret), AccountError> {
        let Entry { session, invitation, badge, act } = entry;
        let secret = Secret::new(clock::random());
        let credential = Credential::Session(session.clone());
        let mut rows = vec![row(Table::Session, secret.hash(), Some(&credential))];
        rows.extend(invitation.iter().map(|(key, it)| row(Table::Invitation, *key, Some(it))));
        rows.extend(badge.iter().map(|badge| badge_row(badge.contributor, Some(badge))));
        rows.extend(act.iter().map(kept));
        self.committer.put(rows).await?;
        self.write(|known| {
            known.invitations.extend(invitation);
            known.badges.extend(badge.map(|badge| (badge.contributor, badge)));
            known.credentials.insert(secret.hash(), credential);
        });
        Ok((session, secret))
    }
}

fn entered(session: &Session) -> Act {
    let Session { device, contributor, ref name, territory, created_at, .. } = *session;
    let by = Some(Somebody { contributor, name: name.clone() });
    Act { at: created_at, territory, by, what: What::EnteredByProvider { device }, whom: None }
}
