//! Links that go by mail: one link for one device to each address. Addresses are kept nowhere.
//!
//! The line to the mail server is opened first: where that fails nothing is made. Then the links are made, all or none, and
//! the letters go. A letter that did not go leaves a link that works, which is given to whoever asked, to be handed on
//! otherwise: it may have arrived all the same, and whoever has it is let in.

use portrea_protocol::ids::{InvitationId, TerritoryId};
use portrea_protocol::people::Role;
use serde::{Deserialize, Serialize};

use super::failure::AdminError;
use super::join_link;
use crate::access::people::By;
use crate::access::{Invitation, Secret};
use crate::mail::address::Recipient;
use crate::mail::letter::Invited;
use crate::mail::{LETTERS_MAX, Unsent};
use crate::state::State;

/// What is to be sent.
#[derive(Debug)]
pub struct Sending<'a> {
    /// Where the links lead.
    pub territory: TerritoryId,
    /// As what they let in.
    pub role: Role,
    /// For how long.
    pub lasts_ms: i64,
    /// Who sends them, for the act.
    pub by: By,
    /// Who sends them, for the letter; nobody for the operator.
    pub name: Option<&'a str>,
}

/// What became of the letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailed {
    /// Each of them, in the order of the addresses.
    pub letters: Vec<Posted>,
}

/// What became of one letter, and the link in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Posted {
    /// To whom.
    pub to: String,
    /// Whether the mail server has it.
    pub sent: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Unsent>,
    /// The link, where the letter was not sent; shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
    /// The invitation.
    pub id: InvitationId,
    /// As what it lets in.
    pub role: Role,
    /// Until when.
    pub expires_at: String,
}

/// Addresses and links are for no log.
impl std::fmt::Debug for Posted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posted").field("sent", &self.sent).field("why", &self.why).finish_non_exhaustive()
    }
}

/// Reads the addresses that somebody typed; one that is given twice counts once. The error is which of them is none,
/// counted from 1, or 0 where there are none or too many.
pub fn recipients(typed: &[String]) -> Result<Vec<Recipient>, usize> {
    if typed.is_empty() || typed.len() > LETTERS_MAX {
        return Err(0);
    }
    let mut all: Vec<Recipient> = Vec::new();
    for (index, one) in typed.iter().enumerate() {
        let recipient = Recipient::read(one).ok_or(index + 1)?;
        if !all.contains(&recipient) {
            all.push(recipient);
        }
    }
    Ok(all)
}

/// Makes a link for each address and sends it there.
pub async fn send(state: &State, sending: Sending<'_>, to: Vec<Recipient>) -> Result<Mailed, AdminError> {
    let mail = state.mail.as_ref().ok_or(AdminError::NoMail)?;
    let territory = sending.territory;
    let description = state.registry.description(territory).await;
    let name = description.map_err(|error| AdminError::of(territory, error))?.name;
    let mut batch = mail.open().await?;
    let links = made(state, &sending, to.len()).await?;
    let mut letters = Vec::new();
    for (recipient, (invitation, secret)) in to.iter().zip(links) {
        let link = join_link(&state.settings.base_url(), &secret);
        let invited = Invited {
            territory: &name,
            by: sending.name,
            role: sending.role,
            link: &link,
            until: invitation.expires_at,
        };
        let why = batch.send(recipient, invited.letter()).await.err();
        letters.push(Posted {
            to: recipient.reveal().to_owned(),
            sent: why.is_none(),
            why,
            invitation: why.map(|_| link),
            id: invitation.id,
            role: sending.role,
            expires_at: invitation.expires_at.to_rfc3339(),
        });
    }
    let many = letters.iter().filter(|letter| letter.sent).count();
    if many > 0 {
        tracing::info!(%territory, many, "links were mailed");
        // The letters are gone: that the act could not be kept takes none of them back.
        if let Err(error) = state.accounts.note_mailed(territory, sending.by, many).await {
            tracing::error!(%error, "that links were mailed could not be kept");
        }
    }
    Ok(Mailed { letters })
}

/// So many links for one device each; none where one of them cannot be made.
async fn made(
    state: &State,
    sending: &Sending<'_>,
    many: usize,
) -> Result<Vec<(Invitation, Secret)>, AdminError> {
    let Sending { territory, role, lasts_ms, by, .. } = *sending;
    let mut links = Vec::new();
    for _ in 0..many {
        match state.accounts.invite(territory, role, Some(1), lasts_ms, by).await {
            Ok(link) => links.push(link),
            Err(error) => {
                for (invitation, _) in links {
                    // Nobody has seen these links; one that stays is listed, and ends by itself.
                    drop(state.accounts.revoke_invitation(territory, invitation.id, by).await);
                }
                return Err(error.into());
            }
        }
    }
    Ok(links)
}
