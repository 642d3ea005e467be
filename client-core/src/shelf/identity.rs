//! Who this device is and where its server stands: `device.json`, readable by its owner alone.

use std::fmt;

use automerge::ActorId;
use portrea_protocol::ids::{ContributorId, PeerId, StorageId, TerritoryId};
use portrea_protocol::people;
use portrea_protocol::time::UnixMillis;
use serde::{Deserialize, Serialize};

/// A sign-in token. It is never printed: not in logs, not in errors, not in `{:?}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Takes a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token, for the one header it belongs in.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a contributor may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Describes structures.
    Contributor,
    /// Coordinates the territory.
    Referent,
    /// Reads.
    Reader,
}

impl Role {
    /// The role's word, as the server writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Referent => "referent",
            Self::Reader => "reader",
        }
    }
}

impl From<Role> for people::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Contributor => Self::Contributor,
            Role::Referent => Self::Referent,
            Role::Reader => Self::Reader,
        }
    }
}

/// Who this device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The server's address: scheme, host, port and path prefix, without a slash at the end.
    pub server: String,
    /// The sign-in token.
    pub token: Token,
    /// When the token was given, by this device's clock; `None` where an earlier version did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_at: Option<UnixMillis>,
    /// The territory.
    pub territory: TerritoryId,
    /// Its document, as `automerge:…`.
    pub document: String,
    /// The person or desk that signed in.
    pub contributor: ContributorId,
    /// What the others read beside their edits.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The automerge actor of every change made here, in hexadecimal. Drawn once; never shared with another device.
    #[serde(with = "actor")]
    pub actor: ActorId,
    /// The name under which this device joins.
    pub peer: PeerId,
    /// The name of what it keeps.
    pub storage: StorageId,
}

/// A token is replaced after so long, as a browser's is: a stolen one is of use for a day or so.
const TOKEN_MS: i64 = 24 * 3_600 * 1_000;

impl Identity {
    /// Whether the next token is due. A clock that went back makes it due as well.
    pub fn is_token_old(&self, now: UnixMillis) -> bool {
        self.token_at.is_none_or(|at| !(0..TOKEN_MS).contains(&now.since(at)))
    }

    /// The websocket's address.
    pub fn sync_url(&self) -> String {
        let (scheme, rest) = self.server.split_once("://").unwrap_or(("http", &self.server));
        let scheme = if scheme == "https" { "wss" } else { "ws" };
        format!("{scheme}://{rest}/sync")
    }
}

mod actor {
    use automerge::ActorId;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(actor: &ActorId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&actor.to_hex_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ActorId, D::Error> {
        let text = String::deserialize(deserializer)?;
        ActorId::try_from(text.as_str()).map_err(|_| D::Error::custom("an actor in hexadecimal is expected"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use portrea_protocol::ids::{ContributorId, DocumentId, TerritoryId};
    use uuid::Uuid;

    use super::*;

    pub(crate) fn identity(server: &str) -> Identity {
        let territory = TerritoryId(Uuid::from_u128(7));
        Identity {
            server: server.into(),
            token: Token::new("secret"),
            token_at: Some(UnixMillis(1_000)),
            territory,
            document: DocumentId::of(territory, 0).url(),
            contributor: ContributorId(Uuid::from_u128(8)),
            display_name: "Amina".into(),
            role: Role::Contributor,
            actor: ActorId::from([9; 16]),
            peer: "peer".into(),
            storage: "storage".into(),
        }
    }

    #[test]
    fn an_identity_is_written_and_read_and_never_shows_its_token() {
        let identity = identity("https://portrea.example");
        let text = serde_json::to_string(&identity).unwrap();
        assert_eq!(serde_json::from_str::<Identity>(&text).unwrap(), identity);
        assert!(!format!("{identity:?}").contains("secret"));
    }

    /// Goal: a token is replaced once a day, and where nobody knows how old it is. Method: a table.
    #[test]
    fn a_token_grows_old() {
        for (at, now, expected) in [
            (Some(1_000), 1_000, false),
            (Some(1_000), TOKEN_MS + 999, false),
            (Some(1_000), TOKEN_MS + 1_000, true),
            (Some(1_000), 999, true),
            (None, 1_000, true),
        ] {
            let identity = Identity { token_at: at.map(UnixMillis), ..identity("https://portrea.example") };
            assert_eq!(identity.is_token_old(UnixMillis(now)), expected, "{at:?} {now}");
        }
    }

    #[test]
    fn the_websocket_stands_beside_the_pages() {
        for (server, expected) in [
            ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/sync"),
            ("https://portrea.example/pays", "wss://portrea.example/pays/sync"),
        ] {
            assert_eq!(identity(server).sync_url(), expected);
        }
    }
}
