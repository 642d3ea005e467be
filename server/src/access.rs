//! Who may come in, and as whom. Pure: instants and secrets are handed in.
//!
//! Secrets are 256 random bits, shown once and stored as their SHA-256: whoever reads the store cannot sign in. What
//! is looked up by its hash needs no comparison in constant time.

pub mod act;
pub mod badge;
pub mod people;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portrea_protocol::ids::{ContributorId, DeviceId, InvitationId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest name somebody may give themselves, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// A link for one more device of somebody is good for this long.
pub const DEVICE_LINK_MS: i64 = 15 * 60 * 1_000;
/// A sync ticket is good for this long.
pub const TICKET_MS: i64 = 12 * 3_600 * 1_000;

/// A secret as it is handed out, once.
pub struct Secret(String);

impl Secret {
    /// Makes a secret of random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// The text that its holder shows.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is stored of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of a secret as its holder shows it. A whole link is taken for the token in it.
    pub fn of(shown: &str) -> Self {
        let token = shown.trim().trim_end_matches('/');
        let token = token.rsplit(['#', '/', '=', '?']).next().unwrap_or(token);
        Self(Sha256::digest(token).into())
    }
}

/// A link that lets people in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// How the référent·e names it.
    pub id: InvitationId,
    /// Into which territory.
    pub territory: TerritoryId,
    /// As what.
    pub role: Role,
    /// How many more devices it lets in; `None` for any number.
    pub uses_left: Option<u32>,
    /// Until when.
    pub expires_at: UnixMillis,
    /// When it was made.
    pub created_at: UnixMillis,
    /// By whom; `None` on the command line.
    pub created_by: Option<ContributorId>,
    /// The person whose further device it lets in; `None` where it makes a new contributor.
    #[serde(default)]
    pub device_of: Option<ContributorId>,
}

/// One device of a signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The device.
    pub device: DeviceId,
    /// The person.
    pub contributor: ContributorId,
    /// The name they gave.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where.
    pub territory: TerritoryId,
    /// Since when.
    pub created_at: UnixMillis,
    /// Until when.
    pub expires_at: UnixMillis,
    /// The invitation that let it in; `None` where that was not kept.
    #[serde(default)]
    pub invitation: Option<InvitationId>,
    /// Until when its first secret opens it, once a later one is in use; `None` for as long as the session lasts.
    #[serde(default)]
    pub first_until: Option<UnixMillis>,
}

impl Session {
    /// The person behind the session, as a territory knows them.
    pub fn person(&self) -> Person {
        Person {
            contributor: self.contributor,
            name: self.name.clone(),
            role: self.role,
            device: self.device,
        }
    }
}

/// What a hash stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Credential {
    /// A signed-in device.
    Session(Session),
    /// A later secret of a signed-in device, in the place of its first one.
    Token(Token),
    /// A ticket for the websocket alone.
    Ticket {
        /// The session it dies with.
        session: Hash,
        /// Until when.
        expires_at: UnixMillis,
    },
}

/// A later secret of a signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The session that it opens, by what that is known by.
    pub session: Hash,
    /// Since when.
    pub made_at: UnixMillis,
    /// Until when; the session may end before.
    pub until: UnixMillis,
    /// Whether its holder has shown it: until then the secret before it is good as well, for an answer may be lost.
    pub shown: bool,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such invitation, or it was revoked.
    #[error("this invitation does not exist or was revoked")]
    NoInvitation,
    /// The invitation's time is over.
    #[error("this invitation has expired")]
    Expired,
    /// The invitation was used as often as it may be.
    #[error("this invitation has been used up")]
    UsedUp,
    /// The name is empty or too long.
    #[error("a name of 1 to 80 characters is needed")]
    Name,
    /// Nobody in any territory is known by what the provider vouches for.
    #[error("nobody is known here by this sign-in")]
    Nobody,
    /// Their access was taken back.
    #[error("the access of whoever signs in was taken back")]
    TakenBack,
}

