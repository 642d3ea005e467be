//! Why a peer is turned away, with stable codes. A refusal concerns one peer and never another.

use std::fmt;

/// A peer's fault, or the server's own, as it is told to the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The bytes are no CBOR message of the automerge-repo protocol.
    Malformed,
    /// The frame is larger than the server takes.
    FrameTooLarge,
    /// The first frame was not `join`, or a second one was.
    NotJoined,
    /// No protocol version in common; this server speaks "1".
    Version,
    /// A frame claims to come from another peer than the one that joined.
    WrongSender,
    /// The sync message inside a frame cannot be read, or asks for too much.
    MalformedSync,
    /// A change cannot be read.
    MalformedChange,
    /// A change unfolds to more than the server takes.
    ChangeTooLarge,
    /// A change reuses a number that its actor has spent: two devices write as one.
    SequenceReused,
    /// Too many changes wait for others that never came.
    TooManyPending,
    /// Too many refused edits wait for a référent·e; those on the device stay there.
    QuarantineFull,
    /// The session ended or was revoked.
    SignedOut,
    /// The contributor's role is another one from now on; connect again.
    RoleChanged,
    /// The peer was silent for too long.
    Silent,
    /// The peer joined again elsewhere.
    Replaced,
    /// The server is stopping, or opens the territory anew; connect again soon.
    Stopping,
    /// The server's disk takes nothing for now; what was acknowledged is kept.
    StoreFailed,
}

/// The code of an `error` frame that turns nobody away: the document that a peer offered is an earlier one of its
/// territory. The frame names the one that took its place.
pub const DOCUMENT_MOVED: &str = "document-moved";

/// The message of that frame: the code, what happened and what to do.
pub const DOCUMENT_MOVED_MESSAGE: &str = "document-moved: something was erased, and this directory has moved to a new document; \
     update the app, your edits stay on this device";

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::FrameTooLarge => "frame-too-large",
            Self::NotJoined => "not-joined",
            Self::Version => "version",
            Self::WrongSender => "wrong-sender",
            Self::MalformedSync => "malformed-sync",
            Self::MalformedChange => "malformed-change",
            Self::ChangeTooLarge => "change-too-large",
            Self::SequenceReused => "sequence-reused",
            Self::TooManyPending => "too-many-pending",
            Self::QuarantineFull => "quarantine-full",
            Self::SignedOut => "signed-out",
            Self::RoleChanged => "role-changed",
            Self::Silent => "silent",
            Self::Replaced => "replaced",
            Self::Stopping => "stopping",
            Self::StoreFailed => "store-failed",
        }
    }

    /// What happened and what to do, for the error frame.
    pub fn message(self) -> &'static str {
        match self {
            Self::Malformed => "the frame is not a message of the automerge-repo protocol, version 1",
            Self::FrameTooLarge => "the frame is too large; send fewer changes at a time",
            Self::NotJoined => "a connection begins with one join message",
            Self::Version => "no common protocol version; this server speaks version 1",
            Self::WrongSender => "the sender is not the peer that joined on this connection",
            Self::MalformedSync => "the sync message cannot be read; connect again to start afresh",
            Self::MalformedChange => "a change cannot be read or breaks automerge's rules; it was not taken",
            Self::ChangeTooLarge => "a change unfolds to more than this server takes; split the edit",
            Self::SequenceReused => {
                "two devices write under one identity, perhaps after a copy or a restored backup; join again"
            }
            Self::TooManyPending => {
                "too many changes lack the changes they build on; connect again to start afresh"
            }
            Self::QuarantineFull => {
                "too many of your edits wait for the référent·e; your edits stay on your device, ask the référent·e"
            }
            Self::SignedOut => {
                "this device is no longer signed in; ask for a new invitation, your edits stay on it"
            }
            Self::RoleChanged => "your role was changed; connect again",
            Self::Silent => "nothing was heard for too long; connect again",
            Self::Replaced => "the same device connected again elsewhere",
            Self::Stopping => {
                "the server is stopping, or opens the directory anew; connect again in a moment"
            }
            Self::StoreFailed => {
                "the server cannot write to its disk; your edits stay on your device, connect again later"
            }
        }
    }

    /// Whether the peer sent what no client of good will sends: it is let in again more slowly each time.
    pub fn is_for_what_was_sent(self) -> bool {
        match self {
            Self::Malformed
            | Self::FrameTooLarge
            | Self::WrongSender
            | Self::MalformedSync
            | Self::MalformedChange
            | Self::ChangeTooLarge => true,
            Self::NotJoined
            | Self::Version
            | Self::SequenceReused
            | Self::TooManyPending
            | Self::QuarantineFull
            | Self::SignedOut
            | Self::RoleChanged
            | Self::Silent
            | Self::Replaced
            | Self::Stopping
            | Self::StoreFailed => false,
        }
    }

    /// The websocket close code (RFC 6455, section 7.4.1; 4000 and above are ours).
    pub fn close_code(self) -> u16 {
        match self {
            Self::Malformed
            | Self::MalformedSync
            | Self::MalformedChange
            | Self::SequenceReused
            | Self::TooManyPending => 1007,
            Self::FrameTooLarge | Self::ChangeTooLarge => 1009,
            Self::NotJoined | Self::Version | Self::WrongSender => 1002,
            Self::QuarantineFull => 4005,
            Self::SignedOut => 4001,
            Self::Silent => 4002,
            Self::Replaced => 4003,
            Self::RoleChanged => 4004,
            Self::Stopping => 1012,
            Self::StoreFailed => 1013,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

#[cfg(test)]
mod tests;
