//! Roles, and who somebody is to a territory.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::ids::{ContributorId, DeviceId, TerritoryId};

/// What somebody may do in a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads the portrait and the directory; writes nothing.
    Reader,
    /// Describes structures, services and helpers.
    Contributor,
    /// Coordinates: invites, validates, arbitrates.
    Referent,
}

impl Role {
    /// The role's word in links, interfaces and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Contributor => "contributor",
            Self::Referent => "referent",
        }
    }

    /// Whether somebody in this role may write into the document at all.
    pub fn writes(self) -> bool {
        match self {
            Self::Reader => false,
            Self::Contributor | Self::Referent => true,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Reader, Self::Contributor, Self::Referent]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no role: contributor, referent or reader"))
    }
}

/// Somebody on a signed-in device, as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The contributor.
    pub contributor: ContributorId,
    /// The name they gave when they signed in.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The device they use.
    pub device: DeviceId,
}

impl Person {
    /// Whom the feed names for what an operator imports: one contributor a territory, with the territory's own uuid.
    pub fn importer(territory: TerritoryId) -> Self {
        Self {
            contributor: ContributorId(territory.0),
            name: "Import".to_owned(),
            role: Role::Referent,
            device: DeviceId(Uuid::nil()),
        }
    }

    /// Whether it is the importer of this territory: it may write as a référent·e, and vouches for nothing.
    pub fn is_importer(&self, territory: TerritoryId) -> bool {
        self.contributor.0 == territory.0
    }
}