/// Who comes in by an invitation.
#[derive(Debug, Clone, Copy)]
pub enum Comer<'a> {
    /// Somebody new, by the name they give, with the id that they get.
    New(&'a str, ContributorId),
    /// A person who is in already, with one more device: by one of their sessions.
    Known(&'a Session),
}

/// Lets a device in by an invitation: the invitation with one use less, and the new session.
pub fn accept(
    invitation: &Invitation,
    comer: Comer<'_>,
    device: DeviceId,
    now: UnixMillis,
    lasts_ms: i64,
) -> Result<(Invitation, Session), Denied> {
    let (name, contributor, role) = match comer {
        Comer::New(name, contributor) => (name, contributor, invitation.role),
        Comer::Known(session) => (session.name.as_str(), session.contributor, session.role),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Denied::Name);
    }
    if now >= invitation.expires_at {
        return Err(Denied::Expired);
    }
    let uses_left = match invitation.uses_left {
        Some(0) => return Err(Denied::UsedUp),
        Some(left) => Some(left - 1),
        None => None,
    };
    let session = Session {
        device,
        contributor,
        name,
        role,
        territory: invitation.territory,
        created_at: now,
        expires_at: now.plus(lasts_ms),
        invitation: Some(invitation.id),
        first_until: None,
    };
    Ok((Invitation { uses_left, ..invitation.clone() }, session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn invitation(uses_left: Option<u32>, expires_at: i64) -> Invitation {
        Invitation {
            id: InvitationId(Uuid::nil()),
            territory: TerritoryId(Uuid::nil()),
            role: Role::Contributor,
            uses_left,
            expires_at: UnixMillis(expires_at),
            created_at: UnixMillis(0),
            created_by: None,
            device_of: None,
        }
    }

    #[test]
    fn an_invitation_lets_in_while_it_lasts() {
        let device = DeviceId(Uuid::nil());
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for (uses, expires, name, expected) in [
            (Some(1), 10, "Amina", Ok(Some(0))),
            (None, 10, "  Amina   B. ", Ok(None)),
            (Some(0), 10, "Amina", Err(Denied::UsedUp)),
            (Some(1), 5, "Amina", Err(Denied::Expired)),
            (Some(1), 10, "  ", Err(Denied::Name)),
            (Some(1), 10, "a\u{7}b", Err(Denied::Name)),
            (Some(1), 10, &long, Err(Denied::Name)),
        ] {
            let comer = Comer::New(name, ContributorId(Uuid::nil()));
            let accepted = accept(&invitation(uses, expires), comer, device, UnixMillis(5), 100);
            assert_eq!(accepted.map(|(invitation, _)| invitation.uses_left), expected, "{name}");
        }
    }

    /// Goal: one more device of somebody is theirs, with the role they have now. Method: a link made before their role changed.
    #[test]
    fn a_further_device_is_the_same_person() {
        let amina = Comer::New("Amina", ContributorId(Uuid::from_u128(7)));
        let (_, session) =
            accept(&invitation(None, 10), amina, DeviceId(Uuid::nil()), UnixMillis(1), 100).expect("let in");
        let now = Session { role: Role::Reader, ..session };
        let device = DeviceId(Uuid::from_u128(8));
        let (_, further) =
            accept(&invitation(Some(1), 10), Comer::Known(&now), device, UnixMillis(2), 100).expect("let in");
        assert_eq!((further.contributor, further.name.as_str()), (now.contributor, "Amina"));
        assert_eq!((further.role, further.device), (Role::Reader, device));
    }

    #[test]
    fn a_link_is_as_good_as_the_token_in_it() {
        let secret = Secret::new([7; 32]);
        let token = secret.reveal();
        for shown in [
            format!("http://h/join#{token}"),
            format!("https://h/join/{token}/"),
            format!("https://h/join?token={token}"),
            format!(" {token}\n"),
        ] {
            assert_eq!(Hash::of(&shown), secret.hash(), "{shown}");
        }
        assert_ne!(Hash::of("other"), secret.hash());
        assert!(!format!("{secret:?}").contains(token));
    }
}
