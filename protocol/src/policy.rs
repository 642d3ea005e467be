//! Who may change what: one table, role by place by kind of operation.
//!
//! The server decides by it before a change is merged, a device before it writes, so that nobody is offered what would be
//! refused. It knows nothing of connections: whose a change is, is asked elsewhere.

use std::sync::Arc;

use crate::people::Role;
use crate::schema::path::Place;
use crate::schema::write::Edit;
use crate::wire::quarantine::Reason;

/// What kind of place an operation writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// Under no root of the schema.
    Outside,
    /// `schema` and `territory`: what document this is.
    Identity,
    /// A root itself.
    Root,
    /// A record by its id: a structure, a service, a helper; an action, a practice.
    Record,
    /// A map that a record holds: `services`, `helpers`, `confirmed`.
    Parts,
    /// A field of a record, known or not, and whatever stands in it.
    Field,
    /// A map that is a référent·e's: `archived`, `validation`; a campaign.
    ReservedMap,
    /// A field that is a référent·e's: inside those, and inside `settings`.
    ReservedField,
}

/// What an operation does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Makes a map where its author saw nothing.
    Create,
    /// Writes anything else, or over what stands.
    Write,
    /// Removes what stands.
    Remove,
}

/// Who may, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody who writes.
    Contributor,
    /// Référent·es.
    Referent,
    /// Nobody at all.
    Nobody,
}

use Who::{Contributor, Nobody, Referent};

/// The table. Readers write nothing, whatever it says.
pub const TABLE: [(Ground, [Who; 3]); 8] = [
    //                      Create       Write        Remove
    (Ground::Outside, [Nobody, Nobody, Nobody]),
    (Ground::Identity, [Nobody, Nobody, Nobody]),
    (Ground::Root, [Nobody, Nobody, Nobody]),
    (Ground::Record, [Contributor, Nobody, Nobody]),
    (Ground::Parts, [Contributor, Nobody, Nobody]),
    (Ground::Field, [Contributor, Contributor, Contributor]),
    (Ground::ReservedMap, [Referent, Nobody, Nobody]),
    (Ground::ReservedField, [Referent, Referent, Referent]),
];

impl Ground {
    /// What the keys from the root lead to.
    pub fn of(keys: &[Arc<str>]) -> Self {
        let Some((root, inside)) = keys.split_first() else { return Self::Outside };
        match &**root {
            "schema" | "territory" => Self::Identity,
            "structures" => Self::in_structures(inside),
            "actions" | "practices" => match inside {
                [] => Self::Root,
                [_] => Self::Record,
                _ => Self::Field,
            },
            "campaigns" => match inside {
                [] => Self::Root,
                [_] => Self::ReservedMap,
                _ => Self::ReservedField,
            },
            "settings" if inside.is_empty() => Self::Root,
            "settings" => Self::ReservedField,
            _ => Self::Outside,
        }
    }

    fn in_structures(inside: &[Arc<str>]) -> Self {
        let [_, rest @ ..] = inside else { return Self::Root };
        let Some((part, rest)) = rest.split_first() else { return Self::Record };
        match (&**part, rest) {
            ("services" | "helpers" | "confirmed", []) => Self::Parts,
            ("services" | "helpers", [_]) => Self::Record,
            ("archived" | "validation", []) => Self::ReservedMap,
            ("archived" | "validation", _) => Self::ReservedField,
            _ => Self::Field,
        }
    }

    /// Whether it is a map that others write into, and that must therefore stay where it is.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Root | Self::Record | Self::Parts | Self::ReservedMap)
    }

    fn row(self) -> [Who; 3] {
        TABLE.iter().find(|(ground, _)| *ground == self).map_or([Nobody; 3], |(_, row)| *row)
    }
}

/// Whether somebody in this role may do this there; if not, why not.
pub fn decide(role: Role, ground: Ground, act: Act) -> Result<(), Reason> {
    if !role.writes() {
        return Err(Reason::NeedsContributor);
    }
    let [create, write, remove] = ground.row();
    let who = match act {
        Act::Create => create,
        Act::Write => write,
        Act::Remove => remove,
    };
    match who {
        Contributor => Ok(()),
        Referent if role == Role::Referent => Ok(()),
        Referent => Err(Reason::NeedsReferent),
        Nobody => Err(match (ground, act) {
            (Ground::Outside | Ground::Identity, _) => Reason::Outside,
            (_, Act::Remove) => Reason::RemovesRecord,
            (_, Act::Create | Act::Write) => Reason::ReplacesRecord,
        }),
    }
}

/// Whether somebody in this role may make an edit; if not, why not.
pub fn allows(role: Role, edit: &Edit) -> Result<(), Reason> {
    let (ground, act) = match edit {
        Edit::AddStructure { .. } | Edit::AddService { .. } | Edit::AddHelper { .. } => {
            (Ground::Record, Act::Create)
        }
        Edit::Set { address, .. } | Edit::Include { address, .. } | Edit::Exclude { address, .. } => {
            (field(&address.place), Act::Write)
        }
        Edit::Confirm { .. } => (Ground::Field, Act::Write),
        Edit::Archive { .. } | Edit::Unarchive { .. } | Edit::Validate { .. } => {
            (Ground::ReservedField, Act::Write)
        }
    };
    decide(role, ground, act)
}

fn field(place: &Place) -> Ground {
    match place {
        Place::Itself | Place::Service(_) | Place::Helper(_) | Place::Confirmed => Ground::Field,
        Place::Archived | Place::Validation => Ground::ReservedField,
    }
}

#[cfg(test)]
mod tests;
