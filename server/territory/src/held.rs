//! A change that was not merged, as it is kept: its bytes, why it was not merged, who brought it, what became of it.

use std::sync::Arc;

use automerge::{ActorId, Change, ChangeHash};
use portrea_protocol::ids::{ContributorId, DeviceId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::quarantine::{Reason, State};
use serde::{Deserialize, Serialize};

/// A change with its note. Keeping it again replaces the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The change's hash.
    pub hash: ChangeHash,
    /// The change as it came.
    pub bytes: Arc<[u8]>,
    /// What is known of it.
    pub note: Note,
}

/// What is known of a change that was not merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What became of it.
    pub state: State,
    /// Why it was not merged.
    pub reason: Reason,
    /// On whose sign-in it came.
    pub contributor: ContributorId,
    /// Their name then.
    pub name: String,
    /// Their role then.
    pub role: Role,
    /// Their device.
    pub device: DeviceId,
    /// When it came, by the server's clock.
    pub at: UnixMillis,
    /// The change that the server made of it, if it stands in the document.
    pub twin: Option<Twin>,
    /// Who decided, and when.
    pub decided: Option<(ContributorId, String, UnixMillis)>,
}

/// A change of the server's that does what another would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// Its hash, in hexadecimal.
    pub change: String,
    /// Its actor, in hexadecimal.
    pub actor: String,
    /// The number of its first operation; the others follow as in the original.
    pub start: u64,
    /// The original's operations that it leaves out, counted from its first, ascending.
    pub left_out: Vec<u64>,
}

impl Twin {
    /// Its hash.
    pub fn hash(&self) -> Option<ChangeHash> {
        self.change.parse().ok()
    }

    /// The operation that stands for the original's operation at this place.
    pub fn operation(&self, index: u64) -> Option<(u64, ActorId)> {
        let before = self.left_out.binary_search(&index).err()?;
        let number = self.start.checked_add(index)?.checked_sub(before as u64)?;
        Some((number, ActorId::try_from(self.actor.as_str()).ok()?))
    }
}

impl Note {
    /// A change that waits from now on.
    pub fn waiting(reason: Reason, person: &Person, at: UnixMillis) -> Self {
        Self {
            state: State::Waiting,
            reason,
            contributor: person.contributor,
            name: person.name.clone(),
            role: person.role,
            device: person.device,
            at,
            twin: None,
            decided: None,
        }
    }

    /// Who brought it.
    pub fn person(&self) -> Person {
        Person {
            contributor: self.contributor,
            name: self.name.clone(),
            role: self.role,
            device: self.device,
        }
    }
}

impl Held {
    /// The bytes to keep: the note as a line of JSON, then the change.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain structs with text keys always have a JSON form, and it has no line break.
        let mut bytes = serde_json::to_vec(&self.note).expect("a note has a JSON form");
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// Reads what [`Held::to_bytes`] wrote; `None` for anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let cut = bytes.iter().position(|byte| *byte == b'\n')?;
        let note = serde_json::from_slice(bytes.get(..cut)?).ok()?;
        let bytes = bytes.get(cut + 1..)?;
        Some(Self { hash: Change::try_from(bytes).ok()?.hash(), bytes: bytes.into(), note })
    }
}
