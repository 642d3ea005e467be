//! What was done about people and what is kept for all, as it is kept for whoever must answer for it. It holds no secret.

use portrea_protocol::ids::{ContributorId, DeviceId, InvitationId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::people::{Change, Order};

/// One administrative act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// When.
    pub at: UnixMillis,
    /// In which territory.
    pub territory: TerritoryId,
    /// By whom; `None` for the operator.
    pub by: Option<Somebody>,
    /// What.
    pub what: What,
    /// To whom; nobody for an invitation or a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<Somebody>,
}

/// A person, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Somebody {
    /// The person.
    pub contributor: ContributorId,
    /// The name.
    pub name: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "kebab-case")]
pub enum What {
    /// Somebody was given another role.
    ChangedRole {
        /// The new one.
        role: Role,
    },
    /// A device of somebody was signed out.
    RevokedDevice {
        /// Which.
        device: DeviceId,
    },
    /// Somebody was signed out everywhere.
    RevokedContributor,
    /// An invitation was made.
    CreatedInvitation {
        /// Which.
        invitation: InvitationId,
        /// As what it lets in.
        role: Role,
    },
    /// An invitation was revoked.
    RevokedInvitation {
        /// Which.
        invitation: InvitationId,
    },
    /// Links went by mail, each an invitation made just before; to whom is told nowhere.
    MailedInvitations {
        /// How many.
        many: usize,
    },
    /// Somebody made a link for one more device of their own.
    LinkedDevice {
        /// The link.
        invitation: InvitationId,
    },
    /// Somebody came in because the provider vouched for them.
    EnteredByProvider {
        /// The device.
        device: DeviceId,
    },
    /// A named point of the indicators' history was forgotten.
    ForgotPoint {
        /// What it was called.
        point: String,
    },
    /// Something was erased for good.
    Erased {
        /// What kind of thing.
        what: Erasable,
    },
}

/// What may be erased for good; what it was is told nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erasable {
    /// A field, or another part of a structure.
    Value,
    /// A whole structure.
    Structure,
    /// Somebody who helps.
    Helper,
    /// The name of somebody who wrote.
    Contributor,
    /// What was replaced long ago.
    History,
}

impl What {
    /// What following an order is.
    pub fn of(order: Order) -> Self {
        match order {
            Order::Role(_, role) => Self::ChangedRole { role },
            Order::RevokeDevice(_, device) => Self::RevokedDevice { device },
            Order::Revoke(_) => Self::RevokedContributor,
        }
    }
}

impl Change {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.changed.is_empty() && self.closed.is_empty() && self.badge.is_none()
    }
}
