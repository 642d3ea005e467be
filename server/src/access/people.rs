//! Who is in a territory, and what may be done about it. Pure: sessions are handed in, a change comes out.
//!
//! A person is in a territory while one of their devices is signed in. What they wrote, and that they wrote it, is in
//! the territory's document and stays, whatever is decided here.

use std::collections::BTreeMap;

use portrea_protocol::ids::{ContributorId, DeviceId, InvitationId};
use portrea_protocol::people::Role;
use portrea_protocol::time::UnixMillis;

use super::badge::Badge;
use super::{Hash, Invitation, Session};

/// What a référent·e, or the operator, does about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Gives a person another role, on all their devices.
    Role(ContributorId, Role),
    /// Signs one device of a person out.
    RevokeDevice(ContributorId, DeviceId),
    /// Signs a person out everywhere.
    Revoke(ContributorId),
}

impl Order {
    /// About whom.
    pub fn whom(self) -> ContributorId {
        let (Self::Role(whom, _) | Self::RevokeDevice(whom, _) | Self::Revoke(whom)) = self;
        whom
    }

    /// On which device, when it is about one.
    pub fn device(self) -> Option<DeviceId> {
        match self {
            Self::RevokeDevice(_, device) => Some(device),
            Self::Role(..) | Self::Revoke(_) => None,
        }
    }
}

/// Who gives an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever holds the data directory.
    Operator,
    /// Whoever is signed in with this session, as a référent·e of the territory.
    Referent(Hash),
}

/// Why an order is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// Nobody, or no device, of that id is signed in to the territory.
    #[error("nobody of that id is signed in to this territory")]
    Unknown,
    /// The territory would be without a référent·e.
    #[error("this is the territory's last référent·e")]
    LastReferent,
    /// Who gave it is signed out by now.
    #[error("who asks is not signed in any more")]
    SignedOut,
    /// Who gave it is no référent·e of the territory by now.
    #[error("who asks is no référent·e")]
    NotReferent,
}

/// A territory's sessions and invitations, as they stand.
#[derive(Debug, Default)]
pub struct Roll {
    /// Sessions that last.
    pub sessions: Vec<(Hash, Session)>,
    /// Invitations, also those that are over.
    pub invitations: Vec<(Hash, Invitation)>,
    /// Badges, also those that were taken back.
    pub badges: Vec<Badge>,
}

/// Somebody in the list of a territory's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A device that is signed in, and whether its holder has a badge as well.
    Device(Session, bool),
    /// Somebody who is signed in nowhere, and whom a provider's word lets in at any time.
    Absent(Badge),
}

/// Everybody who is in, or may come in without an invitation: people in the order in which they came, their devices
/// together; after them those who have but a badge, whoever used it first before the others.
pub fn listed(roll: Roll) -> Vec<Listed> {
    let Roll { sessions, mut badges, .. } = roll;
    badges.retain(Badge::is_good);
    let has_badge = |whom: ContributorId| badges.iter().any(|badge| badge.contributor == whom);
    let mut devices: Vec<Session> = sessions.into_iter().map(|(_, session)| session).collect();
    let mut came: BTreeMap<ContributorId, UnixMillis> = BTreeMap::new();
    for session in &devices {
        let first = came.entry(session.contributor).or_insert(session.created_at);
        *first = session.created_at.min(*first);
    }
    devices.sort_by_key(|session| {
        (came.get(&session.contributor).copied(), session.contributor, session.created_at, session.device)
    });
    let here = devices.into_iter().map(|session| {
        let badge = has_badge(session.contributor);
        Listed::Device(session, badge)
    });
    let mut all: Vec<Listed> = here.collect();
    badges.retain(|badge| !came.contains_key(&badge.contributor));
    badges.sort_by_key(|badge| (badge.used_at, badge.contributor));
    all.extend(badges.into_iter().map(Listed::Absent));
    all
}

/// What following an order changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Whose name it is about.
    pub name: String,
    /// Sessions that end.
    pub ended: Vec<Hash>,
    /// Sessions as they are from now on.
    pub changed: Vec<(Hash, Session)>,
    /// Invitations that end, for they would let the same person in again.
    pub closed: Vec<(Hash, InvitationId)>,
    /// The person's badge as it is from now on.
    pub badge: Option<Badge>,
    /// How many référent·es are left.
    pub referents_left: usize,
}

/// Decides on an order at `now`. A référent·e cannot leave a territory without one; its operator can, and may invite
/// another. Somebody with a badge can come in again, so that orders about them are followed also while no device of
/// theirs is signed in.
pub fn decide(roll: &Roll, order: Order, by: By, now: UnixMillis) -> Result<Change, Barred> {
    let meant = |session: &Session| {
        session.contributor == order.whom() && order.device().is_none_or(|device| device == session.device)
    };
    let (hit, others): (Vec<_>, Vec<_>) = roll.sessions.iter().partition(|(_, session)| meant(session));
    let held = roll.badges.iter().find(|badge| badge.contributor == order.whom() && badge.is_good());
    let held = held.filter(|_| order.device().is_none());
    let name = hit.first().map(|(_, first)| &first.name).or(held.map(|badge| &badge.name));
    let name = name.ok_or(Barred::Unknown)?.clone();
    let badge = held.map(|badge| after(badge, order, now)).filter(|after| Some(after) != held);
    let mut change = Change { name, badge, ..Change::default() };
    match order {
        Order::Role(_, new) => {
            let differing = hit.iter().filter(|(_, session)| session.role != new);
            change.changed =
                differing.map(|(hash, session)| (*hash, Session { role: new, ..session.clone() })).collect();
        }
        Order::RevokeDevice(..) | Order::Revoke(_) => {
            change.ended = hit.iter().map(|(hash, _)| *hash).collect();
        }
    }
    let raised = matches!(order, Order::Role(_, Role::Referent));
    let mut left: Vec<ContributorId> = others
        .iter()
        .filter(|(_, session)| session.role == Role::Referent)
        .map(|(_, session)| session.contributor)
        .chain(raised.then_some(order.whom()))
        .collect();
    left.sort_unstable();
    left.dedup();
    change.referents_left = left.len();
    let had_one = roll.sessions.iter().any(|(_, session)| session.role == Role::Referent);
    if left.is_empty() && had_one && by != By::Operator {
        return Err(Barred::LastReferent);
    }
    let is_out = !change.ended.is_empty() || matches!(order, Order::Revoke(_));
    let is_gone = is_out && !others.iter().any(|(_, it)| it.contributor == order.whom());
    let was_referent = hit.iter().any(|(_, session)| session.role == Role::Referent)
        || held.is_some_and(|badge| badge.role == Role::Referent);
    let is_lowered = matches!(order, Order::Role(..)) && !raised && was_referent;
    let is_over = |it: &Invitation| it.created_by == Some(order.whom()) && (is_gone || is_lowered);
    let closed = roll.invitations.iter().filter(|(_, invitation)| is_over(invitation));
    change.closed = closed.map(|(hash, invitation)| (*hash, invitation.id)).collect();
    Ok(change)
}

/// A badge after an order about its holder was followed. A device that is signed out is no reason to lose it.
fn after(badge: &Badge, order: Order, now: UnixMillis) -> Badge {
    match order {
        Order::Role(_, role) => Badge { role, ..badge.clone() },
        Order::Revoke(_) => Badge { taken_back_at: Some(now), ..badge.clone() },
        Order::RevokeDevice(..) => badge.clone(),
    }
}

#[cfg(test)]
mod tests;
