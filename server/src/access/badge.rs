//! Badges: by what a provider vouches for, somebody is the same person of a territory again. Pure.
//!
//! A badge holds no name of the provider's and no subject in the clear, only a hash of both. What is decided here is
//! as whom somebody comes in whom the provider vouches for, with an invitation or without.

use portrea_protocol::ids::{ContributorId, DeviceId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Denied, Hash, Invitation, Session};

/// What lets a contributor in again whom the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// The person.
    pub contributor: ContributorId,
    /// Where.
    pub territory: TerritoryId,
    /// What the provider knows them by: [`subject`].
    pub subject: Hash,
    /// The name they gave when they joined.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When it was used last.
    pub used_at: UnixMillis,
    /// When their access was taken back, if it was.
    #[serde(default)]
    pub taken_back_at: Option<UnixMillis>,
}

/// What is kept of an issuer and a subject of it. The issuer's length stands first, so that no two pairs are one text.
pub fn subject(issuer: &str, subject: &str) -> Hash {
    Hash(Sha256::digest(format!("{}:{issuer}{subject}", issuer.len())).into())
}

/// As whom somebody comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// As the person that they are already; an invitation is not used.
    Known(Badge),
    /// By their invitation, as somebody new, or as the person that they were before their access was taken back.
    Invited(Option<ContributorId>),
}

/// Decides as whom somebody comes in, by all badges of their subject. With an invitation it is its territory, else the
/// one that they used last. Whose access was taken back needs an invitation that was made after that.
pub fn way(badges: &[Badge], invitation: Option<&Invitation>) -> Result<Way, Denied> {
    let Some(invitation) = invitation else {
        let good = badges.iter().filter(|badge| badge.is_good());
        let last = good.max_by_key(|badge| (badge.used_at, badge.contributor));
        let none = if badges.is_empty() { Denied::Nobody } else { Denied::TakenBack };
        return last.cloned().map(Way::Known).ok_or(none);
    };
    let here = badges.iter().filter(|badge| badge.territory == invitation.territory);
    let Some(badge) = here.max_by_key(|badge| (badge.is_good(), badge.used_at)) else {
        return Ok(Way::Invited(None));
    };
    match badge.taken_back_at {
        None => Ok(Way::Known(badge.clone())),
        Some(at) if invitation.device_of.is_none() && invitation.created_at > at => {
            Ok(Way::Invited(Some(badge.contributor)))
        }
        Some(_) => Err(Denied::TakenBack),
    }
}

impl Badge {
    /// The badge of somebody who just came in.
    pub fn of(session: &Session, subject: Hash) -> Self {
        let Session { contributor, territory, ref name, role, created_at, .. } = *session;
        Self {
            contributor,
            territory,
            subject,
            name: name.clone(),
            role,
            used_at: created_at,
            taken_back_at: None,
        }
    }

    /// Whether it still lets its holder in.
    pub fn is_good(&self) -> bool {
        self.taken_back_at.is_none()
    }

    /// A new session of its holder on a device.
    pub fn session(&self, device: DeviceId, now: UnixMillis, lasts_ms: i64) -> Session {
        Session {
            device,
            contributor: self.contributor,
            name: self.name.clone(),
            role: self.role,
            territory: self.territory,
            created_at: now,
            expires_at: now.plus(lasts_ms),
            invitation: None,
            first_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use portrea_protocol::ids::InvitationId;
    use uuid::Uuid;

    use super::*;

    fn badge(who: u128, territory: u128, used_at: i64, taken_back_at: Option<i64>) -> Badge {
        Badge {
            contributor: ContributorId(Uuid::from_u128(who)),
            territory: TerritoryId(Uuid::from_u128(territory)),
            subject: Hash([0; 32]),
            name: "Amina".into(),
            role: Role::Contributor,
            used_at: UnixMillis(used_at),
            taken_back_at: taken_back_at.map(UnixMillis),
        }
    }

    fn invitation(territory: u128, created_at: i64, is_link: bool) -> Invitation {
        Invitation {
            id: InvitationId(Uuid::nil()),
            territory: TerritoryId(Uuid::from_u128(territory)),
            role: Role::Reader,
            uses_left: None,
            expires_at: UnixMillis(100),
            created_at: UnixMillis(created_at),
            created_by: None,
            device_of: is_link.then(|| ContributorId(Uuid::from_u128(1))),
        }
    }

    /// Goal: somebody stays who they are, chooses the territory by the invitation or by use, and comes back after their
    /// access was taken back by a later invitation alone. Method: a table of badges and invitations.
    #[test]
    fn somebody_stays_who_they_are() {
        let known = |who| Ok(Way::Known(who));
        let here = badge(1, 1, 5, None);
        let used = badge(2, 2, 9, None);
        let out = badge(3, 1, 9, Some(20));
        let came = |who: Option<u128>| Ok(Way::Invited(who.map(|who| ContributorId(Uuid::from_u128(who)))));
        for (what, badges, invitation, expected) in [
            ("nobody", vec![], None, Err(Denied::Nobody)),
            ("somebody new", vec![], Some(invitation(1, 0, false)), came(None)),
            ("one territory", vec![here.clone()], None, known(here.clone())),
            ("the one used last", vec![here.clone(), used.clone()], None, known(used.clone())),
            (
                "the invitation's",
                vec![here.clone(), used.clone()],
                Some(invitation(1, 0, false)),
                known(here.clone()),
            ),
            ("a territory more", vec![used.clone()], Some(invitation(1, 0, false)), came(None)),
            ("out", vec![out.clone()], None, Err(Denied::TakenBack)),
            ("out of one", vec![out.clone(), used.clone()], None, known(used)),
            ("an earlier link", vec![out.clone()], Some(invitation(1, 20, false)), Err(Denied::TakenBack)),
            ("a later link", vec![out.clone()], Some(invitation(1, 21, false)), came(Some(3))),
            ("somebody's device link", vec![out], Some(invitation(1, 21, true)), Err(Denied::TakenBack)),
        ] {
            assert_eq!(way(&badges, invitation.as_ref()), expected, "{what}");
        }
    }

    #[test]
    fn a_subject_belongs_to_its_issuer() {
        assert_ne!(subject("https://a", "bc"), subject("https://ab", "c"));
        assert_eq!(subject("https://a", "bc"), subject("https://a", "bc"));
    }
}
