//! What an operator does about a territory's people and invitations, as a référent·e does at their desk.

use portrea_protocol::ids::{ContributorId, DeviceId, InvitationId, TerritoryId};
use portrea_protocol::people::Role;
use serde::{Deserialize, Serialize};

use super::failure::AdminError;
use crate::access::Invitation;
use crate::access::act::{Act, Somebody, What};
use crate::access::people::{By, Listed, Order};
use crate::state::State;

/// What an operator asks about people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Ask {
    /// Who is in, device by device, and who may come in by their badge.
    People,
    /// Gives somebody another role.
    Role {
        /// Whom.
        contributor: ContributorId,
        /// Which.
        role: Role,
    },
    /// Signs somebody out, everywhere or on one device.
    Revoke {
        /// Whom.
        contributor: ContributorId,
        /// On which device; `None` for all.
        device: Option<DeviceId>,
    },
    /// The invitations.
    Invitations,
    /// Revokes an invitation.
    RevokeInvitation {
        /// Which.
        invitation: InvitationId,
    },
    /// What was done about people.
    Acts,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "known", content = "of", rename_all = "camelCase")]
pub enum Known {
    /// Signed-in devices, and people who are signed in nowhere.
    People(Vec<Device>),
    /// Invitations.
    Invitations(Vec<Link>),
    /// Acts, oldest first.
    Acts(Vec<Done>),
    /// Somebody was given another role, or signed out.
    Changed(Changed),
}

/// A signed-in device; without one somebody who is signed in nowhere and whom their badge lets in at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The person.
    pub contributor: ContributorId,
    /// Their name.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The device, if there is one.
    pub device: Option<DeviceId>,
    /// Since when it is; without a device when they came in last.
    pub signed_in_at: String,
    /// Until when the device is.
    pub expires_at: Option<String>,
    /// The invitation that let it in.
    pub invitation: Option<InvitationId>,
    /// By what provider they come in without an invitation, if they do; "" where the server names none any more.
    #[serde(default)]
    pub provider: Option<String>,
}

/// An invitation, without the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// How it is named.
    pub id: InvitationId,
    /// As what it lets in.
    pub role: Role,
    /// How many more devices; `None` for any number.
    pub uses_left: Option<u32>,
    /// By whom; `None` for the operator.
    pub created_by: Option<ContributorId>,
    /// The person whose further device it lets in.
    pub device_of: Option<ContributorId>,
    /// When it was made.
    pub created_at: String,
    /// Until when.
    pub expires_at: String,
}

/// An act, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: String,
    /// By whom; nobody for the operator.
    pub by: Option<Somebody>,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// To whom; nobody for an invitation.
    pub whom: Option<Somebody>,
}

/// Whom an order hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// Their name; "" for an invitation.
    pub name: String,
    /// How many devices were signed out.
    pub signed_out: usize,
    /// How many invitations ended.
    pub invitations_ended: usize,
    /// How many référent·es are left; `None` where that did not change.
    pub referents_left: Option<usize>,
}

/// Everybody who is in a territory or may come in by their badge, as they are shown.
pub fn list(state: &State, territory: TerritoryId) -> Vec<Device> {
    let provider = || state.oidc.as_ref().map(|oidc| oidc.name().to_owned()).unwrap_or_default();
    let shown = |one| match one {
        Listed::Device(session, badge) => Device {
            contributor: session.contributor,
            display_name: session.name,
            role: session.role,
            device: Some(session.device),
            signed_in_at: session.created_at.to_rfc3339(),
            expires_at: Some(session.expires_at.to_rfc3339()),
            invitation: session.invitation,
            provider: badge.then(provider),
        },
        Listed::Absent(badge) => Device {
            contributor: badge.contributor,
            display_name: badge.name,
            role: badge.role,
            device: None,
            signed_in_at: badge.used_at.to_rfc3339(),
            expires_at: None,
            invitation: None,
            provider: Some(provider()),
        },
    };
    state.accounts.people(territory).into_iter().map(shown).collect()
}

impl From<&Invitation> for Link {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id,
            role: invitation.role,
            uses_left: invitation.uses_left,
            created_by: invitation.created_by,
            device_of: invitation.device_of,
            created_at: invitation.created_at.to_rfc3339(),
            expires_at: invitation.expires_at.to_rfc3339(),
        }
    }
}

impl From<Act> for Done {
    fn from(act: Act) -> Self {
        Self { at: act.at.to_rfc3339(), by: act.by, what: act.what, whom: act.whom }
    }
}

/// Does what is asked.
pub(super) async fn ask(state: &State, territory: TerritoryId, ask: Ask) -> Result<Known, AdminError> {
    super::known(state, territory).await?;
    let accounts = &state.accounts;
    match ask {
        Ask::People => Ok(Known::People(list(state, territory))),
        Ask::Invitations => {
            Ok(Known::Invitations(accounts.invitations(territory).iter().map(Link::from).collect()))
        }
        Ask::Acts => Ok(Known::Acts(accounts.acts(territory).await?.into_iter().map(Done::from).collect())),
        Ask::Role { contributor, role } => follow(state, territory, Order::Role(contributor, role)).await,
        Ask::Revoke { contributor, device: Some(device) } => {
            follow(state, territory, Order::RevokeDevice(contributor, device)).await
        }
        Ask::Revoke { contributor, device: None } => {
            follow(state, territory, Order::Revoke(contributor)).await
        }
        Ask::RevokeInvitation { invitation } => {
            if !accounts.revoke_invitation(territory, invitation, By::Operator).await? {
                return Err(AdminError::NoInvitation(invitation));
            }
            let name = String::new();
            Ok(Known::Changed(Changed { name, signed_out: 0, invitations_ended: 1, referents_left: None }))
        }
    }
}

async fn follow(state: &State, territory: TerritoryId, order: Order) -> Result<Known, AdminError> {
    let change = state.accounts.follow(territory, order, By::Operator).await?;
    Ok(Known::Changed(Changed {
        name: change.name,
        signed_out: change.ended.len(),
        invitations_ended: change.closed.len(),
        referents_left: Some(change.referents_left),
    }))
}
