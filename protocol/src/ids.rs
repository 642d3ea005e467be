//! Identifiers: one newtype a thing, so that a device is never taken for a person.
//!
//! Keys inside the document ([`RecordId`], [`InseeCode`]) are text, because a document may hold anything;
//! identifiers that the server hands out are uuids. None of them is ever drawn here: randomness is the shell's.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An identifier that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} expected, found `{found}`")]
pub struct IdError {
    /// What was expected, in words.
    pub what: &'static str,
    /// What stood there instead, shortened.
    pub found: String,
}

impl IdError {
    fn new(what: &'static str, found: &str) -> Self {
        Self { what, found: found.chars().take(80).collect() }
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| IdError::new($what, text))
            }
        }
    };
}

uuid_id!(
    /// A territory, and the one automerge document that holds its directory.
    TerritoryId,
    "a territory's uuid"
);
uuid_id!(
    /// A person (or a shared desk) who signed in through an invitation.
    ContributorId,
    "a contributor's uuid"
);
uuid_id!(
    /// One signed-in device of a contributor.
    DeviceId,
    "a device's uuid"
);
uuid_id!(
    /// An invitation, as the référent·e lists and revokes it; not its secret token.
    InvitationId,
    "an invitation's uuid"
);

/// An automerge document of a territory: another one in each epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub Uuid);

impl DocumentId {
    /// The document of a territory's epoch. The first has the territory's own uuid; a later one's is the beginning of
    /// the SHA-256 of that and the epoch (4 bytes, big end first), as a uuid of version 8.
    pub fn of(territory: TerritoryId, epoch: u32) -> Self {
        if epoch == 0 {
            return Self(territory.0);
        }
        let digest: [u8; 32] = Sha256::new()
            .chain_update(territory.0.as_bytes())
            .chain_update(epoch.to_be_bytes())
            .finalize()
            .into();
        let bytes = *digest.first_chunk().expect("32 bytes begin with 16");
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Which of a territory's epochs up to `last` has this document.
    pub fn epoch(self, territory: TerritoryId, last: u32) -> Option<u32> {
        (0..=last).rev().find(|epoch| Self::of(territory, *epoch) == self)
    }

    /// The address that automerge-repo's `repo.find` takes.
    pub fn url(self) -> String {
        format!("automerge:{self}")
    }
}

/// automerge-repo's form: base58check of the sixteen bytes.
impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.0.as_bytes()).with_check().into_string())
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({self})")
    }
}

/// With or without the prefix `automerge:`.
impl FromStr for DocumentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bare = text.strip_prefix("automerge:").unwrap_or(text);
        let bytes = (bare.len() <= 64)
            .then(|| bs58::decode(bare).with_check(None).into_vec().ok())
            .flatten()
            .ok_or_else(|| IdError::new("a document id in base58check", text))?;
        Uuid::from_slice(&bytes).map(Self).map_err(|_| IdError::new("a document id of sixteen bytes", text))
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

text_id!(
    /// The key of a structure, a service or a helper in its map. Our own are uuid v7; others' are kept as they are.
    RecordId
);
text_id!(
    /// A commune's INSEE code (`35184`, `2A004`), as written: never a number, for its leading zero.
    InseeCode
);
text_id!(
    /// An automerge-repo peer, as it named itself when it joined; bound to one sign-in while connected.
    PeerId
);
text_id!(
    /// An automerge-repo storage: what keeps heads across reconnections.
    StorageId
);

impl From<Uuid> for RecordId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }
}

impl RecordId {
    /// Whether the key is a uuid in its usual form, as the contract asks: in another form the same record could
    /// stand twice.
    pub fn is_uuid(&self) -> bool {
        let mut buffer = Uuid::encode_buffer();
        Uuid::parse_str(&self.0).is_ok_and(|uuid| *uuid.hyphenated().encode_lower(&mut buffer) == *self.0)
    }
}

impl InseeCode {
    /// Whether the text has an INSEE code's shape: two digits (or `2A`, `2B`), then three digits.
    pub fn is_well_formed(&self) -> bool {
        let digits = self.0.strip_prefix("2A").or(self.0.strip_prefix("2B")).unwrap_or(&self.0);
        self.0.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_id_is_written_and_read() {
        let territory = TerritoryId(Uuid::from_u128(0x0191_7f3e_0000_7000_8000_0000_0000_0001));
        let first = DocumentId::of(territory, 0);
        assert_eq!(first.0, territory.0);
        assert_eq!(first.url().parse(), Ok(first));
        assert_eq!(first.to_string().parse(), Ok(first));
        // The id in automerge-repo's own documentation, and the same with its last letter changed.
        assert!("4NMNnkMhL8jXrdJ9jamS58PAVdXu".parse::<DocumentId>().is_ok());
        for wrong in ["", "automerge:", "0OIl", "4NMNnkMhL8jXrdJ9jamS58PAVdXv", &"1".repeat(500)] {
            assert!(wrong.parse::<DocumentId>().is_err(), "{wrong}");
        }
    }

    /// Goal: each epoch has a document of its own, the same everywhere. Method: the id that another implementation of
    /// SHA-256 gives, and the way back.
    #[test]
    fn each_epoch_has_its_document() {
        let territory = TerritoryId(Uuid::from_u128(0x0191_7f3e_0000_7000_8000_0000_0000_0001));
        let second = DocumentId::of(territory, 1);
        assert_eq!(second.0.to_string(), "b966c8d5-fec9-8b47-9b73-643e0ec18a9d");
        assert_eq!((second.0.get_version_num(), second.epoch(territory, 3)), (8, Some(1)));
        assert_eq!(DocumentId::of(territory, 4).epoch(territory, 3), None);
        assert_eq!(DocumentId::of(territory, 0).epoch(territory, 3), Some(0));
    }

    #[test]
    fn record_keys_are_uuids_in_one_form() {
        for (key, is_uuid) in [
            ("01917f3e-0000-7000-8000-00000000000a", true),
            ("01917F3E-0000-7000-8000-00000000000A", false),
            ("01917f3e00007000800000000000000a", false),
            ("{01917f3e-0000-7000-8000-00000000000a}", false),
            ("desk-3", false),
            ("", false),
        ] {
            assert_eq!(RecordId::from(key).is_uuid(), is_uuid, "{key}");
        }
    }

    #[test]
    fn insee_codes_have_a_shape() {
        for (code, well_formed) in [
            ("35184", true),
            ("2A004", true),
            ("2B033", true),
            ("97411", true),
            ("1A004", false),
            ("352A4", false),
            ("3518", false),
            ("AB123", false),
            ("35 84", false),
        ] {
            assert_eq!(InseeCode::from(code).is_well_formed(), well_formed, "{code}");
        }
    }
}
